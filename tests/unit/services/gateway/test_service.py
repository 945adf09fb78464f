"""The gateway as a whole: what clients are told of rate limits and time at every door."""

from collections.abc import AsyncIterator

import httpx
import pytest
from gateway_clients import TIMESTAMP, Api, Rest, hmac_hex, sockets
from gateway_exchange import KEYS, NOW, Stand, serving

from flowex.services.gateway.limits import TOLERATED, Pools
from flowex.services.gateway.service import GatewayOptions
from flowex.units.instants import MINUTE, SECOND

POOLS = Pools(weight_per_minute=200, raw_per_five_minutes=61_000, orders_per_ten_seconds=3)
ORDER = "/api/v3/order"
TOO_MUCH = "Too much request weight used; current limit is 200 request weight per 1 MINUTE."
WINDOW = NOW // MINUTE * MINUTE


@pytest.fixture
async def port(stand: Stand) -> AsyncIterator[int]:
    async with serving(stand, GatewayOptions(pools=POOLS)) as (_, port):
        yield port


def counts(response: httpx.Response) -> tuple[str, str]:
    return (
        response.headers.get("x-mbx-order-count-10s", ""),
        response.headers.get("x-mbx-order-count-1d", ""),
    )


async def used_orders(rest: Rest, person: str = "alice") -> list[int]:
    rows = await rest.ok("GET", "/api/v3/rateLimit/order", person)
    assert [(row["interval"], row["intervalNum"], row["limit"]) for row in rows] == [
        ("SECOND", 10, 3),
        ("DAY", 1, 200_000),
    ]
    return [row["count"] for row in rows]


def limit_order(side: str = "BUY", price: str = "25000") -> dict[str, object]:
    order = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC"}
    return order | {"quantity": "1", "price": price}


async def test_every_answer_tells_the_weight_used(rest: Rest) -> None:
    used = 0
    for target, weight, status in (
        ("/api/v3/ping", 1, 200),
        ("/api/v3/depth?symbol=BTCUSDT", 5, 200),
        ("/api/v3/depth?symbol=BTCUSDT&limit=101", 25, 200),
        ("/api/v3/depth?symbol=NOSUCH", 5, 400),
        ("/api/v3/nothing", 1, 404),
        ("/api/v3/account", 20, 401),
    ):
        response = await rest.raw("GET", target)
        used += weight
        assert response.status_code == status, target
        assert response.headers["x-mbx-used-weight"] == str(used), target
        assert response.headers["x-mbx-used-weight-1m"] == str(used), target


async def test_over_the_weight_a_client_waits_and_whoever_does_not_is_banned(
    stand: Stand, rest: Rest
) -> None:
    path = "/api/v3/trades?symbol=BTCUSDT"
    for ban_seconds in (120, 240):
        stand.clock.advance(MINUTE - (stand.clock.now() - WINDOW) % MINUTE)
        statuses = [(await rest.raw("GET", path)).status_code for _ in range(8)]
        assert statuses == [200] * 8
        stand.clock.advance(20 * SECOND)
        over = await rest.raw("GET", path)
        assert (over.status_code, over.headers["retry-after"]) == (429, "40")
        assert over.json() == {"code": -1003, "msg": TOO_MUCH}
        for _ in range(TOLERATED - 1):
            assert (await rest.raw("GET", "/api/v3/ping")).status_code == 429
        banned = await rest.raw("GET", "/api/v3/ping")
        assert (banned.status_code, banned.headers["retry-after"]) == (418, str(ban_seconds))
        assert banned.json()["code"] == -1003
        stand.clock.advance(ban_seconds * SECOND - SECOND)
        assert (await rest.raw("GET", "/api/v3/ping")).headers["retry-after"] == "1"
        stand.clock.advance(SECOND)
        assert (await rest.raw("GET", "/api/v3/ping")).status_code == 200


async def test_plain_requests_have_a_pool_of_their_own(stand: Stand) -> None:
    options = GatewayOptions(pools=Pools(raw_per_five_minutes=2))
    async with serving(stand, options) as (_, port), httpx.AsyncClient() as client:
        rest = Rest(port, client)
        for _ in range(2):
            await rest.public("/api/v3/ping")
        over = await rest.raw("GET", "/api/v3/ping")
        assert (over.status_code, over.json()["code"]) == (429, -1003)
        assert over.json()["msg"] == "Too much requests; current limit is 2 requests per 5 MINUTE."
        assert 0 < int(over.headers["retry-after"]) <= 300


async def test_both_doors_draw_from_one_pool(rest: Rest, api: Api) -> None:
    await rest.public("/api/v3/depth", symbol="BTCUSDT", limit=500)
    answer = await api.call("depth", symbol="BTCUSDT")
    assert answer["rateLimits"] == [
        {
            "rateLimitType": "REQUEST_WEIGHT",
            "interval": "MINUTE",
            "intervalNum": 1,
            "limit": 200,
            "count": 30,
        }
    ]
    for _ in range(34):
        assert (await api.call("depth", symbol="BTCUSDT"))["status"] == 200
    over = await api.call("ping")
    assert (over["status"], over["error"]["code"]) == (429, -1003)
    assert (await rest.raw("GET", "/api/v3/ping")).status_code == 429


async def test_an_order_counts_until_it_trades(rest: Rest, stand: Stand) -> None:
    first = await rest.send("POST", ORDER, **limit_order())
    assert counts(first) == ("1", "1")
    second = await rest.send("POST", ORDER, **limit_order(price="24000"))
    assert counts(second) == ("2", "2")
    assert await used_orders(rest) == [2, 2]

    taker = await rest.send("POST", ORDER, "bob", **limit_order("SELL"))
    assert taker.json()["status"] == "FILLED"
    assert counts(taker) == ("0", "0")
    assert await used_orders(rest) == [1, 1]
    assert await used_orders(rest, "bob") == [0, 0]


async def test_what_is_refused_or_cancelled_does_not_change_the_count(rest: Rest) -> None:
    refused = await rest.send("POST", ORDER, **(limit_order() | {"quantity": "0.000001"}))
    assert refused.json()["code"] == -1013
    assert counts(refused) == ("", "")
    placed = await rest.ok("POST", ORDER, **limit_order())
    cancel = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    assert counts(await rest.send("DELETE", ORDER, **cancel)) == ("", "")
    assert await used_orders(rest) == [1, 1]


async def test_a_fill_in_parts_gives_one_place_back(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **limit_order())
    await rest.ok("POST", ORDER, **limit_order(price="24000"))
    for _ in range(2):
        await rest.ok("POST", ORDER, "bob", **(limit_order("SELL") | {"quantity": "0.1"}))
    assert await used_orders(rest) == [1, 1]


async def test_over_the_orders_a_client_waits_for_the_window(rest: Rest, stand: Stand) -> None:
    for price in (1_000, 1_001, 1_002):
        await rest.ok("POST", ORDER, **limit_order(price=str(price)))
    over = await rest.send("POST", ORDER, **limit_order())
    assert (over.status_code, over.json()["code"]) == (429, -1015)
    assert over.json()["msg"] == "Too many new orders; current limit is 3 orders per 10 SECOND."
    wait = int(over.headers["retry-after"])
    assert 0 < wait <= 10
    stand.clock.advance(wait * SECOND)
    later = TIMESTAMP + wait * 1_000
    placed = await rest.send("POST", ORDER, **limit_order(), timestamp=later)
    assert counts(placed) == ("1", "4")


async def test_sockets_are_told_the_counts_of_orders(api: Api) -> None:
    answer = await api.signed("order.place", **limit_order())
    pools = [(row["rateLimitType"], row["count"]) for row in answer["rateLimits"]]
    assert pools == [("ORDERS", 1), ("ORDERS", 1), ("REQUEST_WEIGHT", 1)]


@pytest.mark.parametrize(
    ("unit", "time"),
    [
        ("MICROSECOND", NOW),
        ("microsecond", NOW),
        ("MILLISECOND", NOW // 1_000),
        ("x", NOW // 1_000),
    ],
)
async def test_a_client_chooses_the_unit_of_time(rest: Rest, unit: str, time: int) -> None:
    response = await rest.raw("GET", "/api/v3/time", headers={"X-MBX-TIME-UNIT": unit})
    assert response.json() == {"serverTime": time}
    query = str(httpx.QueryParams(limit_order() | {"timestamp": NOW, "recvWindow": "0.001"}))
    headers = {"X-MBX-TIME-UNIT": unit, "X-MBX-APIKEY": KEYS["alice"]}
    target = f"{ORDER}?{query}&signature={hmac_hex(query)}"
    placed = (await rest.raw("POST", target, headers=headers)).json()
    assert (placed["transactTime"], placed["workingTime"]) == (time, time)


async def test_bounds_may_be_in_either_unit(rest: Rest, stand: Stand) -> None:
    await rest.limit("BUY", "1", "25000")
    await rest.limit("SELL", "1", "25000", "bob")
    for bound in (NOW, NOW // 1_000):
        trades = await rest.ok("GET", "/api/v3/myTrades", symbol="BTCUSDT", startTime=bound)
        assert len(trades) == 1, bound
        assert trades[0]["time"] == NOW // 1_000


async def test_a_socket_is_closed_to_who_is_banned(rest: Rest, port: int) -> None:
    for _ in range(8):
        await rest.raw("GET", "/api/v3/trades?symbol=BTCUSDT")
    for _ in range(TOLERATED + 1):
        await rest.raw("GET", "/api/v3/ping")
    async with sockets(port, "/ws-api/v3") as connection:
        await connection.wait_closed()
        assert connection.close_code == 1008
