"""Rows are made exactly once, through restarts, crashes, slow and absent databases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Any

import histories
import pytest
from databases import opened
from feeds import ACCOUNTS, FRAMES, Exchange, place, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from waiting import eventually

from flowex.adapters.clock.system import SystemClock
from flowex.messages.enums import Side
from flowex.messages.state import StateRecord
from flowex.ports.database import Database, DatabaseDown, DatabaseRefused, Reader, Row
from flowex.ports.feed import FeedBatch
from flowex.ports.sequencer import Sequencer
from flowex.ports.timeseries import Timeseries
from flowex.services.ledger import store as ledger_store
from flowex.services.ledger.projection import Ledger
from flowex.services.ledger.service import LedgerService
from flowex.services.market_data.service import MarketDataService
from flowex.services.trading import store as trading_store
from flowex.services.trading.history import History
from flowex.services.trading.service import TradingService
from flowex.toolkit import projection
from flowex.toolkit.projection import CatchUp, DatabaseRows, ProjectionBehindError, Projector

Service = TradingService | MarketDataService | LedgerService
TABLES = [
    *trading_store.METADATA.sorted_tables,
    *ledger_store.METADATA.sorted_tables,
]
UNUSED: Sequencer = None  # type: ignore[assignment]  # these tests send no command
FUNCTION_SCOPED = [HealthCheck.function_scoped_fixture]


def rooms(
    database: Database, history: Timeseries, catch_up: CatchUp | None = None
) -> list[Service]:
    return [
        TradingService(UNUSED, database, catch_up),
        MarketDataService(history, SystemClock(), catch_up),
        LedgerService(database, catch_up),
    ]


@asynccontextmanager
async def both(folder: Path, name: str = "here") -> AsyncIterator[tuple[Database, Timeseries]]:
    """Open a database and a history in a folder of that name."""
    (folder / name).mkdir(exist_ok=True)
    async with (
        opened(folder / name) as database,
        histories.opened("duckdb", folder / name) as known,
    ):
        yield database, known


async def dump_both(database: Database, history: Timeseries) -> dict[str, list[Row]]:
    return await dump(database) | await histories.dump(history)


async def dump(database: Database) -> dict[str, list[Row]]:
    def work(reader: Reader) -> dict[str, list[Row]]:
        return {table.name: sorted(reader.rows(select(table))) for table in TABLES}

    return await database.read(work)


def again(exchange: Exchange) -> CatchUp:
    async def batches(from_sequence: int) -> AsyncIterator[FeedBatch]:
        for batch in exchange.batches:
            if batch.last_sequence >= from_sequence:
                await asyncio.sleep(0)  # As one that reads a file would give way.
                yield batch

    return batches


async def straight(exchange: Exchange, folder: Path) -> dict[str, list[Row]]:
    """Return the tables after one run without an incident."""
    async with both(folder, "straight") as (database, history):
        for service in rooms(database, history):
            await service.open()
            for batch in exchange.batches:
                service.apply(batch)
            await service.stop()
        return await dump_both(database, history)


@settings(max_examples=12, deadline=None, suppress_health_check=FUNCTION_SCOPED)
@given(FRAMES, st.data())
async def test_crashes_and_restarts_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    frames: list,  # type: ignore[type-arg]
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("restarts")
    exchange = Exchange()
    states: list[tuple[int, Sequence[StateRecord]]] = [(0, ())]
    for commands, after in frames:
        exchange.frame(commands, after)
        states.append((exchange.machine.sequence, exchange.state()))
    expected = await straight(exchange, folder)
    stops = data.draw(st.lists(st.integers(0, len(exchange.batches)), max_size=3).map(sorted))
    for stop in [*stops, len(exchange.batches)]:
        # The last life ends in order; the others just end, with or without a last flush.
        flush = stop == len(exchange.batches) or data.draw(st.booleans())
        async with both(folder) as (database, history):
            for service in rooms(database, history):
                await live(service, exchange.batches[:stop], states, flush=flush, data=data)
    async with both(folder) as (database, history):
        assert await dump_both(database, history) == expected


async def live(
    service: Service,
    batches: Sequence[FeedBatch],
    states: Sequence[tuple[int, Sequence[StateRecord]]],
    *,
    flush: bool,
    data: st.DataObject,
) -> None:
    """One life of a room: open, be seeded by some snapshot not after it, follow the journal."""
    await service.open()
    usable = [known for known in states if known[0] <= service.last_sequence]
    begun, state = data.draw(st.sampled_from(usable))
    if begun and not isinstance(service, LedgerService):
        service.seed(state)
    for index, batch in enumerate(batches):
        if batch.first_sequence > begun:
            service.apply(batch)
            service.apply(batch)
            if index == len(batches) // 2:
                await service.projector.drain()
    if flush:
        await service.stop()


@pytest.mark.parametrize("room", [0, 1, 2])
async def test_a_projection_that_falls_behind_reads_the_journal_again(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = busy()
    expected = await straight(exchange, tmp_path)
    monkeypatch.setattr(projection, "PENDING_ROWS_MAX", 3)
    monkeypatch.setattr(projection, "FLUSH_ROWS", 2)
    async with both(tmp_path) as (database, history):
        service = rooms(database, history, again(exchange))[room]
        await service.open()
        await service.start()
        for batch in exchange.batches:
            service.apply(batch)
        lag = service.projector.lag
        await service.stop()
        await service.projector.drain()
        assert lag > 0
        assert service.projector.lag == 0
        found = await dump_both(database, history)
    name = ("trading", "market_data", "ledger")[room]
    for table, rows in found.items():
        if table.startswith(name):
            assert rows == expected[table]


def busy() -> Exchange:
    alice, _, carol, _ = ACCOUNTS
    exchange = Exchange()
    for number in range(40):
        exchange.frame(
            [
                place(alice, Side.BUY, number % 3, 4),
                place(carol, Side.SELL, number % 2, 3),
            ]
        )
    return exchange


async def test_a_stop_does_not_wait_for_the_journal_to_be_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = busy()
    expected = await straight(exchange, tmp_path)
    monkeypatch.setattr(projection, "FLUSH_SECONDS", 0.001)
    monkeypatch.setattr(projection, "PENDING_ROWS_MAX", 3)
    monkeypatch.setattr(projection, "FLUSH_ROWS", 2)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(from_sequence: int) -> AsyncIterator[FeedBatch]:
        async for batch in again(exchange)(from_sequence):
            yield batch
            begun.set()
            await go_on.wait()

    async with opened(tmp_path) as database:
        projector = Projector(
            DatabaseRows(database, ledger_store.PROGRESS), Ledger(database), slowly
        )
        await projector.open()
        await projector.start()
        for batch in exchange.batches:
            projector.apply(batch)
        await eventually(begun.is_set, "the catch-up")
        stopping = asyncio.create_task(projector.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
        assert 0 < projector.durable_sequence < exchange.machine.sequence
    monkeypatch.undo()
    async with opened(tmp_path) as database:  # What it left out is written by the next life.
        projector = Projector(
            DatabaseRows(database, ledger_store.PROGRESS), Ledger(database), again(exchange)
        )
        await projector.open()
        for batch in exchange.batches:
            projector.apply(batch)
        await projector.stop()
        found = await dump(database)
    for table in ledger_store.METADATA.tables:
        assert found[table] == expected[table]


async def test_a_projection_that_catches_up_lets_go_of_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "PENDING_ROWS_MAX", 3)
    monkeypatch.setattr(projection, "FLUSH_ROWS", 2)
    exchange = busy()
    async with opened(tmp_path) as database:
        service = TradingService(UNUSED, database, again(exchange))
        await service.open()
        twins: list[History] = []
        history = service._history
        make = history.twin

        def twin() -> History:
            twins.append(make())
            return twins[0]

        monkeypatch.setattr(history, "twin", twin)
        for batch in exchange.batches:
            service.apply(batch)
        await service.projector.drain()
        (one,) = twins
        assert one._read_model.orders.closed.written == exchange.machine.sequence


async def test_without_a_journal_to_read_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "PENDING_ROWS_MAX", 3)
    monkeypatch.setattr(projection, "FLUSH_ROWS", 2)
    exchange = busy()
    async with opened(tmp_path) as database:
        projector = Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database))
        await projector.open()
        for batch in exchange.batches:
            projector.apply(batch)
        assert projector.lag == exchange.machine.sequence
        with pytest.raises(ProjectionBehindError):
            await projector.drain()


async def test_a_missing_batch_is_read_from_the_journal(tmp_path: Path) -> None:
    exchange = busy()
    expected = await straight(exchange, tmp_path)
    async with opened(tmp_path) as database:
        projector = Projector(
            DatabaseRows(database, ledger_store.PROGRESS), Ledger(database), again(exchange)
        )
        await projector.open()
        for batch in exchange.batches[:5] + exchange.batches[7:]:
            projector.apply(batch)
        await projector.drain()
        found = await dump(database)
    for table in ledger_store.METADATA.tables:
        assert found[table] == expected[table]


class Flaky:
    """A database that is down whenever told so."""

    def __init__(self, real: Database) -> None:
        self._real = real
        self.is_down = False
        self.was_asked = asyncio.Event()

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self._real.read(work)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        if self.is_down:
            self.was_asked.set()
            raise DatabaseDown("told so")
        return await self._real.write(work)

    async def close(self) -> None:
        await self._real.close()


async def test_a_database_that_comes_back_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "FLUSH_SECONDS", 0.001)
    monkeypatch.setattr(projection, "RETRY_SECONDS", 0.001)
    exchange = busy()
    expected = await straight(exchange, tmp_path)
    async with opened(tmp_path) as real:
        database = Flaky(real)
        projector = Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database))
        await projector.open()
        await projector.start()
        for index, batch in enumerate(exchange.batches):
            database.is_down = 5 < index < 20
            projector.apply(batch)
            if database.is_down:
                database.was_asked.clear()
                async with asyncio.timeout(10):
                    await database.was_asked.wait()
        await projector.stop()
        found = await dump(real)
    for table in ledger_store.METADATA.tables:
        assert found[table] == expected[table]


async def test_two_writers_are_noticed(tmp_path: Path) -> None:
    exchange = busy()
    async with opened(tmp_path) as database:
        first, second = (
            Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database)),
            Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database)),
        )
        for one, batches in ((first, 2), (second, 1)):
            await one.open()
            for batch in exchange.batches[:batches]:
                one.apply(batch)
        await first.drain()
        with pytest.raises(DatabaseRefused, match="who wrote"):
            await second.drain()


class Doubtful(Flaky):
    """A database that once does what it was asked and says it did not."""

    async def write(self, work: Callable[[Any], Any]) -> Any:
        answer = await super().write(work)
        if not self.was_asked.is_set():
            self.was_asked.set()
            raise DatabaseDown("the connection was lost")
        return answer


async def test_a_write_that_only_seemed_to_fail_is_not_done_twice(tmp_path: Path) -> None:
    exchange = busy()
    expected = await straight(exchange, tmp_path)
    async with opened(tmp_path) as real:
        database = Doubtful(real)
        projector = Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database))
        await projector.open()
        for batch in exchange.batches:
            projector.apply(batch)
        with pytest.raises(DatabaseDown):
            await projector.drain()
        await projector.drain()
        assert projector.lag == 0
        found = await dump(real)
    for table in ledger_store.METADATA.tables:
        assert found[table] == expected[table]


async def test_a_projection_that_cannot_go_on_says_why_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "FLUSH_SECONDS", 0.001)
    exchange = busy()
    async with opened(tmp_path) as database:
        projector = Projector(DatabaseRows(database, ledger_store.PROGRESS), Ledger(database))
        await projector.open()
        await projector.start()
        await database.write(
            lambda transaction: transaction.upsert(ledger_store.PROGRESS, [(1, 7_000)])
        )
        projector.apply(exchange.batches[0])
        async with asyncio.timeout(10):
            assert projector._task is not None
            await projector._task
        assert isinstance(projector.failure, DatabaseRefused)
        projector.apply(exchange.batches[1])
        assert projector.lag == exchange.batches[1].last_sequence
        await projector.stop()


@settings(max_examples=10, deadline=None, suppress_health_check=FUNCTION_SCOPED)
@given(FRAMES, st.lists(st.integers(0, 3), min_size=1, max_size=40))
async def test_history_has_no_gap_and_no_duplicate_at_any_moment(
    tmp_path_factory: pytest.TempPathFactory,
    frames: list,  # type: ignore[type-arg]
    dice: list[int],
) -> None:
    """Ask while some is in memory, some under way and some in the database."""
    exchange = run(frames)
    complete = await final_orders(exchange, tmp_path_factory.mktemp("whole"))
    async with opened(tmp_path_factory.mktemp("history")) as database:
        service = TradingService(UNUSED, database)
        await service.open()
        tasks = []
        for index, batch in enumerate(exchange.batches):
            service.apply(batch)
            if dice[index % len(dice)] == 0:
                tasks.append(asyncio.create_task(service.projector.drain()))
            elif dice[index % len(dice)] == 1:
                await asyncio.sleep(0)
        for account in ACCOUNTS:
            orders = await service.all_orders(account, 1, from_order=0, limit=1_000)
            assert orders == [one for one in complete if one.account == account]
            newest = await service.all_orders(account, 1, limit=3)
            assert newest == orders[-3:]
            fills = await service.fills(account, 1, from_trade=0, limit=1_000)
            assert len({(fill.trade, fill.side) for fill in fills}) == len(fills)
            for order in orders:
                of_order = [fill for fill in fills if fill.order == order.order]
                assert sum(fill.quantity for fill in of_order) == order.filled
                assert sum(fill.quote_amount for fill in of_order) == order.quote_filled
                asked = await service.fills(account, 1, order=order.order, limit=1_000)
                assert asked == of_order
                assert await service.find_order(account, 1, order.order) == order
        await asyncio.gather(*tasks)
        await service.stop()


async def test_history_is_whole_while_a_write_is_under_way(tmp_path: Path) -> None:
    exchange = busy()
    async with opened(tmp_path) as real:
        database = Gated(real)
        service = TradingService(UNUSED, database)
        await service.open()
        for batch in exchange.batches[:20]:
            service.apply(batch)
        writing = asyncio.create_task(service.projector.drain())
        await database.has_begun.wait()
        for batch in exchange.batches[20:]:
            service.apply(batch)
        for account in (ACCOUNTS[0], ACCOUNTS[2]):
            orders = await service.all_orders(account, 1, limit=1_000)
            fills = await service.fills(account, 1, limit=1_000)
            assert len(orders) == 40
            assert sum(one.filled for one in orders) == sum(one.quantity for one in fills)
        database.gate.set()
        await writing
        await service.stop()


class Gated(Flaky):
    """A database whose writes wait for a gate."""

    def __init__(self, real: Database) -> None:
        super().__init__(real)
        self.gate, self.has_begun = asyncio.Event(), asyncio.Event()

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.has_begun.set()
        await self.gate.wait()
        return await super().write(work)


async def test_an_order_the_snapshot_knows_as_open_keeps_the_times_of_the_history(
    tmp_path: Path,
) -> None:
    alice, _, carol, _ = ACCOUNTS
    exchange = Exchange()
    exchange.frame([place(alice, Side.BUY, 0, 4), place(alice, Side.BUY, -1, 4)])
    snapshot, begun = exchange.state(), len(exchange.batches)
    exchange.frame([place(carol, Side.SELL, 0, 4)])
    async with opened(tmp_path) as database:
        service = TradingService(UNUSED, database)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        before = [await service.find_order(alice, 1, number) for number in (1, 2)]
        await service.stop()
        restarted = TradingService(UNUSED, database)
        await restarted.open()
        restarted.seed(snapshot)
        for batch in exchange.batches[begun:]:
            restarted.apply(batch)
        await restarted.start()
        assert [await restarted.find_order(alice, 1, number) for number in (1, 2)] == before
        assert [one.order for one in restarted.open_orders(alice)] == [2]
        await restarted.stop()


async def final_orders(exchange: Exchange, folder: Path) -> list[Any]:
    """Return every order of BTCUSDT as the database has it in the end."""
    async with opened(folder) as database:
        service = TradingService(UNUSED, database)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        await service.stop()
        return [
            copy(order)
            for account in ACCOUNTS
            for order in await TradingServiceReader(database).orders(account)
        ]


class TradingServiceReader:
    """Asks the tables alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(self, account: int) -> list[Any]:
        window = trading_store.Window(account, 1, 1_000, first=0)
        return await self._database.read(lambda reader: trading_store.orders(reader, window))
