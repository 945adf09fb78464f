"""An exchange from its start to its end: found it if need be, serve, stop in the right order.

take the home ─► found it, once ─► recover ─► engine ─► gateway ─► traders ─► wait
leave the home ◄─ projections ◄─ engine, snapshot ◄─ gateway ◄─ traders ◄─ Ctrl-C, SIGTERM
"""

import asyncio
import signal
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.clock.system import SystemClock
from flowex.adapters.keys.file import FileKeys, make_keys, read_keys
from flowex.app import demo
from flowex.app.banner import Banner
from flowex.app.demo_history import cast_of
from flowex.app.engines import machine_factory
from flowex.app.founding import EXCHANGE, FoundingStopped, Past, found
from flowex.app.garbage import rare_collections
from flowex.app.home import Home, HomeError
from flowex.app.metrics import EngineCollector
from flowex.app.settings import Settings
from flowex.app.status import ExchangeStatus
from flowex.app.wiring import Rooms, World, local_world, open_rooms
from flowex.engine.sequencer import ThreadedSequencer
from flowex.ports.database import DatabaseDown
from flowex.ports.sequencer import ProcessState
from flowex.ports.timeseries import TimeseriesDown
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.limits import UNLIMITED, Pools
from flowex.services.gateway.service import Gateway, GatewayOptions
from flowex.services.simulation.crowd import Crowd
from flowex.services.simulation.service import SimulationService
from flowex.units.instants import HOUR

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - names what people may have chosen.

WATCH_SECONDS: Final = 0.5
"""How often the state of the process is looked at, to say aloud when it changes."""


class AddressError(Exception):
    """The exchange cannot listen at that address."""


class _StartStopped(Exception):
    """Somebody wanted it to stop before it answered; nothing is lost."""


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
    TimeseriesError, ReplayError, NoFreePortError, ExchangeFailed.
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
        await _serve(home, settings, banner, ending)
    except FoundingStopped:
        home.discard()
        banner.unfounded()
    except _StartStopped:
        banner.unrecovered()
    finally:
        home.leave()
    if ending.failure is not None:
        raise ExchangeFailed(str(ending.failure)) from ending.failure


async def _found(home: Home, settings: Settings, banner: Banner, ending: Ending) -> None:
    """Found the exchange, with a past for its traders. Raises FoundingError."""
    past_duration = settings.past_hours * HOUR if settings.has_bots else 0
    clock = ManualClock(SystemClock().now() - past_duration)
    world = local_world(home.begin(), machine_factory(settings.engine), clock, settings.timeseries)
    try:
        with (
            banner.reading(settings.demo_history) as on_file,
            banner.past(settings.past_hours) as on_progress,
        ):
            past = Past(
                settings.seed,
                past_duration,
                on_progress,
                ending.wanted.is_set,
                settings.demo_history,
                on_file,
            )
            await found(world, clock, with_demo=settings.demo, past=past)
    finally:
        await world.close()
    home.finish()


async def _serve(home: Home, settings: Settings, banner: Banner, ending: Ending) -> None:
    world = local_world(home.data, machine_factory(settings.engine), timeseries=settings.timeseries)
    try:
        await _serve_world(world, home, settings, banner, ending)
    finally:
        await world.close()


async def _serve_world(
    world: World, home: Home, settings: Settings, banner: Banner, ending: Ending
) -> None:
    def on_progress(done: int, wanted: int) -> None:
        banner.recovering(done, wanted)
        if ending.wanted.is_set():
            raise _StartStopped

    rooms = await open_rooms(world, on_progress)
    if settings.demo and rooms.trading.instrument(demo.SYMBOL) is None:
        raise HomeError(
            f"the exchange in {home.root} was founded without --demo and has no demo markets: "
            "choose another folder with --home, or run it without --demo"
        )
    sequencer = rooms.sequence(ThreadedSequencer, ending.fail)
    status = ExchangeStatus(rooms, sequencer, EXCHANGE, version("flowex-exchange"))
    gateway = _gateway(home, settings, rooms, status, EngineCollector(sequencer))
    async with AsyncExitStack() as stops:  # What was started last stops first.
        stops.push_async_callback(_stop_rooms, rooms, banner)
        await rooms.start()
        await sequencer.start()  # When it fails there is no engine thread yet to be stopped.
        stops.push_async_callback(sequencer.stop)
        port = await _listen(gateway, settings)
        stops.push_async_callback(gateway.stop)
        if settings.has_bots:
            traders = _traders(rooms, settings)
            stops.push_async_callback(traders.stop)
            await traders.start()
        url = _url(settings.host, port)
        banner.started(home, url, settings, status.status())
        home.tell(url)
        with rare_collections():
            await _wait(rooms, sequencer, banner, ending)
        banner.stopping()
    banner.stopped(sequencer.last_sequence, sequencer.snapshot_sequence)


async def _stop_rooms(rooms: Rooms, banner: Banner) -> None:
    """Write the last rows; a database that cannot take them now does not spoil the stop."""
    try:
        await rooms.stop()
    except (DatabaseDown, TimeseriesDown) as failure:
        banner.history_late(failure)


def _gateway(
    home: Home,
    settings: Settings,
    rooms: Rooms,
    status: ExchangeStatus,
    engine_metrics: EngineCollector,
) -> Gateway:
    world = rooms.world
    exchange = Exchange(
        rooms.trading,
        rooms.market,
        _keys(home, settings, rooms),
        world.clock,
        world.entropy,
        status,
    )
    registry = CollectorRegistry()
    registry.register(engine_metrics)
    pools = Pools() if settings.rate_limits else UNLIMITED
    return Gateway(exchange, registry, GatewayOptions(pools=pools))


async def _listen(gateway: Gateway, settings: Settings) -> int:
    try:
        return await gateway.start(settings.host, settings.port)
    except OSError as error:
        why = error.strerror or error
        raise AddressError(f"cannot listen at {settings.host}: {why}; see --host") from error


async def _wait(rooms: Rooms, sequencer: ThreadedSequencer, banner: Banner, ending: Ending) -> None:
    """Return when the end is wanted; say aloud meanwhile what a person should know."""
    state, told = ProcessState.TRADING, set[str]()
    while not ending.wanted.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wanted.wait(), WATCH_SECONDS)
        if sequencer.state is not state and not ending.wanted.is_set():
            state = sequencer.state
            banner.state(state)
        for name, room in rooms.named.items():
            if room.projector.failure is not None and name not in told:
                told.add(name)
                banner.projection_failed(name, room.projector.failure)


def _traders(rooms: Rooms, settings: Settings) -> SimulationService:
    """Return the demo's traders; their chance goes on from where the exchange stands."""
    seed = settings.seed + rooms.recovered.machine.sequence
    crowd = Crowd(cast_of(rooms.world.disk), rooms.trading, rooms.market, seed)
    return SimulationService(crowd, rooms.trading, rooms.world.clock)


def _keys(home: Home, settings: Settings, rooms: Rooms) -> FileKeys:
    """Return the keys of the home, made for the demo's accounts when there are none."""
    if home.demo_keys.exists():
        return FileKeys(read_keys(home.demo_keys))
    if settings.demo:
        return FileKeys(make_keys(home.demo_keys, demo.PEOPLE, rooms.world.entropy))
    return FileKeys()


def _url(host: str, port: int) -> str:
    """Return where people of this computer find the exchange."""
    if host in _EVERYWHERE:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
