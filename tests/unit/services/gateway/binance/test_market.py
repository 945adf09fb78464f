"""Public market data over REST."""

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW

from flowex.services.gateway.binance.tickers import day_weight

SYMBOL_FIELDS = [
    "symbol",
    "status",
    "baseAsset",
    "baseAssetPrecision",
    "quoteAsset",
    "quotePrecision",
    "quoteAssetPrecision",
    "baseCommissionPrecision",
    "quoteCommissionPrecision",
    "orderTypes",
    "icebergAllowed",
    "ocoAllowed",
    "otoAllowed",
    "opoAllowed",
    "quoteOrderQtyMarketAllowed",
    "allowTrailingStop",
    "cancelReplaceAllowed",
    "amendAllowed",
    "pegInstructionsAllowed",
    "isSpotTradingAllowed",
    "isMarginTradingAllowed",
    "filters",
    "permissions",
    "permissionSets",
    "defaultSelfTradePreventionMode",
    "allowedSelfTradePreventionModes",
]


async def trade(rest: Rest) -> None:
    await rest.limit("SELL", "1", "25000", "bob")
    await rest.limit("BUY", "0.4", "25000")
    await rest.limit("BUY", "0.5", "24000")


async def test_exchange_info_has_every_field_in_its_place(rest: Rest) -> None:
    info = await rest.public("/api/v3/exchangeInfo")
    assert (info["timezone"], info["serverTime"]) == ("UTC", NOW // 1_000)
    assert info["exchangeFilters"][0]["filterType"] == "EXCHANGE_MAX_NUM_ORDERS"
    assert {
        "rateLimitType": "ORDERS",
        "interval": "DAY",
        "intervalNum": 1,
        "limit": 200_000,
    } in info["rateLimits"]
    btcusdt, ethbtc = info["symbols"]
    assert set(btcusdt) == set(ethbtc) == set(SYMBOL_FIELDS)
    assert btcusdt["permissionSets"] == [["SPOT"]]
    assert btcusdt["permissions"] == []
    price, lot = btcusdt["filters"][:2]
    assert price == {
        "filterType": "PRICE_FILTER",
        "minPrice": "0.01000000",
        "maxPrice": "1000000.00000000",
        "tickSize": "0.01000000",
    }
    assert (lot["filterType"], lot["stepSize"]) == ("LOT_SIZE", "0.00001000")
    notional = next(f for f in ethbtc["filters"] if f["filterType"] == "NOTIONAL")
    assert notional["minNotional"] == "0.00010000"


async def test_exchange_info_of_some_symbols(rest: Rest) -> None:
    async def symbols(**params: str) -> list[str]:
        info = await rest.public("/api/v3/exchangeInfo", **params)
        return [row["symbol"] for row in info["symbols"]]

    assert await symbols(symbol="ETHBTC") == ["ETHBTC"]
    assert await symbols(symbols='["ETHBTC","BTCUSDT"]') == ["ETHBTC", "BTCUSDT"]
    assert await symbols(permissions="SPOT") == ["BTCUSDT", "ETHBTC"]
    assert await symbols(permissions="MARGIN") == []
    assert await symbols(symbolStatus="HALT") == []
    response = await rest.raw("GET", "/api/v3/exchangeInfo?symbol=NOPE")
    assert (response.status_code, response.json()["code"]) == (400, -1121)


async def test_the_book_is_best_first_and_padded(rest: Rest) -> None:
    await trade(rest)
    book = await rest.public("/api/v3/depth", symbol="BTCUSDT", limit=5)
    assert book["bids"] == [["24000.00000000", "0.50000000"]]
    assert book["asks"] == [["25000.00000000", "0.60000000"]]
    assert book["lastUpdateId"] == 3


async def test_trades_and_their_aggregates(rest: Rest) -> None:
    await trade(rest)
    (row,) = await rest.public("/api/v3/trades", symbol="BTCUSDT", limit=10)
    assert row == {
        "id": 1,
        "price": "25000.00000000",
        "qty": "0.40000000",
        "quoteQty": "10000.00000000",
        "time": NOW // 1_000,
        "isBuyerMaker": False,
        "isBestMatch": True,
    }
    assert await rest.public("/api/v3/historicalTrades", symbol="BTCUSDT", fromId=1) == [row]
    (joined,) = await rest.public("/api/v3/aggTrades", symbol="BTCUSDT")
    assert (joined["f"], joined["l"], joined["m"], joined["M"]) == (1, 1, False, True)


async def test_candles_are_rows_of_twelve(rest: Rest) -> None:
    await trade(rest)
    (row,) = await rest.public("/api/v3/klines", symbol="BTCUSDT", interval="1m")
    assert len(row) == 12
    assert row[6] == row[0] + 59_999
    assert row[1:6] == ["25000.00000000"] * 4 + ["0.40000000"]
    assert (row[8], row[11]) == (1, "0")
    bad = await rest.raw("GET", "/api/v3/klines?symbol=BTCUSDT&interval=7m")
    assert bad.json() == {"code": -1120, "msg": "Invalid interval."}


async def test_tickers(rest: Rest) -> None:
    await trade(rest)
    one = await rest.public("/api/v3/ticker/price", symbol="BTCUSDT")
    assert one == {"symbol": "BTCUSDT", "price": "25000.00000000"}
    both = await rest.public("/api/v3/ticker/price")
    assert [row["symbol"] for row in both] == ["BTCUSDT", "ETHBTC"]
    book = await rest.public("/api/v3/ticker/bookTicker", symbols='["BTCUSDT"]')
    assert book == [
        {
            "symbol": "BTCUSDT",
            "bidPrice": "24000.00000000",
            "bidQty": "0.50000000",
            "askPrice": "25000.00000000",
            "askQty": "0.60000000",
        }
    ]
    day = await rest.public("/api/v3/ticker/24hr", symbol="BTCUSDT")
    assert len(day) == 21
    assert (day["priceChangePercent"], day["weightedAvgPrice"]) == ("0.000", "25000.00000000")
    mini = await rest.public("/api/v3/ticker/24hr", symbol="BTCUSDT", type="MINI")
    assert len(mini) == 12
    average = await rest.public("/api/v3/avgPrice", symbol="BTCUSDT")
    assert (average["mins"], average["price"]) == (5, "25000.00000000")


async def test_what_default_clients_ask_while_loading(rest: Rest) -> None:
    for path in ("/sapi/v1/margin/allPairs", "/sapi/v1/margin/isolated/allPairs"):
        assert await rest.public(path) == []
    assert (await rest.public("/fapi/v1/exchangeInfo"))["symbols"] == []
    coin_margined = await rest.public("/dapi/v1/exchangeInfo")
    assert list(coin_margined) == [
        "timezone", "serverTime", "rateLimits", "exchangeFilters", "symbols",
    ]  # fmt: skip
    assert await rest.public("/sapi/v1/system/status") == {"status": 0, "msg": "normal"}
    assert await rest.public("/api/v3/ping") == {}
    coins = await rest.ok("GET", "/sapi/v1/capital/config/getall")
    assert [coin["coin"] for coin in coins] == ["BTC", "USDT", "ETH"]
    fees = await rest.ok("GET", "/sapi/v1/asset/tradeFee", symbol="BTCUSDT")
    assert fees[0]["makerCommission"] == "0.00100000"


async def test_listen_keys_live_an_hour_and_are_renewed(rest: Rest) -> None:
    path = "/api/v3/userDataStream"
    key = (await rest.ok("POST", path))["listenKey"]
    assert (await rest.ok("POST", path))["listenKey"] == key
    assert await rest.ok("PUT", path, listenKey=key) == {}
    assert await rest.refused("PUT", path, "bob", listenKey=key) == (
        400,
        -1125,
        "This listenKey does not exist.",
    )
    assert await rest.ok("DELETE", path, listenKey=key) == {}
    assert (await rest.refused("PUT", path, listenKey=key))[1] == -1125


@pytest.mark.parametrize(
    ("limit", "weight"), [("5", 5), ("101", 25), ("1000", 50), ("5000", 250), ("0000005000", 250)]
)
async def test_the_weight_of_a_book(rest: Rest, limit: str, weight: int) -> None:
    response = await rest.send("GET", "/api/v3/depth", symbol="BTCUSDT", limit=limit)
    assert response.headers["x-mbx-used-weight-1m"] == str(weight)


def test_the_weight_of_day_tickers() -> None:
    assert day_weight({"symbol": "A"}) == 2
    assert day_weight({"symbols": '["A","B"]'}) == 2
    assert day_weight({"symbols": "," * 30}) == 40
    assert day_weight({}) == 80


async def test_aggregates_start_at_an_id_or_at_a_time(rest: Rest) -> None:
    answer = await rest.raw("GET", "/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=0")
    assert (answer.status_code, answer.json()["code"]) == (400, -1128)
