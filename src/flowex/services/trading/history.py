"""The projection of orders and fills, and what of it is not in the database yet."""

from itertools import chain
from operator import attrgetter
from typing import Final

from flowex.ports.database import Database, Transaction
from flowex.ports.feed import FeedBatch
from flowex.ports.trading import Fill, OrderView
from flowex.services.trading import store
from flowex.services.trading.read_model import FillRow, ReadModel
from flowex.services.trading.store import Window
from flowex.toolkit.projection import Work

_ROW: Final = attrgetter(*OrderView.__dataclass_fields__)


class History:
    """Collects the orders that changed and the fills; an order that changes twice is one row."""

    name: Final = "trading"

    def __init__(self, read_model: ReadModel, database: Database) -> None:
        """Make the projection of that read model, which it advances."""
        self._read_model = read_model
        self._database = database
        self._orders: dict[int, OrderView] = {}
        self._fills: list[FillRow] = []
        self._taken_orders: dict[int, OrderView] = {}
        self._taken_fills: list[FillRow] = []
        self._taken_sequence = 0

    @property
    def pending(self) -> int:
        """How many rows are collected and not taken."""
        return len(self._orders) + len(self._fills)

    def advance(self, batch: FeedBatch) -> None:
        """Apply the batch to the read model."""
        self._read_model.orders.changed = {}
        self._read_model.fills = []
        self._read_model.apply(batch)

    def collect(self, _batch: FeedBatch) -> None:
        """Keep what the batch changed."""
        self._orders.update(self._read_model.orders.changed)
        self._fills += self._read_model.fills

    def take(self) -> Work:
        """Return what writes the collected rows; they stay visible until it is done."""
        self._taken_orders, self._orders = self._orders, {}
        self._taken_fills, self._fills = self._fills, []
        self._taken_sequence = self._read_model.sequence
        order_rows = [_ROW(view) for view in self._taken_orders.values()]
        fill_rows = self._taken_fills

        def work(transaction: Transaction) -> None:
            transaction.upsert(store.ORDERS, order_rows)
            transaction.insert(store.FILLS, fill_rows)

        return work

    def written(self) -> None:
        """Let go of what was taken: the database has it."""
        self._taken_orders, self._taken_fills = {}, []
        self._read_model.orders.written = self._taken_sequence

    def drop(self) -> None:
        """Forget what was collected and not taken."""
        self._orders, self._fills = {}, []

    async def open(self, _sequence: int) -> None:
        """Load the open orders from the history."""
        self._read_model.load(await self._database.read(store.open_orders))

    def twin(self) -> "History":
        """Return a second projection, with a read model of its own that goes on from the rows."""
        return History(ReadModel(orders_only=True), self._database)

    def unwritten_orders(self, window: Window) -> dict[int, OrderView]:
        """Return the window's orders whose latest word the database may not have, by number."""
        account = self._read_model.accounts.get(window.account)
        known = account.open if account else {}
        return {
            view.order: view
            for view in chain(known.values(), self._taken_orders.values(), self._orders.values())
            if view.account == window.account
            and view.instrument == window.instrument
            and window.holds(view.order, view.time)
        }

    def unwritten_fills(self, window: Window, order: int | None) -> list[Fill]:
        """Return the window's fills that the database may not have, oldest first."""
        return [
            fill
            for fill in (
                Fill(*row)
                for row in chain(self._taken_fills, self._fills)
                if row[2] == window.account and row[1] == window.instrument
            )
            if window.holds(fill.trade, fill.time) and order in (None, fill.order)
        ]
