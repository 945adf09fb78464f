"""One port, bounded in every direction, and its pages."""

import asyncio
import json
import re
import time

import httpx
import pytest
from gateway_clients import Api, Rest, sockets
from gateway_exchange import Stand, serving
from waiting import eventually

from flowex.ports.sequencer import ProcessState
from flowex.services.gateway.http import HttpLimits
from flowex.services.gateway.server import NoFreePortError, bind
from flowex.services.gateway.service import Gateway, GatewayOptions

TARGETS = [
    b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
]


async def exchange(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await reader.read()
    finally:
        writer.close()


def options(**limits: float) -> GatewayOptions:
    return GatewayOptions(http=HttpLimits(**limits))  # type: ignore[arg-type] # ints and floats


async def test_a_busy_port_moves_to_the_next(stand: Stand) -> None:
    async with serving(stand) as (_, port):
        second = Gateway(Stand().exchange)
        assert await second.start(port=port) > port
        await second.stop()


def test_a_range_without_a_free_port_is_an_outage() -> None:
    taken = bind("127.0.0.1", 65_535)
    with pytest.raises(NoFreePortError, match="65535"):
        bind("127.0.0.1", 65_535)
    taken.close()


async def test_headers_are_bounded(port: int) -> None:
    answer = await exchange(port, b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == -1100


async def test_an_endless_header_is_bounded(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET / HTTP/1.1\r\nx: " + b"y" * 8_000)
        await writer.drain()
    assert (await reader.read()).startswith(b"HTTP/1.1 4")
    writer.close()


@pytest.mark.parametrize(
    "rubbish", [b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", *TARGETS]
)
async def test_what_is_no_http_is_answered_in_json(port: int, rubbish: bytes) -> None:
    answer = await exchange(port, rubbish)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert set(json.loads(answer.partition(b"\r\n\r\n")[2])) == {"code", "msg"}


@pytest.mark.parametrize(
    "begun",
    [b"GET / HTTP/1.1\r\nHost", b"POST /api/v3/order HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"],
)
async def test_a_request_that_never_ends_is_ended(begun: bytes) -> None:
    async with serving(Stand(), options(request_seconds_max=0.1)) as (_, port):
        answer = await exchange(port, begun)
    assert answer.startswith(b"HTTP/1.1 4")


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with serving(Stand(), options(request_seconds_max=0.1)) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()


async def test_connections_are_bounded() -> None:
    async with serving(Stand(), options(connections_max=2)) as (_, port):
        async with sockets(port, "/ws"), sockets(port, "/ws-api/v3"):
            answer = await exchange(port, b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503 ")
        closing = b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

        async def is_served() -> bool:
            return (await exchange(port, closing)).startswith(b"HTTP/1.1 200 ")

        served = asyncio.ensure_future(is_served())
        assert await served or await is_served()


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    request = b"GET /api/v3/%s HTTP/1.1\r\nHost: x\r\n%s\r\n"
    last = b"Connection: close\r\n"
    answer = await exchange(port, request % (b"ping", b"") * 2 + request % (b"nothing", last))
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"404"]


async def test_stopping_finishes_what_is_under_way(stand: Stand) -> None:
    gateway = Gateway(stand.exchange)
    port = await gateway.start(port=0)
    stand.sequencer.waits = asyncio.Event()
    async with httpx.AsyncClient() as client, sockets(port, "/ws") as idle:
        order = asyncio.ensure_future(Rest(port, client).limit("BUY", "1", "25000"))
        await eventually(lambda: stand.sequencer.submitted, "the order is under way")
        begun = time.monotonic()
        stopping = asyncio.ensure_future(gateway.stop())
        await asyncio.sleep(0)
        stand.sequencer.waits.set()
        assert (await order)["status"] == "NEW"
        await stopping
        assert time.monotonic() - begun < 5
        await idle.wait_closed()
        assert idle.close_code == 1001


async def test_stopping_answers_what_came_over_a_socket(stand: Stand) -> None:
    gateway = Gateway(stand.exchange)
    port = await gateway.start(port=0)
    stand.sequencer.waits = asyncio.Event()
    async with sockets(port, "/ws-api/v3") as connection:
        api = Api(connection)
        await api.signed("session.logon")
        await api.call("userDataStream.subscribe")
        cancel = {"id": 9, "method": "openOrders.cancelAll", "params": {"symbol": "BTCUSDT"}}
        await connection.send(json.dumps(cancel))
        await eventually(lambda: stand.sequencer.submitted, "the cancel is under way")
        stopping = asyncio.ensure_future(gateway.stop())
        await asyncio.sleep(0)
        stand.sequencer.waits.set()
        assert (await api.next_answer())["id"] == 9
        assert (await api.next_event())["event"]["e"] == "serverShutdown"
        await stopping
        await connection.wait_closed()


async def test_stopping_does_not_wait_for_ever(stand: Stand) -> None:
    gateway = Gateway(stand.exchange)
    port = await gateway.start(port=0)
    stand.sequencer.waits = asyncio.Event()
    async with httpx.AsyncClient() as client:
        order = asyncio.ensure_future(Rest(port, client).limit("BUY", "1", "25000"))
        await eventually(lambda: stand.sequencer.submitted, "the order is under way")
        await gateway.stop()
        with pytest.raises(httpx.HTTPError):
            await order


async def test_the_pages_tell_how_the_exchange_is(rest: Rest, stand: Stand) -> None:
    assert await rest.public("/healthz") == {"status": "ok"}
    assert await rest.public("/readyz") == {"status": "TRADING"}
    status = await rest.public("/status")
    assert (status["engine"], status["state"], status["lag"]) == (
        "reference",
        "TRADING",
        {"ledger": 0},
    )
    stand.state = ProcessState.READ_ONLY
    response = await rest.raw("GET", "/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "READ_ONLY"})


async def test_metrics_count_requests_refusals_and_connections(rest: Rest, port: int) -> None:
    await rest.public("/api/v3/ping")
    await rest.raw("GET", "/api/v3/depth?symbol=NOPE")
    async with sockets(port, "/ws"):
        text = (await rest.raw("GET", "/metrics")).text
    for line in (
        'flowex_gateway_requests_total{endpoint="GET /api/v3/ping"} 1.0',
        'flowex_gateway_refusals_total{code="-1121"} 1.0',
        "flowex_commands_total 16.0",
        'flowex_projection_lag{projection="ledger"} 0.0',
        'flowex_projection_failed{projection="ledger"} 0.0',
        'flowex_gateway_connections{kind="websocket"} 1.0',
        "flowex_queue 0.0",
    ):
        assert line in text


async def test_a_projection_that_failed_is_not_a_secret(rest: Rest, stand: Stand) -> None:
    assert (await rest.public("/status"))["failed"] == {}
    stand.failed = {"ledger": "DatabaseRefused"}
    assert (await rest.public("/status"))["failed"] == stand.failed
    text = (await rest.raw("GET", "/metrics")).text
    assert 'flowex_projection_failed{projection="ledger"} 1.0' in text


async def test_the_first_page_lets_nothing_foreign_in(rest: Rest) -> None:
    response = await rest.raw("GET", "/")
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "http://" not in response.text.replace("http://127.0.0.1", "")
    assert "https://" not in response.text
    for target in ("/status", "/metrics", "/api/v3/exchangeInfo", "/healthz"):
        assert f'href="{target}"' in response.text
    for target in ("/page.css", "/page.js"):
        assert (await rest.raw("GET", target)).status_code == 200
