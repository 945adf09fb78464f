"""Tickers and candles as the contract has them: windows, days and zones, statuses, weights."""

from typing import Any

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

from flowex.messages import commands
from flowex.messages.enums import InstrumentState
from flowex.ports.market_data import MarketDataDown
from flowex.services.gateway.binance.failures import as_refusal
from flowex.services.gateway.binance.tickers import WINDOWS, window_weight
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

MS = 1_000
NOW_MS = NOW // MS
MIDNIGHT_MS = (NOW - NOW % DAY) // MS
FULL = [
    "symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "openPrice", "highPrice",
    "lowPrice", "lastPrice", "volume", "quoteVolume", "openTime", "closeTime", "firstId", "lastId",
    "count",
]  # fmt: skip
MINI = [
    "symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume",
    "openTime", "closeTime", "firstId", "lastId", "count",
]  # fmt: skip
DAY_FULL = [
    "symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice",
    "lastPrice", "lastQty", "bidPrice", "bidQty", "askPrice", "askQty", "openPrice", "highPrice",
    "lowPrice", "volume", "quoteVolume", "openTime", "closeTime", "firstId", "lastId", "count",
]  # fmt: skip


async def trade(rest: Rest, stand: Stand, price: str, quantity: str) -> None:
    now = stand.clock.now() // MS
    await rest.limit("SELL", quantity, price, "bob", timestamp=now)
    await rest.limit("BUY", quantity, price, timestamp=now)


async def refusal(rest: Rest, target: str) -> tuple[int, str]:
    answer = await rest.raw("GET", "/api/v3/" + target)
    assert answer.status_code == 400, answer.text
    content = answer.json()
    return content["code"], content["msg"]


async def test_a_rolling_window_opens_on_a_minute(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    stand.clock.advance(2 * MINUTE)
    await trade(rest, stand, "26000", "0.1")
    later = NOW_MS + 120_000
    whole = await rest.public("/api/v3/ticker", symbol="BTCUSDT")
    assert list(whole) == FULL
    assert whole == {
        "symbol": "BTCUSDT",
        "priceChange": "1000.00000000",
        "priceChangePercent": "4.000",
        "weightedAvgPrice": "25200.00000000",
        "openPrice": "25000.00000000",
        "highPrice": "26000.00000000",
        "lowPrice": "25000.00000000",
        "lastPrice": "26000.00000000",
        "volume": "0.50000000",
        "quoteVolume": "12600.00000000",
        "openTime": later - later % 60_000 - 86_400_000,
        "closeTime": later,
        "firstId": 1,
        "lastId": 2,
        "count": 2,
    }
    short = await rest.public("/api/v3/ticker", symbol="BTCUSDT", windowSize="1m", type="MINI")
    assert list(short) == MINI
    assert (short["firstId"], short["openPrice"], short["count"]) == (2, "26000.00000000", 1)
    both = await rest.public("/api/v3/ticker", symbols='["ETHBTC","BTCUSDT"]', windowSize="7d")
    assert [row["symbol"] for row in both] == ["ETHBTC", "BTCUSDT"]
    nothing = both[0]
    assert (nothing["lastPrice"], nothing["firstId"], nothing["count"]) == ("0.00000000", -1, 0)
    assert nothing["priceChangePercent"] == "0.000"


async def test_a_window_without_trades_repeats_the_last_price(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    stand.clock.advance(HOUR)
    row = await rest.public("/api/v3/ticker", symbol="BTCUSDT", windowSize="59m")
    assert (row["openPrice"], row["lastPrice"]) == ("25000.00000000", "25000.00000000")
    assert (row["volume"], row["weightedAvgPrice"], row["count"]) == (
        "0.00000000", "0.00000000", 0,
    )  # fmt: skip
    assert (row["firstId"], row["lastId"]) == (-1, -1)


async def test_a_trading_day_is_the_day_of_its_zone(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    path = "/api/v3/ticker/tradingDay"
    day = await rest.public(path, symbol="BTCUSDT")
    assert list(day) == FULL
    assert (day["openTime"], day["closeTime"]) == (MIDNIGHT_MS, MIDNIGHT_MS + 86_399_999)
    assert day["count"] == 1
    stand.clock.advance(2 * HOUR)  # Past midnight in UTC, and past the hour in every zone below.
    assert (await rest.public(path, symbol="BTCUSDT"))["count"] == 0
    tomorrow = MIDNIGHT_MS + 86_400_000
    for zone, opened, count in (
        ("2", tomorrow - 7_200_000, 1),
        ("1:30", tomorrow - 5_400_000, 0),
        ("-1:00", MIDNIGHT_MS + 3_600_000, 1),
        ("-00:30", MIDNIGHT_MS + 1_800_000, 1),
        ("14:00", MIDNIGHT_MS + 36_000_000, 1),
    ):
        row = await rest.public(path, symbol="BTCUSDT", timeZone=zone, type="MINI")
        assert (row["openTime"], row["count"]) == (opened, count), zone


async def test_candles_open_by_the_clock_of_a_zone(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")

    async def opening(interval: str, zone: str) -> Any:
        rows = await rest.public(
            "/api/v3/klines", symbol="BTCUSDT", interval=interval, timeZone=zone
        )
        return rows[-1][0], rows[-1][6]

    assert await opening("1d", "0") == (MIDNIGHT_MS, MIDNIGHT_MS + 86_399_999)
    assert await opening("1d", "8") == (MIDNIGHT_MS + 57_600_000, MIDNIGHT_MS + 143_999_999)
    assert await opening("1d", "-1:00") == (MIDNIGHT_MS + 3_600_000, MIDNIGHT_MS + 89_999_999)
    quarter = NOW_MS - NOW_MS % 900_000  # At 22:13 the hour of Kathmandu began at 21:15.
    assert await opening("1h", "05:45") == (quarter - 2_700_000, quarter + 899_999)
    monday = MIDNIGHT_MS - 86_400_000
    assert (await opening("1w", "0"))[0] == monday
    november = MIDNIGHT_MS - 13 * 86_400_000
    assert await opening("1M", "0") == (november, november + 30 * 86_400_000 - 1)
    assert await opening("1M", "-12:00") == (
        november + 43_200_000, november + 30 * 86_400_000 - 1 + 43_200_000,
    )  # fmt: skip
    second = NOW_MS - NOW_MS % 1_000
    assert await opening("1s", "14:00") == (second, second + 999)


async def test_candles_without_trades_repeat_the_close(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    stand.clock.advance(3 * SECOND)
    rows = await rest.public("/api/v3/uiKlines", symbol="BTCUSDT", interval="1s")
    assert len(rows) == 4
    assert [row[8] for row in rows] == [1, 0, 0, 0]
    assert rows[-1][1:6] == ["25000.00000000"] * 4 + ["0.00000000"]
    one = await rest.public(
        "/api/v3/klines", symbol="BTCUSDT", interval="1s", startTime=rows[1][0], endTime=rows[1][0]
    )
    assert one == [rows[1]]
    assert await rest.public("/api/v3/klines", symbol="ETHBTC", interval="1s") == []
    cut = await rest.public("/api/v3/klines", symbol="BTCUSDT", interval="1s", limit=5_000)
    assert cut == rows


@pytest.mark.parametrize(
    ("zone", "code"),
    [("15", -1130), ("14:01", -1130), ("-12:01", -1130), ("8:60", -1100), ("x", -1100),
     ("8:5", -1100), ("٨", -1100), ("123", -1100), ("", -1105)],
)  # fmt: skip
async def test_zones_that_are_none(rest: Rest, zone: str, code: int) -> None:
    for path in ("klines?interval=1d&symbol=BTCUSDT", "ticker/tradingDay?symbol=BTCUSDT"):
        assert (await refusal(rest, f"{path}&timeZone={zone}"))[0] == code


async def test_the_average_is_weighted_by_volume_over_five_minutes(
    rest: Rest, stand: Stand
) -> None:
    path = "/api/v3/avgPrice"
    assert await rest.public(path, symbol="BTCUSDT") == {
        "mins": 5, "price": "0.00000000", "closeTime": 0,
    }  # fmt: skip
    await trade(rest, stand, "25000", "0.4")
    stand.clock.advance(4 * MINUTE)
    await trade(rest, stand, "26000", "0.2")
    average = await rest.public(path, symbol="BTCUSDT")
    assert average == {"mins": 5, "price": "25333.33333333", "closeTime": NOW_MS + 240_000}
    stand.clock.advance(MINUTE + SECOND)
    assert (await rest.public(path, symbol="BTCUSDT"))["price"] == "26000.00000000"
    stand.clock.advance(5 * MINUTE)
    quiet = await rest.public(path, symbol="BTCUSDT")
    assert (quiet["price"], quiet["closeTime"]) == ("26000.00000000", NOW_MS + 240_000)


async def test_day_tickers_are_full_or_mini(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    full = await rest.public("/api/v3/ticker/24hr", symbol="BTCUSDT")
    assert list(full) == DAY_FULL
    assert full["lastQty"] == "0.40000000"
    minis = await rest.public("/api/v3/ticker/24hr", type="MINI")
    assert [list(row) for row in minis] == [MINI, MINI]
    for row in (full, minis[0]):
        volume, quote = float(row["volume"]), float(row["quoteVolume"])
        assert volume * float(row["lowPrice"]) <= quote <= volume * float(row["highPrice"])


ONE_OF_A_STATUS = (
    "depth", "ticker/24hr", "ticker/tradingDay", "ticker", "ticker/price", "ticker/bookTicker",
)  # fmt: skip


@pytest.mark.parametrize("path", ONE_OF_A_STATUS)
async def test_a_status_is_a_condition_for_one_and_a_filter_for_many(
    rest: Rest, stand: Stand, path: str
) -> None:
    stand.apply(commands.SetInstrumentState(instrument=2, state=InstrumentState.HALT))
    trading = await rest.raw("GET", f"/api/v3/{path}?symbol=BTCUSDT&symbolStatus=TRADING")
    assert trading.status_code == 200
    assert (await refusal(rest, f"{path}?symbol=BTCUSDT&symbolStatus=HALT"))[0] == -1220
    assert await refusal(rest, f"{path}?symbol=BTCUSDT&symbolStatus=GONE") == (
        -1122, "Invalid symbolStatus.",
    )  # fmt: skip
    if path == "depth":
        return
    rows = await rest.public(f"/api/v3/{path}", symbols='["BTCUSDT","ETHBTC"]', symbolStatus="HALT")
    assert [row["symbol"] for row in rows] == ["ETHBTC"]


@pytest.mark.parametrize("path", ONE_OF_A_STATUS[1:])
async def test_one_symbol_or_several(rest: Rest, path: str) -> None:
    clash = f'{path}?symbol=BTCUSDT&symbols=["BTCUSDT"]'
    assert (await refusal(rest, clash))[0] == -1128
    assert await refusal(rest, f"{path}?symbol=NOPE") == (-1121, "Invalid symbol.")
    assert (await refusal(rest, f'{path}?symbols=["BTCUSDT","NOPE"]'))[0] == -1121
    assert (await refusal(rest, f'{path}?symbols=["BTCUSDT","BTCUSDT"]'))[0] == -1151
    several = await rest.public(f"/api/v3/{path}", symbols='["BTCUSDT"]')
    assert [row["symbol"] for row in several] == ["BTCUSDT"]
    if path in ("ticker", "ticker/tradingDay"):
        assert await refusal(rest, path) == (
            -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!",
        )  # fmt: skip
        many = "[" + ",".join(f'"A{number}"' for number in range(101)) + "]"
        assert (await refusal(rest, f"{path}?symbols={many}"))[0] == -1130
    else:
        every = await rest.public(f"/api/v3/{path}")
        assert [row["symbol"] for row in every] == ["BTCUSDT", "ETHBTC"]


async def test_windows_and_sizes_that_are_none(rest: Rest) -> None:
    for window in ("60m", "24h", "8d", "0m", "1M", "1w", "1"):
        assert (await refusal(rest, f"ticker?symbol=BTCUSDT&windowSize={window}"))[0] == -1130
    assert (await refusal(rest, "ticker?symbol=BTCUSDT&type=full"))[0] == -1130


def test_every_window_of_the_contract_is_there() -> None:
    assert len(WINDOWS) == 59 + 23 + 7


def test_a_window_costs_four_for_each_symbol_up_to_200() -> None:
    assert window_weight({"symbol": "A"}) == 4
    assert window_weight({}) == 4
    assert window_weight({"symbols": '["A","B","C"]'}) == 12
    assert window_weight({"symbols": "," * 80}) == 200


async def test_the_weights_are_charged(rest: Rest) -> None:
    async def used(target: str) -> int:
        answer = await rest.raw("GET", "/api/v3/" + target)
        return int(answer.headers["X-MBX-USED-WEIGHT-1M"])

    before = await used("ping")
    for target, weight in (
        ("historicalTrades?symbol=BTCUSDT", 25),
        ("avgPrice?symbol=BTCUSDT", 2),
        ("klines?symbol=BTCUSDT&interval=1s", 2),
        ('ticker?symbols=["BTCUSDT","ETHBTC"]', 8),
        ("ticker/tradingDay?symbol=BTCUSDT", 4),
        ("ticker/24hr", 80),
    ):
        after = await used(target)
        assert after - before == weight, target
        before = after


def test_a_history_that_cannot_be_read_asks_to_come_back() -> None:
    fault = as_refusal(MarketDataDown("gone"), "GET klines").fault
    assert (fault.status, fault.code) == (503, -1008)


async def test_instants_in_microseconds(rest: Rest, stand: Stand) -> None:
    await trade(rest, stand, "25000", "0.4")
    headers = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    for target, times in (
        ("trades?symbol=BTCUSDT", lambda body: [body[0]["time"]]),
        ("klines?symbol=BTCUSDT&interval=1s", lambda body: [body[0][0]]),
        ("avgPrice?symbol=BTCUSDT", lambda body: [body["closeTime"]]),
        ("ticker?symbol=BTCUSDT", lambda body: [body["openTime"], body["closeTime"]]),
    ):
        answer = await rest.raw("GET", "/api/v3/" + target, headers=headers)
        assert all(time > NOW_MS * 900 for time in times(answer.json())), target
