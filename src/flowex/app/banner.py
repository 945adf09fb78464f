"""What a person is told on the terminal while an exchange runs; plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

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


class Banner:
    """Speaks to whoever started the exchange."""

    def __init__(self, console: Console | None = None) -> None:
        """Speak on the error stream's neighbour, the ordinary output, unless told otherwise."""
        self._console = console or Console(highlight=False)

    @contextmanager
    def past(self) -> Iterator[Callable[[int, int], None]]:
        """Show a bar while the demo's past is lived through; give what moves it."""
        console = self._console
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        if not console.is_terminal:
            console.print("Living through the last 24 hours of the simulated market ...")
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("Living through the last 24 hours of the simulated market")

            def move(done: int, wanted: int) -> None:
                progress.update(task, completed=done, total=wanted)

            yield move

    def recovering(self, done: int, wanted: int) -> None:
        """Hear how far the replay of the journal's tail has come."""

    def started(self, home: Home, url: str, settings: Settings, status: Status) -> None:
        """Say where everything is, and two things to try."""
        say = self._console.print
        if not url.endswith(f":{settings.port}") and settings.port:
            say(f"[yellow]Port {settings.port} is busy[/]; using the next free one.")
        say(f"[bold]FlowEx {status.version}[/] is trading at [bold]{url}[/]")
        say(f"  engine     {status.engine}")
        say(f"  sequence   {status.sequence:,}")
        say(f"  data       {home.root.absolute()}")
        if settings.demo:
            say(f"  API keys   {home.demo_keys.absolute()}")
            say("Try:")
            say(f"  curl '{url}/api/v3/depth?symbol=BTCUSDT&limit=5'", soft_wrap=True)
            option = "" if settings.home == Settings().home else f" --home {settings.home}"
            say(f"  flowex order buy BTCUSDT 0.01{option}", soft_wrap=True)
        say("Ctrl-C stops it.")

    def state(self, state: ProcessState) -> None:
        """Say that the state of the process has changed."""
        self._console.print(_STATES.get(state, state.name))

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._console.print("Stopping ...")

    def stopped(self, sequence: int, snapshot_sequence: int) -> None:
        """Say where the exchange stands."""
        self._console.print(
            f"Stopped at sequence {sequence:,}; snapshot at {snapshot_sequence:,}. "
            "The next start goes on from here."
        )
