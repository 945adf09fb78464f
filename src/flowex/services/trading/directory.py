"""Assets, instruments, fee tiers, limits and the halt switch, as the feed tells them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from flowex.messages.commands import Genesis
from flowex.messages.enums import Limit, Switch
from flowex.messages.events import (
    AssetChanged,
    FeeTierChanged,
    FiltersChanged,
    InstrumentChanged,
    StateChanged,
)
from flowex.messages.state import (
    StateAsset,
    StateFeeTier,
    StateFilters,
    StateHead,
    StateInstrument,
    StateLimits,
    StateRecord,
)
from flowex.ports.trading import NO_FILTERS, Asset, Instrument
from flowex.services.trading.accounts import NO_RATE, Account

_HEADER: Final = ("flags", "account", "id")
_FILTERS: Final = tuple(name for name in StateFilters.__struct_fields__ if name not in _HEADER)


def _limits(source: Genesis | StateLimits) -> list[int]:
    return [getattr(source, limit.name.lower()) for limit in Limit]


class Directory:
    """What can be traded, at which rates, within which limits, and whether anything can.

    No event tells the limits of Genesis: until a seed brings them they are taken for the usual
    ones, which every exchange that this program founds has. One that was founded with others (by a
    journal from elsewhere) is described wrongly until it starts from a snapshot; the machine, which
    enforces them, is right all along.
    """

    def __init__(self) -> None:
        """Know nothing yet; limits are the usual ones until they are told."""
        self.assets: dict[int, Asset] = {}
        self.instruments: dict[int, Instrument] = {}
        self.by_symbol: dict[str, Instrument] = {}
        self.tiers: dict[int, tuple[int, int]] = {}
        self.limits: list[int] = _limits(Genesis())
        self.is_halted = False

    def seed(self, state: Iterable[StateRecord]) -> None:
        """Take all that is this directory's from state records."""
        for record in state:
            match record:
                case StateHead():
                    self.is_halted = bool(record.halted)
                case StateLimits():
                    self.limits = _limits(record)
                case StateFeeTier():
                    self.tiers[record.id] = (record.maker_rate, record.taker_rate)
                case StateAsset():
                    self.assets[record.id] = Asset(record.id, record.code, record.decimals)
                case StateInstrument():
                    self._put(record.id, record)
                case StateFilters():
                    self._filter(record.id, record)

    def rates(self, account: Account, instrument: Instrument) -> tuple[int, int]:
        """Return (maker rate, taker rate): the account's, else its tier's, else the market's."""
        if account.maker_rate != NO_RATE:
            return account.maker_rate, account.taker_rate
        if account.tier:
            return self.tiers[account.tier]
        return instrument.maker_rate, instrument.taker_rate

    def asset_changed(self, event: AssetChanged) -> None:
        """Take an asset from the feed."""
        self.assets[event.asset] = Asset(event.asset, event.code, event.decimals)

    def instrument_changed(self, event: InstrumentChanged) -> None:
        """Take an instrument from the feed."""
        self._put(event.instrument, event)

    def filters_changed(self, event: FiltersChanged) -> None:
        """Take an instrument's further filters from the feed."""
        self._filter(event.instrument, event)

    def fee_tier_changed(self, event: FeeTierChanged) -> None:
        """Take a fee tier from the feed."""
        self.tiers[event.tier] = (event.maker_rate, event.taker_rate)

    def state_changed(self, event: StateChanged) -> None:
        """Take the halt switch or a limit from the feed.

        New rules give the limits they bring their usual values, as the machine does.
        """
        if event.subject == Switch.HALT:
            self.is_halted = bool(event.value)
        elif event.subject == Switch.LIMIT:
            self.limits[event.key] = event.value
        elif event.subject == Switch.RULES:
            usual = _limits(Genesis())
            self.limits = [known or value for known, value in zip(self.limits, usual, strict=True)]

    def _put(self, number: int, source: InstrumentChanged | StateInstrument) -> None:
        known = self.instruments.get(number)
        instrument = Instrument(
            id=number,
            symbol=source.symbol,
            base=self.assets[source.base_asset],
            quote=self.assets[source.quote_asset],
            quantity_decimals=source.quantity_decimals,
            state=source.state,
            maker_rate=source.maker_rate,
            taker_rate=source.taker_rate,
            price_tick=source.price_tick,
            price_min=source.price_min,
            price_max=source.price_max,
            quantity_lot=source.quantity_lot,
            quantity_min=source.quantity_min,
            quantity_max=source.quantity_max,
            notional_min=source.notional_min,
            notional_max=source.notional_max,
            further=known.further if known else NO_FILTERS,
        )
        self.instruments[number] = self.by_symbol[source.symbol] = instrument

    def _filter(self, number: int, source: FiltersChanged | StateFilters) -> None:
        values = {name: getattr(source, name) for name in _FILTERS}
        instrument = replace(self.instruments[number], further=StateFilters(id=number, **values))
        self.instruments[number] = self.by_symbol[instrument.symbol] = instrument
