"""Every adapter of the timeseries port does this, each on the real engine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
import pytest_asyncio
from histories import TECHNOLOGIES, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowex.ports.market_data import AggregateTrade, Kline, PublicTrade
from flowex.ports.timeseries import (
    LIMIT_MAX,
    Mark,
    RecordedCandle,
    RecordedTrade,
    Timeseries,
    TimeseriesBatch,
    TimeseriesDown,
    TimeseriesRefused,
)
from flowex.units.instants import MINUTE, SECOND

HUGE = 2**126
MARKET = "market_data"


@pytest_asyncio.fixture(params=TECHNOLOGIES)
async def history(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Timeseries]:
    async with opened(request.param, tmp_path) as store:
        yield store


def trade(number: int, aggregate: int | None = None, instrument: int = 1) -> RecordedTrade:
    aggregate = number if aggregate is None else aggregate
    second = aggregate if aggregate > 0 else aggregate // 10**9
    return RecordedTrade(
        instrument,
        aggregate,
        PublicTrade(
            number,
            100 + aggregate,
            number % 7 + 1,
            (100 + aggregate) * (number % 7 + 1),
            second * SECOND,
            aggregate % 2 == 0,
            number * 2,
            number * 2 + 1,
        ),
    )


def candle(number: int, volume: int = 5, interval: int = MINUTE) -> Kline:
    opened_at = number * interval
    return Kline(
        opened_at,
        opened_at + interval - 1,
        100 + number,
        130 + number,
        90 - number % 50,
        110 + number,
        volume,
        volume + volume // 4,
        number % 9 + 1,
        volume // 2,
        volume // 3,
        number * 10,
        number * 10 + 9,
    )


def minutes(numbers: Sequence[int], instrument: int = 1) -> list[RecordedCandle]:
    return [RecordedCandle(instrument, MINUTE, candle(number)) for number in numbers]


async def test_an_empty_history_knows_nothing(history: Timeseries) -> None:
    assert await history.progress(MARKET) == 0
    assert await history.instruments() == []
    assert await history.candles(1, MINUTE, limit=10) == []
    assert await history.candles(1, MINUTE, limit=10, newest=True) == []
    assert await history.folded(1, MINUTE, 5 * MINUTE, start_time=0, end_time=10 * MINUTE) == []
    assert await history.trades(1, limit=10, newest=True) == []
    assert await history.aggregates(1, limit=10) == []
    bounds = await history.bounds(1)
    assert (bounds.first_trade, bounds.last_trade, dict(bounds.first_candles)) == (None, None, {})


async def test_everything_comes_back_as_it_went_in(history: Timeseries) -> None:
    extreme = RecordedTrade(
        3, 2**62, PublicTrade(2**62, 2**62, 1, 2**62, 2**62, True, 2**62 + 1, 2**62 + 2)
    )
    far = RecordedTrade(
        3,
        -(10**15),
        PublicTrade(-(10**15), 7, 2**62, 7 * 2**62, -(2**62), False, 0, 0),
    )
    wide = Kline(-MINUTE, -1, -5, 2**62, -(2**62), 0, HUGE, HUGE - 1, 3, 2**64, 2**64 - 1, -1, -1)
    await history.write(
        TimeseriesBatch([extreme, far, trade(1)], [RecordedCandle(3, MINUTE, wide)])
    )
    assert await history.trades(3, limit=10) == [far, extreme]
    assert await history.candles(3, MINUTE, limit=10) == [wide]
    assert await history.trades(1, limit=10) == [trade(1)]
    assert await history.instruments() == [1, 3]
    bounds = await history.bounds(3)
    assert (bounds.first_trade, bounds.last_trade) == (far, extreme)
    assert dict(bounds.first_candles) == {MINUTE: -MINUTE}


async def test_rows_and_mark_happen_once(history: Timeseries) -> None:
    first = TimeseriesBatch([trade(1), trade(2)], minutes([1, 2]))
    mark = Mark(MARKET, 0, 10)
    await history.write(first, mark)
    await history.write(first, mark)
    assert await history.progress(MARKET) == 10
    assert await history.progress("somebody") == 0
    with pytest.raises(TimeseriesRefused, match="is at 10, not 5: who wrote"):
        await history.write(TimeseriesBatch([trade(3)]), Mark(MARKET, 5, 11))
    await history.write(TimeseriesBatch([trade(4)]), Mark("somebody", 0, 3))
    await history.write(TimeseriesBatch(), Mark(MARKET, 10, 12))
    assert await history.progress(MARKET) == 12
    assert await history.progress("somebody") == 3
    assert await history.trades(1, limit=10) == [trade(1), trade(2), trade(4)]
    assert await history.candles(1, MINUTE, limit=10) == [candle(1), candle(2)]


async def test_a_row_written_again_is_replaced_and_no_other(history: Timeseries) -> None:
    others = [*minutes(range(5), instrument=2), RecordedCandle(1, SECOND, candle(2, 1, SECOND))]
    await history.write(TimeseriesBatch([trade(n) for n in range(1, 6)], minutes(range(5))))
    await history.write(TimeseriesBatch([trade(2, 2, instrument=2)], others))
    changed = replace(candle(2), volume=HUGE, close=1)
    sold = trade(3)._replace(trade=replace(trade(3).trade, seller_order=77))
    await history.write(
        TimeseriesBatch(
            [sold, trade(6)],
            [RecordedCandle(1, MINUTE, changed), RecordedCandle(1, MINUTE, candle(7))],
        )
    )
    assert await history.candles(1, MINUTE, limit=10) == [
        candle(0),
        candle(1),
        changed,
        candle(3),
        candle(4),
        candle(7),
    ]
    assert await history.candles(2, MINUTE, limit=10) == [candle(n) for n in range(5)]
    assert await history.candles(1, SECOND, limit=10) == [candle(2, 1, SECOND)]
    assert await history.trades(1, limit=10) == [
        trade(1), trade(2), sold, trade(4), trade(5), trade(6)
    ]  # fmt: skip
    assert await history.trades(2, limit=10) == [trade(2, 2, instrument=2)]


async def test_candles_by_time(history: Timeseries) -> None:
    numbers = [n for n in range(0, 4_000, 3) if n % 1_000 < 500]
    kept = [candle(n) for n in numbers]
    await history.write(TimeseriesBatch(candles=minutes(numbers[500:])))
    await history.write(TimeseriesBatch(candles=minutes(numbers[:500])))
    await history.write(TimeseriesBatch(candles=minutes(range(4_000), instrument=2)))
    for start, end in ((None, None), (0, 0), (30, 33), (31, 32), (450, 1_003), (3_600, None)):
        low = None if start is None else start * MINUTE
        high = None if end is None else end * MINUTE
        within = [
            one
            for one in kept
            if (low is None or one.open_time >= low) and (high is None or one.open_time <= high)
        ]
        for limit in (1, 2, 100, 1_000):
            bounds = {"start_time": low, "end_time": high, "limit": limit}
            assert await history.candles(1, MINUTE, **bounds) == within[:limit]
            assert await history.candles(1, MINUTE, **bounds, newest=True) == within[-limit:]


async def test_trades_by_number_and_time(history: Timeseries) -> None:
    past = [trade(-(10**15) + n * 7) for n in range(50)]
    own = [trade(n) for n in range(1, 3_000)]
    kept = past + own
    await history.write(TimeseriesBatch(own))
    await history.write(TimeseriesBatch(past))
    for low, high in ((None, None), (1, None), (None, 0), (5, 5), (100, 2_000), (-(10**14), 7)):
        for since, until in ((None, None), (50 * SECOND, None), (None, 150 * SECOND + 1)):
            within = [
                one
                for one in kept
                if (low is None or one.trade.trade >= low)
                and (high is None or one.trade.trade <= high)
                and (since is None or one.trade.time >= since)
                and (until is None or one.trade.time <= until)
            ]
            question = {
                "from_trade": low, "to_trade": high, "start_time": since, "end_time": until
            }  # fmt: skip
            for limit in (1, 1_000):
                assert await history.trades(1, **question, limit=limit) == within[:limit]
                newest = await history.trades(1, **question, limit=limit, newest=True)
                assert newest == within[-limit:]


def grouped(trades: Sequence[RecordedTrade]) -> list[AggregateTrade]:
    made = []
    for number, group in groupby(trades, key=lambda one: one.aggregate):
        parts = [part.trade for part in group]
        made.append(
            AggregateTrade(
                number,
                parts[0].price,
                sum(part.quantity for part in parts),
                parts[0].trade,
                parts[-1].trade,
                parts[0].time,
                parts[0].buyer_is_maker,
            )
        )
    return made


async def test_aggregates_are_whole_however_long(history: Timeseries) -> None:
    sizes = [1, 2, 1, 9_000, 3, *([1] * 300), 2_500]
    numbers = iter(range(1, 20_000))
    kept = [trade(next(numbers), which) for which, size in enumerate(sizes, 1) for _ in range(size)]
    await history.write(TimeseriesBatch(kept))
    expected = grouped(kept)
    for limit in (1, 2, 4, 5, 300, 1_000):
        assert await history.aggregates(1, limit=limit) == expected[:limit]
        assert await history.aggregates(1, limit=limit, newest=True) == expected[-limit:]
        found = await history.aggregates(1, from_aggregate=3, to_aggregate=200, limit=limit)
        assert found == expected[2:200][:limit]
        found = await history.aggregates(
            1, start_time=4 * SECOND, end_time=100 * SECOND, limit=limit, newest=True
        )
        assert found == expected[3:100][-limit:]


def put_together(candles: Sequence[Kline], width: int, start: int) -> list[Kline]:
    made = []
    for bucket, group in groupby(candles, key=lambda one: (one.open_time - start) // width):
        parts = list(group)
        opened_at = start + bucket * width
        made.append(
            Kline(
                opened_at,
                opened_at + width - 1,
                parts[0].open,
                max(part.high for part in parts),
                min(part.low for part in parts),
                parts[-1].close,
                sum(part.volume for part in parts),
                sum(part.quote_volume for part in parts),
                sum(part.trades for part in parts),
                sum(part.taker_buy_volume for part in parts),
                sum(part.taker_buy_quote_volume for part in parts),
                min((part.first_trade for part in parts if part.first_trade >= 0), default=-1),
                max((part.last_trade for part in parts if part.last_trade >= 0), default=-1),
            )
        )
    return made


async def test_candles_are_folded_from_any_minute_on(history: Timeseries) -> None:
    kept = [
        replace(candle(n, 2**100 + n), **({} if n > 40 else {"first_trade": -1, "last_trade": -1}))
        for n in range(-200, 900)
        if n % 17 > 3 and not 100 <= n < 200
    ]
    await history.write(
        TimeseriesBatch(candles=[RecordedCandle(1, MINUTE, one) for one in kept[300:]])
    )
    await history.write(
        TimeseriesBatch(candles=[RecordedCandle(1, MINUTE, one) for one in kept[:300]])
    )
    for start, end, width in (
        (0, 899, 15),
        (-30, 700, 60),
        (7, 7, 1),
        (-200, 899, 1_440),
        (3, 99, 1),
    ):
        within = [one for one in kept if start * MINUTE <= one.open_time <= end * MINUTE]
        found = await history.folded(
            1, MINUTE, width * MINUTE, start_time=start * MINUTE, end_time=end * MINUTE
        )
        assert found == put_together(within, width * MINUTE, start * MINUTE)


async def test_too_much_is_a_bug(history: Timeseries) -> None:
    await history.write(TimeseriesBatch(candles=minutes([1])))
    with pytest.raises(AssertionError):
        await history.candles(1, MINUTE, limit=LIMIT_MAX + 1)
    with pytest.raises(AssertionError):
        await history.folded(1, 1, 1, start_time=0, end_time=LIMIT_MAX + 1)


async def test_what_does_not_fit_is_refused_whole(history: Timeseries) -> None:
    await history.write(TimeseriesBatch([trade(1)]), Mark(MARKET, 0, 1))
    wrong = replace(candle(2), open=2**63)
    with pytest.raises(TimeseriesRefused):
        await history.write(
            TimeseriesBatch([trade(2)], [RecordedCandle(1, MINUTE, wrong)]), Mark(MARKET, 1, 2)
        )
    assert await history.progress(MARKET) == 1
    assert await history.trades(1, limit=9) == [trade(1)]
    await history.write(TimeseriesBatch([trade(2)], minutes([2])), Mark(MARKET, 1, 2))
    assert await history.trades(1, limit=9) == [trade(1), trade(2)]


async def test_questions_and_batches_at_the_same_time(history: Timeseries) -> None:
    await history.write(TimeseriesBatch([trade(1)], minutes([1])))

    async def ask(number: int) -> None:
        found = await history.trades(1, limit=1_000)
        assert found == [trade(n) for n in range(1, len(found) + 1)]
        assert await history.candles(1, MINUTE, limit=number + 1, newest=True)

    async def tell(number: int) -> None:
        first = 2 + number * 10
        await history.write(
            TimeseriesBatch([trade(n) for n in range(first, first + 10)]),
            Mark(MARKET, number, number + 1),
        )

    asking = [asyncio.create_task(ask(number)) for number in range(20)]
    for number in range(20):
        await tell(number)
    await asyncio.gather(*asking)
    assert len(await history.trades(1, limit=1_000)) == 201


@pytest.mark.parametrize("technology", TECHNOLOGIES)
async def test_it_is_there_after_a_restart(technology: str, tmp_path: Path) -> None:
    async with opened(technology, tmp_path) as first:
        await first.write(TimeseriesBatch([trade(1)], minutes([1])), Mark(MARKET, 0, 1))
        await first.write(TimeseriesBatch([trade(-5)]))
    async with opened(technology, tmp_path) as second:
        assert await second.progress(MARKET) == 1
        assert await second.instruments() == [1]
        assert await second.trades(1, limit=5) == [trade(-5), trade(1)]
        assert await second.candles(1, MINUTE, limit=5) == [candle(1)]
        await second.write(TimeseriesBatch([trade(2)], minutes([1, 2])), Mark(MARKET, 1, 2))
        assert await second.candles(1, MINUTE, limit=5) == [candle(1), candle(2)]


@pytest.mark.parametrize("technology", TECHNOLOGIES)
async def test_closed_is_down(technology: str, tmp_path: Path) -> None:
    async with opened(technology, tmp_path) as history:
        await history.close()
        with pytest.raises(TimeseriesDown):
            await history.candles(1, MINUTE, limit=1)
        with pytest.raises(TimeseriesDown):
            await history.write(TimeseriesBatch([trade(1)]))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(-40, 60), st.integers(0, HUGE)),
            max_size=12,
            unique_by=lambda one: one[0],
        ),
        max_size=8,
    ),
    st.integers(-50, 70),
    st.integers(-50, 70),
    st.integers(1, 30),
)
async def test_any_batches_in_any_order(
    history: Timeseries, batches: list[list[tuple[int, int]]], low: int, high: int, limit: int
) -> None:
    instrument = 1 + max(await history.instruments(), default=0)
    model: dict[int, Kline] = {}
    for batch in batches:
        made = {number: candle(number, volume) for number, volume in batch}
        model |= made
        await history.write(
            TimeseriesBatch(
                candles=[RecordedCandle(instrument, MINUTE, one) for one in made.values()]
            )
        )
    within = [model[number] for number in sorted(model) if low <= number <= high]
    for newest in (False, True):
        found = await history.candles(
            instrument, MINUTE, start_time=low * MINUTE, end_time=high * MINUTE, limit=limit,
            newest=newest,
        )  # fmt: skip
        assert found == (within[-limit:] if newest else within[:limit])
