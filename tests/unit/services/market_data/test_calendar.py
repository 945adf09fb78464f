"""Openings of every interval, in UTC and in zones."""

from datetime import UTC, datetime

import pytest
import recomputed
from hypothesis import given
from hypothesis import strategies as st

from flowex.ports.market_data import MONTH
from flowex.services.market_data.calendar import BASES, Calendar
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

INTERVALS = (SECOND, MINUTE, 3 * MINUTE, HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, MONTH)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: minutes * MINUTE)


def instant(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * SECOND


@given(st.integers(0, 4_000_000_000), st.sampled_from(INTERVALS), OFFSETS)
def test_an_opening_is_that_of_the_wall_clock(second: int, interval: int, offset: int) -> None:
    time, calendar = second * SECOND + 7, Calendar(interval, offset)
    opened = calendar.open_of(time)
    assert opened == recomputed.opening(time, interval, offset)
    assert calendar.after(opened) == recomputed.following(opened, interval, offset)
    assert calendar.after(calendar.after(opened, 5), -5) == opened
    assert opened % calendar.base == 0


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    leap_day = instant(2024, 2, 29, 23)
    assert Calendar(7 * DAY).open_of(leap_day) == instant(2024, 2, 26)
    assert Calendar(MONTH).open_of(leap_day) == instant(2024, 2, 1)
    assert Calendar(MONTH).after(instant(2024, 2, 1)) == instant(2024, 3, 1)
    assert Calendar(MONTH, HOUR).open_of(leap_day) == instant(2024, 2, 29, 23)
    assert Calendar(MONTH).openings(instant(2023, 11, 1), instant(2024, 2, 1)) == [
        instant(2023, 11, 1),
        instant(2023, 12, 1),
        instant(2024, 1, 1),
        instant(2024, 2, 1),
    ]


@pytest.mark.parametrize(
    ("interval", "offset", "base"),
    [
        (SECOND, 0, SECOND),
        (5 * MINUTE, 0, MINUTE),
        (30 * MINUTE, 0, 15 * MINUTE),
        (12 * HOUR, 0, HOUR),
        (7 * DAY, 0, DAY),
        (MONTH, 0, DAY),
        (DAY, 8 * HOUR, HOUR),
        (MONTH, 345 * MINUTE, 15 * MINUTE),
        (MONTH, 7 * MINUTE, MINUTE),
        (3 * MINUTE, 7 * MINUTE, MINUTE),
    ],
)
def test_the_longest_base_that_fits_is_taken(interval: int, offset: int, base: int) -> None:
    assert base in BASES
    assert Calendar(interval, offset).base == base


@pytest.mark.parametrize("interval", INTERVALS)
def test_bounds_beyond_all_times_ask_nothing_or_end_now(interval: int) -> None:
    calendar, now = Calendar(interval), instant(2024, 2, 29)
    running = calendar.open_of(now)
    assert calendar.span(5, None, 10**18, now)[1] == running
    first, last = calendar.span(5, 10**18 - 1, None, now)
    assert last < first
    assert calendar.span(5, 0, None, now, now - 1)[0] == calendar.open_of(now - 1)
    assert calendar.span(5, 10, 5, now)[1] <= calendar.open_of(5)
