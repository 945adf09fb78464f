"""How long ``flowex run`` takes until it trades: ``python -m bench.start``.

The first start founds the exchange (with traders it also makes them a past of 24 hours), the
second goes on where the first one ended. The clock runs from the command to ``/readyz``.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.running import Exchange


def measure(home: Path, *, with_bots: bool) -> tuple[float, float]:
    """Return the seconds of the first and of the second start."""
    with Exchange(home, with_bots=with_bots) as exchange:
        first = exchange.start_seconds
    with Exchange(home, with_bots=with_bots) as exchange:
        return first, exchange.start_seconds


def main() -> None:
    """Measure without and with traders."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for with_bots in (False, True):
        with TemporaryDirectory() as folder:
            first, second = measure(Path(folder) / "home", with_bots=with_bots)
        name = "with traders" if with_bots else "without traders"
        print(f"start, {name}: first {first:.2f} s, second {second:.2f} s")


if __name__ == "__main__":
    main()
