"""What the market data room keeps in the history, and how a restarted market finds its past there.

The history holds trades and candles that are over. A candle that is still open is made again: the
longer ones of the shorter, the second and the minute of the trades since the last stored minute.
"""

from typing import Final

from flowex.ports.market_data import Kline, PublicTrade
from flowex.ports.timeseries import LIMIT_MAX, Mark, RecordedTrade, Timeseries, TimeseriesBatch
from flowex.services.market_data.calendar import BASES
from flowex.services.market_data.candles import KEPT_MAX, Candles, coarser
from flowex.services.market_data.market import Market
from flowex.services.market_data.ticker import Day
from flowex.units.instants import MINUTE, SECOND

CONSUMER: Final = "market_data"
"""Under this name the history knows how far the rows reach."""

LOADED_TRADES_MAX: Final = 1_000
"""Trades of an instrument that are loaded at the start."""

FIRST_OWN: Final = 1
"""The exchange's own trades are numbered from here; what was imported lies below 0."""


class HistoryRows:
    """The room's rows, for its projector."""

    def __init__(self, history: Timeseries) -> None:
        """Write to that history."""
        self._history = history

    async def progress(self) -> int:
        """Return the sequence the rows reach. Raises TimeseriesError."""
        return await self._history.progress(CONSUMER)

    async def write(self, rows: TimeseriesBatch, expected: int, reached: int) -> None:
        """Write rows and sequence. Raises TimeseriesError."""
        await self._history.write(rows, Mark(CONSUMER, expected, reached))


async def load(history: Timeseries) -> dict[int, Market]:
    """Return every market that has a past: its candles, its day and its latest trades.

    Raises TimeseriesError.
    """
    return {number: await _market(history, number) for number in await history.instruments()}


async def _market(history: Timeseries, number: int) -> Market:
    market = Market(number)
    stored = {
        base: await history.candles(number, base, limit=KEPT_MAX[base], newest=True)
        for base in BASES
    }
    minutes = stored[MINUTE]
    since = await _trades_after(history, number, minutes[-1] if minutes else None)
    if since:
        opened = since[0].time - since[0].time % MINUTE
        stored[SECOND] = [second for second in stored[SECOND] if second.open_time < opened]
    for base in BASES:
        market.candles.load(base, stored[base])
    if minutes and minutes[-1].last_trade >= FIRST_OWN:
        _load_open(market.candles, stored)
    for trade in since:
        market.candles.add(trade)
    market.candles.take_over()  # The history has them.
    market.day = Day(market.candles.minutes)
    await _load_tape(history, market)
    return market


def _load_open(candles: Candles, stored: dict[int, list[Kline]]) -> None:
    """Make the longer candles that hold the last stored minute: they were not over."""
    shorter = stored[MINUTE]
    time = shorter[-1].open_time
    for base in BASES:
        if base <= MINUTE:
            continue
        opened = time - time % base
        rows = [row for row in stored[base] if row.open_time < opened]
        running = coarser((row for row in shorter if row.open_time >= opened), base)
        candles.load(base, [*rows, *running], running=running[-1])
        shorter = [*rows, *running]


async def _trades_after(
    history: Timeseries, number: int, minute: Kline | None
) -> list[PublicTrade]:
    """Return the exchange's own trades after a stored minute: those of the one that is open."""
    found: list[PublicTrade] = []
    begin = max(FIRST_OWN, minute.last_trade + 1 if minute else FIRST_OWN)
    while True:
        page = await history.trades(number, from_trade=begin, limit=LIMIT_MAX)
        found += [row.trade for row in page]
        if len(page) < LIMIT_MAX:
            return found
        begin = found[-1].trade + 1


async def _load_tape(history: Timeseries, market: Market) -> None:
    rows: list[RecordedTrade] = await history.trades(
        market.number, from_trade=FIRST_OWN, limit=LOADED_TRADES_MAX, newest=True
    )
    market.tape.load([row.trade for row in rows], [row.aggregate for row in rows])
    bounds = await history.bounds(market.number)
    if bounds.first_trade is not None:
        market.tape.oldest = bounds.first_trade.trade.trade
    market.candles.beginnings |= bounds.first_candles
