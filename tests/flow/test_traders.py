"""Simulated traders: a past that is the same everywhere, and a market that is alive."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from flow.child_exchange import Child
from waiting import eventually_blocking

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import JournalLimits
from flowex.app import demo
from flowex.app.engines import EngineMissing, machine_factory
from flowex.app.founding import Past, found
from flowex.app.wiring import Rooms, World, open_database, open_history, open_rooms
from flowex.engine.machine import MachineFactory, state_hash
from flowex.units.instants import DAY, HOUR, MINUTE

END = 1_795_000_000_000_000
SPREAD_PARTS_MIN = 2_000
"""A spread of 5 basis points is this part of the price."""
LEVELS_MIN = 20
TRADES_A_SECOND_MIN = 2


class Lived(NamedTuple):
    state_hash: str
    events_hash: int
    sequence: int


@asynccontextmanager
async def founded(
    folder: Path, factory: MachineFactory, duration: int, seed: int = 7
) -> AsyncIterator[Rooms]:
    """Live through a past in memory, and open what it left, at its end."""
    clock = ManualClock(END - duration)
    database = folder.with_suffix(".db")

    def world() -> World:
        return World(
            disk=disk,
            database=open_database(database),
            history=open_history(database.with_suffix(".duckdb")),
            clock=clock,
            entropy=SeededEntropy(seed),
            factory=factory,
            journal=JournalLimits(1 << 20, 0),
            background=False,
        )

    disk = SimulatedDisk(SeededEntropy(seed))
    founding = world()
    await found(founding, clock, with_demo=True, past=Past(seed, duration))
    await founding.close()
    served = world()
    yield await open_rooms(served)
    await served.close()


async def lived(folder: Path, engine: str, duration: int, seed: int = 7) -> Lived:
    async with founded(folder, factory_of(engine), duration, seed) as rooms:
        machine = rooms.recovered.machine
        return Lived(state_hash(machine.snapshot()), machine.events_hash, machine.sequence)


def factory_of(engine: str) -> MachineFactory:
    try:
        return machine_factory(engine)
    except EngineMissing as missing:
        pytest.skip(str(missing))


async def test_the_same_seed_is_the_same_past(tmp_path: Path) -> None:
    once = await lived(tmp_path / "once", "reference", HOUR)
    again = await lived(tmp_path / "again", "reference", HOUR)
    other = await lived(tmp_path / "other", "reference", HOUR, seed=8)
    assert once == again
    assert once.state_hash != other.state_hash


async def test_both_machines_live_through_the_same_past(tmp_path: Path) -> None:
    native = await lived(tmp_path / "native", "native", 2 * HOUR)
    assert native == await lived(tmp_path / "reference", "reference", 2 * HOUR)


async def test_a_day_has_every_minute_and_ends_in_an_orderly_market(tmp_path: Path) -> None:
    async with founded(tmp_path / "day", machine_factory(None), DAY) as rooms:
        for instrument in rooms.trading.instruments():
            candles = await rooms.market.klines(instrument.id, MINUTE, 1_500, END - DAY, END)
            empty = [one.open_time for one in candles if not one.trades]
            assert len(candles) >= DAY // MINUTE, instrument.symbol
            assert len(empty) < len(candles) // 20, instrument.symbol
            assert_orderly(rooms, instrument.id)
        assert_nobody_went_broke(rooms)


def assert_orderly(rooms: Rooms, instrument: int) -> None:
    depth = rooms.market.depth(instrument, 100)
    assert min(len(depth.bids), len(depth.asks)) >= LEVELS_MIN
    bid, ask = depth.bids[0][0], depth.asks[0][0]
    assert bid < ask
    assert (ask - bid) * SPREAD_PARTS_MIN <= bid


def assert_nobody_went_broke(rooms: Rooms) -> None:
    for account in (*demo.MAKERS.values(), demo.NOISE, demo.MOMENTUM):
        for balance in rooms.trading.balances(account):
            begun = demo.CAST.funds[balance.asset.id]
            assert abs(balance.free + balance.held - begun) * 20 < begun, (account, balance)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    folder = tmp_path_factory.mktemp("traders")
    child = Child(folder, "--demo", "--past-hours", "1", "--no-rate-limits").start()
    try:
        yield child
        assert child.stop() == 0, child.log.read_text()
        assert "stopped" not in child.log.read_text().replace("Stopped at", "")
    finally:
        child.finish()


def trades_and_time(child: Child) -> tuple[int, int]:
    tickers = child.get("/api/v3/ticker/24hr")
    return sum(one["count"] for one in tickers), child.get("/status")["time"]


def test_the_market_is_alive_and_orderly(child: Child) -> None:
    begun, begun_at = trades_and_time(child)
    wider = 0

    def enough() -> tuple[int, int] | None:
        nonlocal wider
        for symbol in ("BTCUSDT", "ETHUSDT", "ETHBTC"):
            depth = child.get("/api/v3/depth", symbol=symbol, limit="50")
            bid, ask = (float(depth[side][0][0]) for side in ("bids", "asks"))
            wider += (ask - bid) * SPREAD_PARTS_MIN > bid
            assert min(len(depth["bids"]), len(depth["asks"])) >= LEVELS_MIN - 2
        now = trades_and_time(child)
        return now if now[0] - begun >= 30 else None

    ended, ended_at = eventually_blocking(enough, "30 trades")
    rate = (ended - begun) * 1_000_000 / (ended_at - begun_at)
    print(f"{rate:.1f} trades a second; spread wider than 5 basis points {wider} times")
    assert rate >= TRADES_A_SECOND_MIN
    assert wider <= 2  # Right after a large order, until the makers have answered it.


def test_a_person_trades_with_them(child: Child) -> None:
    bought = child.order("alice", "BUY", "0.05")
    assert bought["status"] == "FILLED"
    assert bought["fills"]
    symbol = {"symbol": "BTCUSDT"}
    fills = child.get("/api/v3/myTrades", "alice", **symbol)
    assert sum(float(one["qty"]) for one in fills) == pytest.approx(0.05)


def test_traders_go_on_after_a_kill(child: Child) -> None:
    before, _ = trades_and_time(child)
    child.kill()
    child.start()
    eventually_blocking(lambda: trades_and_time(child)[0] > before + 5, "trades after the restart")
