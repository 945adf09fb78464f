"""An exchange from its start to its end: found it if need be, serve, stop in the right order.

take the home ─► found it, once ─► recover ─► engine ─► gateway ─► traders ─► wait
leave the home ◄─ projections ◄─ engine, snapshot ◄─ gateway ◄─ traders ◄─ Ctrl-C, SIGTERM
"""

import asyncio
import signal
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry

from flowex.adapters.keys.file import FileKeys, NamedKey, make_keys, read_keys
from flowex.app import demo
from flowex.app.banner import Banner
from flowex.app.engines import machine_factory
from flowex.app.founding import EXCHANGE, found
from flowex.app.home import Home
from flowex.app.metrics import EngineCollector
from flowex.app.settings import Settings
from flowex.app.status import ExchangeStatus
from flowex.app.wiring import Rooms, World, local_world, open_rooms
from flowex.engine.sequencer import ThreadedSequencer
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.limits import UNLIMITED, Pools
from flowex.services.gateway.service import Gateway, GatewayOptions

WATCH_SECONDS: Final = 0.5
"""How often the state of the process is looked at, to say aloud when it changes."""


class ExchangeFailed(Exception):
    """The exchange stopped by itself; what was acknowledged is safe."""


@dataclass(slots=True)
class Ending:
    """Why and when to stop."""

    wanted: asyncio.Event
    failure: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """Stop because of an error."""
        self.failure = self.failure or error
        self.wanted.set()


async def run(settings: Settings, banner: Banner) -> None:
    """Run an exchange until Ctrl-C or SIGTERM.

    Raises HomeError, FoundingError, EngineMissing, DiskError, JournalError, DatabaseError,
    ReplayError, NoFreePortError, ExchangeFailed.
    """
    ending = Ending(asyncio.Event())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.wanted.set)
    home = Home(settings.home)
    home.take()
    try:
        if not home.is_founded:
            await _found(home, settings, banner, ending)
        if not ending.wanted.is_set():
            await _serve(home, settings, banner, ending)
    finally:
        home.leave()
    if ending.failure is not None:
        raise ExchangeFailed(str(ending.failure)) from ending.failure


async def _found(home: Home, settings: Settings, banner: Banner, ending: Ending) -> None:
    world = local_world(home.begin(), machine_factory(settings.engine))
    try:
        await found(world, with_demo=settings.demo)
    finally:
        await world.close()
    home.finish()


async def _serve(home: Home, settings: Settings, banner: Banner, ending: Ending) -> None:
    world = local_world(home.data, machine_factory(settings.engine))
    try:
        await _serve_world(world, home, settings, banner, ending)
    finally:
        await world.close()


async def _serve_world(
    world: World, home: Home, settings: Settings, banner: Banner, ending: Ending
) -> None:
    rooms = await open_rooms(world, banner.recovering)
    sequencer = rooms.sequence(ThreadedSequencer, ending.fail)
    status = ExchangeStatus(rooms, sequencer, EXCHANGE, version("flowex-exchange"))
    keys = _demo_keys(home, rooms) if settings.demo else []
    exchange = Exchange(
        rooms.trading, rooms.market, FileKeys(keys), world.clock, world.entropy, status
    )
    registry = CollectorRegistry()
    registry.register(EngineCollector(sequencer))
    pools = Pools() if settings.rate_limits else UNLIMITED
    gateway = Gateway(exchange, registry, GatewayOptions(pools=pools))
    await rooms.start()
    await sequencer.start()
    try:
        port = await gateway.start(settings.host, settings.port)
        url = f"http://{settings.host}:{port}"
        home.tell(url)
        banner.started(home, url, settings, status.status())
        await _wait(sequencer, banner, ending)
        banner.stopping()
        await gateway.stop()
    finally:
        await sequencer.stop()
        await rooms.stop()
    banner.stopped(sequencer.last_sequence, sequencer.snapshot_sequence)


async def _wait(sequencer: ThreadedSequencer, banner: Banner, ending: Ending) -> None:
    """Return when the end is wanted; say aloud what the state of the process becomes."""
    said = sequencer.state
    while not ending.wanted.is_set():
        try:
            await asyncio.wait_for(ending.wanted.wait(), WATCH_SECONDS)
        except TimeoutError:
            if sequencer.state is not said:
                said = sequencer.state
                banner.state(said)


def _demo_keys(home: Home, rooms: Rooms) -> list[NamedKey]:
    """Return the demo accounts' keys, made when there are none."""
    if home.demo_keys.exists():
        return list(read_keys(home.demo_keys))
    return list(make_keys(home.demo_keys, demo.PEOPLE, rooms.world.entropy))
