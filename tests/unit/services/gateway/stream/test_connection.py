"""Streams over real connections: what they say, in which order, and who hears it."""

import json
from typing import Any

import pytest
from gateway_clients import TIMESTAMP, Rest, sockets
from gateway_exchange import Stand
from waiting import eventually
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from flowex.units.instants import HOUR, MINUTE, SECOND


async def read(connection: ClientConnection) -> Any:
    return json.loads(await connection.recv())


async def control(connection: ClientConnection, method: str, params: Any, number: Any = 1) -> Any:
    await connection.send(json.dumps({"method": method, "params": params, "id": number}))
    return await read(connection)


async def cross(rest: Rest) -> None:
    await rest.limit("SELL", "1", "25000", "bob")
    await rest.limit("BUY", "0.4", "25000")


async def test_trades_and_aggregates(port: int, rest: Rest) -> None:
    async with sockets(port, "/stream?streams=btcusdt@trade/btcusdt@aggTrade") as connection:
        await cross(rest)
        trade, joined = await read(connection), await read(connection)
    assert trade["stream"] == "btcusdt@trade"
    assert trade["data"] == {
        "e": "trade",
        "E": TIMESTAMP,
        "s": "BTCUSDT",
        "t": 1,
        "p": "25000.00000000",
        "q": "0.40000000",
        "T": TIMESTAMP,
        "m": False,
        "M": True,
    }
    assert list(joined["data"]) == ["e", "E", "s", "a", "p", "q", "f", "l", "T", "m", "M"]


async def test_depth_changes_have_no_gap_and_meet_the_snapshot(port: int, rest: Rest) -> None:
    async with sockets(port, "/ws/btcusdt@depth@100ms") as connection:
        last = 0
        for price in range(25_000, 25_004):
            await rest.limit("BUY", "1", str(price))
            message = await read(connection)
            assert message["e"] == "depthUpdate"
            assert (message["U"], message["u"]) == (last + 1, last + 1)
            last = message["u"]
        book = await rest.public("/api/v3/depth", symbol="BTCUSDT")
        assert book["lastUpdateId"] == last
        await rest.ok("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
        gone = await read(connection)
    assert (gone["U"], gone["u"]) == (last + 1, last + 4)
    assert [quantity for _, quantity in gone["b"]] == ["0.00000000"] * 4


async def test_best_quotes_and_best_levels(port: int, rest: Rest) -> None:
    async with sockets(port, "/ws/btcusdt@bookTicker") as quotes:
        await rest.limit("BUY", "1", "25000")
        first = await read(quotes)
        await rest.limit("BUY", "1", "24999")
        await rest.limit("BUY", "1", "25001")
        second = await read(quotes)
    assert first == {
        "u": 1,
        "s": "BTCUSDT",
        "b": "25000.00000000",
        "B": "1.00000000",
        "a": "0.00000000",
        "A": "0.00000000",
    }
    assert (second["u"], second["b"]) == (3, "25001.00000000")
    async with sockets(port, "/ws/btcusdt@depth5@100ms") as levels:
        book = await read(levels)
    assert book["lastUpdateId"] == 3
    assert [price for price, _ in book["bids"]] == [
        "25001.00000000", "25000.00000000", "24999.00000000",
    ]  # fmt: skip


async def test_a_candle_is_closed_exactly_once(port: int, rest: Rest, stand: Stand) -> None:
    async with sockets(port, "/ws/btcusdt@kline_1m") as connection:
        await cross(rest)
        running = await read(connection)
        stand.clock.advance(MINUTE)
        closed = await read(connection)
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1"}
        await rest.ok("POST", "/api/v3/order", **order, timestamp=stand.clock.now() // 1_000)
        following = await read(connection)
    assert (running["k"]["x"], running["k"]["n"], running["k"]["v"]) == (False, 1, "0.40000000")
    assert closed["k"]["x"] is True
    assert closed["k"]["t"] == running["k"]["t"]
    assert closed["k"]["T"] == closed["k"]["t"] + 59_999
    assert following["k"]["x"] is False
    assert following["k"]["t"] == closed["k"]["t"] + 60_000


async def test_no_second_is_left_out_when_a_tick_comes_late(
    port: int, rest: Rest, stand: Stand
) -> None:
    async with sockets(port, "/ws/btcusdt@kline_1s") as connection:
        await cross(rest)
        running = await read(connection)
        stand.clock.advance(3 * SECOND + SECOND // 2)
        closed = [await read(connection) for _ in range(3)]
        following = await read(connection)
    assert [message["k"]["x"] for message in closed] == [True, True, True]
    opened = running["k"]["t"]
    assert [message["k"]["t"] for message in closed] == [opened, opened + 1_000, opened + 2_000]
    assert [message["k"]["n"] for message in closed] == [1, 0, 0]
    assert closed[-1]["k"]["o"] == running["k"]["c"]
    assert (following["k"]["t"], following["k"]["x"]) == (opened + 3_000, False)


async def test_tickers(port: int, rest: Rest) -> None:
    streams = "btcusdt@ticker/btcusdt@miniTicker/!miniTicker@arr/!ticker@arr"
    async with sockets(port, f"/stream?streams={streams}") as connection:
        await cross(rest)
        seen: dict[str, Any] = {}
        while len(seen) < 4:
            message = await read(connection)
            seen[message["stream"]] = message["data"]
    assert seen["btcusdt@ticker"]["e"] == "24hrTicker"
    assert len(seen["btcusdt@ticker"]) == 23
    assert seen["btcusdt@miniTicker"]["e"] == "24hrMiniTicker"
    assert seen["!miniTicker@arr"][0]["s"] == "BTCUSDT"
    assert seen["!ticker@arr"][0]["a"] == "25000.00000000"


async def test_subscriptions_come_and_go(port: int, rest: Rest) -> None:
    async with sockets(port, "/ws/0") as connection:
        names = ["btcusdt@trade", "nobody@trade"]
        assert await control(connection, "SUBSCRIBE", names, "abc") == {"result": None, "id": "abc"}
        listed = await control(connection, "LIST_SUBSCRIPTIONS", [])
        assert set(names) <= set(listed["result"])
        assert (await control(connection, "UNSUBSCRIBE", ["btcusdt@trade"]))["result"] is None
        await cross(rest)
        assert await control(connection, "GET_PROPERTY", ["combined"]) == {"result": False, "id": 1}


async def test_a_connection_can_become_combined(port: int, rest: Rest) -> None:
    async with sockets(port, "/stream/ws") as connection:
        await control(connection, "SET_PROPERTY", ["combined", True])
        assert (await control(connection, "GET_PROPERTY", ["combined"]))["result"] is True
        await control(connection, "SUBSCRIBE", ["btcusdt@trade"], None)
        await cross(rest)
        assert (await read(connection))["stream"] == "btcusdt@trade"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("SET_PROPERTY", ["color", True], 0),
        ("GET_PROPERTY", ["color"], 0),
        ("SET_PROPERTY", ["combined", "yes"], 1),
        ("SET_PROPERTY", ["combined"], 2),
        ("SUBSCRIBE", ["with space"], 2),
        ("SUBSCRIBE", [1], 2),
        ("DANCE", [], 2),
    ],
)
async def test_bad_control_is_answered(
    port: int, method: str, params: list[Any], code: int
) -> None:
    async with sockets(port, "/ws") as connection:
        answer = await control(connection, method, params, 7)
        assert (answer["code"], answer["id"]) == (code, 7)


@pytest.mark.parametrize("path", ["/wsx", "/nope", "/api/v3/time"])
async def test_no_websocket_elsewhere(port: int, path: str) -> None:
    with pytest.raises(Exception, match="HTTP 404"):
        async with sockets(port, path):
            pass


async def test_too_many_messages_end_the_connection(port: int) -> None:
    async with sockets(port, "/ws") as connection:
        for _ in range(20):
            await connection.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
        await connection.wait_closed()
    assert connection.close_code == 1008


async def test_too_many_streams_end_the_connection(port: int) -> None:
    async with sockets(port, "/ws") as connection:
        for start in (0, 600):
            names = [f"s{number}@trade" for number in range(start, start + 600)]
            await connection.send(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}))
        await connection.wait_closed()
    assert connection.close_code == 1008


async def test_a_listen_key_that_runs_out_says_so(port: int, rest: Rest, stand: Stand) -> None:
    key = (await rest.ok("POST", "/api/v3/userDataStream"))["listenKey"]
    async with sockets(port, f"/ws/{key}") as connection:
        stand.clock.advance(HOUR)
        expired = await read(connection)
        assert (expired["e"], expired["listenKey"]) == ("listenKeyExpired", key)
        with pytest.raises(ConnectionClosed):
            await read(connection)


async def test_a_topic_ends_with_its_last_listener(port: int, stand: Stand) -> None:
    listeners = stand.trading._model._listeners
    async with sockets(port, "/ws/btcusdt@trade") as connection:
        await control(connection, "LIST_SUBSCRIPTIONS", [])
    await eventually(lambda: not listeners, "the account is no longer followed")


async def test_thousands_of_messages_arrive_whole_and_in_order(port: int, rest: Rest) -> None:
    async with sockets(port, "/ws/btcusdt@trade") as one, sockets(port, "/ws/btcusdt@trade") as two:
        await rest.limit("SELL", "5", "25000", "bob")
        for _ in range(60):
            await rest.limit("BUY", "0.01", "25000")
        for connection in (one, two):
            numbers = [(await read(connection))["t"] for _ in range(60)]
            assert numbers == list(range(1, 61))
