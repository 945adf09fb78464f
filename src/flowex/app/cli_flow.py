"""The commands about recorded order flow: `flowex replay` and `flowex generate flow`."""

import hashlib
import lzma
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.flow import generated
from flowex.adapters.flow.commands import RECORD
from flowex.app.engines import ENGINES, EngineMissing, machine_factory
from flowex.app.flow_entry import (
    Entry,
    EntryError,
    Market,
    Player,
    World,
    play_into,
    read_keys,
)
from flowex.app.flow_replay import ReplayError, Report, Tally, run_script
from flowex.app.flow_tape import common_prints
from flowex.app.flows import FORMATS, Plan, open_flow, write_script
from flowex.engine.machine import MachineFactory
from flowex.ports.flow import FlowError, FlowSource
from flowex.units.decimals import render

_STOPWATCH_NS = time.perf_counter_ns  # noqa: TID251 - speed is printed; nothing depends on it.
_WORLD = World(
    now_ms=lambda: SystemClock().now() // 1_000,
    pause_seconds=time.sleep,  # noqa: TID251 - a recording's own pace is what is waited for.
)
_BESIDE_CHECKOUT = Path(__file__).parents[4] / "shared" / "data"
_CHUNK_COMMANDS = 10_000


@click.command("replay")
@click.argument("file")
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@click.option("--engine", type=click.Choice(ENGINES), help="Default: native where it is built.")
@click.option("--repeat", type=click.IntRange(1), default=1, help="Run so often, on new machines.")
@click.option("--prefill", type=click.IntRange(0), default=0, help="So many are not timed.")
@click.option("--accounts", type=click.IntRange(2, 1_000_000), default=10_000, show_default=True)
@click.option("--batch", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--data", envvar="FLOWEX_DATA", type=Path, help="Folder of recordings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--into", metavar="URL", help="Enter the orders at a running exchange instead.")
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="With --into: so many times the recording's own speed; 0 waits for nothing.",
)
@click.option("--symbol", default="BTCUSDT", show_default=True, help="With --into.")
@click.option(
    "--keys",
    type=Path,
    default=Path(".flowex/demo.json"),
    show_default=True,
    help="With --into: API keys of two accounts.",
)
def replay(
    *,
    file: str,
    kind: str,
    engine: str | None,
    repeat: int,
    prefill: int,
    accounts: int,
    batch: int,
    data: Path | None,
    as_json: bool,
    into: str | None,
    speed: float,
    symbol: str,
    keys: Path,
) -> None:
    """Run recorded order flow through a machine; print its trades, hashes and speed.

    FILE is a path, or a name in the folder of recordings, or KIND:SEED:COMMANDS for the format
    generated, such as mix:42:1000000.
    """
    plan = Plan(accounts=accounts // 2 * 2, batch=batch, prefill=prefill)
    try:
        source = open_flow(kind, file if kind == "generated" else find_recording(file, data))
        if into:
            with closing(Entry(into, _WORLD)) as entry:
                player = Player(source, entry, Market.read(entry, symbol), read_keys(keys))
                click.echo(_play(player, speed, as_json=as_json))
            return
        report, tally = _measure(source, plan, machine_factory(engine), repeat)
    except (FlowError, ReplayError, EntryError, EngineMissing) as error:
        raise click.ClickException(str(error)) from error
    tape = _compare(tally, source)
    click.echo(_as_json(report, tape) if as_json else _as_text(report, tape, source))


@click.group("generate")
def generate() -> None:
    """Make synthetic data: the same bytes everywhere."""


@generate.command("flow")
@click.option(
    "--kind", type=click.Choice(tuple(generated.CHARACTERS)), default="mix", show_default=True
)
@click.option("--seed", type=click.IntRange(0), default=42, show_default=True)
@click.option("--commands", type=click.IntRange(0), default=1_000_000, show_default=True)
@click.option("--out", type=Path, help="Default: KIND-SEED-COMMANDS.cmds.bin; .xz is packed.")
def generate_flow(*, kind: str, seed: int, commands: int, out: Path | None) -> None:
    """Write a synthetic stream of commands, to be played with `replay --format commands`."""
    path = out or Path(f"{kind}-{seed}-{commands}.cmds.bin")
    digest = hashlib.sha256()
    try:
        records = generated.generate(kind, seed, commands)
        with (
            lzma.open(path, "wb") if path.suffix == ".xz" else path.open("wb") as file,
            _progress() as progress,
        ):
            task = progress.add_task("generating", total=commands)
            for chunk in _chunks(records):
                file.write(chunk)
                digest.update(chunk)
                progress.advance(task, len(chunk) // RECORD.size)
    except (FlowError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{path}: {commands:,} commands, sha256 {digest.hexdigest()}")


def _measure(
    source: FlowSource, plan: Plan, factory: MachineFactory, repeat: int
) -> tuple[Report, Tally]:
    """Run a flow through machines of a kind, with a bar for packing and one for applying."""
    with _progress() as progress:
        packing = progress.add_task("packing", total=source.length)
        script = write_script(source, plan, lambda done: progress.advance(packing, done))
        applying = progress.add_task("applying", total=source.length * repeat)
        return run_script(
            lambda: factory(None),
            script,
            repeat,
            _STOPWATCH_NS,
            lambda done: progress.advance(applying, done),
        )


def _play(player: Player, speed: float, *, as_json: bool) -> str:
    """Enter a flow at a running exchange until its end or Ctrl-C; return the outcomes as text."""
    with _progress() as progress, suppress(KeyboardInterrupt):
        task = progress.add_task("entering", total=player.source.length)
        play_into(player, speed, _WORLD, lambda done: progress.advance(task, done))
    if as_json:
        return msgspec.json.encode(player.outcomes).decode()
    return "\n".join(f"{count:>10,}  {outcome}" for outcome, count in player.outcomes.most_common())


def find_recording(name: str, data: Path | None) -> str:
    """Return the path of a recording: as it is named, or in the folder of recordings.

    That folder is `data`, or `shared/data` beside a checkout. Raises `FlowError`.
    """
    folder = data or _BESIDE_CHECKOUT
    places = (Path(name), folder / name, folder / "orderflow" / name)
    for place in places:
        if place.is_file():
            return str(place)
    raise FlowError(f"no recording at {', '.join(map(str, places))} (set FLOWEX_DATA)")


def _chunks(records: Iterator[bytes]) -> Iterator[bytes]:
    """Join records, so that a file is written in large pieces."""
    while chunk := b"".join(islice(records, _CHUNK_COMMANDS)):
        yield chunk


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show bars on a terminal, on the error stream, and nothing anywhere else."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        yield progress


def _compare(tally: Tally, source: FlowSource) -> dict[str, int]:
    """Hold the trades against the recorded market's own tape; empty when the format has none."""
    tape = source.tape()
    return {"prints": len(tape), "equal": common_prints(tally.prints, tape)} if tape else {}


def _as_json(report: Report, tape: dict[str, int]) -> str:
    fields = msgspec.structs.asdict(report) | ({"tape": tape} if tape else {})
    return msgspec.json.encode(fields).decode()


def _as_text(report: Report, tape: dict[str, int], source: FlowSource) -> str:
    """Lay the report out for people, in whole coins and not in the recording's units."""
    price_decimals, quantity_decimals = source.price_decimals, source.quantity_decimals
    per_second = 1_000_000_000 // max(report.ns_per_command_median, 1)
    lines = {
        "engine": report.engine,
        "commands": f"{report.commands:,} ({report.refused:,} refused: their order was gone)",
        "trades": f"{report.trades:,}",
        "volume": render(report.volume, quantity_decimals),
        "notional": render(report.notional, price_decimals + quantity_decimals),
        "events": f"{report.events:,}",
        "state hash": report.state_hash,
        "events hash": report.events_hash,
        "speed": f"{per_second:,} commands/s, {report.ns_per_command_median:,} ns per command "
        f"(median of {report.repeat}; least {report.ns_per_command_min:,})",
    }
    if tape:
        lines["tape"] = (
            f"{tape['equal']:,} of the trades equal one of the market's own "
            f"{tape['prints']:,} prints in price and size, in order"
        )
    return "\n".join(f"{name:<12}{value}" for name, value in lines.items())
