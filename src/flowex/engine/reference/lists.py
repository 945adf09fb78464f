"""Order lists: orders that depend on each other, placed and cancelled as one."""

from typing import NamedTuple

from flowex.engine.reference import entering, lifecycle
from flowex.engine.reference.admission import known_client_id, order_fault
from flowex.engine.reference.book import PLAIN, STOP_LOSSES, TAKE_PROFITS, Order
from flowex.engine.reference.filters import standing_fault
from flowex.engine.reference.names import is_client_id
from flowex.engine.reference.orders import end_by_request
from flowex.engine.reference.state import Account, Instrument, OrderList, State, Verdict
from flowex.messages.commands import Conditions, Leg, OrderListCancel, OrderListPlace
from flowex.messages.enums import (
    EndReason,
    ListShape,
    ListStatus,
    OrderType,
    Phase,
    PlaceFlag,
    Side,
)
from flowex.messages.results import ResultCode

_LEGS = {ListShape.OCO: 2, ListShape.OTO: 2, ListShape.OTOCO: 3}


class _Fault(NamedTuple):
    """A refusal and the leg, from 1 on, that it is about; 0 when it is about all."""

    code: ResultCode
    leg: int = 0


def place_list(state: State, command: OrderListPlace) -> Verdict:
    """Place an order list; ``detail`` of a refusal is the leg it is about.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER (shape, legs),
    INVALID_CLIENT_ID (the list's), DUPLICATE_CLIENT_ID (the list's); leg by leg those of
    ``admission.order_fault`` and DUPLICATE_CLIENT_ID; those of ``filters.standing_fault``; those
    of ``entering.pair_fault`` (OCO) or ``entering.entry_fault`` (of the working leg).
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return Verdict(ResultCode.UNKNOWN_INSTRUMENT)
    legs = _legs(state, command)
    fault = _fault(state, command, account, instrument, legs)
    if fault.code:
        return Verdict(fault.code, detail=fault.leg)
    order_list = _open(state, account, command, legs)
    working = legs if command.shape == ListShape.OCO else legs[:1]
    for leg in legs[len(working) :]:
        leg.phase, leg.unheld = Phase.PENDING, True
    for leg in legs:
        entering.accept(state, leg)
    for leg in working:
        entering.begin(state, instrument, leg)
    return Verdict(ResultCode.OK, id=order_list.number)


def cancel_list(state: State, command: OrderListCancel) -> Verdict:
    """Cancel the open orders of a list; ``value`` counts them.

    Refusals, first that applies: UNKNOWN_ACCOUNT, INVALID_CLIENT_ID (the cancel's own),
    UNKNOWN_ORDER_LIST, CLIENT_ID_MISMATCH.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if not is_client_id(command.client_id):
        return Verdict(ResultCode.INVALID_CLIENT_ID)
    wanted = command.original_client_id
    found = account.lists.get(command.order_list)
    if not command.order_list and wanted:
        found = next((one for one in account.lists.values() if one.client_id == wanted), None)
    if found is None or command.instrument not in (0, found.instrument):
        return Verdict(ResultCode.UNKNOWN_ORDER_LIST)
    if wanted not in ("", found.client_id):
        return Verdict(ResultCode.CLIENT_ID_MISMATCH)
    first = lifecycle.open_legs(state, found)[0]
    count = end_by_request(state, first, EndReason.REQUESTED, command.client_id)
    return Verdict(ResultCode.OK, id=found.number, value=count)


def _legs(state: State, command: OrderListPlace) -> list[Order]:
    """Return the orders of the legs that are given, in order."""
    given = (
        (command.first, command.first_client_id),
        (command.second, command.second_client_id),
        (command.third, command.third_client_id),
    )
    legs: list[Order] = []
    for leg, client_id in given:
        if leg is not None:
            legs.append(_order(command, leg, client_id, state.last_order + 1 + len(legs)))
    return legs


def _order(command: OrderListPlace, leg: Leg, client_id: str, number: int) -> Order:
    conditions = Conditions(
        strategy_type=leg.strategy_type,
        stop_price=leg.stop_price,
        display_quantity=leg.display_quantity,
        strategy_id=leg.strategy_id,
        trailing_delta=leg.trailing_delta,
    )
    return Order(
        number=number,
        account=command.account,
        instrument=command.instrument,
        side=leg.side,
        order_type=leg.order_type,
        time_in_force=leg.time_in_force,
        self_trade=command.self_trade,
        price=leg.price,
        quantity=leg.quantity,
        expire_time=0,
        client_id=client_id,
        remember=bool(command.flags & PlaceFlag.UNIQUE_RECENT),
        conditions=PLAIN if conditions == PLAIN else conditions,
    )


def _fault(
    state: State,
    command: OrderListPlace,
    account: Account,
    instrument: Instrument,
    legs: list[Order],
) -> _Fault:
    if not _is_well_formed(command, legs):
        return _Fault(ResultCode.INVALID_ORDER)
    if not is_client_id(command.client_id):
        return _Fault(ResultCode.INVALID_CLIENT_ID)
    if command.client_id and any(
        known.client_id == command.client_id for known in account.lists.values()
    ):
        return _Fault(ResultCode.DUPLICATE_CLIENT_ID)
    for number, leg in enumerate(legs, start=1):
        code = order_fault(state, account, instrument, leg)
        same = leg.client_id and leg.client_id in (other.client_id for other in legs[: number - 1])
        if not code and (same or known_client_id(account, leg)):
            code = ResultCode.DUPLICATE_CLIENT_ID
        if code:
            return _Fault(code, number)
    code = standing_fault(state, account, instrument, legs)
    if code:
        return _Fault(code)
    if command.shape == ListShape.OCO:
        return _Fault(entering.pair_fault(state, instrument, legs))
    return _Fault(entering.entry_fault(state, instrument, legs[0]), 1)


def _is_well_formed(command: OrderListPlace, legs: list[Order]) -> bool:
    given = tuple(leg is not None for leg in (command.first, command.second, command.third))
    if command.shape >= len(ListShape):
        return False
    if given != (True, True, command.shape == ListShape.OTOCO):
        return False
    if command.shape == ListShape.OCO:
        return _is_pair(*legs)
    if legs[0].order_type not in (OrderType.LIMIT, OrderType.LIMIT_MAKER):
        return False
    return command.shape == ListShape.OTO or _is_pair(*legs[1:])


def _is_pair(above: Order, below: Order) -> bool:
    """Return whether two orders can be an OCO: one takes a profit, the other stops a loss."""
    profit, stop = (above, below) if above.side == Side.SELL else (below, above)
    return (
        above.side == below.side
        and above.quantity == below.quantity
        and profit.order_type in (OrderType.LIMIT_MAKER, *TAKE_PROFITS)
        and stop.order_type in STOP_LOSSES
    )


def _open(state: State, account: Account, command: OrderListPlace, legs: list[Order]) -> OrderList:
    state.last_list += 1
    first, second, third = (*(leg.number for leg in legs), 0)[:3]
    order_list = OrderList(
        state.last_list,
        account.number,
        command.instrument,
        command.shape,
        (first, second, third),
        command.client_id,
    )
    for leg in legs:
        leg.order_list = order_list.number
    state.lists[order_list.number] = order_list
    account.lists[order_list.number] = order_list
    lifecycle.tell_list(state, order_list, ListStatus.EXECUTING)
    return order_list
