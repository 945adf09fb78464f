"""Candles and the ticker are what a recomputation from all trades says they are."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowex.ports.market_data import Kline, PublicTrade, Ticker
from flowex.services.market_data.candles import KEPT_MAX, WEEK, Candles
from flowex.services.market_data.ticker import Day
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

BEGINNING = 1_700_000_000 * SECOND
INTERVALS = (MINUTE, 3 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY, WEEK)

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


def opening(time: int, interval: int) -> int:
    origin = 4 * DAY if interval == WEEK else 0
    return origin + (time - origin) // interval * interval


def recomputed(made: Sequence[PublicTrade], interval: int, now: int) -> list[Kline]:
    expected, close = [], 0
    for start in range(opening(made[0].time, interval), opening(now, interval) + 1, interval):
        inside = [trade for trade in made if start <= trade.time < start + interval]
        prices = [trade.price for trade in inside] or [close]
        close = prices[-1]
        bought = [trade for trade in inside if not trade.buyer_is_maker]
        expected.append(
            Kline(
                start,
                start + interval - 1,
                prices[0],
                max(prices),
                min(prices),
                close,
                sum(trade.quantity for trade in inside),
                sum(trade.quote_amount for trade in inside),
                len(inside),
                sum(trade.quantity for trade in bought),
                sum(trade.quote_amount for trade in bought),
                inside[0].trade if inside else -1,
                inside[-1].trade if inside else -1,
            )
        )
    return expected


@settings(max_examples=80, deadline=None)
@given(STEPS, st.sampled_from(INTERVALS), st.sampled_from((0, 5 * MINUTE, 2 * DAY)))
def test_candles_equal_a_recomputation(steps: list, interval: int, idle: int) -> None:  # type: ignore[type-arg]
    made = trades(steps)
    now = made[-1].time + idle
    found = filled(made).between(interval, 10**6, None, None, now)
    assert found == recomputed(made, interval, now)


@settings(max_examples=60, deadline=None)
@given(
    STEPS,
    st.sampled_from(INTERVALS),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(-HOUR, 3 * DAY)),
    st.one_of(st.none(), st.integers(-HOUR, 3 * DAY)),
)
def test_bounds_cut_out_of_the_whole(
    steps: list,  # type: ignore[type-arg]
    interval: int,
    limit: int,
    start: int | None,
    end: int | None,
) -> None:
    made = trades(steps)
    now = made[-1].time
    start_time = None if start is None else BEGINNING + start
    end_time = None if end is None else BEGINNING + end
    whole = [
        kline
        for kline in recomputed(made, interval, now)
        if (start_time is None or kline.open_time >= start_time)
        and (end_time is None or kline.open_time <= end_time)
    ]
    expected = whole[-limit:] if start_time is None else whole[:limit]
    assert filled(made).between(interval, limit, start_time, end_time, now) == expected


def test_a_trimmed_past_gives_no_candle_that_lacks_its_beginning() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEPT_MAX, MINUTE, 10)
        patch.setattr("flowex.services.market_data.candles._TRIM", 0)
        made = trades([(MINUTE, price, 1, False) for price in range(1, 40)])
        found = filled(made).between(3 * MINUTE, 100, None, None, made[-1].time)
        assert found == recomputed(made, 3 * MINUTE, made[-1].time)[-len(found) :]
        assert len(found) >= 3


def test_loaded_candles_go_on() -> None:
    made = trades([(20 * SECOND, price, 1, price % 2 == 0) for price in range(1, 400)])
    stored: dict[tuple[int, int], Kline] = {}
    candles = Candles()
    for trade in made[:200]:
        candles.add(trade)
        stored |= candles.dirty
        candles.dirty.clear()
    loaded = Candles()
    for base in KEPT_MAX:
        loaded.load(base, [k for (length, _), k in sorted(stored.items()) if length == base])
    for trade in made[200:]:
        loaded.add(trade)
    for interval in (MINUTE, 15 * MINUTE, HOUR, DAY):
        found = loaded.between(interval, 10**4, None, None, made[-1].time)
        assert found == recomputed(made, interval, made[-1].time)


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
        assert day.ticker(trade.time, trade) == day_of(made[: index + 1], trade.time)
    now = made[-1].time + idle
    assert day.ticker(now, made[-1]) == day_of(made, now)
    assert Day(candles.minutes).ticker(now, made[-1]) == day_of(made, now)


def test_before_the_first_trade_everything_is_zero() -> None:
    ticker = Day().ticker(BEGINNING, None)
    assert (ticker.last, ticker.trades, ticker.first_trade, ticker.last_trade) == (0, 0, -1, -1)
    assert Candles().between(MINUTE, 10, None, None, BEGINNING) == []
