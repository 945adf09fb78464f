"""Chance that repeats: the same seed gives the same bytes, on every machine."""

import hashlib


class SeededEntropy:
    """Gives the bytes of SHA-256 over (seed, counter). For simulations, never for keys."""

    def __init__(self, seed: int) -> None:
        """Start the stream of ``seed``, 0 to 2**64 - 1."""
        self._seed = seed.to_bytes(8, "little")
        self._counter = 0
        self._left = b""

    def token(self, size_bytes: int) -> bytes:
        """Return the next bytes of the stream."""
        while len(self._left) < size_bytes:
            block = self._seed + self._counter.to_bytes(8, "little")
            self._left += hashlib.sha256(block).digest()
            self._counter += 1
        token, self._left = self._left[:size_bytes], self._left[size_bytes:]
        return token
