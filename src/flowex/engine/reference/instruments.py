"""Assets and instruments: definition, filters, states."""

from flowex.engine.reference.fees import is_rate
from flowex.engine.reference.names import is_asset_code, is_symbol
from flowex.engine.reference.state import Asset, Filters, Instrument, State, Verdict
from flowex.messages.commands import (
    AssetDefine,
    InstrumentDefine,
    InstrumentUpdate,
    SetInstrumentState,
)
from flowex.messages.enums import InstrumentKind, InstrumentState, Limit
from flowex.messages.events import AssetChanged, InstrumentChanged
from flowex.messages.results import ResultCode
from flowex.units.integers import DECIMALS_MAX, SUPPLY_MAX

BASE_SCALE_DECIMALS_MAX = 18
"""A quantity unit is at most 10 ** 18 atoms, so that it fits 64 bits."""


def define_asset(state: State, command: AssetDefine) -> Verdict:
    """Add an asset. Refusals: INVALID_NAME, DUPLICATE_NAME, INVALID_DECIMALS, ASSETS."""
    if not is_asset_code(command.code):
        return Verdict(ResultCode.INVALID_NAME)
    if any(asset.code == command.code for asset in state.assets.values()):
        return Verdict(ResultCode.DUPLICATE_NAME)
    if command.decimals > DECIMALS_MAX:
        return Verdict(ResultCode.INVALID_DECIMALS)
    if len(state.assets) >= state.limits[Limit.ASSETS]:
        return Verdict(ResultCode.ASSETS)
    number = len(state.assets) + 1
    state.assets[number] = Asset(number, command.code, command.decimals)
    state.stream.emit(
        AssetChanged(
            sequence=state.sequence, asset=number, decimals=command.decimals, code=command.code
        )
    )
    return Verdict(ResultCode.OK, id=number)


def define_instrument(state: State, command: InstrumentDefine) -> Verdict:
    """Add an instrument.

    Refusals, first that applies: INVALID_NAME, DUPLICATE_NAME, UNKNOWN_ASSET, INVALID_KIND,
    INVALID_DECIMALS, INVALID_RATE, INVALID_FILTER, INSTRUMENTS.
    """
    code = _definition_fault(state, command)
    if code is not ResultCode.OK:
        return Verdict(code)
    number = len(state.instruments) + 1
    instrument = state.instruments[number] = Instrument(
        number=number,
        symbol=command.symbol,
        base=state.assets[command.base_asset],
        quote=state.assets[command.quote_asset],
        quantity_decimals=command.quantity_decimals,
        kind=command.instrument_kind,
        filters=_filters(command),
        maker_rate=command.maker_rate,
        taker_rate=command.taker_rate,
    )
    _tell(state, instrument)
    return Verdict(ResultCode.OK, id=number)


def update_instrument(state: State, command: InstrumentUpdate) -> Verdict:
    """Change filters and default fees.

    Refusals: UNKNOWN_INSTRUMENT, INVALID_STATE (closed), INVALID_RATE, INVALID_FILTER.
    """
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return Verdict(ResultCode.UNKNOWN_INSTRUMENT)
    if instrument.state == InstrumentState.CLOSED:
        return Verdict(ResultCode.INVALID_STATE)
    if not (is_rate(command.maker_rate) and is_rate(command.taker_rate)):
        return Verdict(ResultCode.INVALID_RATE)
    filters = _filters(command)
    if not _are_sound(filters):
        return Verdict(ResultCode.INVALID_FILTER)
    instrument.filters = filters
    instrument.maker_rate, instrument.taker_rate = command.maker_rate, command.taker_rate
    _tell(state, instrument)
    return Verdict(ResultCode.OK, id=instrument.number)


def set_instrument_state(state: State, command: SetInstrumentState) -> Verdict:
    """Put an instrument into a state.

    Refusals: UNKNOWN_INSTRUMENT, INVALID_STATE (no such state, or already closed),
    INSTRUMENT_HAS_ORDERS (closing).
    """
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return Verdict(ResultCode.UNKNOWN_INSTRUMENT)
    if command.state >= len(InstrumentState) or instrument.state == InstrumentState.CLOSED:
        return Verdict(ResultCode.INVALID_STATE)
    if command.state == InstrumentState.CLOSED and _has_orders(state, instrument):
        return Verdict(ResultCode.INSTRUMENT_HAS_ORDERS)
    instrument.state = command.state
    _tell(state, instrument)
    return Verdict(ResultCode.OK, id=instrument.number)


def _has_orders(state: State, instrument: Instrument) -> bool:
    """Return whether an order is open on an instrument, in its book or on its way there."""
    return any(order.instrument == instrument.number for order in state.orders.values())


def _definition_fault(state: State, command: InstrumentDefine) -> ResultCode:
    if not is_symbol(command.symbol):
        return ResultCode.INVALID_NAME
    if any(known.symbol == command.symbol for known in state.instruments.values()):
        return ResultCode.DUPLICATE_NAME
    base = state.assets.get(command.base_asset)
    quote = state.assets.get(command.quote_asset)
    if base is None or quote is None or base is quote:
        return ResultCode.UNKNOWN_ASSET
    if command.instrument_kind != InstrumentKind.SPOT:
        return ResultCode.INVALID_KIND
    if not 0 <= base.decimals - command.quantity_decimals <= BASE_SCALE_DECIMALS_MAX:
        return ResultCode.INVALID_DECIMALS
    if not (is_rate(command.maker_rate) and is_rate(command.taker_rate)):
        return ResultCode.INVALID_RATE
    if not _are_sound(_filters(command)):
        return ResultCode.INVALID_FILTER
    if len(state.instruments) >= state.limits[Limit.INSTRUMENTS]:
        return ResultCode.INSTRUMENTS
    return ResultCode.OK


def _filters(command: InstrumentDefine | InstrumentUpdate) -> Filters:
    return Filters(
        price_tick=command.price_tick,
        price_min=command.price_min,
        price_max=command.price_max,
        quantity_lot=command.quantity_lot,
        quantity_min=command.quantity_min,
        quantity_max=command.quantity_max,
        notional_min=command.notional_min,
        notional_max=command.notional_max,
    )


def _are_sound(filters: Filters) -> bool:
    bounds = (
        (filters.price_min, filters.price_max),
        (filters.quantity_min, filters.quantity_max),
        (filters.notional_min, filters.notional_max),
    )
    return (
        1 <= filters.price_tick <= SUPPLY_MAX
        and 1 <= filters.quantity_lot <= SUPPLY_MAX
        and all(0 <= low <= SUPPLY_MAX and 0 <= high <= SUPPLY_MAX for low, high in bounds)
        and all(high == 0 or low <= high for low, high in bounds)
    )


def _tell(state: State, instrument: Instrument) -> None:
    filters = instrument.filters
    state.stream.emit(
        InstrumentChanged(
            sequence=state.sequence,
            instrument=instrument.number,
            base_asset=instrument.base.number,
            quote_asset=instrument.quote.number,
            quantity_decimals=instrument.quantity_decimals,
            instrument_kind=instrument.kind,
            state=instrument.state,
            maker_rate=instrument.maker_rate,
            taker_rate=instrument.taker_rate,
            price_tick=filters.price_tick,
            price_min=filters.price_min,
            price_max=filters.price_max,
            quantity_lot=filters.quantity_lot,
            quantity_min=filters.quantity_min,
            quantity_max=filters.quantity_max,
            notional_min=filters.notional_min,
            notional_max=filters.notional_max,
            symbol=instrument.symbol,
        )
    )
