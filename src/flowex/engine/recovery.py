"""Coming back: the newest snapshot that serves everybody, then the journal's tail.

    snapshots, durable consumers ──► the latest sequence anybody knows ──► open the journal with it
    slowest durable consumer ──► newest good snapshot not after it ──► machine
    machine + journal's tail ──► consumers that have not seen it

When a durable consumer has fallen behind every snapshot (its tables were deleted, say), the replay
begins at Genesis: slower, and nothing else. On passing a newer snapshot the machine's state has to
be the one in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowex.engine.codec import PYTHON, Codec
from flowex.engine.feed import Feed, batch_of
from flowex.engine.machine import Machine, MachineFactory, state_hash
from flowex.engine.replay import ReplayError, replay, restore
from flowex.engine.snapshot import SnapshotStore
from flowex.messages.state import decode_state
from flowex.ports.disk import Disk
from flowex.ports.feed import DurableConsumer, SeededConsumer
from flowex.ports.journal import Journal


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
    for frame, events in replay(machine, journal, disk):
        served = [*followers.seeded, *_behind(followers, frame.last_sequence)]
        if served:
            Feed(served).publish(batch_of(frame, events, codec))
        if machine.sequence in snapshots:
            _compare(machine, store)
        on_progress(machine.sequence, journal.last_sequence)
    if machine.sequence != journal.last_sequence:
        raise ReplayError(f"journal {journal.last_sequence}, machine {machine.sequence}")
    return Recovered(machine, journal, begun_sequence, machine.sequence - begun_sequence)


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
