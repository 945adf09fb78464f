"""A thousand candles out of a year of minutes of 50 markets: ``python -m bench.history``.

The year is made by a formula and written in the order in which an exchange would have written it:
minute by minute, all markets. Questions are asked one after the other through the port, warm, of
markets and times by chance; each answer is compared with the formula, and all go into the checksum.
"""

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import duckdb

from bench.press import WrongAnswer
from flowex.adapters.timeseries.duckdb import DuckdbTimeseries
from flowex.ports.market_data import Kline
from flowex.units.instants import DAY, MINUTE

MARKETS: Final = 50
DAYS: Final = 365
CANDLES: Final = 1_000
QUESTIONS: Final = 600
WARM_QUESTIONS: Final = 100
DAYS_AT_ONCE: Final = 5
SEED: Final = 42

PRICE: Final = 60_000_000
VOLUME_MODULUS: Final = 2_147_483_647
QUOTE_FACTOR: Final = 10**13
"""Makes sums that do not fit 64 bits, as they do on a busy day."""

_FILL: Final = f"""
INSERT INTO candles
SELECT market, {MINUTE}, minute * {MINUTE}, {PRICE} + noise % 1000, {PRICE} + 3000,
    {PRICE} - 2000, {PRICE} + noise % 2000, volume, volume::HUGEINT * {QUOTE_FACTOR}, noise % 100,
    volume // 2, (volume // 2)::HUGEINT * {QUOTE_FACTOR}, minute * 100, minute * 100 + 99
FROM (
    SELECT market, minute, (minute * 7919 + market * 104729) % 100003 AS noise,
        (minute * 48271 + market * 69621) % {VOLUME_MODULUS} AS volume
    FROM range(?, ?) minutes(minute), range(1, ?) markets(market)
)
ORDER BY minute, market
"""


class Answer(NamedTuple):
    """What the questions of one kind took, and the checksum of the answers."""

    p50_ms: float
    p99_ms: float
    checksum: str


def candle(market: int, minute: int) -> Kline:
    """Return what the formula says."""
    noise = (minute * 7919 + market * 104729) % 100003
    volume = (minute * 48271 + market * 69621) % VOLUME_MODULUS
    return Kline(
        minute * MINUTE,
        minute * MINUTE + MINUTE - 1,
        PRICE + noise % 1000,
        PRICE + 3000,
        PRICE - 2000,
        PRICE + noise % 2000,
        volume,
        volume * QUOTE_FACTOR,
        noise % 100,
        volume // 2,
        volume // 2 * QUOTE_FACTOR,
        minute * 100,
        minute * 100 + 99,
    )


def fill(path: Path, markets: int, days: int) -> float:
    """Make the file; return the seconds it took."""
    began = time.perf_counter()
    asyncio.run(DuckdbTimeseries(path).close())
    minutes = days * DAY // MINUTE
    with duckdb.connect(str(path), config={"threads": "1", "memory_limit": "1GB"}) as connection:
        step = DAYS_AT_ONCE * DAY // MINUTE
        for first in range(0, minutes, step):
            connection.execute(_FILL, [first, min(minutes, first + step), markets + 1])
        connection.executemany(
            "INSERT INTO extents VALUES (?, ?, ?, ?)",
            [(market, MINUTE, 0, (minutes - 1) * MINUTE) for market in range(1, markets + 1)],
        )
    return time.perf_counter() - began


async def ask(
    history: DuckdbTimeseries, kind: str, questions: int, markets: int, days: int
) -> Answer:
    """Ask questions of one kind. Raises WrongAnswer."""
    chance, digest, times = random.Random(SEED), hashlib.sha256(), []
    last = days * DAY // MINUTE - 1
    for number in range(WARM_QUESTIONS + questions):
        market, first = chance.randrange(1, markets + 1), chance.randrange(last - CANDLES)
        question = _question(history, kind, market, first)
        began = time.perf_counter()
        found = await question()
        spent = time.perf_counter() - began
        if number < WARM_QUESTIONS:
            continue
        times.append(spent * 1_000)
        if found != [candle(market, minute) for minute in range(first, first + CANDLES)]:
            raise WrongAnswer(f"market {market} from minute {first} on, {kind}")
        digest.update(repr(found).encode())
    cuts = quantiles(times, n=100)
    return Answer(cuts[49], cuts[98], digest.hexdigest()[:16])


def _question(
    history: DuckdbTimeseries, kind: str, market: int, first: int
) -> Callable[[], Awaitable[list[Kline]]]:
    start, end = first * MINUTE, (first + CANDLES - 1) * MINUTE
    match kind:
        case "between":
            return lambda: history.candles(
                market, MINUTE, start_time=start, end_time=end, limit=CANDLES
            )
        case "from":
            return lambda: history.candles(market, MINUTE, start_time=start, limit=CANDLES)
        case "until":
            return lambda: history.candles(market, MINUTE, end_time=end, limit=CANDLES, newest=True)
    return lambda: history.folded(market, MINUTE, MINUTE, start_time=start, end_time=end)


async def measure(folder: Path, *, markets: int, days: int, questions: int) -> list[Answer]:
    """Measure every kind of question on a file of its own; the first kind is the one promised."""
    path = folder / "history.duckdb"
    seconds = await asyncio.to_thread(fill, path, markets, days)
    rows = markets * days * DAY // MINUTE
    print(
        f"  history {rows:,} candles of {markets} markets in {path.stat().st_size / 1e6:.0f} MB, "
        f"made in {seconds:.0f} s",
        flush=True,
    )
    history, answers = DuckdbTimeseries(path), []
    try:
        for kind in ("between", "from", "until", "folded"):
            answer = await ask(history, kind, questions, markets, days)
            answers.append(answer)
            print(
                f"  {CANDLES:,} candles {kind:8} p50 {answer.p50_ms:.2f} p99 {answer.p99_ms:.2f} "
                f"ms, {questions} answers right, checksum {answer.checksum}",
                flush=True,
            )
    finally:
        await history.close()
    return answers


def main() -> None:
    """Measure a year of 50 markets, or less to see that it works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markets", type=int, default=MARKETS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        asyncio.run(
            measure(
                Path(folder),
                markets=options.markets,
                days=options.days,
                questions=options.questions,
            )
        )


if __name__ == "__main__":
    main()
