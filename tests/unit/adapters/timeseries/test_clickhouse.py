"""What ClickHouse needs beyond the conformance suite: a batch torn from its mark."""

from pathlib import Path

import pytest
from histories import opened

from flowex.adapters.timeseries.clickhouse import ClickhouseTimeseries, connect
from flowex.ports.market_data import Kline, PublicTrade
from flowex.ports.timeseries import (
    Mark,
    RecordedCandle,
    RecordedTrade,
    TimeseriesBatch,
    TimeseriesDown,
)
from flowex.units.instants import DAY

TRADES = [
    RecordedTrade(1, n, PublicTrade(n, 10, 2, 20, n * 1_000, True, 1, 2)) for n in range(1, 7)
]
CANDLES = [
    RecordedCandle(1, DAY, Kline(n * DAY, n * DAY + DAY - 1, 1, 2, 1, 2, 9, 9, 1, 0, 0, 1, 1))
    for n in range(3)
]


async def test_what_never_reached_its_mark_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened("clickhouse", tmp_path) as history:
        assert isinstance(history, ClickhouseTimeseries)
        await history.write(TimeseriesBatch(TRADES[:2], CANDLES[:1]), Mark("m", 0, 5))
        await history.write(TimeseriesBatch(candles=CANDLES[2:]))  # Imported: for no mark.
        insert = history._insert

        def torn(table: str, *rest: object) -> None:
            if table == "progress":
                raise TimeseriesDown("told so")
            insert(table, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(history, "_insert", torn)
        with pytest.raises(TimeseriesDown):
            await history.write(TimeseriesBatch(TRADES[2:], CANDLES[1:2]), Mark("m", 5, 9))
        assert len(await history.trades(1, limit=10)) == 6
    async with opened("clickhouse", tmp_path) as again:
        assert await again.progress("somebody else") == 0
        assert len(await again.trades(1, limit=10)) == 6
        assert await again.progress("m") == 5
        assert await again.trades(1, limit=10) == TRADES[:2]
        kept = [CANDLES[0].candle, CANDLES[2].candle]
        assert await again.candles(1, DAY, limit=10) == kept
        await again.write(TimeseriesBatch(TRADES[2:4], CANDLES[1:2]), Mark("m", 5, 7))
        assert await again.trades(1, limit=10) == TRADES[:4]


async def test_a_batch_tried_again_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened("clickhouse", tmp_path) as history:
        assert isinstance(history, ClickhouseTimeseries)
        insert, failures = history._insert, iter(("trades", "candles", "progress"))
        failing = next(failures)

        def torn(table: str, *rest: object) -> None:
            nonlocal failing
            insert(table, *rest)  # type: ignore[arg-type]
            if table == failing:
                failing = next(failures, "")
                raise TimeseriesDown("the answer was lost")

        monkeypatch.setattr(history, "_insert", torn)
        batch = TimeseriesBatch(TRADES, CANDLES)
        for _ in range(3):
            with pytest.raises(TimeseriesDown):
                await history.write(batch, Mark("m", 0, 5))
        await history.write(batch, Mark("m", 0, 5))
        assert await history.trades(1, limit=10) == TRADES
        assert await history.candles(1, DAY, limit=10) == [one.candle for one in CANDLES]


def test_a_server_that_is_not_there_is_down() -> None:
    with pytest.raises(TimeseriesDown):
        connect("clickhouse://127.0.0.1:1", "flowex")
