"""The real disk: one process at a time, nothing half-made under a final name."""

from pathlib import Path

import pytest

from flowex.adapters.disk.local import WORKING_SUFFIX, LocalDisk
from flowex.ports.disk import DiskBusy, DiskFailed


def test_a_second_writer_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    first = LocalDisk(tmp_path)
    with pytest.raises(DiskBusy):
        LocalDisk(tmp_path)
    LocalDisk(tmp_path, writable=False)
    first.close()
    LocalDisk(tmp_path).close()


def test_leftovers_of_a_crash_are_removed_and_never_listed(tmp_path: Path) -> None:
    leftover = tmp_path / "journal" / f"00000002.segment{WORKING_SUFFIX}"
    leftover.parent.mkdir()
    leftover.write_bytes(b"half")
    assert LocalDisk(tmp_path, writable=False).names("journal") == []
    assert leftover.exists()
    LocalDisk(tmp_path).close()
    assert not leftover.exists()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    disk.replace("file", b"0123")
    disk.close()
    file = LocalDisk(tmp_path, writable=False).open("file")
    assert file.read_at(0, 4) == b"0123"
    with pytest.raises(DiskFailed):
        file.write_at(0, b"x")
    file.close()


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskFailed):
        LocalDisk(tmp_path / "file" / "below")
