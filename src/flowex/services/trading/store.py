"""The trading room's tables and the questions asked of them.

Orders and fills lie in the order in which they are asked for: by account, instrument and number.
Numbers rise with time, so a bound in time is first turned into a bound in numbers, and no index by
time has to be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    SmallInteger,
    String,
    Table,
    func,
    select,
    text,
)

from flowex.messages.enums import CLIENT_ID_MAX
from flowex.ports.database import Reader
from flowex.ports.trading import Fill, OrderStatus, OrderView
from flowex.toolkit.projection import progress_table

METADATA: Final = MetaData()
STATUS_MAX: Final = 16
"""Longest name of an order status."""

ORDERS: Final = Table(
    "trading_orders",
    METADATA,
    Column("order_id", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("instrument", BigInteger, nullable=False),
    Column("client_id", String(CLIENT_ID_MAX), nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("order_type", SmallInteger, nullable=False),
    Column("time_in_force", SmallInteger, nullable=False),
    Column("self_trade", SmallInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("quote_amount", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("status", String(STATUS_MAX), nullable=False),
    Column("filled", BigInteger, nullable=False),
    Column("quote_filled", BigInteger, nullable=False),
    Column("prevented", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("end_reason", SmallInteger, nullable=False),
    PrimaryKeyConstraint("account", "instrument", "order_id"),
    Index("trading_orders_client_id", "account", "instrument", "client_id"),
    sqlite_with_rowid=False,
)
"""Every order as it stands or ended; the columns are the fields of `OrderView`."""

FILLS: Final = Table(
    "trading_fills",
    METADATA,
    Column("trade_id", BigInteger, nullable=False),
    Column("instrument", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("quote_amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("fee_asset", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("is_maker", Boolean, nullable=False),
    PrimaryKeyConstraint("account", "instrument", "trade_id", "side"),
    sqlite_with_rowid=False,
)
"""Both sides of every trade; the columns are the fields of `Fill`."""

_IS_OPEN: Final = text("status IN ('NEW', 'PARTIALLY_FILLED')")
"""In so many words, because an index of some rows is found by the words of its condition."""

Index("trading_orders_open", ORDERS.c.order_id, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)

PROGRESS: Final = progress_table("trading", METADATA)


@dataclass(frozen=True, slots=True)
class Window:
    """Which of an account's orders or fills are asked for; times in µs, inclusive.

    From ``first`` (a number) or ``start_time`` on, oldest first; with neither, the newest.
    """

    account: int
    instrument: int
    limit: int
    first: int | None = None
    start_time: int | None = None
    end_time: int | None = None

    @property
    def is_forward(self) -> bool:
        """Whether the limit counts from the oldest on."""
        return self.first is not None or self.start_time is not None

    def holds(self, number: int, time: int) -> bool:
        """Return whether something with that number and time lies in the window."""
        return (
            (self.first is None or number >= self.first)
            and (self.start_time is None or time >= self.start_time)
            and (self.end_time is None or time <= self.end_time)
        )


def orders(reader: Reader, window: Window) -> list[OrderView]:
    """Return the window's orders, oldest first."""
    rows = reader.rows(_within(reader, ORDERS, ORDERS.c.order_id, window))
    return [_order(row) for row in (rows if window.is_forward else reversed(rows))]


def fills(reader: Reader, window: Window, order: OrderView | None) -> list[Fill]:
    """Return the window's fills, of one order or of all, oldest first."""
    key = FILLS.c.trade_id
    query = _within(reader, FILLS, key, window)
    if order is not None:
        # An order's fills lie between its acceptance and its last change.
        first = _first_at(reader, FILLS, key, window, order.time)
        after = _first_at(reader, FILLS, key, window, order.update_time + 1)
        query = query.where(FILLS.c.order_id == order.order, key >= first, key < after)
    rows = reader.rows(query)
    return [Fill(*row) for row in (rows if window.is_forward else reversed(rows))]


def find_order(
    reader: Reader, account: int, instrument: int, order: int, client_id: str
) -> OrderView | None:
    """Return an order by number, or when that is 0 the latest with that client id."""
    c = ORDERS.c
    mine = (c.account == account, c.instrument == instrument)
    if not order:
        latest = select(func.max(c.order_id)).where(*mine, c.client_id == client_id)
        order = reader.rows(latest)[0][0]
    rows = reader.rows(select(ORDERS).where(*mine, c.order_id == order))
    return _order(rows[0]) if rows else None


def open_orders(reader: Reader) -> list[OrderView]:
    """Return every order that can still trade, oldest first."""
    query = select(ORDERS).where(_IS_OPEN).order_by(ORDERS.c.order_id)
    return [_order(row) for row in reader.rows(query)]


def _order(row: Sequence[Any]) -> OrderView:
    view = OrderView(*row)
    view.status = OrderStatus(view.status)
    return view


def _within(reader: Reader, table: Table, key: Column[Any], window: Window) -> Select[Any]:
    """Return the query for a window, its bounds in time turned into bounds in numbers."""
    query = select(table).where(
        table.c.account == window.account, table.c.instrument == window.instrument
    )
    if window.first is not None:
        query = query.where(key >= window.first)
    if window.start_time is not None:
        query = query.where(key >= _first_at(reader, table, key, window, window.start_time))
    if window.end_time is not None:
        query = query.where(key < _first_at(reader, table, key, window, window.end_time + 1))
    return query.order_by(key if window.is_forward else key.desc()).limit(window.limit)


def _first_at(reader: Reader, table: Table, key: Column[Any], window: Window, time: int) -> int:
    """Return the least number from which on everything happened at that time or later.

    Bisection over the primary key: the numbers of an account and instrument rise with time.
    """
    mine = select(key, table.c.time).where(
        table.c.account == window.account, table.c.instrument == window.instrument
    )
    newest = reader.rows(mine.order_by(key.desc()).limit(1))
    low, high = 0, int(newest[0][0]) + 1 if newest else 0
    while low < high:
        middle = (low + high) // 2
        number, found = reader.rows(mine.where(key >= middle).order_by(key).limit(1))[0]
        if found >= time:
            high = middle
        else:
            low = int(number) + 1
    return low
