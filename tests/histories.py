"""Histories of markets under test, each on its real engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.timeseries import Timeseries

TECHNOLOGIES = ("duckdb",)


@asynccontextmanager
async def opened(technology: str, folder: Path) -> AsyncIterator[Timeseries]:
    """Open the history that lies in the folder, or a new one."""
    assert technology == "duckdb"
    history = DuckdbTimeseries(folder / "history.duckdb")
    try:
        yield history
    finally:
        await history.close()
