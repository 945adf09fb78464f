"""`flowex journal`: what it holds, whether it is whole, what it makes, and what to step over.

All but ``quarantine`` only read, and work while the exchange runs.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.reader import FileJournalReader
from flowex.adapters.journal.scan import Scan, Tail
from flowex.app.engines import ENGINES, EngineMissing, machine_factory
from flowex.app.home import Home
from flowex.app.settings import SettingsError, read
from flowex.engine.machine import Machine, MachineFactory, state_hash
from flowex.engine.quarantine import (
    QuarantineEntry,
    add_to_quarantine,
    command_at,
    quarantine_entries,
)
from flowex.engine.replay import CommandStopsMachineError, ReplayError, machine_at, replay
from flowex.engine.snapshot import SnapshotStore
from flowex.messages.commands import COMMANDS
from flowex.messages.layout import RecordError
from flowex.ports.disk import Disk, DiskError
from flowex.ports.journal import JournalCorrupt, JournalError
from flowex.units.instants import SECOND

EXIT_DAMAGED: Final = 1

_STOPWATCH_NS = time.perf_counter_ns  # noqa: TID251 - speed is printed; nothing depends on it.
_home = click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_engine = click.option(
    "--engine", type=click.Choice(ENGINES), help="Default: native where it is built."
)


@click.group("journal")
def journal() -> None:
    """Look into an exchange's journal."""


class Stat(msgspec.Struct, frozen=True):
    """What a journal holds."""

    segments: int
    frames: int
    commands: int
    first_sequence: int
    last_sequence: int
    bytes_used: int
    first_time: int
    last_time: int
    torn_bytes: int
    snapshots: list[int]
    quarantined: list[int]


@journal.command("stat")
@_home
@_json
def stat(home: Path | None, *, as_json: bool) -> None:
    """Print what the journal holds: segments, frames, commands, times, snapshots."""
    with _complaints():
        counted, _ = _count(LocalDisk(_data(home), writable=False))
    if as_json:
        click.echo(msgspec.json.encode(counted))
        return
    table = Table(show_header=False, box=None)
    table.add_row("commands", f"{counted.commands:,} in {counted.frames:,} frames")
    table.add_row("sequence", f"{counted.first_sequence:,} to {counted.last_sequence:,}")
    table.add_row("time", f"{_utc(counted.first_time)} to {_utc(counted.last_time)}")
    table.add_row("size", f"{counted.bytes_used:,} bytes in {counted.segments} segments")
    table.add_row("torn tail", f"{counted.torn_bytes:,} bytes")
    table.add_row("snapshots at", ", ".join(f"{one:,}" for one in counted.snapshots) or "none")
    table.add_row("quarantined", ", ".join(f"{one:,}" for one in counted.quarantined) or "none")
    Console().print(table)


@journal.command("verify")
@_home
def verify(home: Path | None) -> None:
    """Read every byte: checksums, sequences, hash chain, snapshots. Ends with 0 if all is whole."""
    with _complaints():
        disk = LocalDisk(_data(home), writable=False)
        counted, tail = _count(disk)
        store = SnapshotStore(disk)
        bad = [sequence for sequence in store.sequences() if store.load(sequence) is None]
    for sequence in bad:
        click.echo(f"✗ the snapshot at {sequence:,} is damaged; the one before it will serve")
    if tail.torn_bytes:
        click.echo(f"✗ {tail}: a torn tail of {tail.torn_bytes} bytes; the next start cuts it")
    later = [sequence for sequence in store.sequences() if sequence > tail.sequence]
    if later:
        click.echo(f"✗ the journal ends at {tail.sequence:,}, before the snapshots {later}")
    if bad or later or tail.torn_bytes:
        sys.exit(EXIT_DAMAGED)
    click.echo(
        f"✓ {counted.commands:,} commands in {counted.frames:,} frames are whole, "
        f"chain head {tail.hash.hex()}"
    )


class Replay(msgspec.Struct, frozen=True):
    """What a journal makes of a machine."""

    engine: str
    sequence: int
    state_hash: str
    events_hash: str
    events_bytes: int
    ns_per_command: int


@journal.command("replay")
@_home
@click.option("--to", "to_sequence", type=click.IntRange(1), help="Last sequence to apply.")
@_engine
@_json
def replay_command(
    home: Path | None, to_sequence: int | None, engine: str | None, *, as_json: bool
) -> None:
    """Apply the journal from Genesis in a machine of its own and print the hashes."""
    with _complaints():
        disk = LocalDisk(_data(home), writable=False)
        done = _replay(disk, _factory(home, engine), to_sequence, quiet=as_json)
    if as_json:
        click.echo(msgspec.json.encode(done))
        return
    table = Table(show_header=False, box=None)
    table.add_row("engine", done.engine)
    table.add_row("commands", f"{done.sequence:,}, {done.ns_per_command:,} ns each")
    table.add_row("state hash", done.state_hash)
    table.add_row("events hash", f"{done.events_hash} over {done.events_bytes:,} bytes")
    Console().print(table)


@journal.command("quarantine")
@click.argument("sequence", type=click.IntRange(1))
@_home
@_engine
@click.option("--operator", prompt="Your name", help="Who decides.")
@click.option("--reason", prompt="Why", help="What went wrong, and where it is reported.")
def quarantine(
    sequence: int, home: Path | None, engine: str | None, operator: str, reason: str
) -> None:
    """Step over the command at SEQUENCE, for ever, because it stops the machine.

    The exchange must be stopped. It is first proven that the machine stops at this command and at
    no earlier one. Asks twice, and writes the decision down beside the journal.
    """
    with _complaints(), closing(LocalDisk(_data(home))) as disk:
        entry = _diagnosis(disk, _factory(home, engine), sequence, operator, reason)
        _confirm_twice(entry)
        add_to_quarantine(disk, entry)
    click.echo(f"Quarantined. The next start steps over {sequence}.")


def _confirm_twice(entry: QuarantineEntry) -> None:
    command = bytes.fromhex(entry.command)
    declared = COMMANDS.get(command[0])
    try:
        shown: object = declared.unpack(command) if declared else entry.command
    except RecordError:
        shown = entry.command
    click.echo(f"Sequence {entry.sequence}: {shown}\nstops the machine: {entry.bug}")
    click.confirm("Step over it, so that it never happened, on every replay?", abort=True)
    again = click.prompt("Type its sequence to confirm", type=int)
    if again != entry.sequence:
        raise click.Abort


def _diagnosis(
    disk: Disk, factory: MachineFactory, sequence: int, operator: str, reason: str
) -> QuarantineEntry:
    """Prove that the command stops the machine, and return the decision to be confirmed."""
    reader, store = FileJournalReader(disk), SnapshotStore(disk)
    if max(store.sequences(), default=0) >= sequence:
        raise click.ClickException(f"a snapshot after {sequence} exists: it was applied before")
    machine = machine_at(store, factory, reader, disk, sequence - 1)
    try:
        for _ in replay(machine, reader, disk, to_sequence=sequence):
            pass
    except CommandStopsMachineError as error:
        frame = next(reader.read(sequence))
        return QuarantineEntry(
            sequence=sequence,
            time=SystemClock().now(),
            command=command_at(frame, sequence).hex(),
            bug=str(error.__cause__),
            operator=operator,
            reason=reason,
        )
    raise click.ClickException(f"{sequence} does not stop the machine: there is nothing to do")


def _replay(disk: Disk, factory: MachineFactory, to_sequence: int | None, *, quiet: bool) -> Replay:
    reader = FileJournalReader(disk)
    end = reader.last_sequence if to_sequence is None else to_sequence
    if end > reader.last_sequence:
        raise click.ClickException(f"the journal ends at {reader.last_sequence}, before {end}")
    machine, events_bytes, begun_ns = factory(None), 0, _STOPWATCH_NS()
    with _progress(end, quiet=quiet) as advance:
        for frame, events in replay(machine, reader, disk, to_sequence=end):
            events_bytes += len(events)
            advance.update(advance.task_ids[0], completed=frame.last_sequence)
    return _told(machine, events_bytes, _STOPWATCH_NS() - begun_ns)


def _told(machine: Machine, events_bytes: int, elapsed_ns: int) -> Replay:
    return Replay(
        engine=machine.engine,
        sequence=machine.sequence,
        state_hash=state_hash(machine.snapshot()),
        events_hash=f"{machine.events_hash:016x}",
        events_bytes=events_bytes,
        ns_per_command=elapsed_ns // max(1, machine.sequence),
    )


def _count(disk: Disk) -> tuple[Stat, Tail]:
    scan = Scan(disk)
    frames = commands = bytes_used = first = first_time = 0
    for stored in scan.frames():
        if not frames:
            first, first_time = stored.frame.first_sequence, stored.frame.time
        frames += 1
        commands += stored.frame.count
        bytes_used += stored.size_bytes
    counted = Stat(
        segments=scan.segments,
        frames=frames,
        commands=commands,
        first_sequence=first,
        last_sequence=scan.tail.sequence,
        bytes_used=bytes_used,
        first_time=first_time,
        last_time=scan.tail.time,
        torn_bytes=scan.tail.torn_bytes,
        snapshots=SnapshotStore(disk).sequences(),
        quarantined=[entry.sequence for entry in quarantine_entries(disk)],
    )
    return counted, scan.tail


def _data(home: Path | None) -> Path:
    settings = read(home=home)
    data = Home(settings.home).data
    if not data.is_dir():
        raise click.ClickException(f"there is no exchange in {settings.home}")
    return data


def _factory(home: Path | None, engine: str | None) -> MachineFactory:
    return machine_factory(read(home=home, engine=engine).engine)


def _utc(instant: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(instant / SECOND))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Progress]:
    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    shown = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
    with shown:
        shown.add_task("replay", total=total)
        yield shown


@contextmanager
def _complaints() -> Iterator[None]:
    """Turn what can go wrong into one sentence for the operator."""
    try:
        yield
    except JournalCorrupt as error:
        raise click.ClickException(f"the journal is damaged: {error}") from error
    except (
        DiskError,
        EngineMissing,
        JournalError,
        ReplayError,
        SettingsError,
        msgspec.ValidationError,
    ) as error:
        raise click.ClickException(str(error)) from error
