"""How long a durable acknowledgement takes: ``python -m bench.latency``.

10 connections, one request in flight on each: nobody waits for anybody but the disk and the loop.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.press import Measured, press
from bench.running import Exchange, cores

CONNECTIONS = 10


def measure(exchange: Exchange, seconds: float, warm_seconds: float = 2.0) -> Measured:
    """Return what ten patient clients see."""
    return press(
        "ws", exchange, seconds=seconds, connections=CONNECTIONS, warm_seconds=warm_seconds
    )


def main() -> None:
    """Measure on an exchange of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        Exchange(Path(folder) / "home", core=cores()[0]) as exchange,
    ):
        found = measure(exchange, options.seconds)
    print(
        f"durable acknowledgement, {CONNECTIONS} connections x 1, engine {found['engine']}: "
        f"p50 {found['latency_p50_ms']:.2f} ms, p99 {found['latency_p99_ms']:.2f} ms, "
        f"{found['orders_per_second']:,.0f} orders/s, sequence {found['sequence']}"
    )


if __name__ == "__main__":
    main()
