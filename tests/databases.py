"""Databases under test: real files, with the tables of the rooms a test asks for."""

import importlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.database.upgrade import upgrade

SERVICES = ("trading", "market_data", "ledger")


def migrations(service: str) -> Path:
    """Return the folder of a service's revisions."""
    package = importlib.import_module(f"flowex.services.{service}.migrations")
    return Path(str(package.__file__)).parent


@cache
def template() -> bytes:
    """Return the file of a database with everybody's empty tables; made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "template.db")
        database = SqliteDatabase(path)
        for service in SERVICES:
            upgrade(database.engine, service, migrations(service))
        database.engine.dispose()
        return path.read_bytes()


@asynccontextmanager
async def opened(folder: Path, name: str = "flowex.db") -> AsyncIterator[SqliteDatabase]:
    """Open a database with everybody's tables, or the one that lies there already."""
    path = folder / name
    if not path.exists():
        path.write_bytes(template())
    database = SqliteDatabase(path)
    try:
        yield database
    finally:
        await database.close()
