"""An exchange in a process of its own: started, asked, stopped and killed by tests."""

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from waiting import eventually_blocking

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.keys.file import read_keys
from flowex.app.flow_entry import Answer, Entry, Keys, World
from flowex.app.home import Home

STOP_SECONDS_MAX = 20
_PROGRAM = (sys.executable, "-c", "from flowex.app.cli import main; main()")
_WORLD = World(now_ms=lambda: SystemClock().now() // 1_000, pause_seconds=lambda _: None)


class Child:
    """One home, and at times a process that runs the exchange in it."""

    def __init__(self, root: Path, *flags: str) -> None:
        self.home = Home(root / "home")
        self.log = root / "log"
        self._flags = ("run", "--home", str(self.home.root), "--port", "0", *flags)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "not started"
        return self._process

    @property
    def url(self) -> str:
        running = self.home.running()
        assert running is not None, self.log.read_text()
        return running.url

    def start(self) -> "Child":
        """Start, and return when the exchange says where it answers."""
        self.home.run_file.unlink(missing_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_PROGRAM, *self._flags], stdout=output, stderr=output
            )
        eventually_blocking(
            lambda: self.home.running() or self.process.poll() is not None, "the start"
        )
        assert self.process.poll() is None, self.log.read_text()
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """End it without a word, as the kernel does."""
        assert self.stop(signal.SIGKILL) == -signal.SIGKILL

    def finish(self) -> None:
        """End whatever still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def ask(self, method: str, path: str, person: str | None = None, **fields: str) -> Answer:
        """Send one request, signed by a demo account if one is named."""
        with closing(Entry(self.url, _WORLD)) as entry:
            return entry.ask(method, path, self.keys(person) if person else None, **fields)

    def get(self, path: str, person: str | None = None, **fields: str) -> Any:
        """Return the body of a request that has to go well."""
        answer = self.ask("GET", path, person, **fields)
        assert answer.status == 200, answer
        return answer.body

    def order(self, person: str, side: str, quantity: str, **more: str) -> Any:
        """Enter a BTCUSDT order, at the market's price unless one is given."""
        kind = {"type": "LIMIT", "timeInForce": "GTC"} if "price" in more else {"type": "MARKET"}
        fields = {"symbol": "BTCUSDT", "side": side, "quantity": quantity} | kind | more
        answer = self.ask("POST", "/api/v3/order", person, **fields)
        assert answer.status == 200, answer
        return answer.body

    def keys(self, person: str) -> Keys:
        return next(
            Keys(one.api_key, one.api_secret)
            for one in read_keys(self.home.demo_keys)
            if one.name == person
        )
