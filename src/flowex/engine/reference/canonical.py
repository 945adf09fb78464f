"""The state as canonical records, and back: one stream for snapshot, export and hash."""

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from flowex.engine.invariants import check
from flowex.engine.reference.book import PLAIN, Order
from flowex.engine.reference.state import (
    NO_FILTERS,
    Account,
    Asset,
    Balance,
    FeeTier,
    Filters,
    Instrument,
    Minute,
    OrderList,
    State,
    WithdrawalHold,
)
from flowex.messages import state as records
from flowex.messages.enums import WIRE_VERSION, Limit, Phase, Side
from flowex.messages.layout import RecordError

_TAIL: Final = struct.Struct("<4Q")
_LOW_BITS: Final = 64
_LOW: Final = (1 << _LOW_BITS) - 1
QUEUED: Final = (Phase.TRIGGERED, Phase.RELEASED)
"""Of orders that stand in the queue to the market."""


def export(state: State) -> bytes:
    """Return the whole state, in the order that ``messages.state`` fixes."""
    return b"".join(record.pack() for record in _records(state))


def restore(buffer: bytes) -> State:
    """Return the state that a snapshot holds.

    Raises RecordError when it is none: unknown records, a reference to nothing, a broken
    invariant, or any other form than the canonical one.
    """
    loaded = records.decode_state(buffer)
    if not loaded or not isinstance(loaded[0], records.StateHead):
        raise RecordError("a snapshot begins with its head")
    state = State()
    try:
        check(loaded)
        for record in loaded:
            _RESTORERS[type(record)](state, record)
        _index_orders(state)
    except KeyError as missing:
        raise RecordError(f"a record names {missing}, which is not in the snapshot") from missing
    except (AssertionError, StopIteration) as fault:
        raise RecordError(f"no sound machine: {fault}") from fault
    if export(state) != buffer:
        raise RecordError("not in canonical form")
    return state


def _records(state: State) -> Iterator[records.StateRecord]:
    page = state.stream.page
    yield records.StateHead(
        id=state.sequence,
        time=state.time,
        event_number=state.stream.event_number,
        events_hash=state.stream.pages_hash,
        last_order=state.last_order,
        last_hold=state.last_hold,
        wire_version=WIRE_VERSION,
        rules_version=state.rules_version,
        tail_bytes=len(page),
        halted=state.halted,
        exchange=state.exchange,
        last_list=state.last_list,
    )
    yield records.StateLimits(
        **{limit.name.lower(): state.limits[limit] for limit in Limit},
    )
    for number, tier in sorted(state.tiers.items()):
        yield records.StateFeeTier(
            id=number, maker_rate=tier.maker_rate, taker_rate=tier.taker_rate
        )
    for asset in state.assets.values():
        yield records.StateAsset(
            id=asset.number, issued=asset.issued, decimals=asset.decimals, code=asset.code
        )
    for instrument in state.instruments.values():
        yield from _instrument_records(instrument)
    yield from map(_account_record, state.accounts.values())
    yield from _money_records(state)
    yield from map(_list_record, state.lists.values())
    for instrument in state.instruments.values():
        for side in Side:
            for level in instrument.book.side(side).best_first():
                yield from map(_order_record, level.orders.values())
    outside = [order for order in state.orders.values() if order.phase != Phase.WORKING]
    yield from (_order_record(order) for order in outside if order.phase not in QUEUED)
    yield from map(_order_record, state.entries)
    for offset in range(0, len(page), _TAIL.size):
        yield records.StateTail(0, 0, 0, *_TAIL.unpack_from(page, offset))


def _money_records(state: State) -> Iterator[records.StateRecord]:
    for _, balance in sorted(state.balances.items()):
        yield records.StateBalance(
            account=balance.account,
            id=balance.asset,
            free=balance.free,
            held=balance.held,
            wallet=balance.wallet,
        )
    for hold in state.holds.values():
        yield records.StateHold(
            account=hold.account,
            id=hold.number,
            remaining=hold.remaining,
            asset=hold.asset,
            wallet=hold.wallet,
        )
    for source, last in sorted(state.sources.items()):
        yield records.StateSource(id=source, last=last)
    for account in state.accounts.values():
        for hash_, order in account.recent:
            yield records.StateRecent(account=account.number, id=order, hash=hash_)


def _instrument_records(instrument: Instrument) -> Iterator[records.StateRecord]:
    filters = instrument.filters
    yield records.StateInstrument(
        id=instrument.number,
        base_asset=instrument.base.number,
        quote_asset=instrument.quote.number,
        quantity_decimals=instrument.quantity_decimals,
        instrument_kind=instrument.kind,
        state=instrument.state,
        maker_rate=instrument.maker_rate,
        taker_rate=instrument.taker_rate,
        price_tick=filters.price_tick,
        price_min=filters.price_min,
        price_max=filters.price_max,
        quantity_lot=filters.quantity_lot,
        quantity_min=filters.quantity_min,
        quantity_max=filters.quantity_max,
        notional_min=filters.notional_min,
        notional_max=filters.notional_max,
        last_trade=instrument.last_trade,
        last_update=instrument.last_update,
        last_match=instrument.last_match,
        symbol=instrument.symbol,
        last_price=instrument.last_price,
    )
    if instrument.further is not NO_FILTERS:
        yield instrument.further
    for minute in instrument.minutes:
        yield records.StateMinute(
            id=instrument.number,
            minute=minute.number,
            quantity_low=minute.quantity & _LOW,
            quantity_high=minute.quantity >> _LOW_BITS,
            quote_low=minute.quote & _LOW,
            quote_high=minute.quote >> _LOW_BITS,
        )


def _account_record(account: Account) -> records.StateAccount:
    return records.StateAccount(
        account=account.number,
        id=account.number,
        parent=account.parent,
        trade_group=account.trade_group,
        maker_rate=account.maker_rate,
        taker_rate=account.taker_rate,
        state=account.state,
        tier=account.tier,
    )


def _list_record(order_list: OrderList) -> records.StateOrderList:
    first, second, third = order_list.legs
    return records.StateOrderList(
        account=order_list.account,
        id=order_list.number,
        instrument=order_list.instrument,
        shape=order_list.shape,
        first=first,
        second=second,
        third=third,
        client_id=order_list.client_id,
    )


def _order_record(order: Order) -> records.StateOrder:
    return records.StateOrder(
        account=order.account,
        id=order.number,
        instrument=order.instrument,
        side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        self_trade=order.self_trade,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled,
        prevented=order.prevented,
        quote_filled=order.quote_filled,
        expire_time=order.expire_time,
        priority=order.priority,
        remember=order.remember,
        phase=order.phase,
        unheld=order.unheld,
        amends=order.amends,
        shown=order.shown,
        extreme=order.extreme,
        hold_price=order.hold_price,
        order_list=order.order_list,
        client_id=order.client_id,
        conditions=order.conditions if order.has_conditions else None,
    )


def _restore_head(state: State, head: records.StateHead) -> None:
    if head.wire_version != WIRE_VERSION:
        raise RecordError(f"wire version {head.wire_version} is not {WIRE_VERSION}")
    state.sequence, state.time = head.id, head.time
    state.stream.event_number = head.event_number
    state.stream.pages_hash = head.events_hash
    state.last_order, state.last_hold = head.last_order, head.last_hold
    state.rules_version, state.exchange = head.rules_version, head.exchange
    state.halted = bool(head.halted)
    state.last_list = head.last_list


def _restore_limits(state: State, record: records.StateLimits) -> None:
    state.limits = [getattr(record, limit.name.lower()) for limit in Limit]


def _restore_asset(state: State, record: records.StateAsset) -> None:
    state.assets[record.id] = Asset(record.id, record.code, record.decimals, record.issued)


def _restore_instrument(state: State, record: records.StateInstrument) -> None:
    state.instruments[record.id] = Instrument(
        number=record.id,
        symbol=record.symbol,
        base=state.assets[record.base_asset],
        quote=state.assets[record.quote_asset],
        quantity_decimals=record.quantity_decimals,
        kind=record.instrument_kind,
        filters=Filters(
            record.price_tick,
            record.price_min,
            record.price_max,
            record.quantity_lot,
            record.quantity_min,
            record.quantity_max,
            record.notional_min,
            record.notional_max,
        ),
        maker_rate=record.maker_rate,
        taker_rate=record.taker_rate,
        state=record.state,
        last_trade=record.last_trade,
        last_update=record.last_update,
        last_match=record.last_match,
        last_price=record.last_price,
    )


def _restore_filters(state: State, record: records.StateFilters) -> None:
    state.instruments[record.id].further = record


def _restore_minute(state: State, record: records.StateMinute) -> None:
    state.instruments[record.id].minutes.append(
        Minute(
            record.minute,
            record.quantity_high << _LOW_BITS | record.quantity_low,
            record.quote_high << _LOW_BITS | record.quote_low,
        )
    )


def _restore_tier(state: State, record: records.StateFeeTier) -> None:
    state.tiers[record.id] = FeeTier(record.maker_rate, record.taker_rate)


def _restore_list(state: State, record: records.StateOrderList) -> None:
    legs = (record.first, record.second, record.third)
    order_list = OrderList(
        record.id, record.account, record.instrument, record.shape, legs, record.client_id
    )
    state.lists[record.id] = state.accounts[record.account].lists[record.id] = order_list


def _restore_account(state: State, record: records.StateAccount) -> None:
    state.accounts[record.id] = Account(
        number=record.id,
        parent=record.parent,
        trade_group=record.trade_group,
        state=record.state,
        maker_rate=record.maker_rate,
        taker_rate=record.taker_rate,
        tier=record.tier,
    )


def _restore_balance(state: State, record: records.StateBalance) -> None:
    key = (record.account, record.id, record.wallet)
    state.balances[key] = Balance(*key, record.free, record.held)


def _restore_hold(state: State, record: records.StateHold) -> None:
    state.holds[record.id] = WithdrawalHold(
        record.id, record.account, record.asset, record.wallet, record.remaining
    )


def _restore_source(state: State, record: records.StateSource) -> None:
    state.sources[record.id] = record.last


def _restore_recent(state: State, record: records.StateRecent) -> None:
    state.accounts[record.account].recent.append((record.hash, record.id))


def _restore_order(state: State, record: records.StateOrder) -> None:
    order = Order(
        number=record.id,
        account=record.account,
        instrument=record.instrument,
        side=record.side,
        order_type=record.order_type,
        time_in_force=record.time_in_force,
        self_trade=record.self_trade,
        price=record.price,
        quantity=record.quantity,
        expire_time=record.expire_time,
        client_id=record.client_id,
        remember=bool(record.remember),
        conditions=record.conditions or PLAIN,
        order_list=record.order_list,
        phase=record.phase,
        unheld=bool(record.unheld),
        hold_price=record.hold_price,
        extreme=record.extreme,
        shown=record.shown,
        amends=record.amends,
        filled=record.filled,
        prevented=record.prevented,
        quote_filled=record.quote_filled,
        priority=record.priority,
    )
    state.orders[order.number] = order
    instrument = state.instruments[order.instrument]
    if order.phase == Phase.WORKING:
        instrument.book.side(order.side).add(order)
    elif order.phase == Phase.WAITING:
        instrument.triggers.wait(order)
    elif order.phase == Phase.TRACKING:
        instrument.triggers.track(order)
    elif order.phase in QUEUED:
        state.entries.append(order)


def _restore_tail(state: State, record: records.StateTail) -> None:
    state.stream.page += _TAIL.pack(record.data0, record.data1, record.data2, record.data3)


_RESTORERS: Final[dict[type[records.StateRecord], Callable[[State, Any], None]]] = {
    records.StateHead: _restore_head,
    records.StateLimits: _restore_limits,
    records.StateAsset: _restore_asset,
    records.StateInstrument: _restore_instrument,
    records.StateAccount: _restore_account,
    records.StateBalance: _restore_balance,
    records.StateHold: _restore_hold,
    records.StateSource: _restore_source,
    records.StateRecent: _restore_recent,
    records.StateFeeTier: _restore_tier,
    records.StateFilters: _restore_filters,
    records.StateMinute: _restore_minute,
    records.StateOrderList: _restore_list,
    records.StateOrder: _restore_order,
    records.StateTail: _restore_tail,
}


def _index_orders(state: State) -> None:
    """Rebuild what canonical order does not carry: per account by number, and the timers."""
    state.orders = dict(sorted(state.orders.items()))
    for order in state.orders.values():
        account = state.accounts[order.account]
        account.orders[order.number] = order
        if order.client_id:
            account.client_ids[order.client_id] = order
        if order.expire_time:
            state.timers.append((order.expire_time, order.number))
    state.timers.sort()
