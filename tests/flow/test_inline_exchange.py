"""The whole exchange in one process, on a clock, a disk and a chance held in hand."""

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from waiting import eventually

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.disk.simulated import PowerCut, SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import JournalLimits
from flowex.adapters.keys.file import FileKeys, make_keys
from flowex.app import demo
from flowex.app import flow_entry as entry
from flowex.app.engines import machine_factory
from flowex.app.founding import Past, found
from flowex.app.status import ExchangeStatus
from flowex.app.wiring import Rooms, World, open_database, open_history, open_rooms
from flowex.engine.machine import state_hash
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.state import decode_state
from flowex.ports.sequencer import ProcessState, SequencerStopped
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.service import Gateway
from flowex.services.ledger import store as ledger_store
from flowex.services.ledger.verify import compare
from flowex.units.instants import DAY, SECOND

BEGINNING = 1_795_000_000_000_000
SEGMENT_BYTES = 1 << 20


@dataclass
class Bench:
    """Everything that stays when the exchange stops: clock, disk, database file, keys."""

    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(BEGINNING))
    disk: SimulatedDisk = field(default_factory=lambda: SimulatedDisk(SeededEntropy(1)))

    def __post_init__(self) -> None:
        named = make_keys(self.folder / "keys.json", demo.PEOPLE, SeededEntropy(2))
        self.people = {one.name: entry.Keys(one.api_key, one.api_secret) for one in named}
        self.keys = FileKeys(named)

    def world(self) -> World:
        return World(
            disk=self.disk,
            database=open_database(self.folder / "flowex.db"),
            history=open_history(self.folder / "history.duckdb"),
            clock=self.clock,
            entropy=SeededEntropy(3),
            factory=machine_factory(None),
            journal=JournalLimits(SEGMENT_BYTES, 0),
            snapshot_every=10,
            background=False,
        )

    async def found(self) -> "Bench":
        world = self.world()
        await found(world, self.clock, with_demo=True, past=Past(seed=1, duration=0))
        await world.close()
        return self


class Inside:
    """A running exchange, asked by signed requests over HTTP."""

    def __init__(self, bench: Bench, rooms: Rooms, sequencer: InlineSequencer, port: int) -> None:
        self.rooms, self.sequencer = rooms, sequencer
        self._bench, self._url = bench, f"http://127.0.0.1:{port}"

    async def ask(
        self, method: str, path: str, person: str | None = None, **fields: str
    ) -> entry.Answer:
        clock = self._bench.clock
        world = entry.World(now_ms=lambda: clock.now() // 1_000, pause_seconds=lambda _: None)
        keys = self._bench.people[person] if person else None
        with closing(entry.Entry(self._url, world)) as line:
            return await to_thread(line.ask, method, path, keys, **fields)

    async def order(self, person: str, side: str, quantity: str, price: str) -> Any:
        fields = {"type": "LIMIT", "timeInForce": "GTC", "symbol": "BTCUSDT", "side": side}
        fields |= {"quantity": quantity, "price": price}
        return (await self.ask("POST", "/api/v3/order", person, **fields)).body


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Inside]:
    world = bench.world()
    rooms = await open_rooms(world)
    sequencer = rooms.sequence(InlineSequencer)
    status = ExchangeStatus(rooms, sequencer, "flowex", "test")
    gateway = Gateway(
        Exchange(rooms.trading, rooms.market, bench.keys, world.clock, world.entropy, status)
    )
    await rooms.start()
    sequencer.start()
    port = await gateway.start(port=0)
    try:
        yield Inside(bench, rooms, sequencer, port)
    finally:
        await gateway.stop()
        if bench.disk.cut_at is None:
            sequencer.stop()
            await rooms.stop()
        await world.close()


async def test_orders_meet_and_everything_is_there_again(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).found()
    async with running(bench) as inside:
        resting = await inside.order("alice", "BUY", "0.5", "50000")
        bench.clock.advance(SECOND)
        filled = await inside.order("bob", "SELL", "0.2", "50000")
        assert filled["status"] == "FILLED"
        open_orders = await inside.ask("GET", "/api/v3/openOrders", "alice")
        assert open_orders.body[0]["executedQty"] == "0.20000000"
        hashed = state_hash(inside.rooms.recovered.machine.snapshot())
    async with running(bench) as inside:
        assert state_hash(inside.rooms.recovered.machine.snapshot()) == hashed
        again = await inside.ask("GET", "/api/v3/openOrders", "alice")
        assert again == open_orders
        gone = await inside.ask(
            "DELETE", "/api/v3/order", "alice", symbol="BTCUSDT", orderId=str(resting["orderId"])
        )
        assert gone.body["status"] == "CANCELED"
        account = (await inside.ask("GET", "/api/v3/account", "alice")).body
        usdt = next(one for one in account["balances"] if one["asset"] == "USDT")
        assert (usdt["free"], usdt["locked"]) == ("4990000.00000000", "0.00000000")


async def test_time_passes_only_when_the_clock_is_moved(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).found()
    async with running(bench) as inside:
        first = await inside.order("alice", "BUY", "0.01", "50000")
        bench.clock.advance(DAY)
        second = await inside.order("alice", "BUY", "0.01", "50000")
        assert second["transactTime"] - first["transactTime"] == DAY // 1_000


@pytest.mark.parametrize("operation", range(1, 13))
async def test_a_power_cut_loses_nothing_acknowledged(tmp_path: Path, operation: int) -> None:
    bench = await Bench(tmp_path).found()
    acknowledged = []
    async with running(bench) as inside:
        bench.disk.cut_power_at(operation)
        try:
            for number in range(6):
                answer = await inside.order("alice", "BUY", "0.01", str(50_000 + number))
                if "orderId" not in answer:
                    break
                acknowledged.append(answer["orderId"])
        except (PowerCut, SequencerStopped, entry.EntryError):
            pass  # The client never heard; what became of its last order is unknown.
    bench.disk.power_on()
    async with running(bench) as inside:
        assert inside.sequencer.state is ProcessState.TRADING
        found_again = (await inside.ask("GET", "/api/v3/openOrders", "alice")).body
        lost = set(acknowledged) - {one["orderId"] for one in found_again}
        print(f"operation {operation}: acknowledged {len(acknowledged)}, lost {len(lost)}")
        assert not lost


async def test_a_projection_that_cannot_go_on_is_told_and_the_next_start_mends_it(
    tmp_path: Path,
) -> None:
    bench = await Bench(tmp_path).found()
    async with running(bench) as inside:
        ledger, database = inside.rooms.ledger, inside.rooms.world.database
        reached = ledger.projector.durable_sequence

        async def pretend(sequence: int) -> None:
            row = (1, sequence)
            await database.write(lambda rows: rows.upsert(ledger_store.PROGRESS, [row]))

        await pretend(reached + 7)  # As if somebody else wrote the books.
        await inside.order("alice", "BUY", "0.5", "50000")
        await eventually(lambda: ledger.projector.failure, "the failure")
        status = (await inside.ask("GET", "/status")).body
        assert (status["state"], status["failed"]) == ("TRADING", {"ledger": "DatabaseRefused"})
        assert (await inside.order("bob", "SELL", "0.5", "50000"))["status"] == "FILLED"
        await pretend(reached)
    async with running(bench) as inside:
        status = (await inside.ask("GET", "/status")).body
        assert (status["failed"], status["lag"]["ledger"]) == ({}, 0)
        books = await inside.rooms.ledger.books()
        state = decode_state(inside.rooms.recovered.machine.snapshot())
        assert compare(state, books).is_proven
