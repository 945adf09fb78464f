"""A demo that begins with real history, on each store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import histories
import pytest
from databases import opened

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import JournalLimits
from flowex.app import demo
from flowex.app.demo_history import cast_of
from flowex.app.engines import machine_factory
from flowex.app.founding import FoundingError, Past, found
from flowex.app.history_files import HistoryFileError
from flowex.app.wiring import World, open_rooms
from flowex.ports.disk import Disk
from flowex.units.instants import DAY, HOUR, MINUTE

FILES_END = 1_748_000_040_000
"""When the last candle of the files closes, in ms: a whole minute."""

NOW = (FILES_END + 1_000 * 86_400_000) * 1_000
MINUTES = 100


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Make an hour and more of BTCUSDT at 100,000 and ETHUSDT at 2,500, and files beside them."""
    folder = tmp_path / "files"
    (folder / "perp").mkdir(parents=True)
    for symbol, price in (("BTCUSDT", 100_000), ("ETHUSDT", 2_500)):
        lines = ["open_time_ms,open,high,low,close,volume"]
        for number in range(MINUTES):
            time = FILES_END - (MINUTES - number) * 60_000
            close = price - MINUTES + 1 + number
            lines.append(f"{time},{price - 50},{price},{price - 200},{close},1.5")
        (folder / "perp" / f"{symbol}-perp-1m.csv").write_text("\n".join(lines))
    (folder / "BTCUSDT-funding.csv").write_text("funding_time_ms,rate\n1,0.1\n")
    (folder / "SOLUSDT-1m.csv").write_text("open_time_ms,open,high,low,close,volume\n")
    return folder


@pytest.fixture(params=histories.TECHNOLOGIES)
def technology(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def world_in(
    folder: Path, technology: str, disk: Disk, clock: ManualClock
) -> AsyncIterator[World]:
    async with opened(folder) as database, histories.opened(technology, folder) as history:
        yield World(
            disk=disk,
            database=database,
            history=history,
            clock=clock,
            entropy=SeededEntropy(1),
            factory=machine_factory(None),
            journal=JournalLimits(1 << 20, 0),
            background=False,
        )


async def test_its_prices_go_on_from_the_last_real_ones(
    tmp_path: Path, files: Path, technology: str
) -> None:
    disk, clock = SimulatedDisk(SeededEntropy(1)), ManualClock(NOW)
    async with world_in(tmp_path, technology, disk, clock) as world:
        past = Past(seed=1, duration=10 * MINUTE, files=files)
        await found(world, clock, with_demo=True, past=past)
    assert cast_of(disk).anchors == {
        demo.BTC: 100_000 * demo.COIN,
        demo.ETH: 2_500 * demo.COIN,
    }
    async with world_in(tmp_path, technology, disk, clock) as world:
        market = (await open_rooms(world)).market
        last = market.last_price(demo.BTCUSDT)
        assert abs(last - 100_000_000) < 2_000_000
        real = FILES_END * 1_000 - MINUTE
        for interval, candles in ((MINUTE, MINUTES), (HOUR, 3), (DAY, 1)):
            rows = await market.klines(demo.BTCUSDT, interval, 1_000, real - DAY, real)
            assert len(rows) in (candles, candles - 1)
            assert rows[-1].close == 100_000_000
        day = (await market.klines(demo.ETHUSDT, DAY, 1, end_time=real))[0]
        assert (day.volume, day.low) == (MINUTES * 15_000, 23_000_000)
        newest = (await market.klines(demo.BTCUSDT, DAY, 1))[0]
        assert newest.trades > 0
        silent = (await market.klines(demo.BTCUSDT, DAY, 1, real + 2 * DAY))[0]
        assert (silent.volume, silent.close) == (0, 100_000_000)


async def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    disk, clock = SimulatedDisk(SeededEntropy(1)), ManualClock(NOW)
    (tmp_path / "empty").mkdir()
    async with world_in(tmp_path, "duckdb", disk, clock) as world:
        past = Past(seed=1, duration=0, files=tmp_path / "empty")
        with pytest.raises(HistoryFileError, match="begin with one of BTCUSDT, ETHUSDT, ETHBTC"):
            await found(world, clock, with_demo=True, past=past)


async def test_the_history_of_another_exchange_is_left_alone(
    tmp_path: Path, technology: str
) -> None:
    for number in range(2):
        disk, clock = SimulatedDisk(SeededEntropy(number)), ManualClock(NOW)
        folder = tmp_path / str(number)
        folder.mkdir()
        async with (
            opened(folder) as database,
            histories.opened(technology, tmp_path) as history,
        ):
            world = World(
                disk=disk,
                database=database,
                history=history,
                clock=clock,
                entropy=SeededEntropy(1),
                factory=machine_factory(None),
                background=False,
            )
            founding = found(world, clock, with_demo=True, past=Past(1, MINUTE))
            if number:
                with pytest.raises(FoundingError, match="of another exchange"):
                    await founding
            else:
                await founding
