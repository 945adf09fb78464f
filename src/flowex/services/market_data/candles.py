"""Candles of the base lengths: a second, a minute, a quarter, an hour and a day.

The second and the minute follow every trade. When a minute is over it is added to the longer ones,
so these never hold the newest minute of the list; `Candles.rows` adds it.

The newest candles are in memory, all that are over go to the history and are read back from there.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final

from flowex.ports.market_data import Kline, PublicTrade
from flowex.services.market_data.calendar import BASES
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

KEPT_MAX: Final = {
    SECOND: 1_500,
    MINUTE: 3_000,
    15 * MINUTE: 2_000,
    HOUR: 4_000,
    DAY: 1_500,
}
"""Candles in memory of each base: the rolling day, and what a chart usually opens with."""

UNWRITTEN_MAX: Final = 20_000
"""Candles of a base that wait for the history to have them; beyond this the oldest are gone."""

_TRIM: Final = 500
_NO_TRADE: Final = -1
_OPEN_TIME: Final = attrgetter("open_time")
_HIGH: Final = attrgetter("high")
_LOW: Final = attrgetter("low")
_VOLUME: Final = attrgetter("volume")
_QUOTE_VOLUME: Final = attrgetter("quote_volume")
_TRADES: Final = attrgetter("trades")
_TAKER_BUY_VOLUME: Final = attrgetter("taker_buy_volume")
_TAKER_BUY_QUOTE_VOLUME: Final = attrgetter("taker_buy_quote_volume")


class Candles:
    """An instrument's candles; ``dirty`` gathers those changed since someone emptied it."""

    __slots__ = (
        "_kept",
        "_open_minute",
        "_taken",
        "_trimmed",
        "_written",
        "beginnings",
        "dirty",
    )

    def __init__(self) -> None:
        """Know no candle."""
        self.dirty: dict[tuple[int, int], Kline] = {}
        self.beginnings: dict[int, int] = {}
        """The opening of the first candle of all, by base, as far as somebody has asked for it."""
        self._kept: dict[int, list[Kline]] = {base: [] for base in BASES}
        self._open_minute: Kline | None = None
        self._trimmed: set[int] = set()
        self._taken: dict[int, int] = {}
        self._written: dict[int, int] = {}

    @property
    def minutes(self) -> Sequence[Kline]:
        """The minutes that had trades, oldest first."""
        return self._kept[MINUTE]

    @property
    def last_close(self) -> int:
        """The close of the newest candle; 0 when there is none."""
        newest: Kline | None = None
        for rows in self._kept.values():  # A longer candle may lack the newest minute.
            if rows and (newest is None or rows[-1].open_time > newest.close_time):
                newest = rows[-1]
        return newest.close if newest else 0

    def load(self, base: int, klines: Sequence[Kline], running: Kline | None = None) -> None:
        """Take the newest candles of the past, oldest first; fewer than KEPT_MAX are all of them.

        Every minute among them is over and counted in the longer ones; ``running`` is a candle that
        is not over, and not yet in the history.
        """
        self._kept[base] = list(klines)
        self._written[base] = klines[-1].open_time if klines else 0
        if running is not None:
            self.dirty[base, running.open_time] = running
            self._written[base] = running.open_time - 1
        if len(klines) >= KEPT_MAX[base]:
            self._trimmed.add(base)

    def open_times(self) -> dict[int, int]:
        """Return the opening of the newest candle of each base: only that one still changes."""
        return {base: rows[-1].open_time for base, rows in self._kept.items() if rows}

    def take_over(self) -> list[tuple[int, Kline]]:
        """Return what changed and is over, each candle with its base; ``dirty`` keeps the rest."""
        opened = self._taken = self.open_times()
        over = [(base, candle) for (base, at), candle in self.dirty.items() if at != opened[base]]
        self.dirty = {key: candle for key, candle in self.dirty.items() if key[1] == opened[key[0]]}
        return over

    def written(self) -> None:
        """Hear that the history has all that was taken: memory may forget it."""
        self._written = {base: opened - 1 for base, opened in self._taken.items()}

    def add(self, trade: PublicTrade) -> Kline:
        """Take a trade; return the minute it belongs to."""
        time = trade.time
        second_open, minute_open = time - time % SECOND, time - time % MINUTE
        seconds, minutes = self._kept[SECOND], self._kept[MINUTE]
        if not seconds or seconds[-1].open_time != second_open:
            self._append(SECOND, _begun(second_open, SECOND, trade))
            if not minutes or minutes[-1].open_time != minute_open:
                if self._open_minute is not None:
                    self._close(self._open_minute)
                self._open_minute = _begun(minute_open, MINUTE, trade)
                self._append(MINUTE, self._open_minute)
        self.dirty[SECOND, second_open] = seconds[-1]
        self.dirty[MINUTE, minute_open] = minutes[-1]
        price, quantity, quote = trade.price, trade.quantity, trade.quote_amount
        for candle in (seconds[-1], minutes[-1]):
            candle.close = price
            if price > candle.high:
                candle.high = price
            elif price < candle.low:
                candle.low = price
            candle.volume += quantity
            candle.quote_volume += quote
            candle.trades += 1
            candle.last_trade = trade.trade
            if not trade.buyer_is_maker:
                candle.taker_buy_volume += quantity
                candle.taker_buy_quote_volume += quote
        return minutes[-1]

    def rows(self, base: int, start_time: int, end_time: int) -> list[Kline]:
        """Return what is kept of a base and opens between the times, both included.

        The rows live: whoever keeps them while trades come in copies them first.
        """
        kept = self._with_open_minute(base)
        first = bisect_left(kept, start_time, key=_OPEN_TIME)
        return kept[first : bisect_left(kept, end_time + 1, first, key=_OPEN_TIME)]

    def close_before(self, base: int, time: int) -> int | None:
        """Return the close of the last kept candle of a base that opens before a time."""
        kept = self._with_open_minute(base)
        index = bisect_left(kept, time, key=_OPEN_TIME)
        return kept[index - 1].close if index else None

    def kept_from(self, base: int) -> int | None:
        """Return the opening from which on every candle of a base is kept; None: there is none."""
        kept = self._with_open_minute(base)
        return kept[0].open_time if kept else None

    def beginning(self, base: int) -> int | None:
        """Return the opening of the first candle of all, where that is known."""
        return self.beginnings.get(base) if base in self._trimmed else self.kept_from(base)

    def is_whole(self, base: int) -> bool:
        """Whether nothing of a base lies in the history that is not kept here too."""
        return base not in self._trimmed

    def _with_open_minute(self, base: int) -> list[Kline]:
        kept = self._kept[base]
        if base <= MINUTE or self._open_minute is None:
            return kept
        return [*kept, self._open_minute]

    def _append(self, base: int, candle: Kline) -> None:
        rows = self._kept[base]
        rows.append(candle)
        if len(rows) > KEPT_MAX[base] + _TRIM:
            self._forget(base)

    def _forget(self, base: int) -> None:
        rows = self._kept[base]
        written = bisect_left(rows, self._written.get(base, 0) + 1, key=_OPEN_TIME)
        count = max(min(len(rows) - KEPT_MAX[base], written), len(rows) - UNWRITTEN_MAX)
        if count > 0:
            if base not in self._trimmed:
                self._trimmed.add(base)
                self.beginnings[base] = rows[0].open_time
            del rows[:count]

    def _close(self, minute: Kline) -> None:
        for base in BASES:
            if base <= MINUTE:
                continue
            rows = self._kept[base]
            open_time = minute.open_time - minute.open_time % base
            if rows and rows[-1].open_time == open_time:
                merge(rows[-1], minute)
            else:
                self._append(base, _joined(open_time, base, [minute]))
            self.dirty[base, open_time] = rows[-1]


def merge(into: Kline, part: Kline) -> None:
    """Add a later candle to one that contains it."""
    into.high = max(into.high, part.high)
    into.low = min(into.low, part.low)
    into.close = part.close
    into.volume += part.volume
    into.quote_volume += part.quote_volume
    into.trades += part.trades
    into.taker_buy_volume += part.taker_buy_volume
    into.taker_buy_quote_volume += part.taker_buy_quote_volume
    if part.first_trade != _NO_TRADE:
        into.last_trade = part.last_trade
        if into.first_trade == _NO_TRADE:
            into.first_trade = part.first_trade


def coarser(rows: Iterable[Kline], base: int) -> list[Kline]:
    """Return candles of a longer base made of shorter ones, oldest first; gaps stay gaps."""
    found: list[Kline] = []
    for row in rows:
        open_time = row.open_time - row.open_time % base
        if found and found[-1].open_time == open_time:
            merge(found[-1], row)
        else:
            found.append(_joined(open_time, base, [row]))
    return found


def joined(rows: Sequence[Kline], openings: Sequence[int], end: int) -> list[Kline]:
    """Return the candles that open then and have rows, the last of them until ``end``.

    The rows are sorted and begin at or after the first opening.
    """
    found = []
    index = 0
    for number, opening in enumerate(openings, start=1):
        if index == len(rows):
            break
        following = openings[number] if number < len(openings) else end
        if rows[index].open_time < following:
            after = bisect_left(rows, following, index, key=_OPEN_TIME)
            found.append(_joined(opening, following - opening, rows[index:after]))
            index = after
    return found


def gapless(
    candles: Sequence[Kline], openings: Sequence[int], end: int, last_close: int
) -> list[Kline]:
    """Return a candle for each opening: one without trades repeats the close before it."""
    found, index = [], 0
    for number, opening in enumerate(openings, start=1):
        if index < len(candles) and candles[index].open_time == opening:
            candle = candles[index]
            index += 1
        else:
            following = openings[number] if number < len(openings) else end
            candle = empty(opening, following - opening, last_close)
        last_close = candle.close
        found.append(candle)
    return found


def empty(open_time: int, interval: int, price: int) -> Kline:
    """Return a candle without trades; ``close_time`` is its last microsecond."""
    close_time = open_time + interval - 1
    return Kline(
        open_time, close_time, price, price, price, price, 0, 0, 0, 0, 0, _NO_TRADE, _NO_TRADE
    )


def _begun(open_time: int, interval: int, trade: PublicTrade) -> Kline:
    candle = empty(open_time, interval, trade.price)
    candle.first_trade = trade.trade
    return candle


def _joined(open_time: int, interval: int, parts: Sequence[Kline]) -> Kline:
    ids = [part.first_trade for part in parts if part.first_trade != _NO_TRADE]
    lasts = [part.last_trade for part in reversed(parts) if part.last_trade != _NO_TRADE]
    return Kline(
        open_time,
        open_time + interval - 1,
        parts[0].open,
        max(map(_HIGH, parts)),
        min(map(_LOW, parts)),
        parts[-1].close,
        sum(map(_VOLUME, parts)),
        sum(map(_QUOTE_VOLUME, parts)),
        sum(map(_TRADES, parts)),
        sum(map(_TAKER_BUY_VOLUME, parts)),
        sum(map(_TAKER_BUY_QUOTE_VOLUME, parts)),
        ids[0] if ids else _NO_TRADE,
        lasts[0] if lasts else _NO_TRADE,
    )
