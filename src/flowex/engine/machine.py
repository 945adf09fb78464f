"""The deterministic machine: a pure function of an ordered list of commands.

Two fulfil it, byte for byte alike: ``reference.machine.ReferenceMachine``, which is the
specification, and ``native.NativeMachine``, which is the C++ core.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol


class MachineStopped(Exception):
    """An assert of the machine failed: a bug. The machine refuses everything from now on."""


class Machine(Protocol):
    """State and apply; single-threaded, no clock, no chance, no I/O, no float."""

    @property
    def engine(self) -> str:
        """The engine's name: ``native`` or ``reference``."""
        ...

    @property
    def sequence(self) -> int:
        """How many commands were applied."""
        ...

    @property
    def time(self) -> int:
        """Machine time in µs: the latest time applied."""
        ...

    @property
    def next_timer(self) -> int | None:
        """When the earliest timer is due, in µs; None when there is none."""
        ...

    @property
    def events_hash(self) -> int:
        """XXH3-64 chained over all event bytes so far, in pages of 4096."""
        ...

    def apply(self, time: int, commands: bytes) -> bytes:
        """Apply a buffer of commands at one time and return the bytes of their events.

        Time never runs backwards: the machine's is max(its own, ``time``). Raises FramingError
        before anything is applied; raises MachineStopped on a bug.
        """
        ...

    def snapshot(self) -> bytes:
        """Return the whole state as canonical records (``messages.state``)."""
        ...


MachineFactory = Callable[[bytes | None], Machine]
"""Makes an empty machine (None) or one restored from a snapshot; RecordError if it is none."""


def state_hash(snapshot: bytes) -> str:
    """Return the SHA-256 of the canonical state, in hex: equal states, equal text."""
    return hashlib.sha256(snapshot).hexdigest()
