"""A batch of commands becomes fact: numbered, journaled, applied, in this order, by one thread."""

from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from flowex.engine.counters import Counters
from flowex.engine.machine import Machine
from flowex.messages.commands import ClockTick
from flowex.messages.results import ResultCode
from flowex.ports.clock import Clock
from flowex.ports.journal import Frame, Journal, JournalFull
from flowex.ports.sequencer import Outcome
from flowex.units.instants import MILLISECOND

ROOM_CHECK_PERIOD: Final = 250 * MILLISECOND
"""How often the journal is asked to look at the free space."""

_TICK: Final = ClockTick().pack()


class Request(msgspec.Struct, eq=False):
    """A command on its way, packed; whoever waits for it holds ``answer``."""

    command: bytes
    account: int
    deadline: int | None = None
    answer: Future[Outcome] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one turn of the engine did: a frame of facts, and requests that came to nothing."""

    frame: Frame | None
    events: bytes
    requests: Sequence[Request]
    """Who asked for the frame's commands, in order; empty for the engine's own."""
    dropped: Sequence[tuple[Request, ResultCode]]
    has_room: bool


class Committer:
    """The engine's heart, without queue, loop or thread."""

    def __init__(
        self, machine: Machine, journal: Journal, clock: Clock, counters: Counters, epoch: int = 1
    ) -> None:
        """Go on where machine and journal, which must agree, have come to."""
        assert machine.sequence == journal.last_sequence, "machine and journal do not agree"
        self.machine = machine
        self.journal = journal
        self.clock = clock
        self.counters = counters
        self._epoch = epoch
        self._sequence = machine.sequence
        self._time = machine.time
        self._room_checked = 0

    def commit(self, requests: Sequence[Request], *, sync: bool = True) -> Step:
        """Journal and apply the requests whose deadline has not passed, as one frame.

        Without room for the frame all are dropped as READ_ONLY. Raises JournalFailed and
        MachineStopped, after which nothing may be committed or acknowledged any more.
        """
        now = self.clock.now()
        live = [one for one in requests if one.deadline is None or now <= one.deadline]
        dropped: list[tuple[Request, ResultCode]] = []
        if len(live) < len(requests):
            late = set(requests).difference(live)
            dropped = [(one, ResultCode.DEADLINE_PASSED) for one in requests if one in late]
        if not live:
            return self._step(None, b"", (), dropped)
        try:
            frame, events = self._make_fact(now, [one.command for one in live], sync=sync)
        except JournalFull:
            dropped += [(one, ResultCode.READ_ONLY) for one in live]
            return self._step(None, b"", (), dropped)
        return self._step(frame, events, live, dropped)

    def idle(self) -> Step:
        """Fire the machine's timers if they are due, by a ClockTick; else journal nothing."""
        now = self.clock.now()
        self._check_room(now)
        due = self.machine.next_timer
        if due is None or due > max(now, self._time):
            return self._step(None, b"", (), ())
        try:
            frame, events = self._make_fact(now, [_TICK], sync=True)
        except JournalFull:
            return self._step(None, b"", (), ())
        return self._step(frame, events, (), ())

    def freeze(self) -> tuple[int, bytes]:
        """Return the sequence and the machine's whole state, after making all of it certain."""
        self.journal.sync()
        return self._sequence, self.machine.snapshot()

    def _make_fact(self, now: int, commands: list[bytes], *, sync: bool) -> tuple[Frame, bytes]:
        time = max(self._time, now)
        frame = Frame(self._sequence + 1, len(commands), time, self._epoch, b"".join(commands))
        self._check_room(now)
        self.journal.append(frame, sync=sync)
        self.counters.sync_us.observe(max(0, self.clock.now() - now))
        events = self.machine.apply(time, frame.commands)
        self._sequence, self._time = frame.last_sequence, time
        self.counters.frames += 1
        return frame, events

    def _check_room(self, now: int) -> None:
        if abs(now - self._room_checked) >= ROOM_CHECK_PERIOD:
            self._room_checked = now
            self.journal.check_room()

    def _step(
        self,
        frame: Frame | None,
        events: bytes,
        requests: Sequence[Request],
        dropped: Sequence[tuple[Request, ResultCode]],
    ) -> Step:
        return Step(frame, events, requests, dropped, self.journal.has_room)
