"""The machine's whole state as records: snapshot, export and state hash are this one stream.

The canonical order, which both machines keep: StateHead, StateLimits, assets, instruments,
accounts (each by number), balances (by account, asset, wallet, wallet instrument), holds and
sources (by number), recent client ids (by account, oldest first), then open orders as they stand
in the books: by instrument, bids before asks, best price first, oldest priority first; last the
StateTail blocks. The number in the header (``id``) is the thing's own.

``state_hash`` is SHA-256 over exactly these bytes.
"""

from enum import IntEnum
from typing import Final

from flowex.messages.layout import (
    I8,
    I64,
    U8,
    U16,
    U32,
    U64,
    Catalogue,
    ClientId,
    Record,
    Text16,
    Text32,
)


class StateKind(IntEnum):
    """Numbers of the state records."""

    HEAD = 192
    LIMITS = 193
    ASSET = 194
    INSTRUMENT = 195
    ACCOUNT = 196
    BALANCE = 197
    HOLD = 198
    SOURCE = 199
    RECENT = 200
    ORDER = 201
    TAIL = 202


class StateRecord(Record, frozen=True):
    """A piece of the state."""

    flags: int = 0
    account: int = 0
    id: int = 0


STATE_RECORDS: Final[Catalogue[StateRecord]] = Catalogue()


@STATE_RECORDS.declare(StateKind.HEAD)
class StateHead(StateRecord, frozen=True):
    """Counters of the whole machine; the header's id is the sequence.

    ``events_hash`` covers the whole pages of the event stream; the begun page is in StateTail.
    """

    time: I64 = 0
    event_number: U64 = 0
    events_hash: U64 = 0
    last_order: U64 = 0
    last_hold: U64 = 0
    wire_version: U16 = 0
    rules_version: U16 = 0
    tail_bytes: U16 = 0
    halted: U8 = 0
    exchange: Text32 = ""


@STATE_RECORDS.declare(StateKind.LIMITS)
class StateLimits(StateRecord, frozen=True):
    """All limits, in the order of ``enums.Limit``."""

    accounts: U64 = 0
    assets: U64 = 0
    instruments: U64 = 0
    open_orders: U64 = 0
    account_open_orders: U64 = 0
    fills_per_command: U64 = 0
    cancels_per_command: U64 = 0
    timers: U64 = 0
    holds: U64 = 0
    sources: U64 = 0


@STATE_RECORDS.declare(StateKind.ASSET)
class StateAsset(StateRecord, frozen=True):
    """An asset and how much of it is issued."""

    issued: I64 = 0
    decimals: U8 = 0
    code: Text16 = ""


@STATE_RECORDS.declare(StateKind.INSTRUMENT)
class StateInstrument(StateRecord, frozen=True):
    """An instrument, its filters and its counters."""

    base_asset: U32 = 0
    quote_asset: U32 = 0
    quantity_decimals: I8 = 0
    instrument_kind: U8 = 0
    state: U8 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    price_tick: I64 = 0
    price_min: I64 = 0
    price_max: I64 = 0
    quantity_lot: I64 = 0
    quantity_min: I64 = 0
    quantity_max: I64 = 0
    notional_min: I64 = 0
    notional_max: I64 = 0
    last_trade: U64 = 0
    last_update: U64 = 0
    last_match: U64 = 0
    symbol: Text32 = ""


@STATE_RECORDS.declare(StateKind.ACCOUNT)
class StateAccount(StateRecord, frozen=True):
    """An account; the header's account and id are both its number."""

    parent: U32 = 0
    trade_group: U32 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    state: U8 = 0


@STATE_RECORDS.declare(StateKind.BALANCE)
class StateBalance(StateRecord, frozen=True):
    """A balance that was ever touched, zero or not; the header's id is the asset."""

    free: I64 = 0
    held: I64 = 0
    wallet_instrument: U32 = 0
    wallet: U8 = 0


@STATE_RECORDS.declare(StateKind.HOLD)
class StateHold(StateRecord, frozen=True):
    """A hold for a withdrawal in progress."""

    remaining: I64 = 0
    asset: U32 = 0
    wallet: U8 = 0


@STATE_RECORDS.declare(StateKind.SOURCE)
class StateSource(StateRecord, frozen=True):
    """The last number used by a source of money commands; the header's id is the source."""

    last: U64 = 0


@STATE_RECORDS.declare(StateKind.RECENT)
class StateRecent(StateRecord, frozen=True):
    """A closed order's client id, remembered by hash; the header's id is the order."""

    hash: U64 = 0


@STATE_RECORDS.declare(StateKind.ORDER)
class StateOrder(StateRecord, frozen=True):
    """An open order; ``priority`` is the sequence at which it took its place."""

    instrument: U32 = 0
    side: U8 = 0
    order_type: U8 = 0
    time_in_force: U8 = 0
    self_trade: U8 = 0
    price: I64 = 0
    quantity: I64 = 0
    filled: I64 = 0
    prevented: I64 = 0
    quote_filled: I64 = 0
    expire_time: I64 = 0
    priority: U64 = 0
    remember: U8 = 0
    client_id: ClientId = ""


@STATE_RECORDS.declare(StateKind.TAIL)
class StateTail(StateRecord, frozen=True):
    """32 bytes of the begun page of the event stream, as they are."""

    data0: U64 = 0
    data1: U64 = 0
    data2: U64 = 0
    data3: U64 = 0


def decode_state(buffer: bytes | memoryview) -> list[StateRecord]:
    """Return the state records of a snapshot, in order.

    Raises RecordError for bytes that are no state of this wire version.
    """
    return STATE_RECORDS.decode(buffer)
