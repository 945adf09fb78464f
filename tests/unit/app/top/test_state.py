"""What is known of the exchange, as it comes in."""

from decimal import Decimal

import pytest

from flowex.app.top.answers import Book, DayTicker, MarketInfo, Trade
from flowex.app.top.state import TAPE_MAX, Counts, Link, Rates, Sort, State


def info(symbol: str) -> MarketInfo:
    return MarketInfo(symbol, [])


def trade(number: int) -> Trade:
    return Trade(number, 1_000 * number, Decimal(10), Decimal(1), is_buyer_maker=False)


def counts(time: int, *numbers: float) -> Counts:
    return Counts(time, *numbers, http=0, websockets=0)


@pytest.fixture
def state() -> State:
    state = State()
    state.list_markets([info("B"), info("A"), info("C")])
    return state


def test_rates_are_made_of_two_counts() -> None:
    before = counts(0, 100, 200, 10, 1, 50, 0.5)
    after = counts(2_000_000, 150, 400, 14, 2, 70, 0.53)
    rates = Rates.between(before, after)
    assert rates is not None
    assert rates[:4] == (25, 100, 2, 0.5)
    assert rates.sync_ms == pytest.approx(1.5)
    assert Rates.between(before, before) is None
    assert Rates.between(after, before) is None


def test_nothing_synced_has_no_mean() -> None:
    before = counts(0, 100, 200, 10, 1, 50, 0.5)
    rates = Rates.between(before, before._replace(time=1_000_000))
    assert rates == (0, 0, 0, 0, None)


def test_a_restart_gives_no_rates() -> None:
    before = counts(0, 100, 200, 10, 1, 50, 0.5)
    assert Rates.between(before, counts(1_000_000, 101, 5, 1, 0, 1, 0.1)) is None


def test_a_loss_keeps_what_was_known(state: State) -> None:
    state.count(counts(0, 1, 1, 1, 1, 1, 1))
    state.count(counts(1, 1, 1, 1, 1, 1, 1))
    state.stream_ms = 1
    state.lost("why", 2)
    assert (state.link, state.why, state.retry_seconds) == (Link.LOST, "why", 2)
    assert state.rates is state.counts is state.stream_ms is None
    assert state.selected == "B"
    state.live()
    assert (state.link, state.why) == (Link.LIVE, "")


def test_the_choice_stays_where_the_market_is_still_there(state: State) -> None:
    state.select("C")
    state.list_markets([info("A"), info("C")])
    assert (state.selected, state.missing) == ("C", "")
    state.list_markets([info("A")])
    assert (state.selected, state.missing) == ("A", "C")
    state.list_markets([])
    assert (state.selected, state.missing) == ("", "A")
    state.step(1)
    assert state.selected == ""


def test_steps_follow_what_is_shown_and_end_at_the_ends(state: State) -> None:
    assert state.selected == "B"
    state.step(-1)
    assert state.selected == "A"
    state.step(-1)
    assert state.selected == "A"
    state.is_reversed = True
    state.step(1)
    assert state.selected == "A"
    state.step(-10)
    assert state.selected == "C"


def test_another_market_has_another_book_and_tape(state: State) -> None:
    state.book = Book([], [])
    state.trade(trade(1))
    state.select("B")
    assert len(state.tape) == 1
    state.select("A")
    assert not state.tape
    assert state.book == Book((), ())


def test_no_trade_is_told_twice_and_none_is_lost(state: State) -> None:
    state.trade(trade(4))
    state.trade(trade(5))
    state.recent([trade(2), trade(3), trade(4)])
    state.trade(trade(5))
    state.trade(trade(6))
    assert [each.id for each in state.tape] == [6, 5, 4, 3, 2]
    state.recent([])
    assert [each.id for each in state.tape] == [6, 5, 4, 3, 2]
    state.recent([trade(number) for number in range(10, 10 + 2 * TAPE_MAX)])
    assert (len(state.tape), state.tape[0].id) == (TAPE_MAX, 9 + 2 * TAPE_MAX)


def test_a_market_without_figures_comes_last(state: State) -> None:
    for symbol, change, volume in (("A", -1, 5), ("C", 1, 2)):
        numbers = (Decimal(1), Decimal(change), Decimal(1), Decimal(1), Decimal(volume))
        state.day(DayTicker(symbol, *numbers, 1))
    orders = []
    for _ in Sort:
        orders.append("".join(market.symbol for market in state.ordered()))
        state.next_sort()
    assert orders == ["ABC", "CAB", "ACB"]
    assert state.sort is Sort.SYMBOL
    state.day(DayTicker("unknown", *numbers, 1))
