"""Chance from a seed: the same numbers on every computer, in integers only.

splitmix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
"""

from typing import Final

_MASK: Final = (1 << 64) - 1
_NORMAL_MEAN: Final = 4 * 65_535 // 2
_NORMAL_DEVIATION: Final = 37_837
"""Standard deviation of the sum of four even 16-bit numbers: 65536 / sqrt(3)."""


class Chance:
    """A stream of numbers; the same seed gives the same stream."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        """Begin the stream of that seed, 0 to 2**64 - 1."""
        self._state = seed & _MASK

    def bits(self) -> int:
        """Return 64 even bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        value = self._state
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return value ^ (value >> 31)

    def below(self, bound: int) -> int:
        """Return a number from 0 to ``bound`` - 1; even enough for bounds far below 2**64."""
        return (self.bits() * bound) >> 64

    def between(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def happens(self, numerator: int, denominator: int) -> bool:
        """Return true with that probability."""
        return self.below(denominator) < numerator

    def normal(self) -> int:
        """Return a number of mean 0 and standard deviation 1000, nearly normal, within ±3465."""
        bits = self.bits()
        total = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return (total - _NORMAL_MEAN) * 1_000 // _NORMAL_DEVIATION

    def halving(self, most: int) -> int:
        """Return 0 with probability 1/2, 1 with 1/4, 2 with 1/8 ..., at most ``most``."""
        bits = self.bits()
        return min((bits & -bits).bit_length() - 1 if bits else most, most)
