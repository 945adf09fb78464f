"""How a journal may end: whole, torn and cut, or damaged and refused."""

import pytest

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.adapters.journal.frame import APPEND_BYTES_MAX, NO_HASH, encode_frame
from flowex.adapters.journal.reader import FileJournalReader
from flowex.ports.journal import Frame, JournalCorrupt

FRAME_BYTES = 128
FRAMES = 10
LIMITS = JournalLimits(segment_bytes=1024, free_bytes_min=0)


def frame(sequence: int) -> Frame:
    return Frame(sequence, 1, sequence, 1, bytes([33, 1]) + bytes([sequence]) * 62)


@pytest.fixture
def disk() -> SimulatedDisk:
    """A disk with ten frames: eight in the first segment, two in the second, the third is spare."""
    disk = SimulatedDisk(SeededEntropy(0))
    journal = FileJournal.open(disk, limits=LIMITS)
    for sequence in range(1, FRAMES + 1):
        journal.append(frame(sequence))
    journal.close()
    return disk


def open_again(disk: SimulatedDisk, known: int = 0) -> FileJournal:
    return FileJournal.open(disk, known_sequence=known, limits=LIMITS)


def spoil(disk: SimulatedDisk, segment: int, offset: int, data: bytes = b"\xff") -> None:
    disk.open(f"journal/{segment:08d}.segment").current[offset : offset + len(data)] = data


def test_a_torn_last_frame_is_cut_and_kept_aside(disk: SimulatedDisk) -> None:
    spoil(disk, 2, FRAME_BYTES + 100)
    journal = open_again(disk, known=FRAMES - 1)
    assert journal.last_sequence == FRAMES - 1
    assert disk.open("journal/torn-00000002-128").size() == FRAME_BYTES
    journal.append(frame(FRAMES))
    assert [one.first_sequence for one in journal.read(1)] == list(range(1, FRAMES + 1))


def test_a_torn_frame_whose_beginning_was_lost_is_cut(disk: SimulatedDisk) -> None:
    spoil(disk, 2, FRAME_BYTES, bytes(100))
    assert open_again(disk).last_sequence == FRAMES - 1


def test_a_last_frame_that_somebody_knows_is_never_cut(disk: SimulatedDisk) -> None:
    spoil(disk, 2, FRAME_BYTES + 100)
    before = bytes(disk.open("journal/00000002.segment").current)
    with pytest.raises(JournalCorrupt, match=r"00000002\.segment at offset 128: damage.*knows 10"):
        open_again(disk, known=FRAMES)
    assert disk.open("journal/00000002.segment").current == before


def test_a_journal_older_than_its_consumers_is_refused(disk: SimulatedDisk) -> None:
    with pytest.raises(JournalCorrupt, match=r"ends after sequence 10, but .* knows 11"):
        open_again(disk, known=FRAMES + 1)


@pytest.mark.parametrize(
    ("segment", "offset", "why"),
    [
        (2, 50, "later append at 128"),
        (1, 300, "later append at 384"),
        (1, 7 * FRAME_BYTES + 70, r"00000002\.segment is in use"),
        (1, 8, "later append at 128"),
    ],
)
def test_damage_in_the_middle_is_refused(
    disk: SimulatedDisk, segment: int, offset: int, why: str
) -> None:
    spoil(disk, segment, offset)
    with pytest.raises(JournalCorrupt, match=why):
        open_again(disk)


def test_a_missing_segment_is_refused(disk: SimulatedDisk) -> None:
    disk.create("journal/00000004.segment", 1024)
    disk.remove("journal/00000002.segment")
    with pytest.raises(JournalCorrupt, match=r"00000002\.segment is missing"):
        open_again(disk)


def test_a_frame_of_another_history_is_refused(disk: SimulatedDisk) -> None:
    stranger = encode_frame(frame(FRAMES), 2, NO_HASH, grouped=False)
    spoil(disk, 2, FRAME_BYTES, stranger)
    with pytest.raises(JournalCorrupt, match="another history"):
        open_again(disk)


@pytest.mark.parametrize(
    ("stray", "why"),
    [
        (Frame(99, 1, 99, 1, bytes(64)), "sequence 99 after 10"),
        (Frame(11, 1, 3, 1, bytes(64)), "time 3 before 10"),
        (Frame(11, 1, 99, 0, bytes(64)), "epoch 0 after 1"),
    ],
)
def test_a_frame_out_of_order_is_refused(disk: SimulatedDisk, stray: Frame, why: str) -> None:
    journal = open_again(disk)
    spoil(disk, 2, 2 * FRAME_BYTES, encode_frame(stray, 2, journal._tail.hash, grouped=False))
    with pytest.raises(JournalCorrupt, match=why):
        open_again(disk)


def test_damage_longer_than_an_append_is_refused() -> None:
    disk = SimulatedDisk(SeededEntropy(0))
    limits = JournalLimits(2 * APPEND_BYTES_MAX, 0)
    FileJournal.open(disk, limits=limits).close()
    spoil(disk, 1, 0)
    spoil(disk, 1, APPEND_BYTES_MAX + 1)
    with pytest.raises(JournalCorrupt, match="too long to be torn"):
        FileJournal.open(disk, limits=limits)


def group(disk: SimulatedDisk) -> None:
    """Append frames 11 to 14 with one sync."""
    journal = open_again(disk)
    for sequence in range(11, 14):
        journal.append(frame(sequence), sync=False)
    journal.append(frame(14))


@pytest.mark.parametrize(("hole", "left"), [(2, 10), (3, 11), (4, 12), (5, 13)])
def test_a_group_torn_anywhere_is_cut_there(disk: SimulatedDisk, hole: int, left: int) -> None:
    group(disk)
    spoil(disk, 2, hole * FRAME_BYTES, bytes(FRAME_BYTES - 1))
    assert open_again(disk, known=10).last_sequence == left
    assert open_again(disk).last_sequence == left, "what was cut is gone for good"


def test_a_torn_group_followed_by_another_append_is_damage(disk: SimulatedDisk) -> None:
    group(disk)
    open_again(disk).append(frame(15))
    spoil(disk, 2, 3 * FRAME_BYTES)
    with pytest.raises(JournalCorrupt, match="later append"):
        open_again(disk)


def test_a_frame_of_another_version_is_named(disk: SimulatedDisk) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flowex.adapters.journal.frame.VERSION", 2)

        with pytest.raises(JournalCorrupt, match="version 1"):
            open_again(disk)


def test_a_reader_stops_at_what_is_certain(disk: SimulatedDisk) -> None:
    spoil(disk, 2, 2 * FRAME_BYTES + 5)
    assert FileJournalReader(disk).last_sequence == FRAMES
    assert len(list(FileJournalReader(disk, 9).read(3))) == 7
    assert list(FileJournalReader(disk).read(FRAMES + 1)) == []
