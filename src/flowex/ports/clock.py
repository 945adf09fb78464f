"""The only source of time."""

from typing import Protocol


class Clock(Protocol):
    """Tells the time; real, simulated or stepped by a test."""

    def now(self) -> int:
        """Return microseconds since 1970, UTC; may jump, so the sequencer takes the maximum."""
        ...
