"""`flowex run`."""

import sys
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.markup import escape

from flowex.adapters.keys.file import KeyFileError
from flowex.app.banner import Banner
from flowex.app.engines import ENGINES, EngineMissing
from flowex.app.founding import FoundingError
from flowex.app.history_files import HistoryFileError
from flowex.app.home import HomeError
from flowex.app.running import AddressError, ExchangeFailed
from flowex.app.running import run as run_exchange
from flowex.app.settings import SettingsError, read
from flowex.engine.replay import ReplayError
from flowex.ports.database import DatabaseError
from flowex.ports.disk import DiskError
from flowex.ports.journal import JournalError
from flowex.ports.timeseries import TimeseriesError
from flowex.services.gateway.server import ServerError

EXIT_FAILED = 70
"""The exchange stopped by itself: see sysexits.h, an internal error."""


@click.command("run")
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option(
    "--port", type=int, help="Port to listen at; a busy one is stepped over.  [default: 8080]"
)
@click.option(
    "--demo", is_flag=True, default=None, help="Three markets, two funded accounts, traders."
)
@click.option(
    "--bots/--no-bots", default=None, help="Simulated traders, with --demo.  [default: on]"
)
@click.option(
    "--past-hours", type=int, help="How long they have traded before the start.  [default: 24]"
)
@click.option(
    "--demo-history", type=Path, help="Folder of real candles that come before; see flowex import."
)
@click.option("--engine", type=click.Choice(ENGINES), help="Default: native where it is built.")
@click.option(
    "--rate-limits/--no-rate-limits", default=None, help="Hold clients to them.  [default: on]"
)
@click.option(
    "--seed", type=int, help="What the simulated traders' chance begins with.  [default: 1]"
)
def run(**flags: str | int | Path | bool | None) -> None:
    """Run an exchange until Ctrl-C: trading, ledger, market data, REST and WebSocket on one port.

    \b
    flowex run --demo                          with markets, money and simulated traders
    flowex run --demo --no-bots --port 9000    nobody there but you
    flowex run --home /srv/exchange            an empty exchange in that folder

    The first start founds the exchange; every other goes on where the last one ended.
    """  # noqa: D301 - by that character click leaves a paragraph as it is written.
    try:
        settings = read(**flags)
        uvloop.run(run_exchange(settings, Banner()))
    except ExchangeFailed as failure:
        Console(stderr=True).print(
            f"[red]The exchange stopped by itself: {escape(str(failure))}.[/] "
            "What was acknowledged is in the journal: start it again, and it goes on from there.",
            soft_wrap=True,
        )
        sys.exit(EXIT_FAILED)
    except (
        AddressError,
        DatabaseError,
        DiskError,
        EngineMissing,
        FoundingError,
        HistoryFileError,
        HomeError,
        JournalError,
        KeyFileError,
        ReplayError,
        ServerError,
        SettingsError,
        TimeseriesError,
    ) as error:
        raise click.ClickException(str(error)) from error
