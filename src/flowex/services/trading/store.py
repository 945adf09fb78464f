"""The trading room's tables and the questions asked of them.

Everything lies in the order in which it is asked for: by account, instrument and number. Numbers
rise with time, so a bound in time is first turned into a bound in numbers, and no index by time
has to be kept. What two accounts took part in (a prevented match, a transfer) has a row for each:
``owner`` says whose row it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter
from typing import Any, Final, TypeVar

from msgspec.structs import astuple
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
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
    union,
)

from flowex.messages.commands import Conditions
from flowex.messages.enums import CLIENT_ID_MAX
from flowex.ports.database import Reader, Row
from flowex.ports.trading import (
    NO_CONDITIONS,
    Amendment,
    Fill,
    FundsTransfer,
    OrderListView,
    OrderStatus,
    OrderView,
    PreventedMatch,
)
from flowex.toolkit.projection import progress_table

T = TypeVar("T", bound=tuple[Any, ...])

METADATA: Final = MetaData()
STRIDE: Final = 64
"""How many neighbours are looked at when a number is searched by its time."""

NUMBERS_MAX: Final = 1_000
"""How many numbers one statement names: databases bound their parameters."""

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
    Column("order_list", BigInteger, nullable=False),
    Column("working_time", BigInteger, nullable=False),
    Column("trailing_time", BigInteger, nullable=False),
    Column("prevented_match", BigInteger, nullable=False),
    Column("strategy_type", BigInteger, nullable=False),
    Column("stop_price", BigInteger, nullable=False),
    Column("display_quantity", BigInteger, nullable=False),
    Column("strategy_id", BigInteger, nullable=False),
    Column("trailing_delta", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "instrument", "order_id"),
    Index("trading_orders_client_id", "account", "instrument", "client_id"),
    sqlite_with_rowid=False,
)
"""Every order as it stands or ended; the columns are `ORDER_FIELDS`."""

ORDER_FIELDS: Final = (
    *(name for name in OrderView.__struct_fields__ if name != "conditions"),
    *Conditions.__struct_fields__,
)
"""The fields of an `OrderView` in the order of its row; its last, the conditions, are several."""

_OWN_FIELDS: Final = len(OrderView.__struct_fields__) - 1
_OWN: Final = attrgetter(*ORDER_FIELDS[:_OWN_FIELDS])
_PLAIN: Final = (0,) * len(Conditions.__struct_fields__)

_STATUSES: Final = {str(status): status for status in OrderStatus}

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
    Index("trading_fills_order", "account", "instrument", "order_id"),
    sqlite_with_rowid=False,
)
"""Both sides of every trade; the columns are the fields of `Fill`."""

ORDER_LISTS: Final = Table(
    "trading_order_lists",
    METADATA,
    Column("list_id", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("instrument", BigInteger, nullable=False),
    Column("shape", SmallInteger, nullable=False),
    Column("client_id", String(CLIENT_ID_MAX), nullable=False),
    Column("first_order", BigInteger, nullable=False),
    Column("second_order", BigInteger, nullable=False),
    Column("third_order", BigInteger, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "list_id"),
    Index("trading_order_lists_client_id", "account", "client_id"),
    sqlite_with_rowid=False,
)
"""Every order list; the numbers of its legs are 0 where it has none."""

PREVENTED: Final = Table(
    "trading_prevented_matches",
    METADATA,
    Column("owner", BigInteger, nullable=False),
    Column("match_id", BigInteger, nullable=False),
    Column("instrument", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("taker_order", BigInteger, nullable=False),
    Column("maker_account", BigInteger, nullable=False),
    Column("maker_order", BigInteger, nullable=False),
    Column("self_trade", SmallInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("taker_quantity", BigInteger, nullable=False),
    Column("maker_quantity", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "instrument", "match_id"),
    Index("trading_prevented_matches_taker", "owner", "instrument", "taker_order"),
    Index("trading_prevented_matches_maker", "owner", "instrument", "maker_order"),
    sqlite_with_rowid=False,
)
"""Every prevented match; the columns after the owner are the fields of `PreventedMatch`."""

AMENDMENTS: Final = Table(
    "trading_amendments",
    METADATA,
    Column("execution_id", BigInteger, nullable=False),
    Column("instrument", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("client_id_before", String(CLIENT_ID_MAX), nullable=False),
    Column("client_id", String(CLIENT_ID_MAX), nullable=False),
    Column("quantity_before", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "instrument", "order_id", "execution_id"),
    sqlite_with_rowid=False,
)
"""How orders were amended; the columns are the fields of `Amendment`."""

TRANSFERS: Final = Table(
    "trading_transfers",
    METADATA,
    Column("owner", BigInteger, nullable=False),
    Column("transfer_id", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("wallet", SmallInteger, nullable=False),
    Column("to_account", BigInteger, nullable=False),
    Column("to_wallet", SmallInteger, nullable=False),
    Column("asset", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "transfer_id"),
    sqlite_with_rowid=False,
)
"""Money that moved inside; the columns after the owner are the fields of `FundsTransfer`."""

_IS_OPEN: Final = text("status IN ('NEW', 'PENDING_NEW', 'PARTIALLY_FILLED')")
"""In so many words, because an index of some rows is found by the words of its condition."""

_IS_OPEN_LIST: Final = text("is_open")

Index("trading_orders_open", ORDERS.c.order_id, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
Index(
    "trading_order_lists_open",
    ORDER_LISTS.c.list_id,
    sqlite_where=_IS_OPEN_LIST,
    postgresql_where=_IS_OPEN_LIST,
)

PROGRESS: Final = progress_table("trading", METADATA)


@dataclass(frozen=True, slots=True)
class Window:
    """Which of an account's orders or other things are asked for; times in µs, inclusive.

    From ``first`` (a number) or ``start_time`` on, oldest first; with neither, the newest. What
    belongs to no instrument has None for it.
    """

    account: int
    instrument: int | None
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


def order_row(view: OrderView) -> Row:
    """Return the row of an order."""
    conditions = view.conditions
    own: tuple[Any, ...] = _OWN(view)
    return own + (_PLAIN if conditions is NO_CONDITIONS else astuple(conditions))


def list_row(view: OrderListView) -> Row:
    """Return the row of an order list."""
    first, second, third = (*view.orders, 0, 0)[:3]
    return (
        view.order_list,
        view.account,
        view.instrument,
        view.shape,
        view.client_id,
        first,
        second,
        third,
        view.is_open,
        view.time,
        view.update_time,
    )


def prevented_rows(facts: Iterable[Row]) -> list[Row]:
    """Return the rows of prevented matches, one for each account that took part."""
    return [(owner, *fact) for fact in facts for owner in {fact[2], fact[4]}]


def transfer_rows(facts: Iterable[Row]) -> list[Row]:
    """Return the rows of transfers, one for each account that took part."""
    return [(owner, *fact) for fact in facts for owner in {fact[1], fact[3]}]


def orders(reader: Reader, window: Window) -> list[OrderView]:
    """Return the window's orders, oldest first."""
    key = ORDERS.c.order_id
    bounds = _bounds(reader, ORDERS, key, window)
    return [_order(row) for row in _rows(reader, ORDERS, key, window, bounds)]


def order_lists(reader: Reader, window: Window) -> list[OrderListView]:
    """Return the window's order lists, oldest first."""
    key = ORDER_LISTS.c.list_id
    bounds = _bounds(reader, ORDER_LISTS, key, window)
    return [_order_list(row) for row in _rows(reader, ORDER_LISTS, key, window, bounds)]


# What is asked for by order is first looked up in the index by order, as a question of its own:
# SQLite would otherwise walk through everything the account has.


def fills(reader: Reader, window: Window, order: int | None) -> list[Fill]:
    """Return the window's fills, of one order or of all, oldest first."""
    c, key = FILLS.c, FILLS.c.trade_id
    bounds = _bounds(reader, FILLS, key, window)
    if order is not None:
        trades = _cut(select(key).where(*bounds, c.order_id == order), key, window)
        bounds = (*_mine(FILLS, window), key.in_(trades), c.order_id == order)
    return [Fill(*row) for row in _rows(reader, FILLS, key, window, bounds)]


def prevented(reader: Reader, window: Window, order: int | None) -> list[PreventedMatch]:
    """Return the window's prevented matches, of one order or of all, oldest first."""
    c, key = PREVENTED.c, PREVENTED.c.match_id
    bounds = _bounds(reader, PREVENTED, key, window)
    if order is not None:
        taken = select(key).where(*bounds, c.taker_order == order)
        made = select(key).where(*bounds, c.maker_order == order)
        bounds = (*_mine(PREVENTED, window), key.in_(union(taken, made)))
    return [PreventedMatch(*row[1:]) for row in _rows(reader, PREVENTED, key, window, bounds)]


def amendments(reader: Reader, window: Window, order: int) -> list[Amendment]:
    """Return how an order was amended, oldest first."""
    key = AMENDMENTS.c.execution_id
    bounds = (*_bounds(reader, AMENDMENTS, key, window), AMENDMENTS.c.order_id == order)
    return [Amendment(*row) for row in _rows(reader, AMENDMENTS, key, window, bounds)]


def transfers(
    reader: Reader,
    window: Window,
    wallets: tuple[int, int],
    unwritten: Mapping[int, FundsTransfer],
    skip: int,
) -> tuple[int, list[FundsTransfer]]:
    """Return how many transfers between an account's own wallets there are, and some of them.

    ``unwritten`` are those that may be missing here. The newest first, so many skipped.
    """
    c = TRANSFERS.c
    mine = (
        *_mine(TRANSFERS, window),
        *_since(reader, TRANSFERS, c.transfer_id, window),
        *_until(reader, TRANSFERS, c.transfer_id, window),
        c.account == c.to_account,
        c.wallet == wallets[0],
        c.to_wallet == wallets[1],
    )
    newest = reader.rows(select(func.max(c.transfer_id)).where(*mine))[0][0] or 0
    count = reader.rows(select(func.count()).where(*mine))[0][0]
    fresh = [unwritten[one] for one in sorted(unwritten, reverse=True) if one > newest]
    page = fresh[skip : skip + window.limit]
    query = select(TRANSFERS).where(*mine).order_by(c.transfer_id.desc())
    query = query.offset(max(skip - len(fresh), 0)).limit(window.limit - len(page))
    page += [FundsTransfer(*row[1:]) for row in reader.rows(query)]
    return int(count) + len(fresh), page


def find_order(
    reader: Reader, account: int, instrument: int, order: int, client_id: str, below: int | None
) -> OrderView | None:
    """Return an order by number, or when that is 0 the latest with that client id.

    With ``below``, the latest of those with a lower number.
    """
    c = ORDERS.c
    mine = (c.account == account, c.instrument == instrument)
    if not order:
        latest = select(func.max(c.order_id)).where(*mine, c.client_id == client_id)
        if below is not None:
            latest = latest.where(c.order_id < below)
        order = reader.rows(latest)[0][0]
    rows = reader.rows(select(ORDERS).where(*mine, c.order_id == order))
    return _order(rows[0]) if rows else None


def orders_numbered(
    reader: Reader, wanted: Mapping[tuple[int, int], Sequence[int]]
) -> list[OrderView]:
    """Return orders by number, which are given by account and instrument; unknown ones not."""
    c, found = ORDERS.c, []
    for (account, instrument), numbers in wanted.items():
        mine = (c.account == account, c.instrument == instrument)
        for begin in range(0, len(numbers), NUMBERS_MAX):
            some = numbers[begin : begin + NUMBERS_MAX]
            query = select(ORDERS).where(*mine, c.order_id.in_(some))
            found += [_order(row) for row in reader.rows(query)]
    return found


def find_order_list(
    reader: Reader, account: int, order_list: int, client_id: str
) -> OrderListView | None:
    """Return an order list by number, or when that is 0 the latest with that client id."""
    c = ORDER_LISTS.c
    if not order_list:
        mine = (c.account == account, c.client_id == client_id)
        order_list = reader.rows(select(func.max(c.list_id)).where(*mine))[0][0]
    rows = reader.rows(select(ORDER_LISTS).where(c.account == account, c.list_id == order_list))
    return _order_list(rows[0]) if rows else None


def open_orders(reader: Reader) -> list[OrderView]:
    """Return every order that can still trade, oldest first."""
    query = select(ORDERS).where(_IS_OPEN).order_by(ORDERS.c.order_id)
    return [_order(row) for row in reader.rows(query)]


def open_lists(reader: Reader) -> list[OrderListView]:
    """Return every order list that has an open order, oldest first."""
    query = select(ORDER_LISTS).where(_IS_OPEN_LIST).order_by(ORDER_LISTS.c.list_id)
    return [_order_list(row) for row in reader.rows(query)]


def _order(row: Sequence[Any]) -> OrderView:
    rest = row[_OWN_FIELDS:]
    fields = (*row[:_OWN_FIELDS], Conditions(*rest) if any(rest) else NO_CONDITIONS)
    view = OrderView(*fields)
    view.status = _STATUSES[view.status]
    return view


def _order_list(row: Sequence[Any]) -> OrderListView:
    number, account, instrument, shape, client_id, first, second, third, *rest = row
    orders = tuple(order for order in (first, second, third) if order)
    return OrderListView(number, account, instrument, shape, client_id, orders, *rest)


Where = tuple[ColumnElement[bool], ...]
"""What rows have to be, all of it."""


def _rows(
    reader: Reader, table: Table, key: Column[Any], window: Window, bounds: Where
) -> Iterable[Row]:
    """Return a window's rows, oldest first."""
    rows = reader.rows(_cut(select(table).where(*bounds), key, window))
    if not window.is_forward:
        return reversed(rows)
    if window.end_time is None:
        return rows
    at, end_time = list(table.c).index(table.c.time), window.end_time
    return takewhile(lambda row: row[at] <= end_time, rows)


def _cut(query: Select[T], key: Column[Any], window: Window) -> Select[T]:
    return query.order_by(key if window.is_forward else key.desc()).limit(window.limit)


def _bounds(reader: Reader, table: Table, key: Column[Any], window: Window) -> Where:
    """Return a window's conditions.

    Of one that counts from its beginning, the end is not looked for: its rows just stop there.
    """
    bounds = (*_mine(table, window), *_since(reader, table, key, window))
    return bounds if window.is_forward else (*bounds, *_until(reader, table, key, window))


def _mine(table: Table, window: Window) -> Where:
    whose = table.c.owner if "owner" in table.c else table.c.account
    if window.instrument is None:
        return (whose == window.account,)
    return (whose == window.account, table.c.instrument == window.instrument)


def _since(reader: Reader, table: Table, key: Column[Any], window: Window) -> Where:
    """Return the condition of a window's beginning, its time turned into a number."""
    first = window.first
    if window.start_time is not None:
        first = max(first or 0, _first_at(reader, table, key, window, window.start_time))
    return () if first is None else (key >= first,)


def _until(reader: Reader, table: Table, key: Column[Any], window: Window) -> Where:
    """Return the condition of a window's end, its time turned into a number."""
    if window.end_time is None:
        return ()
    return (key < _first_at(reader, table, key, window, window.end_time + 1),)


def _first_at(reader: Reader, table: Table, key: Column[Any], window: Window, time: int) -> int:
    """Return the least number from which on everything happened at that time or later.

    Search over the primary key: the numbers of an account and instrument rise with time. Every
    other step looks where the time would lie if things had happened evenly, which mostly is where
    it lies; those between halve what is left.
    """
    ends = select(key, table.c.time).where(*_mine(table, window))
    oldest = reader.rows(ends.order_by(key).limit(1))
    newest = reader.rows(ends.order_by(key.desc()).limit(1))
    if not newest or newest[0][1] < time:
        return int(newest[0][0]) + 1 if newest else 0
    low, low_time = int(oldest[0][0]) - 1, min(int(oldest[0][1]), time) - 1
    high, high_time = int(newest[0][0]), int(newest[0][1])
    is_guess = True
    # All up to ``low`` happened earlier; all from ``high`` on did not.
    while low + 1 < high:
        if is_guess:
            share = (time - low_time) * (high - low) // max(high_time - low_time, 1)
            middle = min(max(low + share - STRIDE // 2, low + 1), high - 1)
        else:
            middle = (low + high) // 2
        is_guess = not is_guess
        found = reader.rows(ends.where(key >= middle).order_by(key).limit(STRIDE))
        if found[0][1] >= time:
            high, high_time = middle, int(found[0][1])
        elif found[-1][1] >= time:
            return next(int(number) for number, happened in found if happened >= time)
        else:
            low, low_time = int(found[-1][0]), int(found[-1][1])
    return high
