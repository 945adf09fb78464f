"""Snapshots: written whole, checked when read, two kept, none needed."""

import pytest
from simulation import Simulation
from small_exchange import SETUP, Sizes

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.engine.snapshot import Snapshot, SnapshotStore


@pytest.fixture
def disk() -> SimulatedDisk:
    return SimulatedDisk(SeededEntropy(0))


def test_what_is_saved_is_loaded(disk: SimulatedDisk) -> None:
    store = SnapshotStore(disk)
    store.save(Snapshot(7, b"state"))
    assert store.load(7) == Snapshot(7, b"state")
    assert store.sequences() == [7]


def test_two_are_kept(disk: SimulatedDisk) -> None:
    store = SnapshotStore(disk)
    for sequence in (1, 5, 9, 1_000_000):
        store.save(Snapshot(sequence, b"state"))
    assert store.sequences() == [9, 1_000_000]
    assert [one.sequence for one in store.newest_first()] == [1_000_000, 9]
    assert [one.sequence for one in store.newest_first(at_most=999_999)] == [9]


def test_no_flipped_bit_is_taken(disk: SimulatedDisk) -> None:
    store = SnapshotStore(disk)
    store.save(Snapshot(1, b"older"))
    store.save(Snapshot(2, b"newer"))
    file = disk.open("snapshots/00000000000000000002.snapshot")
    for bit in range(file.size() * 8):
        file.current[bit // 8] ^= 1 << bit % 8
        assert [one.sequence for one in store.newest_first()] == [1]
        file.current[bit // 8] ^= 1 << bit % 8
    for size in range(file.size()):
        whole = bytes(file.current)
        del file.current[size:]
        assert store.load(2) is None
        file.current[:] = whole
    assert store.load(2) is not None


def test_one_that_was_removed_while_somebody_read_is_passed_over(disk: SimulatedDisk) -> None:
    store = SnapshotStore(disk)
    for sequence in (1, 2):
        store.save(Snapshot(sequence, b"state"))
    found = store.newest_first()
    assert next(found).sequence == 2
    store.save(Snapshot(3, b"state"))  # As the engine does, while a late projection reads.
    assert list(found) == []
    assert store.load(1) is None


async def test_one_is_taken_every_so_many_commands_and_at_the_stop(disk: SimulatedDisk) -> None:
    simulation = Simulation(disk, Sizes(snapshot_every=50))
    await simulation.start()
    for _ in range(150 - len(SETUP)):
        await simulation.trade()
    assert SnapshotStore(disk).sequences() == [100, 150]
    await simulation.trade()
    simulation.sequencer.stop()
    assert SnapshotStore(disk).sequences() == [150, 151]
    assert simulation.sequencer.counters.snapshots == 4
    assert simulation.sequencer.snapshot_sequence == 151


async def test_one_that_cannot_be_written_is_counted_and_trading_goes_on(
    disk: SimulatedDisk,
) -> None:
    disk.capacity_bytes = 2 * (64 << 10)
    simulation = Simulation(disk, Sizes(snapshot_every=50))
    await simulation.start()
    for _ in range(100):
        await simulation.trade()
    assert SnapshotStore(disk).sequences() == []
    assert simulation.sequencer.counters.snapshot_failures == 2
    assert simulation.failure is None
