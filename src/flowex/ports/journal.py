"""The ordered, durable list of commands: what was appended and synced has happened.

JournalError
├── JournalFull       no room for the next segment: the exchange turns READ_ONLY, nothing is lost
├── JournalFailed     an append or sync failed: the process must end and recover
└── JournalCorrupt    bytes that cannot be a torn tail; names segment and offset
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class JournalError(Exception):
    """The journal cannot go on."""


class JournalFull(JournalError):
    """No space for another segment."""


class JournalFailed(JournalError):
    """An append or sync failed; what it covered must not be acknowledged."""


class JournalCorrupt(JournalError):
    """The journal's bytes are not what was written."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A batch of commands with one time: the unit of append, sync and recovery."""

    first_sequence: int
    count: int
    time: int
    epoch: int
    commands: bytes

    @property
    def last_sequence(self) -> int:
        """The sequence of the frame's last command."""
        return self.first_sequence + self.count - 1


class JournalReader(Protocol):
    """A journal as those see it who only read."""

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command that is certain; 0 when empty."""
        ...

    def read(self, first_sequence: int) -> Iterator[Frame]:
        """Yield the certain frames from the one that holds ``first_sequence`` on.

        Raises JournalCorrupt.
        """
        ...


class Journal(JournalReader, Protocol):
    """Append-only frames, sequence after sequence without a gap.

    What is un-synced at any time is the last append alone: one frame, or a group of them.
    """

    @property
    def has_room(self) -> bool:
        """Whether ordinary commands may be appended; if not, a reserve is left for cancels."""
        ...

    def check_room(self) -> bool:
        """Look at the disk again, make room if possible, and return ``has_room``.

        Raises JournalFailed.
        """
        ...

    def append(self, frame: Frame, *, sync: bool = True) -> None:
        """Write the frame and return when it is committed (local sync and, later, a quorum).

        Without ``sync`` it may become certain only at the next append with it, or ``sync()``:
        for work nobody has been told about, such as a simulated past.
        Raises JournalFull before anything was written, JournalFailed when nothing is certain.
        """
        ...

    def sync(self) -> None:
        """Make everything appended certain. Raises JournalFailed."""
        ...

    def close(self) -> None:
        """Close the files, synced. Raises JournalFailed."""
        ...
