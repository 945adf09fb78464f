"""ccxt, unchanged but for its addresses, trades on a running exchange: by REST and by watching."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt
import ccxt.pro
import pytest
from flow.gateway.running_exchange import Running

pytestmark = pytest.mark.filterwarnings("ignore")
"""What the client warns of is its own affair."""

BTC = "BTC/USDT"


def pointed(kind: Any, running: Running, person: str, **options: Any) -> Any:
    """Return a client of that kind with its addresses changed, as the contract says."""
    key = running.people[person]
    client = kind({"apiKey": key.api_key, "secret": key.api_secret, "options": options})
    url, sockets = running.url, running.sockets
    client.urls["api"] |= {
        "public": f"{url}/api/v3",
        "private": f"{url}/api/v3",
        "sapi": f"{url}/sapi/v1",
        "fapiPublic": f"{url}/fapi/v1",
        "dapiPublic": f"{url}/dapi/v1",
    }
    if "ws" in client.urls["api"]:
        client.urls["api"]["ws"]["spot"] = f"{sockets}/stream/ws"
        client.urls["api"]["ws"]["ws-api"]["spot"] = f"{sockets}/ws-api/v3"
    return client


@pytest.fixture(scope="module")
def alice(running: Running) -> Any:
    return pointed(ccxt.binance, running, "alice")


@pytest.fixture(scope="module")
def bob(running: Running) -> Any:
    return pointed(ccxt.binance, running, "bob")


def test_a_default_client_with_a_key_loads_the_markets(alice: Any) -> None:
    markets = alice.load_markets()
    assert set(markets) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    assert markets[BTC]["precision"] == {
        "amount": 1e-05,
        "price": 0.01,
        "base": 1e-08,
        "quote": 1e-08,
    }
    assert markets[BTC]["limits"]["cost"]["min"] == 5
    assert set(alice.fetch_currencies()) == {"BTC", "ETH", "USDT"}
    assert alice.fetch_status()["status"] == "ok"
    assert alice.fetch_trading_fee(BTC)["taker"] == 0.001


def test_orders_are_placed_filled_edited_and_cancelled(alice: Any, bob: Any) -> None:
    before = alice.fetch_balance()["BTC"]["total"]
    order = alice.create_order(BTC, "limit", "buy", 0.5, 25_000)
    assert (order["status"], order["remaining"]) == ("open", 0.5)
    sold = bob.create_order(BTC, "market", "sell", 0.2)
    assert (sold["status"], sold["cost"], sold["fee"]) == (
        "closed",
        5_000.0,
        {"currency": "USDT", "cost": 5.0},
    )
    assert alice.fetch_order(order["id"], BTC)["filled"] == 0.2
    assert [row["id"] for row in alice.fetch_open_orders(BTC)] == [order["id"]]
    assert alice.fetch_my_trades(BTC)[-1]["takerOrMaker"] == "maker"
    assert alice.fetch_balance()["BTC"]["total"] == pytest.approx(before + 0.1998)
    edited = alice.edit_order(order["id"], BTC, "limit", "buy", 0.3, 24_999)
    assert (edited["price"], edited["status"]) == (24_999, "open")
    assert alice.cancel_order(edited["id"], BTC)["status"] == "canceled"
    alice.create_order(BTC, "limit", "buy", 0.1, 24_000)
    assert len(alice.cancel_all_orders(BTC)) == 1
    assert alice.fetch_open_orders(BTC) == []
    assert {row["status"] for row in alice.fetch_orders(BTC)} == {"canceled"}


def test_the_market_is_shown(alice: Any, bob: Any) -> None:
    bid = alice.create_order(BTC, "limit", "buy", 0.5, 25_000)
    bob.create_order(BTC, "market", "sell", 0.1)
    assert alice.fetch_order_book(BTC)["bids"] == [[25_000.0, 0.4]]
    ticker = alice.fetch_ticker(BTC)
    assert (ticker["last"], ticker["bid"]) == (25_000.0, 25_000.0)
    assert set(alice.fetch_tickers()) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    assert alice.fetch_trades(BTC)[-1]["price"] == 25_000.0
    assert alice.fetch_ohlcv(BTC, "1m")[-1][4] == 25_000.0
    alice.cancel_order(bid["id"], BTC)


def test_refusals_are_the_exceptions_ccxt_users_catch(alice: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        alice.create_order(BTC, "limit", "buy", 300, 25_000)
    with pytest.raises(ccxt.OrderNotFound):
        alice.cancel_order("999999", BTC)
    with pytest.raises(ccxt.OrderNotFound):
        alice.fetch_order("999999", BTC)
    stranger = ccxt.binance({"apiKey": "x" * 64, "secret": "x"})
    stranger.urls["api"] = alice.urls["api"]
    with pytest.raises(ccxt.AuthenticationError):
        stranger.fetch_balance()


@asynccontextmanager
async def watching(running: Running, person: str) -> AsyncIterator[Any]:
    client = pointed(ccxt.pro.binance, running, person)
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


async def test_everything_can_be_watched(running: Running) -> None:
    async with watching(running, "alice") as alice, watching(running, "bob") as bob:
        watched = {
            "orders": alice.watch_orders(BTC),
            "balance": alice.watch_balance(),
            "trades": alice.watch_trades(BTC),
            "book": alice.watch_order_book(BTC),
            "ticker": alice.watch_ticker(BTC),
            "candles": alice.watch_ohlcv(BTC, "1m"),
        }
        tasks = {name: asyncio.ensure_future(watch) for name, watch in watched.items()}
        # The book is watched once it has come with its snapshot: then all subscriptions stand.
        bid = await alice.create_order(BTC, "limit", "buy", 0.5, 25_000)
        seen: dict[str, Any] = {}
        while len(seen) < len(tasks):
            await bob.create_order(BTC, "market", "sell", 0.0002)
            done, _ = await asyncio.wait(tasks.values(), timeout=0.2)
            seen = {name: task.result() for name, task in tasks.items() if task in done}
        assert seen["orders"][-1]["symbol"] == BTC
        assert seen["balance"]["BTC"]["free"] > 0
        assert seen["trades"][-1]["price"] == 25_000.0
        assert seen["ticker"]["last"] == 25_000.0
        assert seen["candles"][-1][4] == 25_000.0
        assert seen["book"]["symbol"] == BTC
        await alice.cancel_order(bid["id"], BTC)


async def test_orders_go_over_the_socket_too(running: Running) -> None:
    async with watching(running, "alice") as alice:
        order = await alice.create_order_ws(BTC, "limit", "buy", 0.1, 24_000)
        assert order["status"] == "open"
        assert len(await alice.fetch_open_orders_ws(BTC)) == 1
        await alice.cancel_order_ws(order["id"], BTC)
        await alice.create_order_ws(BTC, "limit", "buy", 0.1, 24_000)
        assert len(await alice.cancel_all_orders_ws(BTC)) == 1
