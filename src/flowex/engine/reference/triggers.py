"""The orders of an instrument that wait for a price, and which of them a price calls.

Only orders are kept here, in the order in which one price calls several; what happens to those
that are called is ``lifecycle``'s.
"""

from bisect import bisect_left, bisect_right, insort
from operator import itemgetter
from typing import Final

from flowex.engine.reference.book import Order
from flowex.messages.enums import BIPS, Side

_DISTANCE: Final = itemgetter(0)


class Triggers:
    """Waiting orders by stop price, above and below the market, and those that trail.

    ``above`` and ``below`` hold (distance key, order number): the nearest stop price first, then
    the oldest order. ``tracking`` holds order numbers, the oldest first.
    """

    __slots__ = ("_above", "_below", "_orders", "_tracking")

    def __init__(self) -> None:
        """Wait for nothing."""
        self._above: list[tuple[int, int]] = []
        self._below: list[tuple[int, int]] = []
        self._tracking: list[int] = []
        self._orders: dict[int, Order] = {}

    def wait(self, order: Order) -> None:
        """Keep an order until the last price reaches its stop price."""
        self._orders[order.number] = order
        insort(*self._place(order))

    def track(self, order: Order) -> None:
        """Keep an order until the price comes back from its extreme."""
        self._orders[order.number] = order
        insort(self._tracking, order.number)

    def remove(self, order: Order) -> None:
        """Forget an order that waits or trails."""
        del self._orders[order.number]
        if order.number in self._tracking:
            self._tracking.remove(order.number)
        else:
            stops, key = self._place(order)
            del stops[bisect_left(stops, key)]

    def reached(self, price: int) -> list[Order]:
        """Return, in the order of their turn, the orders whose stop price is reached."""
        numbers = [
            number
            for stops, sign in ((self._above, 1), (self._below, -1))
            for _, number in stops[: bisect_right(stops, sign * price, key=_DISTANCE)]
        ]
        return [self._orders[number] for number in numbers]

    def returned(self, price: int) -> list[Order]:
        """Move every extreme; return the orders whose trailing delta the price came back.

        A sell trails the highest price p and is called at p * (1 - delta) or less; a buy trails
        the lowest and is called at p * (1 + delta) or more.
        """
        returned = []
        for number in self._tracking:
            order = self._orders[number]
            delta = order.conditions.trailing_delta
            if order.side == Side.SELL:
                order.extreme = max(order.extreme, price)
                called = price * BIPS <= order.extreme * (BIPS - delta)
            else:
                order.extreme = min(order.extreme or price, price)
                called = price * BIPS >= order.extreme * (BIPS + delta)
            if called:
                returned.append(order)
        return returned

    def __contains__(self, order: Order) -> bool:
        """Return whether the order waits or trails here."""
        return order.number in self._orders

    def is_empty(self) -> bool:
        """Return whether nobody waits."""
        return not self._orders

    def _place(self, order: Order) -> tuple[list[tuple[int, int]], tuple[int, int]]:
        if order.is_above:
            return self._above, (order.conditions.stop_price, order.number)
        return self._below, (-order.conditions.stop_price, order.number)


def would_trigger(order: Order, last_price: int) -> bool:
    """Return whether the last price (0: there is none) has reached the order's stop already."""
    stop = order.conditions.stop_price
    if not stop or not last_price:
        return False
    return stop <= last_price if order.is_above else stop >= last_price
