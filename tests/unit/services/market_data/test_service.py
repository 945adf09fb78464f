from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from feeds import ACCOUNTS, BTCUSDT, ETHBTC, Exchange, place
from histories import opened

from flowex.adapters.clock.manual import ManualClock
from flowex.messages.commands import OrderCancel
from flowex.messages.enums import Side
from flowex.ports.market_data import MarketUpdate
from flowex.ports.timeseries import Timeseries
from flowex.services.market_data.service import MarketDataService
from flowex.units.instants import DAY, MINUTE

ALICE, BOB, CAROL, DAVE = ACCOUNTS
MIDDLE = 60_000_000


@pytest_asyncio.fixture
async def history(tmp_path: Path) -> AsyncIterator[Timeseries]:
    async with opened("duckdb", tmp_path) as known:
        yield known


async def service_of(history: Timeseries, exchange: Exchange) -> MarketDataService:
    service = MarketDataService(history, ManualClock(exchange.time))
    await service.open()
    for batch in exchange.batches:
        service.apply(batch)
    return service


async def test_a_frame_is_one_update_of_each_instrument_it_touched(history: Timeseries) -> None:
    exchange = Exchange()
    service = await service_of(history, exchange)
    heard = list[MarketUpdate]()
    stop = service.follow(heard.append)
    service.apply(
        exchange.frame(
            [
                place(ALICE, Side.SELL, 0, 2),
                place(BOB, Side.SELL, 0, 2),
                place(CAROL, Side.SELL, 1, 9),
                place(DAVE, Side.BUY, 1, 5, client_id="sweep"),
                place(DAVE, Side.BUY, -5, 1, instrument=ETHBTC),
            ]
        )
    )
    first, second = heard
    assert (first.instrument, second.instrument) == (BTCUSDT, ETHBTC)
    assert [(one.price, one.quantity) for one in first.trades] == [
        (MIDDLE, 20),
        (MIDDLE, 20),
        (MIDDLE + 10, 10),
    ]
    assert [(one.first_trade, one.last_trade, one.quantity) for one in first.aggregates] == [
        (1, 2, 40),
        (3, 3, 10),
    ]
    assert first.depth is not None
    assert (first.depth.first_update, first.depth.bids) == (1, [])
    assert first.depth.asks == [(MIDDLE, 0), (MIDDLE + 10, 80)]
    assert second.depth is not None
    assert second.trades == []
    assert first.depth.last_update == service.depth(BTCUSDT, 5).last_update
    stop()
    service.apply(exchange.frame([OrderCancel(account=DAVE, order=5)]))
    assert len(heard) == 2


async def test_a_frame_that_touches_no_market_is_silent(history: Timeseries) -> None:
    exchange = Exchange()
    service = await service_of(history, exchange)
    heard = list[MarketUpdate]()
    service.follow(heard.append)
    service.apply(exchange.frame([OrderCancel(account=ALICE, order=77)]))
    assert heard == []


async def test_prices_tickers_and_candles_are_there_after_a_restart(history: Timeseries) -> None:
    exchange = Exchange()
    for number in range(200):
        exchange.frame(
            [place(ALICE, Side.SELL, number % 7, 2), place(CAROL, Side.BUY, 9, 2)], 2 * MINUTE
        )
    service = await service_of(history, exchange)
    await service.stop()
    restarted = MarketDataService(history, ManualClock(exchange.time))
    await restarted.open()
    restarted.seed(exchange.state())
    assert restarted.last_price(BTCUSDT) == service.last_price(BTCUSDT) == MIDDLE + 10 * (199 % 7)
    assert restarted.ticker(BTCUSDT) == service.ticker(BTCUSDT)
    assert restarted.ticker(BTCUSDT).trades == 200
    assert await restarted.trades(BTCUSDT, 500) == await service.trades(BTCUSDT, 500)
    assert await restarted.aggregates(BTCUSDT, 500) == await service.aggregates(BTCUSDT, 500)
    assert restarted.depth(BTCUSDT, 100) == service.depth(BTCUSDT, 100)
    for interval in (MINUTE, 15 * MINUTE, DAY):
        assert await restarted.klines(BTCUSDT, interval, 1_000) == await service.klines(
            BTCUSDT, interval, 1_000
        )
    for room in (service, restarted):
        assert room.last_price(ETHBTC) == 0
        assert await room.klines(ETHBTC, MINUTE, 10) == []


async def test_the_window_moves_with_the_clock(history: Timeseries) -> None:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.SELL, 0, 2), place(CAROL, Side.BUY, 0, 2)])
    service = await service_of(history, exchange)
    clock = service._clock
    assert isinstance(clock, ManualClock)
    assert service.ticker(BTCUSDT).trades == 1
    clock.advance(DAY)
    assert service.ticker(BTCUSDT).trades == 1
    clock.advance(MINUTE)
    assert service.ticker(BTCUSDT).trades == 0
    assert service.ticker(BTCUSDT).last == MIDDLE
    assert (await service.klines(BTCUSDT, DAY, 10))[-1].volume == 0


@pytest.mark.parametrize("seconds", [0, -3_600])
async def test_a_clock_that_falls_back_is_not_believed(history: Timeseries, seconds: int) -> None:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.SELL, 0, 2), place(CAROL, Side.BUY, 0, 2)])
    service = await service_of(history, exchange)
    service._clock = ManualClock(exchange.time + seconds * 1_000_000)
    assert service.ticker(BTCUSDT).close_time == exchange.time
    assert (await service.klines(BTCUSDT, MINUTE, 10))[-1].trades == 1
