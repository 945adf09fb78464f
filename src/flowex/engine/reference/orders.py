"""Placing and cancelling orders.

Every handler checks first and acts after: a refusal changes nothing.
"""

from flowex.engine.reference import entering, lifecycle
from flowex.engine.reference.admission import (
    Placement,
    find_cancelable,
    order_of,
    placement_fault,
)
from flowex.engine.reference.book import Order
from flowex.engine.reference.state import State, Verdict
from flowex.messages.commands import OrderCancel, OrderCancelAll, OrderCancelReplace
from flowex.messages.enums import CancelReplaceMode, EndReason, Limit, Sides
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode


def place(state: State, command: Placement) -> Verdict:
    """Place an order.

    Refusals: those of ``admission.placement_fault``, then those of ``entering.entry_fault``.
    """
    order = order_of(state, command)
    code, known = placement_fault(state, command, order)
    if code:
        return Verdict(code, id=known)
    instrument = state.instruments[order.instrument]
    code = entering.entry_fault(state, instrument, order)
    if code:
        return Verdict(code)
    entering.accept(state, order)
    entering.begin(state, instrument, order)
    return Verdict(ResultCode.OK, id=order.number)


def cancel(state: State, command: OrderCancel) -> Verdict:
    """Cancel an order, and the others of its list.

    Refusals: UNKNOWN_ACCOUNT, then those of ``admission.find_cancelable``.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    code, order = find_cancelable(state, command, command.order, command.client_id)
    if order is None:
        return Verdict(code)
    end_by_request(state, order, EndReason.REQUESTED, command.client_id)
    return Verdict(ResultCode.OK, id=order.number)


def cancel_all(state: State, command: OrderCancelAll) -> Verdict:
    """Cancel an account's orders, oldest first, each with the others of its list.

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
    cancelled = 0
    for order in meant:
        if order.number not in account.orders:
            continue  # It went with another of its list.
        if cancelled >= state.limits[Limit.CANCELS_PER_COMMAND]:
            return Verdict(ResultCode.OK, detail=1, value=cancelled)
        cancelled += end_by_request(state, order, EndReason.CANCEL_ALL, "")
    return Verdict(ResultCode.OK, value=cancelled)


def cancel_replace(state: State, command: OrderCancelReplace) -> Verdict:
    """Cancel one order and place another.

    Refusals: UNKNOWN_ACCOUNT; INVALID_ORDER (no such mode); CANCEL_FAILED with the cancel's code
    in ``detail`` (those of ``admission.find_cancelable``) when the mode stops there; else those of
    ``place``, by when the cancel has happened. ``value`` is the number of the cancelled order.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if command.mode >= len(CancelReplaceMode):
        return Verdict(ResultCode.INVALID_ORDER)
    code, cancelled = find_cancelable(
        state, command, command.cancel_order, command.cancel_client_id
    )
    if cancelled is not None:
        end_by_request(state, cancelled, EndReason.REPLACED, command.cancel_client_id)
    elif command.mode == CancelReplaceMode.STOP_ON_FAILURE:
        return Verdict(ResultCode.CANCEL_FAILED, detail=code)
    placed = place(state, command)
    return placed._replace(detail=code, value=cancelled.number if cancelled else 0)


def fire_timers(state: State) -> None:
    """Expire every order whose time has come, by time and then by number."""
    while state.timers and state.timers[0][0] <= state.time:
        order = state.orders[state.timers[0][1]]
        lifecycle.expire(state, state.instruments[order.instrument], order, EndReason.TIME)


def end_by_request(state: State, order: Order, reason: EndReason, client_id: str) -> int:
    """Cancel an order and the others of its list, by leg; return how many."""
    order_list = state.lists.get(order.order_list)
    legs = [order] if order_list is None else lifecycle.open_legs(state, order_list)
    for leg in legs:
        _end(state, leg, reason, client_id)
    if order_list is not None:
        lifecycle.close_list(state, order_list)
    return len(legs)


def _end(state: State, order: Order, reason: EndReason, client_id: str) -> None:
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
    if level is not None:
        lifecycle.tell_level(state, instrument, order.side, level)
    lifecycle.forget(state, order)
