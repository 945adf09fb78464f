"""How fast the machine is: ``python -m bench.machine``, from Python, as everything here calls it.

The stream is `flowex generate`'s: 45 % limit orders, 3 % taking, 40 % cancels, 2 % reductions, 10 %
moves around a drifting price, by 10,000 accounts, with client ids, holds, fees and the self-trade
check. Setup and the orders that fill the book are not timed. Before commands are applied their
CRC is computed, untimed, as the journal does just before, so they lie in the cache as they do in an
exchange. Times are the thread's CPU time, best and median of several runs on a new machine each;
the checksum is the events hash, which two machines of whatever make, batching or day share.
"""

import argparse
import gc
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from flowex.adapters.flow.generated import GeneratedFlow
from flowex.app.engines import machine_factory
from flowex.app.flows import Plan, Script, write_script
from flowex.engine.machine import Machine
from flowex.messages.commands import CommandKind, InstrumentDefine, SetInstrumentState
from flowex.messages.enums import InstrumentState
from flowex.messages.layout import BLOCK, spans

PREFILL: Final = 2_000
WARM_BATCH: Final = 1_000
INSTRUMENTS_COLD: Final = 1_000
_INSTRUMENT = struct.Struct("<I")
_ORDER = struct.Struct("<Q")
_INSTRUMENT_OFFSET, _ORDER_OFFSET = 16, 24


class Workload(NamedTuple):
    """Buffers for one machine: what is not timed, and what is."""

    untimed: list[bytes]
    timed: list[bytes]
    commands: int

    def groups(self) -> Iterator[list[bytes]]:
        """Yield the timed buffers in groups of about a thousand commands."""
        size = max(WARM_BATCH * len(self.timed) // self.commands, 1)
        return (self.timed[at : at + size] for at in range(0, len(self.timed), size))


class Case(NamedTuple):
    """One line of the result."""

    name: str
    must_ns: int
    workload: Workload


def warm_script(commands: int) -> Script:
    """Write the mix stream for one instrument."""
    flow = GeneratedFlow.parse(f"mix:42:{commands + PREFILL}")
    return write_script(flow, Plan(batch=WARM_BATCH, prefill=PREFILL), lambda _: None)


def rebatched(script: Script, batch: int) -> Workload:
    """Cut the timed commands of a script into buffers of so many commands."""
    untimed = [script.setup, *(b.content for b in script.batches if not b.is_timed)]
    singles = [single for b in script.batches if b.is_timed for single in _singles(b.content)]
    timed = [b"".join(singles[at : at + batch]) for at in range(0, len(singles), batch)]
    return Workload(untimed, timed, len(singles))


def scattered(script: Script) -> Workload:
    """Spread a script's orders over 1,000 instruments, by order number."""
    definitions = b"".join(
        InstrumentDefine(
            base_asset=1, quote_asset=2, quantity_decimals=0, maker_rate=100_000,
            taker_rate=100_000, symbol=f"FLOW{number}",
        ).pack()
        + SetInstrumentState(instrument=number, state=InstrumentState.TRADING).pack()
        for number in range(2, INSTRUMENTS_COLD + 1)
    )  # fmt: skip
    counter = iter(range(1, 1 << 62))
    moved = [_moved(batch.content, counter) for batch in script.batches]
    untimed = [moved[i] for i, batch in enumerate(script.batches) if not batch.is_timed]
    timed = [moved[i] for i, batch in enumerate(script.batches) if batch.is_timed]
    commands = sum(batch.commands for batch in script.batches if batch.is_timed)
    return Workload([script.setup, definitions, *untimed], timed, commands)


def measure(engine: str, workload: Workload, repeat: int) -> tuple[list[float], int]:
    """Return the CPU ns per command of each run, and the events hash of all of them."""
    times, hashes = [], set()
    for _ in range(repeat):
        machine = machine_factory(engine)(None)
        for buffer in workload.untimed:
            machine.apply(0, buffer)
        times.append(_run(machine, workload))
        hashes.add(machine.events_hash)
    (checksum,) = hashes
    return times, checksum


def _run(machine: Machine, workload: Workload) -> float:
    gc.collect()
    gc.disable()
    apply, spent = machine.apply, 0
    for group in workload.groups():
        for buffer in group:
            zlib.crc32(buffer)
        began = time.thread_time_ns()
        for buffer in group:
            apply(0, buffer)
        spent += time.thread_time_ns() - began
    gc.enable()
    return spent / workload.commands


def _singles(content: bytes) -> Iterator[bytes]:
    return (content[offset:end] for _, offset, end in spans(content))


def _moved(content: bytes, counter: Iterator[int]) -> bytes:
    moved = bytearray(content)
    for kind, offset, _ in spans(content):
        if kind == CommandKind.ORDER_PLACE:
            number = next(counter)
        else:
            (number,) = _ORDER.unpack_from(content, offset + _ORDER_OFFSET)
        _INSTRUMENT.pack_into(moved, offset + _INSTRUMENT_OFFSET, 1 + number % INSTRUMENTS_COLD)
    return bytes(moved)


def dump(workload: Workload, path: Path) -> None:
    """Write a workload to a file and say how to replay it without Python."""
    untimed = b"".join(workload.untimed)
    path.write_bytes(untimed + b"".join(workload.timed))
    print(f"core_replay {path} {len(untimed)} {WARM_BATCH} 20")


def main() -> None:
    """Measure every case and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="native", choices=("native", "reference"))
    parser.add_argument("--commands", type=int, default=300_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="", help="the case whose name begins so")
    parser.add_argument("--dump", type=Path, help="write the warm workload for core/bench/replay")
    options = parser.parse_args()
    script = warm_script(options.commands)
    if options.dump:
        dump(rebatched(script, WARM_BATCH), options.dump)
        return
    mean_blocks = sum(len(batch.content) for batch in script.batches) / BLOCK / options.commands
    print(
        f"machine: {options.engine}, {options.commands:,} commands, {mean_blocks:.1f} blocks each"
    )
    cases = [
        Case("warm, batches of 1,000", 100, rebatched(script, WARM_BATCH)),
        Case("cold, 1,000 instruments", 450, scattered(script)),
        Case("from Python, one a call", 600, rebatched(script, 1)),
        Case("from Python, batches of 64", 150, rebatched(script, 64)),
    ]
    for case in cases:
        if case.name.startswith(options.only):
            times, checksum = measure(options.engine, case.workload, options.repeat)
            print(
                f"{case.name:27} {min(times):7.1f} ns/command (median {median(times):.1f} of "
                f"{len(times)}, must be ≤ {case.must_ns}) {1e3 / min(times):6.2f} M/s "
                f"events {checksum:016x}"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
