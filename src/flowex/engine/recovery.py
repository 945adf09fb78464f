"""Coming back: the newest snapshot that serves everybody, then the journal's tail.

    snapshots, durable consumers ──► the latest sequence anybody knows ──► open the journal with it
    slowest durable consumer ──► newest good snapshot not after it ──► machine
    machine + journal's tail ──► consumers that have not seen it

When a durable consumer has fallen behind every snapshot (its tables were deleted, say), the replay
begins at Genesis: slower, and nothing else. On passing a newer snapshot the machine's state has to
be the one in it.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flowex.engine.codec import PYTHON, Codec
from flowex.engine.feed import Feed, batch_of
from flowex.engine.machine import Machine, MachineFactory, state_hash
from flowex.engine.replay import ReplayError, replay, restore
from flowex.engine.snapshot import SnapshotStore
from flowex.messages.enums import RULES_VERSION
from flowex.messages.layout import RecordError
from flowex.messages.state import StateHead, decode_state
from flowex.ports.disk import Disk
from flowex.ports.feed import DurableConsumer, SeededConsumer
from flowex.ports.journal import Journal

_OLDER_RULES: Final = (
    f"the exchange here was made by an older FlowEx and follows other rules than {RULES_VERSION}: "
    "begin in another folder, or go on with the FlowEx that made it"
)


@dataclass(frozen=True, slots=True)
class Followers:
    """Who has to be brought to where the machine is."""

    seeded: Sequence[SeededConsumer] = ()
    """Live in memory; begin with the snapshot the replay begins with, and get every batch."""
    durable: Sequence[DurableConsumer] = ()
    """Know how far they came, which bounds the snapshot; get what they have not seen."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Everything a sequencer needs to go on."""

    machine: Machine
    journal: Journal
    snapshot_sequence: int
    """Where the replay began; 0 is Genesis."""
    replayed: int
    """How many commands were applied again."""
    rules_version: int = RULES_VERSION
    """The rules the journal's last command followed; older ones want a RulesVersion now."""


def recover(
    disk: Disk,
    open_journal: Callable[[int], Journal],
    factory: MachineFactory,
    followers: Followers | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    codec: Codec = PYTHON,
) -> Recovered:
    """Bring machine and followers to the end of the journal.

    ``open_journal`` gets the latest sequence anybody knows; ``on_progress`` the sequence reached
    and the last one, after each frame. Raises JournalCorrupt, JournalFull, JournalFailed,
    ReplayError.
    """
    followers = followers or Followers()
    store = SnapshotStore(disk)
    known = [consumer.last_sequence for consumer in followers.durable]
    journal = open_journal(max([0, *known, *store.sequences()]))
    machine, begun = restore(store, factory, min(known, default=None))
    if begun is not None:
        state = decode_state(begun.state) if followers.seeded else []
        for consumer in followers.seeded:
            consumer.seed(state)
    begun_sequence, snapshots = machine.sequence, set(store.sequences())
    _check_rules(store, journal, begun_sequence)
    for frame, events in replay(machine, journal, disk):
        served = [*followers.seeded, *_behind(followers, frame.last_sequence)]
        if served:
            Feed(served).publish(batch_of(frame, events, codec))
        if machine.sequence in snapshots:
            _compare(machine, store)
        on_progress(machine.sequence, journal.last_sequence)
    if machine.sequence != journal.last_sequence:
        raise ReplayError(f"journal {journal.last_sequence}, machine {machine.sequence}")
    replayed = machine.sequence - begun_sequence
    return Recovered(machine, journal, begun_sequence, replayed, _rules_version(machine))


def _check_rules(store: SnapshotStore, journal: Journal, begun: int) -> None:
    """Refuse to apply commands of older rules again; a snapshot at the end is taken over.

    Raises ReplayError.
    """
    newest = max(store.sequences(), default=0)
    snapshot = store.load(newest) if newest else None
    if snapshot is None or _rules_of(snapshot.state) == RULES_VERSION:
        return
    if begun != newest or newest != journal.last_sequence:
        raise ReplayError(_OLDER_RULES)


def _rules_version(machine: Machine) -> int:
    """Return the rules the machine follows. Raises ReplayError when none were taken."""
    rules = _rules_of(machine.snapshot()) if machine.sequence else RULES_VERSION
    if not rules:
        raise ReplayError(_OLDER_RULES)
    return rules


def _rules_of(state: bytes) -> int:
    try:
        return StateHead.unpack(state).rules_version
    except (RecordError, IndexError, struct.error):
        return RULES_VERSION  # No state at all: whoever restores it says so.


def _behind(followers: Followers, sequence: int) -> list[DurableConsumer]:
    """Return the durable consumers that have not come so far and are not served as seeded ones."""
    seeded = [id(consumer) for consumer in followers.seeded]
    return [
        consumer
        for consumer in followers.durable
        if consumer.last_sequence < sequence and id(consumer) not in seeded
    ]


def _compare(machine: Machine, store: SnapshotStore) -> None:
    """Check, on passing a snapshot that is good, that the replay made the same state."""
    snapshot = store.load(machine.sequence)
    if snapshot is None:
        return
    replayed, stored = state_hash(machine.snapshot()), state_hash(snapshot.state)
    if replayed != stored:
        raise ReplayError(
            f"at sequence {machine.sequence} the journal makes state {replayed}, the snapshot "
            f"holds {stored}: another version of the rules wrote it, or a bug"
        )
