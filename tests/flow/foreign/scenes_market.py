"""Scenes of market data: first of an exchange where nothing happened, then of one with trades."""

from typing import Any

from flow.foreign.stage import Hand, Scenes, Stage

BTC, ETH = "BTCUSDT", "ETHUSDT"
BOTH = '["BTCUSDT","ETHUSDT"]'
MINUTE_MILLISECONDS = 60_000

QUIET = Scenes()
BUSY = Scenes()


@QUIET("GET /api/v3/ping", "GET /api/v3/time")
def the_exchange_answers(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/ping")
    stage.alice.ask("GET /api/v3/time")


@QUIET("GET /api/v3/exchangeInfo")
def the_symbols_are_told(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/exchangeInfo")


@QUIET("GET /api/v3/depth", "GET /api/v3/trades", "GET /api/v3/aggTrades", "GET /api/v3/klines")
def an_empty_market_is_told(stage: Stage) -> None:
    ask = stage.alice.ask
    ask("GET /api/v3/depth", symbol=ETH)
    assert ask("GET /api/v3/trades", symbol=ETH) == []
    assert ask("GET /api/v3/aggTrades", symbol=ETH) == []
    assert ask("GET /api/v3/klines", symbol=ETH, interval="1m") == []


@QUIET("GET /api/v3/ticker/24hr", "GET /api/v3/ticker/price", "GET /api/v3/ticker/bookTicker")
def tickers_of_an_empty_market(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/ticker/24hr", symbol=ETH)
    stage.alice.ask("GET /api/v3/ticker/24hr", symbol=ETH, type="MINI")
    stage.alice.ask("GET /api/v3/ticker/price", symbol=ETH)
    stage.alice.ask("GET /api/v3/ticker/bookTicker", symbol=ETH)


@BUSY("GET /api/v3/depth")
def books_of_every_size(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/depth", symbol=BTC)
    for limit in (5, 100, 101, 500, 501, 1_000, 1_001, 5_000, 6_000):
        stage.alice.ask("GET /api/v3/depth", symbol=BTC, limit=limit)


@BUSY("GET /api/v3/trades", "GET /api/v3/aggTrades")
def trades_of_every_kind(stage: Stage) -> None:
    ask = stage.alice.ask
    assert ask("GET /api/v3/trades", symbol=BTC)
    ask("GET /api/v3/trades", symbol=BTC, limit=2)
    ask("GET /api/v3/aggTrades", symbol=BTC)
    ask("GET /api/v3/aggTrades", symbol=BTC, fromId=1, limit=2)
    now = server_time(stage.alice)
    ask("GET /api/v3/aggTrades", symbol=BTC, startTime=now - MINUTE_MILLISECONDS, endTime=now)


@BUSY("GET /api/v3/historicalTrades")
def older_trades(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/historicalTrades", symbol=BTC)
    stage.alice.ask("GET /api/v3/historicalTrades", symbol=BTC, fromId=1, limit=3)


INTERVALS = (
    *("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h"),
    *("1d", "3d", "1w", "1M"),
)


@BUSY("GET /api/v3/klines")
def candles_of_every_interval(stage: Stage) -> None:
    for interval in INTERVALS:
        assert stage.alice.ask("GET /api/v3/klines", symbol=BTC, interval=interval), interval
    now = server_time(stage.alice)
    times = {"startTime": now - 10 * MINUTE_MILLISECONDS, "endTime": now}
    stage.alice.ask("GET /api/v3/klines", symbol=BTC, interval="1m", limit=2, **times)
    stage.alice.ask("GET /api/v3/klines", symbol=BTC, interval="1d", timeZone="05:45")


@BUSY("GET /api/v3/uiKlines")
def candles_for_charts(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/uiKlines", symbol=BTC, interval="1h")
    stage.alice.ask("GET /api/v3/uiKlines", symbol=BTC, interval="1d", timeZone="-3:30")


@BUSY("GET /api/v3/avgPrice")
def the_average_price(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/avgPrice", symbol=BTC)


@BUSY("GET /api/v3/ticker/24hr")
def day_tickers(stage: Stage) -> None:
    _tickers(stage.alice, "GET /api/v3/ticker/24hr")
    stage.alice.ask("GET /api/v3/ticker/24hr")


@BUSY("GET /api/v3/ticker/tradingDay")
def trading_day_tickers(stage: Stage) -> None:
    _tickers(stage.alice, "GET /api/v3/ticker/tradingDay")
    stage.alice.ask("GET /api/v3/ticker/tradingDay", symbol=BTC, timeZone="05:45")


@BUSY("GET /api/v3/ticker")
def rolling_tickers(stage: Stage) -> None:
    _tickers(stage.alice, "GET /api/v3/ticker")
    for size in ("1m", "59m", "1h", "23h", "1d", "7d"):
        stage.alice.ask("GET /api/v3/ticker", symbol=BTC, windowSize=size)


@BUSY("GET /api/v3/ticker/price", "GET /api/v3/ticker/bookTicker")
def prices_and_quotes(stage: Stage) -> None:
    for label in ("GET /api/v3/ticker/price", "GET /api/v3/ticker/bookTicker"):
        stage.alice.ask(label)
        stage.alice.ask(label, symbol=BTC)
        stage.alice.ask(label, symbols=BOTH)


def _tickers(hand: Hand, label: str) -> None:
    hand.ask(label, symbol=BTC)
    hand.ask(label, symbol=BTC, type="FULL")
    hand.ask(label, symbol=BTC, type="MINI")
    hand.ask(label, symbols=BOTH)
    hand.ask(label, symbols=BOTH, type="MINI")


@BUSY("GET /api/v3/exchangeInfo")
def symbols_by_choice(stage: Stage) -> None:
    label = "GET /api/v3/exchangeInfo"
    if stage.kind.name == "python-binance":
        return  # Its function takes no parameters.
    stage.alice.ask(label, symbol=BTC)
    stage.alice.ask(label, symbols=BOTH)
    stage.alice.ask(label, permissions='["SPOT"]')
    stage.alice.ask(label, showPermissionSets="false")
    stage.alice.ask(label, symbolStatus="TRADING")


def server_time(hand: Hand) -> int:
    """Return the exchange's time, by whatever form the client gives it."""
    answer: Any = hand.ask("GET /api/v3/time")
    return int(answer["serverTime"] if isinstance(answer, dict) else answer.server_time)
