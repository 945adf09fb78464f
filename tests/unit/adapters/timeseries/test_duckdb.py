"""What DuckDB needs beyond the conformance suite: its file, torn off and spoilt."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.market_data import PublicTrade
from flowex.ports.timeseries import (
    LIMIT_MAX,
    Mark,
    RecordedTrade,
    TimeseriesBatch,
    TimeseriesDown,
    TimeseriesRefused,
)

KILLS = 5

CHILD = """
import asyncio, sys
from pathlib import Path
from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.market_data import PublicTrade
from flowex.ports.timeseries import Mark, RecordedTrade, TimeseriesBatch

async def write():
    history = DuckdbTimeseries(Path(sys.argv[1]))
    reached = await history.progress("m")
    while True:
        trades = [
            RecordedTrade(1, n, PublicTrade(n, 7, 3, 21, n, True, n, n))
            for n in range(reached * 500 + 1, reached * 500 + 501)
        ]
        await history.write(TimeseriesBatch(trades), Mark("m", reached, reached + 1))
        reached += 1
        print(reached, flush=True)

asyncio.run(write())
"""


def test_a_killed_writer_loses_nothing_it_was_told_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "history.duckdb"
    for life in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(3 + 7 * life)]
        os.kill(child.pid, signal.SIGKILL)
        told += map(int, child.stdout.read().split())
        child.stdout.close()
        child.wait(10)
        asyncio.run(whole(path, told[-1]))


async def whole(path: Path, told: int) -> None:
    """Check that batches of 500 trades are there up to the mark, and up to what was told."""
    history = DuckdbTimeseries(path)
    reached = await history.progress("m")
    last = await history.trades(1, limit=1, newest=True)
    first = await history.trades(1, limit=LIMIT_MAX)
    await history.close()
    assert reached in (told, told + 1)
    assert last[0].trade.trade == reached * 500
    count = min(LIMIT_MAX, reached * 500)
    assert [one.trade.trade for one in first] == list(range(1, count + 1))


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.duckdb"
    path.write_bytes(b"this is no database" * 1_000)
    with pytest.raises(TimeseriesRefused, match="not a valid DuckDB"):
        DuckdbTimeseries(path)


async def test_a_folder_that_is_not_there_is_down(tmp_path: Path) -> None:
    with pytest.raises(TimeseriesDown):
        DuckdbTimeseries(tmp_path / "nowhere" / "history.duckdb")


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "history.duckdb"
    first = DuckdbTimeseries(path)
    script = CHILD.replace("while True", "while False")
    second = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    asyncio.run(first.close())
    assert second.returncode != 0
    assert "TimeseriesDown" in second.stderr


async def test_a_write_after_one_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = DuckdbTimeseries(tmp_path / "history.duckdb")
    trades = [RecordedTrade(1, n, PublicTrade(n, 7, 3, 21, n, True, n, n)) for n in (1, 2)]
    await history.write(TimeseriesBatch(trades[:1]), Mark("m", 0, 1))
    assert await history.trades(1, limit=9) == trades[:1]
    with monkeypatch.context() as failing:

        def full(*_: object) -> None:
            raise TimeseriesDown("no space left on device")

        failing.setattr("flowex.adapters.timeseries.duckdb._Writing.write", full)
        with pytest.raises(TimeseriesDown):
            await history.write(TimeseriesBatch(trades[1:]), Mark("m", 1, 2))
    assert await history.trades(1, limit=9) == trades[:1]
    await history.write(TimeseriesBatch(trades[1:]), Mark("m", 1, 2))
    assert await history.trades(1, limit=9) == trades
    await history.close()
