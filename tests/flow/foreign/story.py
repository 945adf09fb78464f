"""What a client lived through on an exchange: every scene's end, and every byte of it."""

import json
import logging
import signal
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import msgspec
from flow.foreign.contract import ROWS
from flow.foreign.recorder import Exchanged, Recorder, Said
from flow.foreign.stage import Hand, Scene, Stage
from flow.gateway.running_exchange import Person, Running
from waiting import eventually_blocking

from flowex.app.home import Home

PLAYED, FAILED, PENDING = "played", "failed", "pending"
_STOP_SECONDS_MAX = 20
_ASK_SECONDS_MAX = 20
_NOT_FOUND = 404
_FLAGS = (
    *("icebergAllowed", "ocoAllowed", "otoAllowed", "allowTrailingStop"),
    *("cancelReplaceAllowed", "amendAllowed"),
)
"""Fields by which exchangeInfo announces what a symbol allows."""


class End(msgspec.Struct, frozen=True):
    """How a scene ended."""

    scene: str
    how: str
    why: str
    """What went wrong, or what is not served yet."""


class Story(msgspec.Struct, frozen=True):
    """All of one client."""

    client: str
    ends: list[End]
    exchanged: list[Exchanged]
    said: list[Said]
    driven: list[str]
    """The client's functions that were called."""
    kinds: list[str]
    """The classes of exceptions it raised for refusals."""
    served: list[str]
    """Labels of rows and features found served."""
    notes: dict[str, Any]


@contextmanager
def exchange(folder: Path) -> Iterator[Running]:
    """Run the program in a process of its own, without simulated traders."""
    program = [sys.executable, "-c", "from flowex.app.cli import main; main()"]
    flags = ["run", "--demo", "--no-bots", "--port", "18180", "--home", str(folder / "home")]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*program, *flags], stdout=output, stderr=output)
    home = Home(folder / "home")
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
        assert process.wait(_STOP_SECONDS_MAX) == 0, log.read_text()


def _asked(url: str, method: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS_MAX) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def served_by(url: str) -> frozenset[str]:
    """Return the labels of rows that the exchange has, and the features that it announces."""
    found = {
        row.label for row in ROWS.values() if _asked(url + row.path, row.method)[0] != _NOT_FOUND
    }
    information = json.loads(_asked(f"{url}/api/v3/exchangeInfo", "GET")[1])
    symbol = next(row for row in information["symbols"] if row["symbol"] == "BTCUSDT")
    found.update(symbol["orderTypes"])
    found.update(flag for flag in _FLAGS if symbol[flag])
    return frozenset(found)


class _Grumbles(logging.Handler):
    """What a client only logs: the vendor's models do not raise when an answer does not fit."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def tell(kind: type[Hand], scenes: Sequence[Scene], folder: Path) -> Story:
    """Let a client play all scenes it can on an exchange of its own, and return what happened."""
    grumbles = _Grumbles()
    logging.getLogger().addHandler(grumbles)
    try:
        with exchange(folder) as running:
            served = served_by(running.url)
            with Recorder(kind.name, running.url) as recorder:
                keys = {name: (one.api_key, one.api_secret) for name, one in running.people.items()}
                stage = Stage(kind, recorder.url, keys, served)
                ends = [_play(scene, stage, grumbles) for scene in scenes]
                stage.close()
    finally:
        logging.getLogger().removeHandler(grumbles)
    return Story(
        client=kind.name,
        ends=ends,
        exchanged=recorder.exchanged,
        said=recorder.said,
        driven=sorted(stage.driven),
        kinds=sorted(stage.kinds),
        served=sorted(served),
        notes=stage.notes,
    )


def _play(scene: Scene, stage: Stage, grumbles: _Grumbles) -> End:
    if wanting := scene.wanting(stage.served):
        return End(scene.name, PENDING, ", ".join(wanting))
    grumbles.heard.clear()
    try:
        scene.act(stage)
        assert not grumbles.heard, grumbles.heard
    except Exception:  # noqa: BLE001 - the scene's own test tells it; the others go on
        return End(scene.name, FAILED, traceback.format_exc())
    return End(scene.name, PLAYED, "")
