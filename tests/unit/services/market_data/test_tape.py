from itertools import groupby

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
