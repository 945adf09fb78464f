"""Which orders are let in: the checks before any money or book is looked at."""

from flowex.engine.reference.book import Order
from flowex.engine.reference.codec import client_id_hash
from flowex.engine.reference.names import is_client_id
from flowex.engine.reference.state import Account, Instrument, State
from flowex.messages.commands import (
    OrderAmend,
    OrderCancel,
    OrderCancelReplace,
    OrderPlace,
    OrderReplace,
)
from flowex.messages.enums import (
    AccountState,
    InstrumentState,
    Limit,
    OrderType,
    PlaceFlag,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.results import ResultCode
from flowex.units.integers import SUPPLY_MAX

RESTING = (TimeInForce.GTC, TimeInForce.GTD)


def placement_fault(
    state: State, command: OrderPlace | OrderCancelReplace
) -> tuple[ResultCode, int]:
    """Return why an order is not let in, and the number of the order it repeats, if it does.

    First that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER, INVALID_CLIENT_ID,
    HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, ``filter_fault``, EXPIRE_TIME_PASSED,
    TIMERS, DUPLICATE_CLIENT_ID, ACCOUNT_OPEN_ORDERS, OPEN_ORDERS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return ResultCode.UNKNOWN_ACCOUNT, 0
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return ResultCode.UNKNOWN_INSTRUMENT, 0
    if not _is_well_formed(command):
        return ResultCode.INVALID_ORDER, 0
    if not is_client_id(command.client_id):
        return ResultCode.INVALID_CLIENT_ID, 0
    code = condition_fault(state, account, instrument)
    code = code or filter_fault(
        instrument, command.order_type, command.price, command.quantity, command.quote_amount
    )
    code = code or _timer_fault(state, command)
    if code:
        return code, 0
    known = _known_client_id(account, command)
    if known:
        return ResultCode.DUPLICATE_CLIENT_ID, known
    return _count_fault(state, account, command), 0


def condition_fault(state: State, account: Account, instrument: Instrument) -> ResultCode:
    """Return HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED or OK."""
    if state.halted:
        return ResultCode.HALTED
    if instrument.state != InstrumentState.TRADING:
        return ResultCode.INSTRUMENT_NOT_TRADING
    if account.state != AccountState.ACTIVE:
        return ResultCode.ACCOUNT_RESTRICTED
    return ResultCode.OK


def filter_fault(
    instrument: Instrument, order_type: int, price: int, quantity: int, quote_amount: int
) -> ResultCode:
    """Hold an order against its instrument's filters.

    First that applies: PRICE_OUT_OF_RANGE, PRICE_OFF_TICK (not MARKET), QUANTITY_OUT_OF_RANGE,
    QUANTITY_OFF_LOT (not by quote amount), NOTIONAL_OUT_OF_RANGE (not MARKET by quantity, whose
    notional nobody knows yet).
    """
    filters = instrument.filters
    if order_type != OrderType.MARKET:
        if not _within(price, filters.price_min, filters.price_max):
            return ResultCode.PRICE_OUT_OF_RANGE
        if price % filters.price_tick:
            return ResultCode.PRICE_OFF_TICK
    if quantity:
        if not _within(quantity, filters.quantity_min, filters.quantity_max):
            return ResultCode.QUANTITY_OUT_OF_RANGE
        if quantity * instrument.base_scale > SUPPLY_MAX:
            return ResultCode.QUANTITY_OUT_OF_RANGE
        if quantity % filters.quantity_lot:
            return ResultCode.QUANTITY_OFF_LOT
    if order_type == OrderType.MARKET and quantity:
        return ResultCode.OK
    notional = quote_amount or price * quantity
    if not _within(notional, filters.notional_min, filters.notional_max):
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    return ResultCode.OK


def find_order(
    state: State,
    command: OrderCancel | OrderAmend | OrderReplace | OrderCancelReplace,
    number: int,
) -> tuple[ResultCode, Order | None]:
    """Return the open order of the command's account that it names, or why there is none.

    By number, or when that is 0 by original client id. UNKNOWN_ORDER also for another account's
    order or one of another instrument; CLIENT_ID_MISMATCH when number and client id disagree.
    """
    account = state.accounts[command.account]
    if number:
        order = account.orders.get(number)
    else:
        order = account.client_ids.get(command.original_client_id)
    if order is None or command.instrument not in (0, order.instrument):
        return ResultCode.UNKNOWN_ORDER, None
    if command.original_client_id not in ("", order.client_id):
        return ResultCode.CLIENT_ID_MISMATCH, None
    return ResultCode.OK, order


def _is_well_formed(command: OrderPlace | OrderCancelReplace) -> bool:
    if (
        command.side >= len(Side)
        or command.order_type >= len(OrderType)
        or command.time_in_force >= len(TimeInForce)
        or command.self_trade >= len(SelfTrade)
        or command.position_side
        or min(command.price, command.quantity, command.quote_amount, command.expire_time) < 0
        or (command.time_in_force == TimeInForce.GTD) != (command.expire_time > 0)
    ):
        return False
    if command.order_type == OrderType.MARKET:
        return (
            command.time_in_force == TimeInForce.IOC
            and command.price == 0
            and (command.quantity > 0) != (command.quote_amount > 0)
        )
    if command.order_type == OrderType.LIMIT_MAKER and command.time_in_force not in RESTING:
        return False
    return command.price > 0 and command.quantity > 0 and command.quote_amount == 0


def _within(value: int, low: int, high: int) -> bool:
    return low <= value <= (high or SUPPLY_MAX)


def _timer_fault(state: State, command: OrderPlace | OrderCancelReplace) -> ResultCode:
    if command.time_in_force != TimeInForce.GTD:
        return ResultCode.OK
    if command.expire_time <= state.time:
        return ResultCode.EXPIRE_TIME_PASSED
    if len(state.timers) >= state.limits[Limit.TIMERS]:
        return ResultCode.TIMERS
    return ResultCode.OK


def _known_client_id(account: Account, command: OrderPlace | OrderCancelReplace) -> int:
    """Return the number of the order that has the command's client id already, or 0."""
    if not command.client_id:
        return 0
    if command.client_id in account.client_ids:
        return account.client_ids[command.client_id].number
    if command.flags & PlaceFlag.UNIQUE_RECENT:
        wanted = client_id_hash(command.client_id)
        return next((order for known, order in account.recent if known == wanted), 0)
    return 0


def _count_fault(
    state: State, account: Account, command: OrderPlace | OrderCancelReplace
) -> ResultCode:
    if command.time_in_force not in RESTING:
        return ResultCode.OK
    if len(account.orders) >= state.limits[Limit.ACCOUNT_OPEN_ORDERS]:
        return ResultCode.ACCOUNT_OPEN_ORDERS
    if len(state.orders) >= state.limits[Limit.OPEN_ORDERS]:
        return ResultCode.OPEN_ORDERS
    return ResultCode.OK
