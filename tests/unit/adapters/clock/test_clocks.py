"""The clocks."""

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.clock.system import SystemClock
from flowex.units.instants import DAY


def test_the_system_clock_counts_microseconds_since_1970() -> None:
    assert SystemClock().now() > 19_000 * DAY


def test_the_manual_clock_moves_by_hand_only_and_both_ways() -> None:
    clock = ManualClock(5)
    assert clock.now() == clock.now() == 5
    assert clock.advance(10) == 15
    assert clock.advance(-20) == clock.now() == -5
    clock.set(7)
    assert clock.now() == 7
