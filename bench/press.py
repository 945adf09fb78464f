"""Starts a load generator against a running exchange and takes what it measured."""

import json
import subprocess
import sys
from typing import Any

from bench.running import Exchange, cores
from bench.yardstick import yardstick_ms

Measured = dict[str, Any]
"""The fields of ``load.Measured``, and ``yardstick_ms``: the computer's speed around the load."""


class WrongAnswer(Exception):
    """The exchange was fast at being wrong: a figure from it would mean nothing."""


def press(
    transport: str,
    exchange: Exchange,
    *,
    seconds: float,
    connections: int,
    in_flight: int = 1,
    warm_seconds: float = 2.0,
) -> Measured:
    """Run ``load_ws`` or ``load_rest`` on a core of its own. Raises WrongAnswer."""
    command = [sys.executable, "-m", f"bench.load_{transport}", exchange.url]
    command += ["--pid", str(exchange.pid), "--keys", str(exchange.home / "demo.json")]
    command += ["--connections", str(connections), "--in-flight", str(in_flight)]
    command += ["--seconds", str(seconds), "--warm-seconds", str(warm_seconds)]
    client_core = cores()[1]
    if client_core is not None:
        command += ["--core", str(client_core)]
    before_ms = yardstick_ms()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after_ms = yardstick_ms()
    if done.returncode:
        raise WrongAnswer(f"{' '.join(command)} failed:\n{done.stderr[-2_000:]}")
    measured: Measured = json.loads(done.stdout)
    if measured["first_unexpected"]:
        raise WrongAnswer(measured["first_unexpected"])
    if measured["commands_missing"]:
        raise WrongAnswer(f"answers and journal differ by {measured['commands_missing']} commands")
    return measured | {"yardstick_ms": (before_ms + after_ms) / 2}
