"""The REST door: who may do what, in which order it is checked, and what does not harm it."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from gateway_clients import TIMESTAMP, Rest, hmac_hex
from gateway_exchange import HMAC_SECRET, KEYS, Keys, Stand, serving

from flowex.ports.keys import ApiKey, Permission
from flowex.ports.sequencer import SequencerStopped
from flowex.services.gateway.binance.table import ENDPOINTS
from flowex.services.gateway.limits import Pools
from flowex.services.gateway.service import GatewayOptions

ACCOUNT = "/api/v3/account"
ORDER = "/api/v3/order"


def headers(person: str) -> dict[str, str]:
    return {"X-MBX-APIKEY": KEYS[person]}


def signed(query: str) -> str:
    return f"{query}&signature={hmac_hex(query)}"


@pytest.mark.parametrize(
    ("query", "key", "status", "code"),
    [
        ("", "", 401, -2014),
        ("", "short", 401, -2014),
        ("", "x" * 64, 401, -2015),
        ("timestamp=1", KEYS["faraway"], 401, -2015),
        ("", KEYS["alice"], 400, -1102),
        ("timestamp=1&recvWindow=60001", KEYS["alice"], 400, -1131),
        ("timestamp=1", KEYS["alice"], 400, -1021),
        (f"timestamp={TIMESTAMP + 1_000}", KEYS["alice"], 400, -1021),
        (f"timestamp={TIMESTAMP}", KEYS["alice"], 400, -1102),
        (f"timestamp={TIMESTAMP}&signature=0", KEYS["alice"], 400, -1022),
        (signed(f"timestamp={TIMESTAMP}&omitZeroBalances=maybe"), KEYS["alice"], 400, -1100),
    ],
)
async def test_checks_come_in_the_contracts_order(
    rest: Rest, query: str, key: str, status: int, code: int
) -> None:
    response = await rest.raw("GET", f"{ACCOUNT}?{query}", headers={"X-MBX-APIKEY": key})
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_reader_may_not_trade(rest: Rest) -> None:
    assert (await rest.send("GET", ACCOUNT, "reader")).status_code == 200
    refused = await rest.refused("DELETE", "/api/v3/openOrders", "reader", symbol="BTCUSDT")
    assert refused == (401, -2015, "Invalid API-key, IP, or permissions for action.")


async def test_ed25519_signs_too(rest: Rest) -> None:
    query = f"timestamp={TIMESTAMP}"
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    signature = base64.b64encode(private.sign(query.encode())).decode()
    encoded = str(httpx.QueryParams({"signature": signature}))
    response = await rest.raw("GET", f"{ACCOUNT}?{query}&{encoded}", headers=headers("edward"))
    assert response.json()["uid"] == 3


@pytest.mark.parametrize("bits", [2_048, 4_096])
async def test_rsa_signs_too(rest: Rest, stand: Stand, bits: int) -> None:
    private = rsa.generate_private_key(65_537, bits)
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    rosa = ApiKey("rosa".ljust(64, "0"), 3, Permission.READ, rsa_public=der)
    assert isinstance(stand.exchange.keys, Keys)
    stand.exchange.keys.add(rosa)
    query = f"timestamp={TIMESTAMP}"
    signature = private.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    encoded = str(httpx.QueryParams({"signature": base64.b64encode(signature).decode()}))
    key = {"X-MBX-APIKEY": rosa.key}
    response = await rest.raw("GET", f"{ACCOUNT}?{query}&{encoded}", headers=key)
    assert response.json()["uid"] == 3
    altered = await rest.raw("GET", f"{ACCOUNT}?{query}0&{encoded}", headers=key)
    assert altered.json()["code"] == -1021
    altered = await rest.raw(
        "GET", f"{ACCOUNT}?{query}&omitZeroBalances=true&{encoded}", headers=key
    )
    assert altered.json()["code"] == -1022


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", ""])
async def test_a_form_body_is_read_whatever_it_claims_to_be(rest: Rest, kind: str) -> None:
    query = f"symbol=BTCUSDT&side=BUY&type=LIMIT&timestamp={TIMESTAMP}"
    body = "timeInForce=GTC&quantity=1&price=25000"
    content = f"{body}&signature={hmac_hex(query + body)}"
    response = await rest.raw(
        "POST",
        f"{ORDER}?{query}",
        content=content,
        headers=headers("alice") | {"Content-Type": kind},
    )
    assert response.json()["orderId"] == 1


async def test_the_query_wins_over_the_body(rest: Rest) -> None:
    query = f"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&timestamp={TIMESTAMP}"
    body = "quantity=2&price=25000"
    content = f"{body}&signature={hmac_hex(query + body)}"
    response = await rest.raw("POST", f"{ORDER}?{query}", content=content, headers=headers("alice"))
    assert response.json()["origQty"] == "1.00000000"


@pytest.mark.parametrize("altered", ["quantity=2", "quantity=1&", "price=1"])
async def test_an_altered_body_is_not_signed(rest: Rest, altered: str) -> None:
    query = f"symbol=BTCUSDT&timestamp={TIMESTAMP}"
    signature = hmac_hex(query + "quantity=1")
    response = await rest.raw(
        "POST",
        f"{ORDER}?{query}",
        content=f"{altered}&signature={signature}",
        headers=headers("alice"),
    )
    assert response.json()["code"] == -1022


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v3/nothing"),
        ("POST", "/api/v3/time"),
        ("PATCH", "/api/v3/order"),
        ("GET", "/fapi/v1/premiumIndex"),
        ("POST", "/sapi/v1/capital/withdraw/apply"),
        ("GET", "/%ff%00"),
        ("GET", "/../../etc/passwd"),
        ("DELETE", "/status"),
    ],
)
async def test_what_is_not_served_says_so_in_json(rest: Rest, method: str, path: str) -> None:
    response = await rest.raw(method, path)
    assert response.status_code == 404
    assert set(response.json()) == {"code", "msg"}


BODIES = [
    b"{",
    b'{"symbol":"BTCUSDT","side":1}',
    b"[" * 100_000,
    b"\x00\xff\xfe" * 100,
    b"=" * 1_000,
    b"symbol=BTCUSDT&symbol=ETHBTC",
    b"&".join(b"p%d=1" % n for n in range(1_000)),
    b"symbol=%ff%fe",
    b"symbol=" + b"B" * 100_000,
    "symbol=\uff22\uff34\uff23&quantity=\uff11".encode(),
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
async def test_hostile_bodies_get_the_contracts_error(rest: Rest, method: str, body: bytes) -> None:
    for path in (ORDER, "/api/v3/userDataStream", "/api/v3/order/cancelReplace"):
        response = await rest.raw(method, path, content=body, headers=headers("alice"))
        if (method, path) != ("POST", "/api/v3/userDataStream"):  # It takes no parameters at all.
            assert response.status_code in (400, 401, 404)
            assert set(response.json()) == {"code", "msg"}


@pytest.mark.parametrize(
    "query",
    [
        "symbol=BTCUSDT&limit=NaN",
        "symbol=BTCUSDT&limit=1e30",
        "symbol=BTCUSDT&limit=-5",
        "symbol=BTCUSDT&limit=" + "9" * 400,
        "symbol=BTCUSDT&limit=\uff11",
        "symbol=%F0%9F%92%A9",
        "symbol=btcusdt",
        "symbol=BTCUSDT&symbol=BTCUSDT",
        "symbol=BTCUSDT&startTime=-1&interval=1m",
        "symbol=BTCUSDT&interval=1x",
        "symbols=[[[[",
        "symbols=" + "[" * 5_000,
        "symbol=BTCUSDT&symbols=[%22BTCUSDT%22]",
        "%00=%00",
        "symbol=BTCUSDT&fromId=99999999999999999999",
    ],
)
async def test_hostile_queries_get_the_contracts_error_or_an_answer(rest: Rest, query: str) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET":
            continue
        response = await rest.raw("GET", f"{endpoint.path}?{query}")
        assert response.status_code in (200, 400, 401), (endpoint.path, response.text)
        if response.status_code != 200:
            assert set(response.json()) == {"code", "msg"}
    assert (await rest.raw("GET", "/api/v3/ping")).status_code == 200


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"x" * 1_000_000


@pytest.mark.parametrize("content", [b"x" * 20_000_000, pieces()])
async def test_twenty_megabytes_are_turned_away_and_the_connection_lives(
    rest: Rest, content: bytes | AsyncIterator[bytes]
) -> None:
    response = await rest.raw("POST", ORDER, content=content, headers=headers("alice"))
    assert (response.status_code, response.json()["code"]) == (413, -1101)
    assert (await rest.raw("GET", "/api/v3/ping")).status_code == 200


async def test_what_nobody_foresaw_is_an_error_without_a_trace(rest: Rest, stand: Stand) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("secret detail")

    stand.trading.balances = stumble  # type: ignore[method-assign,assignment] # a planted bug
    response = await rest.send("GET", ACCOUNT)
    assert response.status_code == 500
    assert response.json() == {
        "code": -1000,
        "msg": "An unknown error occurred while processing the request.",
    }


async def test_a_stopped_exchange_says_that_the_outcome_is_unknown(
    rest: Rest, stand: Stand
) -> None:
    async def stopped(*_: object) -> None:
        raise SequencerStopped

    stand.trading.cancel_all = stopped  # type: ignore[method-assign,assignment] # an outage
    refused = await rest.refused("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert refused[:2] == (500, -1006)


async def test_weight_is_told_limited_and_banned() -> None:
    options = GatewayOptions(pools=Pools(weight_per_minute=30))
    async with serving(Stand(), options) as (_, port), httpx.AsyncClient() as client:
        rest = Rest(port, client)
        response = await rest.raw("GET", "/api/v3/depth?symbol=BTCUSDT&limit=500")
        assert response.headers["x-mbx-used-weight"] == "25"
        assert response.headers["x-mbx-used-weight-1m"] == "25"
        await rest.raw("GET", "/api/v3/depth?symbol=BTCUSDT")
        statuses = []
        for _ in range(22):
            response = await rest.raw("GET", "/api/v3/ping", headers={"X-Forwarded-For": "9.9.9.9"})
            statuses.append(response.status_code)
            assert response.json()["code"] == -1003
            assert int(response.headers["retry-after"]) >= 1
        assert statuses == [429] * 20 + [418] * 2


async def test_times_in_microseconds_where_asked_for(rest: Rest) -> None:
    response = await rest.raw("GET", "/api/v3/time", headers={"X-MBX-TIME-UNIT": "MICROSECOND"})
    assert response.json() == {"serverTime": TIMESTAMP * 1_000}


async def test_no_answer_shows_a_secret(rest: Rest) -> None:
    for path in (ACCOUNT, "/sapi/v1/capital/config/getall", "/sapi/v1/asset/tradeFee"):
        assert HMAC_SECRET.decode() not in (await rest.send("GET", path)).text


async def test_a_broken_form_costs_weight_and_waits_for_its_turn(rest: Rest) -> None:
    for number, (key, code) in enumerate((("", -2014), ("x" * 64, -2015), (KEYS["alice"], -1101))):
        headers = {"X-MBX-APIKEY": key}
        answer = await rest.raw("GET", "/api/v3/account?timestamp=1&timestamp=1", headers=headers)
        assert answer.json()["code"] == code
        assert answer.headers["x-mbx-used-weight-1m"] == str(20 * (number + 1))
