"""What this computer allows: strace, mounts."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def strace(*injections: str) -> list[str]:
    """Return the words that start a program under strace with these faults injected.

    Without strace the test is skipped, and fails in CI.
    """
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed (Debian: apt-get install strace)")
    calls = ",".join(sorted({one.partition(":")[0] for one in injections}))
    faults = [word for one in injections for word in ("-e", f"inject={one}")]
    return [path, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", *faults]


@contextmanager
def mounted(point: Path, *words: str) -> Iterator[None]:
    """Mount something there for a while; a test that may not is skipped."""
    point.mkdir(exist_ok=True)
    if os.geteuid() or subprocess.run(["mount", *words, point], check=False).returncode:
        pytest.skip(f"not allowed here: mount {' '.join(words)}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", point], check=True)
