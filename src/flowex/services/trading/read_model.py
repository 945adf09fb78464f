"""What the trading room knows now, from memory: fed by events, seeded from state records.

An acknowledgement is released only after the read model has applied its sequence, so whoever asks
right after it is never told an older story.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flowex.messages import events
from flowex.messages.enums import Side, Wallet
from flowex.messages.events import Event
from flowex.messages.state import (
    StateAccount,
    StateAsset,
    StateBalance,
    StateHead,
    StateInstrument,
    StateOrder,
    StateRecord,
)
from flowex.ports.feed import FeedBatch
from flowex.ports.trading import AccountEvent, Fill, OrderView
from flowex.services.trading.accounts import Account
from flowex.services.trading.directory import Directory
from flowex.services.trading.orders import UNKNOWN_TIMES, Orders, Times

FillRow = tuple[int, int, int, int, int, int, int, int, int, int, int, bool]
"""The fields of a `Fill`, in order: cheaper to make than one."""

Listener = Callable[[AccountEvent], None]
Handlers = dict[type[Event], Callable[[Any], None]]

_SPOT: Final = int(Wallet.SPOT)


class ReadModel:
    """Instruments, accounts, balances and orders at ``sequence``.

    One that follows orders alone knows all the history has to know, and can begin in the middle.
    """

    def __init__(self, *, orders_only: bool = False) -> None:
        """Stand before the first command."""
        self.sequence = 0
        self.time = 0
        self.directory = Directory()
        self.accounts: dict[int, Account] = {}
        self.orders = Orders(self.accounts)
        self.fills: list[FillRow] = []
        self._listeners: dict[int, tuple[Listener, ...]] = {}
        self._orders_only = orders_only
        self._known_times: Mapping[int, Times] = {}
        self._handlers: Handlers = self._order_handlers() | self._other_handlers()

    def load(self, views: Iterable[OrderView]) -> None:
        """Take the open orders of the history.

        Following orders alone, go on with them; else remember their times, which ``seed`` needs.
        """
        if self._orders_only:
            for view in views:
                self._account(view.account)
                self.orders.load(view)
        else:
            self._known_times = {view.order: (view.time, view.update_time) for view in views}

    def seed(self, state: Iterable[StateRecord]) -> None:
        """Take over a machine's whole state; call it before the first batch, if at all.

        The times of open orders are the history's. An order whose times it does not tell any more
        is closed there: it is forgotten when it closes here.
        """
        for record in state:
            match record:
                case StateHead():
                    self.sequence, self.time = record.id, record.time
                    self.directory.seed_head(record)
                case StateAsset():
                    self.directory.seed_asset(record)
                case StateInstrument():
                    self.directory.seed_instrument(record)
                case StateAccount():
                    self._account_changed(record)
                case StateBalance() if record.wallet == _SPOT:
                    balances = self.accounts[record.account].balances
                    balances[record.id] = (record.free, record.held)
                case StateOrder():
                    self.orders.seed(record, self._known_times.get(record.id, UNKNOWN_TIMES))
        self._known_times = {}

    def _order_handlers(self) -> Handlers:
        return {
            events.OrderAccepted: self._accepted,
            events.OrderAmended: self._amended,
            events.OrderReplaced: self._replaced,
            events.OrderCanceled: self._ended,
            events.OrderExpired: self._ended,
            events.SelfTradePrevented: self._prevented,
            events.Traded: self._traded,
        }

    def _other_handlers(self) -> Handlers:
        if self._orders_only:
            return {}
        return {
            events.BalanceChanged: self._balance_changed,
            events.FundsMoved: self._funds_moved,
            events.AccountChanged: self._account_changed,
            events.AssetChanged: self.directory.asset_changed,
            events.InstrumentChanged: self.directory.instrument_changed,
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
        self, account: int, event: Event, order: OrderView | None, fill: FillRow | None = None
    ) -> None:
        listeners = self._listeners.get(account)
        if listeners is None:
            return
        known = AccountEvent(event, self.time, account, order, Fill(*fill) if fill else None)
        for listener in listeners:
            listener(known)

    def _accepted(self, event: events.OrderAccepted) -> None:
        self._account(event.account)
        self._tell(event.account, event, self.orders.accepted(event, self.time))

    def _amended(self, event: events.OrderAmended) -> None:
        self._tell(event.account, event, self.orders.amended(event, self.time))

    def _replaced(self, event: events.OrderReplaced) -> None:
        self._tell(event.account, event, self.orders.replaced(event, self.time))

    def _ended(self, event: events.OrderCanceled | events.OrderExpired) -> None:
        self._tell(event.account, event, self.orders.ended(event, self.time))

    def _prevented(self, event: events.SelfTradePrevented) -> None:
        taker, maker = self.orders.prevented(event, self.time)
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
        self.fills += (taken, made)
        self._tell(event.account, event, taker, taken)
        self._tell(event.maker_account, event, maker, made)

    def _balance_changed(self, event: events.BalanceChanged) -> None:
        if event.wallet != _SPOT:
            return
        account = self.accounts[event.account]
        account.balances[event.asset] = (event.free, event.held)
        account.update_time = self.time
        if event.account in self._listeners:
            self._tell(event.account, event, None)

    def _funds_moved(self, event: events.FundsMoved) -> None:
        self._tell(event.account, event, None)
        self._tell(event.to_account, event, None)

    def _account_changed(self, event: events.AccountChanged | StateAccount) -> None:
        account = self._account(event.account)
        account.state = event.state
        account.maker_rate, account.taker_rate = event.maker_rate, event.taker_rate
        account.update_time = self.time

    def _account(self, number: int) -> Account:
        account = self.accounts.get(number)
        if account is None:
            account = self.accounts[number] = Account(number)
        return account
