from collections import defaultdict

import pytest
from feeds import FRAMES, run
from hypothesis import given, settings
from hypothesis import strategies as st

from flowex.messages.enums import Side
from flowex.messages.events import LevelChanged
from flowex.messages.state import StateInstrument, StateOrder
from flowex.services.market_data import book
from flowex.services.market_data.book import BookMirror, BookSide

LEVELS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=200)


@pytest.mark.parametrize("side", Side)
@given(levels=LEVELS)
def test_a_side_keeps_its_levels_in_order(side: Side, levels: list[tuple[int, int]]) -> None:
    mirror, known = BookSide(side), dict[int, int]()
    for price, quantity in levels:
        mirror.put(price, quantity)
        known[price] = quantity
    alive = [(price, quantity) for price, quantity in known.items() if quantity]
    expected = sorted(alive, reverse=side is Side.BUY)
    assert mirror.best(1_000) == expected
    assert mirror.best(3) == expected[:3]


@given(levels=LEVELS)
def test_levels_far_from_the_market_come_back(levels: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "_SORTED_MAX", 8)
        patch.setattr(book, "_SORTED_MIN", 4)
        mirror, known = BookSide(Side.SELL), dict[int, int]()
        for price, quantity in levels:
            mirror.put(price, quantity)
            known[price] = quantity
            alive = sorted((p, q) for p, q in known.items() if q)
            assert mirror.best(3) == alive[:3]


def test_a_missing_update_is_a_bug() -> None:
    mirror = BookMirror(last_update=4)
    with pytest.raises(AssertionError, match="missing"):
        mirror.apply(LevelChanged(instrument=1, update=6, price=1, quantity=1))


def test_a_change_tells_the_last_of_each_level_and_all_updates() -> None:
    mirror = BookMirror(last_update=4)
    for update, quantity in ((5, 1), (6, 7), (7, 0)):
        mirror.apply(LevelChanged(side=0, update=update, price=10 + update % 2, quantity=quantity))
    change = mirror.take_change(99)
    assert change is not None
    assert (change.first_update, change.last_update, change.time) == (5, 7, 99)
    assert (change.bids, change.asks) == ([(11, 0), (10, 7)], [])
    assert mirror.take_change(100) is None
    assert mirror.depth(5).bids == [(10, 7)]


@settings(max_examples=40, deadline=None)
@given(FRAMES, st.integers(0, 30))
def test_the_mirror_equals_the_machines_book(frames: list, seed_at: int) -> None:  # type: ignore[type-arg]
    exchange = run(frames[:seed_at])
    mirrors = {}
    for record in exchange.state():
        if isinstance(record, StateInstrument):
            mirrors[record.id] = BookMirror(record.last_update)
        elif isinstance(record, StateOrder):
            mirrors[record.instrument].seed(record)
    for commands, after in frames[seed_at:]:
        for event in exchange.frame(commands, after).events:
            if isinstance(event, LevelChanged):
                mirrors[event.instrument].apply(event)
    levels: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for record in exchange.state():
        if isinstance(record, StateOrder):
            remaining = record.quantity - record.filled - record.prevented
            levels[record.instrument, record.side][record.price] += remaining
        elif isinstance(record, StateInstrument):
            assert mirrors[record.id].last_update == record.last_update
    for number, mirror in mirrors.items():
        depth = mirror.depth(100)
        assert depth.bids == sorted(levels[number, Side.BUY].items(), reverse=True)
        assert depth.asks == sorted(levels[number, Side.SELL].items())
