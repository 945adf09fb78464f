"""One measurement under load: warm up, measure a window, drain, and see that the counts agree.

The transports (``load_ws``, ``load_rest``) are programs of their own, so that the client's cost is
counted apart from the server's; each prints one line of JSON.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import uvloop

from bench.flow import Tally, percentile
from bench.running import Key, cpu_seconds, get, pin

DRAIN_SECONDS_MAX: Final = 60.0
POLL_SECONDS: Final = 0.01


@dataclass(frozen=True)
class Options:
    """How hard to press."""

    url: str
    pid: int
    keys: list[Key]
    connections: int
    in_flight: int
    seconds: float
    warm_seconds: float
    is_signed: bool


@dataclass
class Measured:
    """What one measurement found; the numbers are those of the window."""

    orders_per_second: float
    placed_per_second: float
    latency_p50_ms: float
    latency_p99_ms: float
    server_cpu_us_per_order: float | None
    server_cpu_share: float | None
    client_cpu_us_per_order: float
    seconds: float
    counts: dict[str, int]
    lag: dict[str, int]
    lag_drained_seconds: float
    sequence: int
    commands_missing: int
    """Commands in the sequence less answers to requests; anything but 0 is an error."""
    engine: str
    first_unexpected: str


class Load:
    """Connections that press as long as ``is_running``; a transport opens and closes them."""

    def __init__(self, options: Options) -> None:
        """Prepare; nothing is connected yet."""
        self.options = options
        self.tally = Tally()
        self.is_running = True
        self.in_flight = 0
        """Requests on their way."""


async def measure(load: Load, press: Callable[[], Awaitable[None]]) -> Measured:
    """Start pressing, measure the window, stop, and wait until the projections are done."""
    options, tally = load.options, load.tally
    before = await _status(options.url)
    await press()
    await asyncio.sleep(options.warm_seconds)
    answered, placed = tally.answered, tally.counts["placed"]
    cpu, own_cpu, began = cpu_seconds(options.pid), _own_cpu(), time.perf_counter()
    tally.is_measuring = True
    await asyncio.sleep(options.seconds)
    tally.is_measuring = False
    seconds, own_used = time.perf_counter() - began, _own_cpu() - own_cpu
    cpu_after = cpu_seconds(options.pid)
    orders, places = tally.answered - answered, tally.counts["placed"] - placed
    used = None if cpu is None or cpu_after is None else cpu_after - cpu
    load.is_running = False
    lag, drained, after = await _drain(load)
    latencies = sorted(tally.latencies_ns)
    return Measured(
        orders_per_second=orders / seconds,
        placed_per_second=places / seconds,
        latency_p50_ms=percentile(latencies, 0.5) / 1e6,
        latency_p99_ms=percentile(latencies, 0.99) / 1e6,
        server_cpu_us_per_order=None if used is None else used / max(1, orders) * 1e6,
        server_cpu_share=None if used is None else used / seconds,
        client_cpu_us_per_order=own_used / max(1, orders) * 1e6,
        seconds=seconds,
        counts=dict(tally.counts),
        lag=lag,
        lag_drained_seconds=drained,
        sequence=after["sequence"],
        commands_missing=after["sequence"] - before["sequence"] - tally.answered,
        engine=after["engine"],
        first_unexpected=tally.first_unexpected,
    )


async def _drain(load: Load) -> tuple[dict[str, int], float, dict[str, Any]]:
    """Return the projections' lag right now, how long until it was gone, and the last status."""
    url, began = load.options.url, time.perf_counter()
    status = await _status(url)
    lag: dict[str, int] = status["lag"]
    while time.perf_counter() - began < DRAIN_SECONDS_MAX:
        status = await _status(url)
        if not load.in_flight and not any(status["lag"].values()):
            return lag, time.perf_counter() - began, status
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"{load.in_flight} requests unanswered, lag {status['lag']}")


async def _status(url: str) -> dict[str, Any]:
    body = await asyncio.to_thread(get, f"{url}/status")
    answer: dict[str, Any] = json.loads(body)
    return answer


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(doc: str, connections: int, in_flight: int, main: Callable[[Options], Any]) -> None:
    """Read the command line, run ``main`` on a fast loop, print what it measured as JSON."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("url", help="such as http://127.0.0.1:8080")
    parser.add_argument("--pid", type=int, default=0, help="the server's process, for its CPU time")
    parser.add_argument("--keys", required=True, help="the demo.json of its home")
    parser.add_argument("--connections", type=int, default=connections)
    parser.add_argument("--in-flight", type=int, default=in_flight, help="requests per connection")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--warm-seconds", type=float, default=2.0)
    parser.add_argument("--signed", action="store_true", help="sign each request (REST always)")
    parser.add_argument("--core", type=int, help="keep this program on one core")
    given = parser.parse_args()
    if given.core is not None:
        pin(given.core)
    with open(given.keys, "rb") as file:  # noqa: PTH123 - a path as it was typed
        accounts = json.load(file)["accounts"]
    keys = [Key(one["name"], one["api_key"], one["api_secret"]) for one in accounts]
    options = Options(
        given.url.rstrip("/"),
        given.pid,
        keys,
        given.connections,
        given.in_flight,
        given.seconds,
        given.warm_seconds,
        given.signed,
    )
    measured: Measured = uvloop.run(main(options))
    print(json.dumps(asdict(measured)))
