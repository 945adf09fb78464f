"""What the machine can be asked: every change of money, order or rule is one of these.

Header fields of every command: ``flags``, ``account`` (who it is about; 0 where nobody is) and
``origin`` (request id, for audit and traces). Prices, quantities and amounts are integers in the
units of ``units.integers``; a zero means "not given" where a command says so.
"""

from enum import IntEnum
from typing import Annotated, Final

from flowex.messages import enums
from flowex.messages.layout import (
    I8,
    I64,
    U8,
    U16,
    U32,
    U64,
    Block,
    BlockExtension,
    CancelClientId,
    Catalogue,
    ClientId,
    FirstClientId,
    OriginalClientId,
    Record,
    SecondClientId,
    Text16,
    Text32,
    ThirdClientId,
    block,
)


class CommandKind(IntEnum):
    """Numbers of the commands; gaps are kept for those still to come."""

    GENESIS = 1
    RULES_VERSION = 2
    LIMIT_SET = 3
    ASSET_DEFINE = 8
    INSTRUMENT_DEFINE = 10
    INSTRUMENT_UPDATE = 11
    INSTRUMENT_STATE = 12
    ACCOUNT_OPEN = 13
    ACCOUNT_STATE = 14
    FEE_SET = 15
    HALT = 17
    FILTERS_SET = 18
    FEE_TIER_SET = 19
    CREDIT = 24
    HOLD = 25
    SETTLE = 26
    RELEASE = 27
    TRANSFER = 28
    ORDER_PLACE = 32
    ORDER_CANCEL = 33
    ORDER_AMEND = 34
    ORDER_REPLACE = 35
    ORDER_CANCEL_REPLACE = 36
    ORDER_CANCEL_ALL = 37
    ORDER_LIST_PLACE = 38
    ORDER_LIST_CANCEL = 39
    CLOCK_TICK = 63


class Command(Record, frozen=True):
    """A request to the machine."""

    flags: int = 0
    account: int = 0
    origin: int = 0


COMMANDS: Final[Catalogue[Command]] = Catalogue()


@block
class Conditions(Block, frozen=True):
    """What an order may have beyond price and quantity; a zero means "not given".

    ``stop_price`` and ``trailing_delta`` (10^-4) are for the four types that wait for a price.
    ``display_quantity`` is what an iceberg shows at a time. The strategy is the client's own and
    only passed on.
    """

    strategy_type: U32 = 0
    stop_price: I64 = 0
    display_quantity: I64 = 0
    strategy_id: I64 = 0
    trailing_delta: U32 = 0


@block
class Leg(Block, frozen=True):
    """An order of an order list; fields as OrderPlace and Conditions."""

    strategy_type: U32 = 0
    price: I64 = 0
    quantity: I64 = 0
    stop_price: I64 = 0
    display_quantity: I64 = 0
    strategy_id: I64 = 0
    trailing_delta: U32 = 0
    side: U8 = 0
    order_type: U8 = 0
    time_in_force: U8 = 0


OrderConditions = Annotated[Conditions | None, BlockExtension(4)]
FirstLeg = Annotated[Leg | None, BlockExtension(16)]
SecondLeg = Annotated[Leg | None, BlockExtension(17)]
ThirdLeg = Annotated[Leg | None, BlockExtension(18)]


@COMMANDS.declare(CommandKind.GENESIS)
class Genesis(Command, frozen=True):
    """The first command of a journal: who we are, which rules, and all limits."""

    wire_version: U16 = enums.WIRE_VERSION
    rules_version: U16 = enums.RULES_VERSION
    accounts: U32 = 1_000_000
    exchange: Text32 = "flowex"
    open_orders: U64 = 10_000_000
    assets: U32 = 1_000
    instruments: U32 = 10_000
    account_open_orders: U32 = 10_000
    fills_per_command: U32 = 10_000
    cancels_per_command: U32 = 1_000
    timers: U32 = 100_000
    holds: U32 = 1_000_000
    sources: U32 = 10_000
    account_algo_orders: U32 = 1_000
    account_iceberg_orders: U32 = 10_000
    account_order_lists: U32 = 1_000
    trailing_orders: U32 = 10_000


@COMMANDS.declare(CommandKind.RULES_VERSION)
class RulesVersion(Command, frozen=True):
    """Mark that the commands after this one follow another version of the rules.

    Limits that the older rules did not know, and that are 0 therefore, become Genesis' defaults.
    """

    rules_version: U16 = enums.RULES_VERSION


@COMMANDS.declare(CommandKind.LIMIT_SET)
class LimitSet(Command, frozen=True):
    """Change one limit; never below what is in use."""

    limit: U8 = 0
    value: U64 = 0


@COMMANDS.declare(CommandKind.ASSET_DEFINE)
class AssetDefine(Command, frozen=True):
    """Add an asset; the result's id is its number. Code: 1 to 16 of ``A-Z 0-9``."""

    code: Text16 = ""
    decimals: U8 = 8


@COMMANDS.declare(CommandKind.INSTRUMENT_DEFINE)
class InstrumentDefine(Command, frozen=True):
    """Add a spot instrument in PRE_OPEN; the result's id is its number.

    Symbol: 1 to 32 of ``A-Z 0-9 - _``. Every maximum may be 0, which means none.
    """

    base_asset: U32 = 0
    quote_asset: U32 = 0
    quantity_decimals: I8 = 0
    instrument_kind: U8 = enums.InstrumentKind.SPOT
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    price_tick: I64 = 1
    price_min: I64 = 0
    price_max: I64 = 0
    quantity_lot: I64 = 1
    quantity_min: I64 = 0
    quantity_max: I64 = 0
    notional_min: I64 = 0
    notional_max: I64 = 0
    symbol: Text32 = ""


@COMMANDS.declare(CommandKind.INSTRUMENT_UPDATE)
class InstrumentUpdate(Command, frozen=True):
    """Change an instrument's filters and default fees; its units never change."""

    instrument: U32 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0
    price_tick: I64 = 1
    price_min: I64 = 0
    price_max: I64 = 0
    quantity_lot: I64 = 1
    quantity_min: I64 = 0
    quantity_max: I64 = 0
    notional_min: I64 = 0
    notional_max: I64 = 0


@COMMANDS.declare(CommandKind.FILTERS_SET)
class FiltersSet(Command, frozen=True):
    """Give an instrument filters beyond those of its definition; 0 means none, everywhere.

    Bands are in 10^-4 of the average price over ``average_minutes`` (0: of the last price), for
    the price of buys (bid) and sells (ask). Trailing deltas are in 10^-4: ``above`` for STOP_LOSS
    buys and TAKE_PROFIT sells, ``below`` for the other two. ``market_*`` bound MARKET orders by
    quantity. ``position_max`` bounds what an account has and bids for, in quantity units.
    ``market_notional`` (``MarketNotional``): which bounds of the notional MARKET orders must meet.
    """

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


@COMMANDS.declare(CommandKind.INSTRUMENT_STATE)
class SetInstrumentState(Command, frozen=True):
    """Put an instrument into a state; CLOSED needs an empty book and is final."""

    instrument: U32 = 0
    state: U8 = 0


@COMMANDS.declare(CommandKind.ACCOUNT_OPEN)
class AccountOpen(Command, frozen=True):
    """Open an account; the result's id is its number.

    ``parent`` (0: none) is the account this is a sub-account of; accounts that share a
    ``trade_group`` (0: none) count as one for self-trade prevention.
    """

    parent: U32 = 0
    trade_group: U32 = 0


@COMMANDS.declare(CommandKind.ACCOUNT_STATE)
class SetAccountState(Command, frozen=True):
    """Put the header's account into a state."""

    state: U8 = 0


@COMMANDS.declare(CommandKind.FEE_SET)
class FeeSet(Command, frozen=True):
    """Give an account a fee schedule for all instruments, or take it away (both rates -1).

    ``tier`` (0: none) puts it into a fee tier, whose rates hold where it has none of its own.
    """

    maker_rate: I64 = 0
    taker_rate: I64 = 0
    tier: U16 = 0


@COMMANDS.declare(CommandKind.FEE_TIER_SET)
class FeeTierSet(Command, frozen=True):
    """Give a fee tier its rates, for all instruments and every account that is in it."""

    tier: U16 = 0
    maker_rate: I64 = 0
    taker_rate: I64 = 0


@COMMANDS.declare(CommandKind.HALT)
class Halt(Command, frozen=True):
    """Stop (1) or resume (0) new orders on the whole exchange; cancels always work."""

    halted: U8 = 1


@COMMANDS.declare(CommandKind.CREDIT)
class Credit(Command, frozen=True):
    """Issue an amount to the header's account: a deposit arrived."""

    asset: U32 = 0
    wallet: U8 = enums.Wallet.SPOT
    amount: I64 = 0
    source_sequence: U64 = 0
    source: U32 = 0


@COMMANDS.declare(CommandKind.HOLD)
class Hold(Command, frozen=True):
    """Reserve an amount, for a withdrawal in progress; the result's id is the hold's number."""

    asset: U32 = 0
    wallet: U8 = enums.Wallet.SPOT
    amount: I64 = 0
    source_sequence: U64 = 0
    source: U32 = 0


@COMMANDS.declare(CommandKind.SETTLE)
class Settle(Command, frozen=True):
    """Send an amount of a hold out of the exchange; what is held beyond it stays held."""

    source: U32 = 0
    hold: U64 = 0
    amount: I64 = 0
    source_sequence: U64 = 0


@COMMANDS.declare(CommandKind.RELEASE)
class Release(Command, frozen=True):
    """Give an amount of a hold back to its account."""

    source: U32 = 0
    hold: U64 = 0
    amount: I64 = 0
    source_sequence: U64 = 0


@COMMANDS.declare(CommandKind.TRANSFER)
class Transfer(Command, frozen=True):
    """Move an amount from the header's account to another account or wallet."""

    asset: U32 = 0
    to_account: U32 = 0
    wallet: U8 = enums.Wallet.SPOT
    to_wallet: U8 = enums.Wallet.SPOT
    source: U32 = 0
    amount: I64 = 0
    source_sequence: U64 = 0


@COMMANDS.declare(CommandKind.ORDER_PLACE, flags=enums.PlaceFlag.UNIQUE_RECENT)
class OrderPlace(Command, frozen=True):
    """Place an order; the result's id is its number.

    LIMIT and LIMIT_MAKER: price and quantity. MARKET: time in force IOC, no price, and either a
    quantity or a quote amount. GTD alone has an expire time, later than now. STOP_LOSS and
    TAKE_PROFIT are MARKET by quantity, their _LIMIT forms LIMIT (not GTD), with a stop price, a
    trailing delta, or both: then the stop price is where trailing begins. An iceberg is GTC.
    """

    instrument: U32 = 0
    side: U8 = 0
    order_type: U8 = 0
    time_in_force: U8 = 0
    self_trade: U8 = 0
    price: I64 = 0
    quantity: I64 = 0
    quote_amount: I64 = 0
    expire_time: I64 = 0
    position_side: U8 = 0
    client_id: ClientId = ""
    conditions: OrderConditions = None


@COMMANDS.declare(CommandKind.ORDER_CANCEL)
class OrderCancel(Command, frozen=True):
    """Cancel an order, named by its number, or by its client id when ``order`` is 0.

    With both, the client id must be the order's. ``instrument`` 0 means any.
    ``client_id`` is the cancel's own and is only passed on to the event.
    """

    instrument: U32 = 0
    order: U64 = 0
    restriction: U8 = enums.CancelRestriction.NONE
    original_client_id: OriginalClientId = ""
    client_id: ClientId = ""


@COMMANDS.declare(CommandKind.ORDER_AMEND, flags=enums.AmendFlag.REDUCE_BY | enums.AmendFlag.RENAME)
class OrderAmend(Command, frozen=True):
    """Lower an order's quantity, keeping its priority: to a new total, or by REDUCE_BY.

    Reducing by all that remains, or more, cancels the order. The legs of an OCO that both still
    wait for their chance are amended together.
    """

    instrument: U32 = 0
    order: U64 = 0
    quantity: I64 = 0
    original_client_id: OriginalClientId = ""
    client_id: ClientId = ""


@COMMANDS.declare(CommandKind.ORDER_REPLACE)
class OrderReplace(Command, frozen=True):
    """Give an order a new price and total quantity (0 keeps either); it loses its priority."""

    instrument: U32 = 0
    order: U64 = 0
    price: I64 = 0
    quantity: I64 = 0
    original_client_id: OriginalClientId = ""


@COMMANDS.declare(CommandKind.ORDER_CANCEL_REPLACE, flags=enums.PlaceFlag.UNIQUE_RECENT)
class OrderCancelReplace(Command, frozen=True):
    """Cancel one order and place another in one step; fields as OrderPlace and OrderCancel.

    The result's ``code`` is the new order's (CANCEL_FAILED when it was not tried), its ``detail``
    the cancel's.
    """

    instrument: U32 = 0
    side: U8 = 0
    order_type: U8 = 0
    time_in_force: U8 = 0
    self_trade: U8 = 0
    price: I64 = 0
    quantity: I64 = 0
    quote_amount: I64 = 0
    expire_time: I64 = 0
    position_side: U8 = 0
    mode: U8 = enums.CancelReplaceMode.STOP_ON_FAILURE
    cancel_order: U64 = 0
    restriction: U8 = enums.CancelRestriction.NONE
    client_id: ClientId = ""
    original_client_id: OriginalClientId = ""
    cancel_client_id: CancelClientId = ""
    conditions: OrderConditions = None


@COMMANDS.declare(CommandKind.ORDER_CANCEL_ALL)
class OrderCancelAll(Command, frozen=True):
    """Cancel the account's orders, oldest first, up to the limit of cancels per command.

    ``instrument`` 0 means all. The result's ``value`` counts the cancelled orders; its ``detail``
    is 1 when more remain and the command should be sent again.
    """

    instrument: U32 = 0
    sides: U8 = enums.Sides.BOTH


@COMMANDS.declare(CommandKind.ORDER_LIST_PLACE)
class OrderListPlace(Command, frozen=True):
    """Place orders that depend on each other; the result's id is the list's number.

    OCO: one leg a LIMIT_MAKER or TAKE_PROFIT(_LIMIT), the other a STOP_LOSS(_LIMIT), same side and
    quantity; when one trades or triggers the other expires, so funds are held for the dearer one
    only. OTO: the working leg, LIMIT or LIMIT_MAKER, enters now, the pending one when it is
    completely filled. OTOCO: the pending one is an OCO. ``client_id`` is the list's own. The
    result's ``detail`` is the leg, 1 to 3, that was refused.
    """

    instrument: U32 = 0
    shape: U8 = enums.ListShape.OCO
    self_trade: U8 = 0
    first: FirstLeg = None
    second: SecondLeg = None
    third: ThirdLeg = None
    first_client_id: FirstClientId = ""
    second_client_id: SecondClientId = ""
    third_client_id: ThirdClientId = ""
    client_id: ClientId = ""


@COMMANDS.declare(CommandKind.ORDER_LIST_CANCEL)
class OrderListCancel(Command, frozen=True):
    """Cancel the open orders of a list, named by its number, or by its client id when that is 0.

    With both, the client id must be the list's. ``client_id`` is the cancel's own.
    """

    instrument: U32 = 0
    order_list: U64 = 0
    original_client_id: OriginalClientId = ""
    client_id: ClientId = ""


@COMMANDS.declare(CommandKind.CLOCK_TICK)
class ClockTick(Command, frozen=True):
    """Nothing but time: fires the timers that are due."""
