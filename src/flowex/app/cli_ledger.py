"""`flowex ledger verify`: the proof that every posting adds up, on a running or a stopped exchange.

The books are read in one consistent view, at whatever sequence they have reached. A machine of its
own then replays snapshot and journal to that same sequence, and the two are compared to the atom.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.disk.local import LocalDisk
from flowex.adapters.journal.reader import FileJournalReader
from flowex.app.engines import ENGINES, EngineMissing, machine_factory
from flowex.app.home import Home, database_path
from flowex.app.settings import SettingsError, read
from flowex.engine.machine import MachineFactory
from flowex.engine.replay import ReplayError, machine_at
from flowex.engine.snapshot import SnapshotStore
from flowex.messages.state import StateRecord, decode_state
from flowex.ports.database import DatabaseError
from flowex.ports.disk import DiskError
from flowex.ports.journal import JournalError
from flowex.services.ledger import store
from flowex.services.ledger.verify import AssetLine, Books, Verdict, compare
from flowex.units.decimals import render

EXIT_NOT_PROVEN: Final = 1
FAULTS_SHOWN_MAX: Final = 20


@click.group("ledger")
def ledger() -> None:
    """Look into an exchange's books."""


@ledger.command("verify")
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
@click.option("--engine", type=click.Choice(ENGINES), help="Default: native where it is built.")
def verify(home: Path | None, engine: str | None) -> None:
    """Prove that all postings add up to the machine's balances, to the atom.

    Works while the exchange runs. Ends with 0 only when every transaction adds up to nothing, every
    balance of every account is the sum of its postings, and every trade is recorded once.
    """
    try:
        settings = read(home=home, engine=engine)
        verdict = prove(Home(settings.home).data, machine_factory(settings.engine))
    except (
        DatabaseError,
        DiskError,
        EngineMissing,
        FileNotFoundError,
        JournalError,
        ReplayError,
        SettingsError,
    ) as error:
        raise click.ClickException(f"the books cannot be proven: {error}") from error
    show(verdict, Console())
    if not verdict.is_proven:
        sys.exit(EXIT_NOT_PROVEN)


def prove(data: Path, factory: MachineFactory) -> Verdict:
    """Compare the books in a data folder with a machine replayed to where they stand.

    Raises FileNotFoundError, DatabaseError, DiskError, JournalError, ReplayError.
    """
    path = database_path(data)
    if not path.exists():
        raise FileNotFoundError(f"there is no exchange in {data}")
    books = asyncio.run(_books(path))
    return compare(_state_at(data, factory, books.sequence), books)


async def _books(path: Path) -> Books:
    database = SqliteDatabase(path)
    try:
        return await database.read(store.books)
    finally:
        await database.close()


def _state_at(data: Path, factory: MachineFactory, sequence: int) -> list[StateRecord]:
    disk = LocalDisk(data, writable=False)
    journal = FileJournalReader(disk, sequence)
    machine = machine_at(SnapshotStore(disk), factory, journal, disk, sequence)
    return decode_state(machine.snapshot())


def show(verdict: Verdict, console: Console) -> None:
    """Print the table and what disagrees."""
    table = Table("asset", title=f"Ledger at sequence {verdict.sequence:,}", title_justify="left")
    for column in ("accounts", "issued", "postings off by", "balances off by"):
        table.add_column(column, justify="right")
    for line in verdict.lines:
        table.add_row(*_cells(line))
    console.print(table)
    for fault in verdict.faults[:FAULTS_SHOWN_MAX]:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    if len(verdict.faults) > FAULTS_SHOWN_MAX:
        console.print(f"... and {len(verdict.faults) - FAULTS_SHOWN_MAX} more")
    if verdict.is_proven:
        console.print("[green]✓[/] every posting adds up: the ledger is the machine's own story")
    else:
        console.print(f"[red]The ledger and the machine disagree: {len(verdict.faults)} faults[/]")


def _cells(line: AssetLine) -> list[str]:
    amounts = (line.issued, line.posted - line.issued, line.balances - line.issued)
    return [
        line.code,
        f"{line.accounts:,}",
        *(render(amount, line.decimals) if amount else "0" for amount in amounts),
    ]
