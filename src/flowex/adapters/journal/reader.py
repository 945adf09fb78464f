"""A journal opened by those who only read it, also while another process writes."""

from collections.abc import Iterator
from typing import Final

from flowex.adapters.journal.scan import Scan
from flowex.adapters.journal.segments import segment_holding
from flowex.ports.disk import Disk
from flowex.ports.journal import Frame

_SEQUENCE_MAX: Final = (1 << 63) - 1


class FileJournalReader:
    """The frames of a disk up to a sequence that is known to be certain."""

    def __init__(self, disk: Disk, last_sequence: int | None = None) -> None:
        """Read up to ``last_sequence``, or up to the last good frame there is now.

        Raises JournalCorrupt.
        """
        self._disk = disk
        if last_sequence is None:
            scan = Scan(disk, segment_holding(disk, _SEQUENCE_MAX))
            for _ in scan.frames():
                pass
            last_sequence = scan.tail.sequence
        self.last_sequence = last_sequence

    def read(self, first_sequence: int) -> Iterator[Frame]:
        """Yield the frames from the one that holds ``first_sequence`` on. Raises JournalCorrupt."""
        yield from read_frames(self._disk, first_sequence, self.last_sequence)


def read_frames(disk: Disk, first_sequence: int, last_sequence: int) -> Iterator[Frame]:
    """Yield the frames that hold these sequences. Raises JournalCorrupt."""
    if first_sequence > last_sequence:
        return
    for stored in Scan(disk, segment_holding(disk, first_sequence)).frames():
        if stored.frame.last_sequence >= first_sequence:
            yield stored.frame
        if stored.frame.last_sequence >= last_sequence:
            return  # What follows may be half written by now, and is nobody's yet.
