"""Reading a journal from the disk: every frame checked, and where and how it ends.

Since what is un-synced is the last append alone, a crash can only leave damage at the very end:
whatever follows the last good frame is then at most one append long, and no frame of a later
append comes after it. Such a torn tail may be cut. Damage anywhere else is corruption.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from flowex.adapters.journal.frame import (
    APPEND_BYTES_MAX,
    MAGIC,
    NO_HASH,
    StoredFrame,
    decode_frame,
)
from flowex.adapters.journal.segments import segment_name, segment_numbers
from flowex.messages.layout import BLOCK
from flowex.ports.disk import Disk
from flowex.ports.journal import JournalCorrupt


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the next frame goes, and what it has to follow."""

    segment: int
    offset: int
    sequence: int
    time: int
    epoch: int
    hash: bytes
    torn_bytes: int = 0
    """How many bytes from ``offset`` on are the rest of an append that was never certain."""

    def __str__(self) -> str:
        """Name the place."""
        return f"{segment_name(self.segment)} at offset {self.offset}"


class Scan:
    """One pass over a journal's frames, from the beginning of a segment to the end."""

    def __init__(self, disk: Disk, first_segment: int | None = None) -> None:
        """Prepare to read from that segment, or the first there is.

        Raises JournalCorrupt when a segment is missing.
        """
        self._disk = disk
        numbers = segment_numbers(disk)
        start = numbers[0] if numbers else 1
        self._numbers = [number for number in numbers if number >= (first_segment or start)]
        # A scan that begins in the middle has to take the first frame's word for what was before.
        self._trust_first = bool(self._numbers) and self._numbers[0] != 1
        self.tail = Tail(self._numbers[0] if self._numbers else 1, 0, 0, 0, 0, NO_HASH)
        """Where the scan has come to; the journal's end when ``frames`` is exhausted."""
        self.segments = len(self._numbers)

    def frames(self) -> Iterator[StoredFrame]:
        """Yield every frame in order, then settle ``tail``.

        Raises JournalCorrupt naming segment and offset and what to do.
        """
        for index, number in enumerate(self._numbers):
            data = self._read(number)
            end = yield from self._segment_frames(number, data)
            used = len(data.rstrip(b"\0"))
            if used > end:
                if decode_frame(self._read(number, end, APPEND_BYTES_MAX)) is not None:
                    return  # It is being written: what was read as half a frame is whole now.
                self.tail = replace(self.tail, segment=number, offset=end)
                self._judge_damage(data, used, self._numbers[index + 1 :])
                return

    def _read(self, number: int, offset: int = 0, size_bytes: int | None = None) -> bytes:
        file = self._disk.open(segment_name(number))
        try:
            return file.read_at(offset, file.size() if size_bytes is None else size_bytes)
        finally:
            file.close()

    def _segment_frames(self, number: int, data: bytes) -> Generator[StoredFrame, None, int]:
        offset = 0
        while (stored := _decode(number, data, offset)) is not None:
            self._check_order(stored, number, offset)
            offset += stored.size_bytes
            frame = stored.frame
            self.tail = Tail(
                number, offset, frame.last_sequence, frame.time, frame.epoch, stored.hash
            )
            yield stored
        return offset

    def _check_order(self, stored: StoredFrame, number: int, offset: int) -> None:
        before, frame = self.tail, stored.frame
        if self._trust_first:
            self._trust_first = False
            before = replace(before, sequence=frame.first_sequence - 1, hash=stored.previous_hash)
        fault = ""
        if stored.segment != number:
            fault = f"segment {stored.segment}"
        elif frame.first_sequence != before.sequence + 1:
            fault = f"sequence {frame.first_sequence} after {before.sequence}"
        elif stored.previous_hash != before.hash:
            fault = "another history (hash chain)"
        elif frame.time < before.time:
            fault = f"time {frame.time} before {before.time}"
        elif frame.epoch < before.epoch:
            fault = f"epoch {frame.epoch} after {before.epoch}"
        if fault:
            raise _corrupt(number, offset, f"a good frame, but of {fault}")

    def _judge_damage(self, data: bytes, used: int, later: list[int]) -> None:
        """Decide whether the damage at the tail is a torn append; raise JournalCorrupt if not."""
        tail = self.tail
        if used - tail.offset > APPEND_BYTES_MAX:
            raise _corrupt(
                tail.segment,
                tail.offset,
                f"damage of {used - tail.offset} bytes, too long to be torn",
            )
        follower = _later_append(data, tail.offset, used)
        if follower is not None:
            raise _corrupt(
                tail.segment,
                tail.offset,
                f"damage, and a good frame of a later append at {follower}",
            )
        for number in later:
            if self._read(number).rstrip(b"\0"):
                raise _corrupt(
                    tail.segment, tail.offset, f"damage, and {segment_name(number)} is in use"
                )
        torn = -(-(used - tail.offset) // BLOCK) * BLOCK
        self.tail = replace(tail, torn_bytes=torn)


def _decode(number: int, data: bytes, offset: int) -> StoredFrame | None:
    try:
        return decode_frame(data, offset)
    except JournalCorrupt as error:
        raise JournalCorrupt(f"{segment_name(number)} at offset {offset}: {error}") from None


def _later_append(data: bytes, offset: int, used: int) -> int | None:
    """Return where a frame begins that was written after a sync of what lies at ``offset``."""
    found = data.find(MAGIC, offset + 1, used)
    while found >= 0:
        if found % BLOCK == 0:
            stored = decode_frame(data, found)
            if stored is not None and not stored.grouped:
                return found
        found = data.find(MAGIC, found + 1, used)
    return None


def _corrupt(number: int, offset: int, what: str) -> JournalCorrupt:
    return JournalCorrupt(
        f"{segment_name(number)} at offset {offset}: {what}. Nothing was changed. "
        "Put the segment back from a backup or a standby, then start again"
    )


def settle_tail(tail: Tail, known_sequence: int) -> None:
    """Check that nobody knows a later sequence than the journal's last.

    Raises JournalCorrupt: damage to what was certain, or an older journal than its consumers.
    """
    if tail.sequence >= known_sequence:
        return
    what = "damage" if tail.torn_bytes else "the journal ends"
    raise JournalCorrupt(
        f"{tail}: {what} after sequence {tail.sequence}, but a snapshot or projection knows "
        f"{known_sequence}. Nothing was changed. Put the journal back from a backup or a standby; "
        "if it is the right one, remove the snapshots and projections that are newer"
    )
