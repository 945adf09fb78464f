"""Rows made from the feed, exactly once; used by trading, market data and the ledger.

A `Projection` is a room's knowledge of which rows an event makes. A `Projector` feeds it, writes
its rows together with the sequence they reach, and skips what is already there. Where the rows lie
is a `RowStore`: the tables of a database, the history of the markets::

    feed -> Projector.apply -> Projection.advance (memory, at once)
                            -> Projection.collect (rows, in memory)  -> now and then one transaction

The feed never waits. When the store is so slow that more than ``PENDING_ROWS_MAX`` rows wait,
they are forgotten and the projector reads the journal again from where the rows end, on a second
projection of its own, until it has met the feed.

    ProjectionBehindError    there are commands the rows do not tell of and no journal to read
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, Table, select

from flowex.ports.database import (
    Database,
    DatabaseDown,
    DatabaseRefused,
    Reader,
    Transaction,
)
from flowex.ports.feed import FeedBatch
from flowex.ports.timeseries import TimeseriesDown

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

_Outage: Final = (DatabaseDown, TimeseriesDown)

Work = Callable[[Transaction], None]
"""Rows of tables: what writes them."""

Rows = TypeVar("Rows")
RowsIn_contra = TypeVar("RowsIn_contra", contravariant=True)
RowsOut_co = TypeVar("RowsOut_co", covariant=True)


class ProjectionBehindError(Exception):
    """There are commands the rows do not tell of and no journal to read them from."""


CatchUp = Callable[[int], AsyncIterator[FeedBatch]]
"""Reads the feed again: the batches from the one that begins with that sequence on."""


class RowStore(Protocol[RowsIn_contra]):
    """Where the rows of one projection lie, together with the sequence they reach."""

    async def progress(self) -> int:
        """Return the sequence the rows reach; 0 when there are none. Raises what the store does."""
        ...

    async def write(self, rows: RowsIn_contra, expected: int, reached: int) -> None:
        """Write rows that lead from one sequence to another; rows that are there change nothing.

        Raises DatabaseDown or TimeseriesDown where the same may be tried again, and DatabaseRefused
        or TimeseriesRefused where it may not, as when somebody else wrote.
        """
        ...


class Projection(Protocol[RowsOut_co]):
    """What a room keeps of the feed."""

    @property
    def name(self) -> str:
        """The service's name, for people."""
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

    def take(self) -> RowsOut_co:
        """Return the collected rows, and collect anew."""
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

    def twin(self) -> "Projection[RowsOut_co]":
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


class DatabaseRows:
    """The tables of one service, and the one made by `progress_table`."""

    def __init__(self, database: Database, progress: Table) -> None:
        """Write to that database."""
        self._database = database
        self._progress = progress

    async def progress(self) -> int:
        """Return the sequence the tables reach. Raises DatabaseError."""
        return await self._database.read(lambda reader: last_sequence(reader, self._progress))

    async def write(self, rows: Work, expected: int, reached: int) -> None:
        """Write rows and sequence in one transaction. Raises DatabaseError."""
        progress = self._progress

        def transact(transaction: Transaction) -> None:
            found = last_sequence(transaction, progress)
            if found == reached:
                return  # It was durable after all when the last try seemed to fail.
            if found != expected:
                raise DatabaseRefused(f"{progress.name} is at {found}, not {expected}: who wrote?")
            rows(transaction)
            transaction.upsert(progress, [(_PROGRESS_ID, reached)])

        await self._database.write(transact)


class Projector(Generic[Rows]):
    """Feeds one projection and writes its rows."""

    def __init__(
        self,
        store: RowStore[Rows],
        projection: Projection[Rows],
        catch_up: CatchUp | None = None,
    ) -> None:
        """Make a projector that stands nowhere yet; see ``open``."""
        self._store = store
        self._projection = projection
        self._catch_up = catch_up
        self._durable = 0
        self._taken = 0
        self._collected = 0
        self._live = 0
        self._is_behind = False
        self._is_stopping = False
        self._failure: Exception | None = None
        self._unwritten: Rows | None = None
        self._full = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def last_sequence(self) -> int:
        """The sequence that the rows reach, written or collected."""
        return self._collected

    @property
    def durable_sequence(self) -> int:
        """The sequence that the durable rows reach."""
        return self._durable

    @property
    def lag(self) -> int:
        """How many commands of the feed the durable rows do not tell of yet."""
        return max(0, self._live - self._durable)

    @property
    def is_behind(self) -> bool:
        """Whether rows were forgotten, so that there are some in neither memory nor store."""
        return self._is_behind

    @property
    def failure(self) -> Exception | None:
        """Why the projector stopped writing for good, if it did."""
        return self._failure

    async def open(self) -> None:
        """Learn where the rows end and load what they tell. Raises what the store does."""
        self._durable = await self._store.progress()
        await self._projection.open(self._durable)
        self._taken = self._collected = self._live = self._durable

    async def start(self) -> None:
        """Write what recovery brought, then begin to write now and then. Raises as the store."""
        await self.drain()
        self._task = asyncio.create_task(self._run(), name=f"projector-{self._projection.name}")

    async def stop(self) -> None:
        """Write what is collected and stop. Raises what the store does."""
        self._is_stopping = True
        self._full.set()
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await self._task
        if not self._is_behind and self._failure is None:
            await self._flush()

    async def drain(self) -> None:
        """Return when the rows tell all that was applied before. Raises what the store does."""
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
            except _Outage:
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
        """Write all that is collected, at once."""
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

    async def _write(self, rows: Rows, reached: int) -> None:
        await self._store.write(rows, self._durable, reached)
        self._durable = reached

    async def _meet_the_feed(self, is_unwanted: Callable[[], bool] = lambda: False) -> None:
        """Read the journal on a second projection until the rows tell what the feed told.

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

    async def _write_twin(self, twin: Projection[Rows], reached: int) -> None:
        await self._write(twin.take(), reached)
        twin.written()
