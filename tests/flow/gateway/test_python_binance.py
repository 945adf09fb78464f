"""python-binance, unchanged but for its addresses, trades on a running exchange and listens."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from flow.gateway.running_exchange import Running

with warnings.catch_warnings():
    # It imports what its own dependency has deprecated.
    warnings.simplefilter("ignore")
    from binance import AsyncClient, BinanceSocketManager, Client
    from binance.exceptions import BinanceAPIException
    from binance.ws.reconnecting_websocket import ReconnectingWebsocket

pytestmark = pytest.mark.filterwarnings("ignore")
"""What the client warns of is its own affair."""

BTC = "BTCUSDT"


@pytest.fixture(autouse=True)
def addresses(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Client, AsyncClient):
        monkeypatch.setattr(kind, "API_URL", f"{running.url}/api")
        monkeypatch.setattr(kind, "MARGIN_API_URL", f"{running.url}/sapi")
        monkeypatch.setattr(kind, "WS_API_URL", f"{running.sockets}/ws-api/v3")
    monkeypatch.setattr(BinanceSocketManager, "STREAM_URL", f"{running.sockets}/")
    # A socket of this client ends only when a read of it does: not after the usual 10 s.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)


@pytest.fixture
def loop() -> Iterator[None]:
    """Give the blocking client the loop it would otherwise make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def alice(running: Running, addresses: None, loop: None) -> Iterator[Any]:
    yield from blocking_client(running, "alice")


@pytest.fixture
def bob(running: Running, addresses: None, loop: None) -> Iterator[Any]:
    yield from blocking_client(running, "bob")


def blocking_client(running: Running, person: str) -> Iterator[Any]:
    key = running.people[person]
    client = Client(key.api_key, key.api_secret)
    yield client
    client.close_connection()


@asynccontextmanager
async def client_of(running: Running, person: str) -> AsyncIterator[Any]:
    key = running.people[person]
    client = await AsyncClient.create(key.api_key, key.api_secret)
    try:
        yield client
    finally:
        await client.close_connection()


def test_orders_are_placed_filled_and_cancelled(alice: Any, bob: Any) -> None:
    order = alice.order_limit_buy(symbol=BTC, quantity="0.5", price="25000.00")
    assert order["status"] == "NEW"
    (fill,) = bob.order_market_sell(symbol=BTC, quantity="0.1")["fills"]
    assert (fill["price"], fill["commissionAsset"]) == ("25000.00000000", "USDT")
    assert alice.get_order(symbol=BTC, orderId=order["orderId"])["status"] == "PARTIALLY_FILLED"
    assert len(alice.get_open_orders()) == 1
    assert alice.get_my_trades(symbol=BTC)[-1]["isMaker"] is True
    assert float(alice.get_asset_balance("BTC")["free"]) > 100
    assert alice.cancel_order(symbol=BTC, orderId=order["orderId"])["status"] == "CANCELED"
    assert alice.get_all_orders(symbol=BTC)[-1]["status"] == "CANCELED"


def test_the_market_is_shown(alice: Any) -> None:
    assert alice.get_symbol_info(BTC)["filters"][0]["filterType"] == "PRICE_FILTER"
    assert alice.get_server_time()["serverTime"] > 0
    assert alice.get_system_status() == {"status": 0, "msg": "normal"}
    assert alice.get_order_book(symbol=BTC)["lastUpdateId"] > 0
    assert len(alice.get_all_tickers()) == 3
    assert alice.get_klines(symbol=BTC, interval="1m")[-1][4] == "25000.00000000"
    assert alice.get_trade_fee(symbol=BTC)[0]["takerCommission"] == "0.00100000"
    assert alice.get_avg_price(symbol=BTC)["mins"] == 5
    assert alice.get_orderbook_ticker(symbol=BTC)["symbol"] == BTC


def test_refusals_carry_the_contracts_code(alice: Any) -> None:
    with pytest.raises(BinanceAPIException) as refused:
        alice.order_limit_buy(symbol=BTC, quantity="0.5", price="25000.001")
    assert refused.value.code == -1013
    assert refused.value.message == "Filter failure: PRICE_FILTER"


async def test_streams_and_the_user_stream(running: Running, addresses: None) -> None:
    async with client_of(running, "alice") as alice, client_of(running, "bob") as bob:
        sockets = BinanceSocketManager(alice)
        async with (
            sockets.user_socket() as user,
            sockets.trade_socket(BTC) as trades,
            sockets.depth_socket(BTC, depth="5") as depth,
            sockets.multiplex_socket(["btcusdt@aggTrade", "btcusdt@bookTicker"]) as both,
            sockets.kline_socket(BTC) as candles,
        ):
            order = await alice.order_limit_buy(symbol=BTC, quantity="0.5", price="25000.00")
            await bob.order_market_sell(symbol=BTC, quantity="0.1")
            report = await user.recv()
            assert (report["e"], report["i"]) == ("executionReport", order["orderId"])
            assert (await trades.recv())["q"] == "0.10000000"
            assert (await depth.recv())["bids"][0][0] == "25000.00000000"
            assert (await both.recv())["stream"] in ("btcusdt@aggTrade", "btcusdt@bookTicker")
            assert (await candles.recv())["k"]["c"] == "25000.00000000"
        await alice.cancel_all_open_orders(symbol=BTC)


async def test_orders_go_over_the_socket_too(running: Running, addresses: None) -> None:
    async with client_of(running, "alice") as alice:
        order = {"symbol": BTC, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        placed = await alice.ws_create_order(**order, quantity="0.2", price="24000")
        assert placed["status"] == "NEW"
        book = await alice.ws_get_order_book(symbol=BTC)
        assert ["24000.00000000", "0.20000000"] in book["bids"]
        assert len(await alice.ws_cancel_all_open_orders(symbol=BTC)) == 1


def test_bounds_in_milliseconds_hold_what_is_told_at_them(alice: Any, bob: Any) -> None:
    for _ in range(3):
        bob.order_limit_sell(symbol=BTC, quantity="0.01", price="61000")
        alice.order_market_buy(symbol=BTC, quantity="0.01")
    for read, time in (
        (alice.get_my_trades, "time"),
        (alice.get_all_orders, "time"),
        (alice.get_aggregate_trades, "T"),
    ):
        *_, last = read(symbol=BTC)
        at = last[time]
        assert last in read(symbol=BTC, startTime=at, endTime=at)
        assert last in read(symbol=BTC, endTime=at)
