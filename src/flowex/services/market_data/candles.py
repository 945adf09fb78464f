"""Candles of any length, put together from those of a minute, a quarter, an hour and a day.

Only the minute follows every trade. When a minute is over it is added to the longer ones, so these
never hold the newest minute of the list; a question adds it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final

from flowex.ports.market_data import Kline, PublicTrade
from flowex.units.instants import DAY, HOUR, MINUTE

KEPT_MAX: Final = {MINUTE: 5_040, 15 * MINUTE: 3_000, HOUR: 12_000, DAY: 10_000}
"""Candles in memory of each base length: enough for 1000 of any usual interval."""

WEEK: Final = 7 * DAY
_MONDAY: Final = 4 * DAY
"""Weeks begin on Monday; the first of all times was a Thursday."""

_TRIM: Final = 500
_OPEN_TIME: Final = attrgetter("open_time")


class Candles:
    """An instrument's candles; ``dirty`` gathers those changed since someone emptied it."""

    __slots__ = ("_kept", "_trimmed", "dirty")

    def __init__(self) -> None:
        """Know no candle."""
        self.dirty: dict[tuple[int, int], Kline] = {}
        self._kept: dict[int, list[Kline]] = {base: [] for base in KEPT_MAX}
        self._trimmed: set[int] = set()

    @property
    def minutes(self) -> Sequence[Kline]:
        """The minutes that had trades, oldest first."""
        return self._kept[MINUTE]

    def load(self, base: int, klines: Sequence[Kline]) -> None:
        """Take candles of the past, oldest first."""
        self._kept[base] = list(klines)
        if len(klines) >= KEPT_MAX[base]:
            self._trimmed.add(base)

    def add(self, trade: PublicTrade) -> Kline:
        """Take a trade; return the minute it belongs to."""
        open_time = trade.time - trade.time % MINUTE
        minutes = self._kept[MINUTE]
        if not minutes or minutes[-1].open_time != open_time:
            self._begin(open_time, trade)
        minute = minutes[-1]
        price, quantity, quote = trade.price, trade.quantity, trade.quote_amount
        minute.close = price
        if price > minute.high:
            minute.high = price
        elif price < minute.low:
            minute.low = price
        minute.volume += quantity
        minute.quote_volume += quote
        minute.trades += 1
        minute.last_trade = trade.trade
        if not trade.buyer_is_maker:
            minute.taker_buy_volume += quantity
            minute.taker_buy_quote_volume += quote
        self.dirty[MINUTE, open_time] = minute
        return minute

    def between(
        self, interval: int, limit: int, start_time: int | None, end_time: int | None, now: int
    ) -> list[Kline]:
        """Return up to so many candles whose opening lies between the times, oldest first.

        Without a start they are the newest. The interval is a whole number of minutes.
        """
        base = max(base for base in KEPT_MAX if interval % base == 0)
        rows = self._kept[base]
        if base != MINUTE and self._kept[MINUTE]:
            rows = [*rows, self._kept[MINUTE][-1]]
        if not rows:
            return []
        first = _open_of(rows[0].open_time, interval)
        if base in self._trimmed:
            first += interval
        last = _open_of(max(now, rows[-1].open_time), interval)
        if end_time is not None:
            last = min(last, _open_of(end_time, interval))
        if start_time is not None:
            first = max(first, _open_of(start_time - 1, interval) + interval)
            last = min(last, first + (limit - 1) * interval)
        else:
            first = max(first, last - (limit - 1) * interval)
        return _fold(rows, first, last, interval)

    def _begin(self, open_time: int, trade: PublicTrade) -> None:
        minutes = self._kept[MINUTE]
        if minutes:
            self._close(minutes[-1])
        minutes.append(_empty(open_time, MINUTE, trade.price, trade.trade))
        self._trim(MINUTE)

    def _close(self, minute: Kline) -> None:
        for base, rows in self._kept.items():
            if base == MINUTE:
                continue
            open_time = _open_of(minute.open_time, base)
            if not rows or rows[-1].open_time != open_time:
                rows.append(_empty(open_time, base, minute.open, minute.first_trade))
                self._trim(base)
            _merge(rows[-1], minute)
            self.dirty[base, open_time] = rows[-1]

    def _trim(self, base: int) -> None:
        rows = self._kept[base]
        if len(rows) > KEPT_MAX[base] + _TRIM:
            del rows[: len(rows) - KEPT_MAX[base]]
            self._trimmed.add(base)


def _open_of(time: int, interval: int) -> int:
    origin = _MONDAY if interval % WEEK == 0 else 0
    return time - (time - origin) % interval


def _empty(open_time: int, interval: int, price: int, first_trade: int) -> Kline:
    """Return a candle of no trade yet; ``close_time`` is its last microsecond."""
    close_time = open_time + interval - 1
    return Kline(
        open_time, close_time, price, price, price, price, 0, 0, 0, 0, 0, first_trade, first_trade
    )


def _merge(into: Kline, part: Kline) -> None:
    """Add a later candle to one that contains it."""
    into.high = max(into.high, part.high)
    into.low = min(into.low, part.low)
    into.close = part.close
    into.volume += part.volume
    into.quote_volume += part.quote_volume
    into.trades += part.trades
    into.taker_buy_volume += part.taker_buy_volume
    into.taker_buy_quote_volume += part.taker_buy_quote_volume
    into.last_trade = part.last_trade


def _fold(rows: Sequence[Kline], first: int, last: int, interval: int) -> list[Kline]:
    """Put the rows together to the candles that open from ``first`` to ``last``, without a gap."""
    index = bisect_left(rows, first, key=_OPEN_TIME)
    close = rows[index - 1].close if index else 0
    folded = []
    for open_time in range(first, last + 1, interval):
        end = bisect_left(rows, open_time + interval, index, key=_OPEN_TIME)
        candle = _of_parts(open_time, interval, rows[index:end], close)
        close, index = candle.close, end
        folded.append(candle)
    return folded


def _of_parts(open_time: int, interval: int, parts: Iterable[Kline], last_close: int) -> Kline:
    candle = None
    for part in parts:
        if candle is None:
            candle = _empty(open_time, interval, part.open, part.first_trade)
        _merge(candle, part)
    return candle or _empty(open_time, interval, last_close, -1)
