"""Recovery: the newest snapshot that serves everybody, then the tail, exactly once."""

from collections.abc import Sequence

import msgspec
import pytest
from simulation import Simulation
from small_exchange import Sizes

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.engine.machine import state_hash
from flowex.engine.quarantine import NAME
from flowex.engine.recovery import Followers, Recovered, recover
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.replay import ReplayError, machine_at, refuse_other_rules, replay
from flowex.engine.snapshot import Snapshot, SnapshotStore
from flowex.messages.commands import AccountOpen, Genesis
from flowex.messages.state import StateHead, StateRecord
from flowex.ports.feed import FeedBatch
from flowex.ports.journal import Frame

SIZES = Sizes(segment_bytes=4096, snapshot_every=40)
LAST = 150


class Follower:
    """A consumer that was already at a sequence."""

    def __init__(self, last_sequence: int = 0) -> None:
        self.last_sequence = last_sequence
        self.seeded_at: int | None = None

    def seed(self, state: Sequence[StateRecord]) -> None:
        (head,) = (record for record in state if isinstance(record, StateHead))
        self.seeded_at = self.last_sequence = head.id

    def apply(self, batch: FeedBatch) -> None:
        assert batch.first_sequence <= self.last_sequence + 1 <= batch.last_sequence
        self.last_sequence = batch.last_sequence


@pytest.fixture
async def disk() -> SimulatedDisk:
    disk = SimulatedDisk(SeededEntropy(0))
    simulation = Simulation(disk, SIZES)
    await simulation.start()
    while simulation.machine.sequence < LAST:
        await simulation.trade()
    return disk


def open_journal(disk: SimulatedDisk, known: int = 0) -> FileJournal:
    return FileJournal.open(disk, known_sequence=known, limits=JournalLimits(4096, 0))


def recovered(disk: SimulatedDisk, followers: Followers | None = None) -> Recovered:
    return recover(disk, lambda known: open_journal(disk, known), ReferenceMachine, followers)


def hash_of(disk: SimulatedDisk) -> str:
    return state_hash(recovered(disk).machine.snapshot())


async def test_it_begins_with_the_newest_snapshot(disk: SimulatedDisk) -> None:
    back = recovered(disk)
    assert (back.snapshot_sequence, back.machine.sequence, back.replayed) == (120, LAST, 30)


async def test_every_way_leads_to_the_same_state(disk: SimulatedDisk) -> None:
    expected = hash_of(disk)
    for sequence in reversed(SnapshotStore(disk).sequences()):
        disk.remove(f"snapshots/{sequence:020d}.snapshot")
        assert hash_of(disk) == expected
    assert recovered(disk).replayed == LAST


async def test_a_slow_consumer_gets_what_it_has_not_seen(disk: SimulatedDisk) -> None:
    for begun in (0, 79, 85, 130, LAST):
        fast, slow = Follower(LAST), Follower(begun)
        back = recovered(disk, Followers(durable=[fast, slow]))
        assert back.snapshot_sequence == max([0, *(one for one in (80, 120) if one <= begun)])
        assert slow.last_sequence == fast.last_sequence == LAST


async def test_a_seeded_consumer_begins_where_the_replay_begins(disk: SimulatedDisk) -> None:
    memory, rows = Follower(), Follower(100)
    recovered(disk, Followers(seeded=[memory], durable=[rows]))
    assert memory.seeded_at == 80
    assert memory.last_sequence == rows.last_sequence == LAST


async def test_a_damaged_snapshot_is_passed_over(disk: SimulatedDisk) -> None:
    disk.open("snapshots/00000000000000000120.snapshot").current[100] ^= 1
    assert recovered(disk).snapshot_sequence == 80


async def test_a_whole_snapshot_that_no_machine_takes_is_refused(disk: SimulatedDisk) -> None:
    SnapshotStore(disk).save(Snapshot(130, b"no state at all" * 64))
    with pytest.raises(ReplayError, match="at sequence 130 the journal makes"):
        recovered(disk)


async def test_a_snapshot_that_the_journal_does_not_make_is_refused(disk: SimulatedDisk) -> None:
    journal, store = open_journal(disk), SnapshotStore(disk)
    before = machine_at(store, ReferenceMachine, journal, disk, 139).snapshot()
    store.save(Snapshot(140, before))
    with pytest.raises(ReplayError, match="at sequence 140 the journal makes"):
        recovered(disk, Followers(durable=[Follower(121)]))


async def test_progress_is_told(disk: SimulatedDisk) -> None:
    told: list[tuple[int, int]] = []
    recover(
        disk,
        lambda known: open_journal(disk, known),
        ReferenceMachine,
        on_progress=lambda done, whole: told.append((done, whole)),
    )
    assert told == [(sequence, LAST) for sequence in range(121, LAST + 1)]


async def test_a_private_machine_stands_at_any_sequence(disk: SimulatedDisk) -> None:
    journal, store = open_journal(disk), SnapshotStore(disk)
    for sequence in (1, 79, 80, 81, LAST):
        machine = machine_at(store, ReferenceMachine, journal, disk, sequence)
        assert machine.sequence == sequence
    with pytest.raises(ReplayError, match="ends at 150, before 151"):
        machine_at(store, ReferenceMachine, journal, disk, LAST + 1)


async def test_a_replay_goes_on_in_the_middle_of_a_frame() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    simulation = Simulation(disk, SIZES)
    await simulation.start()
    simulation.sequencer.run([AccountOpen()] * 10)
    simulation.sequencer.flush()
    journal, end = open_journal(disk), simulation.machine.sequence
    machine = machine_at(SnapshotStore(disk), ReferenceMachine, journal, disk, end - 5)
    assert sum(frame.count for frame, _ in replay(machine, journal, disk)) == 5
    assert state_hash(machine.snapshot()) == state_hash(simulation.machine.snapshot())
    assert machine.events_hash == simulation.machine.events_hash


def test_a_spoilt_list_of_quarantined_commands_stops_the_start(disk: SimulatedDisk) -> None:
    disk.replace(NAME, b'{"sequence": 1')
    with pytest.raises(ReplayError, match=r"journal/quarantine\.jsonl cannot be read"):
        recovered(disk)


def under_rules_1(state: bytes) -> bytes:
    head = StateHead.unpack(state)
    old = msgspec.structs.replace(head, rules_version=1).pack()
    return old + state[len(old) :]


async def test_a_snapshot_of_other_rules_is_refused(disk: SimulatedDisk) -> None:
    state = recovered(disk).machine.snapshot()
    refuse_other_rules(SnapshotStore(disk))
    SnapshotStore(disk).save(Snapshot(LAST, under_rules_1(state)))
    with pytest.raises(ReplayError, match="made by another FlowEx"):
        refuse_other_rules(SnapshotStore(disk))
    with pytest.raises(ReplayError, match="made by another FlowEx"):
        recovered(disk)


async def test_commands_of_other_rules_are_not_applied(disk: SimulatedDisk) -> None:
    genesis = Genesis(rules_version=1)
    frame = Frame(1, 1, 0, 0, genesis.pack())

    class Journal:
        last_sequence = 1

        def read(self, first_sequence: int) -> list[Frame]:
            return [frame]

    with pytest.raises(ReplayError, match="made by another FlowEx"):
        list(replay(ReferenceMachine(), Journal(), disk))
