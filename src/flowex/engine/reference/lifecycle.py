"""What every ending, resting and waiting order has in common: holds, places, lists, indexes."""

from bisect import bisect_left, insort

from flowex.engine.reference.accounts import move
from flowex.engine.reference.book import Level, Order
from flowex.engine.reference.codec import client_id_hash
from flowex.engine.reference.state import Instrument, OrderList, State
from flowex.messages.enums import (
    RECENT_MAX,
    EndReason,
    ListShape,
    ListStatus,
    Phase,
    Side,
    TriggerCause,
)
from flowex.messages.events import LevelChanged, OrderExpired, OrderListChanged, OrderTriggered


def hold_asset(instrument: Instrument, side: int) -> int:
    """Return the number of the asset that an order of that side pays with."""
    return instrument.quote.number if side == Side.BUY else instrument.base.number


def hold_atoms(instrument: Instrument, order: Order, quantity: int) -> int:
    """Return what that much of an order holds, at the worst case: quote at its price, or base."""
    if order.unheld:
        return 0
    if order.side == Side.SELL:
        return quantity * instrument.base_scale
    return (order.price or order.hold_price) * quantity


def hold(state: State, instrument: Instrument, order: Order) -> None:
    """Hold what an order may need."""
    atoms = hold_atoms(instrument, order, order.remaining)
    if atoms:
        move(state, order.account, hold_asset(instrument, order.side), -atoms, atoms)


def hold_back(state: State, instrument: Instrument, order: Order, quantity: int) -> None:
    """Release the hold of that much of an order."""
    atoms = hold_atoms(instrument, order, quantity)
    if atoms:
        move(state, order.account, hold_asset(instrument, order.side), atoms, -atoms)


def rest(state: State, instrument: Instrument, order: Order) -> None:
    """Put what remains of an order into the book, with its hold and, the first time, its timer."""
    hold(state, instrument, order)
    if order.expire_time and not order.priority:
        insort(state.timers, (order.expire_time, order.number))
    order.priority = state.sequence
    order.shown = min(order.conditions.display_quantity, order.remaining)
    level = instrument.book.side(order.side).add(order)
    tell_level(state, instrument, order.side, level)


def wait(state: State, instrument: Instrument, order: Order) -> None:
    """Let an order wait for its price, with its hold."""
    if order.conditions.stop_price:
        order.phase = Phase.WAITING
        instrument.triggers.wait(order)
    else:
        order.phase = Phase.TRACKING
        order.extreme = instrument.last_price
        instrument.triggers.track(order)
    hold(state, instrument, order)


def lift(state: State, instrument: Instrument, order: Order) -> Level | None:
    """Take an order from wherever it stands and release its hold; its timer stays.

    Returns the level it left, for the caller to tell of, when it was in the book.
    """
    hold_back(state, instrument, order, order.remaining)
    if order.phase == Phase.WORKING:
        return instrument.book.side(order.side).remove(order)
    if order.phase in (Phase.WAITING, Phase.TRACKING):
        instrument.triggers.remove(order)
    elif order.phase in (Phase.TRIGGERED, Phase.RELEASED):
        state.entries.remove(order)
    return None


def expire(state: State, instrument: Instrument, order: Order, reason: EndReason) -> None:
    """End an order that stands somewhere by a rule, and what depends on it."""
    level = drop(state, instrument, order, reason)
    if level is not None:
        tell_level(state, instrument, order.side, level)
    settle_list(state, order)


def drop(state: State, instrument: Instrument, order: Order, reason: EndReason) -> Level | None:
    """End one order by a rule; its level, if any, and its list are the caller's to care for."""
    level = lift(state, instrument, order)
    tell_expired(state, order, reason)
    forget(state, order)
    return level


def price_moved(state: State, instrument: Instrument, price: int) -> None:
    """Take note of a last price: if it is new, the orders it calls queue up for the market."""
    if price == instrument.last_price:
        return
    instrument.last_price = price
    if instrument.triggers.is_empty():
        return
    for order in instrument.triggers.reached(price):
        _reach(state, instrument, order)
    for order in instrument.triggers.returned(price):
        if order in instrument.triggers:
            _call(state, instrument, order, TriggerCause.TRAILING)


def claim(state: State, instrument: Instrument, order: Order) -> None:
    """Make an order the only one of its OCO, before it trades or when it is called.

    The other expires, and the order holds its own funds from now on: never more than both held.
    """
    for twin in twins(state, order):
        hold_back(state, instrument, order, order.remaining)
        order.unheld = True
        level = drop(state, instrument, twin, EndReason.LIST)
        if level is not None:
            tell_level(state, instrument, twin.side, level)
        order.unheld = False
        hold(state, instrument, order)


def twins(state: State, order: Order) -> list[Order]:
    """Return the other leg of an order's OCO, if it is open, as a list of at most one."""
    if not order.order_list:
        return []
    found = state.lists[order.order_list]
    pair = found.legs[:2] if found.shape == ListShape.OCO else found.legs[1:]
    if found.shape == ListShape.OTO or order.number not in pair:
        return []
    return [leg for leg in open_legs(state, found) if leg is not order and leg.number in pair]


def open_legs(state: State, order_list: OrderList) -> list[Order]:
    """Return the open orders of a list."""
    return [state.orders[number] for number in order_list.legs if number in state.orders]


def finish(state: State, order: Order) -> None:
    """Forget an order that has ended and stands nowhere, and settle its list."""
    forget(state, order)
    settle_list(state, order)


def settle_list(state: State, order: Order) -> None:
    """Let the list of an order that has ended draw the consequence.

    A working order that is completely filled releases the pending ones; otherwise the rest of the
    list expires.
    """
    if not order.order_list:
        return
    order_list = state.lists.get(order.order_list)
    if order_list is None:
        return
    legs = open_legs(state, order_list)
    if legs and order.filled == order.quantity:
        _release(state, legs)
    elif legs:
        expire(state, state.instruments[order.instrument], legs[0], EndReason.LIST)
    close_list(state, order_list)


def forget(state: State, order: Order) -> None:
    """Take an order out of every index; remember its client id if it asked."""
    account = state.accounts[order.account]
    del state.orders[order.number]
    del account.orders[order.number]
    if order.expire_time:
        index = bisect_left(state.timers, (order.expire_time, order.number))
        if state.timers[index : index + 1] == [(order.expire_time, order.number)]:
            del state.timers[index]
    if order.client_id:
        del account.client_ids[order.client_id]
        if order.remember:
            account.recent.append((client_id_hash(order.client_id), order.number))
            del account.recent[:-RECENT_MAX]


def close_list(state: State, order_list: OrderList) -> None:
    """Forget a list that has no open order left, and tell of it, once."""
    if order_list.number in state.lists and not open_legs(state, order_list):
        del state.lists[order_list.number]
        del state.accounts[order_list.account].lists[order_list.number]
        tell_list(state, order_list, ListStatus.ALL_DONE)


def tell_expired(state: State, order: Order, reason: EndReason) -> None:
    """Emit that an order ended by a rule."""
    state.stream.emit(
        OrderExpired(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            reason=reason,
            order=order.number,
            remaining=order.remaining,
        )
    )


def tell_triggered(state: State, order: Order, cause: TriggerCause, price: int) -> None:
    """Emit that an order that waited moves on."""
    state.stream.emit(
        OrderTriggered(
            account=order.account,
            sequence=state.sequence,
            instrument=order.instrument,
            cause=cause,
            order=order.number,
            price=price,
        )
    )


def tell_list(state: State, order_list: OrderList, status: ListStatus) -> None:
    """Emit how an order list stands."""
    first, second, third = order_list.legs
    state.stream.emit(
        OrderListChanged(
            account=order_list.account,
            sequence=state.sequence,
            instrument=order_list.instrument,
            shape=order_list.shape,
            status=status,
            order_list=order_list.number,
            first=first,
            second=second,
            third=third,
            client_id=order_list.client_id,
        )
    )


def tell_level(state: State, instrument: Instrument, side: int, level: Level) -> None:
    """Emit a level's new total under the instrument's next update id."""
    instrument.last_update += 1
    state.stream.emit(
        LevelChanged(
            sequence=state.sequence,
            instrument=instrument.number,
            side=side,
            update=instrument.last_update,
            price=level.price,
            quantity=level.quantity,
            orders=len(level.orders),
        )
    )


def _reach(state: State, instrument: Instrument, order: Order) -> None:
    """Call an order whose stop price is reached, or let it begin to trail."""
    if order not in instrument.triggers:
        return  # Its twin was called by the same price, before it.
    if not order.conditions.trailing_delta:
        _call(state, instrument, order, TriggerCause.STOP)
        return
    instrument.triggers.remove(order)
    order.phase, order.extreme = Phase.TRACKING, instrument.last_price
    instrument.triggers.track(order)
    tell_triggered(state, order, TriggerCause.TRACKING, instrument.last_price)


def _call(state: State, instrument: Instrument, order: Order, cause: TriggerCause) -> None:
    """Queue an order for the market; if it is a leg of an OCO, the other expires."""
    instrument.triggers.remove(order)
    order.phase = Phase.TRIGGERED
    state.entries.append(order)
    tell_triggered(state, order, cause, instrument.last_price)
    claim(state, instrument, order)


def _release(state: State, legs: list[Order]) -> None:
    """Queue the first of the pending orders; an OCO enters as one."""
    if legs[0].phase == Phase.PENDING:
        legs[0].phase = Phase.RELEASED
        state.entries.append(legs[0])
