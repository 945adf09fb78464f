"""Every line that is wrong is named, with what to do."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowex.app.history_files import ROWS_AT_ONCE, HistoryFile, HistoryFileError
from flowex.ports.market_data import Kline, PublicTrade
from flowex.ports.trading import Asset, Instrument
from flowex.units.instants import DAY, MINUTE, SECOND

BTC, USDT = Asset(1, "BTC", 8), Asset(2, "USDT", 8)
BTCUSDT = Instrument(
    1, "BTCUSDT", BTC, USDT, 5, 1, 0, 0, 10, 10, 10**9, 1, 1, 9 * 10**8, 5 * 10**8, 9 * 10**14
)  # fmt: skip
HEAD = "open_time_ms,open,high,low,close,volume\n"
TRADES = "trade_time_ms,recv_ns,trade_id,price,qty,buyer_is_maker\n"
START = 1_700_000_040_000
END = (START + 10**9) * 1_000

Write = Callable[..., HistoryFile]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(*lines: str, end: int = END, packed: bool = False) -> HistoryFile:
        path = tmp_path / "history.csv"
        data = "".join(lines).encode()
        path.write_bytes(gzip.compress(data) if packed else data)
        return HistoryFile(path, BTCUSDT, end)

    return write


def line(minute: int, rest: str = "100.5,101,100,100.25,2.5") -> str:
    return f"{START + minute * 60_000},{rest}\n"


def klines(source: HistoryFile) -> list[Kline]:
    return [row for rows, _ in source.klines(source.interval()) for row in rows]


def trades(source: HistoryFile) -> list[PublicTrade]:
    return [row for rows, _ in source.trades() for row in rows]


@pytest.mark.parametrize("packed", [False, True])
def test_candles_are_read_in_units(file: Write, packed: bool) -> None:
    source = file(HEAD, line(0), line(1), line(3), "\n", packed=packed)
    assert source.has_klines()
    assert source.interval() == MINUTE
    first, _, last = klines(source)
    volume, mean = 250_000, 401_750  # The mean price is a quarter of the sum.
    assert first == Kline(
        START * 1_000, START * 1_000 + MINUTE - 1, 100_500, 101_000, 100_000, 100_250,
        volume, volume * mean // 4, 0, 0, 0, -1, -1,
    )  # fmt: skip
    assert last == replace(
        first, open_time=first.open_time + 3 * MINUTE, close_time=first.close_time + 3 * MINUTE
    )


def test_days_and_quote_volumes_are_read_too(file: Write) -> None:
    days = file(
        "date,open,high,low,close,volume_quote\n",
        "20141201,300,370,300,370,335.00000001\n20141202,1,1,1,1,7\n",
    )
    assert days.interval() == DAY
    first, second = klines(days)
    assert second.open_time - first.open_time == DAY
    assert first.open_time == 1_417_392_000 * SECOND
    assert (first.volume, first.quote_volume) == (100_000, 33_500_000_001)


def test_trades_are_read_in_units(file: Write) -> None:
    source = file(TRADES, f"{START},9,77,100.5,0.00002,1\n", f"{START},9,79,100.5,3,false\n")
    assert not source.has_klines()
    assert trades(source) == [
        PublicTrade(77, 100_500, 2, 201_000, START * 1_000, True, 0, 0),
        PublicTrade(79, 100_500, 300_000, 30_150_000_000, START * 1_000, False, 0, 0),
    ]


def test_memory_is_bounded(file: Write) -> None:
    source = file(HEAD, *(line(minute) for minute in range(ROWS_AT_ONCE + 5)), end=END * 2)
    assert [len(rows) for rows, _ in source.klines(MINUTE)] == [ROWS_AT_ONCE, 5]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (line(1), "line 4: the candle does not open after the one before"),
        (line(2)[1:], "line 4: the candle does not open after the one before"),
        (
            line(2) + f"{START + 181_000},1,1,1,1,1\n",
            "line 5: the candle does not open at a multiple of 60 s",
        ),
        (line(2, "100.5,101,100,100.25"), "line 4: it has 5 fields, not 6: is it cut off"),
        (line(2, "100.5001,101,100,100.25,1"), "open 100.5001 has more than the 3 decimals"),
        (line(2, "100.5,101,100,nan,1"), "close 'nan' is no number"),
        (line(2, "100.5,101,0,100,1"), "low 0 is too small"),
        (line(2, f"100.5,{10**30},1,100,1"), "high .* too large"),
        (line(2, "100.5,100,99,100,1"), "contradict each other"),
        (line(2, "100.5,101,100,100.25,-1"), "volume -1 is below 0"),
        ("x" + line(2)[1:], "open_time_ms 'x.* is no whole number"),
        (line(10**6), "line 4: it reaches beyond 2023-11-26 .* UTC.*cut the file there"),
    ],
)
def test_a_wrong_candle_is_named(file: Write, bad: str, words: str) -> None:
    with pytest.raises(HistoryFileError, match=words):
        klines(file(HEAD, line(0), line(1), bad))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (f"{START},9,77,1,1,1\n", "line 3: the trade is not later than the one before"),
        (f"{START - 1},9,78,1,1,1\n", "line 3: the trade is not later"),
        (f"{START},9,78,1,0.000001,1\n", "qty 0.000001 has more than the 5 decimals"),
        (f"{START},9,78,1,1,maybe\n", "buyer_is_maker is 'maybe'"),
        (f"{START},9,{10**15},1,1,1\n", "trade_id"),
        (f"{END // 1_000},9,78,1,1,1\n", "line 3: it reaches beyond"),
    ],
)
def test_a_wrong_trade_is_named(file: Write, bad: str, words: str) -> None:
    with pytest.raises(HistoryFileError, match=words):
        trades(file(TRADES, f"{START},9,77,100.5,2,1\n", bad))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("",), "the first line must name"),
        (("open_time_ms,open,high,low,close\n", line(0)), "the first line must name"),
        (("open_time_ms,open,high,low,volume\n",), "missing: close"),
        ((HEAD, line(0)), "at least two"),
        ((HEAD, line(0), line(7)), "candles of 420 s cannot be imported"),
    ],
)
def test_a_file_of_another_kind_is_refused(file: Write, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(HistoryFileError, match=words):
        klines(file(*lines))


def test_a_spoilt_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.csv.gz"
    path.write_bytes(gzip.compress((HEAD + line(0) * 999).encode())[:-30])
    with pytest.raises(HistoryFileError, match="cannot be read"):
        klines(HistoryFile(path, BTCUSDT, END))
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(HistoryFileError, match="cannot be read"):
        klines(HistoryFile(path, BTCUSDT, END))
    with pytest.raises(HistoryFileError, match="No such file"):
        klines(HistoryFile(tmp_path / "nowhere", BTCUSDT, END))
