"""What coins are worth in the simulated world: prices that wander and come home.

Each coin's worth is an anchor times (1 + deviation). A deviation is a random walk with a pull back
to zero (an Ornstein-Uhlenbeck process), a share of it common to all coins. How wild the times are
changes now and then, so that quiet hours and busy ones follow each other. Integers throughout:
deviations are counted in 10^-9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import Final

from flowex.services.simulation.chance import Chance
from flowex.units.instants import HOUR, MINUTE, SECOND

ONE: Final = 1_000_000_000
"""The deviation 1.0."""

VOLATILITY: Final = 75_000
"""Standard deviation of the common walk after one second, in 10^-9: about 2.2 % a day."""

OWN_VOLATILITY: Final = 45_000
"""The same of a coin's own walk."""

HOMING_TIME: Final = 12 * HOUR
"""In this time a deviation shrinks to a third, but for chance."""

MOOD_TIME: Final = 20 * MINUTE
"""How long a mood lasts, about."""

MOODS: Final = (60, 80, 100, 100, 130, 180)
"""How wild the times may be, in percent."""

DEVIATION_MAX: Final = ONE // 2

STEP_MAX: Final = MINUTE
"""Longer silences count as this long: nobody traded meanwhile."""


@dataclass(slots=True)
class Worth:
    """What coins are worth now."""

    chance: Chance
    anchors: Mapping[int, int]
    """By asset: what one coin is worth in the long run, in any one unit."""
    mood: int = 100
    _common: int = 0
    _own: dict[int, int] = field(default_factory=dict)

    def resume(self, asset: int, worth: int) -> None:
        """Go on from what a coin was last worth."""
        deviation = worth * ONE // self.anchors[asset] - ONE
        self._own[asset] = max(-DEVIATION_MAX, min(DEVIATION_MAX, deviation)) - self._common

    def step(self, duration: int) -> None:
        """Let so many µs go by."""
        duration = min(duration, STEP_MAX)
        if self.chance.happens(duration, MOOD_TIME):
            self.mood = MOODS[self.chance.below(len(MOODS))]
        self._common = self._moved(self._common, VOLATILITY, duration)
        for asset in self.anchors:
            self._own[asset] = self._moved(self._own.get(asset, 0), OWN_VOLATILITY, duration)

    def of(self, asset: int) -> int:
        """Return what one coin is worth, in the unit of its anchor."""
        deviation = self._common + self._own.get(asset, 0)
        deviation = max(-DEVIATION_MAX, min(DEVIATION_MAX, deviation))
        return self.anchors[asset] * (ONE + deviation) // ONE

    def _moved(self, deviation: int, volatility: int, duration: int) -> int:
        home = deviation * duration // HOMING_TIME
        # The square root of the time, in thousandths of that of a second.
        spread = volatility * self.mood * isqrt(duration * SECOND // 1_000_000) // 100
        return deviation - home + spread * self.chance.normal() // 1_000_000
