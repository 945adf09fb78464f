"""A market maker: keeps a ladder of orders on both sides of what it thinks a coin is worth.

The ladder's rungs are fixed prices, numbered along the price axis, each a little off its place so
that nothing looks ruled. The maker buys at the rungs below its middle and sells at those above.
When the worth moves on by a rung, the order at one end of a side moves to the other: two commands,
whatever the number of rungs. It remembers nothing: its open orders are all it goes by.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flowex.messages.commands import Command, OrderCancel, OrderPlace, OrderReplace
from flowex.messages.enums import OrderType, SelfTrade, Side, TimeInForce
from flowex.ports.trading import Instrument, OrderView

RUNGS: Final = 24
"""Orders on each side."""

STAY_PERCENT: Final = 35
"""By how much of a rung the worth may leave the middle before the ladder follows."""

REFILL_PERCENT: Final = 40
"""An order with less than this left is filled up."""

FILLS_MAX: Final = 50
"""An order that was filled up so often is given up for a new one."""

COMMANDS_MAX: Final = 4 * RUNGS

WORTH_UNITS: Final = 1_000
"""A worth is counted in this part of a price unit."""

_SCATTER: Final = 0x9E3779B97F4A7C15
_MASK: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Maker:
    """One maker in one market; prices and quantities in the instrument's units."""

    account: int
    instrument: Instrument
    rung: int
    """Price from one rung to the next."""
    size: int
    """Quantity of an order next to the middle; those farther away are larger."""

    def plan(self, orders: Sequence[OrderView], worth: int) -> list[Command]:
        """Return what brings the ladder around that worth, given the maker's open orders.

        ``worth`` is in thousandths of price units, because a rung may be a single unit.
        """
        bids = {order.price: order for order in orders if order.side == Side.BUY}
        asks = {order.price: order for order in orders if order.side == Side.SELL}
        was = self._middle(bids, asks)
        middle = self._follow(was, worth)
        buying = self._side(Side.BUY, bids, (middle - i for i in range(RUNGS)))
        selling = self._side(Side.SELL, asks, (middle + 1 + i for i in range(RUNGS)))
        # Whoever stands in the other side's way goes first.
        first, second = (selling, buying) if was is None or middle > was else (buying, selling)
        return [*first, *second][:COMMANDS_MAX]

    def price(self, number: int) -> int:
        """Return the price of a rung: its place, shifted by up to half a rung upwards."""
        shift = (number * _SCATTER & _MASK) >> 32
        tick = self.instrument.price_tick
        place = number * self.rung + (shift * (self.rung // 2) >> 32)
        return max(place - place % tick, tick)

    def quantity(self, number: int, steps: int) -> int:
        """Return what a full order has, so many rungs from the middle."""
        scatter = 75 + ((number * _SCATTER & _MASK) >> 40) % 51
        lot = self.instrument.quantity_lot
        quantity = self.size * (4 + steps) * scatter // 400
        return max(quantity - quantity % lot, lot)

    def _middle(self, bids: dict[int, OrderView], asks: dict[int, OrderView]) -> int | None:
        """Return the number of the rung that bids begin at, or None without orders."""
        if bids:
            return max(bids) // self.rung
        return min(asks) // self.rung - 1 if asks else None

    def _follow(self, was: int | None, worth: int) -> int:
        """Return where bids should begin: where they do, unless the worth has left."""
        rung = self.rung * WORTH_UNITS
        if was is not None:
            low, slack = was * rung + rung // 4, rung * STAY_PERCENT // 100
            if low - slack <= worth < low + rung + slack:
                return was
        return (worth - rung // 4) // rung

    def _side(
        self, side: Side, orders: dict[int, OrderView], rungs: Iterable[int]
    ) -> Iterator[Command]:
        wanted = {self.price(number): (number, steps) for steps, number in enumerate(rungs)}
        spare = [order for price, order in orders.items() if price not in wanted]
        for price, (number, steps) in wanted.items():
            order = orders.get(price)
            quantity = self.quantity(number, steps)
            if order is None and spare:
                yield self._moved(spare.pop(), price, quantity)
            elif order is None:
                yield self._placed(side, price, quantity)
            elif (order.quantity - order.filled) * 100 < quantity * REFILL_PERCENT:
                yield self._moved(order, price, quantity)
        for order in spare:
            yield self._canceled(order)

    def _placed(self, side: Side, price: int, quantity: int) -> OrderPlace:
        return OrderPlace(
            account=self.account,
            instrument=self.instrument.id,
            side=side,
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            self_trade=SelfTrade.EXPIRE_MAKER,
            price=price,
            quantity=quantity,
        )

    def _moved(self, order: OrderView, price: int, quantity: int) -> OrderReplace | OrderCancel:
        done = order.filled + order.prevented
        if done > quantity * FILLS_MAX:
            return self._canceled(order)
        return OrderReplace(
            account=self.account,
            instrument=self.instrument.id,
            order=order.order,
            price=price,
            quantity=done + quantity,
        )

    def _canceled(self, order: OrderView) -> OrderCancel:
        return OrderCancel(account=self.account, instrument=self.instrument.id, order=order.order)
