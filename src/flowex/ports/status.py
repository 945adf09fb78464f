"""What a running exchange tells about itself."""

from dataclasses import dataclass
from typing import Protocol

from flowex.ports.sequencer import ProcessState


@dataclass(frozen=True, slots=True)
class Status:
    """The answer of ``/status``; lags in commands, by projection name."""

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


class StatusSource(Protocol):
    """Whoever can say how the exchange is."""

    def status(self) -> Status:
        """Return the state of things right now."""
        ...
