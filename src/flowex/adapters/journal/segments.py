"""The files of a journal: ``journal/00000001.segment`` and so on, each zero-filled when made."""

from typing import Final

from flowex.adapters.journal.frame import APPEND_BYTES_MAX, decode_frame
from flowex.ports.disk import Disk
from flowex.ports.journal import JournalCorrupt

FOLDER: Final = "journal"
SUFFIX: Final = ".segment"


def segment_name(number: int) -> str:
    """Return the file name of a segment; numbers begin with 1."""
    return f"{FOLDER}/{number:08d}{SUFFIX}"


def segment_numbers(disk: Disk) -> list[int]:
    """Return the numbers of the segments there are, ascending.

    Raises JournalCorrupt when one in the middle is missing.
    """
    names = (name for name in disk.names(FOLDER) if name.endswith(SUFFIX))
    numbers = [int(name.removesuffix(SUFFIX)) for name in names]
    for expected, number in enumerate(numbers, start=numbers[0] if numbers else 1):
        if number != expected:
            raise JournalCorrupt(
                f"{segment_name(expected)} is missing: put it back from a backup or a standby"
            )
    return numbers


def segment_holding(disk: Disk, sequence: int) -> int:
    """Return the number of the last segment that begins at or before ``sequence``.

    The first segment there is, when none does; 1 for an empty journal.
    """
    numbers = segment_numbers(disk)
    for number in reversed(numbers):
        file = disk.open(segment_name(number))
        try:
            first = decode_frame(file.read_at(0, APPEND_BYTES_MAX))
        finally:
            file.close()
        if first is not None and first.frame.first_sequence <= sequence:
            return number
    return numbers[0] if numbers else 1
