"""`flowex journal` on a small home, whole and damaged."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_exchange import SETUP, Sizes, command_of, open_exchange

from flowex.adapters.disk.local import LocalDisk
from flowex.app.cli_journal import journal
from flowex.app.home import Home
from flowex.engine.machine import state_hash
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.commands import Halt
from flowex.ports.sequencer import Priority, SequencerStopped

COMMANDS = 100
LAST = len(SETUP) + COMMANDS
SIZES = Sizes(segment_bytes=8192, snapshot_every=50)


async def trade(data: Path) -> str:
    """Make an exchange with a short history and return its state's hash."""
    disk = LocalDisk(data)
    sequencer = open_exchange(InlineSequencer, disk, sizes=SIZES)
    sequencer.start()
    for command in (*SETUP, *(command_of(n % 8, n // 8) for n in range(COMMANDS))):
        await sequencer.submit(command, priority=Priority.INTERNAL)
    sequencer.stop()
    disk.close()
    return state_hash(sequencer._committer.machine.snapshot())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.data.mkdir()
    return home


@pytest.fixture
def expected(home: Home) -> str:
    return asyncio.run(trade(home.data))


def call(home: Home, *words: str, told: str = "") -> Result:
    return CliRunner().invoke(journal, [*words, "--home", str(home.root)], input=told)


def flip(home: Home, name: str, offset: int) -> None:
    path = home.data / name
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def test_stat_counts(home: Home, expected: str) -> None:
    said = json.loads(call(home, "stat", "--json").stdout)
    assert said["commands"] == said["last_sequence"] == LAST
    assert said["first_sequence"] == 1
    assert said["snapshots"] == [100, LAST]
    assert said["torn_bytes"] == 0
    assert f"{LAST} in {LAST} frames" in call(home, "stat").stdout


def test_verify_finds_it_whole(home: Home, expected: str) -> None:
    said = call(home, "verify")
    assert said.exit_code == 0
    assert f"✓ {LAST} commands" in said.stdout


def test_verify_names_segment_and_offset(home: Home, expected: str) -> None:
    flip(home, "journal/00000001.segment", 500)
    said = call(home, "verify")
    assert said.exit_code == 1
    assert "journal/00000001.segment at offset" in said.stderr
    assert "later append" in said.stderr


def test_verify_names_a_damaged_snapshot(home: Home, expected: str) -> None:
    flip(home, f"snapshots/{LAST:020d}.snapshot", 500)
    said = call(home, "verify")
    assert said.exit_code == 1
    assert f"the snapshot at {LAST} is damaged" in said.stdout


def test_verify_tells_a_torn_tail_and_changes_nothing(home: Home, expected: str) -> None:
    for snapshot in (home.data / "snapshots").iterdir():
        snapshot.unlink()
    last = max((home.data / "journal").glob("*.segment"))
    used = [path for path in sorted((home.data / "journal").iterdir()) if any(path.read_bytes())]
    assert used[-1] != last, "the spare should be empty"
    end = len(used[-1].read_bytes().rstrip(b"\0"))
    flip(home, f"journal/{used[-1].name}", end - 1)
    before = used[-1].read_bytes()
    said = call(home, "verify")
    assert said.exit_code == 1
    assert "torn tail" in said.stdout
    assert used[-1].read_bytes() == before


def test_replay_makes_the_same_state(home: Home, expected: str) -> None:
    said = json.loads(call(home, "replay", "--engine", "reference", "--json").stdout)
    assert said["state_hash"] == expected
    assert (said["engine"], said["sequence"]) == ("reference", LAST)
    there = json.loads(call(home, "replay", "--engine", "reference", "--to", "30", "--json").stdout)
    assert there["sequence"] == 30
    assert there["state_hash"] != expected
    assert "state hash" in call(home, "replay", "--engine", "reference").stdout


def test_replay_past_the_end_is_refused(home: Home, expected: str) -> None:
    said = call(home, "replay", "--to", str(LAST + 1))
    assert said.exit_code == 1
    assert f"ends at {LAST}" in said.stderr


@pytest.mark.parametrize("command", ["stat", "verify", "replay"])
def test_a_folder_without_an_exchange_is_named(tmp_path: Path, command: str) -> None:
    said = call(Home(tmp_path / "nothing"), command)
    assert said.exit_code == 1
    assert "there is no exchange in" in said.stderr


async def poison(data: Path) -> None:
    disk = LocalDisk(data)
    sequencer = open_exchange(InlineSequencer, disk, sizes=SIZES)
    sequencer.start()
    with pytest.raises(SequencerStopped):
        await sequencer.submit(Halt(origin=666), priority=Priority.INTERNAL)
    sequencer._committer.journal.close()
    disk.close()


@pytest.fixture
def _buggy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the machine a bug that Halt meets."""
    apply = ReferenceMachine.apply

    def fail(*_: object) -> None:
        raise AssertionError("a bug")

    def buggy(self: ReferenceMachine, time: int, commands: bytes) -> bytes:
        if Halt(origin=666).pack() in commands:
            monkeypatch.setattr(self, "_apply_one", fail)
        return apply(self, time, commands)

    monkeypatch.setattr(ReferenceMachine, "apply", buggy)


WHO_AND_WHY = ("--engine", "reference", "--operator", "Ada", "--reason", "bug 7")


@pytest.mark.usefixtures("_buggy", "expected")
def test_quarantine_asks_twice_and_lets_the_exchange_start(home: Home) -> None:
    asyncio.run(poison(home.data))
    sequence = str(LAST + 1)
    for refused in ("n\n", "y\n5\n"):
        assert call(home, "quarantine", sequence, *WHO_AND_WHY, told=refused).exit_code == 1
    assert call(home, "replay", "--engine", "reference").exit_code == 1
    said = call(home, "quarantine", sequence, *WHO_AND_WHY, told=f"y\n{sequence}\n")
    assert said.exit_code == 0, said.output
    assert "Halt(" in said.stdout
    assert json.loads(call(home, "stat", "--json").stdout)["quarantined"] == [LAST + 1]
    assert call(home, "replay", "--engine", "reference").exit_code == 0


@pytest.mark.usefixtures("expected")
def test_quarantine_refuses_what_stops_nothing(home: Home) -> None:
    said = call(home, "quarantine", str(LAST), *WHO_AND_WHY)
    assert said.exit_code == 1
    assert "was applied before" in said.stderr
    for snapshot in (home.data / "snapshots").iterdir():
        snapshot.unlink()
    said = call(home, "quarantine", str(LAST), *WHO_AND_WHY)
    assert said.exit_code == 1
    assert "does not stop the machine" in said.stderr
