"""What an idle exchange keeps in memory: ``python -m bench.memory``, without and with traders.

With traders it is not idle: 24 hours of market lie behind it, and they go on.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.running import Exchange, memory_bytes

SETTLE_SECONDS = 3.0
MEGABYTE = 1_000_000


def measure(exchange: Exchange, settle_seconds: float = SETTLE_SECONDS) -> float | None:
    """Return the resident MB once the start is over; None where there is no /proc."""
    time.sleep(settle_seconds)
    found = memory_bytes(exchange.pid)
    return None if found is None else found / MEGABYTE


def main() -> None:
    """Measure both on exchanges of their own."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for with_bots in (False, True):
        with (
            TemporaryDirectory() as folder,
            Exchange(Path(folder) / "home", with_bots=with_bots) as exchange,
        ):
            megabytes = measure(exchange)
            engine = exchange.status()["engine"]
        name = "with traders" if with_bots else "without traders"
        print(f"memory, {name}, engine {engine}: {megabytes} MB")


if __name__ == "__main__":
    main()
