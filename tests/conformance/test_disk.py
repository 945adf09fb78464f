"""Every disk keeps what was synced, whole names only, and says no in one way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.ports.disk import Disk

DISKS: dict[str, Callable[[Path], Disk]] = {
    "local": LocalDisk,
    "simulated": lambda _: SimulatedDisk(SeededEntropy(1)),
}


@pytest.fixture(params=DISKS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return DISKS[request.param](tmp_path / "disk")


def test_a_new_file_is_zeros_of_the_size_asked(disk: Disk) -> None:
    file = disk.create("folder/new", 3 << 20)
    assert file.size() == 3 << 20
    assert file.read_at(0, 3 << 20) == bytes(3 << 20)


def test_what_is_written_is_read_by_every_handle(disk: Disk) -> None:
    file = disk.create("file", 8192)
    file.write_at(4090, b"across a page")
    file.sync()
    assert disk.open("file").read_at(4090, 13) == b"across a page"
    file.close()


def test_reading_past_the_end_gives_what_there_is(disk: Disk) -> None:
    file = disk.create("file", 10)
    assert file.read_at(8, 100) == bytes(2)
    assert file.read_at(20, 5) == b""


def test_writing_past_the_end_makes_the_file_longer(disk: Disk) -> None:
    file = disk.create("file", 0)
    file.write_at(4, b"abcd")
    file.sync()
    assert file.size() == 8
    assert file.read_at(0, 8) == bytes(4) + b"abcd"


def test_names_are_those_of_one_folder_sorted(disk: Disk) -> None:
    for name in ("a/2", "a/1", "a/b/3", "4"):
        disk.create(name, 0)
    assert disk.names("a") == ["1", "2"]
    assert disk.names("nothing") == []


def test_replace_publishes_new_content_under_a_new_or_known_name(disk: Disk) -> None:
    disk.replace("folder/file", b"first, and longer")
    disk.replace("folder/file", b"second")
    file = disk.open("folder/file")
    assert file.read_at(0, 100) == b"second"
    assert disk.names("folder") == ["file"]


def test_truncate_cuts(disk: Disk) -> None:
    disk.replace("file", b"0123456789")
    disk.truncate("file", 4)
    assert disk.open("file").read_at(0, 100) == b"0123"


def test_remove_removes(disk: Disk) -> None:
    disk.replace("file", b"")
    disk.remove("file")
    assert disk.names("") in ([], ["lock"])


@pytest.mark.parametrize("act", ["open", "remove", "truncate"])
def test_what_is_not_there_is_not_found(disk: Disk, act: str) -> None:
    arguments = ("missing", 1) if act == "truncate" else ("missing",)
    with pytest.raises(FileNotFoundError):
        getattr(disk, act)(*arguments)


def test_there_is_free_space(disk: Disk) -> None:
    assert disk.free_bytes() > 0
