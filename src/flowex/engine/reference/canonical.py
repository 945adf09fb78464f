"""The state as canonical records, and back: one stream for snapshot, export and hash."""

import struct
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Final

from flowex.engine.invariants import check
from flowex.engine.reference.book import Order
from flowex.engine.reference.state import (
    Account,
    Asset,
    Balance,
    Filters,
    Instrument,
    State,
    WithdrawalHold,
)
from flowex.messages import state as records
from flowex.messages.enums import WIRE_VERSION, Limit, Side
from flowex.messages.layout import RecordError

_TAIL: Final = struct.Struct("<4Q")


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
    )
    yield records.StateLimits(
        **{limit.name.lower(): state.limits[limit] for limit in Limit},
    )
    for asset in state.assets.values():
        yield records.StateAsset(
            id=asset.number, issued=asset.issued, decimals=asset.decimals, code=asset.code
        )
    yield from map(_instrument_record, state.instruments.values())
    yield from map(_account_record, state.accounts.values())
    yield from _money_records(state)
    for instrument in state.instruments.values():
        for side in Side:
            for level in instrument.book.side(side).best_first():
                yield from map(_order_record, level.orders.values())
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


def _instrument_record(instrument: Instrument) -> records.StateInstrument:
    filters = instrument.filters
    return records.StateInstrument(
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
        client_id=order.client_id,
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
    )


def _restore_account(state: State, record: records.StateAccount) -> None:
    state.accounts[record.id] = Account(
        number=record.id,
        parent=record.parent,
        trade_group=record.trade_group,
        state=record.state,
        maker_rate=record.maker_rate,
        taker_rate=record.taker_rate,
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
        filled=record.filled,
        prevented=record.prevented,
        quote_filled=record.quote_filled,
        priority=record.priority,
    )
    state.orders[order.number] = order
    state.instruments[order.instrument].book.side(order.side).add(order)


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
    records.StateOrder: _restore_order,
    records.StateTail: _restore_tail,
}


def _index_orders(state: State) -> None:
    """Rebuild what canonical order does not carry: per account by number, and the timers."""
    for order in sorted(state.orders.values(), key=attrgetter("number")):
        account = state.accounts[order.account]
        account.orders[order.number] = order
        if order.client_id:
            account.client_ids[order.client_id] = order
        if order.expire_time:
            state.timers.append((order.expire_time, order.number))
    state.timers.sort()
