"""The third opinion: a naive price-time matcher that shares no code with either machine.

It knows orders, owners and trades, and nothing of funds, fees, ticks, limits or events. It is
written to be believed on reading: a side of the book is a sorted list of prices and one list of
orders per price, oldest first. `play` runs recorded flow through it.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

from flowex.messages.enums import SelfTrade, Side, TimeInForce
from flowex.ports.flow import Action, Kind


class Trade(NamedTuple):
    """One match, at the maker's price."""

    taker_id: int
    maker_id: int
    price: int
    quantity: int


@dataclass(eq=False, slots=True)
class Order:
    """An order and what is left of it; `quantity` is the total it was last given."""

    id: int
    owner: int
    side: Side
    price: int | None
    quantity: int
    remaining: int
    self_trade: SelfTrade = SelfTrade.NONE
    maker_only: bool = False
    quote_left: int | None = None
    filled: int = 0


class HalfBook:
    """The resting orders of one side."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.prices: list[int] = []
        self.queues: dict[int, list[Order]] = {}

    def best(self) -> Order | None:
        """Find the order that trades first: best price, then oldest."""
        if not self.prices:
            return None
        return self.queues[self.prices[-1 if self.side is Side.BUY else 0]][0]

    def add(self, order: Order) -> None:
        """Queue an order behind all others of its price."""
        assert order.price is not None
        if order.price not in self.queues:
            insort(self.prices, order.price)
            self.queues[order.price] = []
        self.queues[order.price].append(order)

    def remove(self, order: Order) -> None:
        """Take an order out, and its price with the last order there."""
        assert order.price is not None
        self.queues[order.price].remove(order)
        if not self.queues[order.price]:
            del self.queues[order.price]
            del self.prices[bisect_left(self.prices, order.price)]


class Oracle:
    """One book; quantities and prices are plain integers, `lot` divides every traded quantity."""

    def __init__(self, lot: int = 1) -> None:
        self.lot = lot
        self.halves = {side: HalfBook(side) for side in Side}
        self.orders: dict[int, Order] = {}
        self.trades: list[Trade] = []

    def limit(
        self,
        order_id: int,
        side: Side,
        price: int | None,
        quantity: int,
        *,
        time_in_force: TimeInForce = TimeInForce.GTC,
        maker_only: bool = False,
        owner: int = 0,
        self_trade: SelfTrade = SelfTrade.NONE,
    ) -> bool:
        """Place a limit order; no price is any price. False: refused, or killed as unfillable."""
        order = Order(order_id, owner, side, price, quantity, quantity, self_trade, maker_only)
        if maker_only and self._facing(order) is not None:
            return False
        if time_in_force is TimeInForce.FOK and not self._fills(order):
            return False
        self.match(order)
        if order.remaining and time_in_force in (TimeInForce.GTC, TimeInForce.GTD):
            self._rest(order)
        return True

    def market_quote(
        self,
        order_id: int,
        side: Side,
        amount: int,
        *,
        owner: int = 0,
        self_trade: SelfTrade = SelfTrade.NONE,
    ) -> None:
        """Trade at any price for at most this amount of quote, in whole lots."""
        self.match(Order(order_id, owner, side, None, 0, 0, self_trade, quote_left=amount))

    def cancel(self, order_id: int) -> bool:
        """Take an order out; False when it is not there, as everywhere below."""
        order = self.orders.get(order_id)
        if order is not None:
            self._drop(order)
        return order is not None

    def reduce(self, order_id: int, less: int) -> bool:
        """Lower an order in its place; reduced by all that remains, it is gone."""
        order = self.orders.get(order_id)
        if order is None:
            return False
        if less >= order.remaining:
            self._drop(order)
        else:
            order.quantity -= less
            order.remaining -= less
        return True

    def amend(self, order_id: int, quantity: int) -> bool:
        """Lower an order's total in its place; False too when not lower or nothing would remain."""
        order = self.orders.get(order_id)
        less = order.quantity - quantity if order else 0
        return order is not None and 0 < less < order.remaining and self.reduce(order_id, less)

    def replace(self, order_id: int, price: int = 0, quantity: int = 0) -> bool:
        """Give an order a new price and total (0 keeps either), behind all others; it may trade.

        False too when nothing would remain, or when it is maker-only and would take.
        """
        order = self.orders.get(order_id)
        if order is None:
            return False
        more = quantity - order.quantity if quantity else 0
        moved = replace(order, price=price or order.price)
        if order.remaining + more <= 0 or (order.maker_only and self._facing(moved)):
            return False
        self._drop(order)
        order.price = moved.price
        order.quantity += more
        order.remaining += more
        self.match(order)
        if order.remaining:
            self._rest(order)
        return True

    def _rest(self, order: Order) -> None:
        self.halves[order.side].add(order)
        self.orders[order.id] = order

    def _drop(self, order: Order) -> None:
        self.halves[order.side].remove(order)
        del self.orders[order.id]

    def _facing(self, taker: Order) -> Order | None:
        """Find the order the taker would trade with next, if any."""
        maker = self.halves[Side(1 - taker.side)].best()
        if maker is None or taker.price is None:
            return maker
        assert maker.price is not None
        gap = taker.price - maker.price
        crosses = gap >= 0 if taker.side is Side.BUY else gap <= 0
        return maker if crosses else None

    def _fills(self, order: Order) -> bool:
        """Try on a copy of the book whether an order fills entirely."""
        trial, rehearsed = Oracle(self.lot), replace(order)
        trial.halves, trial.orders = deepcopy((self.halves, self.orders))
        trial.match(rehearsed)
        return rehearsed.filled == order.quantity

    def match(self, taker: Order) -> None:
        """Trade with one facing order after another until nothing is left to do."""
        while maker := self._facing(taker):
            assert maker.price is not None
            if taker.quote_left is not None:
                taker.remaining = taker.quote_left // maker.price // self.lot * self.lot
            if not taker.remaining:
                return
            quantity = min(taker.remaining, maker.remaining)
            if taker.owner == maker.owner and taker.self_trade is not SelfTrade.NONE:
                self._prevent(taker, maker, quantity)
                continue
            self.trades.append(Trade(taker.id, maker.id, maker.price, quantity))
            taker.filled += quantity
            maker.filled += quantity
            self._spend(taker, maker, quantity)
            self._lower(maker, quantity)

    def _prevent(self, taker: Order, maker: Order, quantity: int) -> None:
        """Let two orders of one owner pass each other as the taker's mode says."""
        mode = taker.self_trade
        if mode is SelfTrade.DECREMENT:
            self._spend(taker, maker, quantity)
            self._lower(maker, quantity)
            return
        if mode in (SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH):
            self._drop(maker)
        if mode in (SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_BOTH):
            taker.remaining = 0
            taker.quote_left = 0 if taker.quote_left is not None else None

    def _spend(self, taker: Order, maker: Order, quantity: int) -> None:
        assert maker.price is not None
        taker.remaining -= quantity
        if taker.quote_left is not None:
            taker.quote_left -= maker.price * quantity

    def _lower(self, maker: Order, quantity: int) -> None:
        maker.remaining -= quantity
        if not maker.remaining:
            self._drop(maker)


class Answer(NamedTuple):
    """What a flow comes to: the figures that four engines agreed on for the known files."""

    trades: int
    volume: int
    notional: int


def play(oracle: Oracle, actions: Iterable[Action]) -> Answer:
    """Run recorded flow through an oracle; unknown ids are no-ops."""
    for kind, order_id, side, price, quantity, _ in actions:
        if kind is Kind.PLACE:
            oracle.limit(order_id, side, price, quantity)
        elif kind is Kind.TAKE:
            oracle.limit(order_id, side, price, quantity, time_in_force=TimeInForce.IOC)
        elif kind is Kind.CANCEL:
            oracle.cancel(order_id)
        elif kind is Kind.REDUCE:
            oracle.reduce(order_id, quantity)
        else:
            oracle.replace(order_id, price or 0)
    volume = sum(trade.quantity for trade in oracle.trades)
    notional = sum(trade.price * trade.quantity for trade in oracle.trades)
    return Answer(len(oracle.trades), volume, notional)
