"""An instrument's order book: price levels, best first, and within a level first come first.

The book only orders orders; it moves no money and emits no event.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from flowex.messages.commands import Conditions
from flowex.messages.enums import OrderType, Phase, Side

PLAIN: Final = Conditions()
"""Of an order that has no conditions."""

STOP_LOSSES: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
TAKE_PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
ALGOS: Final = STOP_LOSSES + TAKE_PROFITS
"""The types that wait for a price."""

MARKETS: Final = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)
"""The types without a price of their own."""


@dataclass(slots=True, eq=False)
class Order:
    """An order that is in the book, on its way through it, or waiting to get there.

    A MARKET order by quote amount has quantity 0 and spends ``budget``.
    """

    number: int
    account: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    self_trade: int
    price: int
    quantity: int
    expire_time: int
    client_id: str
    remember: bool
    budget: int = 0
    conditions: Conditions = PLAIN
    order_list: int = 0
    phase: int = Phase.WORKING
    unheld: bool = False
    hold_price: int = 0
    extreme: int = 0
    shown: int = 0
    amends: int = 0
    filled: int = 0
    prevented: int = 0
    quote_filled: int = 0
    priority: int = 0

    @property
    def remaining(self) -> int:
        """What can still trade, in quantity units; 0 for an order by quote amount."""
        return self.quantity - self.filled - self.prevented if self.quantity else 0

    @property
    def has_conditions(self) -> bool:
        """Whether it is more than price and quantity."""
        return self.conditions is not PLAIN

    @property
    def is_iceberg(self) -> bool:
        """Whether the book shows only a part of it at a time."""
        return self.conditions.display_quantity > 0

    @property
    def offer(self) -> int:
        """What a taker can trade with before others have their turn: all, or what is shown."""
        return self.shown if self.is_iceberg else self.remaining

    @property
    def is_market(self) -> bool:
        """Whether it takes any price."""
        return self.order_type in MARKETS

    @property
    def is_algo(self) -> bool:
        """Whether it waits for a price before it does anything."""
        return self.order_type in ALGOS

    @property
    def is_above(self) -> bool:
        """Whether its stop price lies above the market: a stop to buy, a profit to sell."""
        return (self.order_type in STOP_LOSSES) == (self.side == Side.BUY)

    @property
    def limit_price(self) -> int | None:
        """The worst price it takes; None for any."""
        return None if self.is_market else self.price


@dataclass(slots=True, eq=False)
class Level:
    """All orders at one price, oldest first, and the total they show."""

    price: int
    quantity: int = 0
    orders: dict[int, Order] = field(default_factory=dict)

    def first(self) -> Order:
        """Return the order that trades next."""
        return next(iter(self.orders.values()))

    def refresh(self, order: Order) -> None:
        """Let an iceberg show its next part, behind everybody else."""
        order.shown = min(order.conditions.display_quantity, order.remaining)
        self.quantity += order.shown
        self.orders[order.number] = self.orders.pop(order.number)


class BookSide:
    """The levels of one side; ``keys`` ascend towards the best price, whichever side it is."""

    __slots__ = ("_keys", "_sign", "levels")

    def __init__(self, side: Side) -> None:
        """Make an empty side."""
        self._sign = 1 if side == Side.BUY else -1
        self._keys: list[int] = []
        self.levels: dict[int, Level] = {}

    def best(self) -> Level | None:
        """Return the level that trades next."""
        return self.levels[self._sign * self._keys[-1]] if self._keys else None

    def best_first(self) -> Iterator[Level]:
        """Yield the levels from the best price on."""
        return (self.levels[self._sign * key] for key in reversed(self._keys))

    def add(self, order: Order) -> Level:
        """Put the order at the end of its level and return the level."""
        level = self.levels.get(order.price)
        if level is None:
            level = self.levels[order.price] = Level(order.price)
            insort(self._keys, self._sign * order.price)
        level.orders[order.number] = order
        level.quantity += order.offer
        return level

    def remove(self, order: Order) -> Level:
        """Take the order out, and its level when it was the last; return the level."""
        level = self.levels[order.price]
        del level.orders[order.number]
        level.quantity -= order.offer
        if not level.orders:
            del self.levels[order.price]
            del self._keys[bisect_left(self._keys, self._sign * order.price)]
        return level

    def crosses(self, price: int, taker_price: int | None) -> bool:
        """Return whether a taker with that limit (None: any price) trades at ``price``."""
        return taker_price is None or self._sign * price >= self._sign * taker_price


class Book:
    """Both sides of an instrument."""

    __slots__ = ("_sides",)

    def __init__(self) -> None:
        """Make an empty book."""
        self._sides = (BookSide(Side.BUY), BookSide(Side.SELL))

    def side(self, side: int) -> BookSide:
        """Return the side on which orders of ``side`` rest."""
        return self._sides[side]

    def opposite(self, side: int) -> BookSide:
        """Return the side that an order of ``side`` trades against."""
        return self._sides[1 - side]

    def is_empty(self) -> bool:
        """Return whether no order rests on either side."""
        return not (self._sides[0].levels or self._sides[1].levels)
