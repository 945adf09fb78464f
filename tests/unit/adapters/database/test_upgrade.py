"""The revisions of every service make exactly the tables its store declares."""

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import SERVICES, migrations
from sqlalchemy import MetaData, inspect

from flowex.adapters.database.schema import head, is_current
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.database.upgrade import upgrade
from flowex.ports.trading import NO_CONDITIONS
from flowex.services.ledger import store as ledger
from flowex.services.trading import store as trading

METADATA: dict[str, MetaData] = {
    "trading": trading.METADATA,
    "market_data": MetaData(),  # Its rows lie in the history.
    "ledger": ledger.METADATA,
}


@pytest.mark.parametrize("service", SERVICES)
async def test_revisions_make_the_declared_tables(service: str, tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "upgrade.db")
    folder = migrations(service)
    assert not is_current(database.engine, service, folder)
    upgrade(database.engine, service, folder)
    assert is_current(database.engine, service, folder)
    upgrade(database.engine, service, folder)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": f"{service}_version",
            },
        )
        assert compare_metadata(context, METADATA[service]) == []
        inspector = inspect(connection)
        for table in METADATA[service].tables.values():
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key]
            assert table.name.startswith(f"{service}_")
    await database.close()


async def test_orders_of_before_the_conditions_are_kept(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(migrations("trading") / "r0001_orders_and_fills.py", first)
    database = SqliteDatabase(tmp_path / "upgrade.db")
    upgrade(database.engine, "trading", first)
    row = (7, 2, 1, "mine", 0, 0, 0, 1, 100, 5, 0, 0, "PARTIALLY_FILLED", 2, 200, 0, 11, 12, 0)
    with database.engine.begin() as connection:
        marks = ",".join("?" * len(row))
        connection.exec_driver_sql(f"INSERT INTO trading_orders VALUES ({marks})", row)
    upgrade(database.engine, "trading", migrations("trading"))
    (known,) = await database.read(trading.open_orders)
    assert (known.order, known.account, known.filled, known.status) == (7, 2, 2, "PARTIALLY_FILLED")
    assert (known.working_time, known.update_time, known.order_list) == (11, 12, 0)
    assert known.conditions is NO_CONDITIONS
    await database.close()


def test_the_newest_revision_is_found_by_its_file() -> None:
    assert head(migrations("trading")) == "0002"
