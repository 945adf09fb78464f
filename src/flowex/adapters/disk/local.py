"""Files in a folder of this computer.

A file is made under a working name, filled with zeros, synced, renamed and its folder synced, so
that no half-made file ever carries its final name. Real zeros, not a reservation: a later sync
then writes data only and no file system metadata.
"""

import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from flowex.ports.disk import DiskBusy, DiskFailed, DiskFull

LOCK_NAME: Final = "lock"
WORKING_SUFFIX: Final = ".unfinished"
"""Ends the name of a file that is being made; leftovers are removed when the folder is opened."""
FILL_BYTES: Final = 1 << 20
"""How many zeros are written at once."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def _disk_errors(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        kind = DiskFull if error.errno in _FULL else DiskFailed
        raise kind(f"{what}: {os.strerror(error.errno or 0)}") from error


if sys.platform == "darwin":  # fsync alone leaves the data in the drive's cache there

    def _sync(descriptor: int) -> None:
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

else:

    def _sync(descriptor: int) -> None:
        os.fdatasync(descriptor)


def _write_all(descriptor: int, offset: int, data: bytes) -> None:
    written = os.pwrite(descriptor, data, offset)
    while written < len(data):
        written += os.pwrite(descriptor, memoryview(data)[written:], offset + written)


class LocalFile:
    """An open file."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open an existing file. Raises FileNotFoundError, DiskFailed."""
        self._path = path
        with _disk_errors(f"open {path}"):
            self._descriptor = os.open(path, os.O_RDWR if writable else os.O_RDONLY)

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of ``data`` at ``offset``. Raises DiskFull, DiskFailed."""
        try:
            _write_all(self._descriptor, offset, data)
        except OSError:
            with _disk_errors(f"write {self._path} at {offset}"):
                raise

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Return up to that many bytes from ``offset``. Raises DiskFailed."""
        with _disk_errors(f"read {self._path} at {offset}"):
            data = os.pread(self._descriptor, size_bytes, offset)
            while len(data) < size_bytes:
                more = os.pread(self._descriptor, size_bytes - len(data), offset + len(data))
                if not more:
                    break
                data += more
            return data

    def size(self) -> int:
        """Return the file's length in bytes."""
        with _disk_errors(f"stat {self._path}"):
            return os.fstat(self._descriptor).st_size

    def sync(self) -> None:
        """Return when everything written is on the medium. Raises DiskFailed."""
        try:
            _sync(self._descriptor)
        except OSError as error:
            # Even "no space" is final here: what the sync covered may be gone.
            raise DiskFailed(f"sync {self._path}: {os.strerror(error.errno or 0)}") from error

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class LocalDisk:
    """A folder; made when it is not there, and locked so that one process writes in it."""

    def __init__(self, root: Path, *, writable: bool = True) -> None:
        """Open the folder. Raises DiskBusy when another process has it, DiskFailed.

        Not ``writable``: nothing is made or locked, and nothing can be written.
        """
        self._root = root
        self._writable = writable
        self._lock = -1
        if writable:
            with _disk_errors(f"make {root}"):
                root.mkdir(parents=True, exist_ok=True)
            self._lock = self._take_lock()
            with _disk_errors(f"clean {root}"):
                for leftover in root.rglob("*" + WORKING_SUFFIX):
                    leftover.unlink()

    def _take_lock(self) -> int:
        path = self._root / LOCK_NAME
        with _disk_errors(f"lock {path}"):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DiskBusy(f"{self._root} is in use by another process") from error
        return descriptor

    def create(self, name: str, size_bytes: int) -> LocalFile:
        """Make a new file of that many zeros. Raises DiskFull (nothing is left), DiskFailed."""
        path = self._root / name
        self._publish(path, size_bytes, None)
        return LocalFile(path, writable=True)

    def open(self, name: str) -> LocalFile:
        """Open an existing file. Raises FileNotFoundError, DiskFailed."""
        return LocalFile(self._root / name, writable=self._writable)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted, without those being made."""
        try:
            with os.scandir(self._root / folder) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if entry.is_file() and not entry.name.endswith(WORKING_SUFFIX)
                )
        except FileNotFoundError:
            return []

    def replace(self, name: str, data: bytes) -> None:
        """Publish ``data`` under ``name``, whole or not at all. Raises DiskFull, DiskFailed."""
        self._publish(self._root / name, len(data), data)

    def truncate(self, name: str, size_bytes: int) -> None:
        """Cut a file to that many bytes, synced. Raises FileNotFoundError, DiskFailed."""
        path = self._root / name
        with _disk_errors(f"truncate {path}"):
            os.truncate(path, size_bytes)
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def remove(self, name: str) -> None:
        """Delete a file, synced. Raises FileNotFoundError, DiskFailed."""
        path = self._root / name
        with _disk_errors(f"remove {path}"):
            path.unlink()
            _sync_folder(path.parent)

    def free_bytes(self) -> int:
        """Return how much space an ordinary process may still use."""
        with _disk_errors(f"statvfs {self._root}"):
            space = os.statvfs(self._root)
            return space.f_bavail * space.f_frsize

    def close(self) -> None:
        """Let another process have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _publish(self, path: Path, size_bytes: int, data: bytes | None) -> None:
        working = path.with_name(path.name + WORKING_SUFFIX)
        with _disk_errors(f"make {path}"):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
                _sync_folder(path.parent.parent)
            try:
                _fill(working, size_bytes, data)
            except OSError:
                working.unlink(missing_ok=True)
                raise
            working.replace(path)
            _sync_folder(path.parent)


def _fill(working: Path, size_bytes: int, data: bytes | None) -> None:
    descriptor = os.open(working, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if data is None:
            zeros = bytes(FILL_BYTES)
            for offset in range(0, size_bytes, FILL_BYTES):
                _write_all(descriptor, offset, zeros[: size_bytes - offset])
        else:
            _write_all(descriptor, 0, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
