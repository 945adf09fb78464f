"""Everything the machine knows, and nothing it does."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowex.engine.reference.book import Book, Order
from flowex.engine.reference.codec import EventStream
from flowex.engine.reference.triggers import Triggers
from flowex.messages.enums import AccountState, InstrumentState, Limit
from flowex.messages.results import ResultCode
from flowex.messages.state import StateFilters

NO_FILTERS: Final = StateFilters()
"""Of an instrument that never got any beyond those of its definition."""


class Verdict(NamedTuple):
    """What a handler answers; becomes the command's Result event."""

    code: ResultCode
    id: int = 0
    detail: int = 0
    value: int = 0


@dataclass(slots=True, eq=False)
class Asset:
    """An asset; ``issued`` is the sum of all its balances."""

    number: int
    code: str
    decimals: int
    issued: int = 0


@dataclass(slots=True, eq=False)
class Filters:
    """The bounds of an instrument's orders; a maximum of 0 means none."""

    price_tick: int
    price_min: int
    price_max: int
    quantity_lot: int
    quantity_min: int
    quantity_max: int
    notional_min: int
    notional_max: int


@dataclass(slots=True, eq=False)
class Minute:
    """What an instrument traded in the minute ``number`` since 1970; quote in atoms."""

    number: int
    quantity: int = 0
    quote: int = 0


@dataclass(slots=True, eq=False)
class Instrument:
    """A spot pair; one quantity unit is ``base_scale`` atoms of the base asset."""

    number: int
    symbol: str
    base: Asset
    quote: Asset
    quantity_decimals: int
    kind: int
    filters: Filters
    maker_rate: int
    taker_rate: int
    state: int = InstrumentState.PRE_OPEN
    last_trade: int = 0
    last_update: int = 0
    last_match: int = 0
    last_price: int = 0
    further: StateFilters = NO_FILTERS
    minutes: list[Minute] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    triggers: Triggers = field(default_factory=Triggers)

    @property
    def base_scale(self) -> int:
        """Atoms of the base asset in one quantity unit."""
        return int(10 ** (self.base.decimals - self.quantity_decimals))


@dataclass(slots=True, eq=False)
class Account:
    """An account, its open orders (oldest first) and its recently closed client ids."""

    number: int
    parent: int = 0
    trade_group: int = 0
    state: int = AccountState.ACTIVE
    maker_rate: int = -1
    taker_rate: int = -1
    tier: int = 0
    orders: dict[int, Order] = field(default_factory=dict)
    client_ids: dict[str, Order] = field(default_factory=dict)
    lists: dict[int, "OrderList"] = field(default_factory=dict)
    recent: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class OrderList:
    """Orders that depend on each other; ``legs`` are the numbers it began with, 0 where none."""

    number: int
    account: int
    instrument: int
    shape: int
    legs: tuple[int, int, int]
    client_id: str


@dataclass(slots=True, eq=False)
class FeeTier:
    """Rates for every account in the tier."""

    maker_rate: int
    taker_rate: int


@dataclass(slots=True, eq=False)
class Balance:
    """What an account has of an asset in a wallet, in atoms; neither part is ever negative."""

    account: int
    asset: int
    wallet: int
    free: int = 0
    held: int = 0


@dataclass(slots=True, eq=False)
class WithdrawalHold:
    """Money reserved for a withdrawal in progress; ``remaining`` is part of the balance's held."""

    number: int
    account: int
    asset: int
    wallet: int
    remaining: int


@dataclass(slots=True, eq=False)
class State:
    """The whole machine."""

    stream: EventStream = field(default_factory=EventStream)
    sequence: int = 0
    time: int = 0
    exchange: str = ""
    rules_version: int = 0
    halted: bool = False
    limits: list[int] = field(default_factory=lambda: [0] * len(Limit))
    assets: dict[int, Asset] = field(default_factory=dict)
    instruments: dict[int, Instrument] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    balances: dict[tuple[int, int, int], Balance] = field(default_factory=dict)
    holds: dict[int, WithdrawalHold] = field(default_factory=dict)
    sources: dict[int, int] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    lists: dict[int, OrderList] = field(default_factory=dict)
    tiers: dict[int, FeeTier] = field(default_factory=dict)
    timers: list[tuple[int, int]] = field(default_factory=list)
    entries: list[Order] = field(default_factory=list)
    last_order: int = 0
    last_list: int = 0
    last_hold: int = 0
    touched: dict[Balance, tuple[int, int]] = field(default_factory=dict)
