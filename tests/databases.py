"""Databases under test: real files, with the tables of the rooms a test asks for."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flowex.adapters.database.schema import is_current
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.database.upgrade import upgrade

SERVICES = ("trading", "market_data", "ledger")


def migrations(service: str) -> Path:
    """Return the folder of a service's revisions."""
    package = importlib.import_module(f"flowex.services.{service}.migrations")
    return Path(str(package.__file__)).parent


@asynccontextmanager
async def opened(folder: Path, name: str = "flowex.db") -> AsyncIterator[SqliteDatabase]:
    """Open a database with everybody's tables."""
    database = SqliteDatabase(folder / name)
    for service in SERVICES:
        if not is_current(database.engine, service, migrations(service)):
            upgrade(database.engine, service, migrations(service))
    try:
        yield database
    finally:
        await database.close()
