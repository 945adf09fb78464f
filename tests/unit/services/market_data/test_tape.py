from itertools import groupby

import pytest
from feeds import FRAMES, run
from hypothesis import given, settings

from flowex.messages.events import Traded
from flowex.ports.market_data import AggregateTrade, PublicTrade
from flowex.services.market_data.tape import Tape


def trade(number: int, aggregate_time: int = 0) -> PublicTrade:
    return PublicTrade(number, 100, 1, 100, aggregate_time, False, 1, 2)


@settings(max_examples=40, deadline=None)
@given(FRAMES)
def test_aggregates_are_one_takers_fills_at_one_price(frames: list) -> None:  # type: ignore[type-arg]
    exchange = run(frames)
    tapes, happened = {1: Tape(), 2: Tape()}, {1: list[tuple[Traded, int]](), 2: []}
    for batch in exchange.batches:
        for event in batch.events:
            if isinstance(event, Traded):
                tapes[event.instrument].add(event, batch.time)
                happened[event.instrument].append((event, batch.time))
        for tape in tapes.values():
            tape.take_aggregates(0)
    for number, tape in tapes.items():
        groups = groupby(
            happened[number], lambda one: (one[0].sequence, one[0].taker_order, one[0].price)
        )
        expected = []
        for count, (_, group) in enumerate(groups, start=1):
            parts = list(group)
            first = parts[0][0]
            quantity = sum(part.quantity for part, _ in parts)
            expected.append(
                AggregateTrade(
                    count,
                    first.price,
                    quantity,
                    first.trade,
                    parts[-1][0].trade,
                    parts[0][1],
                    first.taker_side == 1,
                )
            )
        assert tape.aggregates(10_000, None, None, None) == expected
        assert [one.trade for one in tape.trades(10_000, None)] == [
            part.trade for part, _ in happened[number]
        ]


def test_loaded_trades_give_whole_aggregates_only() -> None:
    tape = Tape()
    tape.load([trade(number) for number in range(5, 11)], [3, 3, 4, 5, 5, 5])
    found = tape.aggregates(10, None, None, None)
    assert [(one.aggregate, one.first_trade, one.last_trade) for one in found] == [
        (4, 7, 7),
        (5, 8, 10),
    ]
    assert tape.last_aggregate == 5


def test_the_first_aggregate_of_all_is_whole() -> None:
    tape = Tape()
    tape.load([trade(number) for number in range(1, 4)], [1, 1, 2])
    assert [one.aggregate for one in tape.aggregates(10, None, None, None)] == [1, 2]


def test_questions_are_bounded() -> None:
    tape = Tape()
    tape.load([trade(number, number) for number in range(1, 11)], list(range(1, 11)))
    assert [one.trade for one in tape.trades(3, None)] == [8, 9, 10]
    assert [one.trade for one in tape.trades(3, 2)] == [2, 3, 4]
    assert tape.trades(3, 11) == []
    assert [one.aggregate for one in tape.aggregates(3, None, None, None)] == [8, 9, 10]
    assert [one.aggregate for one in tape.aggregates(3, 4, None, None)] == [4, 5, 6]
    assert [one.aggregate for one in tape.aggregates(9, None, 4, 6)] == [4, 5, 6]
    assert [one.aggregate for one in tape.aggregates(2, None, None, 6)] == [5, 6]


def test_memory_forgets_what_the_history_has_and_is_bounded() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flowex.services.market_data.tape.TRADES_MAX", 5)
        patch.setattr("flowex.services.market_data.tape.UNWRITTEN_MAX", 40)
        tape = Tape()
        for number in range(1, 31):
            tape.add(Traded(sequence=number, trade=number, price=1, quantity=1), number)
            tape.take_aggregates(1)
        assert (tape.first_trade, tape.is_whole) == (1, True), "nothing is written"
        tape.written(20)
        tape.add(Traded(sequence=31, trade=31, price=1, quantity=1), 31)
        tape.take_aggregates(1)
        assert (tape.first_trade, tape.first_aggregate, tape.is_whole) == (21, 21, False)
        assert tape.lacks(20, None)
        assert not tape.lacks(21, None)
        assert tape.lacks(None, 21), "an older one may have that very time"
        assert not tape.lacks(None, 22)
        assert tape.lacks(None, None)
        for number in range(32, 90):
            tape.add(Traded(sequence=number, trade=number, price=1, quantity=1), number)
            tape.take_aggregates(1)
        assert tape.first_trade == 89 - 40 + 1
