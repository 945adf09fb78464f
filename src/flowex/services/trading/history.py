"""The projection of what happened, and what of it is not in the database yet."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, TypeVar

from sqlalchemy import Table

from flowex.ports.database import Database, Transaction
from flowex.ports.feed import FeedBatch
from flowex.ports.trading import (
    Amendment,
    Fill,
    FundsTransfer,
    OrderListView,
    OrderView,
    PreventedMatch,
)
from flowex.services.trading import store
from flowex.services.trading.read_model import Facts, ReadModel
from flowex.services.trading.store import Window
from flowex.toolkit.projection import Work

T = TypeVar("T")


class History:
    """Collects the orders and lists that changed and the facts.

    An order that changes twice is one row.
    """

    name: Final = "trading"
    progress: Final[Table] = store.PROGRESS

    def __init__(self, read_model: ReadModel, database: Database) -> None:
        """Make the projection of that read model, which it advances."""
        self._read_model = read_model
        self._database = database
        self._orders: dict[int, OrderView] = {}
        self._lists: dict[int, OrderListView] = {}
        self._facts = Facts()
        self._taken_orders: dict[int, OrderView] = {}
        self._taken_lists: dict[int, OrderListView] = {}
        self._taken_facts = Facts()
        self._taken_sequence = 0

    @property
    def pending(self) -> int:
        """How many rows are collected and not taken."""
        return len(self._orders) + len(self._lists) + len(self._facts)

    def advance(self, batch: FeedBatch) -> None:
        """Apply the batch to the read model."""
        model = self._read_model
        model.orders.changed, model.lists.changed, model.facts = {}, {}, Facts()
        model.apply(batch)

    def collect(self, _batch: FeedBatch) -> None:
        """Keep what the batch changed."""
        model = self._read_model
        self._orders.update(model.orders.changed)
        self._lists.update(model.lists.changed)
        self._facts += model.facts

    def take(self) -> Work:
        """Return what writes the collected rows; they stay visible until it is done."""
        self._taken_orders, self._orders = self._orders, {}
        self._taken_lists, self._lists = self._lists, {}
        self._taken_facts, self._facts = self._facts, Facts()
        self._taken_sequence = self._read_model.sequence
        order_rows = [store.order_row(view) for view in self._taken_orders.values()]
        list_rows = [store.list_row(view) for view in self._taken_lists.values()]
        facts = self._taken_facts

        def work(transaction: Transaction) -> None:
            transaction.upsert(store.ORDERS, order_rows)
            transaction.insert(store.FILLS, facts.fills)
            transaction.upsert(store.ORDER_LISTS, list_rows)
            transaction.insert(store.PREVENTED, store.prevented_rows(facts.prevented))
            transaction.insert(store.AMENDMENTS, facts.amendments)
            transaction.insert(store.TRANSFERS, store.transfer_rows(facts.transfers))

        return work

    def written(self) -> None:
        """Let go of what was taken: the database has it."""
        self._taken_orders, self._taken_lists, self._taken_facts = {}, {}, Facts()
        self._read_model.orders.closed.written = self._taken_sequence
        self._read_model.lists.closed.written = self._taken_sequence

    def drop(self) -> None:
        """Forget what was collected and not taken."""
        self._orders, self._lists, self._facts = {}, {}, Facts()

    async def open(self, _sequence: int) -> None:
        """Load what is open from the history."""
        orders, lists = await self._database.read(
            lambda reader: (store.open_orders(reader), store.open_lists(reader))
        )
        self._read_model.load(orders, lists)

    def twin(self) -> "History":
        """Return a second projection, with a read model of its own that goes on from the rows."""
        return History(ReadModel(orders_only=True), self._database)

    # What the database may not have, by number. All of it is found in the same step of the event
    # loop in which it is asked for, so it must not be asked for after the database.

    def unwritten_orders(self, window: Window) -> dict[int, OrderView]:
        """Return the window's orders whose latest word the database may not have."""
        account = self._read_model.accounts.get(window.account)
        known = account.open if account else {}
        return {
            view.order: view
            for view in chain(known.values(), self._taken_orders.values(), self._orders.values())
            if view.account == window.account
            and view.instrument == window.instrument
            and window.holds(view.order, view.time)
        }

    def unwritten_by_client_id(
        self, account: int, instrument: int, client_id: str
    ) -> OrderView | None:
        """Return the latest order with that client id that the database may not have."""
        found = [
            view
            for view in chain(self._taken_orders.values(), self._orders.values())
            if view.client_id == client_id
            and view.account == account
            and view.instrument == instrument
        ]
        return max(found, key=lambda view: view.order, default=None)

    def unwritten_lists(self, window: Window) -> dict[int, OrderListView]:
        """Return the window's order lists whose latest word the database may not have."""
        account = self._read_model.accounts.get(window.account)
        known = account.lists if account else {}
        return {
            view.order_list: view
            for view in chain(known.values(), self._taken_lists.values(), self._lists.values())
            if view.account == window.account and window.holds(view.order_list, view.time)
        }

    def unwritten_fills(self, window: Window, order: int | None) -> dict[tuple[int, int], Fill]:
        """Return the window's fills, by trade and side."""
        return {
            (fill.trade, fill.side): fill
            for fill in (
                Fill(*row)
                for row in self._facts_of(lambda facts: facts.fills)
                if row[2] == window.account and row[1] == window.instrument
            )
            if window.holds(fill.trade, fill.time) and order in (None, fill.order)
        }

    def unwritten_prevented(self, window: Window, order: int | None) -> dict[int, PreventedMatch]:
        """Return the window's prevented matches, of one order or of all."""
        return {
            row[0]: PreventedMatch(*row)
            for row in self._facts_of(lambda facts: facts.prevented)
            if row[1] == window.instrument
            and window.account in (row[2], row[4])
            and order in (None, row[3], row[5])
            and window.holds(row[0], row[-1])
        }

    def unwritten_amendments(self, window: Window, order: int) -> dict[int, Amendment]:
        """Return the amendments of an order."""
        return {
            row[0]: Amendment(*row)
            for row in self._facts_of(lambda facts: facts.amendments)
            if row[2] == window.account and row[3] == order and window.holds(row[0], row[-1])
        }

    def unwritten_transfers(
        self, window: Window, wallets: tuple[int, int]
    ) -> dict[int, FundsTransfer]:
        """Return the window's transfers between two wallets of the account's own."""
        return {
            row[0]: FundsTransfer(*row)
            for row in self._facts_of(lambda facts: facts.transfers)
            if row[1] == row[3] == window.account
            and (row[2], row[4]) == wallets
            and window.holds(row[0], row[-1])
        }

    def _facts_of(self, kind: Callable[[Facts], list[T]]) -> Iterable[T]:
        return chain(kind(self._taken_facts), kind(self._facts))
