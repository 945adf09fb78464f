"""An account with a million orders behind it asks for some: ``python -m bench.queries``.

Orders and fills are made by a formula and written through the trading room's own tables. Questions
are asked one after the other through the room's port, warm, with an empty memory, each for as many
as a client may ask for; each answer is compared with the formula, and all go into the checksum.
"""

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bench.press import WrongAnswer
from flowex.app.garbage import rare_collections
from flowex.app.wiring import Door, open_database
from flowex.messages.commands import Conditions
from flowex.ports.database import Database, Row, Transaction
from flowex.ports.trading import Fill, OrderStatus, OrderView
from flowex.services.trading import store
from flowex.services.trading.service import TradingService

ORDERS: Final = 1_000_000
QUESTIONS: Final = 300
WARM_QUESTIONS: Final = 50
ROWS_AT_ONCE: Final = 16_000
LIMIT: Final = 1_000
"""The most that a client may ask for at once."""

ACCOUNT: Final = 7
INSTRUMENT: Final = 1
SEED: Final = 42
PATIENT: Final = 1
"""The order that was open all the time and traded now and then."""

PATIENT_EVERY: Final = 2_000
PRICE: Final = 60_000_000

Answers = Sequence[OrderView | Fill]
Question = Callable[[], Awaitable[Answers]]


class Answer(NamedTuple):
    """What the questions of one kind took, and the checksum of the answers.

    ``cpu_p99_ms`` is what the process itself worked, whoever else wanted the computer meanwhile.
    """

    p50_ms: float
    p99_ms: float
    cpu_p99_ms: float
    checksum: str


def moment(number: int) -> int:
    """Return when the order and the trade of that number happened."""
    return number * 1_000 + number * 7_919 % 900


def order(number: int) -> OrderView:
    """Return the order that the formula says."""
    quantity = 10 + number % 1_000
    return OrderView(
        order=number,
        account=ACCOUNT,
        instrument=INSTRUMENT,
        client_id=f"client-{number}",
        side=number % 2,
        order_type=number % 7,
        time_in_force=0,
        self_trade=1,
        price=PRICE + number % 5_000,
        quantity=quantity,
        quote_amount=0,
        expire_time=0,
        status=OrderStatus.FILLED if number % 2 else OrderStatus.CANCELED,
        filled=quantity if number % 2 else 0,
        quote_filled=0,
        prevented=0,
        time=moment(number),
        update_time=moment(number),
        end_reason=0 if number % 2 else 1,
        conditions=Conditions(stop_price=number % 7 * PRICE),
        working_time=moment(number),
    )


def fill(number: int) -> Fill:
    """Return the fill that the formula says."""
    return Fill(
        trade=number,
        instrument=INSTRUMENT,
        account=ACCOUNT,
        order=order_of(number),
        side=number % 2,
        price=PRICE + number % 5_000,
        quantity=10 + number % 1_000,
        quote_amount=(PRICE + number % 5_000) * (10 + number % 1_000),
        fee=number % 77,
        fee_asset=1 + number % 2,
        time=moment(number),
        is_maker=number % PATIENT_EVERY == 0,
    )


def order_of(trade: int) -> int:
    """Return the order that a trade filled."""
    return trade if trade % PATIENT_EVERY else PATIENT


def trades_of(number: int, orders: int) -> Sequence[int]:
    """Return the trades that filled an order."""
    if number == PATIENT:
        return (1, *range(PATIENT_EVERY, orders + 1, PATIENT_EVERY))
    return (number,) if number % PATIENT_EVERY else ()


async def write(database: Database, orders: int) -> float:
    """Fill the tables; return the seconds it took."""
    began = time.perf_counter()
    fill_row = attrgetter(*Fill.__dataclass_fields__)
    for first in range(1, orders + 1, ROWS_AT_ONCE):
        numbers = range(first, min(first + ROWS_AT_ONCE, orders + 1))
        order_rows: list[Row] = [store.order_row(order(number)) for number in numbers]
        fill_rows: list[Row] = [fill_row(fill(number)) for number in numbers]

        def work(
            transaction: Transaction,
            order_rows: list[Row] = order_rows,
            fill_rows: list[Row] = fill_rows,
        ) -> None:
            transaction.upsert(store.ORDERS, order_rows)
            transaction.insert(store.FILLS, fill_rows)

        await database.write(work)
    return time.perf_counter() - began


def questions(room: TradingService, orders: int) -> dict[str, Callable[[int], Question]]:
    """Return what is asked, each about a number drawn by chance."""
    who = (ACCOUNT, INSTRUMENT)

    async def by_client_id(number: int) -> list[OrderView]:
        found = await room.find_order(*who, client_id=f"client-{number}")
        return [found] if found else []

    return {
        "orders by number": lambda n: lambda: room.all_orders(*who, from_order=n, limit=LIMIT),
        "orders by time": lambda n: (
            lambda: room.all_orders(
                *who, start_time=moment(n), end_time=moment(n + 5_000), limit=LIMIT
            )
        ),
        "newest orders": lambda _: lambda: room.all_orders(*who, limit=LIMIT),
        "order by client id": lambda n: lambda: by_client_id(n),
        "trades by number": lambda n: lambda: room.fills(*who, from_trade=n, limit=LIMIT),
        "trades by time": lambda n: (
            lambda: room.fills(*who, start_time=moment(n), end_time=moment(n + 5_000), limit=LIMIT)
        ),
        "newest trades": lambda _: lambda: room.fills(*who, limit=LIMIT),
        "trades of an order": lambda n: lambda: room.fills(*who, order=n, limit=LIMIT),
        "of a patient order": lambda _: lambda: room.fills(*who, order=PATIENT, limit=LIMIT),
    }


def expected(kind: str, number: int, orders: int) -> Answers:
    """Return the answer that the formula gives."""
    if kind == "order by client id":
        return [order(number)]
    if kind == "trades of an order":
        return [fill(one) for one in trades_of(number, orders)]
    if kind == "of a patient order":
        return [fill(one) for one in trades_of(PATIENT, orders)[:LIMIT]]
    first = orders - LIMIT + 1 if kind.startswith("newest") else number
    numbers = range(first, min(first + LIMIT, orders + 1))
    return [(order if "orders" in kind else fill)(one) for one in numbers]


async def ask(kind: str, make: Callable[[int], Question], orders: int, count: int) -> Answer:
    """Ask questions of one kind. Raises WrongAnswer."""
    chance, digest = random.Random(SEED), hashlib.sha256()
    times: list[float] = []
    works: list[float] = []
    for index in range(WARM_QUESTIONS + count):
        number = chance.randrange(1, orders + 1)
        question = make(number)
        began, work_began = time.perf_counter(), time.process_time()
        found = await question()
        spent, work = time.perf_counter() - began, time.process_time() - work_began
        if index < WARM_QUESTIONS:
            continue
        times.append(spent * 1_000)
        works.append(work * 1_000)
        if list(found) != list(expected(kind, number, orders)):
            raise WrongAnswer(f"{kind}, {number}")
        digest.update(repr(found).encode())
    cuts = quantiles(times, n=100)
    return Answer(cuts[49], cuts[98], quantiles(works, n=100)[98], digest.hexdigest()[:16])


async def measure(folder: Path, *, orders: int, count: int) -> tuple[float, str]:
    """Measure every kind of question; return the worst p99 and the checksum of all answers."""
    path = folder / "bench.db"
    database = open_database(path)
    try:
        seconds = await write(database, orders)
        await database.close()
        database = open_database(path)
        print(
            f"  history of {orders:,} orders and as many fills of one account in "
            f"{path.stat().st_size / 1e6:.0f} MB, made in {seconds:.0f} s",
            flush=True,
        )
        room, worst, digest = TradingService(Door(), database), 0.0, hashlib.sha256()
        await room.open()
        with rare_collections():  # As a running exchange has it.
            for kind, make in questions(room, orders).items():
                answer = await ask(kind, make, orders, count)
                worst = max(worst, answer.p99_ms)
                digest.update(answer.checksum.encode())
                print(
                    f"  {kind:18} p50 {answer.p50_ms:5.2f} p99 {answer.p99_ms:5.2f} ms, "
                    f"CPU p99 {answer.cpu_p99_ms:5.2f} ms, {count} answers right, "
                    f"checksum {answer.checksum}",
                    flush=True,
                )
        return worst, digest.hexdigest()[:16]
    finally:
        await database.close()


def main() -> None:
    """Measure a million orders, or less to see that it works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), orders=options.orders, count=options.questions))


if __name__ == "__main__":
    main()
