"""What the doors ask of the trading room: orders in, orders and balances out.

Answers of commands are ``Outcome`` values; queries are answered from memory at once (open and
recent) or from history (``all_orders``, ``fills``). Accounts only ever see their own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from flowex.messages.commands import (
    Conditions,
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderListCancel,
    OrderListPlace,
    OrderPlace,
    OrderReplace,
    Transfer,
)
from flowex.messages.enums import Limit, Wallet
from flowex.messages.events import Event
from flowex.messages.results import ResultCode
from flowex.messages.state import StateFilters
from flowex.ports.sequencer import Outcome

NO_CONDITIONS: Final = Conditions()
NO_FILTERS: Final = StateFilters()


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as everybody outside the machine sees it."""

    id: int
    code: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as everybody outside the machine sees it; integers in its own units."""

    id: int
    symbol: str
    base: Asset
    quote: Asset
    quantity_decimals: int
    state: int
    maker_rate: int
    taker_rate: int
    price_tick: int
    price_min: int
    price_max: int
    quantity_lot: int
    quantity_min: int
    quantity_max: int
    notional_min: int
    notional_max: int
    further: StateFilters = NO_FILTERS

    @property
    def price_decimals(self) -> int:
        """Decimals of one price unit: price_units * 10 ** -price_decimals is a quote price."""
        return self.quote.decimals - self.quantity_decimals


class OrderStatus(StrEnum):
    """How an order stands, in the words most clients know."""

    NEW = "NEW"
    PENDING_NEW = "PENDING_NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"


class OrderView(msgspec.Struct):
    """An order as the read model knows it; times in µs, integers in the instrument's units.

    ``working_time`` is when it entered the market and ``trailing_time`` when it began to trail,
    0 while it has not. ``prevented_match`` is the last meeting that cost it quantity.
    A snapshot of itself only while no further event is applied: copy what must stay.
    """

    order: int
    account: int
    instrument: int
    client_id: str
    side: int
    order_type: int
    time_in_force: int
    self_trade: int
    price: int
    quantity: int
    quote_amount: int
    expire_time: int
    status: OrderStatus
    filled: int
    quote_filled: int
    prevented: int
    time: int
    update_time: int
    end_reason: int = 0
    order_list: int = 0
    working_time: int = 0
    trailing_time: int = 0
    prevented_match: int = 0
    conditions: Conditions = NO_CONDITIONS

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self.status in (
            OrderStatus.NEW,
            OrderStatus.PARTIALLY_FILLED,
            OrderStatus.PENDING_NEW,
        )


@dataclass(slots=True)
class OrderListView:
    """An order list as the read model knows it; ``orders`` in the order of its shape's legs."""

    order_list: int
    account: int
    instrument: int
    shape: int
    client_id: str
    orders: tuple[int, ...]
    is_open: bool
    time: int
    update_time: int


@dataclass(frozen=True, slots=True)
class PreventedMatch:
    """A meeting of two orders of one owner that did not trade; times in µs."""

    match: int
    instrument: int
    account: int
    taker_order: int
    maker_account: int
    maker_order: int
    self_trade: int
    price: int
    taker_quantity: int
    maker_quantity: int
    time: int


@dataclass(frozen=True, slots=True)
class Amendment:
    """How an order was amended; ``execution`` is the sequence of the command that did it.

    It rises from one to the next of the same order; two legs of an OCO are amended by one.
    """

    execution: int
    instrument: int
    account: int
    order: int
    client_id_before: str
    client_id: str
    quantity_before: int
    quantity: int
    time: int


@dataclass(frozen=True, slots=True)
class Fill:
    """One side of a trade."""

    trade: int
    instrument: int
    account: int
    order: int
    side: int
    price: int
    quantity: int
    quote_amount: int
    fee: int
    fee_asset: int
    time: int
    is_maker: bool


@dataclass(frozen=True, slots=True)
class FundsTransfer:
    """Money that moved between two wallets, of one account or of two; in atoms and µs.

    ``transfer`` is the sequence of its command.
    """

    transfer: int
    account: int
    wallet: int
    to_account: int
    to_wallet: int
    asset: int
    amount: int
    time: int


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's balance of an asset in one of its wallets, in atoms."""

    asset: Asset
    free: int
    held: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as the read model knows it.

    Rates are -1 where its tier's, or else the instrument's own apply.
    """

    account: int
    state: int
    maker_rate: int
    taker_rate: int
    update_time: int
    tier: int = 0


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """An event of an account with what the read model knew right after it.

    ``order`` is the order the event is about, if any; ``fill`` is set for this account's side of
    a trade, ``order_list`` for an OrderListChanged, ``client_id_before`` for an OrderAmended.
    A self-trade gives two AccountEvents. ``time`` in µs.
    """

    event: Event
    time: int
    account: int
    order: OrderView | None
    fill: Fill | None
    order_list: OrderListView | None = None
    client_id_before: str = ""


class Trading(Protocol):
    """The trading room."""

    def instruments(self) -> Sequence[Instrument]:
        """Return every instrument, by number."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """Return the instrument with that symbol."""
        ...

    def instrument_numbered(self, number: int) -> Instrument:
        """Return the instrument with that number, which must be one that this room told."""
        ...

    def assets(self) -> Sequence[Asset]:
        """Return every asset, by number."""
        ...

    def check(self, command: OrderPlace | OrderCancelReplace | OrderListPlace) -> ResultCode:
        """Return OK or the refusal the cheap checks find; nothing is sent to the machine."""
        ...

    def place(self, command: OrderPlace, deadline: int | None = None) -> Awaitable[Outcome]:
        """Place an order. Raises SequencerStopped."""
        ...

    def cancel(self, command: OrderCancel, deadline: int | None = None) -> Awaitable[Outcome]:
        """Cancel an order. Raises SequencerStopped."""
        ...

    def amend(self, command: OrderAmend, deadline: int | None = None) -> Awaitable[Outcome]:
        """Lower an order's quantity. Raises SequencerStopped."""
        ...

    def replace(self, command: OrderReplace, deadline: int | None = None) -> Awaitable[Outcome]:
        """Replace an order's price and quantity. Raises SequencerStopped."""
        ...

    def cancel_replace(
        self, command: OrderCancelReplace, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Cancel one order and place another. Raises SequencerStopped."""
        ...

    def place_list(
        self, command: OrderListPlace, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Place an order list. Raises SequencerStopped."""
        ...

    def cancel_list(
        self, command: OrderListCancel, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Cancel an order list. Raises SequencerStopped."""
        ...

    def cancel_all(
        self, command: OrderCancelAll, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Cancel all, in as many commands as it takes.

        The outcome is the last command's, its events those of all. Raises SequencerStopped.
        """
        ...

    def order(self, account: int, instrument: int, order: int) -> OrderView | None:
        """Return an open or recently closed order by number; None if not in memory."""
        ...

    def order_by_client_id(self, account: int, instrument: int, client_id: str) -> OrderView | None:
        """Return the open order with that client id, else the latest closed one in memory."""
        ...

    def open_orders(self, account: int, instrument: int | None = None) -> list[OrderView]:
        """Return the account's open orders, oldest first."""
        ...

    def open_order_lists(self, account: int) -> list[OrderListView]:
        """Return the account's order lists with an open order, oldest first."""
        ...

    def rates(self, account: int, instrument: Instrument) -> tuple[int, int]:
        """Return the (maker, taker) rates that hold for the account, in 10^-8.

        They are its own, or its tier's, or the instrument's.
        """
        ...

    def limit(self, limit: Limit) -> int:
        """Return a limit of the whole exchange."""
        ...

    def transfer(self, command: Transfer, deadline: int | None = None) -> Awaitable[Outcome]:
        """Move money between wallets; the room gives the command its source and number.

        The outcome's sequence is the transfer's number. Also refused with BUSY when too many wait.
        Raises SequencerStopped.
        """
        ...

    def balances(self, account: int, wallet: int = Wallet.SPOT) -> list[Balance]:
        """Return the account's balances in a wallet that were ever touched, by asset."""
        ...

    def account(self, account: int) -> AccountView | None:
        """Return the account."""
        ...

    async def find_order(
        self, account: int, instrument: int, order: int = 0, client_id: str = ""
    ) -> OrderView | None:
        """Return an order from memory or history, by number or else by client id (latest)."""
        ...

    async def find_order_list(
        self, account: int, order_list: int = 0, client_id: str = ""
    ) -> OrderListView | None:
        """Return a list from memory or history, by number or else by client id (latest)."""
        ...

    async def all_order_lists(
        self,
        account: int,
        *,
        from_list: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[OrderListView]:
        """Return order lists, open or not, oldest first; bounds as ``all_orders``."""
        ...

    async def orders_of_lists(self, lists: Sequence[OrderListView]) -> Mapping[int, OrderView]:
        """Return the orders of lists, by number, from memory or history; in one question to it."""
        ...

    async def prevented_matches(
        self,
        account: int,
        instrument: int,
        *,
        match: int | None = None,
        order: int | None = None,
        from_match: int | None = None,
        limit: int,
    ) -> list[PreventedMatch]:
        """Return meetings the account took part in, by number, of an order, or from one on."""
        ...

    async def amendments(
        self,
        account: int,
        instrument: int,
        order: int,
        *,
        from_execution: int | None = None,
        limit: int,
    ) -> list[Amendment]:
        """Return how an order was amended, oldest first; from an execution on, or the newest."""
        ...

    async def all_orders(
        self,
        account: int,
        instrument: int,
        *,
        from_order: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[OrderView]:
        """Return orders of any status, oldest first.

        From ``from_order`` or ``start_time`` on; with neither the newest. Times in µs, inclusive.
        """
        ...

    async def fills(
        self,
        account: int,
        instrument: int,
        *,
        order: int | None = None,
        from_trade: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[Fill]:
        """Return the account's fills, oldest first; bounds as ``all_orders``."""
        ...

    async def transfers(
        self,
        account: int,
        wallet: int,
        to_wallet: int,
        *,
        start_time: int | None = None,
        end_time: int | None = None,
        skip: int = 0,
        limit: int,
    ) -> tuple[int, list[FundsTransfer]]:
        """Return how many transfers between its own two wallets an account made, and some of them.

        The newest first, so many skipped. Times in µs, inclusive.
        """
        ...

    def follow(self, account: int, listener: Callable[[AccountEvent], None]) -> Callable[[], None]:
        """Call the listener with every event of the account, in engine order; return the stopper.

        Events are those with the account in them: accepted, triggered, traded (each side once),
        cancelled, expired, amended, replaced, self-trade prevented, list changed, then
        BalanceChanged, FundsMoved.
        """
        ...
