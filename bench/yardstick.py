"""How fast this computer is right now: the CPU time of a fixed piece of plain Python.

Shared and hosted computers change their speed by half within minutes, and CPU time changes with
it. Two figures can be compared when each is told with its yardstick, and not otherwise.
"""

import time
from statistics import median
from typing import Final

ROUNDS: Final = 15
_STEPS: Final = 20_000
_PLACES: Final = 1_023


def yardstick_ms() -> float:
    """Return the median CPU time, in ms, of filling a dictionary 20,000 times over."""
    spent = []
    for _ in range(ROUNDS):
        began = time.thread_time_ns()
        places: dict[int, tuple[int, str]] = {}
        for step in range(_STEPS):
            places[step & _PLACES] = (step, str(step))
        spent.append(time.thread_time_ns() - began)
    return median(spent) / 1e6


if __name__ == "__main__":
    print(f"yardstick {yardstick_ms():.2f} ms")
