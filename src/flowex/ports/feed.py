"""Every event in sequence, and those who follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flowex.messages.events import Event


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
