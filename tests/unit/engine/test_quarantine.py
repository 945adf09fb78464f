"""Quarantine: a command that stops the machine is stepped over, and keeps its sequence."""

import pytest
from simulation import Simulation
from small_exchange import SETUP, Sizes

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.engine.invariants import check
from flowex.engine.quarantine import (
    QuarantineEntry,
    add_to_quarantine,
    command_at,
    quarantine_entries,
    quarantined_sequences,
    step_over,
)
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.replay import CommandStopsMachineError
from flowex.messages.commands import AccountOpen, ClockTick, Halt
from flowex.messages.state import decode_state
from flowex.ports.journal import Frame
from flowex.ports.sequencer import SequencerStopped

POISON = Halt(origin=666)
SIZES = Sizes(snapshot_every=10**9)


@pytest.fixture
def _poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the machine a bug: it cannot bear a certain command."""
    apply = ReferenceMachine.apply

    def buggy(self: ReferenceMachine, time: int, commands: bytes) -> bytes:
        if POISON.pack() in commands:
            monkeypatch.setattr(self, "_apply_one", _fail)
        return apply(self, time, commands)

    monkeypatch.setattr(ReferenceMachine, "apply", buggy)


def _fail(*_: object) -> None:
    raise AssertionError("a bug")


def entry(sequence: int, reason: str = "bug 7") -> QuarantineEntry:
    return QuarantineEntry(sequence, 5, POISON.pack().hex(), "a bug", "Ada", reason)


def test_decisions_are_written_down_in_order() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    assert quarantine_entries(disk) == []
    add_to_quarantine(disk, entry(9, "first"))
    add_to_quarantine(disk, entry(3, "line\nbreak"))
    assert quarantine_entries(disk) == [entry(9, "first"), entry(3, "line\nbreak")]
    assert quarantined_sequences(disk) == {3, 9}


def test_a_command_is_replaced_by_a_tick_of_the_same_origin() -> None:
    opened = AccountOpen().pack()
    frame = Frame(10, 3, 1, 1, opened + POISON.pack() + opened)
    stepped = step_over(frame, {11})
    assert stepped.commands == opened + ClockTick(origin=666).pack() + opened
    assert (stepped.first_sequence, stepped.count) == (10, 3)
    assert step_over(frame, {9, 13}) is frame
    assert command_at(frame, 11) == POISON.pack()


@pytest.mark.usefixtures("_poisoned")
async def test_the_start_stops_at_the_command_until_it_is_quarantined() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    simulation = Simulation(disk, SIZES)
    await simulation.start()
    with pytest.raises(SequencerStopped):
        await simulation.submit(POISON)
    for _ in range(2):
        with pytest.raises(CommandStopsMachineError, match="a bug"):
            await simulation.start()
        simulation.projection.last_sequence = len(SETUP)
    add_to_quarantine(disk, entry(len(SETUP) + 1))
    await simulation.start()
    assert simulation.machine.sequence == len(SETUP) + 1
    assert (await simulation.trade()).sequence == len(SETUP) + 2
    check(decode_state(simulation.machine.snapshot()))
