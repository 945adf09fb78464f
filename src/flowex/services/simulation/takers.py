"""Those who trade at once: some for no reason, some because the price is going somewhere.

A taker that holds more of a coin than it began with leans towards selling it, so that nobody runs
out of anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowex.messages.commands import OrderPlace
from flowex.messages.enums import OrderType, SelfTrade, Side, TimeInForce
from flowex.ports.trading import Instrument
from flowex.services.simulation.chance import Chance
from flowex.units.instants import MINUTE

LARGE_MAX: Final = 5
"""An order may be doubled so often."""

LEAN_PERCENT_MAX: Final = 30
"""How far an inventory out of balance moves the odds of buying from one half."""

TREND_TIME: Final = 5 * MINUTE
"""How slowly the slow price follows, with which the last one is compared."""

TREND_PARTS: Final = 1_000
"""A trend is a price this part away from the slow one: 10 basis points."""

_SLOW_UNITS: Final = 1 << 20
"""The slow price is counted in this part of a price unit, so that it moves at all."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A market as a taker sees it; quantities and prices in the instrument's units."""

    instrument: Instrument
    last_price: int
    size: int
    """A small order's quantity, as the pace of the simulation wants it."""
    inventory_percent: int
    """What the taker holds of the base asset, of what it began with."""


def noise(account: int, scene: Scene, chance: Chance) -> OrderPlace:
    """Return an order without a reason: most are small, a few are large."""
    lean = max(-LEAN_PERCENT_MAX, min(LEAN_PERCENT_MAX, 100 - scene.inventory_percent))
    side = Side.BUY if chance.happens(50 + lean, 100) else Side.SELL
    quantity = _quantity(scene, chance)
    kind = chance.below(8)
    if kind == 0:
        return _limit(account, scene, side, quantity)
    if kind == 1 and side == Side.BUY:
        return _market(account, scene, side, quote_amount=quantity * scene.last_price)
    return _market(account, scene, side, quantity=quantity)


@dataclass(slots=True)
class Momentum:
    """Follows trends: buys what has been rising, sells what has been falling."""

    account: int
    _slow: dict[int, int] = field(default_factory=dict)

    def plan(self, scene: Scene, chance: Chance, duration: int) -> OrderPlace | None:
        """Return an order after so many µs more, or None where there is no trend."""
        number, price = scene.instrument.id, scene.last_price * _SLOW_UNITS
        slow = self._slow.get(number, price)
        self._slow[number] = slow + (price - slow) * min(duration, TREND_TIME) // TREND_TIME
        if abs(price - slow) * TREND_PARTS < slow:
            return None
        side = Side.BUY if price > slow else Side.SELL
        has_enough = scene.inventory_percent < 100 + 2 * LEAN_PERCENT_MAX
        has_some = scene.inventory_percent > 100 - 2 * LEAN_PERCENT_MAX
        if not (has_enough if side == Side.BUY else has_some):
            return None
        return _market(self.account, scene, side, quantity=_quantity(scene, chance))


def inventory_percent(free: Mapping[int, int], begun_with: Mapping[int, int], asset: int) -> int:
    """Return what there is of an asset, of what there was in the beginning."""
    return free.get(asset, 0) * 100 // begun_with[asset]


def _quantity(scene: Scene, chance: Chance) -> int:
    quantity = (scene.size << chance.halving(LARGE_MAX)) * chance.between(50, 150) // 100
    lot = scene.instrument.quantity_lot
    return max(quantity - quantity % lot, scene.instrument.quantity_min, lot)


def _market(
    account: int, scene: Scene, side: Side, *, quantity: int = 0, quote_amount: int = 0
) -> OrderPlace:
    return OrderPlace(
        account=account,
        instrument=scene.instrument.id,
        side=side,
        order_type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        self_trade=SelfTrade.EXPIRE_TAKER,
        quantity=quantity,
        quote_amount=quote_amount,
    )


def _limit(account: int, scene: Scene, side: Side, quantity: int) -> OrderPlace:
    """Take what there is within a quarter of a percent of the last price."""
    tick = scene.instrument.price_tick
    reach = scene.last_price // 400 + tick
    price = scene.last_price + (reach if side == Side.BUY else -reach)
    return OrderPlace(
        account=account,
        instrument=scene.instrument.id,
        side=side,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        self_trade=SelfTrade.EXPIRE_TAKER,
        price=max(price - price % tick, tick),
        quantity=quantity,
    )
