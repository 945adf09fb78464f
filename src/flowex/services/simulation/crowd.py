"""All simulated traders together: time goes by, and they want something.

The crowd is a pure function of its seed, of the steps of time it is given and of what the exchange
shows it, so that a simulated past is the same one everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flowex.messages.commands import Command
from flowex.ports.market_data import MarketData
from flowex.ports.trading import Instrument, Trading
from flowex.services.simulation.chance import Chance
from flowex.services.simulation.maker import WORTH_UNITS, Maker
from flowex.services.simulation.prices import Worth
from flowex.services.simulation.takers import Momentum, Scene, inventory_percent, noise
from flowex.units.instants import SECOND

PACE_STEP: Final = SECOND
"""Sizes are meant for this pace; who steps more slowly trades more at once."""

SLOWNESS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Stall:
    """A market with its maker, and how lively it is."""

    symbol: str
    maker: int
    rung: int
    maker_size: int
    taker_size: int
    orders_a_minute: int
    """Orders of takers, when times are ordinary."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the accounts, and what they begin with."""

    stalls: Sequence[Stall]
    noise: int
    momentum: int
    anchors: Mapping[int, int]
    """By asset: what a coin is worth in the long run, in atoms of the asset worth one."""
    funds: Mapping[int, int]
    """By asset: what every trader began with, in atoms."""


class Crowd:
    """Asks itself, step by step, which orders the traders want to place."""

    def __init__(self, cast: Cast, trading: Trading, market: MarketData, seed: int) -> None:
        """Look at the exchange through these ports, and take up its last prices."""
        self._cast = cast
        self._trading = trading
        self._market = market
        self._chance = Chance(seed)
        self._worth = Worth(Chance(seed ^ 0x5EED), cast.anchors)
        self._momentum = Momentum(cast.momentum)
        self._makers = [(stall, self._maker(stall)) for stall in cast.stalls]
        self._resume()

    def take(self, duration: int) -> list[Command]:
        """Let so many µs go by and return what the takers want then."""
        self._worth.step(duration)
        return [
            command
            for stall, maker in self._makers
            if self._trading.open_orders(maker.account, maker.instrument.id)
            for command in self._takers(stall, maker.instrument, duration)
        ]

    def make(self) -> list[Command]:
        """Return what the makers want now, in the order they want it.

        Asked right after the takers were served, so that no market stays torn open.
        """
        return [
            command
            for _, maker in self._makers
            for command in maker.plan(
                self._trading.open_orders(maker.account, maker.instrument.id),
                self._price(maker.instrument),
            )
        ]

    def _maker(self, stall: Stall) -> Maker:
        instrument = self._trading.instrument(stall.symbol)
        assert instrument is not None, f"{stall.symbol} is not there"
        return Maker(stall.maker, instrument, stall.rung, stall.maker_size)

    def _resume(self) -> None:
        """Take the worth of each coin from the market in which it is sold for money."""
        anchors = self._cast.anchors
        for _, maker in self._makers:
            instrument, last = maker.instrument, self._market.last_price(maker.instrument.id)
            if last and instrument.quote.id not in anchors:
                self._worth.resume(instrument.base.id, _scaled(last, instrument.quantity_decimals))

    def _price(self, instrument: Instrument) -> int:
        """Return what the base is worth in the quote, in thousandths of price units."""
        base = self._worth.of(instrument.base.id) * WORTH_UNITS
        if instrument.quote.id not in self._cast.anchors:
            return _scaled(base, -instrument.quantity_decimals)
        quote = self._worth.of(instrument.quote.id)
        return _scaled(base, instrument.price_decimals) // quote

    def _takers(self, stall: Stall, instrument: Instrument, duration: int) -> Iterator[Command]:
        last = self._market.last_price(instrument.id) or self._price(instrument) // WORTH_UNITS
        slowness = max(1, min(duration // PACE_STEP, SLOWNESS_MAX))
        size = stall.taker_size * slowness
        chance, accounts = self._chance, (self._cast.noise, self._cast.momentum)
        if chance.happens(stall.orders_a_minute * self._worth.mood * duration, 6_000 * SECOND):
            scene = Scene(instrument, last, size, self._inventory(accounts[0], instrument))
            yield noise(accounts[0], scene, chance)
        scene = Scene(instrument, last, size, self._inventory(accounts[1], instrument))
        order = self._momentum.plan(scene, chance, duration)
        if order is not None and chance.happens(duration, 20 * SECOND):
            yield order

    def _inventory(self, account: int, instrument: Instrument) -> int:
        free = {one.asset.id: one.free for one in self._trading.balances(account)}
        return inventory_percent(free, self._cast.funds, instrument.base.id)


def _scaled(value: int, decimals: int) -> int:
    """Return value * 10 ** decimals, rounded down."""
    shift: int = 10 ** abs(decimals)
    return value * shift if decimals >= 0 else value // shift
