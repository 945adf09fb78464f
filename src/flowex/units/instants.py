"""Time is a signed 64-bit count of microseconds since 1970, UTC."""

from typing import Final, NewType

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def milliseconds(instant: int) -> int:
    """Return the instant in whole milliseconds, rounded down."""
    return instant // MILLISECOND
