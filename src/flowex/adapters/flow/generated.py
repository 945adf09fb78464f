"""Makes a synthetic stream in the `commands` format: the same bytes everywhere, from a seed.

Integers only and a generator of its own (splitmix64), so that no library, platform or version can
change a byte. Prices scatter around a slowly drifting middle, most close to it; half the orders are
of one unit, a few large. The maker of the stream keeps the book that the stream leads to, so that
cancels, reductions and moves name orders that are there, and their number stays within bounds.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from flowex.adapters.flow.commands import RECORD, CommandsFlow
from flowex.messages.enums import Side
from flowex.ports.flow import FlowError, Kind

COMMANDS_MAX = 40_000_000
"""A generated stream is held in memory whole, 24 bytes a command."""

_NAME = re.compile(r"(\w+)(?::(\d{1,18}))?(?::(\d{1,18}))?", re.ASCII)
_MASK = (1 << 64) - 1
_MIDDLE, _MIDDLE_MIN, _MIDDLE_MAX = 20_000, 15_000, 25_000
_DRIFT_ONE_IN = 1_024
_CROSSING_ONE_IN = 64


class Character(NamedTuple):
    """How often each kind of command occurs, of 1,000, and how many orders rest."""

    place: int
    take: int
    cancel: int
    reduce: int
    move: int
    resting: int
    """This many placements come first; from then on the book stays within a tenth of it."""


CHARACTERS = {
    "mix": Character(place=450, take=30, cancel=400, reduce=20, move=100, resting=2_000),
    "moves": Character(place=137, take=16, cancel=77, reduce=77, move=693, resting=1_000),
}


def open_flow(name: str) -> "GeneratedFlow":
    """Make the stream of that name."""
    return GeneratedFlow.parse(name)


class GeneratedFlow(CommandsFlow):
    """A stream made in memory, named `KIND[:SEED[:COMMANDS]]`, such as `mix:42:1000000`."""

    @classmethod
    def parse(cls, name: str) -> "GeneratedFlow":
        """Make the stream of that name; raise `FlowError` when it is none."""
        match = _NAME.fullmatch(name)
        if match is None:
            raise FlowError(f"{name}: a generated flow is named KIND[:SEED[:COMMANDS]]")
        kind, seed, commands = match.groups()
        return cls(name, b"".join(generate(kind, int(seed or 42), int(commands or 100_000))))


def generate(kind: str, seed: int, commands: int) -> Iterator[bytes]:
    """Yield a stream's records; raise `FlowError` for an unknown kind or too many commands."""
    if kind not in CHARACTERS:
        raise FlowError(f"{kind}: the kinds of generated flow are {', '.join(CHARACTERS)}")
    if not 0 <= commands <= COMMANDS_MAX:
        raise FlowError(f"{commands}: a generated flow has 0 to {COMMANDS_MAX} commands")
    maker = _Maker(CHARACTERS[kind], seed)
    return (maker.next_record() for _ in range(commands))


class _Chance:
    """Splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, limit: int) -> int:
        """Draw an integer from 0 to limit - 1."""
        self._state = z = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) * limit) >> 64

    def small(self, octaves: int) -> int:
        """Draw from 0 to 2^octaves - 1, each octave about as often as any other."""
        return self.below(2 << self.below(octaves))


class _Resting:
    """An order in the maker's book."""

    __slots__ = ("place", "price", "quantity", "side")

    def __init__(self, side: Side, price: int, quantity: int) -> None:
        self.side = side
        self.price = price
        self.quantity = quantity
        self.place = 0


class _Book:
    """What rests after the stream so far; an ordered dict is a queue one can leave midway."""

    def __init__(self) -> None:
        self.orders: dict[int, _Resting] = {}
        self._ids: list[int] = []
        self._levels: dict[Side, dict[int, dict[int, None]]] = {side: {} for side in Side}

    def any_id(self, chance: _Chance) -> int:
        """Draw a resting order."""
        return self._ids[chance.below(len(self._ids))]

    def trade(self, side: Side, price: int, quantity: int) -> int:
        """Take what a price allows from the other side; give what is left of the quantity."""
        facing = self._levels[Side(1 - side)]
        while quantity and facing:
            best = min(facing) if side is Side.BUY else max(facing)
            if best > price if side is Side.BUY else best < price:
                break
            maker_id = next(iter(facing[best]))
            maker = self.orders[maker_id]
            traded = min(quantity, maker.quantity)
            quantity -= traded
            self.reduce(maker_id, traded)
        return quantity

    def add(self, order_id: int, order: _Resting) -> None:
        """Trade, then queue what is left."""
        order.quantity = self.trade(order.side, order.price, order.quantity)
        if order.quantity:
            order.place = len(self._ids)
            self._ids.append(order_id)
            self.orders[order_id] = order
            self._levels[order.side].setdefault(order.price, {})[order_id] = None

    def reduce(self, order_id: int, less: int) -> None:
        """Lower an order in place, or take it out."""
        order = self.orders[order_id]
        if less < order.quantity:
            order.quantity -= less
            return
        self.remove(order_id)

    def remove(self, order_id: int) -> _Resting:
        """Take an order out; the last of the list of ids fills its place."""
        order = self.orders.pop(order_id)
        last = self._ids.pop()
        if last != order_id:
            self._ids[order.place] = last
            self.orders[last].place = order.place
        level = self._levels[order.side][order.price]
        del level[order_id]
        if not level:
            del self._levels[order.side][order.price]
        return order


class _Maker:
    """Draws one command after another and keeps the book in step."""

    def __init__(self, character: Character, seed: int) -> None:
        self._character = character
        self._up_to = dict(zip(Kind, accumulate(character[: len(Kind)]), strict=True))
        self._chance = _Chance(seed)
        self._book = _Book()
        self._middle = _MIDDLE
        self._last_id = 0

    def next_record(self) -> bytes:
        """Draw a command, apply it to the book and pack it."""
        if not self._chance.below(_DRIFT_ONE_IN):
            step = 1 - 2 * self._chance.below(2)
            self._middle = min(max(self._middle + step, _MIDDLE_MIN), _MIDDLE_MAX)
        kind = self._kind()
        if kind in (Kind.PLACE, Kind.TAKE):
            return self._new_order(kind)
        return self._change(kind)

    def _kind(self) -> Kind:
        """Draw a kind; placements and cancels stand in for each other at the bounds."""
        if self._last_id < self._character.resting:
            return Kind.PLACE
        draw = self._chance.below(1_000)
        kind = next(kind for kind, total in self._up_to.items() if draw < total)
        resting, tenth = len(self._book.orders), self._character.resting // 10
        if kind is Kind.CANCEL and resting <= self._character.resting - tenth:
            return Kind.PLACE
        if kind is Kind.PLACE and resting >= self._character.resting + tenth:
            return Kind.CANCEL
        return kind

    def _new_order(self, kind: Kind) -> bytes:
        side = Side(self._chance.below(2))
        away = 1 + self._chance.small(10) if self._chance.below(_CROSSING_ONE_IN) else -1
        price = self._middle - away if side is Side.BUY else self._middle + away
        octaves = 7 if kind is Kind.PLACE else 4
        quantity = 1 if self._chance.below(2) else 1 + self._chance.small(octaves)
        self._last_id += 1
        if kind is Kind.TAKE:
            self._book.trade(side, 1 << 32 if side is Side.BUY else 0, quantity)
        else:
            self._book.add(self._last_id, _Resting(side, price, quantity))
        return RECORD.pack(self._last_id, price, quantity, kind, side)

    def _change(self, kind: Kind) -> bytes:
        order_id = self._book.any_id(self._chance)
        order = self._book.orders[order_id]
        side, price, quantity = order.side, order.price, 0
        if kind is Kind.CANCEL:
            self._book.remove(order_id)
        elif kind is Kind.REDUCE:
            quantity = 1 + self._chance.below(order.quantity)
            self._book.reduce(order_id, quantity)
        else:
            quantity = order.quantity
            coin = self._chance.below(512) | 256
            step = (coin & -coin).bit_length()
            price += step if self._chance.below(2) else -step
            self._book.remove(order_id)
            self._book.add(order_id, _Resting(side, price, quantity))
        return RECORD.pack(order_id, price, quantity, kind, side)
