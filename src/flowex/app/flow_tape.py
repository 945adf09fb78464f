"""Compares the trades of a replay with the tape the recorded market printed."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from flowex.ports.flow import Print


def common_prints(trades: Sequence[Print], tape: Sequence[Print]) -> int:
    """Count the trades that equal a print in price and quantity, both read in order.

    That is the length of their longest common subsequence, by the method of Hunt and Szymanski
    (CACM 20, 1977): `ends[k]` is where, on the tape, a match of k + 1 trades can end at earliest.
    """
    places: defaultdict[Print, list[int]] = defaultdict(list)
    for place, line in enumerate(tape):
        places[line].append(place)
    ends: list[int] = []
    for trade in trades:
        for place in reversed(places.get(trade, ())):
            index = bisect_left(ends, place)
            ends[index : index + 1] = [place]
    return len(ends)
