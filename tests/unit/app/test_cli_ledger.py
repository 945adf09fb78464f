"""`flowex ledger verify` on a founded exchange, and on one whose books were touched."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from feeds import ACCOUNTS, opening, place

from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.app.cli_ledger import ledger
from flowex.app.home import Home, database_path
from flowex.app.wiring import local_world, open_rooms
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.enums import Side
from flowex.services.ledger import store

ALICE, _, CAROL, _ = ACCOUNTS


async def traded(data: Path) -> None:
    """Found an exchange in which something happened."""
    world = local_world(data, ReferenceMachine)
    rooms = await open_rooms(world)
    sequencer = rooms.sequence(InlineSequencer)
    sequencer.start()
    await rooms.start()
    sequencer.run(opening())
    for number in range(5):
        sequencer.run([place(ALICE, Side.BUY, number, 5), place(CAROL, Side.SELL, 0, 7)])
    sequencer.stop()
    await rooms.stop()
    recovered = rooms.recovered
    recovered.journal.close()
    await world.close()


def verify(home: Path) -> Result:
    return CliRunner().invoke(ledger, ["verify", "--home", str(home), "--engine", "reference"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    data = Home(tmp_path).data
    data.mkdir()
    asyncio.run(traded(data))
    return tmp_path


def test_the_books_of_an_exchange_are_proven(home: Path) -> None:
    result = verify(home)
    assert result.exit_code == 0, result.output
    assert "every posting adds up" in result.output
    assert "BTC" in result.output


def test_a_changed_posting_is_found(home: Path) -> None:
    async def change() -> None:
        database = SqliteDatabase(database_path(Home(home).data))
        rows = await database.read(lambda reader: reader.rows(store.POSTINGS.select().limit(1)))
        changed = (*rows[0][:5], rows[0][5] + 1)
        await database.write(lambda transaction: transaction.upsert(store.POSTINGS, [changed]))
        await database.close()

    asyncio.run(change())
    result = verify(home)
    assert result.exit_code == 1
    assert "disagree" in result.output


def test_without_an_exchange_it_says_so(tmp_path: Path) -> None:
    result = verify(tmp_path)
    assert result.exit_code == 1
    assert "there is no exchange" in result.output
