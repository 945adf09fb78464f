"""Where candles open: at whole multiples of their length, weeks on Monday, months on the 1st.

In a time zone everything is shifted: a day at +8 hours opens at 16:00 UTC of the day before.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from flowex.ports.market_data import MONTH
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

BASES: Final = (SECOND, MINUTE, 15 * MINUTE, HOUR, DAY)
"""The lengths candles are kept in; all others are put together from these."""

_WEEK: Final = 7 * DAY
_MONDAY: Final = 4 * DAY
"""The first day of all times was a Thursday."""

_YEAR: Final = 12
_FIRST_MONTH: Final = _YEAR
_LAST_MONTH: Final = 9_999 * _YEAR + 11
"""The calendar knows no other years than 1 to 9999."""


class Calendar:
    """The openings of one interval in one time zone, both in µs."""

    __slots__ = ("_interval", "_offset", "_origin", "base", "step")

    def __init__(self, interval: int, offset: int = 0) -> None:
        """Take an interval, a whole number of seconds or MONTH, and whole seconds from UTC."""
        self.step: Final = DAY if interval == MONTH else interval
        """What a candle is made of in equal parts: itself, or the days of a month."""
        self._interval = interval
        self._offset = offset
        self._origin = (0 if self.step % _WEEK else _MONDAY) - offset
        self.base: Final = self._base()
        """The longest kept length that every opening is a multiple of."""

    def open_of(self, time: int) -> int:
        """Return when the candle that holds an instant opens."""
        if self._interval == MONTH:
            return self._month(_month_of(time + self._offset))
        return time - (time - self._origin) % self._interval

    def after(self, opening: int, count: int = 1) -> int:
        """Return the opening so many candles later, or earlier when it is negative."""
        if self._interval == MONTH:
            return self._month(_month_of(opening + self._offset) + count)
        return opening + count * self._interval

    def span(
        self,
        limit: int,
        start_time: int | None,
        end_time: int | None,
        now: int,
        beginning: int = 0,
    ) -> tuple[int, int]:
        """Return the first and the last opening of a question; it asks nothing if last < first.

        With a start they are the first from there, without one the last up to the end. No candle
        opens after now, none ends before the beginning.
        """
        last = self.open_of(now if end_time is None else min(end_time, now))
        earliest = self.open_of(beginning)
        if start_time is None:
            return max(earliest, self.after(last, 1 - limit)), last
        first = max(earliest, self.after(self.open_of(min(start_time, now + 1) - 1)))
        return first, min(last, self.after(first, limit - 1))

    def openings(self, first: int, last: int) -> Sequence[int]:
        """Return every opening from the first to the last."""
        if self._interval != MONTH:
            return range(first, last + 1, self._interval)
        found = []
        while first <= last:
            found.append(first)
            first = self.after(first)
        return found

    def _base(self) -> int:
        return max(base for base in BASES if self.step % base == 0 and self._origin % base == 0)

    def _month(self, month: int) -> int:
        year, index = divmod(max(_FIRST_MONTH, min(month, _LAST_MONTH)), _YEAR)
        begin = datetime(year, index + 1, 1, tzinfo=UTC)
        return int(begin.timestamp()) * SECOND - self._offset


def _month_of(instant: int) -> int:
    """Return the month an instant (µs) lies in, counted from year 0."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    return moment.year * _YEAR + moment.month - 1
