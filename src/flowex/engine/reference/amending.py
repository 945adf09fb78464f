"""Changing open orders: lowering a quantity in place, or starting again at another price."""

from dataclasses import replace as changed

from flowex.engine.reference import accounts, entering, lifecycle
from flowex.engine.reference.admission import condition_fault, find_order, known_client_id
from flowex.engine.reference.book import Order
from flowex.engine.reference.filters import filter_fault
from flowex.engine.reference.names import is_client_id
from flowex.engine.reference.orders import end_by_request
from flowex.engine.reference.state import Instrument, State, Verdict
from flowex.messages.commands import OrderAmend, OrderReplace
from flowex.messages.enums import AmendFlag, EndReason, Phase
from flowex.messages.events import OrderAmended, OrderReplaced
from flowex.messages.results import ResultCode
from flowex.units.integers import SUPPLY_MAX


def amend(state: State, command: OrderAmend) -> Verdict:
    """Lower an order's quantity, and that of its OCO twin; it keeps its place.

    Refusals, first that applies: UNKNOWN_ACCOUNT, INVALID_CLIENT_ID, UNKNOWN_ORDER,
    CLIENT_ID_MISMATCH, HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, INVALID_ORDER
    (quantity), QUANTITY_OFF_LOT, ORDER_AMENDS, DUPLICATE_CLIENT_ID (a new name); then for a new
    total: AMEND_NOT_LOWER, AMEND_BELOW_FILLED, QUANTITY_OUT_OF_RANGE, NOTIONAL_OUT_OF_RANGE.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if not is_client_id(command.client_id):
        return Verdict(ResultCode.INVALID_CLIENT_ID)
    code, order = find_order(state, command, command.order)
    if order is None:
        return Verdict(code)
    instrument = state.instruments[order.instrument]
    code = condition_fault(state, state.accounts[order.account], instrument)
    code = code or _command_fault(state, instrument, order, command)
    if code:
        return Verdict(code)
    if command.flags & AmendFlag.REDUCE_BY:
        if command.quantity >= order.remaining:
            end_by_request(state, order, EndReason.REDUCED, command.client_id)
            return Verdict(ResultCode.OK, id=order.number)
        quantity = order.quantity - command.quantity
    else:
        quantity = command.quantity
        code = _amend_fault(instrument, order, quantity)
        if code:
            return Verdict(code)
    renames = bool(command.flags & AmendFlag.RENAME)
    for twin in lifecycle.twins(state, order):
        _amend(state, instrument, twin, quantity, "")
    if renames:
        _rename(state, order, command.client_id)
    _amend(state, instrument, order, quantity, command.client_id, renamed=renames)
    return Verdict(ResultCode.OK, id=order.number)


def replace(state: State, command: OrderReplace) -> Verdict:
    """Give an order a new price and total quantity; it goes through the book as if new.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_ORDER, CLIENT_ID_MISMATCH, HALTED,
    INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, ORDER_NOT_WORKING (or in a list), INVALID_ORDER,
    the filters of ``filters.filter_fault``, AMEND_BELOW_FILLED, NOTIONAL_OUT_OF_RANGE (what it
    traded and still could would not fit the bound of one order), WOULD_TAKE, INSUFFICIENT_FUNDS.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    code, order = find_order(state, command, command.order)
    if order is None:
        return Verdict(code)
    instrument = state.instruments[order.instrument]
    price, quantity = command.price or order.price, command.quantity or order.quantity
    code = condition_fault(state, state.accounts[order.account], instrument)
    code = code or _replace_fault(state, instrument, order, price, quantity)
    if code:
        return Verdict(code)
    level = lifecycle.lift(state, instrument, order)
    assert level is not None, "an order that works in the book has a level"
    order.price, order.quantity = price, quantity
    state.stream.emit(
        OrderReplaced(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            order=order.number,
            price=price,
            quantity=quantity,
            remaining=order.remaining,
        )
    )
    lifecycle.tell_level(state, instrument, order.side, level)
    entering.enter(state, instrument, order)
    return Verdict(ResultCode.OK, id=order.number)


def _command_fault(
    state: State, instrument: Instrument, order: Order, command: OrderAmend
) -> ResultCode:
    if command.quantity <= 0:
        return ResultCode.INVALID_ORDER
    if command.quantity % instrument.filters.quantity_lot:
        return ResultCode.QUANTITY_OFF_LOT
    most = instrument.further.amends_max
    if most and order.amends >= most:
        return ResultCode.ORDER_AMENDS
    if command.flags & AmendFlag.RENAME and command.client_id != order.client_id:
        renamed = changed(order, client_id=command.client_id)
        if known_client_id(state.accounts[order.account], renamed):
            return ResultCode.DUPLICATE_CLIENT_ID
    return ResultCode.OK


def _amend_fault(instrument: Instrument, order: Order, quantity: int) -> ResultCode:
    filters = instrument.filters
    if quantity >= order.quantity:
        return ResultCode.AMEND_NOT_LOWER
    if quantity <= order.filled + order.prevented:
        return ResultCode.AMEND_BELOW_FILLED
    if quantity < filters.quantity_min:
        return ResultCode.QUANTITY_OUT_OF_RANGE
    if not order.is_market and order.price * quantity < filters.notional_min:
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    return ResultCode.OK


def _rename(state: State, order: Order, client_id: str) -> None:
    client_ids = state.accounts[order.account].client_ids
    if order.client_id:
        del client_ids[order.client_id]
    order.client_id = client_id
    if client_id:
        client_ids[client_id] = order


def _amend(
    state: State,
    instrument: Instrument,
    order: Order,
    quantity: int,
    client_id: str,
    *,
    renamed: bool = False,
) -> None:
    lowered = order.quantity - quantity
    lifecycle.hold_back(state, instrument, order, lowered)
    offered = order.offer
    order.quantity = quantity
    order.amends += 1
    order.shown = min(order.shown, order.remaining)
    state.stream.emit(
        OrderAmended(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            order=order.number,
            quantity=quantity,
            quantity_before=quantity + lowered,
            remaining=order.remaining,
            renamed=renamed,
            client_id=client_id,
        )
    )
    if order.phase == Phase.WORKING and order.offer != offered:
        level = instrument.book.side(order.side).levels[order.price]
        level.quantity -= offered - order.offer
        lifecycle.tell_level(state, instrument, order.side, level)


def _replace_fault(
    state: State, instrument: Instrument, order: Order, price: int, quantity: int
) -> ResultCode:
    if order.phase != Phase.WORKING or order.order_list:
        return ResultCode.ORDER_NOT_WORKING
    if price < 0 or quantity < 0:
        return ResultCode.INVALID_ORDER
    wanted = changed(order, price=price, quantity=quantity)
    code = filter_fault(instrument, wanted)
    if code:
        return code
    if quantity <= order.filled + order.prevented:
        return ResultCode.AMEND_BELOW_FILLED
    if order.quote_filled + price * wanted.remaining > SUPPLY_MAX:
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    if entering.would_take(instrument, order, price):
        return ResultCode.WOULD_TAKE
    held = lifecycle.hold_atoms(instrument, order, order.remaining)
    need = lifecycle.hold_atoms(instrument, wanted, wanted.remaining)
    asset = lifecycle.hold_asset(instrument, order.side)
    enough = accounts.free(state, order.account, asset) + held >= need
    return ResultCode.OK if enough else ResultCode.INSUFFICIENT_FUNDS
