"""Orders on their way into the market: at once, after their price came, or after their list's turn.

``entry_fault`` looks at the book and the money and changes nothing; ``begin`` and ``enter`` act.
"""

from collections.abc import Sequence

from flowex.engine.reference import accounts, lifecycle, matching
from flowex.engine.reference.book import Order
from flowex.engine.reference.state import Instrument, State
from flowex.engine.reference.triggers import would_trigger
from flowex.messages.enums import (
    EndReason,
    InstrumentState,
    OrderType,
    Phase,
    Side,
    TimeInForce,
    TriggerCause,
)
from flowex.messages.events import OrderAccepted
from flowex.messages.results import ResultCode

_REASONS = {
    ResultCode.WOULD_TAKE: EndReason.WOULD_TAKE,
    ResultCode.WOULD_TRIGGER: EndReason.WOULD_TRIGGER,
    ResultCode.BAD_PRICES: EndReason.BAD_PRICES,
    ResultCode.INSUFFICIENT_FUNDS: EndReason.INSUFFICIENT_FUNDS,
}
"""Why an order that had waited could not enter."""


def entry_fault(state: State, instrument: Instrument, order: Order) -> ResultCode:
    """Return why an order cannot enter now.

    First that applies: WOULD_TAKE, WOULD_TRIGGER, QUOTE_AMOUNT_TOO_SMALL, INSUFFICIENT_FUNDS.
    """
    code = place_fault(instrument, order)
    if code:
        return code
    if order.order_type == OrderType.MARKET:
        return market_funds_fault(state, instrument, order)
    return funds_fault(state, instrument, order)


def place_fault(instrument: Instrument, order: Order) -> ResultCode:
    """Return WOULD_TAKE, WOULD_TRIGGER or OK."""
    if would_take(instrument, order, order.price):
        return ResultCode.WOULD_TAKE
    if would_trigger(order, instrument.last_price):
        return ResultCode.WOULD_TRIGGER
    return ResultCode.OK


def pair_fault(state: State, instrument: Instrument, pair: Sequence[Order]) -> ResultCode:
    """Return why an OCO cannot enter now; note which of the two holds the funds.

    ``pair`` is (above, below). First that applies: BAD_PRICES, WOULD_TAKE, WOULD_TRIGGER,
    INSUFFICIENT_FUNDS (for the dearer one).
    """
    # An order that trails from the start has no price to compare.
    above, below = (order.conditions.stop_price if order.is_algo else order.price for order in pair)
    last = instrument.last_price
    if above and below and above <= below:
        return ResultCode.BAD_PRICES
    if last and ((above and above <= last) or below >= last):
        return ResultCode.BAD_PRICES
    for order in pair:
        code = place_fault(instrument, order)
        if code:
            return code
        set_hold_price(instrument, order)
        order.unheld = False
    needs = [lifecycle.hold_atoms(instrument, order, order.quantity) for order in pair]
    bearer = int(needs[1] > needs[0])
    pair[1 - bearer].unheld = True
    return funds_fault(state, instrument, pair[bearer])


def would_take(instrument: Instrument, order: Order, price: int) -> bool:
    """Return whether a LIMIT_MAKER at that price would trade at once."""
    if order.order_type != OrderType.LIMIT_MAKER:
        return False
    opposite = instrument.book.opposite(order.side)
    best = opposite.best()
    return best is not None and opposite.crosses(best.price, price)


def funds_fault(state: State, instrument: Instrument, order: Order) -> ResultCode:
    """Compare what an order holds at the worst case with what its account has free."""
    set_hold_price(instrument, order)
    need = lifecycle.hold_atoms(instrument, order, order.remaining)
    return _compare(state, instrument, order, need)


def market_funds_fault(state: State, instrument: Instrument, order: Order) -> ResultCode:
    """Compare what a market order would cost now with what its account has free.

    QUOTE_AMOUNT_TOO_SMALL when its quote amount does not buy a lot.
    """
    if order.side == Side.SELL and not order.budget:
        return _compare(state, instrument, order, order.remaining * instrument.base_scale)
    promise = matching.walk(state, instrument, order)
    if not promise.quantity and promise.reason == EndReason.QUOTE_SPENT:
        return ResultCode.QUOTE_AMOUNT_TOO_SMALL
    if order.side == Side.BUY:
        need = order.budget or promise.quote
    else:
        need = promise.quantity * instrument.base_scale
    return _compare(state, instrument, order, need)


def set_hold_price(instrument: Instrument, order: Order) -> None:
    """Note the price at which a buy that waits without a price of its own holds funds."""
    if order.is_algo and order.is_market and order.side == Side.BUY:
        order.hold_price = order.conditions.stop_price or instrument.last_price


def accept(state: State, order: Order) -> None:
    """Give an order its place in every index, and tell of it."""
    account = state.accounts[order.account]
    state.last_order = order.number
    state.orders[order.number] = order
    account.orders[order.number] = order
    if order.client_id:
        account.client_ids[order.client_id] = order
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
            conditions=order.conditions if order.has_conditions else None,
        )
    )


def begin(state: State, instrument: Instrument, order: Order) -> None:
    """Let an accepted order wait for its price, or enter the market."""
    if order.is_algo:
        lifecycle.wait(state, instrument, order)
    else:
        enter(state, instrument, order)


def enter(state: State, instrument: Instrument, order: Order) -> None:
    """Match an order, then rest or end what remains."""
    order.phase = Phase.WORKING
    reason: EndReason | None
    if order.time_in_force == TimeInForce.FOK and not _is_fillable(state, instrument, order):
        reason = EndReason.NOT_FILLABLE
    else:
        reason = matching.match(state, instrument, order)
    if reason is None and not order.quantity:
        reason = EndReason.NO_LIQUIDITY if order.budget else EndReason.QUOTE_SPENT
    if reason == EndReason.QUOTE_SPENT and not order.filled:
        reason = EndReason.SELF_TRADE
    if reason is None and order.remaining:
        if order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD):
            lifecycle.rest(state, instrument, order)
            return
        reason = EndReason.NO_LIQUIDITY
    if reason is not None:
        lifecycle.tell_expired(state, order, reason)
    lifecycle.finish(state, order)


def run_entries(state: State, most: int) -> int:
    """Let at most so many queued orders enter, in the order of the queue; return how many did.

    Those of a market that does not trade stay.
    """
    done = 0
    while done < most and (order := next_entry(state)) is not None:
        state.entries.remove(order)
        instrument = state.instruments[order.instrument]
        if order.phase == Phase.TRIGGERED:
            _enter_triggered(state, instrument, order)
        else:
            _enter_released(state, instrument, order)
        done += 1
    return done


def next_entry(state: State) -> Order | None:
    """Return the first queued order whose market trades."""
    if state.halted:
        return None
    return next(
        (
            order
            for order in state.entries
            if state.instruments[order.instrument].state == InstrumentState.TRADING
        ),
        None,
    )


def _enter_triggered(state: State, instrument: Instrument, order: Order) -> None:
    """Give an order its funds back and send it to the market as a MARKET or LIMIT order."""
    lifecycle.hold_back(state, instrument, order, order.remaining)
    code = market_funds_fault(state, instrument, order) if order.is_market else ResultCode.OK
    if code:
        _end(state, order, code)
    else:
        enter(state, instrument, order)


def _enter_released(state: State, instrument: Instrument, order: Order) -> None:
    """Let the pending orders of a list begin, or end them when they cannot."""
    pair = [order, *lifecycle.twins(state, order)]
    for leg in pair:
        leg.phase, leg.unheld = Phase.PENDING, False
    code = (
        entry_fault(state, instrument, order)
        if len(pair) == 1
        else pair_fault(state, instrument, pair)
    )
    if code:
        for leg in pair[1:]:
            lifecycle.tell_expired(state, leg, _REASONS[code])
            lifecycle.forget(state, leg)
        _end(state, order, code)
        return
    for leg in pair:
        lifecycle.tell_triggered(state, leg, TriggerCause.RELEASED, instrument.last_price)
    for leg in pair:
        begin(state, instrument, leg)


def _end(state: State, order: Order, code: ResultCode) -> None:
    """End an order that stands nowhere because it could not enter."""
    lifecycle.tell_expired(state, order, _REASONS[code])
    lifecycle.finish(state, order)


def _compare(state: State, instrument: Instrument, order: Order, need: int) -> ResultCode:
    asset = lifecycle.hold_asset(instrument, order.side)
    enough = accounts.free(state, order.account, asset) >= need
    return ResultCode.OK if enough else ResultCode.INSUFFICIENT_FUNDS


def _is_fillable(state: State, instrument: Instrument, order: Order) -> bool:
    return matching.walk(state, instrument, order).quantity == order.quantity
