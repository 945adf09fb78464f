"""T16: one journal, one state: both engines, every Python found, any hash seed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from clients import Life, Log
from engines import HAS_NATIVE

PROGRAM = """
import sys
from pathlib import Path
from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.scan import Scan
from flowex.app.engines import machine_factory
from flowex.engine.machine import state_hash
machine = machine_factory(sys.argv[2])(None)
for stored in Scan(LocalDisk(Path(sys.argv[1]), writable=False)).frames():
    machine.apply(stored.frame.time, stored.frame.commands)
print(machine.sequence, machine.events_hash, state_hash(machine.snapshot()))
"""
COMMANDS = 5_000
HASH_SEEDS = ("0", "1", "random")
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


def test_every_replay_makes_the_same_state(tmp_path: Path) -> None:
    log = Log()
    life = Life(tmp_path, log, "--threaded")
    assert life.acknowledge(COMMANDS)
    assert life.finish() == 0
    engines = ["reference", "native"] if HAS_NATIVE else ["reference"]
    answers = {
        (engine, seed, python): _replay(python, tmp_path, engine, seed)
        for engine in engines
        for seed in HASH_SEEDS
        for python in _pythons()
    }
    print(
        f"T16: {len(answers)} replays of {len(log.acknowledged)} commands: {set(answers.values())}"
    )
    assert len(set(answers.values())) == 1, answers


def _replay(python: str, folder: Path, engine: str, hash_seed: str) -> str:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONHASHSEED": hash_seed,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, "-c", PROGRAM, folder, engine],
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def _pythons() -> list[str]:
    """Return this Python and those others that can load what we need."""
    found = [sys.executable]
    for name in PYTHONS:
        path = shutil.which(name)
        if path and name != f"python3.{sys.version_info.minor}":
            tried = subprocess.run(
                [path, "-c", "import flowex, msgspec, xxhash"], check=False, capture_output=True
            )
            found += [path] * (tried.returncode == 0)
    return found


def test_the_native_machine_is_tried() -> None:
    if not HAS_NATIVE:
        pytest.skip("the native core is not built (no C++ compiler?)")
