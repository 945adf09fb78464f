"""The first start: Genesis and, for the demo, its world and a past.

It happens in a folder of its own that becomes the home's data when it is complete. Whoever stops
it half-way, by Ctrl-C or a power cut, has lost nothing: nobody was told of it, and the next start
begins again. The past is lived through the same machine, journal and projections as everything
later, on a clock that is moved by hand; it is the same one for the same seed and end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowex.adapters.clock.manual import ManualClock
from flowex.app import demo
from flowex.app.demo_history import cast_of, import_demo
from flowex.app.wiring import Rooms, World, open_rooms
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.commands import Command, Genesis
from flowex.messages.results import ResultCode
from flowex.services.market_data.store import CONSUMER
from flowex.services.simulation.crowd import Crowd
from flowex.units.instants import SECOND

EXCHANGE: Final = "flowex"

PAST_STEP: Final = 20 * SECOND
"""The traders think less often in the past than they do live, so that it is over soon."""

DRAIN_STEPS: Final = 100
"""So many steps of the past are written to the database at once."""


class FoundingError(Exception):
    """The first start could not be finished; the next one begins again.

    FoundingError
    └── FoundingStopped   somebody wanted it to stop
    """


class FoundingStopped(FoundingError):
    """Somebody wanted it to stop."""


@dataclass(frozen=True, slots=True)
class Past:
    """What to live through; a duration of 0 is nothing at all."""

    seed: int
    duration: int
    """In µs."""
    on_progress: Callable[[int, int], None] = lambda _done, _all: None
    """Hears µs lived and µs to live."""
    is_unwanted: Callable[[], bool] = lambda: False
    """Tells now and then whether to stop."""
    files: Path | None = None
    """A folder of real history that lies before; None is none."""
    on_file: Callable[[int, int], None] = lambda _done, _all: None
    """Hears files read and files to read."""


async def found(world: World, clock: ManualClock, *, with_demo: bool, past: Past) -> None:
    """Found an exchange in an empty world, whose clock stands where the past begins.

    Raises FoundingError, HistoryFileError, and what disk, journal, database and history raise.
    """
    if await world.history.instruments() or await world.history.progress(CONSUMER):
        raise FoundingError("the history is that of another exchange: name an empty database")
    rooms, sequencer = await _begin(world)
    commit(sequencer, [Genesis(exchange=EXCHANGE)])
    if with_demo:
        commit(sequencer, demo.opening())
        if past.files is not None:
            await _end(rooms, sequencer)  # The rooms find the past when they are opened again.
            await import_demo(world, rooms.trading.instruments(), past.files, past.on_file)
            rooms, sequencer = await _begin(world)
    if past.duration:
        await live(rooms, sequencer, clock, past)
    await _end(rooms, sequencer)


async def _begin(world: World) -> tuple[Rooms, InlineSequencer]:
    rooms = await open_rooms(world)
    sequencer = rooms.sequence(InlineSequencer)
    sequencer.start()
    await rooms.start()
    return rooms, sequencer


async def _end(rooms: Rooms, sequencer: InlineSequencer) -> None:
    sequencer.stop()
    await rooms.stop()


async def live(rooms: Rooms, sequencer: InlineSequencer, clock: ManualClock, past: Past) -> None:
    """Let the demo's traders trade for as long as the past is. Raises FoundingStopped."""
    crowd = Crowd(cast_of(rooms.world.disk), rooms.trading, rooms.market, past.seed)
    steps = past.duration // PAST_STEP
    past.on_progress(0, past.duration)
    for number in range(1, steps + 1):
        clock.advance(PAST_STEP)
        if taken := crowd.take(PAST_STEP):
            sequencer.run(taken)
        if made := crowd.make():
            sequencer.run(made)
        if number % DRAIN_STEPS == 0:
            await rooms.drain()
            past.on_progress(number * PAST_STEP, past.duration)
            if past.is_unwanted():
                raise FoundingStopped("the first start was stopped; the next one begins again")


def commit(sequencer: InlineSequencer, commands: Iterable[Command]) -> None:
    """Run commands none of which may be refused. Raises FoundingError."""
    for command in commands:
        outcomes = sequencer.run([command])
        if not outcomes:
            raise FoundingError("the disk is full: make room and start again")
        if outcomes[0].code is not ResultCode.OK:
            name = type(command).__name__
            raise FoundingError(f"{name} was refused: {outcomes[0].code.name}")
