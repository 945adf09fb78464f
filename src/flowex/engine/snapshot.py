"""Snapshots: the machine's state in a file, written whole, checked when read, two kept.

::

    0      4         8          16       24         32                 64
    +------+---------+----------+--------+----------+------------------+-------+
    | FXSN | version | sequence | length | reserved | SHA-256 of state | state |
    +------+---------+----------+--------+----------+------------------+-------+
"""

import hashlib
import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from flowex.engine.commit import Committer
from flowex.ports.disk import Disk, DiskError

FOLDER: Final = "snapshots"
SUFFIX: Final = ".snapshot"
KEPT: Final = 2
MAGIC: Final = b"FXSN"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sIQQ8x32s")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state that was read back whole, and the sequence it stands at."""

    sequence: int
    state: bytes


class SnapshotStore:
    """The snapshots of a disk."""

    def __init__(self, disk: Disk) -> None:
        """Look at that disk's ``snapshots`` folder."""
        self._disk = disk

    def sequences(self) -> list[int]:
        """Return the sequences of the files there are, good or bad, ascending."""
        names = (name for name in self._disk.names(FOLDER) if name.endswith(SUFFIX))
        return [int(name.removesuffix(SUFFIX)) for name in names]

    def save(self, snapshot: Snapshot) -> None:
        """Write a snapshot and remove all but the newest two. Raises DiskError."""
        state = snapshot.state
        digest = hashlib.sha256(state).digest()
        header = _HEADER.pack(MAGIC, VERSION, snapshot.sequence, len(state), digest)
        self._disk.replace(_name(snapshot.sequence), header + state)
        for old in self.sequences()[:-KEPT]:
            self._disk.remove(_name(old))

    def load(self, sequence: int) -> Snapshot | None:
        """Return that snapshot, or None when the file is gone, or not whole and good.

        Gone is ordinary: who reads late may find that the engine has kept two newer ones meanwhile.
        """
        try:
            file = self._disk.open(_name(sequence))
        except FileNotFoundError:
            return None
        try:
            data = file.read_at(0, file.size())
        finally:
            file.close()
        if len(data) < _HEADER.size:
            return None
        magic, version, stored, length, digest = _HEADER.unpack_from(data)
        state = data[_HEADER.size :]
        whole = (magic, version, stored, length) == (MAGIC, VERSION, sequence, len(state))
        reserved_clear = not any(data[24:32])
        good = whole and reserved_clear and digest == hashlib.sha256(state).digest()
        return Snapshot(sequence, state) if good else None

    def newest_first(self, at_most: int | None = None) -> Iterator[Snapshot]:
        """Yield the good snapshots, at or before that sequence, newest first."""
        for sequence in reversed(self.sequences()):
            if at_most is None or sequence <= at_most:
                snapshot = self.load(sequence)
                if snapshot is not None:
                    yield snapshot


class Snapshotter:
    """Takes a snapshot every so many commands, while trading goes on.

    Only the machine's copying of its state happens between two batches; hashing and writing are
    done elsewhere (``background``) or at once. A snapshot that cannot be written is counted and
    tried again after as many commands: nothing is lost, a restart takes longer.
    """

    def __init__(self, store: SnapshotStore, *, every: int, background: bool = False) -> None:
        """Take one every ``every`` commands."""
        self._store = store
        self._every = every
        self._writer = ThreadPoolExecutor(1, "flowex-snapshots") if background else None
        self._writing: Future[None] | None = None
        self._offered = max(store.sequences(), default=0)
        self.last_sequence = self._offered
        """The sequence of the newest snapshot written."""

    def offer(self, committer: Committer) -> None:
        """Take a snapshot if one is due; to be called between batches."""
        due = committer.machine.sequence - self._offered >= self._every
        if due and (self._writing is None or self._writing.done()):
            self._take(committer)

    def finish(self, committer: Committer) -> None:
        """Take a last snapshot and return when it is written."""
        if committer.machine.sequence > self._offered:
            self._take(committer)
        if self._writer is not None:
            self._writer.shutdown(wait=True)

    def _take(self, committer: Committer) -> None:
        begun = committer.clock.now()
        snapshot = Snapshot(*committer.freeze())
        counters = committer.counters
        pause_us = committer.clock.now() - begun
        counters.snapshot_pause_us_max = max(counters.snapshot_pause_us_max, pause_us)
        self._offered = snapshot.sequence
        if self._writer is None:
            self._write(snapshot, committer)
        else:
            self._writing = self._writer.submit(self._write, snapshot, committer)

    def _write(self, snapshot: Snapshot, committer: Committer) -> None:
        try:
            self._store.save(snapshot)
        except DiskError:
            committer.counters.snapshot_failures += 1
        else:
            committer.counters.snapshots += 1
            self.last_sequence = snapshot.sequence


def _name(sequence: int) -> str:
    return f"{FOLDER}/{sequence:020d}{SUFFIX}"
