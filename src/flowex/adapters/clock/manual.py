"""A clock that stands still until somebody moves it: simulations and tests."""


class ManualClock:
    """Tells the time it was last given."""

    def __init__(self, now: int = 0) -> None:
        """Start at ``now``, microseconds since 1970, UTC."""
        self._now = now

    def now(self) -> int:
        """Return microseconds since 1970, UTC."""
        return self._now

    def advance(self, duration: int) -> int:
        """Move by ``duration`` microseconds (backwards when negative) and return the new time."""
        self._now += duration
        return self._now

    def set(self, now: int) -> None:
        """Jump to ``now``."""
        self._now = now
