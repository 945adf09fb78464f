"""The clients' side of a crash test: they ask, they write down what they were told, they judge."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from small_exchange import CLIENTS, SETUP, origin_of

from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.scan import Scan
from flowex.engine.invariants import check
from flowex.engine.machine import MachineFactory, state_hash
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.snapshot import SnapshotStore
from flowex.messages.commands import CommandKind
from flowex.messages.events import Result, decode_events
from flowex.messages.state import decode_state
from flowex.ports.disk import Disk

CHILD = Path(__file__).with_name("child.py")
WINDOW = 8
"""Commands each client has on its way."""
LIFETIME_SECONDS = 60
"""A child that lives longer has hung."""


@dataclass
class Log:
    """What the clients were told, over all lives of the exchange."""

    acknowledged: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Request id to (sequence, code)."""
    refused: int = 0
    states: list[str] = field(default_factory=list)
    next_numbers: list[int] = field(default_factory=lambda: [0] * CLIENTS)
    unknown: list[dict[int, None]] = field(default_factory=lambda: [{} for _ in range(CLIENTS)])
    """Per client, what was asked and not answered, oldest first; asked again in the next life."""


class Life:
    """One life of the child, from its start to its end."""

    def __init__(self, folder: Path, log: Log, *options: str, wrapper: Sequence[str] = ()) -> None:
        self.log = log
        self.acknowledged = 0
        self.first_sequence = 0
        """The sequence at which this life began."""
        self._process = subprocess.Popen(
            [*wrapper, sys.executable, str(CHILD), str(folder), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._watchdog = threading.Timer(
            LIFETIME_SECONDS, os.killpg, (self._process.pid, signal.SIGKILL)
        )
        self._watchdog.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def drive(self, enough: Callable[[], bool]) -> bool:
        """Trade until ``enough`` says so (True) or the child has ended (False)."""
        for words in self._lines():
            if words[0] == "ready":
                self.first_sequence = int(words[1])
                self._begin()
            elif words[0] in ("ack", "refused"):
                self._ask_next(int(words[1]))
            if enough():
                return True
        return False

    def acknowledge(self, count: int) -> bool:
        """Trade until so many are acknowledged in this life (True) or the child has ended."""
        return self.drive(lambda: self.acknowledged >= count)

    def kill(self) -> int:
        """Kill it, hear what it had still said, and return its exit code."""
        os.killpg(self._process.pid, signal.SIGKILL)
        return self.end()

    def finish(self) -> int:
        """Let it stop by itself, and return its exit code."""
        self.close_input()
        return self.end()

    def close_input(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def end(self) -> int:
        for _ in self._lines():
            pass
        self._watchdog.cancel()
        code = self._process.wait()
        self.close_input()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def _lines(self) -> Iterator[list[str]]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.endswith(b"\n"):  # Half a line was never said.
                words = line.decode().split()
                self._note(words)
                yield words

    def _note(self, words: list[str]) -> None:
        if words[0] == "ack":
            client, number, sequence, code = map(int, words[1:])
            origin = origin_of(client, number)
            assert origin not in self.log.acknowledged, "acknowledged twice"
            self.log.acknowledged[origin] = (sequence, code)
            self.acknowledged += 1
            del self.log.unknown[client][number]
        elif words[0] == "refused":
            self.log.refused += 1
            del self.log.unknown[int(words[1])][int(words[2])]
        elif words[0] == "state":
            self.log.states.append(words[1])

    def _begin(self) -> None:
        for client, unknown in enumerate(self.log.unknown):
            for number in unknown:
                self._ask(client, number)
            for _ in range(WINDOW - len(unknown)):
                self._ask_next(client)

    def _ask_next(self, client: int) -> None:
        number = self.log.next_numbers[client]
        self.log.next_numbers[client] += 1
        self.log.unknown[client][number] = None
        self._ask(client, number)

    def _ask(self, client: int, number: int) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{client} {number}\n".encode())
            self._process.stdin.flush()


def judge(folder: Path, log: Log) -> int:
    """Return how many acknowledged commands a folder lost."""
    return judge_disk(LocalDisk(folder, writable=False), log)


def judge_disk(disk: Disk, log: Log, factory: MachineFactory = ReferenceMachine) -> int:
    """Return how many acknowledged commands were lost; 0 is what we promise.

    The journal is replayed from Genesis by a machine of our own: every acknowledged command has to
    be at its sequence with its result, nothing that was asked twice may have worked twice, every
    snapshot has to be what the replay makes, and the state has to keep all invariants.
    """
    store = SnapshotStore(disk)
    snapshots = {one.sequence: state_hash(one.state) for one in store.newest_first()}
    machine = factory(None)
    told: dict[tuple[int, int], int] = {}
    worked: Counter[int] = Counter()
    for stored in Scan(disk).frames():
        events = decode_events(machine.apply(stored.frame.time, stored.frame.commands))
        for event in events:
            if isinstance(event, Result):
                told[event.origin, event.sequence] = event.code
                is_once = event.command_kind in (CommandKind.CREDIT, CommandKind.ORDER_PLACE)
                worked[event.origin] += bool(event.origin) and is_once and not event.code
        if machine.sequence in snapshots:
            assert state_hash(machine.snapshot()) == snapshots.pop(machine.sequence)
    assert not snapshots, f"snapshots of sequences the journal does not have: {snapshots}"
    assert max(worked.values(), default=0) <= 1, "a command that was asked again worked twice"
    if machine.sequence >= len(SETUP):
        check(decode_state(machine.snapshot()))
    answers = log.acknowledged.items()
    return sum(told.get((origin, sequence)) != code for origin, (sequence, code) in answers)
