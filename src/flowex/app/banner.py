"""What a person is told on the terminal while an exchange runs; plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from flowex.app.home import Home
from flowex.app.settings import Settings
from flowex.ports.sequencer import ProcessState
from flowex.ports.status import Status

_STATES: Final = {
    ProcessState.TRADING: "Trading: there is room on the disk again.",
    ProcessState.READ_ONLY: (
        "READ ONLY: the disk is nearly full. Cancels still work, new orders do not; make room and "
        "the exchange goes on by itself."
    ),
    ProcessState.STOPPING: "Stopping.",
}

_ENGINES: Final = {"reference": "reference, in Python: slower than the native one"}

TRADERS: Final = "simulated, about 5 trades a second; the journal grows by 2.5 MB an hour"
"""Measured; a busier market writes more."""


RECOVERY_TOLD_MIN: Final = 100_000
"""Commands to replay from which on a start takes long enough to say why."""


class Banner:
    """Speaks to whoever started the exchange."""

    def __init__(self, console: Console | None = None) -> None:
        """Speak on the error stream's neighbour, the ordinary output, unless told otherwise."""
        self._console = console or Console(highlight=False)
        self._has_told_recovery = False

    @contextmanager
    def past(self, hours: int) -> Iterator[Callable[[int, int], None]]:
        """Show a bar while the demo's past is lived through; give what moves it."""
        with self._bar(f"Living through the market's last {hours} hours") as move:
            yield move

    @contextmanager
    def reading(self, folder: Path | None) -> Iterator[Callable[[int, int], None]]:
        """Show a bar while files of real history are read; give what moves it."""
        with self._bar(f"Reading real history in {folder}") as move:
            yield move

    @contextmanager
    def _bar(self, what: str) -> Iterator[Callable[[int, int], None]]:
        console = self._console
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task: TaskID | None = None

            def move(done: int, wanted: int) -> None:
                nonlocal task
                if task is None:
                    task = progress.add_task(what)
                    if not console.is_terminal:
                        self._say(f"{what} ...")
                progress.update(task, completed=done, total=wanted)

            yield move

    def recovering(self, done: int, wanted: int) -> None:
        """Hear how far the replay of the journal's tail has come; say so once if it is long."""
        if not self._has_told_recovery and wanted - done > RECOVERY_TOLD_MIN:
            self._has_told_recovery = True
            self._say(f"Reading {wanted - done:,} commands of the journal again ...")

    def started(self, home: Home, url: str, settings: Settings, status: Status) -> None:
        """Say where everything is, and two things to try."""
        if settings.port and not url.endswith(f":{settings.port}"):
            self._say(f"[yellow]Port {settings.port} is busy[/]: the next free one is used.")
        self._say(f"[bold]FlowEx {status.version}[/] is trading at [bold]{url}[/]")
        self._say(f"  engine     {_ENGINES.get(status.engine, status.engine)}")
        self._say(f"  sequence   {status.sequence:,}")
        self._say(f"  data       {escape(str(home.root.absolute()))}")
        if settings.has_bots:
            self._say(f"  traders    {TRADERS}")
        if settings.demo:
            self._say(f"  API keys   {escape(str(home.demo_keys.absolute()))}")
            is_default = settings.home == Settings().home
            option = "" if is_default else f" --home {escape(str(settings.home))}"
            self._say("Try")
            self._say(f"  curl '{url}/api/v3/depth?symbol=BTCUSDT&limit=5'")
            self._say(f"  flowex order buy BTCUSDT 0.01{option}")
            self._say(f"or open {url} in a browser. Ctrl-C stops the exchange.")
        else:
            self._say("Ctrl-C stops it.")

    def state(self, state: ProcessState) -> None:
        """Say that the state of the process has changed."""
        self._say(_STATES.get(state, state.name))

    def projection_failed(self, name: str, failure: Exception) -> None:
        """Say that the rows of a room are not written any more."""
        self._say(
            f"[red]The history of {name} is not written any more:[/] {escape(str(failure))}. "
            "Trading goes on, and the journal has everything: a restart writes what is missing."
        )

    def history_late(self, failure: Exception) -> None:
        """Say that the last rows could not be written."""
        self._say(
            f"[yellow]The last of the history is not written:[/] {escape(str(failure))}. "
            "The journal has it, and the next start writes what is missing."
        )

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._say("Stopping ...")

    def stopped(self, sequence: int, snapshot_sequence: int) -> None:
        """Say where the exchange stands."""
        self._say(
            f"Stopped at sequence {sequence:,}; snapshot at {snapshot_sequence:,}. "
            "The next start goes on from here."
        )

    def unfounded(self) -> None:
        """Say that the first start did not come to its end."""
        self._say("Stopped before the exchange was founded; the next start begins anew.")

    def unrecovered(self) -> None:
        """Say that a start did not come to its end."""
        self._say("Stopped before the journal was read; nothing is lost.")

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)
