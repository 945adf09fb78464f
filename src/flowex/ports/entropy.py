"""The only source of chance."""

from typing import Protocol


class Entropy(Protocol):
    """Gives unpredictable bytes; a seeded one makes a whole exchange repeatable."""

    def token(self, size_bytes: int) -> bytes:
        """Return that many random bytes."""
        ...
