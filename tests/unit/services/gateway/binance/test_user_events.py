"""The user stream: orders that wait, hide, depend; lists; amends; why an order expired."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from gateway_clients import Api, Rest, sockets
from gateway_exchange import NOW, Stand

ORDER = "/api/v3/order"
MILLISECONDS = NOW // 1_000
STOP = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "quantity": "1"}
SELL_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "26000",
    "belowType": "STOP_LOSS_LIMIT",
    "belowStopPrice": "24000",
    "belowPrice": "23900",
    "belowTimeInForce": "GTC",
    "listClientOrderId": "pair",
    "aboveClientOrderId": "up",
    "belowClientOrderId": "down",
}


class Stream:
    """Alice's user stream."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def command(self) -> list[dict[str, Any]]:
        """Return the events of one command that moved a balance, up to the balances."""
        events: list[dict[str, Any]] = []
        while not events or events[-1]["e"] != "outboundAccountPosition":
            events.append((await self._api.next_event())["event"])
        return events

    async def reports(self) -> list[dict[str, Any]]:
        """Return the same without the balances, which come last and once."""
        *events, position = await self.command()
        assert {event["e"] for event in events} <= {"executionReport", "listStatus"}
        assert position["u"] == events[-1]["T"]
        return events


@pytest.fixture
async def stream(port: int) -> AsyncIterator[Stream]:
    async with sockets(port, "/ws-api/v3") as connection:
        api = Api(connection)
        assert (await api.signed("userDataStream.subscribe.signature"))["status"] == 200
        yield Stream(api)


async def trade(rest: Rest, price: str) -> None:
    await rest.limit("SELL", "0.01", price, "bob")
    await rest.limit("BUY", "0.01", price, "bob", selfTradePreventionMode="NONE")


def seen(events: list[dict[str, Any]], names: str) -> list[tuple[Any, ...]]:
    """Return some fields of every event."""
    return [tuple(event.get(name) for name in names.split()) for event in events]


async def test_a_stop_tells_that_it_waits_enters_and_trades(rest: Rest, stream: Stream) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", ORDER, **STOP, stopPrice="24000", strategyId=7, strategyType=1_000_000)
    (waits,) = await stream.reports()
    assert (waits["x"], waits["X"], waits["P"], waits["w"]) == (
        "NEW",
        "NEW",
        "24000.00000000",
        False,
    )
    assert (waits["j"], waits["J"], waits["o"], waits["f"]) == (7, 1_000_000, "STOP_LOSS", "GTC")
    assert not {"W", "d", "D", "v", "A", "B", "u", "U", "eR"} & set(waits)
    await rest.limit("BUY", "1", "23000", "bob")
    await trade(rest, "24000")
    enters, trades = await stream.reports()
    assert (enters["x"], enters["X"], enters["W"]) == ("NEW", "NEW", MILLISECONDS)
    assert (trades["x"], trades["X"], trades["L"], trades["m"]) == (
        "TRADE",
        "FILLED",
        "23000.00000000",
        False,
    )


async def test_a_trailing_stop_tells_its_delta_and_when_it_began(
    rest: Rest, stand: Stand, stream: Stream
) -> None:
    await trade(rest, "25000")
    order = STOP | {"type": "TAKE_PROFIT", "stopPrice": "26000", "trailingDelta": "100"}
    await rest.ok("POST", ORDER, **order)
    (waits,) = await stream.reports()
    assert (waits["d"], "D" in waits) == (100, False)
    stand.clock.set(NOW + 1_000_000)
    await trade(rest, "26000")
    stand.clock.set(NOW + 2_000_000)
    await rest.limit("BUY", "1", "20000", "bob")
    await trade(rest, "25740")
    enters, trades = await stream.reports()
    assert (enters["d"], enters["D"], enters["W"]) == (
        100,
        MILLISECONDS + 1_000,
        MILLISECONDS + 2_000,
    )
    assert trades["X"] == "FILLED"


async def test_an_iceberg_tells_its_tip(rest: Rest, stream: Stream) -> None:
    await rest.limit("SELL", "10", "25000", icebergQty="2")
    (told,) = await stream.reports()
    assert (told["F"], told["q"], told["w"]) == ("2.00000000", "10.00000000", True)


async def test_a_list_tells_its_orders_then_itself(rest: Rest, stream: Stream) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", "/api/v3/orderList/oco", **SELL_OCO)
    up, down, begun = await stream.reports()
    assert begun == {
        "e": "listStatus",
        "E": MILLISECONDS,
        "s": "BTCUSDT",
        "g": 1,
        "c": "OCO",
        "l": "EXEC_STARTED",
        "L": "EXECUTING",
        "r": "NONE",
        "C": "pair",
        "T": MILLISECONDS,
        "O": [
            {"s": "BTCUSDT", "i": up["i"], "c": "up"},
            {"s": "BTCUSDT", "i": down["i"], "c": "down"},
        ],
    }
    assert seen([up, down], "c g w x X") == [
        ("up", 1, True, "NEW", "NEW"),
        ("down", 1, False, "NEW", "NEW"),
    ]
    await rest.limit("BUY", "1", "26000", "bob")
    events = await stream.reports()
    assert seen(events, "e c x X eR") == [
        ("executionReport", "down", "EXPIRED", "EXPIRED", "ORDER_LIST"),
        ("executionReport", "up", "TRADE", "FILLED", None),
        ("listStatus", "OCO", None, None, None),
    ]
    assert (events[-1]["l"], events[-1]["L"]) == ("ALL_DONE", "ALL_DONE")


async def test_a_cancelled_list_tells_each_order_and_its_end(rest: Rest, stream: Stream) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", "/api/v3/orderList/oco", **SELL_OCO)
    await stream.reports()
    await rest.ok(
        "DELETE", "/api/v3/orderList", symbol="BTCUSDT", orderListId=1, newClientOrderId="bye"
    )
    events = await stream.reports()
    assert seen(events[:2], "x X c") == [("CANCELED", "CANCELED", "bye")] * 2
    assert {event["C"] for event in events[:2]} == {"up", "down"}
    assert seen(events[2:], "e l L") == [("listStatus", "ALL_DONE", "ALL_DONE")]


async def test_a_pending_order_tells_when_it_is_let_in(rest: Rest, stream: Stream) -> None:
    await rest.ok(
        "POST",
        "/api/v3/orderList/oto",
        symbol="BTCUSDT",
        workingType="LIMIT",
        workingSide="BUY",
        workingPrice="24000",
        workingQuantity="1",
        workingTimeInForce="GTC",
        pendingType="LIMIT_MAKER",
        pendingSide="SELL",
        pendingPrice="27000",
        pendingQuantity="0.9",
    )
    working, pending, begun = await stream.reports()
    assert (begun["c"], begun["L"]) == ("OTO", "EXECUTING")
    assert (working["X"], working["w"], working["W"]) == ("NEW", True, MILLISECONDS)
    assert (pending["x"], pending["X"], pending["w"]) == ("NEW", "PENDING_NEW", False)
    assert "W" not in pending
    await rest.limit("SELL", "1", "24000", "bob")
    filled, entered = await stream.reports()
    assert (filled["x"], filled["X"]) == ("TRADE", "FILLED")
    assert (entered["i"], entered["x"], entered["X"]) == (pending["i"], "NEW", "NEW")
    assert (entered["w"], entered["W"]) == (True, MILLISECONDS)


async def test_an_amend_is_a_replacement_with_both_names(rest: Rest, stream: Stream) -> None:
    await rest.limit("SELL", "2", "25000", newClientOrderId="mine")
    await stream.reports()
    await rest.ok(
        "PUT",
        "/api/v3/order/amend/keepPriority",
        symbol="BTCUSDT",
        orderId=1,
        newQty="1.5",
        newClientOrderId="less",
    )
    (amended,) = await stream.reports()
    assert (amended["x"], amended["X"], amended["q"]) == ("REPLACED", "NEW", "1.50000000")
    assert (amended["c"], amended["C"]) == ("less", "mine")


async def test_an_order_tells_why_it_expired(rest: Rest, stream: Stream) -> None:
    await rest.limit("SELL", "0.5", "25000", "bob")
    await rest.limit("BUY", "1", "25000", timeInForce="IOC")
    _, traded, expired = await stream.reports()
    assert (traded["X"], expired["x"], expired["X"]) == ("PARTIALLY_FILLED", "EXPIRED", "EXPIRED")
    assert (expired["eR"], expired["r"]) == ("INSUFFICIENT_LIQUIDITY", "NONE")


async def test_a_stop_that_cannot_pay_tells_that_it_was_rejected(
    rest: Rest, stream: Stream
) -> None:
    await trade(rest, "25000")
    everything = {"symbol": "BTCUSDT", "side": "BUY", "type": "STOP_LOSS", "quantity": "100"}
    await rest.ok("POST", ORDER, **everything, stopPrice="30000")
    await stream.reports()
    await rest.limit("SELL", "99", "60000", "bob")
    await trade(rest, "30000")
    events = await stream.reports()
    assert seen(events, "x X r eR") == [
        ("NEW", "NEW", "NONE", None),
        ("EXPIRED", "EXPIRED", "INSUFFICIENT_BALANCES", "INSUFFICIENT_BALANCES"),
    ]


async def test_a_prevented_match_tells_what_it_cost(rest: Rest, stream: Stream) -> None:
    await rest.limit("SELL", "1", "25000")
    await stream.reports()
    await rest.limit("BUY", "1", "25000", selfTradePreventionMode="EXPIRE_MAKER")
    _, expired = await stream.reports()
    assert (expired["i"], expired["x"], expired["X"]) == (
        1,
        "TRADE_PREVENTION",
        "EXPIRED_IN_MATCH",
    )
    assert (expired["v"], expired["B"], expired["U"], expired["eR"]) == (
        1,
        "1.00000000",
        2,
        "SELF_TRADE_PREVENTION",
    )
