"""Order lists: OCO in its new and old form, OTO, OTOCO; placed, triggered, cancelled, asked for."""

from typing import Any

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

from flowex.messages.commands import FiltersSet, LimitSet
from flowex.messages.enums import Limit

ORDER = "/api/v3/order"
OCO = "/api/v3/orderList/oco"
OLD_OCO = "/api/v3/order/oco"
OTO = "/api/v3/orderList/oto"
OTOCO = "/api/v3/orderList/otoco"
MILLISECONDS = NOW // 1_000
SELL_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "26000",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "24000",
}
BUY_OCO = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "quantity": "1",
    "aboveType": "STOP_LOSS_LIMIT",
    "abovePrice": "26100",
    "aboveStopPrice": "26000",
    "aboveTimeInForce": "GTC",
    "belowType": "LIMIT_MAKER",
    "belowPrice": "24000",
}
SELL_OLD = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "price": "26000",
    "stopPrice": "24000",
}
BUY_THEN_SELL = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "24000",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "pendingType": "LIMIT_MAKER",
    "pendingSide": "SELL",
    "pendingPrice": "27000",
    "pendingQuantity": "0.9",
}
BUY_THEN_GUARD = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "24000",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
    "pendingQuantity": "0.9",
    "pendingAboveType": "TAKE_PROFIT",
    "pendingAboveStopPrice": "27000",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "23000",
}


async def trade(rest: Rest, price: str) -> None:
    await rest.limit("SELL", "0.01", price, "bob")
    await rest.limit("BUY", "0.01", price, "bob", selfTradePreventionMode="NONE")


async def statuses(rest: Rest, answer: dict[str, Any]) -> list[str]:
    """Return how the orders of a list stand, in the list's order."""
    found = []
    for row in answer["orders"]:
        order = await rest.ok("GET", ORDER, symbol=row["symbol"], orderId=row["orderId"])
        assert order["orderListId"] == answer["orderListId"]
        found.append(order["status"])
    return found


async def the_list(rest: Rest, answer: dict[str, Any]) -> tuple[str, str]:
    """Return what a query says of a list, by number and by client id."""
    by_number = await rest.ok("GET", "/api/v3/orderList", orderListId=answer["orderListId"])
    by_client_id = await rest.ok(
        "GET", "/api/v3/orderList", origClientOrderId=answer["listClientOrderId"]
    )
    assert by_number == by_client_id
    told = set(answer) - {"orderReports"}
    assert set(by_number) == told
    for name in told - {"listStatusType", "listOrderStatus", "transactionTime"}:
        assert by_number[name] == answer[name]
    return by_number["listStatusType"], by_number["listOrderStatus"]


async def test_an_oco_is_told_with_its_orders(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok(
        "POST",
        OCO,
        **SELL_OCO,
        listClientOrderId="pair",
        aboveClientOrderId="up",
        belowClientOrderId="down",
    )
    reports = answer.pop("orderReports")
    assert answer == {
        "orderListId": 1,
        "contingencyType": "OCO",
        "listStatusType": "EXEC_STARTED",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": "pair",
        "transactionTime": MILLISECONDS,
        "symbol": "BTCUSDT",
        "orders": [
            {"symbol": "BTCUSDT", "orderId": 3, "clientOrderId": "up"},
            {"symbol": "BTCUSDT", "orderId": 4, "clientOrderId": "down"},
        ],
    }
    common = {
        "symbol": "BTCUSDT",
        "orderListId": 1,
        "transactTime": MILLISECONDS,
        "origQty": "1.00000000",
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "side": "SELL",
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }
    assert reports == [
        common
        | {
            "orderId": 3,
            "clientOrderId": "up",
            "price": "26000.00000000",
            "type": "LIMIT_MAKER",
            "workingTime": MILLISECONDS,
        },
        common
        | {
            "orderId": 4,
            "clientOrderId": "down",
            "price": "0.00000000",
            "type": "STOP_LOSS",
            "workingTime": -1,
            "stopPrice": "24000.00000000",
        },
    ]
    assert await the_list(rest, answer) == ("EXEC_STARTED", "EXECUTING")
    opened = await rest.ok("GET", "/api/v3/openOrderList")
    assert [row["orderListId"] for row in opened] == [1]
    assert await rest.ok("GET", "/api/v3/openOrderList", "bob") == []
    assert await rest.ok("GET", "/api/v3/allOrderList") == opened


async def test_both_legs_hold_the_funds_of_one(rest: Rest) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", OCO, **SELL_OCO)
    account = await rest.ok("GET", "/api/v3/account", omitZeroBalances="true")
    assert {"asset": "BTC", "free": "99.00000000", "locked": "1.00000000"} in account["balances"]


async def test_a_fill_of_one_leg_even_partial_expires_the_other(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OCO, **SELL_OCO)
    await rest.limit("BUY", "0.4", "26000", "bob")
    assert await statuses(rest, answer) == ["PARTIALLY_FILLED", "EXPIRED"]
    assert await the_list(rest, answer) == ("EXEC_STARTED", "EXECUTING")
    await rest.limit("BUY", "0.6", "26000", "bob")
    assert await statuses(rest, answer) == ["FILLED", "EXPIRED"]
    assert await the_list(rest, answer) == ("ALL_DONE", "ALL_DONE")
    assert await rest.ok("GET", "/api/v3/openOrderList") == []


async def test_a_trigger_of_one_leg_expires_the_other(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OCO, **BUY_OCO)
    assert answer["orderReports"][0]["stopPrice"] == "26000.00000000"
    await trade(rest, "26000")
    assert await statuses(rest, answer) == ["NEW", "EXPIRED"]
    depth = await rest.public("/api/v3/depth", symbol="BTCUSDT")
    assert depth["bids"] == [["26100.00000000", "1.00000000"]]


@pytest.mark.parametrize("leg", [0, 1])
async def test_cancelling_one_leg_cancels_the_list(rest: Rest, leg: int) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OCO, **SELL_OCO)
    number = answer["orders"][leg]["orderId"]
    report = await rest.ok("DELETE", ORDER, symbol="BTCUSDT", orderId=number)
    assert (report["orderId"], report["orderListId"]) == (number, 1)
    assert await statuses(rest, answer) == ["CANCELED", "CANCELED"]
    assert await the_list(rest, answer) == ("ALL_DONE", "ALL_DONE")


async def test_a_list_is_cancelled_with_a_report_of_each_order(rest: Rest) -> None:
    await trade(rest, "25000")
    placed = await rest.ok("POST", OCO, **SELL_OCO, aboveClientOrderId="up")
    path = "/api/v3/orderList"
    answer = await rest.ok("DELETE", path, symbol="BTCUSDT", orderListId=1, newClientOrderId="bye")
    assert (answer["listStatusType"], answer["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")
    assert answer["orders"] == placed["orders"]
    assert sorted(row["orderId"] for row in answer["orderReports"]) == [3, 4]
    for report in answer["orderReports"]:
        assert (report["status"], report["clientOrderId"]) == ("CANCELED", "bye")
    assert {row["origClientOrderId"] for row in answer["orderReports"]} == {
        row["clientOrderId"] for row in placed["orders"]
    }
    again = await rest.refused("DELETE", path, symbol="BTCUSDT", orderListId=1)
    assert again == (400, -2011, "Unknown order sent.")


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({}, -1102, "Param 'orderListId' or 'listClientOrderId' must be sent, but both were "),
        ({"orderListId": 9}, -2011, "Unknown order sent."),
        ({"listClientOrderId": "other"}, -2011, "Unknown order sent."),
        ({"orderListId": 1, "listClientOrderId": "other"}, -2011, "Cancel order is invalid."),
        ({"orderListId": 1, "symbol": "ETHBTC"}, -2011, "Unknown order sent."),
    ],
)
async def test_list_cancels_refused(
    rest: Rest, params: dict[str, object], code: int, text: str
) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", OCO, **SELL_OCO, listClientOrderId="pair")
    wanted = {"symbol": "BTCUSDT"} | params
    status, told, message = await rest.refused("DELETE", "/api/v3/orderList", **wanted)
    assert (status, told) == (400, code)
    assert message.startswith(text)


async def test_cancel_all_takes_lists_with_it(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OCO, **SELL_OCO)
    lone = await rest.limit("SELL", "1", "30000")
    oto = await rest.ok("POST", OTO, **BUY_THEN_SELL)
    reports = await rest.ok("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    orders = [*answer["orders"], lone, *oto["orders"]]
    assert sorted(row["orderId"] for row in reports) == [row["orderId"] for row in orders]
    assert {row["orderListId"] for row in reports} == {-1, 1, 2}
    assert await rest.ok("GET", "/api/v3/openOrderList") == []
    assert [row["listOrderStatus"] for row in await rest.ok("GET", "/api/v3/allOrderList")] == [
        "ALL_DONE",
        "ALL_DONE",
    ]


async def test_the_old_form_makes_the_same_list(rest: Rest) -> None:
    await trade(rest, "25000")
    plain = await rest.ok("POST", OLD_OCO, **SELL_OLD, limitClientOrderId="l")
    limit, stop = plain["orderReports"]
    assert (limit["type"], limit["clientOrderId"], stop["type"]) == (
        "LIMIT_MAKER",
        "l",
        "STOP_LOSS",
    )
    assert (limit["price"], stop["stopPrice"]) == ("26000.00000000", "24000.00000000")
    priced = await rest.ok(
        "POST",
        OLD_OCO,
        **SELL_OLD | {"side": "BUY", "price": "24000", "stopPrice": "26000"},
        stopLimitPrice="26100",
        stopLimitTimeInForce="GTC",
        stopClientOrderId="s",
        limitIcebergQty="0.5",
    )
    stop, limit = priced["orderReports"]
    assert (stop["type"], stop["price"]) == ("STOP_LOSS_LIMIT", "26100.00000000")
    assert (stop["clientOrderId"], limit["icebergQty"]) == ("s", "0.50000000")


async def test_an_oto_enters_when_its_working_order_is_filled(rest: Rest) -> None:
    answer = await rest.ok("POST", OTO, **BUY_THEN_SELL)
    assert answer["contingencyType"] == "OTO"
    working, pending = answer["orderReports"]
    assert (working["status"], working["workingTime"]) == ("NEW", MILLISECONDS)
    assert (pending["status"], pending["workingTime"]) == ("PENDING_NEW", -1)
    assert (pending["side"], pending["origQty"]) == ("SELL", "0.90000000")
    await rest.limit("SELL", "0.5", "24000", "bob")
    assert await statuses(rest, answer) == ["PARTIALLY_FILLED", "PENDING_NEW"]
    told = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=pending["orderId"])
    assert (told["isWorking"], told["workingTime"]) == (False, -1)
    await rest.limit("SELL", "0.5", "24000", "bob")
    assert await statuses(rest, answer) == ["FILLED", "NEW"]
    told = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=pending["orderId"])
    assert (told["isWorking"], told["workingTime"]) == (True, MILLISECONDS)
    assert await the_list(rest, answer) == ("EXEC_STARTED", "EXECUTING")
    await rest.limit("BUY", "0.9", "27000", "bob")
    assert await the_list(rest, answer) == ("ALL_DONE", "ALL_DONE")


async def test_an_oto_that_is_filled_at_once_tells_both(rest: Rest) -> None:
    await rest.limit("SELL", "1", "24000", "bob")
    answer = await rest.ok("POST", OTO, **BUY_THEN_SELL, newOrderRespType="FULL")
    working, pending = answer["orderReports"]
    assert (working["status"], len(working["fills"])) == ("FILLED", 1)
    assert (pending["status"], pending["fills"], pending["workingTime"]) == (
        "NEW",
        [],
        MILLISECONDS,
    )


async def test_a_cancelled_working_order_takes_the_pending_one_with_it(rest: Rest) -> None:
    answer = await rest.ok("POST", OTO, **BUY_THEN_SELL)
    await rest.ok("DELETE", ORDER, symbol="BTCUSDT", orderId=answer["orders"][0]["orderId"])
    assert await statuses(rest, answer) == ["CANCELED", "CANCELED"]
    assert await the_list(rest, answer) == ("ALL_DONE", "ALL_DONE")


async def test_an_otoco_guards_what_it_bought(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OTOCO, **BUY_THEN_GUARD)
    assert answer["contingencyType"] == "OTO"
    assert await statuses(rest, answer) == ["NEW", "PENDING_NEW", "PENDING_NEW"]
    await rest.limit("SELL", "1", "24000", "bob")
    assert await statuses(rest, answer) == ["FILLED", "NEW", "NEW"]
    await rest.limit("BUY", "1", "22000", "bob")
    await trade(rest, "23000")
    assert await statuses(rest, answer) == ["FILLED", "EXPIRED", "FILLED"]
    assert await the_list(rest, answer) == ("ALL_DONE", "ALL_DONE")


async def test_a_pending_order_trails_from_its_release(rest: Rest) -> None:
    await trade(rest, "25000")
    guard = {"pendingType": "STOP_LOSS", "pendingPrice": None, "pendingTrailingDelta": "100"}
    order = {name: value for name, value in (BUY_THEN_SELL | guard).items() if value is not None}
    answer = await rest.ok("POST", OTO, **order)
    pending = answer["orderReports"][1]
    assert (pending["trailingDelta"], pending["workingTime"]) == (100, -1)
    assert "trailingTime" not in pending
    query = {"symbol": "BTCUSDT", "orderId": pending["orderId"]}
    assert "trailingTime" not in await rest.ok("GET", ORDER, **query)
    await rest.limit("SELL", "1", "24000", "bob")
    told = await rest.ok("GET", ORDER, **query)
    assert (told["status"], told["trailingTime"]) == ("NEW", MILLISECONDS)
    assert (told["isWorking"], told["workingTime"]) == (False, -1)
    at_once = await rest.ok("POST", OTO, **order | {"workingPrice": "20000"})
    assert "trailingTime" not in at_once["orderReports"][1]


async def test_acks_are_short(rest: Rest) -> None:
    await trade(rest, "25000")
    answer = await rest.ok("POST", OTOCO, **BUY_THEN_GUARD, newOrderRespType="ACK")
    names = {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    assert [set(report) for report in answer["orderReports"]] == [names] * 3


@pytest.mark.parametrize(
    ("path", "order", "orders"),
    [(OCO, SELL_OCO, 2), (OLD_OCO, SELL_OLD, 2), (OTO, BUY_THEN_SELL, 2),
     (OTOCO, BUY_THEN_GUARD, 3)],
)  # fmt: skip
async def test_a_list_counts_as_its_orders(
    rest: Rest, path: str, order: dict[str, str], orders: int
) -> None:
    await trade(rest, "25000")
    response = await rest.send("POST", path, **order)
    assert response.status_code == 200, response.text
    assert response.headers["x-mbx-order-count-10s"] == str(orders)
    refused = await rest.send("POST", path, **order | _badly(order))
    assert refused.status_code == 400
    (ten_seconds, day) = await rest.ok("GET", "/api/v3/rateLimit/order")
    assert (ten_seconds["count"], day["count"]) == (orders, orders)


def _badly(order: dict[str, str]) -> dict[str, str]:
    """Return what nobody can pay."""
    return {name: "8999" for name in order if name.lower().endswith("quantity")}


async def test_a_leg_that_trades_gives_its_place_back(rest: Rest) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", OCO, **SELL_OCO)
    await rest.limit("BUY", "1", "26000", "bob")
    (ten_seconds, _) = await rest.ok("GET", "/api/v3/rateLimit/order")
    assert ten_seconds["count"] == 1


@pytest.mark.parametrize(
    ("path", "order", "code", "text"),
    [
        (OCO, SELL_OCO | {"abovePrice": "24900"}, -2010, "The relationship of the prices for"),
        (OCO, SELL_OCO | {"belowStopPrice": "25100"}, -2010, "The relationship of the prices"),
        (OCO, BUY_OCO | {"aboveStopPrice": "24000"}, -2010, "The relationship of the prices for"),
        (OCO, SELL_OCO | {"quantity": "101"}, -2010, "Account has insufficient balance for"),
        (OCO, SELL_OCO | {"abovePrice": "26000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        (OCO, SELL_OCO | {"belowStopPrice": "0"}, -1013, "Filter failure: PRICE_FILTER"),
        (OCO, SELL_OCO | {"quantity": "0"}, -1013, "Filter failure: LOT_SIZE"),
        (OCO, SELL_OCO | {"symbol": "NOPE"}, -1121, "Invalid symbol."),
        (OCO, SELL_OCO | {"aboveType": "STOP_LOSS_LIMIT", "aboveStopPrice": "26000",
                          "aboveTimeInForce": "GTC"}, -1197,
         "A stop loss order in a sell OCO must be below."),
        (OCO, SELL_OCO | {"belowType": "TAKE_PROFIT"}, -1199,
         "A take profit order in a sell OCO must be above."),
        (OCO, BUY_OCO | {"aboveType": "TAKE_PROFIT_LIMIT"}, -1198,
         "A take profit order in a buy OCO must be below."),
        (OCO, BUY_OCO | {"belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "24000",
                         "belowTimeInForce": "GTC"}, -1196,
         "A stop loss order in a buy OCO must be above."),
        (OCO, {**SELL_OCO, "belowType": "LIMIT_MAKER", "belowPrice": "24000",
               "belowStopPrice": None, "aboveType": "TAKE_PROFIT", "abovePrice": None,
               "aboveStopPrice": "26000"}, -1166, "A limit order in a sell OCO must be above."),
        (OCO, {**BUY_OCO, "belowType": "TAKE_PROFIT", "belowPrice": None,
               "belowStopPrice": "24000", "aboveType": "LIMIT_MAKER", "aboveStopPrice": None},
         -1165, "A limit order in a buy OCO must be below."),
        (OCO, {**SELL_OCO, "belowType": "LIMIT_MAKER", "belowPrice": "24000",
               "belowStopPrice": None}, -1168, "At least one OCO order must be contingent."),
        (OCO, SELL_OCO | {"aboveType": "LIMIT"}, -1158, "Order type not supported in OCO."),
        (OCO, SELL_OCO | {"aboveType": "MARKET"}, -1158, "Order type not supported in OCO."),
        (OCO, {**SELL_OCO, "abovePrice": None}, -1102, "Mandatory parameter 'abovePrice' was not"),
        (OCO, {**SELL_OCO, "belowStopPrice": None}, -1102, "Param 'belowStopPrice' or "),
        (OCO, SELL_OCO | {"belowPrice": "1"}, -1106, "Parameter 'belowPrice' sent when not requ"),
        (OCO, SELL_OCO | {"aboveStopPrice": "1"}, -1106, "Parameter 'aboveStopPrice' sent when"),
        (OCO, SELL_OCO | {"aboveStrategyType": "5"}, -1134, "strategyType was less than 1000000."),
        (OCO, BUY_OCO | {"aboveIcebergQty": "0.5", "aboveTimeInForce": "IOC"}, -1160,
         "Parameter 'icebergQty' is not supported if 'timeInForce' is not GTC."),
        (OCO, SELL_OCO | {"aboveIcebergQty": "2"}, -2010, "IcebergQty exceeds QTY."),
        (OCO, SELL_OCO | {"aboveClientOrderId": "a", "belowClientOrderId": "a"}, -2010,
         "Duplicate order sent."),
        (OLD_OCO, {**SELL_OLD, "stopPrice": None}, -1102, "Param 'stopPrice' or 'trailingDelta'"),
        (OLD_OCO, SELL_OLD | {"stopLimitPrice": "23900"}, -1102, "Mandatory parameter 'stopLimitT"),
        (OLD_OCO, SELL_OLD | {"stopLimitTimeInForce": "GTC"}, -1106, "Parameter 'stopLimitTimeI"),
        (OTO, BUY_THEN_SELL | {"workingType": "MARKET"}, -1116, "Invalid orderType."),
        (OTO, BUY_THEN_SELL | {"pendingType": "SOME"}, -1116, "Invalid orderType."),
        (OTO, BUY_THEN_SELL | {"workingSide": "HOLD"}, -1117, "Invalid side."),
        (OTO, {**BUY_THEN_SELL, "workingTimeInForce": None}, -1102, "Mandatory parameter 'working"),
        (OTO, BUY_THEN_SELL | {"workingQuantity": "0.0001"}, -1013, "Filter failure: NOTIONAL"),
        (OTO, BUY_THEN_SELL | {"pendingQuantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        (OTO, BUY_THEN_SELL | {"workingType": "LIMIT_MAKER", "workingPrice": "30000"}, -2010,
         "Order would immediately match and take."),
        (OTOCO, BUY_THEN_GUARD | {"pendingAboveType": "STOP_LOSS"}, -1197,
         "A stop loss order in a sell OCO must be below."),
        (OTOCO, BUY_THEN_GUARD | {"pendingBelowType": "LIMIT"}, -1158, "Order type not supported"),
    ],
)  # fmt: skip
async def test_lists_refused(
    rest: Rest, stand: Stand, path: str, order: dict[str, str | None], code: int, text: str
) -> None:
    await trade(rest, "25000")
    await rest.limit("SELL", "0.01", "30000", "bob")
    before = stand.machine.state.last_order
    given = {name: value for name, value in order.items() if value is not None}
    status, told, message = await rest.refused("POST", path, **given)
    assert (status, told) == (400, code), message
    assert message.startswith(text)
    assert stand.machine.state.last_order == before


async def test_client_ids_of_lists_and_orders_are_unique_while_open(rest: Rest) -> None:
    await trade(rest, "25000")
    named = {"listClientOrderId": "pair"}
    await rest.ok("POST", OCO, **SELL_OCO, **named, aboveClientOrderId="up")
    again = await rest.refused("POST", OCO, **SELL_OCO, **named)
    assert again == (400, -2010, "Duplicate order sent.")
    again = await rest.refused("POST", OCO, **SELL_OCO, belowClientOrderId="up")
    assert again == (400, -2010, "Duplicate order sent.")


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("MAX_NUM_ORDER_LISTS", FiltersSet(instrument=1, order_lists_max=1)),
        ("MAX_NUM_ALGO_ORDERS", FiltersSet(instrument=1, algo_orders_max=1)),
        ("MAX_NUM_ORDERS", FiltersSet(instrument=1, orders_max=3)),
        ("EXCHANGE_MAX_NUM_ORDER_LISTS", LimitSet(limit=Limit.ACCOUNT_ORDER_LISTS, value=1)),
    ],
)
async def test_lists_are_counted_by_filters(
    rest: Rest, stand: Stand, name: str, commands: FiltersSet | LimitSet
) -> None:
    await trade(rest, "25000")
    stand.apply(commands)
    await rest.ok("POST", OCO, **SELL_OCO)
    refused = await rest.refused("POST", OCO, **SELL_OCO)
    assert refused == (400, -1013, f"Filter failure: {name}")


async def test_queries_of_lists(rest: Rest, stand: Stand) -> None:
    await trade(rest, "25000")
    for number in range(3):
        answer = await rest.ok("POST", OCO, **SELL_OCO, listClientOrderId=f"n{number}")
        await rest.ok("DELETE", "/api/v3/orderList", symbol="BTCUSDT", orderListId=number + 1)
        stand.clock.set(stand.clock.now() + 1_000_000)
    path = "/api/v3/allOrderList"

    async def numbers(**params: object) -> list[int]:
        return [row["orderListId"] for row in await rest.ok("GET", path, **params)]

    assert await numbers() == [1, 2, 3]
    assert await numbers(limit=2) == [2, 3]
    assert await numbers(fromId=2) == [2, 3]
    assert await numbers(fromId=1, limit=1) == [1]
    assert await numbers(startTime=MILLISECONDS + 1_000) == [2, 3]
    assert await numbers(endTime=MILLISECONDS + 1_000) == [1, 2]
    assert (await rest.refused("GET", path, fromId=1, startTime=1))[:2] == (400, -1128)
    assert (await rest.refused("GET", path, startTime=0, endTime=86_400_001))[1] == -1127
    assert (await rest.refused("GET", "/api/v3/orderList", orderListId=9))[1] == -2013
    assert (await rest.refused("GET", "/api/v3/orderList"))[1] == -1102
    foreign = await rest.refused("GET", "/api/v3/orderList", "bob", orderListId=1)
    assert foreign == (400, -2013, "Order list does not exist.")
    found = await rest.ok("GET", "/api/v3/orderList", origClientOrderId="n1")
    assert (found["orderListId"], answer["orderListId"]) == (2, 3)
    both = {"orderListId": 2, "origClientOrderId": "n1"}
    assert await rest.ok("GET", "/api/v3/orderList", **both) == found
    wrong = await rest.refused("GET", "/api/v3/orderList", **both | {"orderListId": 3})
    assert wrong == (400, -2039, "Client order ID is not correct for this order ID.")
