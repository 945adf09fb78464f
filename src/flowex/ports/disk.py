"""Files as the journal and the snapshots need them: nothing is certain before a sync.

DiskError
├── DiskBusy      another process has the folder
├── DiskFull      no space; nothing of the call may be relied on
└── DiskFailed    the medium or the kernel said no; never retried
"""

from typing import Protocol


class DiskError(Exception):
    """The disk did not do what it was asked."""


class DiskBusy(DiskError):
    """Another process has the folder."""


class DiskFull(DiskError):
    """No space is left."""


class DiskFailed(DiskError):
    """A write or sync failed; what was not synced before may be lost."""


class File(Protocol):
    """An open file."""

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of ``data`` at ``offset``; certain only after ``sync``."""
        ...

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Return up to that many bytes from ``offset``; fewer only at the end of the file."""
        ...

    def size(self) -> int:
        """Return the file's length in bytes."""
        ...

    def sync(self) -> None:
        """Return when everything written is on the medium (fdatasync, F_FULLFSYNC on macOS)."""
        ...

    def close(self) -> None:
        """Close the file; what was not synced may be lost."""
        ...


class Disk(Protocol):
    """A folder of files; names are relative, with ``/`` between folders."""

    def create(self, name: str, size_bytes: int) -> File:
        """Make a new file of that many zero bytes, space reserved and name synced."""
        ...

    def open(self, name: str) -> File:
        """Open an existing file for reading and writing; raises FileNotFoundError."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted; empty if there is no such folder."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Publish ``data`` under ``name`` so that after a crash the old or the new is there, whole.

        Writes a temporary file, syncs it, renames it, syncs the folder.
        """
        ...

    def truncate(self, name: str, size_bytes: int) -> None:
        """Cut a file to that many bytes, synced."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, synced."""
        ...

    def free_bytes(self) -> int:
        """Return how much space is left."""
        ...
