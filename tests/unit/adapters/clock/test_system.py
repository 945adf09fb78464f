"""The system's clock."""

from flowex.adapters.clock.system import SystemClock
from flowex.units.instants import DAY


def test_it_counts_microseconds_since_1970() -> None:
    assert SystemClock().now() > 19_000 * DAY
