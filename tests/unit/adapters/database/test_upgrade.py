"""The revisions of every service make exactly the tables its store declares."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import SERVICES, migrations
from sqlalchemy import MetaData, inspect

from flowex.adapters.database.schema import head, is_current
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.database.upgrade import upgrade
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


def test_the_newest_revision_is_found_by_its_file() -> None:
    assert head(migrations("trading")) == "0002"
