"""A taker walks the other side of the book: price, then time; self-trade rules on the way.

``walk`` answers what a taker would get and changes nothing; ``match`` does it. Both take the same
steps in the same order, so what ``walk`` promised is what ``match`` does.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from flowex.engine.reference import fees
from flowex.engine.reference.accounts import move
from flowex.engine.reference.average import note_trade
from flowex.engine.reference.book import Level, Order
from flowex.engine.reference.lifecycle import (
    claim,
    drop,
    finish,
    hold_back,
    price_moved,
    settle_list,
    tell_level,
)
from flowex.engine.reference.state import Account, Instrument, State
from flowex.messages.enums import FEE_ACCOUNT, EndReason, Limit, SelfTrade, Side
from flowex.messages.events import SelfTradePrevented, Traded


class Walk(NamedTuple):
    """What a taker would get: quantity, what it costs in quote atoms, and why it would end."""

    quantity: int
    quote: int
    reason: EndReason | None


def walk(state: State, instrument: Instrument, taker: Order) -> Walk:
    """Return what ``match`` would do with the taker, changing nothing."""
    owner = state.accounts[taker.account]
    side = instrument.book.opposite(taker.side)
    remaining, budget, steps = taker.remaining, taker.budget, 0
    quantity = quote = 0
    ended: set[int] = set()
    for level in side.best_first():
        if not side.crosses(level.price, taker.limit_price):
            break
        for maker, offer in _turns(level, ended):
            wanted = _wanted(instrument, taker, remaining, budget, level.price)
            if not wanted:
                return Walk(quantity, quote, EndReason.QUOTE_SPENT if taker.budget else None)
            if steps >= state.limits[Limit.FILLS_PER_COMMAND]:
                return Walk(quantity, quote, EndReason.FILL_LIMIT)
            steps += 1
            step = min(wanted, offer)
            if _meets_own(state, owner, maker) and taker.self_trade != SelfTrade.NONE:
                if taker.self_trade == SelfTrade.EXPIRE_MAKER:
                    ended.add(maker.number)
                    continue
                if taker.self_trade != SelfTrade.DECREMENT:
                    return Walk(quantity, quote, EndReason.SELF_TRADE)
            else:
                quantity += step
                quote += step * level.price
            remaining -= step
            budget -= step * level.price
    return Walk(quantity, quote, None)


def match(state: State, instrument: Instrument, taker: Order) -> EndReason | None:
    """Trade the taker against the book; return why it must end now, or None.

    None means it is filled, or nothing is left to trade with: the caller rests or expires it.
    The orders that its prices call are called when it has met everybody: one of them may end a
    leg of its list that stands in the book, and ``walk`` knows nothing of that.
    """
    prices: list[int] = []
    reason = _match(state, instrument, taker, prices)
    for price in prices:
        price_moved(state, instrument, price)
    return reason


def _match(
    state: State, instrument: Instrument, taker: Order, prices: list[int]
) -> EndReason | None:
    """Trade the taker against the book and note the prices at which it traded."""
    side = instrument.book.opposite(taker.side)
    steps = 0
    while (level := side.best()) is not None and side.crosses(level.price, taker.limit_price):
        changed, reason, last_trade = False, None, instrument.last_trade
        while level.orders and reason is None:
            wanted = _wanted(instrument, taker, taker.remaining, taker.budget, level.price)
            if not wanted:
                reason = EndReason.QUOTE_SPENT if not taker.quantity else None
                break
            if steps >= state.limits[Limit.FILLS_PER_COMMAND]:
                reason = EndReason.FILL_LIMIT
                break
            steps += 1
            before = level.quantity
            reason = _meet(state, instrument, level, taker, min(wanted, level.first().offer))
            changed = changed or level.quantity != before
        if changed:
            tell_level(state, instrument, 1 - taker.side, level)
        if instrument.last_trade != last_trade:
            prices.append(level.price)
        if reason is not None or level.orders:
            return reason
    return None


def _turns(level: Level, ended: set[int]) -> Iterator[tuple[Order, int]]:
    """Yield (order, what it offers) in the order in which takers meet a level.

    An iceberg that was taken as far as it showed has another turn behind everybody else, unless
    its meeting with the taker ended it.
    """
    hidden: deque[tuple[Order, int]] = deque()  # bounded: by the orders of the level
    for maker in level.orders.values():
        yield maker, maker.offer
        if maker.remaining > maker.offer and maker.number not in ended:
            hidden.append((maker, maker.remaining - maker.offer))
    while hidden:
        maker, rest = hidden.popleft()
        offer = min(maker.conditions.display_quantity, rest)
        yield maker, offer
        if rest > offer:
            hidden.append((maker, rest - offer))


def _wanted(instrument: Instrument, taker: Order, remaining: int, budget: int, price: int) -> int:
    """Return how much the taker still takes at a price: its rest, or what its budget affords."""
    if taker.quantity:
        return remaining
    lot = instrument.filters.quantity_lot
    return budget // (price * lot) * lot


def _meets_own(state: State, owner: Account, maker: Order) -> bool:
    if maker.account == owner.number:
        return True
    group = owner.trade_group
    return bool(group) and state.accounts[maker.account].trade_group == group


def _meet(
    state: State, instrument: Instrument, level: Level, taker: Order, quantity: int
) -> EndReason | None:
    maker = level.first()
    if taker.self_trade != SelfTrade.NONE and _meets_own(
        state, state.accounts[taker.account], maker
    ):
        return _prevent(state, instrument, level, taker, maker, quantity)
    claim(state, instrument, maker)
    _trade(state, instrument, level, taker, maker, quantity)
    return None


def _trade(
    state: State,
    instrument: Instrument,
    level: Level,
    taker: Order,
    maker: Order,
    quantity: int,
) -> None:
    quote = maker.price * quantity
    base = quantity * instrument.base_scale
    taker_buys = taker.side == Side.BUY
    taker_gets, maker_gets = (base, quote) if taker_buys else (quote, base)
    taker_asset, maker_asset = (
        (instrument.base, instrument.quote) if taker_buys else (instrument.quote, instrument.base)
    )
    taker_rate = fees.rates(state, state.accounts[taker.account], instrument)[1]
    maker_rate = fees.rates(state, state.accounts[maker.account], instrument)[0]
    taker_fee, maker_fee = fees.fee(taker_gets, taker_rate), fees.fee(maker_gets, maker_rate)
    move(state, taker.account, maker_asset.number, -maker_gets)
    move(state, taker.account, taker_asset.number, taker_gets - taker_fee)
    move(state, maker.account, taker_asset.number, 0, -taker_gets)
    move(state, maker.account, maker_asset.number, maker_gets - maker_fee)
    if taker_fee:
        move(state, FEE_ACCOUNT, taker_asset.number, taker_fee)
    if maker_fee:
        move(state, FEE_ACCOUNT, maker_asset.number, maker_fee)
    for order in (taker, maker):
        order.filled += quantity
        order.quote_filled += quote
    taker.budget -= quote if taker.budget else 0
    note_trade(state, instrument, quantity, quote)
    instrument.last_trade += 1
    state.stream.emit(
        Traded(
            account=taker.account,
            sequence=state.sequence,
            instrument=instrument.number,
            maker_account=maker.account,
            trade=instrument.last_trade,
            taker_order=taker.number,
            maker_order=maker.number,
            price=maker.price,
            quantity=quantity,
            quote_amount=quote,
            taker_fee=taker_fee,
            maker_fee=maker_fee,
            taker_fee_asset=taker_asset.number,
            maker_fee_asset=maker_asset.number,
            taker_remaining=taker.remaining,
            maker_remaining=maker.remaining,
            taker_side=taker.side,
        )
    )
    _take(state, level, maker, quantity)
    if not maker.remaining:
        instrument.book.side(maker.side).remove(maker)
        finish(state, maker)


def _take(state: State, level: Level, maker: Order, quantity: int) -> None:
    """Lower what the level shows by what a taker took, and let an iceberg show its next part."""
    level.quantity -= quantity
    if maker.is_iceberg:
        maker.shown -= quantity
        if not maker.shown and maker.remaining:
            maker.priority = state.sequence
            level.refresh(maker)


def _prevent(
    state: State,
    instrument: Instrument,
    level: Level,
    taker: Order,
    maker: Order,
    quantity: int,
) -> EndReason | None:
    """Apply the taker's self-trade mode to a meeting; return why the taker must end, or None."""
    mode = taker.self_trade
    taker_loses = maker_loses = quantity
    if mode != SelfTrade.DECREMENT:
        taker_loses = 0 if mode == SelfTrade.EXPIRE_MAKER else taker.remaining
        maker_loses = 0 if mode == SelfTrade.EXPIRE_TAKER else maker.remaining
    instrument.last_match += 1
    state.stream.emit(
        SelfTradePrevented(
            account=taker.account,
            sequence=state.sequence,
            instrument=instrument.number,
            maker_account=maker.account,
            match=instrument.last_match,
            taker_order=taker.number,
            maker_order=maker.number,
            price=maker.price,
            taker_quantity=taker_loses,
            maker_quantity=maker_loses,
            self_trade=mode,
        )
    )
    if mode in (SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH):
        _end(state, instrument, maker)
    if mode == SelfTrade.DECREMENT:
        claim(state, instrument, maker)
        hold_back(state, instrument, maker, quantity)
        maker.prevented += quantity
        taker.prevented += quantity if taker.quantity else 0
        taker.budget -= quantity * maker.price if taker.budget else 0
        _take(state, level, maker, quantity)
        if not maker.remaining:
            _end(state, instrument, maker)
        return EndReason.SELF_TRADE if taker.quantity and not taker.remaining else None
    return None if mode == SelfTrade.EXPIRE_MAKER else EndReason.SELF_TRADE


def _end(state: State, instrument: Instrument, maker: Order) -> None:
    """End a maker; its level is told of when the taker leaves it."""
    drop(state, instrument, maker, EndReason.SELF_TRADE)
    settle_list(state, maker)
