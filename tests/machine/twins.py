"""Both machines side by side: every answer compared, each restored from the other's snapshot."""

from collections import Counter

from engines import make
from random_commands import World

from flowex.engine.invariants import check
from flowex.messages.events import EventKind
from flowex.messages.layout import spans
from flowex.messages.state import decode_state

SNAPSHOT_EVERY = 1_000
"""Commands between two exchanges of snapshots."""

BATCHES = (1, 1, 2, 5, 16, 64)


class Twins:
    """A reference machine and a native one that are given the same."""

    def __init__(self) -> None:
        self.reference = make("reference")
        self.native = make("native")

    def apply(self, time: int, commands: bytes) -> bytes:
        """Apply a buffer to both and return the events they agree on."""
        events = self.reference.apply(time, commands)
        assert self.native.apply(time, commands) == events
        reference, native = self.reference, self.native
        assert native.events_hash == reference.events_hash
        assert (native.sequence, native.time) == (reference.sequence, reference.time)
        assert native.next_timer == reference.next_timer
        return events

    def swap(self) -> None:
        """Compare snapshots, judge them, and let each go on from the other's."""
        snapshot = self.reference.snapshot()
        other = self.native.snapshot()
        assert other == snapshot
        check(decode_state(snapshot))
        self.reference, self.native = make("reference", other), make("native", snapshot)


def run(world: World, commands: int) -> tuple[Counter[int], Counter[int]]:
    """Give so many commands to the twins; return how often each result and event occurred."""
    twins = Twins()
    codes: Counter[int] = Counter()
    kinds: Counter[int] = Counter()
    world.learn(twins.apply(world.time, world.opening()))
    applied = since_swap = 0
    while applied < commands:
        size = BATCHES[(applied * 7 + world.seed) % len(BATCHES)]
        time, buffer = world.batch(size)
        events = twins.apply(time, buffer)
        world.learn(events)
        count(events, codes, kinds)
        applied += size
        since_swap += size
        if since_swap >= SNAPSHOT_EVERY:
            twins.swap()
            since_swap = 0
    twins.swap()
    return codes, kinds


def count(events: bytes, codes: Counter[int], kinds: Counter[int]) -> None:
    """Add a buffer's result codes and event kinds to the counts."""
    for kind, offset, _ in spans(events):
        kinds[kind] += 1
        if kind == EventKind.RESULT:
            codes[int.from_bytes(events[offset + 16 : offset + 18], "little")] += 1
