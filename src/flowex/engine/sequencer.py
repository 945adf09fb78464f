"""The one door into the machine.

::

      submit ──► admit ──► queue ────────────┐                  on the event loop
                 bounded, with a reserve     │
                 and a quota per account     ▼
                                   commit: number, journal, apply       on the engine thread
                                             │
      answer ◄── deliver ◄───────────────────┘                  on the event loop
                 to the read model first

Nobody is told of a command before it is durable and the read model has applied it. There are two
ways to drive this: the ``ThreadedSequencer`` commits on a thread of its own, and a batch is what
came while the last one was synced; the ``InlineSequencer`` commits in the caller's own step, so
that a whole exchange runs on an injected clock and disk, the same way every time.
"""

import asyncio
from abc import ABC, abstractmethod
from asyncio import Future
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from flowex.engine.admission import Admission, AdmissionLimits
from flowex.engine.codec import PYTHON, Codec
from flowex.engine.commit import ROOM_CHECK_PERIOD, Committer, Request, Step
from flowex.engine.feed import Feed, batch_of, outcomes
from flowex.engine.snapshot import Snapshotter
from flowex.messages.commands import Command
from flowex.messages.layout import BLOCK, BLOCKS_MAX
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome, Priority, ProcessState, SequencerStopped
from flowex.units.instants import MILLISECOND

COMMAND_BYTES_MAX: Final = BLOCK * BLOCKS_MAX

# By name: looking a member up in its enumeration is among the dearest things submit would do.
_TRADING: Final = ProcessState.TRADING
_READ_ONLY: Final = ProcessState.READ_ONLY
_OK: Final = ResultCode.OK
_ORDER: Final = Priority.ORDER
_INTERNAL: Final = Priority.INTERNAL


@dataclass(frozen=True, slots=True)
class SequencerLimits:
    """How much may be on its way, and how much of it goes into one frame."""

    admission: AdmissionLimits = field(default_factory=AdmissionLimits)
    frame_commands: int = 4_096
    frame_bytes: int = 512 << 10


class Sequencer(ABC):
    """Admission before the engine and delivery after it; how the engine is driven is left open."""

    def __init__(
        self,
        committer: Committer,
        feed: Feed,
        snapshotter: Snapshotter,
        *,
        limits: SequencerLimits | None = None,
        codec: Codec = PYTHON,
        on_failure: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        """Wire the parts. ``on_failure`` has to end the process, with an exit code that says so."""
        self._committer = committer
        self._feed = feed
        self._snapshotter = snapshotter
        self._limits = limits or SequencerLimits()
        self._codec = codec
        self._on_failure = on_failure
        self._admission = Admission(self._limits.admission)
        self._state = ProcessState.STARTING
        self._failure: BaseException | None = None
        self.counters = committer.counters
        self.last_sequence = committer.machine.sequence
        """The last command whose events the feed's consumers have."""
        self.last_time = committer.machine.time
        """Its time, in µs."""

    @property
    def state(self) -> ProcessState:
        """The state of the process."""
        return self._state

    @property
    def queue_length(self) -> int:
        """How many commands are on their way."""
        return len(self._admission)

    @property
    def snapshot_sequence(self) -> int:
        """The sequence of the newest snapshot on disk."""
        return self._snapshotter.last_sequence

    def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Future[Outcome]:
        """Give what became of the command, after the read model has applied it.

        No coroutine: the layers above hand the future through, and nobody pays for being passed.

        Refused before the journal: READ_ONLY, BUSY, ACCOUNT_BUSY, DEADLINE_PASSED.
        Raises SequencerStopped, and ValueError or struct.error for values that do not fit the wire.
        """
        state = self._state
        if state is not _TRADING and state is not _READ_ONLY:
            raise SequencerStopped(state.name)
        answer: Future[Outcome] = asyncio.get_running_loop().create_future()
        if state is _READ_ONLY and priority is _ORDER:
            refusal = ResultCode.READ_ONLY
        else:
            refusal = self._admission.check(command.account, priority)
        if refusal is not _OK:
            answer.set_result(self._refused(refusal))
            return answer
        account = 0 if priority is _INTERNAL else command.account
        request = Request(self._codec.pack(command), account, deadline, answer)
        self._admission.enter(request)
        self._send(request)
        return answer

    @abstractmethod
    def _send(self, request: Request) -> None:
        """Bring an admitted request to the engine."""

    def _deliver(self, step: Step) -> list[Outcome]:
        """Give a step's events to the feed, then answer those who wait."""
        told: list[Outcome] = []
        if step.frame is not None:
            batch = batch_of(step.frame, step.events, self._codec)
            self._feed.publish(batch)
            told = list(outcomes(batch))
            self._count(step.frame.count, batch.events, told)
            self.last_sequence, self.last_time = batch.last_sequence, batch.time
        self._admission.leave_all(step.requests)
        for request, outcome in zip(step.requests, told, strict=bool(step.requests)):
            _answer(request, outcome)
        for request, code in step.dropped:
            self._admission.leave_all((request,))
            _answer(request, self._refused(code))
        if self._state is not ProcessState.STOPPING:
            self._state = ProcessState.TRADING if step.has_room else ProcessState.READ_ONLY
        return told

    def _refused(self, code: ResultCode) -> Outcome:
        self.counters.refusals[code] += 1
        return Outcome(code, 0, 0, (), None)

    def _count(self, commands: int, events: Sequence[object], told: list[Outcome]) -> None:
        self.counters.commands += commands
        self.counters.events += len(events)
        for outcome in told:
            if outcome.code:
                self.counters.refusals[outcome.code] += 1

    def _fail(self, error: BaseException) -> None:
        """Stop for good: whoever waits learns that the outcome is unknown."""
        if self._failure is not None:
            return
        self._failure = error
        self._state = ProcessState.STOPPING
        for request in self._admission.empty():
            if request.answer is not None and not request.answer.done():
                request.answer.set_exception(SequencerStopped(str(error)))
        self._on_failure(error)


def _answer(request: Request, outcome: Outcome) -> None:
    answer = request.answer
    if answer is not None and not answer.done():  # The asker may have left.
        answer.set_result(outcome)


class InlineSequencer(Sequencer):
    """Everything happens in the caller's step: no thread, and time stands still meanwhile."""

    def start(self) -> None:
        """Begin to take commands."""
        self._deliver(self._committer.idle())

    def tick(self) -> None:
        """Fire what is due; to be called after the clock was moved."""
        self._turn(self._committer.idle)

    def run(self, commands: Sequence[Command]) -> list[Outcome]:
        """Commit the commands as one frame that becomes certain at the next ``flush``.

        For a past that is simulated before anybody is told of it; at most 1 MiB of commands, which
        is the longest append. Raises what went wrong.
        """
        requests = [Request(self._codec.pack(command), 0) for command in commands]
        told = self._deliver(self._committer.commit(requests, sync=False))
        self._snapshotter.offer(self._committer)
        return told

    def flush(self) -> None:
        """Make everything that ``run`` did certain. Raises JournalFailed."""
        self._committer.journal.sync()

    def stop(self) -> None:
        """Take no more commands, write a last snapshot, close the journal."""
        self._state = ProcessState.STOPPING
        if self._failure is None:
            self._snapshotter.finish(self._committer)
            self._committer.journal.close()

    def _send(self, request: Request) -> None:
        self._turn(lambda: self._committer.commit([request]))

    def _turn(self, commit: Callable[[], Step]) -> None:
        if self._failure is not None:
            return
        try:
            self._deliver(commit())
            self._snapshotter.offer(self._committer)
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing may follow it
            self._fail(error)


class ThreadedSequencer(Sequencer):
    """The engine has a thread of its own; the loop and it meet in two queues, nowhere else."""

    _loop: asyncio.AbstractEventLoop

    async def start(self) -> None:
        """Begin to take commands."""
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[list[Request] | None] = SimpleQueue()  # bounded: by admission
        self._drained: deque[Request] = deque()  # bounded: by admission
        self._steps: deque[Step] = deque()  # bounded: by admission
        self._submitted: list[Request] = []
        self._woken = False
        self._ended = asyncio.Event()
        self._draining = self._had_room = True
        self._deliver(self._committer.idle())
        self._thread = Thread(target=self._work, name="flowex-engine", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Take no more commands, answer those on their way, snapshot, close the journal."""
        self._state = ProcessState.STOPPING
        self._hand_over()
        self._queue.put(None)
        await self._ended.wait()
        self._thread.join()

    # On the event loop

    def _send(self, request: Request) -> None:
        """Hand over at the end of the loop's turn, so that what one turn reads shares a sync.

        One by one, the engine would wake for each and make frames of five commands under a load
        that allows for two hundred. Admission bounds what is held here.
        """
        if not self._submitted:
            self._loop.call_soon(self._hand_over)
        self._submitted.append(request)

    def _hand_over(self) -> None:
        if self._submitted:
            self._queue.put(self._submitted)
            self._submitted = []

    def _deliver_all(self) -> None:
        self._woken = False
        try:
            while self._steps and self._failure is None:
                self._deliver(self._steps.popleft())
        except Exception as error:  # noqa: BLE001 - a consumer failed: what it shows may be wrong
            self._fail(error)
            self._queue.put(None)

    # On the engine thread

    def _work(self) -> None:
        try:
            while self._draining or (self._drained and self._failure is None):
                self._turn()
                self._snapshotter.offer(self._committer)
            if self._failure is None:
                self._snapshotter.finish(self._committer)
                self._committer.journal.close()
        except BaseException as error:  # noqa: BLE001 - a thread's error would be lost otherwise
            self._loop.call_soon_threadsafe(self._fail, error)
        self._loop.call_soon_threadsafe(self._ended.set)

    def _turn(self) -> None:
        requests = self._drain()
        step = self._committer.commit(requests) if requests else self._committer.idle()
        if step.frame is None and not step.dropped and step.has_room is self._had_room:
            return
        self._had_room = step.has_room
        self._steps.append(step)
        if not self._woken:  # One wake-up serves all the steps that the loop has not come to yet.
            self._woken = True
            self._loop.call_soon_threadsafe(self._deliver_all)

    def _drain(self) -> list[Request]:
        """Return what has come since the last turn, after a wait when there is nothing."""
        batch: list[Request] = []
        size_bytes, drained = 0, self._drained
        try:
            if not drained:
                self._take(self._queue.get(timeout=self._patience().total_seconds()))
            while True:
                while drained:
                    if len(batch) >= self._limits.frame_commands:
                        return batch
                    if size_bytes > self._limits.frame_bytes - COMMAND_BYTES_MAX:
                        return batch
                    request = drained.popleft()
                    batch.append(request)
                    size_bytes += len(request.command)
                self._take(self._queue.get_nowait())
        except Empty:
            return batch

    def _take(self, requests: list[Request] | None) -> None:
        """Note what one turn of the loop handed over; None is the last."""
        if requests is None:
            self._draining = False
        else:
            self._drained.extend(requests)

    def _patience(self) -> timedelta:
        """Return how long to wait for commands: until the next timer, or until a look around."""
        wait_us, due = ROOM_CHECK_PERIOD, self._committer.machine.next_timer
        if due is not None:
            wait_us = max(MILLISECOND, min(due - self._committer.clock.now(), wait_us))
        return timedelta(microseconds=wait_us)
