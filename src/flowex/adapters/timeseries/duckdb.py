"""The timeseries port on one DuckDB file: columns, compressed, a write-ahead log, synced commits.

Rows lie in the order they were written, which is nearly the order of time, and DuckDB knows of each
stretch of rows which times it holds: a question touches a few stretches. There is no index, because
one over every candle would have to fit in memory. What was written last is remembered instead
(``extents``), so that only a row that is not newer looks for one to replace.

Numbers go in as text, column by column, and are parsed by DuckDB without the interpreter's lock: a
tenth of the time that handing over Python's own integers takes.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeVar

import duckdb

from flowex.adapters.timeseries import rows
from flowex.adapters.timeseries.rows import Condition
from flowex.ports.market_data import AggregateTrade, Kline
from flowex.ports.timeseries import (
    BATCH_ROWS_MAX,
    LIMIT_MAX,
    Bounds,
    Mark,
    RecordedCandle,
    RecordedTrade,
    TimeseriesBatch,
    TimeseriesDown,
    TimeseriesRefused,
)

READERS_MAX: Final = 2
"""Threads for questions."""

MEMORY_MAX: Final = "128MB"
"""What DuckDB may keep in memory; a question that needs more spills to a file beside its own."""

SCHEMA: Final = 1
"""What the tables below are called; a file of another number is refused."""

MESSAGE_MAX: Final = 300
"""So many characters of an error are told."""

_TRADES: Final = 0
"""The interval under which the extent of an instrument's trades is kept."""

_NOT_KEYS: Final = ("time", "aggregate")
"""Columns that rise with the key and are not it."""

_WIDEN: Final = 16
"""So many times longer is the stretch looked at next, when one has too few rows."""

_SETTINGS: Final = {
    "threads": "1",
    "memory_limit": MEMORY_MAX,
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

_TABLES: Final = (
    "CREATE TABLE schema (number BIGINT NOT NULL)",
    f"INSERT INTO schema VALUES ({SCHEMA})",  # noqa: S608 - a number of this module.
    """CREATE TABLE trades (
        instrument BIGINT NOT NULL, trade BIGINT NOT NULL, aggregate BIGINT NOT NULL,
        price BIGINT NOT NULL, quantity BIGINT NOT NULL, time BIGINT NOT NULL,
        buyer_is_maker BOOLEAN NOT NULL, buyer_order BIGINT NOT NULL, seller_order BIGINT NOT NULL
    )""",
    """CREATE TABLE candles (
        instrument BIGINT NOT NULL, interval_us BIGINT NOT NULL, open_time BIGINT NOT NULL,
        open_price BIGINT NOT NULL, high_price BIGINT NOT NULL, low_price BIGINT NOT NULL,
        close_price BIGINT NOT NULL, volume HUGEINT NOT NULL, quote_volume HUGEINT NOT NULL,
        trades BIGINT NOT NULL, taker_buy_volume HUGEINT NOT NULL,
        taker_buy_quote_volume HUGEINT NOT NULL, first_trade BIGINT NOT NULL,
        last_trade BIGINT NOT NULL
    )""",
    """CREATE TABLE extents (
        instrument BIGINT NOT NULL, interval_us BIGINT NOT NULL,
        first_key BIGINT NOT NULL, last_key BIGINT NOT NULL
    )""",
    "CREATE TABLE progress (consumer VARCHAR NOT NULL, last_sequence BIGINT NOT NULL)",
)

_TYPES: Final = {"buyer_is_maker": "BOOLEAN"} | dict.fromkeys(rows.SUMS, "HUGEINT")

_HALVES: Final = ("({} & 18446744073709551615)::UBIGINT", "({} >> 64)::BIGINT")
_TRADE: Final = ", ".join(rows.TRADE_COLUMNS)
_CANDLE: Final = rows.candle_select(*_HALVES)
_FOLDED: Final = rows.folded_select(
    "?::BIGINT + (open_time - ?::BIGINT) // ?::BIGINT * ?::BIGINT", *_HALVES, "arg_min", "arg_max"
)

_NO_DATABASE: Final = "not a valid DuckDB database file"

Extents = dict[tuple[int, int], tuple[int, int]]
"""First and last key (trade or opening) by instrument and interval."""

T = TypeVar("T")


class DuckdbTimeseries:
    """A DuckDB file behind the timeseries port; without a path it lives in memory alone."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, which is made if need be. Raises TimeseriesError."""
        self._path = str(path) if path else ":memory:"
        self._writer = ThreadPoolExecutor(1, "timeseries-writer")
        self._readers = ThreadPoolExecutor(READERS_MAX, "timeseries-reader")
        self._cursors = threading.local()
        self._extents: Extents = {}
        self._generation = 0
        self._is_spoilt = False
        self._is_closed = False
        with _translated():
            self._connection = self._connect()

    async def progress(self, consumer: str) -> int:
        """Return the sequence the consumer's rows reach. Raises TimeseriesError."""
        return await self._read(lambda cursor: _progress(cursor, consumer))

    async def write(self, batch: TimeseriesBatch, mark: Mark | None = None) -> None:
        """Write a batch and its mark in one transaction. Raises TimeseriesError."""
        assert len(batch.trades) + len(batch.candles) <= BATCH_ROWS_MAX, "a batch is too large"
        await self._run(self._writer, lambda: self._write(batch, mark))

    async def instruments(self) -> list[int]:
        """Return the numbers of those that have a history, rising. Raises TimeseriesError."""
        self._check_open()
        return sorted({instrument for instrument, _ in self._extents})

    async def candles(
        self,
        instrument: int,
        interval: int,
        *,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Kline]:
        """Return candles of exactly that interval. Raises TimeseriesError."""
        assert 0 < limit <= LIMIT_MAX, rows.TOO_MANY
        where = [
            Condition("instrument", "=", instrument),
            Condition("interval_us", "=", interval),
            *rows.between("open_time", start_time, end_time),
        ]
        extent = self._extent(instrument, interval, start_time, end_time)
        question = _Question(_CANDLE, "candles", where, "open_time", extent, limit * interval)
        found = await self._read(lambda cursor: question.ask(cursor, limit, newest=newest))
        return rows.candles_of(found, interval)

    async def folded(
        self, instrument: int, interval: int, width: int, *, start_time: int, end_time: int
    ) -> list[Kline]:
        """Return candles put together to longer ones. Raises TimeseriesError."""
        assert end_time - start_time < LIMIT_MAX * width, rows.TOO_MANY
        text = (
            f"SELECT {_FOLDED} FROM candles WHERE instrument = ? AND interval_us = ?"  # noqa: S608
            " AND open_time BETWEEN ? AND ? GROUP BY 1 ORDER BY 1"
        )
        bucket = [start_time, start_time, width, width]
        values = [*bucket, instrument, interval, start_time, end_time]
        found = await self._read(lambda cursor: cursor.execute(text, values).fetchall())
        return rows.candles_of(found, width)

    async def trades(
        self,
        instrument: int,
        *,
        from_trade: int | None = None,
        to_trade: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[RecordedTrade]:
        """Return trades by number and time. Raises TimeseriesError."""
        assert 0 < limit <= LIMIT_MAX, rows.TOO_MANY
        where = [
            Condition("instrument", "=", instrument),
            *rows.between("trade", from_trade, to_trade),
            *rows.between("time", start_time, end_time),
        ]
        extent = self._extent(instrument, _TRADES, from_trade, to_trade)
        question = _Question(_TRADE, "trades", where, "trade", extent, limit)
        found = await self._read(lambda cursor: question.ask(cursor, limit, newest=newest))
        return [rows.trade_of(row) for row in found]

    async def aggregates(
        self,
        instrument: int,
        *,
        from_aggregate: int | None = None,
        to_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[AggregateTrade]:
        """Return aggregate trades by number and time. Raises TimeseriesError."""
        assert 0 < limit <= LIMIT_MAX, rows.TOO_MANY
        where = [
            Condition("instrument", "=", instrument),
            *rows.between("aggregate", from_aggregate, to_aggregate),
            *rows.between("time", start_time, end_time),
        ]
        extent = self._extent(instrument, _TRADES, None, None)

        def page(cursor: Any, size: int) -> list[RecordedTrade]:
            question = _Question(_TRADE, "trades", where, "trade", extent, size)
            return [rows.trade_of(row) for row in question.ask(cursor, size, newest=newest)]

        return await self._read(
            lambda cursor: rows.aggregates(lambda size: page(cursor, size), limit, newest=newest)
        )

    async def bounds(self, instrument: int) -> Bounds:
        """Return how far the instrument's history reaches. Raises TimeseriesError."""
        first = await self.trades(instrument, limit=1)
        last = await self.trades(instrument, limit=1, newest=True)
        openings = {
            interval: extent[0]
            for (owner, interval), extent in self._extents.items()
            if owner == instrument and interval != _TRADES
        }
        return Bounds(first[0] if first else None, last[0] if last else None, openings)

    async def close(self) -> None:
        """Finish the work under way and close; later calls raise TimeseriesDown."""
        self._is_closed = True
        await asyncio.to_thread(self._shut)

    def _extent(
        self, instrument: int, interval: int, low: int | None, high: int | None
    ) -> tuple[int, int]:
        """Return between which keys rows can lie."""
        first, last = self._extents.get((instrument, interval), (0, -1))
        return (
            first if low is None else max(first, low),
            last if high is None else min(last, high),
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise TimeseriesDown("the history is closed")

    async def _run(self, where: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        self._check_open()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(where, work)

    async def _read(self, work: Callable[[Any], T]) -> T:
        return await self._run(self._readers, lambda: self._read_here(work))

    def _read_here(self, work: Callable[[Any], T]) -> T:
        with _translated():
            if getattr(self._cursors, "generation", -1) != self._generation:
                self._cursors.generation = self._generation
                self._cursors.cursor = self._connection.cursor()
            return work(self._cursors.cursor)

    def _write(self, batch: TimeseriesBatch, mark: Mark | None) -> None:
        try:
            with _translated():
                if self._is_spoilt:
                    self._connection.close()
                    self._connection = self._connect()
                    self._generation += 1
                    self._is_spoilt = False
                extents = _Writing(self._connection, self._extents).write(batch, mark)
        except TimeseriesDown:
            self._is_spoilt = True  # After a failed write DuckDB wants to be opened anew.
            raise
        self._extents = extents

    def _connect(self) -> Any:
        """Open the file, its tables made; on the writer's thread, or before there is one."""
        connection = duckdb.connect(self._path, config=dict(_SETTINGS))
        names = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
        if "schema" not in names:
            with _transaction(connection):
                for text in _TABLES:
                    connection.execute(text)
        found = connection.execute("SELECT number FROM schema").fetchall()
        if found != [(SCHEMA,)]:
            raise TimeseriesRefused(f"{self._path} was written by another version of FlowEx")
        self._extents = {
            (instrument, interval): (first, last)
            for instrument, interval, first, last in connection.execute(
                "SELECT instrument, interval_us, first_key, last_key FROM extents"
            ).fetchall()
        }
        return connection

    def _shut(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        with suppress(duckdb.Error):
            self._connection.close()


class _Question:
    """Which rows are asked for, and between which keys of theirs they lie.

    DuckDB sorts late and slowly, so what is wanted is looked for in a stretch of keys that cannot
    hold more, from one end on; where that has too few rows, in longer ones, by order.
    """

    def __init__(
        self,
        columns: str,
        table: str,
        where: Sequence[Condition],
        key: str,
        extent: tuple[int, int],
        stretch: int,
    ) -> None:
        """Ask for columns of a table; ``stretch`` is how long the rows wanted are together."""
        self._text = f"SELECT {columns} FROM {table} WHERE "  # noqa: S608 - names of this module.
        self._where = [one for one in where if one.column != key]
        self._key = key
        self._place = itemgetter(columns.split(", ").index(key))
        self._extent = extent
        self._stretch = stretch

    def ask(self, cursor: Any, limit: int, *, newest: bool) -> list[rows.Row]:
        """Return the rows by rising key."""
        first, last = self._extent
        ordered = f" ORDER BY {self._key} {'DESC' if newest else 'ASC'} LIMIT {limit}"
        stretch, order = self._stretch, ""
        if not newest and any(one.column in _NOT_KEYS for one in self._where):
            # Nobody knows at which key that time begins; DuckDB skips what lies before.
            stretch, order = last - first + 1, ordered
        while first <= last:
            low, high = (
                (max(first, last - stretch + 1), last)
                if newest
                else (first, min(last, first + stretch - 1))
            )
            found = self._rows(cursor, low, high, order)
            if len(found) >= limit or (low, high) == (first, last):
                found.sort(key=self._place)
                return found[-limit:] if newest else found[:limit]
            stretch *= _WIDEN
            order = ordered
        return []

    def _rows(self, cursor: Any, low: int, high: int, order: str) -> list[rows.Row]:
        where = [*self._where, *rows.between(self._key, low, high)]
        text = " AND ".join(f"{one.column} {one.comparison} ?" for one in where)
        found: list[rows.Row] = cursor.execute(
            f"{self._text}{text}{order}", [one.value for one in where]
        ).fetchall()
        return found


class _Writing:
    """One transaction."""

    def __init__(self, connection: Any, extents: Extents) -> None:
        self._connection = connection
        self._known = extents
        self._extents = dict(extents)

    def write(self, batch: TimeseriesBatch, mark: Mark | None) -> Extents:
        """Write all of it, or nothing; return what the extents are then."""
        with _transaction(self._connection):
            if mark is not None:
                found = _progress(self._connection, mark.consumer)
                if found == mark.reached:
                    return self._known  # It was durable when the last try seemed to fail.
                if found != mark.expected:
                    raise TimeseriesRefused(
                        f"the history of {mark.consumer} is at {found}, not {mark.expected}: "
                        "who wrote?"
                    )
            self._put_trades(batch.trades)
            self._put_candles(batch.candles)
            self._put_extents()
            if mark is not None:
                self._put_progress(mark)
        return self._extents

    def _put_trades(self, trades: Sequence[RecordedTrade]) -> None:
        keys: dict[tuple[int, int], list[int]] = defaultdict(list)
        for instrument, _, trade in trades:
            keys[instrument, _TRADES].append(trade.trade)
        self._replace("trades", "instrument = ? AND ? = 0 AND trade", keys)
        if trades:
            self._insert("trades", rows.TRADE_COLUMNS, rows.trade_columns(trades))

    def _put_candles(self, candles: Sequence[RecordedCandle]) -> None:
        keys: dict[tuple[int, int], list[int]] = defaultdict(list)
        for instrument, interval, candle in candles:
            keys[instrument, interval].append(candle.open_time)
        self._replace("candles", "instrument = ? AND interval_us = ? AND open_time", keys)
        if candles:
            self._insert("candles", rows.CANDLE_COLUMNS, rows.candle_columns(candles))

    def _replace(self, table: str, key: str, keys: dict[tuple[int, int], list[int]]) -> None:
        """Take away the rows that are written again, and remember how far the new ones reach."""
        for owner, numbers in keys.items():
            lowest, highest = min(numbers), max(numbers)
            first, last = self._known.get(owner, (lowest, highest))
            self._extents[owner] = (min(first, lowest), max(last, highest))
            if owner in self._known and lowest <= last and highest >= first:
                self._connection.execute(
                    f"DELETE FROM {table} WHERE {key} BETWEEN ? AND ? "  # noqa: S608
                    f"AND {key.rsplit(' ', 1)[1]} IN (SELECT unnest(string_split(?, ' '))::BIGINT)",
                    [*owner, lowest, highest, " ".join(map(str, numbers))],
                )

    def _insert(self, table: str, names: Sequence[str], columns: Sequence[rows.Column]) -> None:
        values = ", ".join(
            f"unnest(string_split(?, ' '))::{_TYPES.get(name, 'BIGINT')}" for name in names
        )
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}",
            [" ".join(map(str, column)) for column in columns],
        )

    def _put_extents(self) -> None:
        for owner, extent in self._extents.items():
            if self._known.get(owner) != extent:
                self._connection.execute(
                    "DELETE FROM extents WHERE instrument = ? AND interval_us = ?", list(owner)
                )
                self._connection.execute(
                    "INSERT INTO extents VALUES (?, ?, ?, ?)", [*owner, *extent]
                )

    def _put_progress(self, mark: Mark) -> None:
        self._connection.execute("DELETE FROM progress WHERE consumer = ?", [mark.consumer])
        self._connection.execute(
            "INSERT INTO progress VALUES (?, ?)", [mark.consumer, mark.reached]
        )


def _progress(cursor: Any, consumer: str) -> int:
    found = cursor.execute(
        "SELECT last_sequence FROM progress WHERE consumer = ?", [consumer]
    ).fetchall()
    return int(found[0][0]) if found else 0


@contextmanager
def _transaction(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's exceptions into TimeseriesDown and TimeseriesRefused."""
    try:
        yield
    except (duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException) as error:
        kind = TimeseriesRefused if _NO_DATABASE in str(error) else TimeseriesDown
        raise kind(_said(error)) from error
    except duckdb.Error as error:
        raise TimeseriesRefused(_said(error)) from error


def _said(error: Exception) -> str:
    """Return what the driver says, without the rows it repeats."""
    return str(error).splitlines()[0][:MESSAGE_MAX]
