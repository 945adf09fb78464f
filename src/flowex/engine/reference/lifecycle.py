"""What every ending and resting order has in common: holds, timers, indexes, level events."""

from bisect import bisect_left, insort

from flowex.engine.reference.accounts import move
from flowex.engine.reference.book import Level, Order
from flowex.engine.reference.codec import client_id_hash
from flowex.engine.reference.state import Instrument, State
from flowex.messages.enums import RECENT_MAX, EndReason, Side
from flowex.messages.events import LevelChanged, OrderExpired


def hold_asset(instrument: Instrument, side: int) -> int:
    """Return the number of the asset that an order of that side pays with."""
    return instrument.quote.number if side == Side.BUY else instrument.base.number


def hold_atoms(instrument: Instrument, side: int, price: int, quantity: int) -> int:
    """Return what an order holds, at the worst case: quote at its price, or base."""
    return price * quantity if side == Side.BUY else quantity * instrument.base_scale


def hold_back(state: State, instrument: Instrument, order: Order, quantity: int) -> None:
    """Release the hold of that much of a resting order."""
    atoms = hold_atoms(instrument, order.side, order.price, quantity)
    move(state, order.account, hold_asset(instrument, order.side), atoms, -atoms)


def rest(state: State, instrument: Instrument, order: Order) -> None:
    """Put what remains of an order into the book, with its hold and, the first time, its timer."""
    atoms = hold_atoms(instrument, order.side, order.price, order.remaining)
    move(state, order.account, hold_asset(instrument, order.side), -atoms, atoms)
    if order.expire_time and not order.priority:
        insort(state.timers, (order.expire_time, order.number))
    order.priority = state.sequence
    level = instrument.book.side(order.side).add(order)
    tell_level(state, instrument, order.side, level)


def lift(state: State, instrument: Instrument, order: Order) -> Level:
    """Take a resting order out of the book and release its hold; its timer stays."""
    hold_back(state, instrument, order, order.remaining)
    return instrument.book.side(order.side).remove(order)


def expire(state: State, instrument: Instrument, order: Order, reason: EndReason) -> None:
    """End a resting order by a rule; the caller tells of its level."""
    lift(state, instrument, order)
    tell_expired(state, order, reason)
    finish(state, order)


def finish(state: State, order: Order) -> None:
    """Forget an order that has ended: indexes, timer; remember its client id if it asked."""
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
