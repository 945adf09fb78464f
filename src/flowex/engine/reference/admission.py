"""Which orders are let in: the checks before any money or book is looked at."""

from flowex.engine.reference.book import PLAIN, Order
from flowex.engine.reference.codec import client_id_hash
from flowex.engine.reference.filters import filter_fault, standing_fault
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
    CancelRestriction,
    InstrumentState,
    Limit,
    OrderType,
    PlaceFlag,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.results import ResultCode

RESTING = (TimeInForce.GTC, TimeInForce.GTD)

Placement = OrderPlace | OrderCancelReplace


def order_of(state: State, command: Placement) -> Order:
    """Return the order that a command asks for, with the number it would get."""
    return Order(
        number=state.last_order + 1,
        account=command.account,
        instrument=command.instrument,
        side=command.side,
        order_type=command.order_type,
        time_in_force=command.time_in_force,
        self_trade=command.self_trade,
        price=command.price,
        quantity=command.quantity,
        expire_time=command.expire_time,
        client_id=command.client_id,
        remember=bool(command.flags & PlaceFlag.UNIQUE_RECENT),
        budget=command.quote_amount,
        conditions=PLAIN if command.conditions in (None, PLAIN) else command.conditions,
    )


def placement_fault(state: State, command: Placement, order: Order) -> tuple[ResultCode, int]:
    """Return why an order is not let in, and the number of the order it repeats, if it does.

    First that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER, those of
    ``order_fault``, DUPLICATE_CLIENT_ID, those of ``filters.standing_fault``.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return ResultCode.UNKNOWN_ACCOUNT, 0
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return ResultCode.UNKNOWN_INSTRUMENT, 0
    if command.position_side:
        return ResultCode.INVALID_ORDER, 0
    code = order_fault(state, account, instrument, order)
    if code:
        return code, 0
    known = known_client_id(account, order)
    if known:
        return ResultCode.DUPLICATE_CLIENT_ID, known
    return standing_fault(state, account, instrument, [order]), 0


def order_fault(state: State, account: Account, instrument: Instrument, order: Order) -> ResultCode:
    """Return why an order is refused for itself.

    First that applies: INVALID_ORDER, INVALID_CLIENT_ID, those of ``condition_fault``, those of
    ``filters.filter_fault``, EXPIRE_TIME_PASSED, TIMERS.
    """
    if not _is_well_formed(order):
        return ResultCode.INVALID_ORDER
    if not is_client_id(order.client_id):
        return ResultCode.INVALID_CLIENT_ID
    code = condition_fault(state, account, instrument)
    return code or filter_fault(instrument, order) or _timer_fault(state, order)


def condition_fault(state: State, account: Account, instrument: Instrument) -> ResultCode:
    """Return HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED or OK."""
    if state.halted:
        return ResultCode.HALTED
    if instrument.state != InstrumentState.TRADING:
        return ResultCode.INSTRUMENT_NOT_TRADING
    if account.state != AccountState.ACTIVE:
        return ResultCode.ACCOUNT_RESTRICTED
    return ResultCode.OK


def known_client_id(account: Account, order: Order) -> int:
    """Return the number of the order that has the order's client id already, or 0."""
    if not order.client_id:
        return 0
    if order.client_id in account.client_ids:
        return account.client_ids[order.client_id].number
    if order.remember:
        wanted = client_id_hash(order.client_id)
        return next((number for known, number in account.recent if known == wanted), 0)
    return 0


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


def find_cancelable(
    state: State, command: OrderCancel | OrderCancelReplace, number: int, client_id: str
) -> tuple[ResultCode, Order | None]:
    """Return the order that a cancel names, or why it must not be cancelled.

    ``client_id`` is the cancel's own. First that applies: INVALID_CLIENT_ID, those of
    ``find_order``, INVALID_ORDER (no such restriction), CANCEL_RESTRICTED.
    """
    if not is_client_id(client_id):
        return ResultCode.INVALID_CLIENT_ID, None
    code, order = find_order(state, command, number)
    if order is None:
        return code, None
    if command.restriction >= len(CancelRestriction):
        return ResultCode.INVALID_ORDER, None
    wrong = {
        CancelRestriction.ONLY_NEW: order.filled > 0,
        CancelRestriction.ONLY_PARTIALLY_FILLED: order.filled == 0,
    }
    if wrong.get(CancelRestriction(command.restriction)):
        return ResultCode.CANCEL_RESTRICTED, None
    return ResultCode.OK, order


def _is_well_formed(order: Order) -> bool:
    conditions = order.conditions
    numbers = (
        order.price,
        order.quantity,
        order.budget,
        order.expire_time,
        conditions.stop_price,
        conditions.display_quantity,
        conditions.strategy_id,
    )
    if (
        order.side >= len(Side)
        or order.order_type >= len(OrderType)
        or order.time_in_force >= len(TimeInForce)
        or order.self_trade >= len(SelfTrade)
        or min(numbers) < 0
        or (order.time_in_force == TimeInForce.GTD) != (order.expire_time > 0)
        or (order.is_iceberg and order.time_in_force != TimeInForce.GTC)
    ):
        return False
    waits = conditions.stop_price > 0 or conditions.trailing_delta > 0
    if waits != order.is_algo or (waits and order.time_in_force == TimeInForce.GTD):
        return False
    if order.is_market:
        by_quote = order.budget > 0 and not order.is_algo
        return (
            order.time_in_force == TimeInForce.IOC
            and order.price == 0
            and (order.quantity > 0) != by_quote
            and (order.budget > 0) == by_quote
        )
    if order.order_type == OrderType.LIMIT_MAKER and order.time_in_force not in RESTING:
        return False
    return order.price > 0 and order.quantity > 0 and order.budget == 0


def _timer_fault(state: State, order: Order) -> ResultCode:
    if order.time_in_force != TimeInForce.GTD:
        return ResultCode.OK
    if order.expire_time <= state.time:
        return ResultCode.EXPIRE_TIME_PASSED
    if len(state.timers) >= state.limits[Limit.TIMERS]:
        return ResultCode.TIMERS
    return ResultCode.OK
