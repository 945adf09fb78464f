"""What following the feed costs: ``python -m bench.projections``.

The stream is `flowex generate`'s mix, in frames of 16 commands as a busy exchange has them. Each
room's line: CPU of the event loop's thread and of the whole process per command, rows written per
command, and how many seconds the database took for what was left at the end. The answer is checked:
the books have to agree with the machine to the atom.
"""

import argparse
import asyncio
import gc
import sys
import time
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import MetaData, func, select

from bench.machine import rebatched, warm_script
from flowex.adapters.clock.system import SystemClock
from flowex.app.engines import machine_factory
from flowex.app.wiring import SERVICES, Door, open_database, open_history
from flowex.engine.feed import batch_of
from flowex.messages.layout import spans
from flowex.messages.state import StateRecord, decode_state
from flowex.ports.database import Database, Reader
from flowex.ports.feed import FeedBatch
from flowex.ports.journal import Frame
from flowex.services.ledger.service import LedgerService
from flowex.services.ledger.verify import compare
from flowex.services.market_data.service import MarketDataService
from flowex.services.trading.service import TradingService

FRAME: Final = 16
YIELD_EVERY: Final = 64
"""Frames between two turns of the event loop."""

Room = TradingService | MarketDataService | LedgerService


def frames_of(commands: int, engine: str) -> tuple[list[tuple[Frame, bytes]], list[StateRecord]]:
    """Return the frames of the stream with their events, and the state they lead to."""
    machine = machine_factory(engine)(None)
    workload = rebatched(warm_script(commands), FRAME)
    frames: list[tuple[Frame, bytes]] = []
    for number, buffer in enumerate([*workload.untimed, *workload.timed], start=1):
        count = sum(1 for _ in spans(buffer))
        frame = Frame(machine.sequence + 1, count, number * 1_000, 1, buffer)
        frames.append((frame, machine.apply(frame.time, buffer)))
    return frames, decode_state(machine.snapshot())


async def follow(room: Room, batches: list[FeedBatch]) -> tuple[float, float, float]:
    """Feed a room; return CPU µs of the loop and of the process, and seconds of the last drain."""
    await room.open()
    await room.start()
    # The recorded feed is the bench's own; a running exchange has no such heap to walk.
    gc.collect()
    gc.freeze()
    loop_began, process_began = time.thread_time(), time.process_time()
    for number, batch in enumerate(batches):
        room.apply(batch)
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    loop_spent, drain_began = time.thread_time() - loop_began, time.perf_counter()
    await room.projector.drain()
    drained = time.perf_counter() - drain_began
    process_spent = time.process_time() - process_began
    await room.stop()
    gc.unfreeze()
    return loop_spent * 1e6, process_spent * 1e6, drained


async def rows_of(database: Database, service: str) -> int:
    """Return how many rows of tables a service has."""
    if service == "market_data":
        return 0  # Its rows lie in the history.
    metadata: MetaData = import_module(f"flowex.services.{service}.store").METADATA

    def count(reader: Reader) -> int:
        tables = metadata.sorted_tables
        return sum(reader.rows(select(func.count()).select_from(t))[0][0] for t in tables)

    return await database.read(count)


async def measure(folder: Path, commands: int, engine: str) -> bool:
    """Print a line for each room; return whether the books are proven."""
    frames, state = frames_of(commands, engine)
    total = frames[-1][0].last_sequence
    gc.collect()
    began = time.thread_time()
    batches = [batch_of(frame, events) for frame, events in frames]
    decoding = (time.thread_time() - began) * 1e6 / total
    print(f"projections: {total:,} commands in frames of {FRAME}, decoding {decoding:.1f} µs each")
    database = open_database(folder / "bench.db")
    history = open_history(folder / "history.duckdb")
    ledger = LedgerService(database)
    market = MarketDataService(history, SystemClock())
    rooms = (TradingService(Door(), database), market, ledger)
    for name, room in zip(SERVICES, rooms, strict=True):
        loop_us, process_us, drained = await follow(room, batches)
        rows = await rows_of(database, name)
        print(
            f"{name:12} {loop_us / total:5.2f} µs/command on the loop, {process_us / total:5.2f} "
            f"in all, {rows / total:.2f} rows/command, drained in {drained:.2f} s"
        )
        sys.stdout.flush()
    books = await ledger.books()
    proven = compare(state, books).is_proven
    checksum = sum(abs(amount) for amount in books.sums.values())
    print(f"books {'agree with the machine' if proven else 'DISAGREE'}, checksum {checksum:x}")
    await database.close()
    await history.close()
    return proven


def main() -> None:
    """Measure, and fail when the answer is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="native", choices=("native", "reference"))
    parser.add_argument("--commands", type=int, default=100_000)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        if not asyncio.run(measure(Path(folder), options.commands, options.engine)):
            sys.exit(1)


if __name__ == "__main__":
    main()
