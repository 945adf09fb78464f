"""Scenes of order lists: one cancels the other, one triggers the other, and both."""

from typing import Any

from flow.foreign.scenes_market import BTC
from flow.foreign.scenes_orders import OPEN, PLACE, limit, number, sweep, told
from flow.foreign.stage import Scenes, Stage

OCO, OLD_OCO = "POST /api/v3/orderList/oco", "POST /api/v3/order/oco"
OTO, OTOCO = "POST /api/v3/orderList/oto", "POST /api/v3/orderList/otoco"
LIST, CANCEL_LIST = "GET /api/v3/orderList", "DELETE /api/v3/orderList"
ALL_LISTS, OPEN_LISTS = "GET /api/v3/allOrderList", "GET /api/v3/openOrderList"
CANCEL_ORDERS = "DELETE /api/v3/openOrders"
COUNTS = "GET /api/v3/rateLimit/order"

LISTS = Scenes()

BRACKET = {
    "symbol": BTC,
    "side": "SELL",
    "quantity": "0.01",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "55000.00",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "45000.00",
}
WORKING = {
    "symbol": BTC,
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "49000.00",
    "workingQuantity": "0.01",
    "workingTimeInForce": "GTC",
}
PENDING = {
    "pendingType": "LIMIT",
    "pendingSide": "SELL",
    "pendingQuantity": "0.005",
    "pendingPrice": "55000.00",
    "pendingTimeInForce": "GTC",
}
PENDING_BRACKET = {
    "pendingSide": "SELL",
    "pendingQuantity": "0.005",
    "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "55000.00",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "45000.00",
}
FORMS = ("ACK", "RESULT", "FULL", None)


def _in_form(form: str | None) -> dict[str, Any]:
    return {"newOrderRespType": form} if form else {}


# The lists are bob's: an account has a hundred orders in ten seconds, and alice needs hers.


def _last_price(stage: Stage) -> None:
    stage.bob.ask(PLACE, **limit("BUY", "50000.00", "0.001"))
    stage.alice.ask(PLACE, **limit("SELL", "50000.00", "0.001"))


@LISTS(OCO, PLACE, OPEN, CANCEL_ORDERS, needs=("ocoAllowed",))
def one_cancels_the_other(stage: Stage) -> None:
    _last_price(stage)
    for form in FORMS:
        stage.bob.ask(OCO, **BRACKET, **_in_form(form))
    buying = {
        "symbol": BTC,
        "side": "BUY",
        "quantity": "0.01",
        "aboveType": "STOP_LOSS_LIMIT",
        "aboveStopPrice": "54000.00",
        "abovePrice": "55000.00",
        "aboveTimeInForce": "GTC",
        "belowType": "LIMIT_MAKER",
        "belowPrice": "45000.00",
        "listClientOrderId": "my-list",
        "aboveClientOrderId": "a",
        "belowClientOrderId": "b",
    }
    stage.bob.ask(OCO, **buying)
    sweep(stage.bob)


@LISTS(OCO, PLACE, needs=("ocoAllowed",))
def a_bracket_the_wrong_way_round(stage: Stage) -> None:
    _last_price(stage)
    wrong = BRACKET | {"abovePrice": "45000.00", "belowStopPrice": "55000.00"}
    refused = stage.bob.refused(-2010, OCO, **wrong)
    assert refused.text == "The relationship of the prices for the orders is not correct."


@LISTS(OLD_OCO, PLACE, OPEN, CANCEL_ORDERS, needs=("ocoAllowed",))
def the_older_form(stage: Stage) -> None:
    _last_price(stage)
    old = {"symbol": BTC, "side": "SELL", "quantity": "0.01", "price": "55000.00"}
    stage.bob.ask(OLD_OCO, **old, stopPrice="45000.00")
    more = {"stopLimitPrice": "44900.00", "stopLimitTimeInForce": "GTC"}
    stage.bob.ask(OLD_OCO, **old, stopPrice="45000.00", **more)
    sweep(stage.bob)


@LISTS(OTO, PLACE, OPEN, CANCEL_ORDERS, needs=("otoAllowed",))
def one_triggers_the_other(stage: Stage) -> None:
    for form in FORMS:
        stage.bob.ask(OTO, **WORKING, **PENDING, **_in_form(form))
    sweep(stage.bob)
    stage.bob.ask(OTO, **WORKING, **PENDING)
    stage.alice.ask(PLACE, **limit("SELL", "49000.00"))
    assert len(stage.bob.ask(OPEN, symbol=BTC)) == 1, "the pending order works now"
    sweep(stage.bob)


@LISTS(OTOCO, PLACE, OPEN, CANCEL_ORDERS, needs=("otoAllowed", "ocoAllowed"))
def one_triggers_a_bracket(stage: Stage) -> None:
    for form in FORMS:
        stage.bob.ask(OTOCO, **WORKING, **PENDING_BRACKET, **_in_form(form))
    sweep(stage.bob)


@LISTS(OCO, LIST, ALL_LISTS, OPEN_LISTS, CANCEL_LIST, PLACE, needs=("ocoAllowed",))
def lists_are_asked_for_and_cancelled(stage: Stage) -> None:
    _last_price(stage)
    bob = stage.bob
    first = told(bob.ask(OCO, **BRACKET), "orderListId")
    named = bob.ask(OCO, **BRACKET, listClientOrderId="a-list-by-name")
    bob.ask(LIST, orderListId=first)
    bob.ask(LIST, origClientOrderId="a-list-by-name")
    assert len(bob.ask(OPEN_LISTS)) == 2
    bob.ask(ALL_LISTS)
    bob.ask(ALL_LISTS, fromId=first, limit=1)
    bob.ask(CANCEL_LIST, symbol=BTC, orderListId=first)
    bob.ask(CANCEL_LIST, symbol=BTC, listClientOrderId="a-list-by-name")
    bob.ask(LIST, orderListId=told(named, "orderListId"))
    bob.refused(-2011, CANCEL_LIST, symbol=BTC, orderListId=first)


@LISTS(OCO, OPEN_LISTS, PLACE, needs=("ocoAllowed",))
def open_lists(stage: Stage) -> None:
    _last_price(stage)
    before = len(stage.bob.ask(OPEN_LISTS))
    stage.bob.ask(OCO, **BRACKET)
    assert len(stage.bob.ask(OPEN_LISTS)) == before + 1
    sweep(stage.bob)


@LISTS(OCO, PLACE, needs=("ocoAllowed",))
def brackets_of_legs_that_do_not_fit(stage: Stage) -> None:
    """The rules of legs, each with its code; of two that are broken either may be told."""
    _last_price(stage)
    bare = {"symbol": BTC, "quantity": "0.01"}
    limits = ("LIMIT_MAKER", {"Price": "55000.00"}), ("LIMIT_MAKER", {"Price": "45000.00"})
    stops = ("STOP_LOSS", {"StopPrice": "55000.00"}), ("STOP_LOSS", {"StopPrice": "45000.00"})
    takes = ("TAKE_PROFIT", {"StopPrice": "55000.00"}), ("TAKE_PROFIT", {"StopPrice": "45000.00"})
    market: tuple[str, dict[str, str]] = ("MARKET", {})
    iceberg = {"Price": "45000.00", "IcebergQty": "0.005", "TimeInForce": "IOC"}
    melting = ("STOP_LOSS_LIMIT", iceberg | {"StopPrice": "45000.00"})
    for codes, side, above, below in (
        ((-1158,), "SELL", limits[0], market),
        ((-1160,), "SELL", limits[0], melting),
        ((-1165, -1196), "BUY", limits[0], stops[1]),
        ((-1166, -1197), "SELL", stops[0], limits[1]),
        ((-1168,), "SELL", limits[0], limits[1]),
        ((-1196, -1198), "BUY", takes[0], stops[1]),
        ((-1197, -1199), "SELL", stops[0], takes[1]),
        ((-1198,), "BUY", takes[0], limits[1]),
        ((-1199,), "SELL", limits[0], takes[1]),
    ):
        legs = {"aboveType": above[0], "belowType": below[0]}
        for leg, (_, more) in (("above", above), ("below", below)):
            legs |= {f"{leg}{name}": value for name, value in more.items()}
        stage.bob.refused(codes, OCO, **bare, side=side, **legs)


@LISTS(OTO, "PUT /api/v3/order/amend/keepPriority", OPEN, CANCEL_ORDERS, needs=("otoAllowed",))
def an_order_of_a_list_is_amended(stage: Stage) -> None:
    bob = stage.bob
    pending = {"pendingType": "MARKET", "pendingSide": "SELL", "pendingQuantity": "0.005"}
    placed = bob.ask(OTO, **WORKING, **pending)
    reports = told(placed, "orderReports")
    working = next(number(one) for one in reports if told(one, "clientOrderId"))
    bob.ask("PUT /api/v3/order/amend/keepPriority", symbol=BTC, orderId=working, newQty="0.009")
    sweep(bob)


@LISTS(OCO, OTO, OTOCO, COUNTS, OPEN, CANCEL_ORDERS)
def lists_count_their_orders(stage: Stage) -> None:
    """The contract counts 2, 2 and 3."""

    def count_of_day() -> int:
        rows = stage.bob.ask(COUNTS)
        (day,) = (row for row in rows if told(row, "interval") == "DAY")
        return int(told(day, "count"))

    for label, parameters, count in (
        (OCO, BRACKET, 2),
        (OTO, WORKING | PENDING, 2),
        (OTOCO, WORKING | PENDING_BRACKET, 3),
    ):
        before = count_of_day()
        stage.bob.ask(label, **parameters)
        assert count_of_day() == before + count, label
    sweep(stage.bob)
