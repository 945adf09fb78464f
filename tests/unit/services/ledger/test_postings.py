"""Σ legs = 0 for each transaction and asset; Σ postings = balances, whatever happens."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from databases import opened
from feeds import ACCOUNTS, BTC, BTCUSDT, FRAMES, USDT, Exchange, place, run
from hypothesis import HealthCheck, given, settings

from flowex.messages.commands import Credit
from flowex.messages.enums import FEE_ACCOUNT, WORLD, Side
from flowex.messages.events import FundsMoved, Traded
from flowex.messages.state import StateBalance, StateInstrument
from flowex.services.ledger import store
from flowex.services.ledger.postings import of_trade
from flowex.services.ledger.projection import Ledger
from flowex.services.ledger.service import LedgerService
from flowex.services.ledger.verify import Books, compare

ALICE, BOB, CAROL, DAVE = ACCOUNTS


def posted(exchange: Exchange) -> tuple[Ledger, Books]:
    """Return the rows of the whole feed and what they add up to, without a database."""
    ledger = Ledger(None)  # type: ignore[arg-type]  # never asked
    for batch in exchange.batches:
        ledger.advance(batch)
        ledger.collect(batch)
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    of_one: dict[tuple[int, int], int] = defaultdict(int)
    for transaction, _, account, asset, wallet, amount in ledger._postings:
        sums[account, asset, wallet] += amount
        of_one[transaction, asset] += amount
    unbalanced = [key[0] for key, amount in of_one.items() if amount]
    trades: dict[int, tuple[int, int]] = {}
    for _, _, _, kind, subject, reference in ledger._transactions:
        if kind == store.TransactionKind.TRADE:
            trades[subject] = (trades.get(subject, (0, 0))[0] + 1, reference)
    return ledger, Books(exchange.machine.sequence, sums, unbalanced, trades)


@settings(max_examples=60, deadline=None)
@given(FRAMES)
def test_the_sum_of_postings_is_the_balance(frames: list) -> None:  # type: ignore[type-arg]
    exchange = run(frames)
    ledger, books = posted(exchange)
    verdict = compare(exchange.state(), books)
    assert verdict.faults == []
    numbers = [row[0] for row in ledger._transactions]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= exchange.machine.state.stream.event_number


def test_a_trade_has_its_six_legs() -> None:
    trade = Traded(
        account=ALICE,
        maker_account=CAROL,
        quantity=20,
        quote_amount=1_200,
        taker_fee=3,
        maker_fee=2,
        taker_fee_asset=BTC,
        maker_fee_asset=USDT,
        taker_side=Side.BUY,
    )
    assert of_trade(trade, 1_000, taker_buys=True) == [
        (ALICE, USDT, 0, -1_200),
        (ALICE, BTC, 0, 19_997),
        (CAROL, BTC, 0, -20_000),
        (CAROL, USDT, 0, 1_198),
        (FEE_ACCOUNT, BTC, 0, 3),
        (FEE_ACCOUNT, USDT, 0, 2),
    ]


def traded() -> Exchange:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.BUY, 0, 5), place(CAROL, Side.SELL, 0, 2)])
    return exchange


def test_every_kind_of_disagreement_is_found() -> None:
    exchange = traded()
    _, books = posted(exchange)
    state = exchange.state()
    assert compare(state, books).is_proven
    key = (ALICE, BTC, 0)
    moved = dict(books.sums) | {key: books.sums[key] + 1}
    world = dict(books.sums) | {(WORLD, BTC, 0): books.sums[WORLD, BTC, 0] + 1}
    missing = {k: v for k, v in books.sums.items() if k != key}
    for wrong in (
        replace(books, sums=moved),
        replace(books, sums=world),
        replace(books, sums=missing),
        replace(books, unbalanced=[17]),
        replace(books, sequence=books.sequence - 1),
        replace(books, trades={}),
        replace(books, trades={BTCUSDT: (1, 2)}),
    ):
        assert not compare(state, wrong).is_proven
    without = [r for r in state if not (isinstance(r, StateBalance) and r.account == ALICE)]
    assert not compare(without, books).is_proven
    more_trades = [
        StateInstrument(id=r.id, symbol=r.symbol, last_trade=9)
        if isinstance(r, StateInstrument)
        else r
        for r in state
    ]
    assert not compare(more_trades, books).is_proven


def test_a_lost_event_does_not_go_unnoticed() -> None:
    exchange = traded()
    exchange.frame([Credit(account=ALICE, asset=BTC, amount=7, source=9, source_sequence=1)])
    batches = exchange.batches
    for place_of, batch in enumerate(batches):
        for index, event in enumerate(batch.events):
            if isinstance(event, Traded | FundsMoved):
                rest = [*batch.events[:index], *batch.events[index + 1 :]]
                exchange.batches = [*batches]
                exchange.batches[place_of] = replace(batch, events=rest)
                assert not compare(exchange.state(), posted(exchange)[1]).is_proven
    exchange.batches = batches
    assert compare(exchange.state(), posted(exchange)[1]).is_proven


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FRAMES)
async def test_the_database_adds_up_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    frames: list,  # type: ignore[type-arg]
) -> None:
    exchange = run(frames)
    _, expected = posted(exchange)
    async with opened(tmp_path_factory.mktemp("ledger")) as database:
        service = LedgerService(database)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        await service.stop()
        found = await service.books()
    assert found.sums == dict(expected.sums)
    assert found.trades == expected.trades
    assert found.unbalanced == []
    assert compare(exchange.state(), found).is_proven


async def test_sums_beyond_64_bits_on_the_way_are_exact(tmp_path: Path) -> None:
    big = 2**62
    rows = [(n, 0, 2, 1, 0, big if n < 5 else -big + n) for n in range(9)]
    async with opened(tmp_path) as database:
        await database.write(lambda transaction: transaction.insert(store.POSTINGS, rows))
        books = await database.read(store.books)
    assert books.sums == {(2, 1, 0): sum(row[-1] for row in rows)}
    assert len(books.unbalanced) == 9


async def test_a_changed_row_does_not_go_unnoticed(tmp_path: Path) -> None:
    exchange = traded()
    exchange.frame([Credit(account=ALICE, asset=BTC, amount=7, source=9, source_sequence=1)])
    async with opened(tmp_path) as database:
        service = LedgerService(database)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        await service.stop()
        postings = await database.read(lambda reader: reader.rows(store.POSTINGS.select()))
        for row in postings:
            changed = (*row[:5], row[5] + 1)
            await database.write(
                lambda transaction, one=changed: transaction.upsert(store.POSTINGS, [one])
            )
            assert not compare(exchange.state(), await service.books()).is_proven
            await database.write(
                lambda transaction, one=row: transaction.upsert(store.POSTINGS, [one])
            )
        assert compare(exchange.state(), await service.books()).is_proven
