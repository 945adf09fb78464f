"""`flowex top`: a live view of a running exchange, for people without the web page."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from flowex.adapters.clock.system import SystemClock
from flowex.app.home import Home
from flowex.app.settings import SettingsError, language, read
from flowex.app.top.door import Door, Unreachable
from flowex.app.top.follow import Follower, load, load_market
from flowex.app.top.screen import draw
from flowex.app.top.state import Sort, State
from flowex.app.top.terminal import View, watch
from flowex.app.top.words import LANGUAGES, WORDS


@click.command("top")
@click.argument("symbol", required=False)
@click.option("--once", is_flag=True, help="Print one frame and end; for scripts.")
@click.option(
    "--sort",
    type=click.Choice([str(each) for each in Sort]),
    default=str(Sort.SYMBOL),
    show_default=True,
    help="What the markets are ordered by.",
)
@click.option(
    "--lang", "flag", type=click.Choice(LANGUAGES), help="Language.  [default: as LANG says]"
)
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
@click.option("--url", help="Address, when it is not the one that runs in the folder.")
def top(
    *,
    symbol: str | None,
    once: bool,
    sort: str,
    flag: str | None,
    home: Path | None,
    url: str | None,
) -> None:
    """Watch an exchange live: markets, the book and trades of one, rates, and what lags.

    \b
    flowex top                          the exchange that runs in .flowex
    flowex top ETHUSDT --sort volume
    flowex top --url http://10.0.0.5:8080
    flowex top --once                   one frame, as text

    Keys: ↑ ↓ (or k j) choose a market, s sorts, r reverses, l changes the language, q quits.
    """  # noqa: D301 - by that character click leaves a paragraph as it is written.
    try:
        address = _address(Home(read(home=home).home), url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    state = State(selected=(symbol or "").upper(), sort=Sort(sort))
    spoken = language(flag)
    if once:
        _print_once(state, address, spoken)
        return
    console = Console(highlight=False)
    if not (console.is_terminal and sys.stdin.isatty()):
        raise click.ClickException("a live view needs a terminal: --once prints one frame")
    asyncio.run(_live(state, address, spoken, console))


async def _live(state: State, address: Callable[[], str], spoken: str, console: Console) -> None:
    follower = Follower(state, address, SystemClock().now)
    await watch(View(state, follower, spoken), console, sys.stdin.fileno())


def _print_once(state: State, address: Callable[[], str], spoken: str) -> None:
    async def ask() -> None:
        state.connecting(address())
        door = Door(state.url)
        await load(door, state, SystemClock().now)
        await load_market(door, state)

    try:
        asyncio.run(ask())
    except Unreachable as error:
        raise click.ClickException(f"{state.url}: {error}" if state.url else str(error)) from error
    if state.missing:
        known = ", ".join(state.markets)
        raise click.ClickException(f"there is no market {state.missing}: choose one of {known}")
    state.live()
    console = Console(highlight=False)
    console.print(draw(state, WORDS[spoken], console.size, has_keys=False))


def _address(home: Home, url: str | None) -> Callable[[], str]:
    """Return what tells the address: asked again after a restart, whose port may be another."""

    def address() -> str:
        running = home.running()
        if url is None and running is None:
            raise Unreachable(
                f"no exchange is running in {home.root}: start one with `flowex run --demo`, "
                "or name its folder with --home"
            )
        return url or (running.url if running else "")

    return address
