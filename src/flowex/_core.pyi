"""The native machine, written in C++ under core/; absent where there was no compiler."""

from collections.abc import Iterable

from flowex.engine.codec import Described
from flowex.messages.commands import Command
from flowex.messages.events import Event

class Machine:
    """State and apply, fast; see ``engine.machine.Machine``, which ``engine.native`` fulfils."""

    def __init__(self, snapshot: bytes | None = None) -> None:
        """Make an empty machine, or the one a snapshot holds (RecordError if it is none)."""

    @property
    def sequence(self) -> int:
        """How many commands were applied."""

    @property
    def time(self) -> int:
        """The latest time applied, in µs."""

    @property
    def next_timer(self) -> int | None:
        """When the earliest timer is due, in µs; None when there is none."""

    @property
    def events_hash(self) -> int:
        """The hash chained over all events so far."""

    def apply(self, time: int, commands: bytes) -> bytes:
        """Apply a buffer of commands at one time and return the bytes of their events."""

    def snapshot(self) -> bytes:
        """Return the whole state as canonical records."""

    def check(self) -> None:
        """Raise MachineStopped unless all invariants hold; slow."""

class Codec:
    """Records to bytes and back; see ``engine.codec``, which tells it every record."""

    def __init__(self, commands: Iterable[Described], events: Iterable[Described]) -> None:
        """Know these commands to pack and these events to read."""
    def decode(self, buffer: bytes) -> list[Event]:
        """Return the events of a buffer, in order. Raises RecordError."""
    def pack(self, record: Command) -> bytes:
        """Return a command's bytes. Raises ValueError, struct.error for what does not fit."""
