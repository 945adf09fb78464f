"""Histories of markets under test, each on its real engine."""

import atexit
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import clickhouse_connect

from flowex.adapters.timeseries.clickhouse import ClickhouseTimeseries
from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.timeseries import Timeseries

TECHNOLOGIES = ("duckdb", "clickhouse")


@cache
def engine() -> str:
    """Return the folder of this process's ClickHouse; chdb runs it in the process, one only."""
    folder = tempfile.mkdtemp(prefix="flowex-clickhouse-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@asynccontextmanager
async def opened(technology: str, folder: Path) -> AsyncIterator[Timeseries]:
    """Open the history that lies in the folder, or a new one."""
    history: Timeseries
    if technology == "duckdb":
        history = DuckdbTimeseries(folder / "history.duckdb")
    else:
        database = "h" + re.sub(r"\W", "_", str(folder))
        history = ClickhouseTimeseries(
            lambda: clickhouse_connect.get_client(interface="chdb", path=engine()), database
        )
    try:
        yield history
    finally:
        await history.close()
