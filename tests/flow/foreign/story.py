"""What a client lived through on an exchange: every scene's end, and every byte of it."""

import json
import logging
import signal
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from flow.foreign.contract import ROWS
from flow.foreign.recorder import Exchanged, Recorder, Said
from flow.foreign.stage import Hand, Scene, Stage
from waiting import eventually_blocking

from flowex.app import demo
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


Keys = Mapping[str, tuple[str, str]]
"""By a person's name: the API key, and the secret or the private key."""


def people() -> tuple[Keys, bytes]:
    """Return keys of every kind that an account can sign with, and the file that has them."""
    account = demo.PEOPLE["alice"]
    pairs: dict[str, Ed25519PrivateKey | RSAPrivateKey] = {
        "alice-ed25519": Ed25519PrivateKey.generate(),
        "alice-rsa": _rsa(),
    }
    rows: list[dict[str, Any]] = []
    keys: dict[str, tuple[str, str]] = {}
    for number, (name, owner) in enumerate(demo.PEOPLE.items()):
        keys[name] = (f"{number}" * 64, f"{number}{name}" * 4)
        rows.append({"name": name, "api_secret": keys[name][1], "account": owner})
    for number, (name, pair) in enumerate(pairs.items(), start=len(rows)):
        secret = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        keys[name] = (f"{number}" * 64, secret.decode())
        rows.append({"name": name, "api_secret": "", "account": account})
        rows[-1]["public_key"] = public.decode()
    for row in rows:
        row["api_key"] = keys[row["name"]][0]
    return keys, json.dumps({"accounts": rows}).encode()


def _rsa() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65_537, key_size=2_048)


@contextmanager
def exchange(folder: Path, keys: bytes) -> Iterator[str]:
    """Run the program in a process of its own, without simulated traders; yield its address."""
    program = [sys.executable, "-c", "from flowex.app.cli import main; main()"]
    flags = ["run", "--demo", "--no-bots", "--port", "18180", "--home", str(folder / "home")]
    log = folder / "log"
    home = Home(folder / "home")
    home.demo_keys.parent.mkdir()
    home.demo_keys.write_bytes(keys)
    with log.open("wb") as output:
        process = subprocess.Popen([*program, *flags], stdout=output, stderr=output)
    try:
        here = eventually_blocking(
            lambda: home.running() or process.poll() is not None, "the exchange"
        )
        assert not isinstance(here, bool), log.read_text()
        yield here.url
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


def served_by(url: str) -> tuple[frozenset[str], dict[str, dict[str, Any]]]:
    """Return labels of rows that are there and features that are announced, and the filters."""
    found = {
        row.label for row in ROWS.values() if _asked(url + row.path, row.method)[0] != _NOT_FOUND
    }
    information = json.loads(_asked(f"{url}/api/v3/exchangeInfo", "GET")[1])
    symbol = next(row for row in information["symbols"] if row["symbol"] == "BTCUSDT")
    found.update(symbol["orderTypes"])
    found.update(flag for flag in _FLAGS if symbol[flag])
    filters = (*symbol["filters"], *information["exchangeFilters"])
    return frozenset(found), {row["filterType"]: row for row in filters}


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
        keys, file = people()
        with exchange(folder, file) as url:
            served, filters = served_by(url)
            with Recorder(kind.name, url) as recorder:
                stage = Stage(kind, recorder.url, keys, served, filters)
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
