"""What the engine counts about itself; the gateway turns it into metrics."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

SYNC_BOUNDS_US: Final = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000)


class Histogram:
    """Counts of observations at or below each bound, and above the last."""

    def __init__(self, bounds: tuple[int, ...]) -> None:
        """Begin at zero; ``bounds`` ascend."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0

    def observe(self, value: int) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(self.counts)


@dataclass(slots=True)
class Counters:
    """Running totals since the start of the process."""

    commands: int = 0
    frames: int = 0
    events: int = 0
    refusals: Counter[int] = field(default_factory=Counter)
    """By result code, those before the journal included."""
    sync_us: Histogram = field(default_factory=lambda: Histogram(SYNC_BOUNDS_US))
    """How long appending and syncing a frame took, in µs."""
    snapshots: int = 0
    snapshot_failures: int = 0
    snapshot_pause_us_max: int = 0
    """The longest time between two batches that a snapshot took, in µs."""
