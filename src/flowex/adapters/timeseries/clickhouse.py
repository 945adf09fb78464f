"""The timeseries port on ClickHouse, over its HTTP interface.

ClickHouse has no transactions. So a row can be written twice without harm (the tables keep the
latest of the same key, and questions look at no other), the rows of a batch go first and its mark
after them, and every row knows the mark it was written for: what never reached its mark is taken
away when its consumer asks how far it came.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, OperationalError
from clickhouse_connect.driver.exceptions import Error as DriverError

from flowex.adapters.timeseries import rows
from flowex.adapters.timeseries.rows import Condition
from flowex.ports.market_data import AggregateTrade, Kline
from flowex.ports.timeseries import (
    BATCH_ROWS_MAX,
    LIMIT_MAX,
    Bounds,
    Mark,
    RecordedTrade,
    TimeseriesBatch,
    TimeseriesDown,
    TimeseriesRefused,
)

READERS_MAX: Final = 4
"""Threads for questions, with a connection each."""

CONNECT_SECONDS_MAX: Final = 5
ANSWER_SECONDS_MAX: Final = 30
"""How long the server may take."""

MESSAGE_MAX: Final = 300
"""So many characters of an error are told."""

SCHEMA: Final = 1
"""What the tables below are called; a database of another number is refused."""

_PASSING_CODES: Final = frozenset((159, 164, 202, 209, 210, 241, 242, 243, 252, 319, 425, 473, 999))
"""Errors that pass: timeouts, read-only, too much at once, no memory, no space, lost comrades."""

_NO_MARK: Final = Mark("", 0, 0)

_SYNCED: Final = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"

_TABLES: Final = (
    f"""CREATE TABLE IF NOT EXISTS trades (
        instrument Int64, trade Int64 CODEC(Delta, ZSTD), aggregate Int64 CODEC(Delta, ZSTD),
        price Int64 CODEC(Delta, ZSTD), quantity Int64, time Int64 CODEC(Delta, ZSTD),
        buyer_is_maker UInt8, buyer_order Int64, seller_order Int64,
        consumer LowCardinality(String), reached Int64, version UInt64,
        INDEX by_time time TYPE minmax GRANULARITY 1,
        INDEX by_aggregate aggregate TYPE minmax GRANULARITY 1
    ) ENGINE = ReplacingMergeTree(version) ORDER BY (instrument, trade) {_SYNCED}""",
    f"""CREATE TABLE IF NOT EXISTS candles (
        instrument Int64, interval_us Int64, open_time Int64 CODEC(Delta, ZSTD),
        open_price Int64, high_price Int64, low_price Int64, close_price Int64, volume Int128,
        quote_volume Int128, trades Int64, taker_buy_volume Int128, taker_buy_quote_volume Int128,
        first_trade Int64, last_trade Int64,
        consumer LowCardinality(String), reached Int64, version UInt64
    ) ENGINE = ReplacingMergeTree(version) ORDER BY (instrument, interval_us, open_time) {_SYNCED}
    """,
    f"""CREATE TABLE IF NOT EXISTS progress (consumer String, last_sequence Int64)
    ENGINE = ReplacingMergeTree(last_sequence) ORDER BY consumer {_SYNCED}""",
    f"""CREATE TABLE IF NOT EXISTS schema (number Int64)
    ENGINE = ReplacingMergeTree ORDER BY number {_SYNCED}""",
)

_TYPES: Final = {"buyer_is_maker": "UInt8"} | dict.fromkeys(rows.SUMS, "Int128")

_HALVES: Final = (
    "toUInt64(bitAnd({}, toInt128(18446744073709551615)))",
    "toInt64(bitShiftRight({}, 64))",
)
_TRADE: Final = ", ".join(rows.TRADE_COLUMNS)
_CANDLE: Final = rows.candle_select(*_HALVES)
_FOLDED: Final = rows.folded_select(
    "{start:Int64} + intDiv(open_time - {start:Int64}, {width:Int64}) * {width:Int64}",
    *_HALVES,
    "argMin",
    "argMax",
)

T = TypeVar("T")


def connect(url: str, database: str) -> "ClickhouseTimeseries":
    """Return the history in that database of a server such as ``clickhouse://user:word@host:8123``.

    Raises TimeseriesError.
    """
    return ClickhouseTimeseries(
        lambda: get_client(
            dsn=url,
            database="default",
            autogenerate_session_id=False,
            connect_timeout=CONNECT_SECONDS_MAX,
            send_receive_timeout=ANSWER_SECONDS_MAX,
        ),
        database,
    )


class ClickhouseTimeseries:
    """A database of ClickHouse behind the timeseries port."""

    def __init__(self, connect: Callable[[], Client], database: str) -> None:
        """Open the database, which is made if need be. Raises TimeseriesError."""
        assert database.isidentifier(), "a database is named by letters, digits and underscores"
        self._connect = connect
        self._database = database
        self._writer = ThreadPoolExecutor(1, "timeseries-writer")
        self._readers = ThreadPoolExecutor(READERS_MAX, "timeseries-reader")
        self._threads = threading.local()
        self._clients: list[Client] = []  # bounded: one for each thread
        self._is_closed = False
        self._version = self._writer.submit(self._prepare).result()

    async def progress(self, consumer: str) -> int:
        """Return the sequence the consumer's rows reach. Raises TimeseriesError."""
        return await self._run(self._writer, lambda: self._settled(consumer))

    async def write(self, batch: TimeseriesBatch, mark: Mark | None = None) -> None:
        """Write the rows of a batch, then its mark. Raises TimeseriesError."""
        assert len(batch.trades) + len(batch.candles) <= BATCH_ROWS_MAX, "a batch is too large"
        await self._run(self._writer, lambda: self._write(batch, mark))

    async def instruments(self) -> list[int]:
        """Return the numbers of those that have a history, rising. Raises TimeseriesError."""
        text = (
            "SELECT DISTINCT instrument FROM candles UNION DISTINCT "
            "SELECT DISTINCT instrument FROM trades"
        )
        found = await self._read(text, {})
        return sorted(instrument for (instrument,) in found)

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
        where = [
            Condition("instrument", "=", instrument),
            Condition("interval_us", "=", interval),
            *rows.between("open_time", start_time, end_time),
        ]
        key = ("instrument", "interval_us", "open_time")
        found = await self._rows(_CANDLE, "candles", where, key, limit, newest=newest)
        return rows.candles_of(found, interval)

    async def folded(
        self, instrument: int, interval: int, width: int, *, start_time: int, end_time: int
    ) -> list[Kline]:
        """Return candles put together to longer ones. Raises TimeseriesError."""
        assert end_time - start_time < LIMIT_MAX * width, rows.TOO_MANY
        text = (
            f"SELECT {_FOLDED} FROM candles FINAL "  # noqa: S608 - names of this module.
            "WHERE instrument = {instrument:Int64} AND interval_us = {interval:Int64} "
            "AND open_time BETWEEN {start:Int64} AND {end:Int64} GROUP BY bucket ORDER BY bucket"
        )
        values = {
            "instrument": instrument,
            "interval": interval,
            "width": width,
            "start": start_time,
            "end": end_time,
        }
        return rows.candles_of(await self._read(text, values), width)

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
        where = [
            Condition("instrument", "=", instrument),
            *rows.between("trade", from_trade, to_trade),
            *rows.between("time", start_time, end_time),
        ]
        key = ("instrument", "trade")
        found = await self._rows(_TRADE, "trades", where, key, limit, newest=newest)
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

        def page(size: int) -> list[RecordedTrade]:
            text, values = _question(_TRADE, "trades", where, ("instrument", "trade"), size, newest)
            found = self._ask(text, values)
            return [rows.trade_of(row) for row in (found[::-1] if newest else found)]

        return await self._run(self._readers, lambda: rows.aggregates(page, limit, newest=newest))

    async def bounds(self, instrument: int) -> Bounds:
        """Return how far the instrument's history reaches. Raises TimeseriesError."""
        first = await self.trades(instrument, limit=1)
        last = await self.trades(instrument, limit=1, newest=True)
        text = (
            "SELECT interval_us, min(open_time) FROM candles "
            "WHERE instrument = {instrument:Int64} GROUP BY interval_us"
        )
        openings = await self._read(text, {"instrument": instrument})
        return Bounds(
            first[0] if first else None,
            last[0] if last else None,
            {int(interval): int(opened) for interval, opened in openings},
        )

    async def close(self) -> None:
        """Finish the work under way and close; later calls raise TimeseriesDown."""
        self._is_closed = True
        await asyncio.to_thread(self._shut)

    async def _run(self, where: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise TimeseriesDown("the history is closed")
        return await asyncio.get_running_loop().run_in_executor(where, work)

    async def _read(self, text: str, values: Mapping[str, int]) -> Sequence[rows.Row]:
        return await self._run(self._readers, lambda: self._ask(text, values))

    async def _rows(
        self,
        columns: str,
        table: str,
        where: Iterable[Condition],
        key: Sequence[str],
        limit: int,
        *,
        newest: bool,
    ) -> Sequence[rows.Row]:
        """Return rows by rising key."""
        assert 0 < limit <= LIMIT_MAX, rows.TOO_MANY
        found = await self._read(*_question(columns, table, where, key, limit, newest))
        return found[::-1] if newest else found

    def _ask(self, text: str, values: Mapping[str, int | str]) -> Sequence[rows.Row]:
        with _translated():
            return self._client().query(text, parameters=dict(values)).result_rows

    def _client(self) -> Client:
        """Return this thread's client."""
        client: Client | None = getattr(self._threads, "client", None)
        if client is None:
            client = self._connect()
            self._clients.append(client)
            self._threads.client = client
            client.database = self._database
        return client

    def _prepare(self) -> int:
        """Make the tables; return the version of what is written last."""
        with _translated():
            first = self._connect()
            first.command(f"CREATE DATABASE IF NOT EXISTS {self._database}")
            first.close()
            client = self._client()
            for text in _TABLES:
                client.command(text)
            if not self._ask("SELECT number FROM schema", {}):
                self._insert("schema", [[SCHEMA]], {"number": "Int64"})
        if {number for (number,) in self._ask("SELECT number FROM schema", {})} != {SCHEMA}:
            raise TimeseriesRefused(f"{self._database} was written by another version of FlowEx")
        found = self._ask(
            "SELECT greatest((SELECT max(version) FROM trades), "
            "(SELECT max(version) FROM candles))",
            {},
        )
        return int(found[0][0])

    def _progress(self, consumer: str) -> int:
        found = self._ask(
            "SELECT max(last_sequence) FROM progress WHERE consumer = {consumer:String}",
            {"consumer": consumer},
        )
        return int(found[0][0])

    def _settled(self, consumer: str) -> int:
        """Return how far a consumer came, after taking away what it wrote beyond."""
        reached = self._progress(consumer)
        self._forget(consumer, reached)
        return reached

    def _forget(self, consumer: str, reached: int) -> None:
        values: dict[str, int | str] = {"consumer": consumer, "reached": reached}
        where = "WHERE consumer = {consumer:String} AND reached > {reached:Int64}"
        for table in ("trades", "candles"):
            if self._ask(f"SELECT 1 FROM {table} {where} LIMIT 1", values):  # noqa: S608
                with _translated():
                    text = f"DELETE FROM {table} {where}"  # noqa: S608 - names of this module.
                    self._client().command(text, parameters=values)

    def _write(self, batch: TimeseriesBatch, mark: Mark | None) -> None:
        if mark is not None:
            found = self._progress(mark.consumer)
            if found == mark.reached:
                return  # It was durable when the last try seemed to fail.
            if found != mark.expected:
                raise TimeseriesRefused(
                    f"the history of {mark.consumer} is at {found}, not {mark.expected}: who wrote?"
                )
        self._version += 1
        written_for = mark or _NO_MARK
        try:
            if batch.trades:
                self._put(
                    "trades", rows.TRADE_COLUMNS, rows.trade_columns(batch.trades), written_for
                )
            if batch.candles:
                columns = rows.candle_columns(batch.candles)
                self._put("candles", rows.CANDLE_COLUMNS, columns, written_for)
        except TimeseriesRefused:
            if mark is not None:
                with suppress(TimeseriesDown):
                    self._forget(mark.consumer, mark.expected)
            raise
        if mark is not None:
            self._insert(
                "progress",
                [[mark.consumer], [mark.reached]],
                {"consumer": "String", "last_sequence": "Int64"},
            )

    def _put(
        self, table: str, names: Sequence[str], columns: Sequence[rows.Column], mark: Mark
    ) -> None:
        """Write rows, each with the mark it is for and the version that tells which is later."""
        count = len(columns[0])
        types = {name: _TYPES.get(name, "Int64") for name in names}
        types |= {"consumer": "LowCardinality(String)", "reached": "Int64", "version": "UInt64"}
        tags: list[rows.Column] = [
            [mark.consumer] * count,
            [mark.reached] * count,
            [self._version] * count,
        ]
        self._insert(table, [*columns, *tags], types)

    def _insert(self, table: str, columns: Sequence[rows.Column], types: Mapping[str, str]) -> None:
        with _translated():
            self._client().insert(
                table,
                columns,
                column_names=list(types),
                column_type_names=list(types.values()),
                database=self._database,
                column_oriented=True,
            )

    def _shut(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        for client in self._clients:
            client.close()


def _question(
    columns: str,
    table: str,
    where: Iterable[Condition],
    key: Sequence[str],
    limit: int,
    newest: bool,  # noqa: FBT001 - it is passed on as it came.
) -> tuple[str, dict[str, int]]:
    """Return the text of a question and its values."""
    conditions = list(where)
    text = " AND ".join(
        f"{one.column} {one.comparison} {{v{number}:Int64}}"
        for number, one in enumerate(conditions)
    )
    order = ", ".join(f"{column} DESC" if newest else column for column in key)
    return (
        f"SELECT {columns} FROM {table} FINAL WHERE {text} ORDER BY {order} LIMIT {limit}",  # noqa: S608
        {f"v{number}": one.value for number, one in enumerate(conditions)},
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's exceptions into TimeseriesDown and TimeseriesRefused."""
    try:
        yield
    except (DataError, OverflowError) as error:
        raise TimeseriesRefused(_said(error)) from error
    except OperationalError as error:
        raise TimeseriesDown(_said(error)) from error
    except DriverError as error:
        kind = TimeseriesDown if error.code in _PASSING_CODES else TimeseriesRefused
        raise kind(_said(error)) from error
    except ClickHouseError as error:
        raise TimeseriesRefused(_said(error)) from error


def _said(error: Exception) -> str:
    """Return the first line of what the driver says."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:MESSAGE_MAX]
