"""Scenes of orders: every type, form and mode, cancels, replacements, and what queries tell."""

from typing import Any

from flow.foreign.scenes_market import BTC, MINUTE_MILLISECONDS, server_time
from flow.foreign.stage import Hand, Scenes, Stage

PLACE, TEST, CANCEL = "POST /api/v3/order", "POST /api/v3/order/test", "DELETE /api/v3/order"
CANCEL_ALL, REPLACE = "DELETE /api/v3/openOrders", "POST /api/v3/order/cancelReplace"
ONE, OPEN, ALL = "GET /api/v3/order", "GET /api/v3/openOrders", "GET /api/v3/allOrders"
TRADES = "GET /api/v3/myTrades"
AMEND, AMENDMENTS = "PUT /api/v3/order/amend/keepPriority", "GET /api/v3/order/amendments"

ORDERS = Scenes()

FORMS = ("ACK", "RESULT", "FULL")
MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT")


def limit(side: str, price: str, quantity: str = "0.01", **more: Any) -> dict[str, Any]:
    """Return the parameters of a limit order."""
    order = {"symbol": BTC, "side": side, "type": "LIMIT", "timeInForce": "GTC"}
    return order | {"quantity": quantity, "price": price} | more


def market(side: str, **more: Any) -> dict[str, Any]:
    """Return the parameters of a market order."""
    return {"symbol": BTC, "side": side, "type": "MARKET"} | more


def told(answer: Any, name: str) -> Any:
    """Return a field of an answer, be it a dict or a typed model."""
    if isinstance(answer, dict):
        return answer[name]
    return answer.to_dict()[name]


def number(answer: Any) -> int:
    """Return an order's number."""
    return int(told(answer, "orderId"))


def sweep(hand: Hand) -> None:
    """Cancel what is open."""
    if hand.ask(OPEN, symbol=BTC):
        hand.ask(CANCEL_ALL, symbol=BTC)


@ORDERS(PLACE, CANCEL, OPEN, CANCEL_ALL)
def limit_orders_rest_and_fill(stage: Stage) -> None:
    alice, bob = stage.alice, stage.bob
    for form in FORMS:
        alice.ask(PLACE, **limit("BUY", "50000.00", newOrderRespType=form))
        bob.ask(PLACE, **limit("SELL", "50000.00", "0.004", newOrderRespType=form))
    alice.ask(PLACE, **limit("BUY", "49990.00", newClientOrderId="my-own_id"))
    sweep(alice)


@ORDERS(PLACE, OPEN, CANCEL_ALL)
def orders_that_do_not_rest(stage: Stage) -> None:
    alice, bob = stage.alice, stage.bob
    alice.ask(PLACE, **limit("BUY", "50000.00"))
    for force in ("IOC", "FOK"):
        bob.ask(PLACE, **limit("SELL", "50000.00", "0.002", timeInForce=force))
        bob.ask(PLACE, **limit("SELL", "50000.00", "1", timeInForce=force))
    sweep(alice)


@ORDERS(PLACE, OPEN, CANCEL_ALL)
def market_orders_by_base_and_by_quote(stage: Stage) -> None:
    alice, bob = stage.alice, stage.bob
    alice.ask(PLACE, **limit("BUY", "50000.00", "0.1"))
    for form in FORMS:
        bob.ask(PLACE, **market("SELL", quantity="0.002", newOrderRespType=form))
    bob.ask(PLACE, **market("SELL", quoteOrderQty="100"))
    bob.ask(PLACE, **market("SELL", quantity="0.5"))
    bob.ask(PLACE, **market("SELL", quantity="0.002"))
    sweep(alice)


@ORDERS(PLACE, OPEN, CANCEL_ALL)
def limit_makers(stage: Stage) -> None:
    for form in (*FORMS, None):
        order = {"symbol": BTC, "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.01"}
        more = {"newOrderRespType": form} if form else {"timeInForce": "GTC"}
        stage.alice.ask(PLACE, **order, price="49900.00", **more)
    sweep(stage.alice)


@ORDERS(PLACE, OPEN, CANCEL_ALL)
def orders_that_meet_their_own(stage: Stage) -> None:
    alice = stage.alice
    for mode in MODES:
        alice.ask(PLACE, **limit("BUY", "50000.00"))
        alice.ask(PLACE, **limit("SELL", "50000.00", "0.02", selfTradePreventionMode=mode))
        sweep(alice)


@ORDERS(PLACE, ONE, CANCEL)
def orders_of_a_strategy(stage: Stage) -> None:
    more: dict[str, Any] = {"strategyId": 7, "strategyType": 1_000_000}
    placed = stage.alice.ask(PLACE, **limit("BUY", "49000.00", newOrderRespType="RESULT", **more))
    stage.alice.ask(ONE, symbol=BTC, orderId=number(placed))
    stage.alice.ask(CANCEL, symbol=BTC, orderId=number(placed))


@ORDERS(TEST)
def orders_are_tried_without_being_placed(stage: Stage) -> None:
    stage.alice.ask(TEST, **limit("BUY", "50000.00"))
    stage.alice.ask(TEST, **market("SELL", quantity="0.01"))


@ORDERS(TEST)
def orders_are_tried_with_their_commission(stage: Stage) -> None:
    stage.alice.ask(TEST, **limit("BUY", "50000.00"), computeCommissionRates="true")


@ORDERS(PLACE, CANCEL)
def cancels_by_number_and_by_name(stage: Stage) -> None:
    alice = stage.alice
    placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
    alice.ask(CANCEL, symbol=BTC, orderId=number(placed))
    alice.ask(PLACE, **limit("BUY", "49000.00", newClientOrderId="to-be-cancelled"))
    named = {"origClientOrderId": "to-be-cancelled", "newClientOrderId": "the-cancel"}
    alice.ask(CANCEL, symbol=BTC, **named)
    placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
    alice.ask(CANCEL, symbol=BTC, orderId=number(placed), cancelRestrictions="ONLY_NEW")


@ORDERS(PLACE, CANCEL_ALL)
def all_orders_of_a_symbol_are_cancelled(stage: Stage) -> None:
    for price in ("49000.00", "48000.00"):
        stage.alice.ask(PLACE, **limit("BUY", price))
    assert len(stage.alice.ask(CANCEL_ALL, symbol=BTC)) == 2
    stage.alice.refused(-2011, CANCEL_ALL, symbol=BTC)


@ORDERS(PLACE, REPLACE, CANCEL)
def orders_are_replaced(stage: Stage) -> None:
    alice = stage.alice
    placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
    for form in (*FORMS, None):
        more = {"newOrderRespType": form} if form else {}
        answer = alice.ask(
            REPLACE,
            **limit("BUY", "48000.00"),
            cancelReplaceMode="STOP_ON_FAILURE",
            cancelOrderId=number(placed),
            **more,
        )
        placed = told(answer, "newOrderResponse")
    alice.ask(CANCEL, symbol=BTC, orderId=number(placed))


@ORDERS(PLACE, REPLACE, OPEN, CANCEL_ALL)
def replacements_fail_whole_or_by_half(stage: Stage) -> None:
    alice = stage.alice
    stop, allow = "STOP_ON_FAILURE", "ALLOW_FAILURE"

    def replace(code: int, cancel: int, quantity: str, mode: str) -> None:
        order = limit("BUY", "48000.00", quantity)
        alice.refused(code, REPLACE, **order, cancelReplaceMode=mode, cancelOrderId=cancel)

    nobody, too_much = 999_999_999, "150"
    replace(-2022, nobody, "0.01", stop)
    replace(-2021, nobody, "0.01", allow)
    replace(-2022, nobody, too_much, allow)
    for mode in (stop, allow):
        placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
        replace(-2021, number(placed), too_much, mode)
    placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
    restricted = {"cancelRestrictions": "ONLY_PARTIALLY_FILLED", "cancelReplaceMode": stop}
    alice.refused(
        -2022, REPLACE, **limit("BUY", "48000.00"), **restricted, cancelOrderId=number(placed)
    )
    sweep(alice)


@ORDERS(PLACE, ONE, OPEN, ALL, TRADES, CANCEL_ALL)
def queries_tell_the_past(stage: Stage) -> None:
    alice, bob = stage.alice, stage.bob
    placed = alice.ask(PLACE, **limit("BUY", "50000.00", newClientOrderId="asked-for"))
    bob.ask(PLACE, **market("SELL", quantity="0.003"))
    alice.ask(ONE, symbol=BTC, orderId=number(placed))
    alice.ask(ONE, symbol=BTC, origClientOrderId="asked-for")
    alice.ask(ONE, symbol=BTC, orderId=number(placed), origClientOrderId="asked-for")
    alice.ask(OPEN)
    alice.ask(OPEN, symbol=BTC)
    now = server_time(alice)
    times = {"startTime": now - MINUTE_MILLISECONDS, "endTime": now + MINUTE_MILLISECONDS}
    for label in (ALL, TRADES):
        alice.ask(label, symbol=BTC)
        alice.ask(label, symbol=BTC, limit=2)
        alice.ask(label, symbol=BTC, **times)
        alice.ask(label, symbol=BTC, startTime=times["startTime"])
        alice.ask(label, symbol=BTC, endTime=times["endTime"])
        alice.ask(label, symbol=BTC, orderId=number(placed))
    alice.ask(TRADES, symbol=BTC, fromId=1)
    alice.ask(TRADES, symbol=BTC, fromId=1, orderId=number(placed))
    sweep(alice)


# --- conditional orders ---------------------------------------------------------------------------


def _conditional(stage: Stage, kind: str, **more: Any) -> None:
    """Place a conditional order on each side, in every form; ask for it and cancel it."""
    rising = kind.startswith("STOP_LOSS")
    for side in ("BUY", "SELL"):
        above = rising == (side == "BUY")
        stop = "55000.00" if above else "45000.00"
        order = {"symbol": BTC, "side": side, "type": kind, "quantity": "0.01"} | more
        if kind.endswith("_LIMIT"):
            order |= {"timeInForce": "GTC", "price": stop}
        if "trailingDelta" not in more:
            order["stopPrice"] = stop
        # Both sides together see every form; an account has a hundred orders in ten seconds.
        for form in ("ACK", "RESULT") if side == "BUY" else ("FULL", None):
            more_yet = {"newOrderRespType": form} if form else {}
            placed = stage.alice.ask(PLACE, **order, **more_yet)
        stage.alice.ask(ONE, symbol=BTC, orderId=number(placed))
        stage.alice.ask(CANCEL, symbol=BTC, orderId=number(placed))
    stage.alice.ask(OPEN, symbol=BTC)
    sweep(stage.alice)


def _last_price(stage: Stage) -> None:
    """See to it that the last price is 50000."""
    stage.alice.ask(PLACE, **limit("BUY", "50000.00", "0.001"))
    stage.bob.ask(PLACE, **limit("SELL", "50000.00", "0.001"))


@ORDERS(PLACE, ONE, CANCEL, OPEN, CANCEL_ALL, needs=("STOP_LOSS",))
def stop_loss_orders(stage: Stage) -> None:
    _last_price(stage)
    _conditional(stage, "STOP_LOSS")


@ORDERS(PLACE, ONE, CANCEL, OPEN, CANCEL_ALL, needs=("STOP_LOSS_LIMIT",))
def stop_loss_limit_orders(stage: Stage) -> None:
    _last_price(stage)
    _conditional(stage, "STOP_LOSS_LIMIT")


@ORDERS(PLACE, ONE, CANCEL, OPEN, CANCEL_ALL, needs=("TAKE_PROFIT",))
def take_profit_orders(stage: Stage) -> None:
    _last_price(stage)
    _conditional(stage, "TAKE_PROFIT")


@ORDERS(PLACE, ONE, CANCEL, OPEN, CANCEL_ALL, needs=("TAKE_PROFIT_LIMIT",))
def take_profit_limit_orders(stage: Stage) -> None:
    _last_price(stage)
    _conditional(stage, "TAKE_PROFIT_LIMIT")


@ORDERS(PLACE, ONE, CANCEL, OPEN, CANCEL_ALL, needs=("STOP_LOSS", "allowTrailingStop"))
def trailing_orders(stage: Stage) -> None:
    _last_price(stage)
    _conditional(stage, "STOP_LOSS", trailingDelta=100)
    _conditional(stage, "TAKE_PROFIT_LIMIT", trailingDelta=100)


@ORDERS(PLACE, ONE, ALL, OPEN, CANCEL_ALL, needs=("STOP_LOSS", "STOP_LOSS_LIMIT"))
def triggered_orders(stage: Stage) -> None:
    """A trade moves the price, and stops become market and limit orders."""
    alice, bob = stage.alice, stage.bob
    _last_price(stage)
    stop = {"symbol": BTC, "side": "SELL", "quantity": "0.001", "stopPrice": "49500.00"}
    market_stop = alice.ask(PLACE, **stop, type="STOP_LOSS")
    more = {"timeInForce": "GTC", "price": "49600.00"}
    limit_stop = alice.ask(PLACE, **stop, **more, type="STOP_LOSS_LIMIT")
    bob.ask(PLACE, **limit("BUY", "49400.00", "0.005"))
    alice.ask(PLACE, **limit("SELL", "49400.00", "0.001"))
    for order in (market_stop, limit_stop):
        alice.ask(ONE, symbol=BTC, orderId=number(order))
    alice.ask(ALL, symbol=BTC)
    sweep(alice)
    sweep(bob)


@ORDERS(PLACE, needs=("STOP_LOSS",))
def a_stop_that_is_already_true(stage: Stage) -> None:
    _last_price(stage)
    stop = {"symbol": BTC, "side": "SELL", "quantity": "0.001", "stopPrice": "60000.00"}
    refused = stage.alice.refused(-2010, PLACE, **stop, type="STOP_LOSS")
    assert refused.text == "Order would trigger immediately."


@ORDERS(PLACE, ONE, OPEN, CANCEL_ALL, needs=("icebergAllowed",))
def icebergs(stage: Stage) -> None:
    for form in FORMS:
        order = limit("BUY", "49000.00", "0.1", icebergQty="0.02", newOrderRespType=form)
        placed = stage.alice.ask(PLACE, **order)
    stage.alice.ask(ONE, symbol=BTC, orderId=number(placed))
    sweep(stage.alice)


@ORDERS(PLACE, needs=("icebergAllowed",))
def an_iceberg_that_is_all_tip(stage: Stage) -> None:
    refused = stage.alice.refused(-2010, PLACE, **limit("BUY", "49000.00", "0.1", icebergQty="0.2"))
    brief = limit("BUY", "49000.00", "0.1", icebergQty="0.02") | {"timeInForce": "IOC"}
    stage.alice.refused(-1014, PLACE, **brief)
    assert refused.text == "IcebergQty exceeds QTY."


@ORDERS(PLACE, AMEND, AMENDMENTS, CANCEL, needs=("amendAllowed",))
def orders_are_amended(stage: Stage) -> None:
    alice = stage.alice
    placed = number(alice.ask(PLACE, **limit("BUY", "49000.00", "0.05")))
    alice.ask(AMEND, symbol=BTC, orderId=placed, newQty="0.04")
    alice.ask(AMEND, symbol=BTC, orderId=placed, newQty="0.03", newClientOrderId="amended")
    assert len(alice.ask(AMENDMENTS, symbol=BTC, orderId=placed)) == 2
    alice.ask(AMENDMENTS, symbol=BTC, orderId=placed, fromExecutionId=1, limit=1)
    refused = alice.refused(-2038, AMEND, symbol=BTC, orderId=placed, newQty="0.9")
    assert refused.text == "Order amend (quantity increase) is not supported."
    refused = alice.refused(-2038, AMEND, symbol=BTC, orderId=placed, newQty="0.03")
    assert refused.text == "The requested action would change no state; rejecting"
    alice.refused(-2038, AMEND, symbol=BTC, orderId=999_999_999, newQty="0.03")
    alice.ask(CANCEL, symbol=BTC, orderId=placed)
