"""Open and recently closed orders, kept up to date by the feed.

Closed orders leave memory in the order in which they closed, and not before the history has them:
so an order is always in memory or in the database, and the latest word on it is found.
"""

from typing import Final, NamedTuple

from flowex.messages.enums import EndReason, OrderType, Phase, TriggerCause
from flowex.messages.events import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    OrderTriggered,
    SelfTradePrevented,
    Traded,
)
from flowex.messages.state import StateOrder
from flowex.ports.trading import NO_CONDITIONS, OrderStatus, OrderView
from flowex.services.trading.accounts import Account
from flowex.services.trading.closed import Closed

CLOSED_ORDERS_MAX: Final = 20_000
"""Closed orders in memory, of all accounts together."""

CLOSED_UNWRITTEN_MAX: Final = 400_000
"""Closed orders in memory while the history is late: beyond it, they are forgotten anyway."""

WAITING_TYPES: Final = frozenset(
    (
        OrderType.STOP_LOSS,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_LIMIT,
    )
)
"""The types that wait for a price before they enter the market."""


class Past(NamedTuple):
    """What state records do not tell of an open order; times in µs."""

    time: int = 0
    update_time: int = 0
    working_time: int = 0
    trailing_time: int = 0
    prevented_match: int = 0


UNKNOWN_PAST: Final = Past()

_NEW: Final = OrderStatus.NEW
_PENDING: Final = OrderStatus.PENDING_NEW
_PARTLY: Final = OrderStatus.PARTIALLY_FILLED
_FILLED: Final = OrderStatus.FILLED
_EXPIRED: Final = {
    EndReason.SELF_TRADE: OrderStatus.EXPIRED_IN_MATCH,
    EndReason.QUOTE_SPENT: OrderStatus.FILLED,
}
"""How an order stands that ended by a rule; EXPIRED by any other."""


class Orders:
    """All orders in memory; ``changed`` gathers those touched since someone emptied it."""

    def __init__(self, accounts: dict[int, Account]) -> None:
        """Keep orders under these accounts."""
        self.views: dict[int, OrderView] = {}
        self.changed: dict[int, OrderView] = {}
        self.closed = Closed(CLOSED_ORDERS_MAX, CLOSED_UNWRITTEN_MAX, self._forget)
        self._accounts = accounts

    def load(self, view: OrderView) -> None:
        """Take an open order that the history knows."""
        self._open(view)

    def seed(self, record: StateOrder, past: Past) -> None:
        """Take an open order from a state record, which does not tell its past.

        The past may be of later than the record: what has not happened yet is left out.
        """
        phase = record.phase
        view = OrderView(
            record.id,
            record.account,
            record.instrument,
            record.client_id,
            record.side,
            record.order_type,
            record.time_in_force,
            record.self_trade,
            record.price,
            record.quantity,
            0,
            record.expire_time,
            _PARTLY if record.filled else _NEW,
            record.filled,
            record.quote_filled,
            record.prevented,
            past.time,
            past.update_time,
            order_list=record.order_list,
            conditions=record.conditions or NO_CONDITIONS,
        )
        if phase in (Phase.PENDING, Phase.RELEASED):
            view.status = _PENDING
        elif phase != Phase.WAITING:
            view.trailing_time = past.trailing_time
            view.working_time = past.working_time if phase != Phase.TRACKING else 0
        if record.prevented:
            view.prevented_match = past.prevented_match
        self._open(view)

    def accepted(self, event: OrderAccepted, time: int) -> OrderView:
        """Take a new order; it works from now on, unless it is told to wait."""
        view = OrderView(
            event.order,
            event.account,
            event.instrument,
            event.client_id,
            event.side,
            event.order_type,
            event.time_in_force,
            event.self_trade,
            event.price,
            event.quantity,
            event.quote_amount,
            event.expire_time,
            _NEW,
            0,
            0,
            0,
            time,
            time,
            0,
            0,
            time,
        )
        if event.conditions is not None:
            view.conditions = event.conditions
            _begin(view, time)
        self._open(view)
        self.changed[event.order] = view
        return view

    def joined(self, view: OrderView, order_list: int, *, is_pending: bool) -> None:
        """Make an order just accepted a leg of a list; it may have to wait for another leg."""
        view.order_list = order_list
        if is_pending:
            view.status, view.working_time, view.trailing_time = _PENDING, 0, 0

    def triggered(self, event: OrderTriggered, time: int) -> OrderView:
        """Move an order on that waited for a price, or for the working order of its list."""
        view = self._touch(event.order, time)
        if event.cause == TriggerCause.RELEASED:
            view.status = _NEW
            _begin(view, time)
        elif event.cause == TriggerCause.TRACKING:
            view.trailing_time = time
        else:
            view.working_time = time
        return view

    def traded(self, event: Traded, time: int) -> tuple[OrderView, OrderView]:
        """Fill the taker and the maker of a trade; return both."""
        taker, maker = self.views[event.taker_order], self.views[event.maker_order]
        self._filled(taker, event, event.taker_remaining, time)
        self._filled(maker, event, event.maker_remaining, time)
        return taker, maker

    def prevented(self, event: SelfTradePrevented, time: int) -> tuple[OrderView, OrderView]:
        """Note what the taker and the maker lost to self-trade prevention; return both."""
        taker, maker = self._touch(event.taker_order, time), self._touch(event.maker_order, time)
        taker.prevented += event.taker_quantity
        maker.prevented += event.maker_quantity
        if event.taker_quantity:
            taker.prevented_match = event.match
        if event.maker_quantity:
            maker.prevented_match = event.match
        return taker, maker

    def amended(self, event: OrderAmended, time: int) -> OrderView:
        """Lower an order's quantity, and give it its new client id if it got one."""
        view = self._touch(event.order, time)
        view.quantity = event.quantity
        if event.renamed:
            self._unname(view)
            view.client_id = event.client_id
            self._name(view)
        return view

    def replaced(self, event: OrderReplaced, time: int) -> OrderView:
        """Give an order its new price and quantity."""
        view = self._touch(event.order, time)
        view.price, view.quantity = event.price, event.quantity
        return view

    def ended(self, event: OrderCanceled | OrderExpired, time: int) -> OrderView:
        """Close an order that did not end by its last fill."""
        view = self._touch(event.order, time)
        view.end_reason = event.reason
        if isinstance(event, OrderCanceled):
            status = OrderStatus.CANCELED
        else:
            status = _EXPIRED.get(EndReason(event.reason), OrderStatus.EXPIRED)
        self._close(view, status, event.sequence)
        return view

    def _touch(self, order: int, time: int) -> OrderView:
        view = self.changed[order] = self.views[order]
        view.update_time = time
        return view

    def _filled(self, view: OrderView, event: Traded, remaining: int, time: int) -> None:
        view.filled += event.quantity
        view.quote_filled += event.quote_amount
        view.update_time = time
        self.changed[view.order] = view
        if remaining or not view.quantity:
            view.status = _PARTLY
        else:
            self._close(view, _FILLED, event.sequence)

    def _open(self, view: OrderView) -> None:
        self.views[view.order] = self._accounts[view.account].open[view.order] = view
        self._name(view)

    def _close(self, view: OrderView, status: OrderStatus, sequence: int) -> None:
        view.status = status
        del self._accounts[view.account].open[view.order]
        if view.time:
            self.closed.add(view, sequence)
        else:
            self._forget(view)

    def _forget(self, view: OrderView) -> None:
        del self.views[view.order]
        self._unname(view)

    def _name(self, view: OrderView) -> None:
        if view.client_id:
            by_client_id = self._accounts[view.account].by_client_id
            by_client_id[view.instrument, view.client_id] = view

    def _unname(self, view: OrderView) -> None:
        by_client_id = self._accounts[view.account].by_client_id
        if by_client_id.get((view.instrument, view.client_id)) is view:
            del by_client_id[view.instrument, view.client_id]


def _begin(view: OrderView, time: int) -> None:
    """Note when an order enters the market, or begins to trail without a price to wait for."""
    waits = view.order_type in WAITING_TYPES
    view.working_time = 0 if waits else time
    view.trailing_time = time if waits and not view.conditions.stop_price else 0
