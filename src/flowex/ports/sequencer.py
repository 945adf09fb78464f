"""The one door into the machine: numbers commands, makes them durable, tells what happened.

SequencerError
├── SequencerStopped   the exchange is stopping or has failed; whether it happened is unknown
└── (refusals are no exceptions: see Outcome.code and ResultCode 1xxx)
"""

from collections.abc import Awaitable, Sequence
from enum import IntEnum
from typing import Protocol

import msgspec

from flowex.messages.commands import Command
from flowex.messages.events import Event, Result
from flowex.messages.results import ResultCode


class SequencerError(Exception):
    """The sequencer cannot answer."""


class SequencerStopped(SequencerError):
    """The exchange is stopping or has failed; the outcome of a command in flight is unknown."""


class Priority(IntEnum):
    """Who may use the queue's reserve: cancels and the exchange's own commands."""

    ORDER = 0
    CANCEL = 1
    INTERNAL = 2


class ProcessState(IntEnum):
    """The state of the process; it never enters the machine."""

    STARTING = 0
    TRADING = 1
    READ_ONLY = 2
    STOPPING = 3


class Outcome(msgspec.Struct, frozen=True):
    """What became of a command.

    A command refused before the journal (BUSY, ACCOUNT_BUSY, READ_ONLY, DEADLINE_PASSED) has
    sequence 0, no events and no result.
    """

    code: ResultCode
    sequence: int
    time: int
    events: Sequence[Event]
    result: Result | None


class Sequencer(Protocol):
    """Commands in, outcomes out; an outcome is told only when durable and readable."""

    @property
    def state(self) -> ProcessState:
        """The state of the process."""
        ...

    def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Awaitable[Outcome]:
        """Give what became of the command, after the read model has applied it.

        A command still queued when the clock passes ``deadline`` (µs) is dropped, unjournaled.
        Raises SequencerStopped.
        """
        ...
