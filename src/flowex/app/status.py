"""What the running exchange tells about itself."""

from flowex.app.wiring import Rooms
from flowex.engine.sequencer import Sequencer
from flowex.ports.status import Status


class ExchangeStatus:
    """Fulfils ``ports.status.StatusSource``."""

    def __init__(self, rooms: Rooms, sequencer: Sequencer, exchange: str, version: str) -> None:
        """Watch these."""
        self._sequencer = sequencer
        self._journal = rooms.recovered.journal
        self._projectors = {name: room.projector for name, room in rooms.named.items()}
        self._engine = rooms.recovered.machine.engine
        self._exchange = exchange
        self._version = version

    def status(self) -> Status:
        """Return the state of things right now."""
        sequencer, projectors = self._sequencer, self._projectors.items()
        return Status(
            state=sequencer.state,
            engine=self._engine,
            exchange=self._exchange,
            version=self._version,
            sequence=sequencer.last_sequence,
            time=sequencer.last_time,
            journal_sequence=self._journal.last_sequence,
            snapshot_sequence=sequencer.snapshot_sequence,
            queue=sequencer.queue_length,
            lag={name: projector.lag for name, projector in projectors},
            failed={
                name: type(projector.failure).__name__
                for name, projector in projectors
                if projector.failure is not None
            },
        )
