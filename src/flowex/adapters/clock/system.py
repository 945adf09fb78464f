"""The computer's own clock."""

import time


class SystemClock:
    """Tells the system's time; it may jump when the computer's clock is set."""

    def now(self) -> int:
        """Return microseconds since 1970, UTC."""
        return time.time_ns() // 1_000
