"""Bring a service's tables to the newest revision; loaded only when there is something to do."""

from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from flowex.adapters.database.failures import translated
from flowex.adapters.database.schema import version_table


def upgrade(engine: Engine, service: str, migrations: Path) -> None:
    """Apply, in one transaction, every revision of the folder that was not applied yet.

    Raises DatabaseError.
    """
    scripts = ScriptDirectory(str(migrations), version_locations=[str(migrations)])

    def steps(revision: Any, _context: MigrationContext) -> list[RevisionStep]:
        return list(scripts._upgrade_revs("head", revision))  # noqa: SLF001 - Alembic's own commands call it so

    with translated(), engine.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": version_table(service), "fn": steps},
        )
        with Operations.context(context):
            context.run_migrations()
