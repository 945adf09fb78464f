"""Placing, cancelling, amending and replacing orders.

Every handler checks first and acts after: a refusal changes nothing.
"""

from dataclasses import dataclass

from flowex.engine.reference import accounts, lifecycle, matching
from flowex.engine.reference.admission import (
    condition_fault,
    filter_fault,
    find_order,
    placement_fault,
)
from flowex.engine.reference.book import Order
from flowex.engine.reference.names import is_client_id
from flowex.engine.reference.state import Account, Instrument, State, Verdict
from flowex.messages.commands import (
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderPlace,
    OrderReplace,
)
from flowex.messages.enums import (
    AmendFlag,
    CancelReplaceMode,
    EndReason,
    Limit,
    OrderType,
    PlaceFlag,
    Side,
    Sides,
    TimeInForce,
)
from flowex.messages.events import OrderAccepted, OrderAmended, OrderCanceled, OrderReplaced
from flowex.messages.results import ResultCode
from flowex.units.integers import SUPPLY_MAX


@dataclass(frozen=True, slots=True)
class _Entry:
    """An order on its way in, with everything its command named."""

    account: Account
    instrument: Instrument
    order: Order

    @property
    def limit_price(self) -> int | None:
        """The worst price it takes; None for a MARKET order."""
        return None if self.order.order_type == OrderType.MARKET else self.order.price


def place(state: State, command: OrderPlace | OrderCancelReplace) -> Verdict:
    """Place an order.

    Refusals: those of ``admission.placement_fault`` in its order, then WOULD_TAKE,
    QUOTE_AMOUNT_TOO_SMALL, INSUFFICIENT_FUNDS.
    """
    code, known = placement_fault(state, command)
    if code:
        return Verdict(code, id=known)
    entry = _Entry(
        state.accounts[command.account],
        state.instruments[command.instrument],
        Order(
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
        ),
    )
    if _would_take(entry.instrument, entry.order, entry.order.price):
        return Verdict(ResultCode.WOULD_TAKE)
    code = _funds_fault(state, entry)
    if code:
        return Verdict(code)
    _accept(state, entry)
    _enter(state, entry)
    return Verdict(ResultCode.OK, id=entry.order.number)


def cancel(state: State, command: OrderCancel) -> Verdict:
    """Cancel an order.

    Refusals, first that applies: UNKNOWN_ACCOUNT, INVALID_CLIENT_ID (the cancel's own),
    UNKNOWN_ORDER, CLIENT_ID_MISMATCH.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if not is_client_id(command.client_id):
        return Verdict(ResultCode.INVALID_CLIENT_ID)
    code, order = find_order(state, command, command.order)
    if order is None:
        return Verdict(code)
    _cancel(state, order, EndReason.REQUESTED, command.client_id)
    return Verdict(ResultCode.OK, id=order.number)


def cancel_all(state: State, command: OrderCancelAll) -> Verdict:
    """Cancel an account's orders, oldest first.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER (no such
    sides), NOTHING_TO_CANCEL.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if command.instrument and command.instrument not in state.instruments:
        return Verdict(ResultCode.UNKNOWN_INSTRUMENT)
    if not 1 <= command.sides <= Sides.BOTH:
        return Verdict(ResultCode.INVALID_ORDER)
    meant = [
        order
        for order in account.orders.values()
        if command.instrument in (0, order.instrument) and command.sides >> order.side & 1
    ]
    if not meant:
        return Verdict(ResultCode.NOTHING_TO_CANCEL)
    bound = state.limits[Limit.CANCELS_PER_COMMAND]
    for order in meant[:bound]:
        _cancel(state, order, EndReason.CANCEL_ALL, "")
    return Verdict(ResultCode.OK, detail=int(len(meant) > bound), value=min(len(meant), bound))


def amend(state: State, command: OrderAmend) -> Verdict:
    """Lower an order's quantity; it keeps its place.

    Refusals, first that applies: UNKNOWN_ACCOUNT, INVALID_CLIENT_ID, UNKNOWN_ORDER,
    CLIENT_ID_MISMATCH, HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, INVALID_ORDER
    (quantity), QUANTITY_OFF_LOT; then for a new total: AMEND_NOT_LOWER, AMEND_BELOW_FILLED,
    QUANTITY_OUT_OF_RANGE, NOTIONAL_OUT_OF_RANGE.
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
    if code:
        return Verdict(code)
    if command.quantity <= 0:
        return Verdict(ResultCode.INVALID_ORDER)
    if command.quantity % instrument.filters.quantity_lot:
        return Verdict(ResultCode.QUANTITY_OFF_LOT)
    if command.flags & AmendFlag.REDUCE_BY:
        if command.quantity >= order.remaining:
            _cancel(state, order, EndReason.REDUCED, command.client_id)
            return Verdict(ResultCode.OK, id=order.number)
        quantity = order.quantity - command.quantity
    else:
        quantity = command.quantity
        code = _amend_fault(instrument, order, quantity)
        if code:
            return Verdict(code)
    _amend(state, instrument, order, quantity, command.client_id)
    return Verdict(ResultCode.OK, id=order.number)


def replace(state: State, command: OrderReplace) -> Verdict:
    """Give an order a new price and total quantity; it goes through the book as if new.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_ORDER, CLIENT_ID_MISMATCH, HALTED,
    INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, INVALID_ORDER, the filters of
    ``admission.filter_fault``, AMEND_BELOW_FILLED, NOTIONAL_OUT_OF_RANGE (what it traded and still
    could would not fit the bound of one order), WOULD_TAKE, INSUFFICIENT_FUNDS.
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
    _enter(state, _Entry(state.accounts[order.account], instrument, order))
    return Verdict(ResultCode.OK, id=order.number)


def cancel_replace(state: State, command: OrderCancelReplace) -> Verdict:
    """Cancel one order and place another.

    Refusals: UNKNOWN_ACCOUNT; INVALID_ORDER (no such mode); CANCEL_FAILED with the cancel's code
    in ``detail`` (INVALID_CLIENT_ID, UNKNOWN_ORDER, CLIENT_ID_MISMATCH) when the mode stops
    there; else those of ``place``, by when the cancel has happened. ``value`` is the number of the
    cancelled order.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if command.mode >= len(CancelReplaceMode):
        return Verdict(ResultCode.INVALID_ORDER)
    code, cancelled = ResultCode.INVALID_CLIENT_ID, None
    if is_client_id(command.cancel_client_id):
        code, cancelled = find_order(state, command, command.cancel_order)
    if cancelled is not None:
        _cancel(state, cancelled, EndReason.REPLACED, command.cancel_client_id)
    elif command.mode == CancelReplaceMode.STOP_ON_FAILURE:
        return Verdict(ResultCode.CANCEL_FAILED, detail=code)
    placed = place(state, command)
    return placed._replace(detail=code, value=cancelled.number if cancelled else 0)


def fire_timers(state: State) -> None:
    """Expire every order whose time has come, by time and then by number."""
    while state.timers and state.timers[0][0] <= state.time:
        order = state.orders[state.timers[0][1]]
        instrument = state.instruments[order.instrument]
        level = instrument.book.side(order.side).levels[order.price]
        lifecycle.expire(state, instrument, order, EndReason.TIME)
        lifecycle.tell_level(state, instrument, order.side, level)


def _would_take(instrument: Instrument, order: Order, price: int) -> bool:
    if order.order_type != OrderType.LIMIT_MAKER:
        return False
    opposite = instrument.book.opposite(order.side)
    best = opposite.best()
    return best is not None and opposite.crosses(best.price, price)


def _funds_fault(state: State, entry: _Entry) -> ResultCode:
    """Compare the worst case of an order with what its account has free."""
    order, instrument = entry.order, entry.instrument
    if order.order_type == OrderType.MARKET and (order.budget or order.side == Side.BUY):
        promise = matching.walk(state, instrument, order, None)
        if not promise.quantity and promise.reason == EndReason.QUOTE_SPENT:
            return ResultCode.QUOTE_AMOUNT_TOO_SMALL
        if order.side == Side.BUY:
            need = order.budget or promise.quote
        else:
            need = promise.quantity * instrument.base_scale
    else:
        need = lifecycle.hold_atoms(instrument, order.side, order.price, order.quantity)
    asset = lifecycle.hold_asset(instrument, order.side)
    enough = accounts.free(state, order.account, asset) >= need
    return ResultCode.OK if enough else ResultCode.INSUFFICIENT_FUNDS


def _accept(state: State, entry: _Entry) -> None:
    order = entry.order
    state.last_order = order.number
    state.orders[order.number] = order
    entry.account.orders[order.number] = order
    if order.client_id:
        entry.account.client_ids[order.client_id] = order
    state.stream.emit(
        OrderAccepted(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            self_trade=order.self_trade,
            order=order.number,
            price=order.price,
            quantity=order.quantity,
            quote_amount=order.budget,
            expire_time=order.expire_time,
            client_id=order.client_id,
        )
    )


def _enter(state: State, entry: _Entry) -> None:
    """Match an order, then rest or end what remains."""
    order, instrument = entry.order, entry.instrument
    reason: EndReason | None
    if order.time_in_force == TimeInForce.FOK and not _is_fillable(state, entry):
        reason = EndReason.NOT_FILLABLE
    else:
        reason = matching.match(state, instrument, order, entry.limit_price)
    if reason is None and not order.quantity:
        reason = EndReason.NO_LIQUIDITY if order.budget else EndReason.QUOTE_SPENT
    if reason is None and order.remaining:
        if order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD):
            lifecycle.rest(state, instrument, order)
            return
        reason = EndReason.NO_LIQUIDITY
    if reason is not None:
        lifecycle.tell_expired(state, order, reason)
    lifecycle.finish(state, order)


def _is_fillable(state: State, entry: _Entry) -> bool:
    promise = matching.walk(state, entry.instrument, entry.order, entry.limit_price)
    return promise.quantity == entry.order.quantity


def _cancel(state: State, order: Order, reason: EndReason, client_id: str) -> None:
    instrument = state.instruments[order.instrument]
    level = lifecycle.lift(state, instrument, order)
    state.stream.emit(
        OrderCanceled(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            reason=reason,
            order=order.number,
            remaining=order.remaining,
            client_id=client_id,
        )
    )
    lifecycle.tell_level(state, instrument, order.side, level)
    lifecycle.finish(state, order)


def _amend_fault(instrument: Instrument, order: Order, quantity: int) -> ResultCode:
    filters = instrument.filters
    if quantity >= order.quantity:
        return ResultCode.AMEND_NOT_LOWER
    if quantity <= order.filled + order.prevented:
        return ResultCode.AMEND_BELOW_FILLED
    if quantity < filters.quantity_min:
        return ResultCode.QUANTITY_OUT_OF_RANGE
    if order.price * quantity < filters.notional_min:
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    return ResultCode.OK


def _amend(
    state: State, instrument: Instrument, order: Order, quantity: int, client_id: str
) -> None:
    lowered = order.quantity - quantity
    lifecycle.hold_back(state, instrument, order, lowered)
    level = instrument.book.side(order.side).levels[order.price]
    level.quantity -= lowered
    order.quantity = quantity
    state.stream.emit(
        OrderAmended(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            order=order.number,
            quantity=quantity,
            quantity_before=quantity + lowered,
            remaining=order.remaining,
            client_id=client_id,
        )
    )
    lifecycle.tell_level(state, instrument, order.side, level)


def _replace_fault(
    state: State, instrument: Instrument, order: Order, price: int, quantity: int
) -> ResultCode:
    if price < 0 or quantity < 0:
        return ResultCode.INVALID_ORDER
    code = filter_fault(instrument, order.order_type, price, quantity, 0)
    if code:
        return code
    if quantity <= order.filled + order.prevented:
        return ResultCode.AMEND_BELOW_FILLED
    remaining = quantity - order.filled - order.prevented
    if order.quote_filled + price * remaining > SUPPLY_MAX:
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    if _would_take(instrument, order, price):
        return ResultCode.WOULD_TAKE
    held = lifecycle.hold_atoms(instrument, order.side, order.price, order.remaining)
    need = lifecycle.hold_atoms(instrument, order.side, price, remaining)
    asset = lifecycle.hold_asset(instrument, order.side)
    enough = accounts.free(state, order.account, asset) + held >= need
    return ResultCode.OK if enough else ResultCode.INSUFFICIENT_FUNDS
