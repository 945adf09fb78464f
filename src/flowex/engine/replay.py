"""Running a journal through a machine again: recovery, late consumers, proofs, all by this.

ReplayError        the journal, a snapshot and the machine do not fit together
"""

import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from flowex.engine.machine import Machine, MachineFactory, MachineStopped
from flowex.engine.quarantine import NAME, quarantined_sequences, step_over
from flowex.engine.snapshot import Snapshot, SnapshotStore
from flowex.messages.commands import Genesis
from flowex.messages.enums import RULES_VERSION
from flowex.messages.layout import RecordError, spans
from flowex.messages.state import StateHead
from flowex.ports.disk import Disk
from flowex.ports.journal import Frame, JournalReader

OTHER_RULES: Final = (
    "the exchange here was made by another FlowEx and does not follow rules "
    f"{RULES_VERSION}: begin in another folder, or go on with the FlowEx that made it"
)


class ReplayError(Exception):
    """The journal, a snapshot and the machine do not fit together."""


class CommandStopsMachineError(ReplayError):
    """A command meets a bug of the machine."""


def restore(
    store: SnapshotStore, factory: MachineFactory, at_most: int | None = None
) -> tuple[Machine, Snapshot | None]:
    """Return a machine at the newest good snapshot, or an empty one.

    ``at_most`` bounds the snapshot's sequence. A snapshot that is damaged or that the machine does
    not take is passed over for the one before. Raises ReplayError for one of other rules.
    """
    for snapshot in store.newest_first(at_most):
        try:
            machine = factory(snapshot.state)
        except RecordError:
            continue
        if machine.sequence == snapshot.sequence:
            _check_rules(snapshot)
            return machine, snapshot
    return factory(None), None


def refuse_other_rules(store: SnapshotStore) -> None:
    """Raise ReplayError when the newest good snapshot follows other rules than this program's.

    For whoever changes files before a recovery: it would find out too late.
    """
    newest = next(iter(store.newest_first(None)), None)
    if newest is not None:
        _check_rules(newest)


def _check_rules(snapshot: Snapshot) -> None:
    try:
        head = StateHead.unpack(snapshot.state)
    except (RecordError, IndexError, struct.error):
        return  # No state at all: whoever restores it passes it over.
    if snapshot.state[0] == head.KIND and head.rules_version != RULES_VERSION:
        raise ReplayError(OTHER_RULES)


def replay(
    machine: Machine, journal: JournalReader, disk: Disk, to_sequence: int | None = None
) -> Iterator[tuple[Frame, bytes]]:
    """Apply what the journal has beyond the machine's sequence, and yield frames with their events.

    Commands in quarantine are stepped over. Raises ReplayError when the journal does not go on
    where the machine is; CommandStopsMachineError, JournalCorrupt.
    """
    quarantined = _quarantined(disk)
    end = journal.last_sequence if to_sequence is None else to_sequence
    for stored in journal.read(machine.sequence + 1) if machine.sequence < end else ():
        frame = part_of(step_over(stored, quarantined), machine.sequence + 1, end)
        if frame.first_sequence != machine.sequence + 1:
            raise ReplayError(
                f"the journal goes on at {frame.first_sequence}, the machine is at "
                f"{machine.sequence}: segments or snapshots of another history"
            )
        if frame.first_sequence == 1:
            _check_genesis(frame)
        try:
            events = machine.apply(frame.time, frame.commands)
        except MachineStopped as bug:
            raise CommandStopsMachineError(
                f"a command of {frame.first_sequence} to {frame.last_sequence} stops the machine: "
                f"{bug}. Report this bug; `flowex journal quarantine SEQ` steps over the command"
            ) from bug
        yield frame, events
        if frame.last_sequence == end:
            return


def _check_genesis(frame: Frame) -> None:
    """Refuse to apply the commands of other rules: some of them mean something else now."""
    if frame.commands[0] != Genesis.KIND:
        return
    try:
        rules = Genesis.unpack(frame.commands).rules_version
    except (RecordError, struct.error):
        return  # The machine refuses it.
    if rules != RULES_VERSION:
        raise ReplayError(OTHER_RULES)


def _quarantined(disk: Disk) -> AbstractSet[int]:
    """Return the sequences to step over; a list that cannot be read is not taken for an empty one.

    Raises ReplayError.
    """
    try:
        return quarantined_sequences(disk)
    except msgspec.MsgspecError as error:
        raise ReplayError(f"{NAME} cannot be read: {error}. Put it back from a backup") from error


def part_of(frame: Frame, first: int, last: int) -> Frame:
    """Return the frame without its commands before ``first`` and after ``last``."""
    before = max(0, first - frame.first_sequence)
    after = min(frame.count, last - frame.first_sequence + 1)
    if (before, after) == (0, frame.count):
        return frame
    bounds = [(start, end) for _, start, end in spans(frame.commands)][before:after]
    commands = frame.commands[bounds[0][0] : bounds[-1][1]]
    return Frame(frame.first_sequence + before, len(bounds), frame.time, frame.epoch, commands)


def machine_at(
    store: SnapshotStore, factory: MachineFactory, journal: JournalReader, disk: Disk, sequence: int
) -> Machine:
    """Return a private machine as it was after that command. Raises ReplayError, JournalCorrupt."""
    machine, _ = restore(store, factory, at_most=sequence)
    for _ in replay(machine, journal, disk, to_sequence=sequence):
        pass
    if machine.sequence != sequence:
        raise ReplayError(f"the journal ends at {machine.sequence}, before {sequence}")
    return machine
