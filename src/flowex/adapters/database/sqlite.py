"""The database port on one SQLite file: write-ahead log, every commit synced.

One writer thread takes everything that was asked for while its last transaction ran and commits it
at once (each work in its own savepoint, so that a refused one harms no other). Readers have a
connection each and see what was committed before they began.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event

from flowex.adapters.database.bulk import insert_text, pieces
from flowex.adapters.database.failures import translated
from flowex.ports.database import DatabaseDown, Reader, Row, Transaction

READERS_MAX: Final = 2
"""Threads and connections for queries."""

QUEUE_MAX: Final = 1_000
"""Works that may wait for the writer."""

BUSY_SECONDS_MAX: Final = 5
"""How long to wait for another process that holds the file."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA cache_size=-16000",
)

T = TypeVar("T")
Work = Callable[[Transaction], Any]


class SqliteDatabase:
    """A SQLite file behind the database port; every method but ``close`` any number of times."""

    def __init__(self, path: Path) -> None:
        """Open the file, which is made for its owner's eyes alone; the folder must exist."""
        with suppress(OSError):  # What is wrong with the path is told at the first use.
            path.touch(mode=0o600)
        self._engines = (_engine(path, "BEGIN IMMEDIATE"), _engine(path, "BEGIN"))
        self._writer = ThreadPoolExecutor(1, "database-writer")
        self._readers = ThreadPoolExecutor(READERS_MAX, "database-reader")
        self._queue: deque[tuple[Work, Future[Any]]] = deque()  # bounded: by QUEUE_MAX in write
        self._texts: dict[tuple[str, int, bool], str] = {}
        self._is_closed = False

    @property
    def engine(self) -> Engine:
        """The engine that writes, for upgrades before anyone else uses the file."""
        return self._engines[0]

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run the work on a view of all that was written before. Raises DatabaseError."""
        self._check_open()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run the work and return when it is durable. Raises DatabaseError."""
        self._check_open()
        if len(self._queue) >= QUEUE_MAX:
            raise DatabaseDown("too many writes are waiting")
        future: Future[T] = Future()
        self._queue.append((work, future))
        self._writer.submit(self._drain)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Finish the work under way and close; later calls raise DatabaseDown."""
        self._is_closed = True
        await asyncio.to_thread(self._shut)

    def _check_open(self) -> None:
        if self._is_closed:
            raise DatabaseDown("the database is closed")

    def _shut(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        for engine in self._engines:
            engine.dispose()

    def _read(self, work: Callable[[Reader], T]) -> T:
        with translated(), self._engines[1].begin() as connection:
            return work(_Transaction(connection, self._texts))

    def _drain(self) -> None:
        """Run all that waits in one transaction; on the writer's thread."""
        taken = [
            (work, future)
            for work, future in (self._queue.popleft() for _ in range(len(self._queue)))
            if future.set_running_or_notify_cancel()
        ]
        if not taken:
            return
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with translated(), self._engines[0].begin() as connection:
                transaction = _Transaction(connection, self._texts)
                for work, future in taken:
                    answers.append((future, *_attempt(connection, transaction, work)))
        except Exception as error:  # noqa: BLE001 - every waiting caller must hear of it
            answers = [(future, None, error) for _, future in taken]
        for future, answer, failure in answers:
            if failure is None:
                future.set_result(answer)
            else:
                future.set_exception(failure)


class _Transaction:
    """Rows in and out of an open connection."""

    __slots__ = ("_connection", "_texts")

    def __init__(self, connection: Connection, texts: dict[tuple[str, int, bool], str]) -> None:
        self._connection = connection
        self._texts = texts

    def rows(self, query: Select[Any]) -> list[Row]:
        with translated():
            return [tuple(row) for row in self._connection.execute(query).all()]

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        self._bulk(table, rows, upsert=False)

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        self._bulk(table, rows, upsert=True)

    def _bulk(self, table: Table, rows: Sequence[Row], *, upsert: bool) -> None:
        with translated():
            for count, values in pieces(table, rows):
                key = (table.name, count, upsert)
                text = self._texts.get(key)
                if text is None:
                    dialect = self._connection.dialect
                    text = insert_text(table, dialect, count, upsert=upsert)
                    self._texts[key] = text
                self._connection.exec_driver_sql(text, values)


def _attempt(
    connection: Connection, transaction: Transaction, work: Work
) -> tuple[Any, BaseException | None]:
    try:
        with connection.begin_nested():
            return work(transaction), None
    except DatabaseDown:
        raise
    except Exception as error:  # noqa: BLE001 - it is handed to the caller who waits for it
        return None, error


def _engine(path: Path, begin: str) -> Engine:
    """Return an engine that begins its transactions itself.

    Python's driver would begin them too late to give a query one consistent view.
    """
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=READERS_MAX,
        connect_args={"timeout": BUSY_SECONDS_MAX, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
