"""`flowex import` on the home of an exchange that is stopped; the files are real."""

import asyncio
import gzip
from collections.abc import Sequence
from pathlib import Path

import histories
import pytest
from click.testing import CliRunner, Result
from feeds import ACCOUNTS, opening, place
from market_files import market_file

from flowex.adapters.clock.manual import ManualClock
from flowex.app.cli_import import import_
from flowex.app.home import Home, history_path
from flowex.app.wiring import local_world, open_history, open_rooms
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.sequencer import InlineSequencer
from flowex.messages.enums import Side
from flowex.ports.market_data import Kline
from flowex.ports.timeseries import Timeseries
from flowex.services.market_data.candles import coarser
from flowex.services.market_data.past import TRADE_ORIGIN
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

ALICE, _, CAROL, _ = ACCOUNTS
LATER = 1_750_000_000 * SECOND
"""The exchange's own time begins in June 2025, after what the files tell."""

PERP = "perp/BTCUSDT-perp-1m.csv.gz"
TRADES = "trades/spot_btcusdt_20240808-trades.csv.gz"
MORE_TRADES = "trades/spot_btcusdt_20240809-trades.csv.gz"


async def lived(data: Path, *, traded: bool) -> None:
    """Found an exchange, maybe with a trade."""
    world = local_world(data, ReferenceMachine, ManualClock(LATER))
    rooms = await open_rooms(world)
    sequencer = rooms.sequence(InlineSequencer)
    sequencer.start()
    await rooms.start()
    sequencer.run(opening())
    if traded:
        sequencer.run([place(ALICE, Side.BUY, 0, 5), place(CAROL, Side.SELL, 0, 2)])
    sequencer.stop()
    await rooms.stop()
    rooms.recovered.journal.close()
    await world.close()


@pytest.fixture(params=[False, True], ids=["untraded", "traded"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    data = Home(tmp_path).data
    data.mkdir()
    asyncio.run(lived(data, traded=request.param))
    return tmp_path


def load(home: Path, what: str, file: Path, symbol: str = "BTCUSDT") -> Result:
    arguments = [what, str(file), "--symbol", symbol, "--home", str(home)]
    return CliRunner().invoke(import_, arguments)


def dump(home: Path) -> dict[str, list[object]]:
    async def look() -> dict[str, list[object]]:
        history = open_history(history_path(Home(home).data))
        found = await histories.dump(history)
        await history.close()
        return found

    return asyncio.run(look())


def candles(home: Path, base: int) -> list[Kline]:
    async def look() -> list[Kline]:
        history: Timeseries = open_history(history_path(Home(home).data))
        rows: list[Kline] = []
        while page := await history.candles(
            1, base, start_time=rows[-1].open_time + 1 if rows else None, limit=30_000
        ):
            rows += page
        await history.close()
        return rows

    return asyncio.run(look())


def lines(file: Path) -> Sequence[str]:
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def test_real_candles_are_a_past(home: Path) -> None:
    file = market_file(PERP)
    result = load(home, "klines", file)
    assert result.exit_code == 0, result.output
    assert "BTCUSDT: 43,199 candles from 2025-05-04 15:33 to 2025-06-03 15:31 UTC" in result.output
    minutes = candles(home, MINUTE)
    assert len(minutes) == len(lines(file)) - 1
    first = lines(file)[1].split(",")
    assert minutes[0].open_time == int(first[0]) * 1_000
    assert minutes[0].close == round(float(first[4]) * 1_000)
    for base in (15 * MINUTE, HOUR, DAY):
        assert candles(home, base) == coarser(minutes, base)
    before = dump(home)
    assert load(home, "klines", file).exit_code == 0
    assert dump(home) == before


def test_a_longer_candle_is_made_of_all_there_is(home: Path, tmp_path: Path) -> None:
    """Two halves of a file, the later one first, are as good as the whole."""
    rows = lines(market_file(PERP))
    for name, part in (("late", rows[5_001:]), ("early", rows[1:5_001])):
        half = tmp_path / f"{name}.csv"
        half.write_text("\n".join([rows[0], *part]))
        assert load(home, "klines", half).exit_code == 0
    minutes = candles(home, MINUTE)
    assert len(minutes) == len(rows) - 1
    for base in (15 * MINUTE, HOUR, DAY):
        assert candles(home, base) == coarser(minutes, base)


def test_real_trades_are_a_past_with_candles(home: Path) -> None:
    for name in (TRADES, MORE_TRADES, TRADES):
        assert load(home, "trades", market_file(name)).exit_code == 0
    rows = [line.split(",") for name in (TRADES, MORE_TRADES) for line in lines(market_file(name))]
    numbers = [int(row[2]) for row in rows if row[2].isdigit()]
    past = [row for row in dump(home)["market_data_trades"] if row.trade.trade < 0]  # type: ignore[attr-defined]
    assert [row.trade.trade + TRADE_ORIGIN for row in past] == numbers  # type: ignore[attr-defined]
    seconds = [row for row in candles(home, SECOND) if row.first_trade < 0]
    assert sum(row.trades for row in seconds) == len(numbers)
    assert sum(row.volume for row in seconds) == sum(row.trade.quantity for row in past)  # type: ignore[attr-defined]
    for base in (MINUTE, 15 * MINUTE, HOUR, DAY):
        made = [row for row in candles(home, base) if row.first_trade < 0]
        assert made == coarser(seconds, base)


def test_trades_of_another_market_are_refused(home: Path) -> None:
    assert load(home, "trades", market_file(TRADES)).exit_code == 0
    other = load(home, "trades", market_file("trades/usdm_btcusdt_20240808-trades.csv.gz"))
    assert other.exit_code == 1
    assert "they are of another market" in other.output


def test_the_past_ends_where_the_exchange_begins(tmp_path: Path) -> None:
    data = Home(tmp_path).data
    data.mkdir()
    asyncio.run(lived(data, traded=True))
    file = tmp_path / "late.csv"
    late = LATER // 1_000 - LATER // 1_000 % 60_000
    head = "open_time_ms,open,high,low,close,volume\n"
    rows = [f"{late + number * 60_000},1,1,1,1,1\n" for number in (-2, -1, 0)]
    file.write_text(head + "".join(rows))
    result = load(tmp_path, "klines", file)
    assert result.exit_code == 1
    assert "line 4: it reaches beyond 2025-06-15 15:06 UTC" in result.output
    file.write_text(head + "".join(rows[:2]))
    assert load(tmp_path, "klines", file).exit_code == 0


def test_who_asks_for_what_is_not_there_hears_what_is(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text("open_time_ms,open,high,low,close,volume\n")
    assert "there are: BTCUSDT" in load(home, "klines", file, "NOPE").output
    nowhere = load(tmp_path / "nowhere", "klines", file)
    assert (nowhere.exit_code, "no exchange in" in nowhere.output) == (1, True)


def test_a_running_exchange_is_left_alone(home: Path, tmp_path: Path) -> None:
    taken = Home(home)
    taken.take()
    try:
        result = load(home, "klines", tmp_path / "some.csv")
    finally:
        taken.leave()
    assert result.exit_code == 1
    assert "an exchange is already running" in result.output
