"""Clients set up by `flowex.compat` on a running exchange: more than their page shows."""

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import ccxt
import ccxt.async_support
import pytest
from flow.gateway.running_exchange import Running

from flowex import compat

with warnings.catch_warnings():
    # It imports what its own dependency has deprecated.
    warnings.simplefilter("ignore")
    from binance.exceptions import BinanceAPIException
    from binance.ws.reconnecting_websocket import ReconnectingWebsocket
    from binance_common.errors import BadRequestError

pytestmark = pytest.mark.filterwarnings("ignore")
"""What the clients warn of is their own affair."""

BTC = "BTC/USDT"


@pytest.fixture
def alice(running: Running) -> compat.Access:
    key = running.people["alice"]
    return compat.Access(running.url, key.api_key, key.api_secret)


@pytest.fixture
def loop() -> Iterator[None]:
    """Give the blocking client the loop it would otherwise make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def test_ccxt_raises_what_its_users_catch(alice: compat.Access) -> None:
    client = compat.ccxt(*alice)
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(BTC, "limit", "buy", 300, 25_000)
    with pytest.raises(ccxt.BadResponse):  # -2022, which futures mean otherwise.
        client.edit_order("999999", BTC, "limit", "buy", 0.01, 25_000)
    with pytest.raises(ccxt.ExchangeError):
        client.fetch_option_chain("BTC")


async def test_ccxt_pro_raises_them_too(alice: compat.Access) -> None:
    client = compat.ccxt(*alice, pro=True)
    try:
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order_ws(BTC, "limit", "buy", 300, 25_000)
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order_ws("999999", BTC)
    finally:
        await client.close()


def test_no_key_sees_the_market(running: Running) -> None:
    assert set(compat.ccxt(running.url).load_markets()) == {BTC, "ETH/USDT", "ETH/BTC"}


@pytest.mark.parametrize("kind", [ccxt.binance, ccxt.async_support.binance])
async def test_freqtrades_configuration_is_enough_for_ccxt(alice: compat.Access, kind: Any) -> None:
    exchange = compat.freqtrade_config(*alice)["exchange"]
    keys = {"apiKey": exchange["key"], "secret": exchange["secret"]}
    client = kind(keys | exchange["ccxt_config"])

    async def told(answer: Any) -> Any:
        return await answer if asyncio.iscoroutine(answer) else answer

    try:
        markets = await told(client.load_markets())
        assert set(exchange["pair_whitelist"]) < set(markets)
        assert all(market["spot"] for market in markets.values())
        assert (await told(client.fetch_balance()))["USDT"]["free"] > 0
        assert (await told(client.fetch_trading_fees()))[BTC]["taker"] == 0.001
        order = await told(client.create_order(BTC, "limit", "buy", 0.01, 25_000))
        assert (await told(client.cancel_order(order["id"], BTC)))["status"] == "canceled"
    finally:
        await told(client.close())


def test_python_binance_and_the_vendors_kit_raise_theirs(alice: compat.Access, loop: None) -> None:
    client = compat.python_binance(*alice)
    with pytest.raises(BinanceAPIException) as refused:
        client.cancel_order(symbol="BTCUSDT", orderId=999_999)
    assert refused.value.code == -2011
    client.close_connection()
    with pytest.raises(BadRequestError) as bad:
        compat.vendor_spot(*alice).rest_api.delete_order(symbol="BTCUSDT", order_id=999_999)
    assert "Unknown order sent." in str(bad.value)


async def test_the_account_is_listened_to(
    alice: compat.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A socket of this client ends only when a read of it does: not after the usual 10 s.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    client = await compat.python_binance_async(*alice)
    try:
        async with compat.python_binance_sockets(alice.base, client).user_socket() as events:
            order = await client.order_limit_buy(symbol="BTCUSDT", quantity="0.01", price="25000")
            report = await events.recv()
            assert (report["e"], report["i"]) == ("executionReport", order["orderId"])
            await client.cancel_order(symbol="BTCUSDT", orderId=order["orderId"])
    finally:
        await client.close_connection()
