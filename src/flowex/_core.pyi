"""The native machine, written in C++ under core/; absent where there was no compiler."""

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
