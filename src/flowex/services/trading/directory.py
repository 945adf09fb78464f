"""Assets, instruments and the halt switch, as the feed tells them."""

from flowex.messages.enums import Switch
from flowex.messages.events import AssetChanged, InstrumentChanged, StateChanged
from flowex.messages.state import StateAsset, StateHead, StateInstrument
from flowex.ports.trading import Asset, Instrument


class Directory:
    """What can be traded, and whether anything can."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.assets: dict[int, Asset] = {}
        self.instruments: dict[int, Instrument] = {}
        self.by_symbol: dict[str, Instrument] = {}
        self.is_halted = False

    def seed_head(self, record: StateHead) -> None:
        """Take the halt switch from a state record."""
        self.is_halted = bool(record.halted)

    def seed_asset(self, record: StateAsset) -> None:
        """Take an asset from a state record."""
        self.assets[record.id] = Asset(record.id, record.code, record.decimals)

    def seed_instrument(self, record: StateInstrument) -> None:
        """Take an instrument from a state record."""
        self._put(record.id, record)

    def asset_changed(self, event: AssetChanged) -> None:
        """Take an asset from the feed."""
        self.assets[event.asset] = Asset(event.asset, event.code, event.decimals)

    def instrument_changed(self, event: InstrumentChanged) -> None:
        """Take an instrument from the feed."""
        self._put(event.instrument, event)

    def state_changed(self, event: StateChanged) -> None:
        """Take the halt switch from the feed."""
        if event.subject == Switch.HALT:
            self.is_halted = bool(event.value)

    def _put(self, number: int, source: InstrumentChanged | StateInstrument) -> None:
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
        )
        self.instruments[number] = self.by_symbol[source.symbol] = instrument
