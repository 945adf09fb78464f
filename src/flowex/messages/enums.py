"""The small closed sets of the wire; their numbers are part of it and never change."""

from enum import IntEnum, IntFlag
from typing import Final

WIRE_VERSION: Final = 1
RULES_VERSION: Final = 1


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
    """LIMIT_MAKER is refused when it would take; MARKET never rests."""

    LIMIT = 0
    MARKET = 1
    LIMIT_MAKER = 2


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


class EndReason(IntEnum):
    """Why an order ended other than by filling.

    QUOTE_SPENT is the good end of a MARKET order by quote amount: the rest buys no lot.
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
    """Part of the balance key; only SPOT has rules yet."""

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
    """REDUCE_BY: the quantity is by how much to reduce, not the new total."""

    REDUCE_BY = 1


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

EVENTS_HASH_PERIOD: Final = 10_000
"""Commands between two EventsHash events."""

EVENTS_PAGE: Final = 4_096
"""Bytes of the event stream hashed at once."""
