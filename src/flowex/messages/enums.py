"""The small closed sets of the wire; their numbers are part of it and never change."""

from enum import IntEnum, IntFlag
from typing import Final

WIRE_VERSION: Final = 1
RULES_VERSION: Final = 2
"""Rules 2 brought triggers, icebergs, order lists, fee tiers and the filters of FiltersSet.

A snapshot of rules 1 is read as one of an exchange that has none of them; see RulesVersion.
"""


class Side(IntEnum):
    """Which side of the book an order rests on or would rest on."""

    BUY = 0
    SELL = 1


class Sides(IntFlag):
    """A set of sides, for cancel-all."""

    BUY = 1
    SELL = 2
    BOTH = 3


class OrderType(IntEnum):
    """LIMIT_MAKER is refused when it would take; MARKET never rests.

    The last four wait, out of the book, until the last price reaches their stop price or has come
    back from its extreme by their trailing delta; then they become a MARKET or LIMIT order.
    """

    LIMIT = 0
    MARKET = 1
    LIMIT_MAKER = 2
    STOP_LOSS = 3
    STOP_LOSS_LIMIT = 4
    TAKE_PROFIT = 5
    TAKE_PROFIT_LIMIT = 6


class TimeInForce(IntEnum):
    """Good till cancelled, immediate or cancel, fill or kill, good till date. MARKET is IOC."""

    GTC = 0
    IOC = 1
    FOK = 2
    GTD = 3


class SelfTrade(IntEnum):
    """What happens when an order meets one of its own account or trade group.

    The taker's mode decides.
    """

    NONE = 0
    EXPIRE_TAKER = 1
    EXPIRE_MAKER = 2
    EXPIRE_BOTH = 3
    DECREMENT = 4


class CancelReplaceMode(IntEnum):
    """Whether the new order is tried when the cancel was refused."""

    STOP_ON_FAILURE = 0
    ALLOW_FAILURE = 1


class CancelRestriction(IntEnum):
    """Which state an order must be in for a cancel to be let through."""

    NONE = 0
    ONLY_NEW = 1
    ONLY_PARTIALLY_FILLED = 2


class Phase(IntEnum):
    """Where an open order is on its way.

    WORKING in the book · WAITING for its stop price · TRACKING the extreme it trails ·
    PENDING until the working order of its list is filled · TRIGGERED and RELEASED: next in the
    queue to enter the market, from waiting or from pending.
    """

    WORKING = 0
    WAITING = 1
    TRACKING = 2
    PENDING = 3
    TRIGGERED = 4
    RELEASED = 5


class TriggerCause(IntEnum):
    """What moved an order on.

    STOP and TRAILING send it to the market; TRACKING begins to trail; RELEASED: the working order
    of its list is filled.
    """

    STOP = 0
    TRAILING = 1
    TRACKING = 2
    RELEASED = 3


class ListShape(IntEnum):
    """What the legs of an order list are, in order.

    OCO: above, below. OTO: working, pending. OTOCO: working, pending above, pending below.
    """

    OCO = 0
    OTO = 1
    OTOCO = 2


class ListStatus(IntEnum):
    """Whether any leg of an order list is open."""

    EXECUTING = 0
    ALL_DONE = 1


class EndReason(IntEnum):
    """Why an order ended other than by filling.

    QUOTE_SPENT is the good end of a MARKET order by quote amount: the rest buys no lot.
    LIST: another order of its list decided. From INSUFFICIENT_FUNDS on: why an order that had
    waited could not enter the market.
    """

    REQUESTED = 1
    CANCEL_ALL = 2
    REPLACED = 3
    REDUCED = 4
    NO_LIQUIDITY = 5
    NOT_FILLABLE = 6
    TIME = 7
    SELF_TRADE = 8
    FILL_LIMIT = 9
    QUOTE_SPENT = 10
    LIST = 11
    INSUFFICIENT_FUNDS = 12
    WOULD_TAKE = 13
    WOULD_TRIGGER = 14
    BAD_PRICES = 15


class InstrumentKind(IntEnum):
    """Spot now; the perpetual's number is kept."""

    SPOT = 0
    PERPETUAL = 1


class InstrumentState(IntEnum):
    """Only TRADING takes orders; every state but CLOSED takes cancels."""

    PRE_OPEN = 0
    TRADING = 1
    REDUCE_ONLY = 2
    CANCEL_ONLY = 3
    HALT = 4
    SETTLING = 5
    CLOSED = 6


class AccountState(IntEnum):
    """CANCEL_ONLY takes no orders; FROZEN also lets no money out."""

    ACTIVE = 0
    CANCEL_ONLY = 1
    FROZEN = 2


class Wallet(IntEnum):
    """Part of the balance key. Orders use SPOT; FUNDING only keeps money; the rest is to come."""

    SPOT = 0
    FUNDING = 1
    FUTURES = 2
    ISOLATED = 3


class Limit(IntEnum):
    """What Genesis bounds and LimitSet changes."""

    ACCOUNTS = 0
    ASSETS = 1
    INSTRUMENTS = 2
    OPEN_ORDERS = 3
    ACCOUNT_OPEN_ORDERS = 4
    FILLS_PER_COMMAND = 5
    CANCELS_PER_COMMAND = 6
    TIMERS = 7
    HOLDS = 8
    SOURCES = 9
    ACCOUNT_ALGO_ORDERS = 10
    ACCOUNT_ICEBERG_ORDERS = 11
    ACCOUNT_ORDER_LISTS = 12
    TRAILING_ORDERS = 13


class Switch(IntEnum):
    """What a StateChanged event speaks of."""

    GENESIS = 0
    LIMIT = 1
    HALT = 2
    RULES = 3


class PlaceFlag(IntFlag):
    """UNIQUE_RECENT also refuses a client order id among the account's last closed ones."""

    UNIQUE_RECENT = 1


class AmendFlag(IntFlag):
    """REDUCE_BY: the quantity is by how much to reduce, not the new total.

    RENAME: the order takes the amend's client id as its own.
    """

    REDUCE_BY = 1
    RENAME = 2


class MarketNotional(IntFlag):
    """Which bounds of the notional hold for MARKET orders, at the average price."""

    MIN = 1
    MAX = 2


FEE_ACCOUNT: Final = 1
"""The account Genesis opens for fees."""

WORLD: Final = 0
"""The number of everything outside: counterpart of issuing and settling, never a balance."""

RECENT_MAX: Final = 128
"""How many closed client order ids an account remembers for UNIQUE_RECENT."""

CLIENT_ID_MAX: Final = 36
"""Longest client order id."""

LIMIT_MAX: Final = 4_000_000_000
"""No limit may be higher: both machines count with 32 bits somewhere."""

ENTRIES_MAX: Final = 100
"""How many triggered and released orders may enter the market in one command."""

BIPS: Final = 10_000
"""Parts of one in which trailing deltas and price bands are counted."""

TRAILING_DELTA_MAX: Final = BIPS - 1
"""A fall of everything triggers nothing."""

AVERAGE_MINUTES_MAX: Final = 60
"""The longest average price an instrument's filters may ask for."""

FEE_TIERS_MAX: Final = 1_000
"""Highest number of a fee tier."""

EVENTS_HASH_PERIOD: Final = 10_000
"""Commands between two EventsHash events."""

EVENTS_PAGE: Final = 4_096
"""Bytes of the event stream hashed at once."""
