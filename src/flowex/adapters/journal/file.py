"""The journal in segment files, written by one process."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from flowex.adapters.journal.frame import (
    APPEND_BYTES_MAX,
    HEADER_BYTES,
    encode_frame,
    frame_hash,
)
from flowex.adapters.journal.reader import read_frames
from flowex.adapters.journal.scan import Scan, Tail, settle_tail
from flowex.adapters.journal.segments import (
    FOLDER,
    segment_holding,
    segment_name,
    segment_numbers,
)
from flowex.ports.disk import Disk, DiskError, DiskFull, File
from flowex.ports.journal import Frame, JournalFailed, JournalFull

ROOM_CHECKS_PER_SEGMENT: Final = 16
"""How often the free space is looked at while a segment fills."""


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """Sizes of a journal."""

    segment_bytes: int = 64 << 20
    free_bytes_min: int = 64 << 20
    """Below this much free space the journal has no room for ordinary commands."""

    def __post_init__(self) -> None:
        """Check that an append fits into a segment."""
        assert self.segment_bytes % HEADER_BYTES == 0


class FileJournal:
    """Frames in segments; the next segment is always made before it is needed.

    That spare is also the reserve: when it is in use and another one cannot be made, there is no
    room for ordinary commands any more, and a whole segment for cancels.
    """

    def __init__(self, disk: Disk, tail: Tail, limits: JournalLimits, *, background: bool) -> None:
        """Take over at a tail that ``open`` found and cleaned."""
        self._disk = disk
        self._limits = limits
        self._tail = tail
        self._certain = tail.sequence
        self._unsynced_bytes = 0
        self._failed = False
        self._maker = ThreadPoolExecutor(1, "flowex-segments") if background else None
        self._making: Future[File] | None = None
        self._spare: File | None = None
        self._has_room = False
        self._unchecked_bytes = 0
        self._file = self._open_current()
        self._size = self._file.size()
        with contextlib.suppress(FileNotFoundError):
            self._spare = disk.open(segment_name(tail.segment + 1))
        self.check_room()
        self._finish_spare()
        self.check_room()

    @classmethod
    def open(
        cls,
        disk: Disk,
        *,
        known_sequence: int = 0,
        limits: JournalLimits | None = None,
        background: bool = False,
    ) -> "FileJournal":
        """Open the journal, or begin one, and cut a torn tail.

        ``known_sequence`` is the latest that any snapshot or projection has; the scan begins in its
        segment. ``background``: segments are made in a thread of their own.
        Raises JournalCorrupt, JournalFull (no space for the first segment), JournalFailed.
        """
        scan = Scan(disk, segment_holding(disk, known_sequence))
        for _ in scan.frames():
            pass
        settle_tail(scan.tail, known_sequence)
        try:
            _cut(disk, scan.tail)
        except DiskError as error:
            raise JournalFailed(str(error)) from error
        return cls(disk, scan.tail, limits or JournalLimits(), background=background)

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command that is certain; 0 when empty."""
        return self._certain

    @property
    def time(self) -> int:
        """The time of the last frame."""
        return self._tail.time

    @property
    def epoch(self) -> int:
        """The epoch of the last frame; 0 when empty."""
        return self._tail.epoch

    @property
    def segment(self) -> int:
        """The number of the segment in use."""
        return self._tail.segment

    @property
    def has_room(self) -> bool:
        """Whether ordinary commands may be appended; if not, a reserve is left for cancels."""
        return self._has_room

    def append(self, frame: Frame, *, sync: bool = True) -> None:
        """Write the frame; return when it is certain, or at once without ``sync``.

        Raises JournalFull before anything was written, JournalFailed when nothing is certain.
        """
        self._refuse_after_failure()
        size_bytes = HEADER_BYTES + len(frame.commands)
        assert frame.first_sequence == self._tail.sequence + 1, "a gap in the journal"
        assert size_bytes <= min(APPEND_BYTES_MAX, self._limits.segment_bytes), "frame too long"
        if self._tail.offset + size_bytes > self._size:
            self._rotate()
        elif self._unsynced_bytes + size_bytes > APPEND_BYTES_MAX:
            self.sync()
        tail = self._tail
        data = encode_frame(frame, tail.segment, tail.hash, grouped=self._unsynced_bytes > 0)
        with self._fatal():
            self._file.write_at(tail.offset, data)
        self._tail = Tail(
            tail.segment,
            tail.offset + size_bytes,
            frame.last_sequence,
            frame.time,
            frame.epoch,
            frame_hash(data),
        )
        self._unsynced_bytes += size_bytes
        if sync:
            self.sync()
        self._unchecked_bytes += size_bytes
        if self._unchecked_bytes * ROOM_CHECKS_PER_SEGMENT >= self._size:
            self.check_room()

    def sync(self) -> None:
        """Make everything appended certain. Raises JournalFailed; a sync is never retried."""
        self._refuse_after_failure()
        if self._unsynced_bytes:
            with self._fatal():
                self._file.sync()
            self._unsynced_bytes = 0
            self._certain = self._tail.sequence

    def check_room(self) -> bool:
        """Look at the free space, make the next segment if it is missing, return ``has_room``."""
        self._refuse_after_failure()
        self._unchecked_bytes = 0
        with self._fatal():
            free_bytes = self._disk.free_bytes() - self._limits.free_bytes_min
            if not self._has_room:
                # Room is found again only with a segment to spare, so that it does not flicker.
                free_bytes -= self._limits.segment_bytes if self._spare else 0
            if self._spare is None:
                self._make_spare(free_bytes)
        ready = self._spare is not None or (self._has_room and self._making is not None)
        self._has_room = ready and free_bytes >= 0
        return self._has_room

    def read(self, first_sequence: int) -> Iterator[Frame]:
        """Yield the certain frames from the one that holds ``first_sequence`` on."""
        yield from read_frames(self._disk, first_sequence, self._certain)

    def close(self) -> None:
        """Close the files, synced. Raises JournalFailed."""
        try:
            if not self._failed:
                self.sync()
        finally:
            if self._maker is not None:
                self._maker.shutdown(wait=True)
            self._file.close()
            if self._spare is not None:
                self._spare.close()

    def _open_current(self) -> File:
        name = segment_name(self._tail.segment)
        try:
            if segment_numbers(self._disk):
                return self._disk.open(name)
            return self._disk.create(name, self._limits.segment_bytes)
        except DiskFull as error:
            raise JournalFull(f"no space for the first segment: {error}") from error

    def _make_spare(self, free_bytes: int) -> None:
        """Make the next segment, or begin to, if that leaves enough free space."""
        name, size_bytes = segment_name(self._tail.segment + 1), self._limits.segment_bytes
        if self._making is not None:
            if self._making.done():
                self._finish_spare()
        elif free_bytes < size_bytes:
            self._has_room = False
        elif self._maker is not None:
            self._making = self._maker.submit(self._disk.create, name, size_bytes)
        else:
            with contextlib.suppress(DiskFull):
                self._spare = self._disk.create(name, size_bytes)

    def _finish_spare(self) -> None:
        """Wait for the segment that is being made in the background, if any."""
        if self._making is None:
            return
        making, self._making = self._making, None
        with self._fatal(), contextlib.suppress(DiskFull):
            self._spare = making.result()

    def _rotate(self) -> None:
        """Go on in the next segment. Raises JournalFull, JournalFailed."""
        self.sync()
        if self._spare is None:
            self.check_room()
            self._finish_spare()
        if self._spare is None:
            raise JournalFull(f"no space for {segment_name(self._tail.segment + 1)}")
        self._file.close()
        self._file, self._spare = self._spare, None
        self._size = self._file.size()
        self._tail = replace(self._tail, segment=self._tail.segment + 1, offset=0)
        self.check_room()

    def _refuse_after_failure(self) -> None:
        if self._failed:
            raise JournalFailed("the journal has failed before")

    @contextlib.contextmanager
    def _fatal(self) -> Iterator[None]:
        try:
            yield
        except DiskError as error:
            self._failed = True
            raise JournalFailed(str(error)) from error


def _cut(disk: Disk, tail: Tail) -> None:
    """Put zeros over a torn tail, and a copy of it beside the segments."""
    if not tail.torn_bytes:
        return
    file = disk.open(segment_name(tail.segment))
    torn = file.read_at(tail.offset, tail.torn_bytes)
    with contextlib.suppress(DiskFull):  # The copy is for the curious; the exchange can start.
        disk.replace(f"{FOLDER}/torn-{tail.segment:08d}-{tail.offset}", torn)
    file.write_at(tail.offset, bytes(len(torn)))
    file.sync()
    file.close()
