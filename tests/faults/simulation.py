"""A small exchange in memory: simulated disk, a clock that is moved by hand, no threads."""

from typing import NoReturn

from clients import Log
from small_exchange import CLIENTS, SETUP, Sizes, command_of, open_exchange, origin_of

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.engine.machine import Machine
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.commands import Command, OrderCancelAll
from flowex.ports.feed import FeedBatch
from flowex.ports.sequencer import Outcome, Priority

START = 1_700_000_000_000_000


class Projection:
    """Survives every power cut, knows how far it came, and has to see everything exactly once."""

    def __init__(self) -> None:
        self.last_sequence = 0

    def apply(self, batch: FeedBatch) -> None:
        assert batch.first_sequence == self.last_sequence + 1, "a gap, or seen twice"
        self.last_sequence = batch.last_sequence


class Simulation:
    """One life of the exchange after another, on one disk."""

    def __init__(self, disk: SimulatedDisk, sizes: Sizes) -> None:
        self.disk = disk
        self.sizes = sizes
        self.clock = ManualClock(START)
        self.log = Log()
        self.asked = 0
        self.failure: BaseException | None = None
        self.projection = Projection()

    async def start(self) -> None:
        """Recover, and define the market if that is still to be done."""
        self.failure = None
        self.sequencer = open_exchange(
            InlineSequencer,
            self.disk,
            sizes=self.sizes,
            clock=self.clock,
            durable=[self.projection],
            on_failure=self._note_failure,
        )
        self.sequencer.start()
        for command in SETUP[self.sequencer.last_sequence :]:
            await self.submit(command, Priority.INTERNAL)

    async def start_and_trade_forever(self) -> NoReturn:
        await self.start()
        while True:
            await self.trade()

    @property
    def machine(self) -> Machine:
        return self.sequencer._committer.machine

    async def submit(self, command: Command, priority: Priority = Priority.ORDER) -> Outcome:
        self.clock.advance(1_000)
        return await self.sequencer.submit(command, priority=priority)

    async def trade(self) -> Outcome:
        """Ask for the next command, and write down the answer."""
        number, client = divmod(self.asked, CLIENTS)
        self.asked += 1
        command = command_of(client, number)
        is_cancel = isinstance(command, OrderCancelAll)
        outcome = await self.submit(command, Priority.CANCEL if is_cancel else Priority.ORDER)
        if outcome.sequence:
            answer = (outcome.sequence, int(outcome.code))
            self.log.acknowledged[origin_of(client, number)] = answer
        else:
            self.log.refused += 1
        return outcome

    def _note_failure(self, error: BaseException) -> None:
        self.failure = error
