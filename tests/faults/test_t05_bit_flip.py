"""T5: one bit flipped anywhere in journal or snapshots, 2,000 times: none goes undetected."""

import copy
import random
import re
from collections import Counter

import pytest
from simulation import Simulation
from small_exchange import Sizes

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.adapters.journal.scan import Scan
from flowex.engine.machine import state_hash
from flowex.engine.recovery import recover
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.snapshot import SnapshotStore
from flowex.ports.journal import Journal, JournalCorrupt

FLIPS = 2_000
CHUNK = 500
COMMANDS = 120
SAYS_WHERE = re.compile(r"journal/\d{8}\.segment at offset \d+: ")
SIZES = Sizes(segment_bytes=4096, snapshot_every=50)


async def history() -> tuple[SimulatedDisk, dict[int, str]]:
    """Return a disk with a small history, and the state hash after every command."""
    disk = SimulatedDisk(SeededEntropy(0))
    simulation = Simulation(disk, SIZES)
    await simulation.start()
    for _ in range(COMMANDS):
        await simulation.trade()
    simulation.sequencer.flush()
    machine, hashes = ReferenceMachine(), {}
    for stored in Scan(disk).frames():
        machine.apply(stored.frame.time, stored.frame.commands)
        hashes[machine.sequence] = state_hash(machine.snapshot())
    return disk, hashes


def fate(disk: SimulatedDisk, hashes: dict[int, str], known: int) -> str:
    """Recover, check that what came back is true, and say what was done about the flip."""
    last, newest = max(hashes), max(snapshot_sequences(disk))

    def open_journal(snapshots_know: int) -> Journal:
        return FileJournal.open(
            disk, known_sequence=max(known, snapshots_know), limits=JournalLimits(4096, 0)
        )

    try:
        recovered = recover(disk, open_journal, ReferenceMachine)
    except JournalCorrupt as error:
        return "refused" if SAYS_WHERE.match(str(error)) else f"refused without a place: {error}"
    machine = recovered.machine
    assert state_hash(machine.snapshot()) == hashes[machine.sequence], "undetected"
    if machine.sequence < last:
        assert machine.sequence == last - 1
        assert known < last, "cut what somebody knew"
        return "last frame cut"
    if any(name.startswith("torn") for name in disk.names("journal")):
        return "unused space cleaned"
    if recovered.snapshot_sequence < newest:
        return "previous snapshot"
    assert verification_finds_it(disk), "undetected"
    return "not needed, found by verification"


def verification_finds_it(disk: SimulatedDisk) -> bool:
    """Whether reading everything there is, as `flowex journal verify` does, finds the flip."""
    store = SnapshotStore(disk)
    if any(store.load(sequence) is None for sequence in store.sequences()):
        return True
    scan = Scan(disk)
    try:
        for _ in scan.frames():
            pass
    except JournalCorrupt:
        return True
    return scan.tail.torn_bytes > 0


def snapshot_sequences(disk: SimulatedDisk) -> list[int]:
    return [int(name.partition(".")[0]) for name in disk.names("snapshots")]


@pytest.mark.parametrize("chunk", range(FLIPS // CHUNK))
async def test_no_bit_flip_goes_undetected(chunk: int) -> None:
    chance = random.Random(chunk)
    disk, hashes = await history()
    names = [
        f"{folder}/{name}" for folder in ("journal", "snapshots") for name in disk.names(folder)
    ]
    fates: Counter[str] = Counter()
    for _ in range(CHUNK):
        spoilt = copy.deepcopy(disk)
        file = spoilt.open(chance.choice(names))
        file.current[chance.randrange(file.size())] ^= 1 << chance.randrange(8)
        fates[fate(spoilt, hashes, known=chance.choice([0, max(hashes)]))] += 1
    print(f"T5 seed {chunk}: {CHUNK} flips, 0 undetected: {dict(fates)}")
    assert set(fates) <= {
        "refused",
        "last frame cut",
        "unused space cleaned",
        "previous snapshot",
        "not needed, found by verification",
    }
    assert fates["refused"]
    assert fates["previous snapshot"]
