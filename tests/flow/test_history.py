"""The markets' history is made of the journal: whoever loses it gets the same again."""

from pathlib import Path

import histories
import pytest

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.app.engines import machine_factory
from flowex.app.founding import Past, found
from flowex.app.home import database_path, history_path
from flowex.app.wiring import local_world, open_history, open_rooms
from flowex.units.instants import MINUTE, SECOND

NOW = 1_750_000_007 * SECOND
PAST = 90 * MINUTE


async def recorded(data: Path) -> dict[str, list[object]]:
    history = open_history(history_path(data))
    rows = await histories.dump(history)
    await history.close()
    return rows


async def recover(data: Path) -> None:
    """Start an exchange and stop it before anything happens."""
    world = local_world(data, machine_factory(None), ManualClock(NOW + PAST))
    rooms = await open_rooms(world)
    await rooms.start()
    await rooms.stop()
    rooms.recovered.journal.close()
    await world.close()


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """Found a demo that has traded for a while."""
    clock = ManualClock(NOW)
    world = local_world(tmp_path, machine_factory(None), clock)
    await found(world, clock, with_demo=True, past=Past(seed=7, duration=PAST))
    await world.close()
    return tmp_path


async def test_a_lost_history_is_made_again(data: Path) -> None:
    before = await recorded(data)
    assert len(before["market_data_trades"]) > 100
    history_path(data).unlink()
    await recover(data)
    assert await recorded(data) == before


async def test_a_home_of_before_gets_its_history_from_the_journal(data: Path) -> None:
    """The tables of the first revision go, whatever they hold."""
    before = await recorded(data)
    history_path(data).unlink()
    database = SqliteDatabase(database_path(data))
    with database.engine.begin() as connection:
        for text in (
            "CREATE TABLE market_data_trades (instrument BIGINT)",
            "CREATE TABLE market_data_klines (instrument BIGINT)",
            "CREATE TABLE market_data_progress (id BIGINT, last_sequence BIGINT)",
            "INSERT INTO market_data_progress VALUES (1, 50)",
            "UPDATE market_data_version SET version_num = '0001'",
        ):
            connection.exec_driver_sql(text)
    await database.close()
    await recover(data)
    assert await recorded(data) == before
    database = SqliteDatabase(database_path(data))
    with database.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").fetchall()
    await database.close()
    assert not [name for (name,) in names if name.startswith("market_data_trades")]


async def test_a_start_changes_nothing(data: Path) -> None:
    before = await recorded(data)
    for _ in range(2):
        await recover(data)
        assert await recorded(data) == before
