"""Events leave the engine: decoded once, given to the consumers, sorted by command."""

from collections.abc import Iterator, Sequence
from typing import Final

from flowex.engine.codec import PYTHON, Codec
from flowex.messages.events import EventsHash, Result
from flowex.messages.results import ResultCode
from flowex.ports.feed import FeedBatch, FeedConsumer
from flowex.ports.journal import Frame
from flowex.ports.sequencer import Outcome

_CODES: Final = {int(code): code for code in ResultCode}


def batch_of(frame: Frame, events: bytes, codec: Codec = PYTHON) -> FeedBatch:
    """Return the decoded events of a frame."""
    return FeedBatch(frame.first_sequence, frame.last_sequence, frame.time, codec.decode(events))


def outcomes(batch: FeedBatch) -> Iterator[Outcome]:
    """Yield what became of each command of a batch, in order."""
    events, start = batch.events, 0
    for end, event in enumerate(events, start=1):
        if type(event) is Result:
            code = _CODES[event.code]
            yield Outcome(code, event.sequence, event.time, events[start:end], event)
            start = end
        elif type(event) is EventsHash:
            start = end  # It follows a Result and belongs to no command.


class Feed:
    """The consumers of one process, in the order they are served."""

    def __init__(self, consumers: Sequence[FeedConsumer]) -> None:
        """Serve these; the first is the read model, so that the others may ask it."""
        self._consumers = tuple(consumers)

    def publish(self, batch: FeedBatch) -> None:
        """Give the batch to every consumer."""
        for consumer in self._consumers:
            consumer.apply(batch)
