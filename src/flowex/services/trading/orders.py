"""Open and recently closed orders, kept up to date by the feed.

Closed orders leave memory in the order in which they closed, and not before the history has them:
so an order is always in memory or in the database, and the latest word on it is found.
"""

from collections import deque
from typing import Final

from flowex.messages.enums import EndReason
from flowex.messages.events import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    SelfTradePrevented,
    Traded,
)
from flowex.messages.state import StateOrder
from flowex.ports.trading import OrderStatus, OrderView
from flowex.services.trading.accounts import Account

CLOSED_ORDERS_MAX: Final = 20_000
"""Closed orders in memory, of all accounts together."""

CLOSED_UNWRITTEN_MAX: Final = 400_000
"""Closed orders in memory while the history is late: beyond it, they are forgotten anyway."""

Times = tuple[int, int]
"""When an order was accepted and when it last changed, in µs."""

UNKNOWN_TIMES: Final[Times] = (0, 0)

_NEW: Final = OrderStatus.NEW
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
        """Keep orders under these accounts; ``written`` is the sequence the history reaches."""
        self.views: dict[int, OrderView] = {}
        self.changed: dict[int, OrderView] = {}
        self.written = 0
        self._accounts = accounts
        self._closed: deque[tuple[int, OrderView]] = deque()  # bounded: see _close

    def load(self, view: OrderView) -> None:
        """Take an open order that the history knows."""
        self._open(view)

    def seed(self, record: StateOrder, times: Times) -> None:
        """Take an open order from a state record, which does not tell its times."""
        self._open(
            OrderView(
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
                *times,
            )
        )

    def accepted(self, event: OrderAccepted, time: int) -> OrderView:
        """Take a new order."""
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
        )
        self._open(view)
        self.changed[event.order] = view
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
        return taker, maker

    def amended(self, event: OrderAmended, time: int) -> OrderView:
        """Lower an order's quantity."""
        view = self._touch(event.order, time)
        view.quantity = event.quantity
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
        account = self._accounts[view.account]
        self.views[view.order] = account.open[view.order] = view
        if view.client_id:
            account.by_client_id[view.instrument, view.client_id] = view

    def _close(self, view: OrderView, status: OrderStatus, sequence: int) -> None:
        view.status = status
        del self._accounts[view.account].open[view.order]
        if not view.time:
            self._forget(view)
            return
        closed = self._closed
        closed.append((sequence, view))
        while len(closed) > CLOSED_ORDERS_MAX and (
            closed[0][0] <= self.written or len(closed) > CLOSED_UNWRITTEN_MAX
        ):
            self._forget(closed.popleft()[1])

    def _forget(self, view: OrderView) -> None:
        del self.views[view.order]
        by_client_id = self._accounts[view.account].by_client_id
        if by_client_id.get((view.instrument, view.client_id)) is view:
            del by_client_id[view.instrument, view.client_id]
