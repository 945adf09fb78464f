"""Questions that may reach behind memory: the newest part is in memory, the rest in the history.

What memory knows is taken before the history is asked. Memory forgets only what is written, so
nothing falls between the two; and what lives in memory is folded before anybody waits, because it
goes on changing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from flowex.ports.market_data import AggregateTrade, Kline, MarketDataDown, PublicTrade
from flowex.ports.timeseries import Timeseries, TimeseriesError
from flowex.services.market_data.calendar import BASES, Calendar
from flowex.services.market_data.candles import empty, gapless, joined, merge
from flowex.services.market_data.market import Market

_WINDOW_BASES: Final = BASES[1:]
"""A window opens on a minute."""

T = TypeVar("T")


class Reading:
    """Reads markets: memory first, the history for what memory has forgotten."""

    def __init__(self, history: Timeseries, is_behind: Callable[[], bool]) -> None:
        """Read from a history; while it ``is_behind``, memory may forget what it does not have."""
        self._history = history
        self._is_behind = is_behind

    async def klines(
        self,
        market: Market,
        calendar: Calendar,
        limit: int,
        start_time: int | None,
        end_time: int | None,
        now: int,
    ) -> list[Kline]:
        """Return candles without a gap, oldest first. Raises MarketDataDown."""
        candles, base = market.candles, calendar.base
        first, last = calendar.span(limit, start_time, end_time, now)
        kept_from = candles.kept_from(base)
        if kept_from is None or first < kept_from:
            beginning = await self._beginning(market, base)
            if beginning is None:
                return []
            first, last = calendar.span(limit, start_time, end_time, now, beginning)
        if last < first:
            return []
        openings, end = calendar.openings(first, last), calendar.after(last)
        kept_from = candles.kept_from(base)
        close = candles.close_before(base, first)
        found = joined(candles.rows(base, first, end - 1), openings, end)
        if not candles.is_whole(base) and (kept_from is None or first < kept_from):
            until = end if kept_from is None else min(end, kept_from)
            older = self._history.folded(
                market.number, base, calendar.step, start_time=first, end_time=until - 1
            )
            found = _added(joined(await self._asked(older), openings, end), found)
            if not found or found[0].open_time > first:
                close = await self._close_before(market, base, first)
        return gapless(found, openings, end, close or 0)

    async def window(self, market: Market, open_time: int, now: int) -> Kline:
        """Return all that happened from a whole minute until now. Raises MarketDataDown.

        It is made of the longest kept candles that fit: minutes up to the next quarter, quarters up
        to the next hour, and so on. Without trades it repeats the last price.
        """
        candles = market.candles
        price = candles.last_close
        parts: list[Kline] = []
        questions: list[Callable[[], Awaitable[list[Kline]]]] = []
        start = open_time
        for base, longer in zip(_WINDOW_BASES, (*_WINDOW_BASES[1:], None), strict=True):
            if start > now:
                break
            end = now + 1 if longer is None else min(start + -start % longer, now + 1)
            end += -(end - start) % base
            if end > start:
                kept_from = candles.kept_from(base)
                if not candles.is_whole(base) and (kept_from is None or start < kept_from):
                    until = end if kept_from is None else min(end, kept_from)
                    questions.append(self._folding(market, base, start, until))
                parts += joined(candles.rows(base, start, end - 1), (start,), end)
            start = end
        older = [part for question in questions for part in await self._asked(question())]
        return _of_window(open_time, now, sorted([*older, *parts], key=_by_time), price)

    async def trades(self, market: Market, limit: int, from_trade: int | None) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on. Raises MarketDataDown."""
        tape = market.tape
        kept, first = tape.trades(limit, from_trade), tape.first_trade
        is_newest = from_trade is None
        missing = limit - len(kept) if is_newest else limit
        if tape.is_whole or not missing:
            return kept
        if from_trade is not None and first is not None and from_trade >= first:
            return kept
        question = self._history.trades(
            market.number,
            from_trade=from_trade,
            to_trade=None if first is None else first - 1,
            limit=missing,
            newest=is_newest,
        )
        older = [row.trade for row in await self._asked(question)]
        return [*older, *kept][:limit]

    async def aggregates(
        self,
        market: Market,
        limit: int,
        from_aggregate: int | None,
        start_time: int | None,
        end_time: int | None,
    ) -> list[AggregateTrade]:
        """Return aggregate trades by number or time. Raises MarketDataDown."""
        tape = market.tape
        kept = tape.aggregates(limit, from_aggregate, start_time, end_time)
        is_newest = from_aggregate is None and start_time is None
        missing = limit - len(kept) if is_newest else limit
        if not missing or not tape.lacks(from_aggregate, start_time):
            return kept
        first = tape.first_aggregate
        question = self._history.aggregates(
            market.number,
            from_aggregate=from_aggregate,
            to_aggregate=None if first is None else first - 1,
            start_time=start_time,
            end_time=end_time,
            limit=missing,
            newest=is_newest,
        )
        return [*await self._asked(question), *kept][:limit]

    def _folding(
        self, market: Market, base: int, start: int, end: int
    ) -> Callable[[], Awaitable[list[Kline]]]:
        def ask() -> Awaitable[list[Kline]]:
            width = end - start
            return self._history.folded(
                market.number, base, width, start_time=start, end_time=end - 1
            )

        return ask

    async def _beginning(self, market: Market, base: int) -> int | None:
        candles = market.candles
        if candles.beginning(base) is None and not candles.is_whole(base):
            bounds = await self._asked(self._history.bounds(market.number))
            candles.beginnings |= bounds.first_candles
        return candles.beginning(base)

    async def _close_before(self, market: Market, base: int, time: int) -> int | None:
        question = self._history.candles(
            market.number, base, end_time=time - 1, limit=1, newest=True
        )
        found = await self._asked(question)
        return found[0].close if found else None

    async def _asked(self, question: Awaitable[T]) -> T:
        try:
            answer = await question
        except TimeseriesError as error:
            raise MarketDataDown(str(error)) from error
        if self._is_behind():
            raise MarketDataDown("the history is being written")
        return answer


def _added(older: list[Kline], newer: Sequence[Kline]) -> list[Kline]:
    """Return both; the candle in which they meet becomes one."""
    if older and newer and older[-1].open_time == newer[0].open_time:
        merge(older[-1], newer[0])
        return [*older, *newer[1:]]
    return [*older, *newer]


def _by_time(part: Kline) -> tuple[int, int]:
    return part.open_time, part.close_time


def _of_window(open_time: int, now: int, parts: Sequence[Kline], price: int) -> Kline:
    window = empty(open_time, now + 1 - open_time, price)
    if parts:
        window.open = window.high = window.low = parts[0].open
    for part in parts:
        merge(window, part)
    return window
