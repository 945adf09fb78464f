"""An instrument's past from elsewhere: trades and candles of the time before its first own trade.

Whatever is added twice is there once. A candle is added to the longer ones that contain it, made
anew from all that the history has; a longer one that counts more than its parts stays as it is.
Imported trades keep their numbers less `TRADE_ORIGIN`, so that they lie below the exchange's own in
number as in time. Candles do not name them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from flowex.ports.market_data import Kline, PublicTrade
from flowex.ports.timeseries import (
    LIMIT_MAX,
    RecordedCandle,
    RecordedTrade,
    Timeseries,
    TimeseriesBatch,
)
from flowex.services.market_data.calendar import BASES
from flowex.services.market_data.candles import Candles, coarser
from flowex.services.market_data.store import FIRST_OWN
from flowex.units.instants import DAY, MINUTE

TRADE_ORIGIN: Final = 10**15
"""Numbers of trades elsewhere are below this."""

FOLDED_MAX: Final = 10_000
"""So many longer candles are made at once."""

_NO_TRADE: Final = -1


class PastError(Exception):
    """What is to be added does not fit what is there; the message says why."""


class Past:
    """Adds to one instrument's past; ``finish`` when all is added."""

    def __init__(self, history: Timeseries, instrument: int) -> None:
        """Add to that history; call ``open`` first."""
        self._history = history
        self._instrument = instrument
        self._first: int | None = None
        self._last = 0
        self._base = 0
        self._rest: list[Kline] = []
        self._has_trades = False
        self._last_by: tuple[int, int, bool] | None = None
        self._aggregate = 0

    async def open(self, now: int) -> int:
        """Return when the past ends: everything added must lie before. Raises TimeseriesError.

        It ends at the minute of the exchange's first own trade, or else now.
        """
        own = await self._history.trades(self._instrument, from_trade=FIRST_OWN, limit=1)
        return own[0].trade.time - own[0].trade.time % MINUTE if own else now

    async def add_candles(self, interval: int, candles: Sequence[Kline]) -> None:
        """Add candles of an interval that divides a day, later ones than before.

        Those of a length that is not kept are put together to the next longer one that is.
        Raises TimeseriesError.
        """
        base = min(base for base in BASES if base % interval == 0)
        rows = [*self._rest, *candles]
        if base != interval and rows:
            end = rows[-1].open_time - rows[-1].open_time % base
            self._rest = [row for row in rows if row.open_time >= end]
            rows = coarser((row for row in rows if row.open_time < end), base)
        self._base = base
        await self._write(base, rows)

    async def add_trades(self, trades: Sequence[PublicTrade]) -> None:
        """Add trades with their numbers elsewhere, later ones than before.

        Neighbours of one time, price and side are taken for one taker's: elsewhere nobody tells.
        Raises PastError, TimeseriesError.
        """
        if not trades:
            return
        rows = [self._recorded(trade) for trade in trades]
        await self._check_place(rows[0].trade, rows[-1].trade)
        await self._history.write(TimeseriesBatch(rows))
        self._reach(trades[0].time, trades[-1].time)
        self._has_trades = True

    async def finish(self) -> None:
        """Make the candles of the trades added, and the longer ones. Raises TimeseriesError."""
        await self._write(self._base, coarser(self._rest, self._base))
        self._rest = []
        if self._first is None:
            return
        if self._has_trades:
            self._base = MINUTE
            await self._make_candles(self._first, self._last)
        first, last = self._first, self._last
        for shorter, base in pairwise(BASES):
            if shorter >= self._base:
                await self._fold(shorter, base, first, last)

    async def _write(self, base: int, rows: Sequence[Kline]) -> None:
        if rows:
            named = [RecordedCandle(self._instrument, base, row) for row in rows]
            await self._history.write(TimeseriesBatch(candles=named))
            self._reach(rows[0].open_time, rows[-1].open_time)

    def _recorded(self, trade: PublicTrade) -> RecordedTrade:
        number = trade.trade - TRADE_ORIGIN
        by = (trade.time, trade.price, trade.buyer_is_maker)
        if by != self._last_by:
            self._last_by, self._aggregate = by, number
        return RecordedTrade(self._instrument, self._aggregate, replace(trade, trade=number))

    def _reach(self, first: int, last: int) -> None:
        self._first = first if self._first is None else min(self._first, first)
        self._last = max(self._last, last)

    async def _check_place(self, first: PublicTrade, last: PublicTrade) -> None:
        """Check that trades lie among those there are by time as by number. Raises PastError."""
        before = await self._history.trades(
            self._instrument, to_trade=first.trade - 1, limit=1, newest=True
        )
        after = await self._history.trades(
            self._instrument, from_trade=last.trade + 1, to_trade=FIRST_OWN - 1, limit=1
        )
        if any(row.trade.time > first.time for row in before) or any(
            row.trade.time < last.time for row in after
        ):
            raise PastError(
                "there are imported trades already that come before by number and after by time, "
                "or the other way round: they are of another market"
            )

    async def _make_candles(self, first: int, last: int) -> None:
        """Make seconds and minutes of all imported trades from one time to another."""
        start, end = first - first % MINUTE, last - last % MINUTE + MINUTE - 1
        candles, begin = Candles(), -TRADE_ORIGIN
        while True:
            page = await self._history.trades(
                self._instrument,
                from_trade=begin,
                to_trade=FIRST_OWN - 1,
                start_time=start,
                end_time=end,
                limit=LIMIT_MAX,
            )
            for row in page:
                candles.add(replace(row.trade, trade=_NO_TRADE))
            await self._keep_candles(candles.take_over())
            if len(page) < LIMIT_MAX:
                break
            begin = page[-1].trade.trade + 1
        await self._keep_candles((base, row) for (base, _), row in candles.dirty.items())

    async def _keep_candles(self, made: Iterable[tuple[int, Kline]]) -> None:
        """Write candles of trades, but for those that were imported as candles."""
        made = list(made)
        for base in BASES:
            if base > MINUTE:
                break
            rows = [row for length, row in made if length == base]
            there = await self._there(base, rows)
            await self._write(
                base,
                [row for row in rows if row.open_time not in there or there[row.open_time].trades],
            )

    async def _fold(self, shorter: int, base: int, first: int, last: int) -> None:
        """Make the longer candles that hold any of a time, of all their parts."""
        start, end = first - first % base, last - last % base + base - 1
        for begin in range(start, end, FOLDED_MAX * base):
            until = min(end, begin + FOLDED_MAX * base - 1)
            rows = await self._history.folded(
                self._instrument, shorter, base, start_time=begin, end_time=until
            )
            there = await self._there(base, rows)
            await self._write(
                base,
                [
                    row
                    for row in rows
                    if row.open_time not in there or there[row.open_time].volume <= row.volume
                ],
            )

    async def _there(self, base: int, rows: Sequence[Kline]) -> dict[int, Kline]:
        """Return the candles there are from the first to the last of these, by opening."""
        found: dict[int, Kline] = {}
        for number in range(0, len(rows), LIMIT_MAX):
            some = rows[number : number + LIMIT_MAX]
            there = await self._history.candles(
                self._instrument,
                base,
                start_time=some[0].open_time,
                end_time=some[-1].open_time,
                limit=LIMIT_MAX,
            )
            found |= {row.open_time: row for row in there}
        return found


def is_importable(interval: int) -> bool:
    """Whether candles of that length can be added: they must fit into those that are kept."""
    return 0 < interval <= DAY and DAY % interval == 0
