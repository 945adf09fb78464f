"""Histories of markets under test, each on its real engine."""

import atexit
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import clickhouse_connect

from flowex.adapters.timeseries.clickhouse import ClickhouseTimeseries
from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.timeseries import LIMIT_MAX, Timeseries
from flowex.services.market_data.calendar import BASES
from flowex.services.market_data.store import CONSUMER

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


async def dump(history: Timeseries) -> dict[str, list[Any]]:
    """Return all trades and candles of a small history, and how far the market data room came."""
    trades: list[Any] = []
    candles: list[Any] = []
    for instrument in await history.instruments():
        trades += await history.trades(instrument, limit=LIMIT_MAX)
        for base in BASES:
            candles += [(base, *await history.candles(instrument, base, limit=LIMIT_MAX))]
    reached = await history.progress(CONSUMER)
    return {
        "market_data_trades": trades,
        "market_data_candles": candles,
        "market_data_progress": [reached],
    }
