"""Candles and the ticker are what a recomputation from all trades says they are."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowex.ports.market_data import Kline, PublicTrade, Ticker
from flowex.services.market_data.calendar import BASES
from flowex.services.market_data.candles import KEPT_MAX, Candles, coarser, joined
from flowex.services.market_data.ticker import Day
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

BEGINNING = 1_700_000_000 * SECOND
STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 1, SECOND, 40 * SECOND, MINUTE, 17 * MINUTE, 7 * HOUR, 26 * HOUR)),
        st.integers(1, 50),
        st.integers(1, 9),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


def trades(steps: list[tuple[int, int, int, bool]]) -> list[PublicTrade]:
    time, made = BEGINNING, []
    for number, (after, price, quantity, maker) in enumerate(steps, start=1):
        time += after
        made.append(PublicTrade(number, price, quantity, price * quantity, time, maker, 1, 2))
    return made


def filled(made: Sequence[PublicTrade]) -> Candles:
    candles = Candles()
    for trade in made:
        candles.add(trade)
    return candles


def recomputed(made: Sequence[PublicTrade], base: int) -> list[Kline]:
    """Return the candles of a base that had trades."""
    by_opening: dict[int, list[PublicTrade]] = {}
    for trade in made:
        by_opening.setdefault(trade.time - trade.time % base, []).append(trade)
    return [candle_of(opening, base, inside) for opening, inside in by_opening.items()]


def candle_of(opening: int, length: int, inside: Sequence[PublicTrade]) -> Kline:
    prices = [trade.price for trade in inside]
    bought = [trade for trade in inside if not trade.buyer_is_maker]
    return Kline(
        opening,
        opening + length - 1,
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(trade.quantity for trade in inside),
        sum(trade.quote_amount for trade in inside),
        len(inside),
        sum(trade.quantity for trade in bought),
        sum(trade.quote_amount for trade in bought),
        inside[0].trade,
        inside[-1].trade,
    )


def of_base(candles: Candles, base: int) -> list[Kline]:
    """Return what is kept of a base, the newest minute added."""
    rows = candles.rows(base, 0, 1 << 62)
    openings = sorted({row.open_time - row.open_time % base for row in rows})
    return (
        joined(rows, openings, openings[-1] + base) if len(openings) == 1 else coarser(rows, base)
    )


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_every_base_equals_a_recomputation(steps: list) -> None:  # type: ignore[type-arg]
    made = trades(steps)
    candles = filled(made)
    for base in BASES:
        assert of_base(candles, base) == recomputed(made, base)
        assert candles.kept_from(base) is not None
        assert candles.is_whole(base)
    assert candles.last_close == made[-1].price
    assert candles.open_times()[SECOND] == made[-1].time - made[-1].time % SECOND


def test_memory_forgets_what_is_written_and_knows_where_it_began() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEPT_MAX, MINUTE, 10)
        patch.setattr("flowex.services.market_data.candles._TRIM", 0)
        made = trades([(MINUTE, price, 1, False) for price in range(1, 40)])
        minutes = recomputed(made, MINUTE)
        candles = filled(made[:20])
        assert candles.rows(MINUTE, 0, 1 << 62) == minutes[:20], "nothing is written yet"
        taken = candles.take_over()
        assert [candle for base, candle in taken if base == MINUTE] == minutes[:19]
        candles.written()
        for trade in made[20:]:
            candles.add(trade)
        kept = candles.rows(MINUTE, 0, 1 << 62)
        assert kept == minutes[19:]
        assert (candles.is_whole(MINUTE), candles.is_whole(HOUR)) == (False, True)
        assert candles.kept_from(MINUTE) == kept[0].open_time
        assert candles.beginning(MINUTE) == minutes[0].open_time
        assert candles.close_before(MINUTE, kept[1].open_time) == kept[0].close
        assert candles.close_before(MINUTE, kept[0].open_time) is None


def test_memory_is_bounded_even_where_nothing_is_written() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEPT_MAX, MINUTE, 10)
        patch.setattr("flowex.services.market_data.candles._TRIM", 0)
        patch.setattr("flowex.services.market_data.candles.UNWRITTEN_MAX", 15)
        candles = filled(trades([(MINUTE, price, 1, False) for price in range(1, 40)]))
        assert len(candles.rows(MINUTE, 0, 1 << 62)) == 15


def test_imported_candles_have_no_numbers_and_go_on_with_trades_that_do() -> None:
    minutes = [
        Kline(BEGINNING + n * MINUTE, BEGINNING + (n + 1) * MINUTE - 1, 5, 9, 4, 7, 2, 12, 3, 1, 6,
              -1, -1)
        for n in range(90)
    ]  # fmt: skip
    hours = coarser(minutes, HOUR)
    assert sum(hour.trades for hour in hours) == 270
    assert {(hour.first_trade, hour.last_trade) for hour in hours} == {(-1, -1)}
    candles = Candles()
    for base, rows in ((MINUTE, minutes), (HOUR, coarser(minutes, HOUR))):
        candles.load(base, rows)
    assert candles.last_close == 7
    last = minutes[-1].open_time
    candles.add(PublicTrade(1, 8, 1, 8, last + MINUTE, False, 1, 2))
    candles.add(PublicTrade(2, 6, 1, 6, last + 2 * MINUTE, False, 1, 2))
    hour = of_base(candles, HOUR)[-1]
    assert (hour.first_trade, hour.last_trade, hour.close) == (1, 2, 6)
    assert sum(row.trades for row in of_base(candles, HOUR)) == 272


def day_of(made: Sequence[PublicTrade], now: int) -> Ticker:
    opened = now - now % MINUTE - DAY
    inside = [trade for trade in made if trade.time >= opened]
    before = [trade for trade in made if trade.time < opened]
    last = made[-1]
    if not inside:
        price = last.price
        return Ticker(
            opened, now, price, price, price, price, last.quantity, price, 0, 0, -1, -1, 0
        )
    prices = [trade.price for trade in inside]
    return Ticker(
        opened,
        now,
        prices[0],
        max(prices),
        min(prices),
        last.price,
        last.quantity,
        before[-1].price if before else prices[0],
        sum(trade.quantity for trade in inside),
        sum(trade.quote_amount for trade in inside),
        inside[0].trade,
        last.trade,
        len(inside),
    )


@settings(max_examples=80, deadline=None)
@given(STEPS, st.sampled_from((0, 1, MINUTE, 20 * HOUR, 23 * HOUR, 25 * HOUR)))
def test_the_ticker_equals_a_recomputation(steps: list, idle: int) -> None:  # type: ignore[type-arg]
    made = trades(steps)
    candles, day = Candles(), Day()
    for index, trade in enumerate(made):
        day.add(trade, candles.add(trade))
        assert day.ticker(trade.time, trade, trade.price) == day_of(made[: index + 1], trade.time)
    now = made[-1].time + idle
    last = made[-1]
    assert day.ticker(now, last, last.price) == day_of(made, now)
    assert Day(candles.minutes).ticker(now, last, last.price) == day_of(made, now)


def test_before_the_first_trade_everything_is_zero() -> None:
    ticker = Day().ticker(BEGINNING, None, 0)
    assert (ticker.last, ticker.trades, ticker.first_trade, ticker.last_trade) == (0, 0, -1, -1)
    assert Candles().rows(MINUTE, 0, BEGINNING) == []
    assert (Candles().last_close, Candles().kept_from(DAY)) == (0, None)
