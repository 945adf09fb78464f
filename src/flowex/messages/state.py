"""The machine's whole state as records: snapshot, export and state hash are this one stream.

The canonical order, which both machines keep: StateHead, StateLimits, fee tiers, assets,
instruments (each followed by its filters and the minutes of its average price, if any), accounts
(each by number), balances (by account, asset, wallet, wallet instrument), holds and sources (by
number), recent client ids (by account, oldest first), order lists (by number), then open orders
as they stand in the books: by instrument, bids before asks, best price first, oldest priority
first; then the other open orders by number, but those that are next to enter the market last and
in their order; at the end the StateTail blocks. The number in the header (``id``) is the thing's
own.

``state_hash`` is SHA-256 over exactly these bytes.
"""

from enum import IntEnum
from typing import Final

from flowex.messages.commands import OrderConditions
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
    FILTERS = 203
    MINUTE = 204
    FEE_TIER = 205
    ORDER_LIST = 206


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
    last_list: U64 = 0


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
    account_algo_orders: U64 = 0
    account_iceberg_orders: U64 = 0
    account_order_lists: U64 = 0
    trailing_orders: U64 = 0


@STATE_RECORDS.declare(StateKind.FEE_TIER)
class StateFeeTier(StateRecord, frozen=True):
    """The rates of a fee tier; the header's id is the tier."""

    maker_rate: I64 = 0
    taker_rate: I64 = 0


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
    last_price: I64 = 0


@STATE_RECORDS.declare(StateKind.FILTERS)
class StateFilters(StateRecord, frozen=True):
    """An instrument's further filters, if it ever got any; fields as FiltersSet."""

    bid_up: U32 = 0
    bid_down: U32 = 0
    ask_up: U32 = 0
    ask_down: U32 = 0
    average_minutes: U16 = 0
    iceberg_parts_max: U16 = 0
    market_lot: I64 = 0
    market_quantity_min: I64 = 0
    market_quantity_max: I64 = 0
    position_max: I64 = 0
    orders_max: U32 = 0
    algo_orders_max: U32 = 0
    iceberg_orders_max: U32 = 0
    order_lists_max: U32 = 0
    amends_max: U32 = 0
    trailing_above_min: U16 = 0
    trailing_above_max: U16 = 0
    trailing_below_min: U16 = 0
    trailing_below_max: U16 = 0
    market_notional: U8 = 0


@STATE_RECORDS.declare(StateKind.MINUTE)
class StateMinute(StateRecord, frozen=True):
    """What an instrument traded in a minute of its average price; sums of 128 bits in two parts.

    ``minute`` counts from 1970; oldest first.
    """

    minute: I64 = 0
    quantity_low: U64 = 0
    quantity_high: U64 = 0
    quote_low: U64 = 0
    quote_high: U64 = 0


@STATE_RECORDS.declare(StateKind.ACCOUNT)
class StateAccount(StateRecord, frozen=True):
    """An account; the header's account and id are both its number."""

    parent: U32 = 0
    trade_group: U32 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    state: U8 = 0
    tier: U16 = 0


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
    """An open order; ``priority`` is the sequence at which it took its place in the book.

    ``phase``: where it is on its way. ``shown``: what an iceberg in the book shows. ``extreme``:
    the best price since it began to trail. ``hold_price``: at which a buy without a price holds
    funds. ``unheld`` is 1 when it holds none, because it is pending or its OCO twin holds more.
    """

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
    phase: U8 = 0
    unheld: U8 = 0
    amends: U32 = 0
    shown: I64 = 0
    extreme: I64 = 0
    hold_price: I64 = 0
    order_list: U64 = 0
    client_id: ClientId = ""
    conditions: OrderConditions = None


@STATE_RECORDS.declare(StateKind.ORDER_LIST)
class StateOrderList(StateRecord, frozen=True):
    """An order list with its legs, of which at least one is open."""

    instrument: U32 = 0
    shape: U8 = 0
    first: U64 = 0
    second: U64 = 0
    third: U64 = 0
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
