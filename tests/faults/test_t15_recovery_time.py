"""T15: ten million commands are back in 30 seconds, with a snapshot and without."""

import time
from pathlib import Path

import pytest
from engines import make
from small_exchange import CLIENTS, FIRST_ACCOUNT, SETUP

from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.file import FileJournal
from flowex.app.engines import machine_factory
from flowex.engine.machine import state_hash
from flowex.engine.recovery import recover
from flowex.engine.snapshot import Snapshot, SnapshotStore
from flowex.messages.commands import OrderCancel, OrderPlace
from flowex.messages.enums import Side
from flowex.ports.journal import Frame

COMMANDS = 10_000_000
FRAME_COMMANDS = 1_000
SNAPSHOT_AT = 9_000_000
SECONDS_MAX = 30
START = 1_700_000_000_000_000


def a_thousand_commands() -> bytes:
    """Return orders that rest, trade and are cancelled, so that the same again is possible."""
    asked: list[OrderPlace | OrderCancel] = []
    for number in range(FRAME_COMMANDS // 2):
        account, name = FIRST_ACCOUNT + number % CLIENTS, f"order-{number}"
        side = Side.BUY if number % 2 else Side.SELL
        price = 100_000 + (number * 7) % 50 * (-1 if number % 3 else 1)
        asked.append(
            OrderPlace(
                account=account,
                instrument=1,
                side=side,
                price=price,
                quantity=1 + number % 5,
                client_id=name,
            )
        )
    asked += [
        OrderCancel(account=one.account, original_client_id=one.client_id)
        for one in asked
        if isinstance(one, OrderPlace)
    ]
    return b"".join(one.pack() for one in asked)


@pytest.mark.soak
def test_ten_million_commands_are_back_in_thirty_seconds(tmp_path: Path) -> None:
    machine, disk = make("native"), LocalDisk(tmp_path)
    journal, commands = FileJournal.open(disk), a_thousand_commands()
    setup = Frame(1, len(SETUP), START, 1, b"".join(one.pack() for one in SETUP))
    journal.append(setup)
    machine.apply(setup.time, setup.commands)
    while machine.sequence < COMMANDS:
        time_us = START + machine.sequence * 10
        frame = Frame(machine.sequence + 1, FRAME_COMMANDS, time_us, 1, commands)
        journal.append(frame, sync=False)
        machine.apply(frame.time, frame.commands)
        if machine.sequence - FRAME_COMMANDS < SNAPSHOT_AT <= machine.sequence:
            SnapshotStore(disk).save(Snapshot(machine.sequence, machine.snapshot()))
    journal.close()
    expected = state_hash(machine.snapshot())
    for sequence in [*SnapshotStore(disk).sequences(), 0]:
        seconds = _recover(disk, expected)
        print(f"T15: {COMMANDS:,} commands, snapshot at {sequence:,}: back in {seconds:.1f} s")
        assert seconds <= SECONDS_MAX
        if sequence:
            disk.remove(f"snapshots/{sequence:020d}.snapshot")
    disk.close()


def _recover(disk: LocalDisk, expected: str) -> float:
    began = time.monotonic()
    recovered = recover(
        disk, lambda known: FileJournal.open(disk, known_sequence=known), machine_factory("native")
    )
    seconds = time.monotonic() - began
    assert state_hash(recovered.machine.snapshot()) == expected
    recovered.journal.close()
    return seconds
