"""What is new is answered whatever happens to the history; what is old says that it cannot."""

from pathlib import Path

import pytest
from histories import opened

from flowex.adapters.clock.manual import ManualClock
from flowex.messages.events import InstrumentChanged, Traded
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import MarketDataDown
from flowex.services.market_data import candles, tape
from flowex.services.market_data.service import MarketDataService
from flowex.units.instants import DAY, MINUTE, SECOND

BEGINNING = 1_700_000_000 * SECOND
TRADES = 60


async def test_a_history_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(candles.KEPT_MAX, MINUTE, 5)
    monkeypatch.setattr(candles, "_TRIM", 0)
    monkeypatch.setattr(tape, "TRADES_MAX", 5)
    clock = ManualClock(BEGINNING)
    async with opened("duckdb", tmp_path) as history:
        room = MarketDataService(history, clock)
        await room.open()
        room.apply(FeedBatch(1, 1, clock.now(), [InstrumentChanged(instrument=1)]))
        for number in range(1, TRADES + 1):
            clock.advance(MINUTE)
            event = Traded(
                sequence=number + 1, instrument=1, trade=number, price=number, quantity=1,
                quote_amount=number, taker_order=number,
            )  # fmt: skip
            room.apply(FeedBatch(number + 1, number + 1, clock.now(), [event]))
            await room.projector.drain()
        assert len(await room.klines(1, MINUTE, 1_000)) == TRADES
        assert len(await room.trades(1, 1_000)) == TRADES
    assert len(await room.klines(1, MINUTE, 5)) == 5
    assert (await room.klines(1, DAY, 5))[-1].trades == TRADES
    assert [trade.trade for trade in await room.trades(1, 5)] == list(range(56, 61))
    assert (await room.since(1, clock.now() - clock.now() % MINUTE - 2 * MINUTE)).trades == 3
    for question in (
        room.klines(1, MINUTE, 1_000),
        room.trades(1, 1_000),
        room.trades(1, 5, 1),
        room.aggregates(1, 1_000),
        room.aggregates(1, 5, 1),
        room.aggregates(1, 5, None, BEGINNING),
        room.since(1, clock.now() - clock.now() % MINUTE - 55 * MINUTE),
    ):
        with pytest.raises(MarketDataDown):
            await question
