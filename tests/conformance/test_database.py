"""Every adapter of the database port does this; for now there is one."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table, func, select

from flowex.adapters.database.schema import is_current
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.ports.database import (
    Database,
    DatabaseDown,
    DatabaseRefused,
    Reader,
    Row,
    Transaction,
)

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("group", BigInteger, primary_key=True, autoincrement=False),
    Column("order", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(40), nullable=False),
    Column("is_good", Boolean, nullable=False),
    sqlite_with_rowid=False,
)


@pytest_asyncio.fixture(params=["sqlite"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    assert request.param == "sqlite"
    opened = SqliteDatabase(tmp_path / "test.db")
    METADATA.create_all(opened.engine)
    yield opened
    await opened.close()


def count(reader: Reader) -> int:
    return int(reader.rows(select(func.count()).select_from(THINGS))[0][0])


def things(reader: Reader) -> list[Row]:
    return reader.rows(select(THINGS).order_by(THINGS.c.group, THINGS.c.order))


async def test_rows_come_back_as_they_went_in(database: Database) -> None:
    rows = [(1, 2**62, "é'\";--", True), (1, -(2**62), "", False)]
    await database.write(lambda transaction: transaction.insert(THINGS, rows))
    assert await database.read(things) == sorted(rows)


@pytest.mark.parametrize("rows", [0, 1, 255, 256, 257, 1_000, 5_003])
async def test_any_number_of_rows(database: Database, rows: int) -> None:
    made = [(1, number, str(number), True) for number in range(rows)]
    await database.write(lambda transaction: transaction.insert(THINGS, made))
    assert await database.read(things) == made


async def test_an_upsert_replaces_what_has_the_same_key(database: Database) -> None:
    def work(transaction: Transaction) -> int:
        transaction.upsert(THINGS, [(1, 1, "old", True), (1, 2, "kept", True)])
        transaction.upsert(THINGS, [(1, 1, "new", False), (1, 3, "more", True)])
        return count(transaction)

    assert await database.write(work) == 3
    assert await database.read(things) == [
        (1, 1, "new", False),
        (1, 2, "kept", True),
        (1, 3, "more", True),
    ]


async def test_a_refused_work_leaves_nothing_and_harms_no_other(database: Database) -> None:
    def bad(transaction: Transaction) -> None:
        transaction.insert(THINGS, [(7, 7, "half done", True)])
        transaction.insert(THINGS, [(7, 7, "twice", True)])

    def good(number: int, transaction: Transaction) -> int:
        transaction.insert(THINGS, [(1, number, "", True)])
        return number

    outcomes = await asyncio.gather(
        *(
            database.write(bad if number % 3 == 0 else lambda t, n=number: good(n, t))
            for number in range(12)
        ),
        return_exceptions=True,
    )
    for number, outcome in enumerate(outcomes):
        if number % 3 == 0:
            assert isinstance(outcome, DatabaseRefused)
        else:
            assert outcome == number
    assert await database.read(count) == 8


async def test_a_bug_in_the_work_reaches_its_caller_and_nobody_else(database: Database) -> None:
    def bug(_transaction: Transaction) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(bug)
    await database.write(lambda transaction: transaction.insert(THINGS, [(1, 1, "", True)]))
    assert await database.read(count) == 1


async def test_a_reader_sees_one_moment(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(reader: Reader) -> tuple[int, int]:
        first = count(reader)
        begun.set()
        assert go_on.wait(10)
        return first, count(reader)

    reading = asyncio.create_task(database.read(slow))
    await asyncio.to_thread(begun.wait, 10)
    await database.write(lambda transaction: transaction.insert(THINGS, [(1, 1, "", True)]))
    go_on.set()
    assert await reading == (0, 0)
    assert await database.read(count) == 1


async def test_what_does_not_exist_is_refused(database: Database) -> None:
    missing = Table("missing", MetaData(), Column("id", BigInteger, primary_key=True))
    with pytest.raises(DatabaseRefused):
        await database.read(lambda reader: reader.rows(select(missing)))


async def test_a_cancelled_caller_stops_nobody(database: Database) -> None:
    gate = threading.Event()

    def slow(_transaction: Transaction) -> None:
        assert gate.wait(10)

    first = asyncio.create_task(database.write(slow))
    second = asyncio.create_task(
        database.write(lambda transaction: transaction.insert(THINGS, [(1, 1, "", True)]))
    )
    await asyncio.to_thread(lambda: None)
    second.cancel()
    gate.set()
    await first
    await database.write(lambda transaction: transaction.insert(THINGS, [(1, 2, "", True)]))
    assert await database.read(count) == 1


async def test_closed_is_down(database: Database) -> None:
    await database.close()
    with pytest.raises(DatabaseDown):
        await database.read(count)
    with pytest.raises(DatabaseDown):
        await database.write(count)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database" * 1_000)
    broken = SqliteDatabase(path)
    with pytest.raises(DatabaseRefused, match="not a database"):
        is_current(broken.engine, "trading", tmp_path)
    with pytest.raises(DatabaseRefused, match="not a database"):
        await broken.read(count)
    await broken.close()


async def test_a_folder_that_is_not_there_is_down(tmp_path: Path) -> None:
    lost = SqliteDatabase(tmp_path / "nowhere" / "lost.db")
    with pytest.raises(DatabaseDown):
        await lost.write(count)
    await lost.close()


def test_nobody_else_may_look(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "private.db")
    METADATA.create_all(database.engine)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    asyncio.run(database.close())


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = SqliteDatabase(tmp_path / "again.db")
    METADATA.create_all(first.engine)
    await first.write(lambda transaction: transaction.insert(THINGS, [(1, 1, "", True)]))
    await first.close()
    second = SqliteDatabase(tmp_path / "again.db")
    assert await second.read(count) == 1
    await second.close()
