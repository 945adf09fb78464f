"""Every method of the WebSocket API that places, changes or asks for orders; as over HTTP."""

import asyncio
from typing import Any

import pytest
from gateway_clients import Api, Rest, sockets

LIMIT = {"symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": 1,
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "26000",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "24000",
}
OTO = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "24000",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
    "pendingQuantity": "0.9",
}
PENDING = {"pendingType": "LIMIT_MAKER", "pendingPrice": "27000"}
GUARD = {
    "pendingAboveType": "TAKE_PROFIT",
    "pendingAboveStopPrice": "27000",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "23000",
}
OLD_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "price": "26000",
    "stopPrice": "24000",
}


async def done(api: Api, method: str, **params: object) -> Any:
    """Return the result of a signed method that goes well."""
    answer = await api.signed(method, **params)
    assert answer["status"] == 200, answer
    assert answer["rateLimits"]
    return answer["result"]


async def test_lists_are_placed_asked_for_and_cancelled(api: Api, rest: Rest) -> None:
    orders = 0
    for number, (method, params, count) in enumerate(
        (
            ("orderList.place.oco", OCO, 2),
            ("orderList.place", OLD_OCO, 2),
            ("orderList.place.oto", OTO | PENDING, 2),
            ("orderList.place.otoco", OTO | GUARD, 3),
        ),
        start=1,
    ):
        answer = await api.signed(method, **params)
        assert answer["status"] == 200, answer
        orders += count
        counts = [r["count"] for r in answer["rateLimits"] if r["rateLimitType"] == "ORDERS"]
        assert counts == [orders, orders]
        placed = answer["result"]
        assert (placed["orderListId"], len(placed["orderReports"])) == (number, count)
        asked = await done(api, "orderList.status", orderListId=number)
        assert asked == await rest.ok("GET", "/api/v3/orderList", orderListId=number)
    opened = await done(api, "openOrderLists.status")
    assert opened == await rest.ok("GET", "/api/v3/openOrderList")
    assert len(opened) == 4
    gone = await done(api, "orderList.cancel", symbol="BTCUSDT", orderListId=1)
    assert gone["listOrderStatus"] == "ALL_DONE"
    everything = await done(api, "allOrderLists")
    assert everything == await rest.ok("GET", "/api/v3/allOrderList")
    reports = await done(api, "openOrders.cancelAll", symbol="BTCUSDT")
    assert len(reports) == orders - 2
    assert await done(api, "openOrderLists.status") == []


async def test_orders_are_amended_replaced_and_asked_for(api: Api, rest: Rest) -> None:
    await done(api, "order.place", **LIMIT, quantity="2", price="25000", newClientOrderId="a")
    amended = await done(api, "order.amend.keepPriority", symbol="BTCUSDT", orderId=1, newQty="1.5")
    assert amended["amendedOrder"]["origClientOrderId"] == "a"
    rows = await done(api, "order.amendments", symbol="BTCUSDT", orderId=1)
    assert rows == await rest.ok("GET", "/api/v3/order/amendments", symbol="BTCUSDT", orderId=1)
    replaced = await done(
        api,
        "order.cancelReplace",
        **LIMIT,
        quantity="1",
        price="26000",
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrderId=1,
    )
    assert replaced["newOrderResponse"]["orderId"] == 2
    meeting = LIMIT | {"side": "BUY", "selfTradePreventionMode": "EXPIRE_TAKER"}
    await done(api, "order.place", **meeting, quantity="1", price="26000")
    prevented = await done(api, "myPreventedMatches", symbol="BTCUSDT", orderId=3)
    assert [row["makerOrderId"] for row in prevented] == [2]
    assert await done(api, "myAllocations", symbol="BTCUSDT") == []
    filters = await done(api, "myFilters", symbol="BTCUSDT")
    assert filters == await rest.ok("GET", "/api/v3/myFilters", symbol="BTCUSDT")
    rates = await done(
        api, "order.test", **LIMIT, quantity="1", price="1000", computeCommissionRates="true"
    )
    assert rates["standardCommissionForOrder"]["maker"] == "0.00100000"


@pytest.mark.parametrize(
    ("mode", "status", "code", "cancel", "new"),
    [
        ("STOP_ON_FAILURE", 400, -2022, "FAILURE", "NOT_ATTEMPTED"),
        ("ALLOW_FAILURE", 409, -2021, "FAILURE", "SUCCESS"),
    ],
)
async def test_a_half_done_replacement_has_data(
    api: Api, mode: str, status: int, code: int, cancel: str, new: str
) -> None:
    answer = await api.signed(
        "order.cancelReplace",
        **LIMIT,
        quantity="1",
        price="26000",
        cancelReplaceMode=mode,
        cancelOrderId=99,
    )
    assert (answer["status"], answer["error"]["code"]) == (status, code)
    data = answer["error"]["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == (cancel, new)


async def test_a_list_that_is_refused_says_why(api: Api) -> None:
    answer = await api.signed("orderList.place.oco", **OCO | {"belowType": "TAKE_PROFIT"})
    assert (answer["status"], answer["error"]["code"]) == (400, -1199)


async def test_many_lists_at_once_are_all_answered(port: int) -> None:
    async def one(number: int) -> list[int]:
        async with sockets(port, "/ws-api/v3") as connection:
            placed = await done(Api(connection), "orderList.place.oco", **OCO)
            return [row["orderId"] for row in placed["orders"]]

    placed = await asyncio.gather(*(one(number) for number in range(10)))
    assert sorted(order for pair in placed for order in pair) == list(range(1, 21))
