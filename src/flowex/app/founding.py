"""The first start: Genesis and, for the demo, its world.

It happens in a folder of its own that becomes the home's data when it is complete. Whoever stops
it half-way, by Ctrl-C or a power cut, has lost nothing: nobody was told of it, and the next start
begins again.
"""

from collections.abc import Iterable

from flowex.app import demo
from flowex.app.wiring import World, open_rooms
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.commands import Command, Genesis
from flowex.messages.results import ResultCode

EXCHANGE = "flowex"


class FoundingError(Exception):
    """The first start could not be finished; the next one begins again."""


async def found(world: World, *, with_demo: bool) -> None:
    """Found an exchange in an empty world."""
    rooms = await open_rooms(world)
    sequencer = rooms.sequence(InlineSequencer)
    sequencer.start()
    await rooms.start()
    commit(sequencer, [Genesis(exchange=EXCHANGE)])
    if with_demo:
        commit(sequencer, demo.opening())
    sequencer.stop()
    await rooms.stop()


def commit(sequencer: InlineSequencer, commands: Iterable[Command]) -> None:
    """Run commands none of which may be refused. Raises FoundingError."""
    for command in commands:
        (outcome,) = sequencer.run([command])
        if outcome.code is not ResultCode.OK:
            raise FoundingError(f"{type(command).__name__} was refused: {outcome.code.name}")
