"""The WebSocket API: the same orders and refusals, sessions, and user streams."""

import json

import pytest
from gateway_clients import TIMESTAMP, Api, Rest, sockets
from gateway_exchange import KEYS, Stand

ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "25000.00",
}


async def test_public_methods_need_nothing(api: Api) -> None:
    answer = await api.call("ping")
    assert (answer["status"], answer["result"]) == (200, {})
    (weight,) = answer["rateLimits"]
    assert (weight["rateLimitType"], weight["count"]) == ("REQUEST_WEIGHT", 1)
    assert (await api.call("v3/time"))["result"] == {"serverTime": TIMESTAMP}


async def test_rate_limits_are_left_out_for_a_request_or_a_connection(api: Api, port: int) -> None:
    quiet = await api.signed("order.test", **ORDER, returnRateLimits="false")
    assert quiet["status"] == 200
    assert "rateLimits" not in quiet
    assert "rateLimits" in await api.call("ping")
    assert (await api.call("ping", returnRateLimits="x"))["error"]["code"] == -1100
    async with sockets(port, "/ws-api/v3?returnRateLimits=false") as connection:
        silent = Api(connection)
        assert "rateLimits" not in await silent.call("ping")
        assert (await silent.call("session.status"))["result"]["returnRateLimits"] is False
        assert "rateLimits" in await silent.call("ping", returnRateLimits=True)


@pytest.mark.parametrize("number", ["null", "1.50", '"x"', '{"a":[1]}', "[2]", "1" * 30])
async def test_an_id_may_be_anything_and_comes_back_as_it_was(port: int, number: str) -> None:
    async with sockets(port, "/ws-api/v3") as connection:
        for rest, status in (('"method":"ping"', 200), ('"method":5', 400), ('"params":[]', 400)):
            await connection.send(f'{{"id":{number},{rest}}}')
            answer = await connection.recv()
            assert str(answer).startswith(f'{{"id":{number},"status":{status}')


async def test_signed_orders(api: Api) -> None:
    placed = await api.signed("order.place", **ORDER)
    assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
    orders = [row for row in placed["rateLimits"] if row["rateLimitType"] == "ORDERS"]
    assert [row["count"] for row in orders] == [1, 1]
    status = await api.signed("order.status", symbol="BTCUSDT", orderId=1)
    assert status["result"]["origQty"] == "1.00000000"
    opened = await api.signed("openOrders.status")
    assert len(opened["result"]) == 1
    canceled = await api.signed("order.cancel", symbol="BTCUSDT", orderId=1)
    assert canceled["result"]["status"] == "CANCELED"
    nothing = await api.signed("openOrders.cancelAll", symbol="BTCUSDT")
    assert (nothing["status"], nothing["error"]["code"]) == (400, -2011)
    assert (await api.signed("order.test", **ORDER))["result"] == {}
    assert (await api.signed("account.status"))["result"]["uid"] == 2


async def test_numbers_never_pass_through_a_float(api: Api) -> None:
    text = (
        '{"id":"x","method":"order.test","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT",'
        '"timeInForce":"GTC","price":25000.00,"quantity":0.10000000000000001}}'
    )
    await api.signed("session.logon")
    answer = await api.raw(text)
    assert (answer["id"], answer["error"]["code"]) == ("x", -1111)


async def test_a_session_signs_once(api: Api) -> None:
    off = (await api.call("session.status"))["result"]
    assert (off["apiKey"], off["authorizedSince"], off["userDataStream"]) == (None, None, False)
    on = (await api.signed("session.logon"))["result"]
    assert (on["apiKey"], on["connectedSince"]) == (KEYS["alice"], TIMESTAMP)
    placed = await api.call("order.place", **ORDER, timestamp=TIMESTAMP)
    assert placed["status"] == 200
    stale = await api.call("order.place", **ORDER, timestamp=TIMESTAMP - 5_001)
    assert stale["error"]["code"] == -1021
    assert (await api.call("session.logout"))["result"]["apiKey"] is None
    assert (await api.call("order.place", **ORDER))["error"]["code"] == -2014


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 401, -2014),
        ({"apiKey": "x" * 64}, 401, -2015),
        ({"apiKey": KEYS["alice"]}, 400, -1102),
        ({"apiKey": KEYS["alice"], "timestamp": 1}, 400, -1021),
        ({"apiKey": KEYS["alice"], "timestamp": TIMESTAMP}, 400, -1102),
        ({"apiKey": KEYS["alice"], "timestamp": TIMESTAMP, "signature": "00"}, 400, -1022),
        ({"apiKey": KEYS["reader"], "timestamp": TIMESTAMP, "signature": "00"}, 401, -2015),
    ],
)
async def test_strangers_are_turned_away(
    api: Api, params: dict[str, object], status: int, code: int
) -> None:
    answer = await api.call("order.place", **ORDER, **params)
    assert (answer["status"], answer["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 60_000,
        '{"id":1,"method":5}',
        '{"id":1,"method":"ping","params":[]}',
        b"\xff\xfe\x00",
    ],
)
async def test_bad_json_is_an_error_and_the_connection_lives(
    api: Api, message: str | bytes
) -> None:
    answer = await api.raw(message)
    assert (answer["status"], answer["error"]["code"]) == (400, -1135)
    assert answer["rateLimits"][0]["count"] == 1
    assert (await api.call("ping"))["status"] == 200


async def test_unknown_methods_and_too_many_parameters(api: Api) -> None:
    assert (await api.call("order.magic"))["error"]["code"] == -1020
    many = {f"p{number}": 1 for number in range(65)}
    assert (await api.call("ping", **many))["error"]["code"] == -1101
    assert (await api.call("depth", symbol=None))["error"]["code"] == -1102
    assert (await api.call("depth", symbol={"a": []}))["error"]["code"] == -1100


async def test_the_user_stream_tells_orders_then_balances(api: Api, rest: Rest) -> None:
    subscribed = await api.signed("userDataStream.subscribe.signature")
    assert subscribed["result"] == {"subscriptionId": 0}
    again = await api.signed("userDataStream.subscribe.signature")
    assert again["error"]["code"] == -2035
    await rest.limit("BUY", "1", "25000", newClientOrderId="mine")
    await rest.limit("SELL", "0.4", "25000", "bob")
    await rest.ok("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=1, newClientOrderId="bye")
    seen = [await api.next_event() for _ in range(6)]
    assert {event["subscriptionId"] for event in seen} == {0}
    new, locked, trade, moved, canceled, freed = (event["event"] for event in seen)
    assert (new["e"], new["x"], new["X"], new["c"], new["C"]) == (
        "executionReport", "NEW", "NEW", "mine", "",
    )  # fmt: skip
    assert (new["n"], new["N"], new["t"], new["w"]) == ("0", None, -1, True)
    assert locked["e"] == "outboundAccountPosition"
    assert locked["B"] == [{"a": "USDT", "f": "4975000.00000000", "l": "25000.00000000"}]
    assert (trade["x"], trade["X"], trade["l"], trade["z"]) == (
        "TRADE", "PARTIALLY_FILLED", "0.40000000", "0.40000000",
    )  # fmt: skip
    assert (trade["m"], trade["n"], trade["N"], trade["t"]) == (True, "0.00040000", "BTC", 1)
    assert trade["Z"] == "10000.00000000"
    assert {row["a"] for row in moved["B"]} == {"BTC", "USDT"}
    assert (canceled["x"], canceled["c"], canceled["C"]) == ("CANCELED", "bye", "mine")
    assert freed["B"][0]["l"] == "0.00000000"


@pytest.mark.parametrize(
    ("mode", "steps", "prevented"),
    [
        ("EXPIRE_MAKER", [(1, "1.00000000", 2)], None),
        ("EXPIRE_TAKER", [(2, "0.40000000", 1)], "0.40000000"),
        ("EXPIRE_BOTH", [(1, "1.00000000", 2), (2, "0.40000000", 1)], "0.40000000"),
    ],
)
async def test_a_prevented_self_trade_tells_match_and_loss(
    api: Api,
    rest: Rest,
    mode: str,
    steps: list[tuple[int, str, int]],
    prevented: str | None,
) -> None:
    await api.signed("userDataStream.subscribe.signature")
    await rest.limit("BUY", "1", "25000")
    answer = await rest.limit("SELL", "0.4", "25000", selfTradePreventionMode=mode)
    assert answer.get("preventedQuantity") == prevented
    assert answer.get("preventedMatchId") == (1 if prevented else None)
    await rest.limit("BUY", "1", "20000", newClientOrderId="last")
    seen = []
    while not seen or seen[-1]["c"] != "last":
        event = (await api.next_event())["event"]
        if event["e"] == "executionReport":
            seen.append(event)
    told = [event for event in seen if event["x"] == "TRADE_PREVENTION"]
    assert [(event["i"], event["B"], event["U"]) for event in told] == steps
    assert all((event["v"], event["A"]) == (1, event["B"]) for event in told)
    assert all("v" not in event for event in seen if event not in told)


async def test_subscriptions_end(api: Api, stand: Stand, rest: Rest) -> None:
    assert (await api.call("userDataStream.subscribe"))["error"]["code"] == -1002
    assert (await api.call("userDataStream.unsubscribe"))["error"]["code"] == -2036
    await api.signed("session.logon")
    assert (await api.call("userDataStream.subscribe"))["result"] == {"subscriptionId": 0}
    assert (await api.call("session.subscriptions"))["result"] == [{"subscriptionId": 0}]
    assert (await api.call("userDataStream.unsubscribe", subscriptionId=7))["status"] == 400
    assert (await api.call("userDataStream.unsubscribe"))["result"] == {}
    await rest.limit("BUY", "1", "25000")
    assert (await api.call("ping"))["status"] == 200
    assert api.events == []


async def test_a_listen_key_opens_the_bare_stream(port: int, rest: Rest) -> None:
    key = (await rest.ok("POST", "/api/v3/userDataStream"))["listenKey"]
    async with sockets(port, f"/ws/{key}") as connection:
        await rest.limit("BUY", "1", "25000")
        first = json.loads(await connection.recv())
        second = json.loads(await connection.recv())
    assert (first["e"], second["e"]) == ("executionReport", "outboundAccountPosition")


async def test_messages_may_come_in_pieces_but_not_too_large(port: int) -> None:
    async with sockets(port, "/ws-api/v3") as connection:
        await connection.send(['{"id":1,', '"method":', '"ping"}'])
        assert json.loads(await connection.recv())["id"] == 1
        await connection.send(["x" * 40_000, "x" * 40_000])
        await connection.wait_closed()
        assert connection.close_code == 1009
    async with sockets(port, "/ws-api/v3") as connection:
        await connection.send("x" * 70_000)
        await connection.wait_closed()
        assert connection.close_code == 1009
