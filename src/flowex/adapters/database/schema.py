"""Which version of its tables a service finds in the database, told without loading Alembic.

A service's tables are upgraded on their own: its revisions are the files ``rNNNN_name.py`` of its
``migrations`` folder, in a line, and the table ``<service>_version`` names the last one applied.
"""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from flowex.adapters.database.failures import translated


def version_table(service: str) -> str:
    """Return the name of the table that holds the service's version."""
    return f"{service}_version"


def head(migrations: Path) -> str:
    """Return the newest revision of the folder."""
    return max(path.name for path in migrations.glob("r[0-9]*.py")).partition("_")[0].lstrip("r")


def is_current(engine: Engine, service: str, migrations: Path) -> bool:
    """Return whether the service's tables are those of the newest revision.

    Raises DatabaseError.
    """
    table = version_table(service)
    with translated(), engine.connect() as connection:
        if not inspect(connection).has_table(table):
            return False
        found = connection.execute(text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608 - our own name
    return found == head(migrations)
