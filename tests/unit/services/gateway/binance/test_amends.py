"""Amends: a lower quantity in the same place, under a new name; and their story."""

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

from flowex.messages.commands import FiltersSet

ORDER = "/api/v3/order"
AMEND = "/api/v3/order/amend/keepPriority"
AMENDMENTS = "/api/v3/order/amendments"
MILLISECONDS = NOW // 1_000
NO_INCREASE = "Order amend (quantity increase) is not supported."
BAD_ID = (
    "Illegal characters found in parameter 'newClientOrderId'; "
    "legal range is '^[a-zA-Z0-9-_]{1,36}$'."
)
LACKING = "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed."
EITHER = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
MINE = {"symbol": "BTCUSDT", "orderId": 1}


async def place(rest: Rest) -> None:
    await rest.limit("BUY", "2", "25000", newClientOrderId="mine")


async def test_an_amended_order_is_told_with_both_its_names(rest: Rest, stand: Stand) -> None:
    await place(rest)
    await rest.limit("SELL", "0.5", "25000", "bob")
    answer = await rest.ok("PUT", AMEND, **MINE, newQty="1.5", newClientOrderId="less")
    assert answer == {
        "transactTime": MILLISECONDS,
        "executionId": stand.machine.sequence,
        "amendedOrder": {
            "symbol": "BTCUSDT",
            "orderId": 1,
            "orderListId": -1,
            "origClientOrderId": "mine",
            "clientOrderId": "less",
            "price": "25000.00000000",
            "qty": "1.50000000",
            "executedQty": "0.50000000",
            "preventedQty": "0.00000000",
            "quoteOrderQty": "0.00000000",
            "cumulativeQuoteQty": "12500.00000000",
            "status": "PARTIALLY_FILLED",
            "timeInForce": "GTC",
            "type": "LIMIT",
            "side": "BUY",
            "workingTime": MILLISECONDS,
            "selfTradePreventionMode": "EXPIRE_MAKER",
        },
    }
    told = await rest.ok("GET", ORDER, symbol="BTCUSDT", origClientOrderId="less")
    assert (told["orderId"], told["origQty"]) == (1, "1.50000000")


async def test_the_place_in_the_queue_is_kept(rest: Rest) -> None:
    await place(rest)
    await rest.limit("BUY", "1", "25000")
    await rest.ok("PUT", AMEND, **MINE, newQty="1")
    await rest.limit("SELL", "1", "25000", "bob")
    assert (await rest.ok("GET", ORDER, **MINE))["status"] == "FILLED"


async def test_a_name_is_made_where_none_is_given(rest: Rest) -> None:
    await place(rest)
    answer = await rest.ok("PUT", AMEND, symbol="BTCUSDT", origClientOrderId="mine", newQty="1")
    amended = answer["amendedOrder"]
    assert amended["origClientOrderId"] == "mine"
    assert amended["clientOrderId"] not in ("", "mine")
    kept = await rest.ok(
        "PUT", AMEND, **MINE, newQty="0.5", newClientOrderId=amended["clientOrderId"]
    )
    assert kept["amendedOrder"]["clientOrderId"] == amended["clientOrderId"]


async def test_the_legs_of_an_oco_are_amended_together(rest: Rest) -> None:
    oco = await rest.ok(
        "POST",
        "/api/v3/orderList/oco",
        symbol="BTCUSDT",
        side="SELL",
        quantity="2",
        aboveType="LIMIT_MAKER",
        abovePrice="26000",
        belowType="STOP_LOSS",
        belowStopPrice="24000",
        belowStrategyId=7,
    )
    answer = await rest.ok("PUT", AMEND, symbol="BTCUSDT", orderId=2, newQty="1")
    amended = answer["amendedOrder"]
    assert (amended["stopPrice"], amended["strategyId"]) == ("24000.00000000", 7)
    assert (amended["workingTime"], amended["orderListId"]) == (-1, 1)
    names = [row["clientOrderId"] for row in oco["orders"]]
    assert answer["listStatus"] == {
        "orderListId": 1,
        "contingencyType": "OCO",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": oco["listClientOrderId"],
        "symbol": "BTCUSDT",
        "orders": [
            {"symbol": "BTCUSDT", "orderId": 1, "clientOrderId": names[0]},
            {"symbol": "BTCUSDT", "orderId": 2, "clientOrderId": amended["clientOrderId"]},
        ],
    }
    opened = await rest.ok("GET", "/api/v3/openOrders")
    assert [row["origQty"] for row in opened] == ["1.00000000"] * 2


async def test_amendments_are_told_oldest_first(rest: Rest, stand: Stand) -> None:
    await place(rest)
    executions = []
    for number, quantity in enumerate(("1.5", "1", "0.5")):
        name = f"n{number}"
        answer = await rest.ok("PUT", AMEND, **MINE, newQty=quantity, newClientOrderId=name)
        executions.append(answer["executionId"])
    rows = await rest.ok("GET", AMENDMENTS, **MINE)
    assert rows[0] == {
        "symbol": "BTCUSDT",
        "orderId": 1,
        "executionId": executions[0],
        "origClientOrderId": "mine",
        "newClientOrderId": "n0",
        "origQty": "2.00000000",
        "newQty": "1.50000000",
        "time": MILLISECONDS,
    }
    assert [row["executionId"] for row in rows] == executions
    assert [row["origClientOrderId"] for row in rows] == ["mine", "n0", "n1"]
    later = await rest.ok("GET", AMENDMENTS, **MINE, fromExecutionId=executions[1])
    assert later == rows[1:]
    assert await rest.ok("GET", AMENDMENTS, **MINE, limit=1) == rows[-1:]
    assert await rest.ok("GET", AMENDMENTS, "bob", **MINE) == []


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"newQty": "3"}, -2038, NO_INCREASE),
        ({"newQty": "2"}, -2038, "The requested action would change no state; rejecting"),
        ({"newQty": "0.5"}, -2038, "Price * QTY is zero or less."),
        ({"newQty": "0.4"}, -2038, "Price * QTY is zero or less."),
        ({"newQty": "0"}, -1013, "Filter failure: LOT_SIZE"),
        ({"newQty": "1.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"orderId": 9}, -2038, "Unknown order sent."),
        ({"symbol": "ETHBTC"}, -2038, "Unknown order sent."),
        ({"symbol": "NOPE"}, -1121, "Invalid symbol."),
        ({"newClientOrderId": "other"}, -2038, "Duplicate order sent."),
        ({"origClientOrderId": "x"}, -2039, "Client order ID is not correct for this order ID."),
        ({"newClientOrderId": "a b"}, -1100, BAD_ID),
        ({"newQty": ""}, -1102, LACKING),
        ({"orderId": None}, -1102, EITHER),
    ],
)  # fmt: skip
async def test_amends_refused(
    rest: Rest, stand: Stand, change: dict[str, object], code: int, text: str
) -> None:
    await place(rest)
    await rest.limit("BUY", "1", "20000", newClientOrderId="other")
    await rest.limit("SELL", "0.5", "25000", "bob")
    wanted = {**MINE, "newQty": "1", **change}
    given = {name: value for name, value in wanted.items() if value is not None}
    assert await rest.refused("PUT", AMEND, **given) == (400, code, text)
    assert (await rest.ok("GET", ORDER, **MINE))["origQty"] == "2.00000000"


async def test_an_order_is_amended_so_often_and_no_more(rest: Rest, stand: Stand) -> None:
    stand.apply(FiltersSet(instrument=1, amends_max=1))
    await place(rest)
    await rest.ok("PUT", AMEND, **MINE, newQty="1")
    again = await rest.refused("PUT", AMEND, **MINE, newQty="0.5")
    assert again == (400, -2038, "Filter failure: MAX_NUM_ORDER_AMENDS")


async def test_an_amend_is_not_counted_as_an_order(rest: Rest) -> None:
    await place(rest)
    response = await rest.send("PUT", AMEND, **MINE, newQty="1")
    assert response.headers["x-mbx-used-weight-1m"] == "5"
    (ten_seconds, _) = await rest.ok("GET", "/api/v3/rateLimit/order")
    assert ten_seconds["count"] == 1
