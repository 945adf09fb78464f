"""What a running exchange tells about itself."""

from dataclasses import dataclass, field
from typing import Protocol

from flowex.ports.sequencer import ProcessState


@dataclass(frozen=True, slots=True)
class Status:
    """The answer of ``/status``; lags in commands, by projection's name."""

    state: ProcessState
    engine: str
    exchange: str
    version: str
    sequence: int
    time: int
    journal_sequence: int
    snapshot_sequence: int
    queue: int
    lag: dict[str, int]
    failed: dict[str, str] = field(default_factory=dict)
    """Projections that stopped writing for good, and the kind of error; the log tells the rest."""


class StatusSource(Protocol):
    """Whoever can say how the exchange is."""

    def status(self) -> Status:
        """Return the state of things right now."""
        ...
