"""Rows made from the feed, exactly once; used by trading, market data and the ledger.

A `Projection` is a room's knowledge of which rows an event makes. A `Projector` feeds it, writes
its rows together with the sequence they reach, and skips what is already there::

    feed -> Projector.apply -> Projection.advance (memory, at once)
                            -> Projection.collect (rows, in memory)  -> now and then one transaction

The feed never waits. When the database is so slow that more than ``PENDING_ROWS_MAX`` rows wait,
they are forgotten and the projector reads the journal again from where the database stands, on a
second projection of its own, until it has met the feed.

    ProjectionBehindError    there are commands the database does not know and no journal to read
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, Protocol

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, Table, select

from flowex.ports.database import (
    Database,
    DatabaseDown,
    DatabaseRefused,
    Reader,
    Transaction,
)
from flowex.ports.feed import FeedBatch

FLUSH_SECONDS: Final = 1.0
"""How long rows gather before they are written: a short-lived order costs one row, not three."""

FLUSH_ROWS: Final = 16_000
"""So many rows are written at once, without waiting."""

PENDING_ROWS_MAX: Final = 200_000
"""More rows than this do not wait in memory: the projection falls behind and catches up."""

RETRY_SECONDS: Final = 1.0
"""How long to wait before a failed transaction is tried again."""

_PROGRESS_ID: Final = 1
_LOG: Final = logging.getLogger(__name__)

Work = Callable[[Transaction], None]


class ProjectionBehindError(Exception):
    """There are commands the database does not know and no journal to read them from."""


CatchUp = Callable[[int], AsyncIterator[FeedBatch]]
"""Reads the feed again: the batches from the one that begins with that sequence on."""


class Projection(Protocol):
    """What a room keeps of the feed."""

    @property
    def name(self) -> str:
        """The service's name, for people."""
        ...

    @property
    def progress(self) -> Table:
        """The service's table made by `progress_table`."""
        ...

    @property
    def pending(self) -> int:
        """How many rows are collected and not taken."""
        ...

    def advance(self, batch: FeedBatch) -> None:
        """Bring the memory that rows are made from to the end of the batch."""
        ...

    def collect(self, batch: FeedBatch) -> None:
        """Keep the rows of the batch just advanced through."""
        ...

    def take(self) -> Work:
        """Return what writes the collected rows, and collect anew."""
        ...

    def written(self) -> None:
        """Hear that what was taken last is durable."""
        ...

    def drop(self) -> None:
        """Forget the collected rows."""
        ...

    async def open(self, sequence: int) -> None:
        """Load from the service's own rows, which reach the sequence, what the next ones need."""
        ...

    def twin(self) -> "Projection":
        """Return a second projection, to be opened and to go on from the rows, without a seed."""
        ...


def progress_table(service: str, metadata: MetaData) -> Table:
    """Return the table that holds how far the service's rows reach, in its single row."""
    return Table(
        f"{service}_progress",
        metadata,
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        Column("last_sequence", BigInteger, nullable=False),
    )


def last_sequence(reader: Reader, progress: Table) -> int:
    """Return the sequence the service's rows reach; 0 when there are none."""
    found = reader.rows(select(progress.c.last_sequence))
    return int(found[0][0]) if found else 0


class Projector:
    """Feeds one projection and writes its rows."""

    def __init__(
        self, database: Database, projection: Projection, catch_up: CatchUp | None = None
    ) -> None:
        """Make a projector that stands nowhere yet; see ``open``."""
        self._database = database
        self._projection = projection
        self._catch_up = catch_up
        self._durable = 0
        self._taken = 0
        self._collected = 0
        self._live = 0
        self._is_behind = False
        self._is_stopping = False
        self._failure: Exception | None = None
        self._unwritten: Work | None = None
        self._full = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def last_sequence(self) -> int:
        """The sequence that the rows reach, written or collected."""
        return self._collected

    @property
    def durable_sequence(self) -> int:
        """The sequence that the rows in the database reach."""
        return self._durable

    @property
    def lag(self) -> int:
        """How many commands of the feed the database does not know yet."""
        return max(0, self._live - self._durable)

    @property
    def failure(self) -> Exception | None:
        """Why the projector stopped writing for good, if it did."""
        return self._failure

    async def open(self) -> None:
        """Learn where the database stands and load what lies there. Raises DatabaseError."""
        progress = self._projection.progress
        self._durable = await self._database.read(lambda reader: last_sequence(reader, progress))
        await self._projection.open(self._durable)
        self._taken = self._collected = self._live = self._durable

    async def start(self) -> None:
        """Write what recovery brought, then begin to write now and then. Raises DatabaseError."""
        await self.drain()
        self._task = asyncio.create_task(self._run(), name=f"projector-{self._projection.name}")

    async def stop(self) -> None:
        """Write what is collected and stop. Raises DatabaseError."""
        self._is_stopping = True
        self._full.set()
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await self._task
        if not self._is_behind and self._failure is None:
            await self._flush()

    async def drain(self) -> None:
        """Return when the database knows all that was applied before. Raises DatabaseError."""
        if self._is_behind:
            await self._meet_the_feed()
        else:
            await self._flush()

    def apply(self, batch: FeedBatch) -> None:
        """Take the next batch of the feed; one that was taken before changes nothing."""
        projection = self._projection
        projection.advance(batch)
        self._live = batch.last_sequence
        if self._is_behind or batch.last_sequence <= self._collected:
            return
        if batch.first_sequence != self._collected + 1:
            self._fall_behind()
            return
        projection.collect(batch)
        self._collected = batch.last_sequence
        if projection.pending >= FLUSH_ROWS:
            self._full.set()
            if projection.pending > PENDING_ROWS_MAX:
                self._fall_behind()

    def _fall_behind(self) -> None:
        _LOG.warning("%s: %d commands behind", self._projection.name, self.lag)
        self._projection.drop()
        self._collected = self._taken
        self._is_behind = True

    async def _run(self) -> None:
        while not self._is_stopping:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), FLUSH_SECONDS)
            self._full.clear()
            try:
                if not self._is_behind:
                    await self._flush()
                elif self._catch_up is not None:
                    await self._meet_the_feed(lambda: self._is_stopping)
            except DatabaseDown:
                await self._sleep_before_retry()
            except Exception as error:  # noqa: BLE001 - trading goes on; lag and failure tell of it
                self._give_up(error)
                return

    def _give_up(self, error: Exception) -> None:
        _LOG.error("%s: writing stopped", self._projection.name, exc_info=error)
        self._failure = error
        self._fall_behind()

    async def _sleep_before_retry(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._full.wait(), RETRY_SECONDS)

    async def _flush(self) -> None:
        """Write all that is collected, in one transaction."""
        async with self._flushing:
            await self._write_taken()
            if self._collected > self._durable:
                self._unwritten = self._projection.take()
                self._taken = self._collected
                await self._write_taken()

    async def _write_taken(self) -> None:
        """Write what was taken and is not durable; when it fails it stays, to be tried again."""
        if self._unwritten is not None:
            await self._write(self._unwritten, self._taken)
            self._unwritten = None
            self._projection.written()

    async def _write(self, work: Work, reached: int) -> None:
        expected, progress = self._durable, self._projection.progress

        def transact(transaction: Transaction) -> None:
            found = last_sequence(transaction, progress)
            if found == reached:
                return  # It was durable after all when the last try seemed to fail.
            if found != expected:
                raise DatabaseRefused(f"{progress.name} is at {found}, not {expected}: who wrote?")
            work(transaction)
            transaction.upsert(progress, [(_PROGRESS_ID, reached)])

        await self._database.write(transact)
        self._durable = reached

    async def _meet_the_feed(self, is_unwanted: Callable[[], bool] = lambda: False) -> None:
        """Read the journal on a second projection until the database knows what the feed knows.

        Ends early, with what was read so far written, when it becomes unwanted: the journal may be
        long, a stop must not be, and the next start goes on from there.
        """
        if self._catch_up is None:
            raise ProjectionBehindError(f"{self._projection.name}: {self.lag} commands behind")
        async with self._flushing:
            await self._write_taken()
            twin = self._projection.twin()
            await twin.open(self._durable)
            reached = self._durable
            async for batch in self._catch_up(reached + 1):
                assert batch.first_sequence == reached + 1, "the replay has a gap"
                twin.advance(batch)
                twin.collect(batch)
                reached = batch.last_sequence
                if twin.pending >= FLUSH_ROWS or reached >= self._live:
                    await self._write_twin(twin, reached)
                    if self._durable >= self._live:
                        break
                if is_unwanted():
                    break
            if reached > self._durable:
                await self._write_twin(twin, reached)
            self._taken = self._collected = self._durable
            self._is_behind = self._durable < self._live

    async def _write_twin(self, twin: Projection, reached: int) -> None:
        await self._write(twin.take(), reached)
        twin.written()
