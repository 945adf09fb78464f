"""Cheap refusals: what the machine would refuse, found without asking it.

The same checks in the same order as the machine's, up to the first that needs the book, money,
time or counts; what passes here may still be refused there.
"""

from typing import Final

from flowex.messages.commands import (
    Conditions,
    Leg,
    OrderCancelReplace,
    OrderListPlace,
    OrderPlace,
)
from flowex.messages.enums import (
    CLIENT_ID_MAX,
    TRAILING_DELTA_MAX,
    AccountState,
    CancelReplaceMode,
    InstrumentState,
    ListShape,
    OrderType,
    PlaceFlag,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.results import ResultCode
from flowex.ports.trading import NO_CONDITIONS, Instrument
from flowex.services.trading.accounts import Account
from flowex.services.trading.orders import WAITING_TYPES
from flowex.units.integers import SUPPLY_MAX

Placement = OrderPlace | OrderCancelReplace

_MAKER: Final = int(OrderType.LIMIT_MAKER)
_GTC: Final = int(TimeInForce.GTC)
_IOC: Final = int(TimeInForce.IOC)
_GTD: Final = int(TimeInForce.GTD)
_BUY: Final = int(Side.BUY)
_RESTING: Final = (_GTC, _GTD)
_MARKETS: Final = frozenset((OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT))
_STOPS: Final = frozenset((OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT))
_PROFITS: Final = WAITING_TYPES - _STOPS
_SIDES: Final = len(Side)
_TYPES: Final = len(OrderType)
_TIMES: Final = len(TimeInForce)
_SELF_TRADES: Final = len(SelfTrade)
_MODES: Final = len(CancelReplaceMode)
_OK: Final = ResultCode.OK


def placement_fault(
    command: Placement, account: Account | None, instrument: Instrument | None, *, is_halted: bool
) -> ResultCode:
    """Return OK or the refusal.

    First that applies: UNKNOWN_ACCOUNT, INVALID_ORDER (no such mode of a cancel and replace),
    UNKNOWN_INSTRUMENT, INVALID_ORDER, INVALID_CLIENT_ID, HALTED, INSTRUMENT_NOT_TRADING,
    ACCOUNT_RESTRICTED, and those of `filter_fault`.
    """
    if account is None:
        return ResultCode.UNKNOWN_ACCOUNT
    if isinstance(command, OrderCancelReplace) and command.mode >= _MODES:
        return ResultCode.INVALID_ORDER
    if instrument is None:
        return ResultCode.UNKNOWN_INSTRUMENT
    if not _is_well_formed(command):
        return ResultCode.INVALID_ORDER
    if not _is_client_id(command.client_id):
        return ResultCode.INVALID_CLIENT_ID
    if is_halted:
        return ResultCode.HALTED
    if instrument.state != InstrumentState.TRADING:
        return ResultCode.INSTRUMENT_NOT_TRADING
    if account.state != AccountState.ACTIVE:
        return ResultCode.ACCOUNT_RESTRICTED
    return filter_fault(command, instrument)


def list_fault(
    command: OrderListPlace,
    account: Account | None,
    instrument: Instrument | None,
    *,
    is_halted: bool,
) -> ResultCode:
    """Return OK or the refusal of an order list.

    First that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER (shape, legs),
    INVALID_CLIENT_ID (the list's); leg by leg those of `placement_fault` and DUPLICATE_CLIENT_ID
    (of an earlier leg). Whether an id is another order's or list's is for the machine to say: this
    room may not have heard yet that it ended.
    """
    if account is None:
        return ResultCode.UNKNOWN_ACCOUNT
    if instrument is None:
        return ResultCode.UNKNOWN_INSTRUMENT
    legs = _legs(command)
    if not _is_list(command, legs):
        return ResultCode.INVALID_ORDER
    if not _is_client_id(command.client_id):
        return ResultCode.INVALID_CLIENT_ID
    namesake = account.lists_by_client_id.get(command.client_id)
    if namesake is not None and namesake.is_open:
        return _OK
    known = account.client_ids()
    seen: set[str] = set()
    for leg in legs:
        code = placement_fault(leg, account, instrument, is_halted=is_halted)
        if code is not _OK:
            return code
        if leg.client_id in seen:
            return ResultCode.DUPLICATE_CLIENT_ID
        if leg.client_id:
            seen.add(leg.client_id)
            if leg.client_id in known or command.flags & PlaceFlag.UNIQUE_RECENT:
                return _OK
    return _OK


def filter_fault(command: Placement, instrument: Instrument) -> ResultCode:
    """Hold an order against its instrument's filters.

    First that applies: PRICE_OUT_OF_RANGE, PRICE_OFF_TICK (its price, then its stop price),
    QUANTITY_OUT_OF_RANGE, QUANTITY_OFF_LOT (quantity, then what it displays),
    ICEBERG_EXCEEDS_QUANTITY, ICEBERG_PARTS, MARKET_QUANTITY_OUT_OF_RANGE, NOTIONAL_OUT_OF_RANGE
    (not of a market order by quantity), TRAILING_DELTA_OUT_OF_RANGE.
    """
    is_market = command.order_type in _MARKETS
    price, quantity = command.price, command.quantity
    conditions = command.conditions
    code = _OK if is_market else _price_fault(instrument, price)
    if code is _OK and conditions is not None and conditions.stop_price:
        code = _price_fault(instrument, conditions.stop_price)
    if code is _OK and quantity:
        code = _quantity_fault(instrument, quantity)
    if code is _OK and conditions is not None and conditions.display_quantity:
        code = _iceberg_fault(instrument, quantity, conditions.display_quantity)
    if code is not _OK:
        return code
    if is_market and quantity:
        code = _market_quantity_fault(instrument, quantity)
    else:
        notional = command.quote_amount or price * quantity
        if not instrument.notional_min <= notional <= (instrument.notional_max or SUPPLY_MAX):
            return ResultCode.NOTIONAL_OUT_OF_RANGE
    if code is _OK and conditions is not None and conditions.trailing_delta:
        code = _trailing_fault(command, conditions.trailing_delta, instrument)
    return code


def _price_fault(instrument: Instrument, price: int) -> ResultCode:
    if not instrument.price_min <= price <= (instrument.price_max or SUPPLY_MAX):
        return ResultCode.PRICE_OUT_OF_RANGE
    return ResultCode.PRICE_OFF_TICK if price % instrument.price_tick else _OK


def _quantity_fault(instrument: Instrument, quantity: int) -> ResultCode:
    if not instrument.quantity_min <= quantity <= (instrument.quantity_max or SUPPLY_MAX):
        return ResultCode.QUANTITY_OUT_OF_RANGE
    if quantity * 10 ** (instrument.base.decimals - instrument.quantity_decimals) > SUPPLY_MAX:
        return ResultCode.QUANTITY_OUT_OF_RANGE
    return ResultCode.QUANTITY_OFF_LOT if quantity % instrument.quantity_lot else _OK


def _iceberg_fault(instrument: Instrument, quantity: int, shown: int) -> ResultCode:
    code = _quantity_fault(instrument, shown)
    if code is not _OK:
        return code
    if shown > quantity:
        return ResultCode.ICEBERG_EXCEEDS_QUANTITY
    most = instrument.further.iceberg_parts_max
    return ResultCode.ICEBERG_PARTS if most and -(-quantity // shown) > most else _OK


def _market_quantity_fault(instrument: Instrument, quantity: int) -> ResultCode:
    further = instrument.further
    most = further.market_quantity_max or SUPPLY_MAX
    if not further.market_quantity_min <= quantity <= most or (
        further.market_lot and quantity % further.market_lot
    ):
        return ResultCode.MARKET_QUANTITY_OUT_OF_RANGE
    return _OK


def _trailing_fault(command: Placement, delta: int, instrument: Instrument) -> ResultCode:
    """Hold a trailing delta against those of orders that wait above the last price, or below."""
    further = instrument.further
    if (command.order_type in _STOPS) == (command.side == _BUY):
        low, high = further.trailing_above_min, further.trailing_above_max
    else:
        low, high = further.trailing_below_min, further.trailing_below_max
    if low <= delta <= (high or TRAILING_DELTA_MAX):
        return _OK
    return ResultCode.TRAILING_DELTA_OUT_OF_RANGE


def _is_well_formed(command: Placement) -> bool:
    time_in_force = command.time_in_force
    if (
        command.side >= _SIDES
        or command.order_type >= _TYPES
        or time_in_force >= _TIMES
        or command.self_trade >= _SELF_TRADES
        or command.position_side
        or min(command.price, command.quantity, command.quote_amount, command.expire_time) < 0
        or (time_in_force == _GTD) != (command.expire_time > 0)
    ):
        return False
    waits = command.order_type in WAITING_TYPES
    conditions = command.conditions
    if (waits or conditions is not None) and not _are_well_formed(
        conditions or NO_CONDITIONS, time_in_force, waits=waits
    ):
        return False
    if command.order_type in _MARKETS:
        by_quote = command.quote_amount > 0 and not waits
        return (
            time_in_force == _IOC
            and command.price == 0
            and (command.quantity > 0) != by_quote
            and (command.quote_amount > 0) == by_quote
        )
    if command.order_type == _MAKER and time_in_force not in _RESTING:
        return False
    return command.price > 0 and command.quantity > 0 and command.quote_amount == 0


def _are_well_formed(conditions: Conditions, time_in_force: int, *, waits: bool) -> bool:
    """Return whether conditions are those of an order that waits for a price, or does not."""
    if min(conditions.stop_price, conditions.display_quantity, conditions.strategy_id) < 0:
        return False
    if conditions.display_quantity and time_in_force != _GTC:
        return False
    if (conditions.stop_price > 0 or conditions.trailing_delta > 0) != waits:
        return False
    return not (waits and time_in_force == _GTD)


def _legs(command: OrderListPlace) -> list[OrderPlace]:
    """Return the legs that are given as orders of their own."""
    given = (
        (command.first, command.first_client_id),
        (command.second, command.second_client_id),
        (command.third, command.third_client_id),
    )
    return [_leg(command, leg, client_id) for leg, client_id in given if leg is not None]


def _leg(command: OrderListPlace, leg: Leg, client_id: str) -> OrderPlace:
    return OrderPlace(
        account=command.account,
        instrument=command.instrument,
        side=leg.side,
        order_type=leg.order_type,
        time_in_force=leg.time_in_force,
        self_trade=command.self_trade,
        price=leg.price,
        quantity=leg.quantity,
        client_id=client_id,
        conditions=Conditions(
            strategy_type=leg.strategy_type,
            stop_price=leg.stop_price,
            display_quantity=leg.display_quantity,
            strategy_id=leg.strategy_id,
            trailing_delta=leg.trailing_delta,
        ),
    )


def _is_list(command: OrderListPlace, legs: list[OrderPlace]) -> bool:
    given = tuple(leg is not None for leg in (command.first, command.second, command.third))
    if given != (True, True, command.shape == ListShape.OTOCO):
        return False
    if command.shape == ListShape.OCO:
        return _is_pair(*legs)
    if command.shape >= len(ListShape):
        return False
    if legs[0].order_type not in (OrderType.LIMIT, OrderType.LIMIT_MAKER):
        return False
    return command.shape == ListShape.OTO or _is_pair(*legs[1:])


def _is_pair(above: OrderPlace, below: OrderPlace) -> bool:
    """Return whether two orders can be an OCO: one takes a profit, the other stops a loss."""
    profit, stop = (below, above) if above.side == _BUY else (above, below)
    return (
        above.side == below.side
        and above.quantity == below.quantity
        and (profit.order_type == _MAKER or profit.order_type in _PROFITS)
        and stop.order_type in _STOPS
    )


def _is_client_id(text: str) -> bool:
    return not text or (
        len(text) <= CLIENT_ID_MAX and text.isascii() and text.isprintable() and " " not in text
    )
