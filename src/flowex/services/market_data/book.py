"""A mirror of the machine's books, made of level changes."""

from bisect import bisect_left, insort
from heapq import nlargest
from typing import Final

from flowex.messages.enums import Side
from flowex.messages.events import LevelChanged
from flowex.messages.state import StateOrder
from flowex.ports.market_data import Depth, DepthChange

DEPTH_MAX: Final = 5_000
"""Most levels of a side that can be asked for."""

_SORTED_MIN: Final = 2 * DEPTH_MAX
_SORTED_MAX: Final = 4 * DEPTH_MAX
"""Only so many of the best levels are kept sorted: a level far from the market costs nothing."""


class BookSide:
    """One side's levels. ``_keys`` ascend towards the best price, whichever side it is."""

    __slots__ = ("_keys", "_levels", "_sign")

    def __init__(self, side: Side) -> None:
        """Make an empty side."""
        self._sign = 1 if side == Side.BUY else -1
        self._levels: dict[int, int] = {}
        self._keys: list[int] = []

    def put(self, price: int, quantity: int) -> None:
        """Set a level's total; 0 deletes it."""
        if not quantity:
            if self._levels.pop(price, None) is not None:
                self._unsort(self._sign * price)
        elif price in self._levels:
            self._levels[price] = quantity
        else:
            is_whole = len(self._levels) == len(self._keys)
            self._levels[price] = quantity
            self._sort(self._sign * price, is_whole=is_whole)

    def add(self, price: int, quantity: int) -> None:
        """Add to a level's total."""
        self.put(price, self._levels.get(price, 0) + quantity)

    def best(self, limit: int) -> list[tuple[int, int]]:
        """Return up to so many levels (price, quantity), best first."""
        wanted = min(limit, DEPTH_MAX, len(self._levels))
        if len(self._keys) < wanted:
            self._keys = nlargest(_SORTED_MIN, (self._sign * price for price in self._levels))
            self._keys.reverse()
        sign, levels = self._sign, self._levels
        best = self._keys[len(self._keys) - wanted :]
        return [(sign * key, levels[sign * key]) for key in reversed(best)]

    def _sort(self, key: int, *, is_whole: bool) -> None:
        keys = self._keys
        if not is_whole and (not keys or key < keys[0]):
            return
        insort(keys, key)
        if len(keys) > _SORTED_MAX:
            del keys[: len(keys) - _SORTED_MIN]

    def _unsort(self, key: int) -> None:
        keys = self._keys
        index = bisect_left(keys, key)
        if index < len(keys) and keys[index] == key:
            del keys[index]


class BookMirror:
    """Both sides of an instrument's book, and what changed since it was last asked."""

    __slots__ = ("_changed", "_first_update", "_sides", "last_update")

    def __init__(self, last_update: int = 0) -> None:
        """Make an empty book at that update id."""
        self.last_update = last_update
        self._sides = (BookSide(Side.BUY), BookSide(Side.SELL))
        self._changed: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._first_update = 0

    def seed(self, order: StateOrder) -> None:
        """Add an open order of a state record."""
        remaining = order.quantity - order.filled - order.prevented
        self._sides[order.side].add(order.price, remaining)

    def apply(self, event: LevelChanged) -> None:
        """Take the next change."""
        assert event.update == self.last_update + 1, "an update of the book is missing"
        self.last_update = event.update
        if not self._first_update:
            self._first_update = event.update
        self._sides[event.side].put(event.price, event.quantity)
        self._changed[event.side][event.price] = event.quantity

    def depth(self, limit: int) -> Depth:
        """Return the best levels of each side."""
        bids, asks = self._sides
        return Depth(self.last_update, bids.best(limit), asks.best(limit))

    def take_change(self, time: int) -> DepthChange | None:
        """Return what changed since the last call, or None."""
        if not self._first_update:
            return None
        bids, asks = self._changed
        change = DepthChange(
            self._first_update, self.last_update, time, list(bids.items()), list(asks.items())
        )
        self._changed = ({}, {})
        self._first_update = 0
        return change
