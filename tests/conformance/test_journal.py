"""Every journal gives back what was appended, in order, and nothing that was not certain."""

import pytest

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.ports.journal import Frame, Journal, JournalFailed

SEGMENT_BYTES = 2048
TIME = 1_700_000_000_000_000


def frame(first: int, count: int = 1) -> Frame:
    commands = b"".join(bytes([33, 1]) + number.to_bytes(62, "little") for number in range(count))
    return Frame(first, count, TIME + first, 1, commands)


@pytest.fixture
def disk() -> SimulatedDisk:
    return SimulatedDisk(SeededEntropy(0))


def open_again(disk: SimulatedDisk, known: int = 0) -> FileJournal:
    limits = JournalLimits(SEGMENT_BYTES, 0)
    return FileJournal.open(disk, known_sequence=known, limits=limits)


@pytest.fixture
def journal(disk: SimulatedDisk) -> Journal:
    return open_again(disk)


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert journal.last_sequence == 0
    assert list(journal.read(1)) == []
    assert journal.has_room


def test_what_is_appended_is_read_back(journal: Journal) -> None:
    frames = [frame(1), frame(2, 5), frame(7)]
    for one in frames:
        journal.append(one)
    assert list(journal.read(1)) == frames
    assert journal.last_sequence == 7


def test_reading_begins_with_the_frame_that_holds_the_sequence(journal: Journal) -> None:
    for first in range(1, 100, 3):
        journal.append(frame(first, 3))
    assert [one.first_sequence for one in journal.read(50)] == list(range(49, 100, 3))
    assert list(journal.read(103)) == []


def test_segments_are_crossed_and_nothing_is_missing(journal: Journal, disk: SimulatedDisk) -> None:
    for sequence in range(1, 101):
        journal.append(frame(sequence))
    assert len(disk.names("journal")) >= 100 * 128 // SEGMENT_BYTES
    assert [one.first_sequence for one in journal.read(1)] == list(range(1, 101))


def test_opening_again_goes_on_where_it_was(journal: Journal, disk: SimulatedDisk) -> None:
    for sequence in range(1, 51):
        journal.append(frame(sequence))
    journal.close()
    for known in (0, 20, 50):
        again = open_again(disk, known)
        assert again.last_sequence == 50
    again.append(frame(51))
    assert [one.first_sequence for one in again.read(1)] == list(range(1, 52))


def test_a_gap_is_a_bug(journal: Journal) -> None:
    journal.append(frame(1))
    with pytest.raises(AssertionError, match="gap"):
        journal.append(frame(3))


def test_what_is_not_synced_is_not_certain_and_not_read(journal: Journal) -> None:
    journal.append(frame(1))
    journal.append(frame(2), sync=False)
    journal.append(frame(3), sync=False)
    assert journal.last_sequence == 1
    assert [one.first_sequence for one in journal.read(1)] == [1]
    journal.sync()
    assert journal.last_sequence == 3
    assert [one.first_sequence for one in journal.read(1)] == [1, 2, 3]


def test_after_a_failed_sync_nothing_works_any_more(journal: Journal, disk: SimulatedDisk) -> None:
    journal.append(frame(1))
    disk.fail_sync_at = disk.syncs + 1
    with pytest.raises(JournalFailed):
        journal.append(frame(2))
    disk.fail_sync_at = None
    for act in (lambda: journal.append(frame(2)), journal.sync, journal.check_room):
        with pytest.raises(JournalFailed):
            act()
    assert journal.last_sequence == 1
