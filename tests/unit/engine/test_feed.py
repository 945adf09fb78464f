"""The feed: every command its own events, whatever else the machine tells in between."""

from flowex.engine.feed import Feed, batch_of, outcomes
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.commands import ClockTick, Genesis
from flowex.messages.enums import EVENTS_HASH_PERIOD
from flowex.messages.events import EventsHash, Result
from flowex.ports.feed import FeedBatch
from flowex.ports.journal import Frame


def test_an_events_hash_belongs_to_no_command() -> None:
    count = EVENTS_HASH_PERIOD + 1
    frame = Frame(1, count, 5, 1, Genesis().pack() + ClockTick().pack() * (count - 1))
    batch = batch_of(frame, ReferenceMachine().apply(frame.time, frame.commands))
    told = list(outcomes(batch))
    assert [one.sequence for one in told] == list(range(1, count + 1))
    assert any(isinstance(event, EventsHash) for event in batch.events)
    assert not any(isinstance(event, EventsHash) for one in told for event in one.events)
    assert all(isinstance(one.events[-1], Result) for one in told)


def test_consumers_are_served_in_order() -> None:
    served: list[tuple[str, int]] = []

    class Consumer:
        def __init__(self, name: str) -> None:
            self.name = name

        def apply(self, batch: FeedBatch) -> None:
            served.append((self.name, batch.last_sequence))

    feed = Feed([Consumer("read model"), Consumer("ledger")])
    for sequence in (1, 2):
        feed.publish(FeedBatch(sequence, sequence, 0, ()))
    assert served == [("read model", 1), ("ledger", 1), ("read model", 2), ("ledger", 2)]
