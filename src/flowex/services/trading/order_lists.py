"""Open and recently closed order lists, kept up to date by the feed."""

from typing import Final

from flowex.messages.enums import ListShape, ListStatus
from flowex.messages.events import OrderListChanged
from flowex.messages.state import StateOrderList
from flowex.ports.trading import OrderListView
from flowex.services.trading.accounts import Account
from flowex.services.trading.closed import Closed

CLOSED_LISTS_MAX: Final = 5_000
"""Closed order lists in memory, of all accounts together."""

CLOSED_UNWRITTEN_MAX: Final = 100_000
"""Closed lists in memory while the history is late: beyond it, they are forgotten anyway."""

Times = tuple[int, int]
"""When a list was placed and when it last changed, in µs."""

UNKNOWN_TIMES: Final[Times] = (0, 0)

_WORKING: Final = {ListShape.OCO: 2, ListShape.OTO: 1, ListShape.OTOCO: 1}
"""How many legs of a list, from the first, enter the market at once; the others are pending."""


class OrderLists:
    """All order lists in memory; ``changed`` gathers those touched since someone emptied it.

    ``coming`` are the legs of a list just placed, which are accepted next and take themselves out:
    each with its list and whether it has to wait for another leg.
    """

    def __init__(self, accounts: dict[int, Account]) -> None:
        """Keep lists under these accounts."""
        self.views: dict[int, OrderListView] = {}
        self.changed: dict[int, OrderListView] = {}
        self.closed = Closed(CLOSED_LISTS_MAX, CLOSED_UNWRITTEN_MAX, self._forget)
        self._accounts = accounts
        self.coming: dict[int, tuple[int, bool]] = {}  # bounded: emptied by the legs' acceptance

    def load(self, view: OrderListView) -> None:
        """Take an open list that the history knows."""
        self._open(view)

    def seed(self, record: StateOrderList, times: Times) -> None:
        """Take an open list from a state record, which does not tell its times."""
        self._open(
            OrderListView(
                record.id,
                record.account,
                record.instrument,
                record.shape,
                record.client_id,
                _orders(record),
                is_open=True,
                time=times[0],
                update_time=times[1],
            )
        )

    def changes(self, event: OrderListChanged, time: int) -> OrderListView:
        """Take a new list, whose legs are accepted next, or close one."""
        if event.status == ListStatus.EXECUTING:
            view = self._begun(event, time)
        else:
            view = self.views[event.order_list]
            view.is_open, view.update_time = False, time
            self._close(view, event.sequence)
        self.changed[view.order_list] = view
        return view

    def _begun(self, event: OrderListChanged, time: int) -> OrderListView:
        orders = _orders(event)
        for index, order in enumerate(orders):
            self.coming[order] = (event.order_list, index >= _WORKING[ListShape(event.shape)])
        view = OrderListView(
            event.order_list,
            event.account,
            event.instrument,
            event.shape,
            event.client_id,
            orders,
            is_open=True,
            time=time,
            update_time=time,
        )
        self._open(view)
        return view

    def _open(self, view: OrderListView) -> None:
        account = self._accounts[view.account]
        self.views[view.order_list] = account.lists[view.order_list] = view
        if view.client_id:
            account.lists_by_client_id[view.client_id] = view

    def _close(self, view: OrderListView, sequence: int) -> None:
        del self._accounts[view.account].lists[view.order_list]
        if view.time:
            self.closed.add(view, sequence)
        else:
            self._forget(view)

    def _forget(self, view: OrderListView) -> None:
        del self.views[view.order_list]
        by_client_id = self._accounts[view.account].lists_by_client_id
        if by_client_id.get(view.client_id) is view:
            del by_client_id[view.client_id]


def _orders(source: OrderListChanged | StateOrderList) -> tuple[int, ...]:
    return tuple(order for order in (source.first, source.second, source.third) if order)
