"""The simulated disk: what a power cut may and may not take."""

import pytest

from flowex.adapters.disk.simulated import PowerCut, SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.ports.disk import DiskFailed, DiskFull

DATA = bytes(range(1, 251)) * 8


def cut_while_writing(seed: int) -> bytes:
    """Return what a file holds after an un-synced write met a power cut."""
    disk = SimulatedDisk(SeededEntropy(seed))
    file = disk.create("file", len(DATA))
    file.write_at(0, DATA)
    disk.power_on()
    return disk.open("file").read_at(0, len(DATA))


def test_what_was_synced_survives() -> None:
    for seed in range(50):
        disk = SimulatedDisk(SeededEntropy(seed))
        file = disk.create("file", 100)
        file.write_at(0, b"certain")
        file.sync()
        file.write_at(50, b"uncertain")
        disk.power_on()
        assert disk.open("file").read_at(0, 7) == b"certain"


def test_an_un_synced_write_is_kept_lost_or_torn() -> None:
    left = [cut_while_writing(seed) for seed in range(100)]
    assert DATA in left
    assert bytes(len(DATA)) in left
    prefixes = [data for data in left if data.rstrip(b"\0") == DATA[: len(data.rstrip(b"\0"))]]
    assert len(prefixes) < len(left), "no sector ever survived one before it"
    assert all(a in (0, b) for data in left for a, b in zip(data, DATA, strict=True))


def test_the_same_seed_leaves_the_same_bytes() -> None:
    assert cut_while_writing(7) == cut_while_writing(7)


def test_the_power_goes_at_the_operation_chosen() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    disk.cut_power_at(3)
    file = disk.create("file", 10)
    file.write_at(0, b"x")
    with pytest.raises(PowerCut):
        file.sync()
    with pytest.raises(PowerCut):
        disk.replace("other", b"")


def test_replace_is_whole_or_not_at_all() -> None:
    seen = set()
    for seed in range(20):
        disk = SimulatedDisk(SeededEntropy(seed))
        disk.replace("file", b"old")
        disk.cut_power_at(1)
        with pytest.raises(PowerCut):
            disk.replace("file", b"new")
        disk.power_on()
        seen.add(disk.open("file").read_at(0, 10))
    assert seen == {b"old", b"new"}


def test_a_failing_sync_fails_from_then_on() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    file = disk.create("file", 10)
    disk.fail_sync_at = 2
    file.sync()
    for _ in range(2):
        with pytest.raises(DiskFailed):
            file.sync()


def test_a_full_disk_refuses_and_keeps_what_it_has() -> None:
    disk = SimulatedDisk(SeededEntropy(0), capacity_bytes=100)
    file = disk.create("file", 90)
    for act in (
        lambda: disk.create("other", 11),
        lambda: disk.replace("other", bytes(11)),
        lambda: file.write_at(90, bytes(11)),
    ):
        with pytest.raises(DiskFull):
            act()
    assert disk.names("") == ["file"]
    assert disk.free_bytes() == 10
