"""`flowex import`: real candles and trades from files become an instrument's past."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from flowex.app.engines import EngineMissing, machine_factory
from flowex.app.history_files import HistoryFileError
from flowex.app.history_import import Imported, OnProgress, import_klines, import_trades
from flowex.app.home import Home, HomeError
from flowex.app.settings import Settings, SettingsError, read
from flowex.app.wiring import Rooms, local_world, open_rooms
from flowex.engine.replay import ReplayError
from flowex.ports.database import DatabaseError
from flowex.ports.disk import DiskError
from flowex.ports.journal import JournalError
from flowex.ports.timeseries import Timeseries, TimeseriesError
from flowex.ports.trading import Instrument
from flowex.services.market_data.past import PastError
from flowex.units.instants import SECOND

_ERRORS: Final = (
    DatabaseError,
    DiskError,
    EngineMissing,
    HistoryFileError,
    HomeError,
    JournalError,
    PastError,
    ReplayError,
    SettingsError,
    TimeseriesError,
)

Load = Callable[[Timeseries, Instrument, Path, int, OnProgress], Awaitable[Imported]]


@click.group("import")
def import_() -> None:
    """Load real history as an instrument's past; the exchange must be stopped.

    What was loaded before may be loaded again: it is there once.
    """


@import_.command("klines")
@click.argument("file", type=Path)
@click.option("--symbol", required=True, help="Instrument whose past it is.")
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
def klines(file: Path, symbol: str, home: Path | None) -> None:
    """Load candles.

    FILE is comma-separated text, gzip or not, whose first line names the columns: open_time_ms (or
    date), open, high, low, close, and volume (or volume_quote). The longer candles are made of it.
    """
    _run(file, symbol, home, import_klines, "candles")


@import_.command("trades")
@click.argument("file", type=Path)
@click.option("--symbol", required=True, help="Instrument whose past it is.")
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
def trades(file: Path, symbol: str, home: Path | None) -> None:
    """Load trades, and make their candles.

    FILE is comma-separated text, gzip or not, whose first line names the columns: trade_time_ms,
    trade_id, price, qty, buyer_is_maker.
    """
    _run(file, symbol, home, import_trades, "trades")


def _run(file: Path, symbol: str, home: Path | None, load: Load, what: str) -> None:
    console = Console(highlight=False)
    try:
        settings = read(home=home)
        imported = asyncio.run(_import(settings, file, symbol, load, console))
    except _ERRORS as error:
        raise click.ClickException(str(error)) from error
    first, last = (
        f"{datetime.fromtimestamp(time // SECOND, UTC):%Y-%m-%d %H:%M}"
        for time in (imported.first_time, imported.last_time)
    )
    console.print(f"{symbol}: {imported.rows:,} {what} from {first} to {last} UTC")


async def _import(
    settings: Settings, file: Path, symbol: str, load: Load, console: Console
) -> Imported:
    """Take the home, bring its rows up to date, and add the file to them."""
    home = Home(settings.home)
    if not home.is_founded:
        raise HomeError(f"there is no exchange in {home.root}: start one there with flowex run")
    home.take()
    try:
        world = local_world(
            home.data, machine_factory(settings.engine), timeseries=settings.timeseries
        )
        try:
            rooms = await open_rooms(world)
            await rooms.drain()
            instrument = _instrument(rooms, symbol)
            with _bar(console, file.name) as on_progress:
                return await load(world.history, instrument, file, world.clock.now(), on_progress)
        finally:
            await world.close()
    finally:
        home.leave()


def _instrument(rooms: Rooms, symbol: str) -> Instrument:
    found = rooms.trading.instrument(symbol)
    if found is None:
        known = ", ".join(one.symbol for one in rooms.trading.instruments())
        raise PastError(f"there is no instrument {symbol}; there are: {known or 'none'}")
    return found


@contextmanager
def _bar(console: Console, what: str) -> Iterator[OnProgress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, wanted: progress.update(task, completed=done, total=wanted)
