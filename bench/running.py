"""The exchange under measure: a process of its own, asked and watched from outside only."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

START_SECONDS_MAX: Final = 120.0
STOP_SECONDS_MAX: Final = 15.0
POLL_SECONDS: Final = 0.02
SCRIPT: Final = Path(sys.executable).with_name("flowex")


@dataclass(frozen=True)
class Key:
    """A demo account's key."""

    name: str
    api_key: str
    api_secret: str


class NotRunning(Exception):
    """The exchange did not start, or is gone."""


class Exchange:
    """One running exchange; a context manager that stops it."""

    def __init__(self, home: Path, *, with_bots: bool = False, core: int | None = None) -> None:
        """Start it in ``home``, on one core if asked, and return when it takes orders."""
        self.home = home
        self.port = free_port()
        self.log = home.with_suffix(".log")
        # The announced rates are a promise to strangers; a bench wants to be refused nothing.
        command = [str(SCRIPT), "run", "--demo", "--no-rate-limits"]
        command += ["--home", str(home), "--port", str(self.port)]
        command += [] if with_bots else ["--no-bots"]
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=(lambda: pin(core)) if core is not None else None,  # noqa: PLW1509 - one thread yet
            )
        self._wait_until_ready()
        self.start_seconds = time.monotonic() - began

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def keys(self) -> list[Key]:
        """Return the demo accounts' keys."""
        accounts = json.loads((self.home / "demo.json").read_bytes())["accounts"]
        return [Key(one["name"], one["api_key"], one["api_secret"]) for one in accounts]

    def status(self) -> dict[str, Any]:
        """Return what ``/status`` says."""
        answer: dict[str, Any] = json.loads(get(f"{self.url}/status"))
        return answer

    def stop(self) -> None:
        """Stop it as Ctrl-C does; kill it when it does not stop in time."""
        self.process.send_signal(2)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        """Give the running exchange."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                get(f"{self.url}/readyz")
            except OSError:
                time.sleep(POLL_SECONDS)
            else:
                return
        self.process.kill()
        tail = self.log.read_text(errors="replace")[-2_000:]
        raise NotRunning(f"the exchange did not start; its last words:\n{tail}")


def get(url: str) -> bytes:
    """Return the body of a GET; OSError when there is no answer or not a good one."""
    with urllib.request.urlopen(url, timeout=5.0) as answer:
        body: bytes = answer.read()
        return body


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(core: int) -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def cores() -> tuple[int | None, int | None]:
    """Return a core for the server and one for the clients; None for both on a single core."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    mine = sorted(os.sched_getaffinity(0))
    return (mine[0], mine[1]) if len(mine) > 1 else (None, None)


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time a process has used, all its threads; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int | None:
    """Return the resident memory of a process; None where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
