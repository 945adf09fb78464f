"""Where an exchange lives: one folder, one process at a time.

::

    HOME/
    ├── data/                journal/ snapshots/ flowex.db: the exchange itself
    ├── data.unfinished/     an exchange that is being founded; nobody was told anything of it yet
    ├── demo.json            API keys of the demo accounts
    ├── run.json             where the running exchange answers
    └── lock                 held by the running exchange
"""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

import msgspec

LOCK_NAME: Final = "lock"


class HomeError(Exception):
    """The folder cannot be used; the message says what to do."""


class Running(msgspec.Struct, frozen=True):
    """What ``run.json`` tells about the exchange that runs here."""

    url: str
    pid: int


class Home:
    """The folder of one exchange."""

    def __init__(self, root: Path) -> None:
        """Name the folder; nothing is made before ``take``."""
        self.root = root
        self.data = root / "data"
        self.unfinished = root / "data.unfinished"
        self.demo_keys = root / "demo.json"
        self.run_file = root / "run.json"
        self._lock = -1

    @property
    def is_founded(self) -> bool:
        """Whether there is an exchange."""
        return self.data.is_dir()

    def take(self) -> None:
        """Make the folder if need be and keep every other process out of it. Raises HomeError."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.root / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise HomeError(f"{self.root} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            running = self.running()
            where = f" at {running.url} (process {running.pid})" if running else ""
            raise HomeError(
                f"an exchange is already running in {self.root}{where}: "
                "stop it, or choose another folder with --home"
            ) from error
        self._lock = lock

    def leave(self) -> None:
        """Let others in."""
        self.run_file.unlink(missing_ok=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def begin(self) -> Path:
        """Return an empty folder to found an exchange in, whatever was left there before."""
        self.discard()
        self.unfinished.mkdir(mode=0o700)  # Balances are nobody else's business.
        return self.unfinished

    def discard(self) -> None:
        """Delete what was founded and not finished."""
        shutil.rmtree(self.unfinished, ignore_errors=True)

    def finish(self) -> None:
        """Make what was founded the exchange of this home: all of it or nothing."""
        _sync_folder(self.unfinished)
        self.unfinished.rename(self.data)
        _sync_folder(self.root)

    def tell(self, url: str) -> None:
        """Write down where the exchange answers."""
        working = self.run_file.with_suffix(".unfinished")
        working.write_bytes(msgspec.json.encode(Running(url, os.getpid())))
        working.replace(self.run_file)

    def running(self) -> Running | None:
        """Return where an exchange answers, if one runs here and has said so."""
        try:
            return msgspec.json.decode(self.run_file.read_bytes(), type=Running)
        except (OSError, msgspec.MsgspecError):
            return None


def database_path(data: Path) -> Path:
    """Return the database's file in a data folder."""
    return data / "flowex.db"


def history_path(data: Path) -> Path:
    """Return the file of the markets' history in a data folder."""
    return data / "history.duckdb"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
