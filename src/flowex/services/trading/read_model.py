"""What the trading room knows now, from memory: fed by events, seeded from state records.

An acknowledgement is released only after the read model has applied its sequence, so whoever asks
right after it is never told an older story.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Self

from flowex.messages import events
from flowex.messages.enums import WORLD, Side, Wallet
from flowex.messages.events import Event
from flowex.messages.state import (
    StateAccount,
    StateBalance,
    StateHead,
    StateOrder,
    StateOrderList,
    StateRecord,
    StateSource,
)
from flowex.ports.feed import FeedBatch
from flowex.ports.trading import AccountEvent, Fill, OrderListView, OrderView
from flowex.services.trading.accounts import Account
from flowex.services.trading.directory import Directory
from flowex.services.trading.order_lists import UNKNOWN_TIMES, OrderLists, Times
from flowex.services.trading.orders import UNKNOWN_PAST, Orders, Past

FillRow = tuple[int, int, int, int, int, int, int, int, int, int, int, bool]
"""The fields of a `Fill`, in order: cheaper to make than one."""

PreventedRow = tuple[int, int, int, int, int, int, int, int, int, int, int]
"""The fields of a `PreventedMatch`, in order."""

AmendmentRow = tuple[int, int, int, int, str, str, int, int, int]
"""The fields of an `Amendment`, in order."""

TransferRow = tuple[int, int, int, int, int, int, int, int]
"""The fields of a `FundsTransfer`, in order."""

Listener = Callable[[AccountEvent], None]
Handlers = dict[type[Event], Callable[[Any], None]]

TRANSFER_SOURCE: Final = 100
"""The source that transfers asked of this room are numbered in; nobody else uses it."""

_SPOT: Final = int(Wallet.SPOT)


@dataclass(slots=True)
class Facts:
    """What happened once and stays as it is, in engine order; kept for the history."""

    fills: list[FillRow] = field(default_factory=list)
    prevented: list[PreventedRow] = field(default_factory=list)
    amendments: list[AmendmentRow] = field(default_factory=list)
    transfers: list[TransferRow] = field(default_factory=list)

    def __iadd__(self, later: "Facts") -> Self:
        """Add what happened later."""
        self.fills += later.fills
        self.prevented += later.prevented
        self.amendments += later.amendments
        self.transfers += later.transfers
        return self

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.fills) + len(self.prevented) + len(self.amendments) + len(self.transfers)


class ReadModel:
    """Instruments, accounts, balances, orders and order lists at ``sequence``.

    One that follows orders alone knows all the history has to know, and can begin in the middle.
    ``facts`` and the ``changed`` of orders and lists gather until someone empties them.
    ``last_transfer`` is the last number of the room's own source of transfers.
    """

    def __init__(self, *, orders_only: bool = False) -> None:
        """Stand before the first command."""
        self.sequence = 0
        self.time = 0
        self.directory = Directory()
        self.accounts: dict[int, Account] = {}
        self.orders = Orders(self.accounts)
        self.lists = OrderLists(self.accounts)
        self.last_transfer = 0
        self.facts = Facts()
        self._listeners: dict[int, tuple[Listener, ...]] = {}
        self._orders_only = orders_only
        self._known_orders: Mapping[int, Past] = {}
        self._known_lists: Mapping[int, Times] = {}
        self._handlers: Handlers = self._order_handlers() | self._other_handlers()

    def load(self, orders: Iterable[OrderView], lists: Iterable[OrderListView]) -> None:
        """Take what is open in the history.

        Following orders alone, go on with it; else remember what ``seed`` needs of it.
        """
        if self._orders_only:
            for view in orders:
                self._account(view.account)
                self.orders.load(view)
            for known in lists:
                self.lists.load(known)
        else:
            self._known_orders = {
                view.order: Past(
                    view.time,
                    view.update_time,
                    view.working_time,
                    view.trailing_time,
                    view.prevented_match,
                )
                for view in orders
            }
            self._known_lists = {
                known.order_list: (known.time, known.update_time) for known in lists
            }

    def seed(self, state: Iterable[StateRecord]) -> None:
        """Take over a machine's whole state; call it before the first batch, if at all.

        The past of open orders is the history's. An order of which it tells nothing any more
        is closed there: it is forgotten when it closes here.
        """
        known_orders, known_lists = self._known_orders, self._known_lists
        state = list(state)
        self.directory.seed(state)
        for record in state:
            match record:
                case StateHead():
                    self.sequence, self.time = record.id, record.time
                case StateAccount():
                    self._account_changed(record)
                case StateBalance():
                    amounts = self.accounts[record.account].wallet(record.wallet)
                    amounts[record.id] = (record.free, record.held)
                case StateSource() if record.id == TRANSFER_SOURCE:
                    self.last_transfer = record.last
                case StateOrderList():
                    self.lists.seed(record, known_lists.get(record.id, UNKNOWN_TIMES))
        # The state tells orders as they stand in the books; here they are told oldest first.
        orders = (record for record in state if isinstance(record, StateOrder))
        for order in sorted(orders, key=attrgetter("id")):
            self.orders.seed(order, known_orders.get(order.id, UNKNOWN_PAST))
        self._known_orders, self._known_lists = {}, {}

    def _order_handlers(self) -> Handlers:
        return {
            events.OrderAccepted: self._accepted,
            events.OrderTriggered: self._triggered,
            events.OrderListChanged: self._list_changed,
            events.OrderAmended: self._amended,
            events.OrderReplaced: self._replaced,
            events.OrderCanceled: self._ended,
            events.OrderExpired: self._ended,
            events.SelfTradePrevented: self._prevented,
            events.Traded: self._traded,
            events.FundsMoved: self._funds_moved,
        }

    def _other_handlers(self) -> Handlers:
        if self._orders_only:
            return {}
        return {
            events.BalanceChanged: self._balance_changed,
            events.AccountChanged: self._account_changed,
            events.AssetChanged: self.directory.asset_changed,
            events.InstrumentChanged: self.directory.instrument_changed,
            events.FiltersChanged: self.directory.filters_changed,
            events.FeeTierChanged: self.directory.fee_tier_changed,
            events.StateChanged: self.directory.state_changed,
        }

    def apply(self, batch: FeedBatch) -> None:
        """Take the next batch; one that is known already changes nothing."""
        if batch.last_sequence <= self.sequence:
            return
        self.time = batch.time
        handlers = self._handlers
        for event in batch.events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        self.sequence = batch.last_sequence

    def follow(self, account: int, listener: Listener) -> Callable[[], None]:
        """Call the listener with every event of the account; return the stopper."""
        self._listeners[account] = (*self._listeners.get(account, ()), listener)

        def stop() -> None:
            rest = tuple(one for one in self._listeners.get(account, ()) if one is not listener)
            if rest:
                self._listeners[account] = rest
            else:
                self._listeners.pop(account, None)

        return stop

    def _tell(
        self,
        account: int,
        event: Event,
        order: OrderView | None,
        fill: FillRow | None = None,
        order_list: OrderListView | None = None,
        client_id_before: str = "",
    ) -> None:
        listeners = self._listeners.get(account)
        if listeners is None:
            return
        told = Fill(*fill) if fill else None
        known = AccountEvent(event, self.time, account, order, told, order_list, client_id_before)
        for listener in listeners:
            listener(known)

    def _accepted(self, event: events.OrderAccepted) -> None:
        self._account(event.account)
        view = self.orders.accepted(event, self.time)
        if self.lists.coming:
            order_list, is_pending = self.lists.coming.pop(event.order)
            self.orders.joined(view, order_list, is_pending=is_pending)
        self._tell(event.account, event, view)

    def _triggered(self, event: events.OrderTriggered) -> None:
        self._tell(event.account, event, self.orders.triggered(event, self.time))

    def _list_changed(self, event: events.OrderListChanged) -> None:
        self._account(event.account)
        view = self.lists.changes(event, self.time)
        self._tell(event.account, event, None, order_list=view)

    def _amended(self, event: events.OrderAmended) -> None:
        client_id_before = self.orders.views[event.order].client_id
        view = self.orders.amended(event, self.time)
        self.facts.amendments.append(
            (
                event.sequence,
                event.instrument,
                event.account,
                event.order,
                client_id_before,
                view.client_id,
                event.quantity_before,
                event.quantity,
                self.time,
            )
        )
        self._tell(event.account, event, view, client_id_before=client_id_before)

    def _replaced(self, event: events.OrderReplaced) -> None:
        self._tell(event.account, event, self.orders.replaced(event, self.time))

    def _ended(self, event: events.OrderCanceled | events.OrderExpired) -> None:
        self._tell(event.account, event, self.orders.ended(event, self.time))

    def _prevented(self, event: events.SelfTradePrevented) -> None:
        taker, maker = self.orders.prevented(event, self.time)
        self.facts.prevented.append(
            (
                event.match,
                event.instrument,
                event.account,
                event.taker_order,
                event.maker_account,
                event.maker_order,
                event.self_trade,
                event.price,
                event.taker_quantity,
                event.maker_quantity,
                self.time,
            )
        )
        self._tell(taker.account, event, taker)
        self._tell(maker.account, event, maker)

    def _traded(self, event: events.Traded) -> None:
        taker, maker = self.orders.traded(event, self.time)
        side = event.taker_side
        taken = (
            event.trade,
            event.instrument,
            event.account,
            event.taker_order,
            side,
            event.price,
            event.quantity,
            event.quote_amount,
            event.taker_fee,
            event.taker_fee_asset,
            self.time,
            False,
        )
        made = (
            event.trade,
            event.instrument,
            event.maker_account,
            event.maker_order,
            int(Side.BUY) + int(Side.SELL) - side,
            event.price,
            event.quantity,
            event.quote_amount,
            event.maker_fee,
            event.maker_fee_asset,
            self.time,
            True,
        )
        self.facts.fills += (taken, made)
        self._tell(event.account, event, taker, taken)
        self._tell(event.maker_account, event, maker, made)

    def _balance_changed(self, event: events.BalanceChanged) -> None:
        account = self.accounts[event.account]
        if event.wallet != _SPOT:
            account.wallet(event.wallet)[event.asset] = (event.free, event.held)
            return
        account.balances[event.asset] = (event.free, event.held)
        account.update_time = self.time
        if event.account in self._listeners:
            self._tell(event.account, event, None)

    def _funds_moved(self, event: events.FundsMoved) -> None:
        if event.source == TRANSFER_SOURCE:
            self.last_transfer = event.source_sequence
        if WORLD not in (event.account, event.to_account):
            self.facts.transfers.append(
                (
                    event.sequence,
                    event.account,
                    event.wallet,
                    event.to_account,
                    event.to_wallet,
                    event.asset,
                    event.amount,
                    self.time,
                )
            )
        self._tell(event.account, event, None)
        if event.to_account != event.account:
            self._tell(event.to_account, event, None)

    def _account_changed(self, event: events.AccountChanged | StateAccount) -> None:
        account = self._account(event.account)
        account.state, account.tier = event.state, event.tier
        account.maker_rate, account.taker_rate = event.maker_rate, event.taker_rate
        account.update_time = self.time

    def _account(self, number: int) -> Account:
        account = self.accounts.get(number)
        if account is None:
            account = self.accounts[number] = Account(number)
        return account
