"""The engine without doors: ``python -m bench.engine``: durable commands/s, and a snapshot's gap.

Commands are submitted in the process itself by so many tasks, each waiting for its acknowledgement
before it asks again; journal and snapshots are on the real disk, no projection follows. Then an
exchange of 100,000 accounts, an open order each, takes snapshots while it trades: the gap is the
longest time between two batches that copying its state took. The checksum is the state hash, which
a replay of the journal in another machine has to reach.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.file import FileJournal
from flowex.app.engines import machine_factory
from flowex.engine.commit import Committer
from flowex.engine.counters import Counters
from flowex.engine.feed import Feed
from flowex.engine.machine import MachineFactory, state_hash
from flowex.engine.recovery import recover
from flowex.engine.replay import replay
from flowex.engine.sequencer import InlineSequencer, Sequencer, ThreadedSequencer
from flowex.engine.snapshot import SnapshotStore, Snapshotter
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderAmend,
    OrderPlace,
    SetInstrumentState,
)
from flowex.messages.enums import AmendFlag, InstrumentState, Side
from flowex.messages.results import ResultCode

S = TypeVar("S", bound=Sequencer)

ACCOUNTS: Final = 100_000
FIRST_ACCOUNT: Final = 2
TASKS: Final = (1, 8, 100, 800)
COMMANDS: Final = 40_000
SNAPSHOT_EVERY: Final = 50_000
GAP_MUST_MS: Final = 50
CHUNK: Final = 2_000


def founding() -> list[Command]:
    """Return the commands that make a market of funded accounts with an open order each."""
    accounts = range(FIRST_ACCOUNT, FIRST_ACCOUNT + ACCOUNTS)
    return [
        Genesis(exchange="bench"),
        AssetDefine(code="BTC"),
        AssetDefine(code="USDT"),
        InstrumentDefine(base_asset=1, quote_asset=2, quantity_decimals=5, symbol="BTCUSDT"),
        SetInstrumentState(instrument=1, state=InstrumentState.TRADING),
        *(AccountOpen() for _ in accounts),
        *(
            Credit(account=account, asset=asset, amount=10**13, source=asset, source_sequence=n)
            for asset in (1, 2)
            for n, account in enumerate(accounts, start=1)
        ),
        *(_resting(account) for account in accounts),
    ]


def _resting(account: int) -> OrderPlace:
    side = Side.SELL if account % 2 else Side.BUY
    price = 100_000 + (1 + account * 7_919 % 5_000) * (1 if account % 2 else -1)
    return OrderPlace(
        account=account,
        instrument=1,
        side=side,
        price=price,
        quantity=1_000_000,
        client_id=f"rest-{account}",
    )


def _sequencer(kind: type[S], disk: LocalDisk, factory: MachineFactory) -> S:
    recovered = recover(
        disk,
        lambda known: FileJournal.open(disk, known_sequence=known, background=True),
        factory,
    )
    committer = Committer(recovered.machine, recovered.journal, SystemClock(), Counters())
    snapshotter = Snapshotter(SnapshotStore(disk), every=SNAPSHOT_EVERY, background=True)
    return kind(committer, Feed([]), snapshotter)


def found(disk: LocalDisk, factory: MachineFactory) -> None:
    """Found the exchange in bulk."""
    sequencer = _sequencer(InlineSequencer, disk, factory)
    sequencer.start()
    commands = founding()
    for start in range(0, len(commands), CHUNK):
        told = sequencer.run(commands[start : start + CHUNK])
        assert all(one.code is ResultCode.OK for one in told)
    sequencer.stop()


async def press(sequencer: ThreadedSequencer, tasks: int, commands: int) -> tuple[float, float]:
    """Return seconds and CPU seconds for so many commands."""

    async def ask(number: int) -> None:
        for turn in range(commands // tasks):
            account = FIRST_ACCOUNT + (number + turn * tasks) % ACCOUNTS
            amend = OrderAmend(
                flags=AmendFlag.REDUCE_BY,
                account=account,
                quantity=1,
                original_client_id=f"rest-{account}",
            )
            assert (await sequencer.submit(amend)).code is ResultCode.OK

    began, cpu_began = time.perf_counter(), time.process_time()
    await asyncio.gather(*(ask(number) for number in range(tasks)))
    return time.perf_counter() - began, time.process_time() - cpu_began


async def measure(disk: LocalDisk, factory: MachineFactory) -> bool:
    """Print a line for each number of tasks, and the snapshots' gap; return whether all is well."""
    sequencer = _sequencer(ThreadedSequencer, disk, factory)
    await sequencer.start()
    counters = sequencer.counters
    for tasks in TASKS:
        commands = COMMANDS // 10 if tasks == 1 else COMMANDS
        frames = counters.frames
        seconds, cpu_seconds = await press(sequencer, tasks, commands)
        print(
            f"{tasks:4} waiting: {commands / seconds:8,.0f} durable commands/s, "
            f"{cpu_seconds / commands * 1e6:5.1f} µs CPU each, "
            f"{commands / (counters.frames - frames):6.1f} a frame",
            flush=True,
        )
    await sequencer.stop()
    gap_ms = counters.snapshot_pause_us_max / 1_000
    sync = counters.sync_us
    print(
        f"{counters.snapshots} snapshots of {ACCOUNTS:,} accounts while trading: longest gap "
        f"{gap_ms:.1f} ms (must {GAP_MUST_MS})\n"
        f"mean append and sync {sync.total / sync.count:.0f} µs over {sync.count:,} frames"
    )
    return gap_ms <= GAP_MUST_MS


def proven(disk: LocalDisk, factory: MachineFactory) -> bool:
    """Replay the journal from Genesis and compare with the last snapshot; print the checksum."""
    journal = FileJournal.open(disk)
    machine = factory(None)
    for _ in replay(machine, journal, disk):
        pass
    journal.close()
    newest = next(SnapshotStore(disk).newest_first())
    made, stored = state_hash(machine.snapshot()), state_hash(newest.state)
    print(f"{machine.engine}, {machine.sequence:,} commands, state hash {made}")
    return made == stored and machine.sequence == newest.sequence


def main() -> None:
    """Measure, and fail when the answer is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default=None, choices=("native", "reference"))
    factory = machine_factory(parser.parse_args().engine)
    with TemporaryDirectory() as folder:
        disk = LocalDisk(Path(folder))
        found(disk, factory)
        in_time = asyncio.run(measure(disk, factory))
        right = proven(disk, factory)
        disk.close()
    sys.exit(not (in_time and right))


if __name__ == "__main__":
    main()
