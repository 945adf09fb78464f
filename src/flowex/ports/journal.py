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


class Journal(Protocol):
    """Append-only frames, sequence after sequence without a gap."""

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command that is certain; 0 when empty."""
        ...

    def append(self, frame: Frame) -> None:
        """Write the frame and return when it is committed (local sync and, later, a quorum).

        Raises JournalFull before anything was written, JournalFailed when nothing is certain.
        """
        ...

    def read(self, first_sequence: int) -> Iterator[Frame]:
        """Yield the frames from the one that holds ``first_sequence`` on.

        Raises JournalCorrupt.
        """
        ...

    def close(self) -> None:
        """Close the files; everything appended is already certain."""
        ...
