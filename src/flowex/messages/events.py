"""What the machine says happened: the feed is these records, in order, and nothing else.

Header fields of every event: ``flags`` (none yet), ``account`` (whose event it is; 0 where it is
nobody's) and ``sequence`` (the command it belongs to). Every command ends with exactly one
``Result``. Within a command the order is: orders an earlier command triggered and could not let
in, timers that were due, what the command did, the orders it triggered, one ``BalanceChanged``
for each balance it touched, ``Result``; and after every 10,000th command an ``EventsHash``.
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


class EventKind(IntEnum):
    """Numbers of the events; gaps are kept for those still to come."""

    RESULT = 128
    ORDER_ACCEPTED = 129
    ORDER_TRIGGERED = 130
    ORDER_AMENDED = 131
    ORDER_REPLACED = 132
    ORDER_CANCELED = 133
    ORDER_EXPIRED = 134
    SELF_TRADE_PREVENTED = 135
    ORDER_LIST_CHANGED = 136
    TRADED = 137
    BALANCE_CHANGED = 138
    HOLD_CHANGED = 139
    LEVEL_CHANGED = 141
    FUNDS_MOVED = 144
    ASSET_CHANGED = 145
    INSTRUMENT_CHANGED = 146
    ACCOUNT_CHANGED = 147
    STATE_CHANGED = 148
    EVENTS_HASH = 149
    FILTERS_CHANGED = 150
    FEE_TIER_CHANGED = 151


class Event(Record, frozen=True):
    """A fact of the feed."""

    flags: int = 0
    account: int = 0
    sequence: int = 0


EVENTS: Final[Catalogue[Event]] = Catalogue()


@EVENTS.declare(EventKind.RESULT)
class Result(Event, frozen=True):
    """The outcome of a command, and the last of its events.

    ``id`` is the number of what was made or named (order, account, asset, instrument, hold).
    ``event_number`` counts all events since Genesis, this one included. ``detail`` and ``value``
    are explained at the commands that use them.
    """

    code: U16 = 0
    detail: U16 = 0
    command_kind: U8 = 0
    origin: U64 = 0
    id: U64 = 0
    time: I64 = 0
    event_number: U64 = 0
    value: I64 = 0


@EVENTS.declare(EventKind.ORDER_ACCEPTED)
class OrderAccepted(Event, frozen=True):
    """An order has a number; what became of it follows.

    One that is a leg of a list is told after the list's OrderListChanged.
    """

    instrument: U32 = 0
    side: U8 = 0
    order_type: U8 = 0
    time_in_force: U8 = 0
    self_trade: U8 = 0
    order: U64 = 0
    price: I64 = 0
    quantity: I64 = 0
    quote_amount: I64 = 0
    expire_time: I64 = 0
    client_id: ClientId = ""
    conditions: OrderConditions = None


@EVENTS.declare(EventKind.ORDER_TRIGGERED)
class OrderTriggered(Event, frozen=True):
    """An order that waited moves on; ``cause`` (a ``TriggerCause``) says why and where to.

    ``price`` is the last price that did it.
    """

    instrument: U32 = 0
    cause: U8 = 0
    order: U64 = 0
    price: I64 = 0


@EVENTS.declare(EventKind.ORDER_LIST_CHANGED)
class OrderListChanged(Event, frozen=True):
    """An order list began (EXECUTING) or has no open order left (ALL_DONE)."""

    instrument: U32 = 0
    shape: U8 = 0
    status: U8 = 0
    order_list: U64 = 0
    first: U64 = 0
    second: U64 = 0
    third: U64 = 0
    client_id: ClientId = ""


@EVENTS.declare(EventKind.ORDER_AMENDED)
class OrderAmended(Event, frozen=True):
    """An order's total quantity fell and it kept its place.

    ``client_id`` is the amend's own; when ``renamed`` is 1, the order's from now on.
    """

    instrument: U32 = 0
    order: U64 = 0
    quantity: I64 = 0
    quantity_before: I64 = 0
    remaining: I64 = 0
    renamed: U8 = 0
    client_id: ClientId = ""


@EVENTS.declare(EventKind.ORDER_REPLACED)
class OrderReplaced(Event, frozen=True):
    """An order left its place for a new price and quantity; trades and resting follow."""

    instrument: U32 = 0
    order: U64 = 0
    price: I64 = 0
    quantity: I64 = 0
    remaining: I64 = 0


@EVENTS.declare(EventKind.ORDER_CANCELED)
class OrderCanceled(Event, frozen=True):
    """An order ended by request; ``client_id`` is the cancel's own."""

    instrument: U32 = 0
    reason: U8 = 0
    order: U64 = 0
    remaining: I64 = 0
    client_id: ClientId = ""


@EVENTS.declare(EventKind.ORDER_EXPIRED)
class OrderExpired(Event, frozen=True):
    """An order ended by the rules: time, no liquidity, self-trade prevention, a limit."""

    instrument: U32 = 0
    reason: U8 = 0
    order: U64 = 0
    remaining: I64 = 0


@EVENTS.declare(EventKind.SELF_TRADE_PREVENTED)
class SelfTradePrevented(Event, frozen=True):
    """Two orders of one owner met and did not trade; the header's account is the taker's.

    The quantities are what each lost to prevention. ``match`` counts per instrument.
    """

    instrument: U32 = 0
    maker_account: U32 = 0
    match: U64 = 0
    taker_order: U64 = 0
    maker_order: U64 = 0
    price: I64 = 0
    taker_quantity: I64 = 0
    maker_quantity: I64 = 0
    self_trade: U8 = 0


@EVENTS.declare(EventKind.TRADED)
class Traded(Event, frozen=True):
    """A match of two orders; the header's account is the taker's.

    ``quote_amount`` = price * quantity, exactly. Each side's fee is taken from what it receives,
    in that asset: base for the buyer, quote for the seller. ``trade`` counts per instrument.
    ``taker_remaining`` is 0 for a MARKET order by quote amount.
    """

    instrument: U32 = 0
    maker_account: U32 = 0
    trade: U64 = 0
    taker_order: U64 = 0
    maker_order: U64 = 0
    price: I64 = 0
    quantity: I64 = 0
    quote_amount: I64 = 0
    taker_fee: I64 = 0
    maker_fee: I64 = 0
    taker_fee_asset: U32 = 0
    maker_fee_asset: U32 = 0
    taker_remaining: I64 = 0
    maker_remaining: I64 = 0
    taker_side: U8 = 0


@EVENTS.declare(EventKind.BALANCE_CHANGED)
class BalanceChanged(Event, frozen=True):
    """What a balance is after the command, and by how much the command moved it."""

    asset: U32 = 0
    wallet: U8 = 0
    wallet_instrument: U32 = 0
    free: I64 = 0
    held: I64 = 0
    free_delta: I64 = 0
    held_delta: I64 = 0


@EVENTS.declare(EventKind.HOLD_CHANGED)
class HoldChanged(Event, frozen=True):
    """A hold for a withdrawal was made, or shrank; at 0 it is gone."""

    asset: U32 = 0
    wallet: U8 = 0
    hold: U64 = 0
    remaining: I64 = 0
    delta: I64 = 0


@EVENTS.declare(EventKind.FUNDS_MOVED)
class FundsMoved(Event, frozen=True):
    """An amount went from the header's account to another; account 0 is the world outside."""

    asset: U32 = 0
    to_account: U32 = 0
    wallet: U8 = 0
    to_wallet: U8 = 0
    source: U32 = 0
    amount: I64 = 0
    source_sequence: U64 = 0


@EVENTS.declare(EventKind.LEVEL_CHANGED)
class LevelChanged(Event, frozen=True):
    """A price level's total after a change; 0 deletes it. ``update`` is +1 per instrument.

    Of an iceberg only what it shows is counted.
    """

    instrument: U32 = 0
    side: U8 = 0
    update: U64 = 0
    price: I64 = 0
    quantity: I64 = 0
    orders: U32 = 0


@EVENTS.declare(EventKind.ASSET_CHANGED)
class AssetChanged(Event, frozen=True):
    """An asset as it is now."""

    asset: U32 = 0
    decimals: U8 = 0
    code: Text16 = ""


@EVENTS.declare(EventKind.INSTRUMENT_CHANGED)
class InstrumentChanged(Event, frozen=True):
    """An instrument as it is now; fields as InstrumentDefine."""

    instrument: U32 = 0
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
    symbol: Text32 = ""


@EVENTS.declare(EventKind.ACCOUNT_CHANGED)
class AccountChanged(Event, frozen=True):
    """The header's account as it is now; rates of -1 mean its tier's, or the instrument's own."""

    parent: U32 = 0
    trade_group: U32 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    state: U8 = 0
    tier: U16 = 0


@EVENTS.declare(EventKind.FILTERS_CHANGED)
class FiltersChanged(Event, frozen=True):
    """An instrument's further filters as they are now; fields as FiltersSet."""

    instrument: U32 = 0
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


@EVENTS.declare(EventKind.FEE_TIER_CHANGED)
class FeeTierChanged(Event, frozen=True):
    """A fee tier as it is now."""

    tier: U16 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0


@EVENTS.declare(EventKind.STATE_CHANGED)
class StateChanged(Event, frozen=True):
    """A switch of the whole machine moved.

    ``subject`` (a ``Switch``) says which, ``key`` which limit.
    """

    subject: U8 = 0
    key: U8 = 0
    value: U64 = 0


@EVENTS.declare(EventKind.EVENTS_HASH)
class EventsHash(Event, frozen=True):
    """The hash of all events up to and without this one."""

    hash: U64 = 0


def decode_events(buffer: bytes | memoryview) -> list[Event]:
    """Return the events of a buffer, in order.

    Raises RecordError for bytes that no machine of this wire version makes.
    """
    return EVENTS.decode(buffer)
