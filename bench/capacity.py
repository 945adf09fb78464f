"""What the native machine holds and how long it stands still: ``python -m bench.capacity``.

Memory: a million open orders at a million distinct prices, scattered over the whole range and with
client ids, must take ≤ 300 MB. Snapshot: exporting 100,000 accounts with three balances each, on
the engine's thread, must take ≤ 50 ms, because no batch is applied meanwhile.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from flowex.app.engines import machine_factory
from flowex.engine.machine import Machine, state_hash
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderPlace,
    SetInstrumentState,
)
from flowex.messages.enums import InstrumentState, Side
from flowex.messages.layout import spans
from flowex.messages.state import StateKind

ASSETS: Final = 3
BATCH: Final = 1_000
_STRIDE: Final = 7_368_787
"""Coprime to any count of orders here, so that stepping by it visits every price once."""


def opening(accounts: int) -> Iterator[Command]:
    """Found an exchange with one instrument and so many funded accounts."""
    yield Genesis(exchange="capacity", accounts=accounts + 1, account_open_orders=4_000_000_000)
    for number in range(ASSETS):
        yield AssetDefine(code=f"A{number}", decimals=0)
    yield InstrumentDefine(base_asset=1, quote_asset=2, symbol="WIDE")
    yield SetInstrumentState(instrument=1, state=InstrumentState.TRADING)
    for _ in range(accounts):
        yield AccountOpen()
    for index in range(accounts * ASSETS):
        yield Credit(
            account=2 + index // ASSETS,
            asset=1 + index % ASSETS,
            amount=(1 << 60) // accounts,
            source_sequence=index + 1,
        )


def orders(count: int, accounts: int) -> Iterator[Command]:
    """Place orders at distinct prices in no order, bids in the lower half and asks above."""
    for number in range(count):
        tick = number * _STRIDE % count
        yield OrderPlace(
            account=2 + number % accounts,
            instrument=1,
            side=Side.BUY if tick < count // 2 else Side.SELL,
            price=1 + tick,
            quantity=1,
            client_id=f"capacity-{number:012d}",
        )


def feed(machine: Machine, commands: Iterator[Command]) -> float:
    """Apply commands in batches; return the seconds of CPU time that the machine took."""
    spent = 0.0
    while batch := b"".join(command.pack() for command in islice(commands, BATCH)):
        began = time.thread_time()
        machine.apply(0, batch)
        spent += time.thread_time() - began
    return spent


def resident_bytes() -> int:
    """Return how much memory this process uses now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def measure_memory(count: int) -> None:
    """Print what so many open orders take."""
    machine = machine_factory("native")(None)
    feed(machine, opening(1_000))
    before = resident_bytes()
    spent = feed(machine, orders(count, 1_000))
    taken = resident_bytes() - before
    snapshot = machine.snapshot()
    open_orders = sum(kind == StateKind.ORDER for kind, _, _ in spans(snapshot))
    print(
        f"{open_orders:,} orders at as many prices: {taken / 1e6:.0f} MB (must be ≤ 300), "
        f"{spent / count * 1e9:.0f} ns each, state {state_hash(snapshot)[:16]}"
    )


def measure_snapshot(accounts: int, repeat: int) -> None:
    """Print how long a snapshot of so many accounts takes."""
    machine = machine_factory("native")(None)
    feed(machine, opening(accounts))
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        snapshot = machine.snapshot()
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    machine_factory("native")(snapshot)
    restored = time.perf_counter() - began
    print(
        f"snapshot of {accounts:,} accounts, {len(snapshot) / 1e6:.0f} MB: "
        f"{min(times) * 1e3:.1f} ms (worst {max(times) * 1e3:.1f} of {repeat}, must be ≤ 50), "
        f"restored and proved in {restored * 1e3:.0f} ms, state {state_hash(snapshot)[:16]}"
    )


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    measure_memory(options.orders)
    measure_snapshot(options.accounts, options.repeat)


if __name__ == "__main__":
    main()
