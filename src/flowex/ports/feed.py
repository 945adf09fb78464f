"""Every event in sequence, and those who follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flowex.messages.events import Event
from flowex.messages.state import StateRecord


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """The events of one frame: whole commands, one time; each command's events end in a Result."""

    first_sequence: int
    last_sequence: int
    time: int
    events: Sequence[Event]


class FeedConsumer(Protocol):
    """A projection or publisher; called in sequence, without gap, on the event loop."""

    def apply(self, batch: FeedBatch) -> None:
        """Take a batch; must not block. A batch already known is skipped by its sequence."""
        ...


class DurableConsumer(FeedConsumer, Protocol):
    """A consumer that remembers across restarts how far it came, with its rows.

    Recovery gives it every batch it has not seen, first of all.
    """

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command whose events it has; 0 in the beginning."""
        ...


class SeededConsumer(FeedConsumer, Protocol):
    """A consumer that lives in memory and begins with the machine's state, not with Genesis."""

    def seed(self, state: Sequence[StateRecord]) -> None:
        """Become what one is after all events up to this state; batches after it follow."""
        ...
