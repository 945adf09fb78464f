"""Puts an exchange together from its parts: the only place that knows everybody.

Twice, from the same parts: `open_rooms` brings machine, rooms and projections to the end of the
journal; around them goes either a sequencer with a thread of its own (a running exchange) or one
that works in the caller's step (a past being simulated, a test with its own clock and disk).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.entropy.system import SystemEntropy
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.app.engines import codec_of
from flowex.app.home import database_path, history_path
from flowex.engine.commit import Committer
from flowex.engine.counters import Counters
from flowex.engine.feed import Feed, batch_of
from flowex.engine.machine import MachineFactory
from flowex.engine.recovery import Followers, Recovered, recover
from flowex.engine.replay import ReplayError, machine_at, refuse_other_rules, replay
from flowex.engine.sequencer import Sequencer
from flowex.engine.snapshot import SnapshotStore, Snapshotter
from flowex.messages.commands import Command
from flowex.ports.clock import Clock
from flowex.ports.database import Database, DatabaseError
from flowex.ports.disk import Disk
from flowex.ports.entropy import Entropy
from flowex.ports.feed import DurableConsumer, FeedBatch, SeededConsumer
from flowex.ports.journal import Journal
from flowex.ports.sequencer import Outcome, Priority, ProcessState, SequencerStopped
from flowex.ports.timeseries import Timeseries, TimeseriesError, TimeseriesRefused
from flowex.services.ledger.service import LedgerService
from flowex.services.market_data.service import MarketDataService
from flowex.services.trading.service import TradingService

SERVICES: Final = ("trading", "market_data", "ledger")
"""The services that keep rows, each with its own migrations."""

SNAPSHOT_EVERY: Final = 50_000
"""Commands between two snapshots."""

SEGMENT_BYTES: Final = 16 << 20
"""A segment is written full of zeros ahead; two of them stand at any time."""

READ_AHEAD_BATCHES: Final = 64
"""So many batches of the journal are read again at once."""

S = TypeVar("S", bound=Sequencer)


@dataclass(frozen=True, slots=True)
class World:
    """What an exchange stands on."""

    disk: Disk
    database: Database
    history: Timeseries
    clock: Clock
    entropy: Entropy
    factory: MachineFactory
    journal: JournalLimits = field(default_factory=lambda: JournalLimits(SEGMENT_BYTES))
    snapshot_every: int = SNAPSHOT_EVERY
    background: bool = True
    """Whether files are made by threads of their own."""
    leave_disk: Callable[[], None] = lambda: None
    """Lets another process have the disk."""

    async def close(self) -> None:
        """Close database and history and let go of the disk."""
        try:
            await self.database.close()
            await self.history.close()
        finally:
            self.leave_disk()


class Door:
    """Stands for the sequencer until there is one: rooms are made before the machine is ready."""

    def __init__(self) -> None:
        """Lead nowhere yet."""
        self.sequencer: Sequencer | None = None

    @property
    def state(self) -> ProcessState:
        """The state of the process."""
        return self.sequencer.state if self.sequencer else ProcessState.STARTING

    def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Awaitable[Outcome]:
        """Pass a command on. Raises SequencerStopped, also before the start."""
        if self.sequencer is None:
            raise SequencerStopped(ProcessState.STARTING.name)
        return self.sequencer.submit(command, priority=priority, deadline=deadline)


@dataclass(slots=True)
class Rooms:
    """The services behind one feed, and the machine they stand at."""

    world: World
    door: Door
    trading: TradingService
    market: MarketDataService
    ledger: LedgerService
    recovered: Recovered

    @property
    def named(self) -> dict[str, TradingService | MarketDataService | LedgerService]:
        """Everybody who follows the feed, by name; the read model first."""
        return {"trading": self.trading, "market_data": self.market, "ledger": self.ledger}

    @property
    def consumers(self) -> Sequence[TradingService | MarketDataService | LedgerService]:
        """Everybody who follows the feed; the read model first."""
        return tuple(self.named.values())

    def sequence(
        self, kind: type[S], on_failure: Callable[[BaseException], None] = lambda _: None
    ) -> S:
        """Return a sequencer of that kind around the machine, to be started by the caller."""
        world = self.world
        committer = Committer(
            self.recovered.machine, self.recovered.journal, world.clock, Counters()
        )
        snapshotter = Snapshotter(
            SnapshotStore(world.disk), every=world.snapshot_every, background=world.background
        )
        sequencer = kind(
            committer,
            Feed(self.consumers),
            snapshotter,
            codec=codec_of(world.factory),
            on_failure=on_failure,
        )
        self.door.sequencer = sequencer
        return sequencer

    async def start(self) -> None:
        """Write what recovery brought, and go on in the background.

        Raises DatabaseError, TimeseriesError.
        """
        for room in self.consumers:
            await room.start()

    async def drain(self) -> None:
        """Return when all rows are durable. Raises DatabaseError, TimeseriesError."""
        for room in self.consumers:
            await room.projector.drain()

    async def stop(self) -> None:
        """Write what is not written; every room stops, then the first error is raised.

        Raises DatabaseError, TimeseriesError. Nothing is lost by it: the next start reads the
        journal.
        """
        failures: list[DatabaseError | TimeseriesError] = []
        for room in self.consumers:
            try:
                await room.stop()
            except (DatabaseError, TimeseriesError) as failure:
                failures.append(failure)
        if failures:
            raise failures[0]


async def open_rooms(
    world: World, on_progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Rooms:
    """Make the rooms and bring them and a machine to the end of the journal.

    ``on_progress`` hears the sequence reached and the last one, maybe on another thread; what it
    raises ends the recovery. Raises JournalError, ReplayError, DatabaseError, TimeseriesError,
    DiskError.
    """
    door, reader = Door(), _JournalReader(world)
    trading = TradingService(door, world.database, reader.batches)
    market = MarketDataService(world.history, world.clock, reader.batches)
    ledger = LedgerService(world.database, reader.batches)
    for room in (trading, market, ledger):
        await room.open()
    seeded: Sequence[SeededConsumer] = (trading, market)
    durable: Sequence[DurableConsumer] = (trading, market, ledger)
    recovery = partial(
        recover,
        world.disk,
        lambda known: _open_journal(world, known),
        world.factory,
        Followers(seeded, durable),
        on_progress,
        codec_of(world.factory),
    )
    # The loop stays free for Ctrl-C: a journal may be long. Nobody else looks at the rooms yet.
    recovered = await asyncio.to_thread(recovery) if world.background else recovery()
    reader.journal = recovered.journal
    return Rooms(world, door, trading, market, ledger, recovered)


def local_world(
    data: Path, factory: MachineFactory, clock: Clock | None = None, timeseries: str = ""
) -> World:
    """Return the world of an exchange on this computer, its tables up to date.

    The markets' history is a file beside them, or in the ClickHouse database of that address.
    Raises ReplayError for one of other rules, before a table is touched; DiskError, DatabaseError,
    TimeseriesError.
    """
    disk = LocalDisk(data)
    try:
        refuse_other_rules(SnapshotStore(disk))
    except ReplayError:
        disk.close()
        raise
    return World(
        disk=disk,
        database=open_database(database_path(data)),
        history=remote_history(timeseries) if timeseries else open_history(history_path(data)),
        clock=clock or SystemClock(),
        entropy=SystemEntropy(),
        factory=factory,
        leave_disk=disk.close,
    )


def open_database(path: Path) -> Database:
    """Return the database in that file, after bringing its tables up to date."""
    database: Any = import_module("flowex.adapters.database.sqlite").SqliteDatabase(path)
    schema = import_module("flowex.adapters.database.schema")
    for service in SERVICES:
        package = import_module(f"flowex.services.{service}.migrations")
        migrations = Path(str(package.__file__)).parent
        if not schema.is_current(database.engine, service, migrations):
            # Alembic takes a while to load, so only a database that needs it pays.
            import_module("flowex.adapters.database.upgrade").upgrade(
                database.engine, service, migrations
            )
    opened: Database = database
    return opened


def open_history(path: Path) -> Timeseries:
    """Return the markets' history in that file. Raises TimeseriesError."""
    adapter: Any = import_module("flowex.adapters.timeseries.duckdb")
    opened: Timeseries = adapter.DuckdbTimeseries(path)
    return opened


def remote_history(address: str) -> Timeseries:
    """Return the history in ``clickhouse://user:word@host:port/database``. Raises TimeseriesError.

    A build without the extra `clickhouse` cannot.
    """
    server, _, database = address.rpartition("/")
    try:
        adapter: Any = import_module("flowex.adapters.timeseries.clickhouse")
    except ModuleNotFoundError as error:
        raise TimeseriesRefused(
            "ClickHouse needs its client: pip install 'flowex-exchange[clickhouse]'"
        ) from error
    opened: Timeseries = adapter.connect(server, database)
    return opened


def _open_journal(world: World, known_sequence: int) -> Journal:
    return FileJournal.open(
        world.disk,
        known_sequence=known_sequence,
        limits=world.journal,
        background=world.background,
    )


class _JournalReader:
    """Reads the feed again from the journal, on a machine and a thread of its own."""

    def __init__(self, world: World) -> None:
        """Read in that world, once there is a journal."""
        self._world = world
        self.journal: Journal | None = None

    async def batches(self, first_sequence: int) -> AsyncIterator[FeedBatch]:
        """Yield the batches from the one that begins with that sequence on."""
        feed = self._feed(first_sequence)
        while some := await asyncio.to_thread(lambda: list(islice(feed, READ_AHEAD_BATCHES))):
            for batch in some:
                yield batch

    def _feed(self, first_sequence: int) -> Iterator[FeedBatch]:
        assert self.journal is not None, "nobody falls behind before recovery is over"
        world, journal = self._world, self.journal
        store = SnapshotStore(world.disk)
        machine = machine_at(store, world.factory, journal, world.disk, first_sequence - 1)
        for frame, events in replay(machine, journal, world.disk):
            yield batch_of(frame, events, codec_of(world.factory))
