"""A running exchange: the program itself, in a process of its own, founded in a temporary home."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow.gateway.running_exchange import Person, Running
from waiting import eventually_blocking

from flowex.app.home import Home

STOP_SECONDS_MAX = 20


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root: Path = tmp_path_factory.mktemp("exchange")
    program = [sys.executable, "-c", "from flowex.app.cli import main; main()"]
    flags = ["run", "--demo", "--no-bots", "--port", "18080", "--home", str(root / "home")]
    log = root / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*program, *flags], stdout=output, stderr=output)
    home = Home(root / "home")
    try:
        here = eventually_blocking(
            lambda: home.running() or process.poll() is not None, "the exchange"
        )
        assert not isinstance(here, bool), log.read_text()
        accounts = json.loads(home.demo_keys.read_text())["accounts"]
        people = {row["name"]: Person(row["api_key"], row["api_secret"]) for row in accounts}
        yield Running(here.url, people)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS_MAX) == 0, log.read_text()
