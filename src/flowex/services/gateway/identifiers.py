"""Fresh identifiers, drawn from the source of chance many at a time: each draw is a system call."""

from typing import Final

from flowex.ports.entropy import Entropy

_ID_BYTES: Final = 11
_DRAWN: Final = 256
"""Identifiers drawn at once."""


class Identifiers:
    """Gives unpredictable texts of 22 hexadecimal digits."""

    def __init__(self, entropy: Entropy) -> None:
        """Draw nothing yet."""
        self._entropy = entropy
        self._ready: list[str] = []

    def fresh(self) -> str:
        """Return a text never given before."""
        if not self._ready:
            drawn = self._entropy.token(_ID_BYTES * _DRAWN).hex()
            width = 2 * _ID_BYTES
            self._ready = [drawn[at : at + width] for at in range(0, len(drawn), width)]
        return self._ready.pop()
