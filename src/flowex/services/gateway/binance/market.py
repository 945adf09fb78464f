"""Public market data: time, books, trades, candles."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from flowex.ports.market_data import Kline
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    EndText,
    InstantText,
    Limit1000,
    Limit5000,
    OrderNumber,
    Parameters,
    SymbolText,
    choice,
    plain,
)
from flowex.services.gateway.intervals import INTERVALS, MONTH
from flowex.services.gateway.months import monthly
from flowex.units.instants import MINUTE

_ROWS: Final = 500
_AVERAGE_MINUTES: Final = 5
_DEPTH_WEIGHTS: Final = ((100, 5), (500, 25), (1_000, 50))
_DEPTH_WEIGHT_MAX: Final = 250
_DIGITS_MAX: Final = 6


class DepthOf(Parameters, frozen=True, kw_only=True):
    """GET depth."""

    symbol: SymbolText
    limit: Limit5000 = 100


class TradesOf(Parameters, frozen=True, kw_only=True):
    """GET trades and historicalTrades."""

    symbol: SymbolText
    limit: Limit1000 = _ROWS
    from_id: OrderNumber | None = None


class AggregatesOf(Parameters, frozen=True, kw_only=True):
    """GET aggTrades."""

    symbol: SymbolText
    from_id: OrderNumber | None = None
    start_time: InstantText | None = None
    end_time: EndText | None = None
    limit: Limit1000 = _ROWS


class KlinesOf(Parameters, frozen=True, kw_only=True):
    """GET klines."""

    symbol: SymbolText
    interval: Annotated[int, choice(INTERVALS, errors.BAD_INTERVAL)]
    start_time: InstantText | None = None
    end_time: EndText | None = None
    time_zone: Annotated[str, plain(8)] | None = None
    limit: Limit1000 = _ROWS


class AverageOf(Parameters, frozen=True, kw_only=True):
    """GET avgPrice."""

    symbol: SymbolText


def depth_weight(texts: Mapping[str, str]) -> int:
    """Return what a book of the asked size costs."""
    text = texts.get("limit", "100")
    if not (text.isascii() and text.isdigit()):
        return _DEPTH_WEIGHTS[0][1]
    limit = int(text[:_DIGITS_MAX])
    return next((weight for most, weight in _DEPTH_WEIGHTS if limit <= most), _DEPTH_WEIGHT_MAX)


def ping(desk: Desk, call: Call, wanted: Nothing) -> bytes:
    """Say that somebody is there."""
    return b"{}"


def time(desk: Desk, call: Call, wanted: Nothing) -> dict[str, int]:
    """Return the time by which requests are judged."""
    return {"serverTime": call.instant(call.now)}


def depth(desk: Desk, call: Call, wanted: DepthOf) -> dict[str, Any]:
    """Return the best levels of a book."""
    instrument = desk.instrument(wanted.symbol)
    book = desk.exchange.market.depth(instrument.id, wanted.limit)
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return {
        "lastUpdateId": book.last_update,
        "bids": [(padded(p, price_decimals), padded(q, quantity_decimals)) for p, q in book.bids],
        "asks": [(padded(p, price_decimals), padded(q, quantity_decimals)) for p, q in book.asks],
    }


def trades(desk: Desk, call: Call, wanted: TradesOf) -> list[dict[str, Any]]:
    """Return public trades, the newest or from an id on."""
    instrument = desk.instrument(wanted.symbol)
    found = desk.exchange.market.trades(instrument.id, wanted.limit, wanted.from_id)
    return [
        {
            "id": trade.trade,
            "price": padded(trade.price, instrument.price_decimals),
            "qty": padded(trade.quantity, instrument.quantity_decimals),
            "quoteQty": padded(trade.quote_amount, instrument.quote.decimals),
            "time": call.instant(trade.time),
            "isBuyerMaker": trade.buyer_is_maker,
            "isBestMatch": True,
        }
        for trade in found
    ]


def aggregates(desk: Desk, call: Call, wanted: AggregatesOf) -> list[dict[str, Any]]:
    """Return trades with the fills of one taker order at one price joined."""
    instrument = desk.instrument(wanted.symbol)
    has_times = wanted.start_time is not None or wanted.end_time is not None
    if wanted.from_id is not None and has_times:
        raise Refusal(errors.BAD_COMBINATION)
    found = desk.exchange.market.aggregates(
        instrument.id, wanted.limit, wanted.from_id, wanted.start_time, wanted.end_time
    )
    return [
        {
            "a": trade.aggregate,
            "p": padded(trade.price, instrument.price_decimals),
            "q": padded(trade.quantity, instrument.quantity_decimals),
            "f": trade.first_trade,
            "l": trade.last_trade,
            "T": call.instant(trade.time),
            "m": trade.buyer_is_maker,
            "M": True,
        }
        for trade in found
    ]


def klines(desk: Desk, call: Call, wanted: KlinesOf) -> list[tuple[Any, ...]]:
    """Return candles."""
    instrument = desk.instrument(wanted.symbol)
    market, bounds = desk.exchange.market, (wanted.limit, wanted.start_time, wanted.end_time)
    if wanted.interval == MONTH:
        found = monthly(market, instrument.id, *bounds, call.now)
    else:
        found = market.klines(instrument.id, wanted.interval, *bounds)
    return [kline_row(instrument, kline, call) for kline in found]


def kline_row(instrument: Instrument, kline: Kline, call: Call) -> tuple[Any, ...]:
    """Return a candle as the twelve items of a row."""
    price_decimals, quote_decimals = instrument.price_decimals, instrument.quote.decimals
    return (
        call.instant(kline.open_time),
        padded(kline.open, price_decimals),
        padded(kline.high, price_decimals),
        padded(kline.low, price_decimals),
        padded(kline.close, price_decimals),
        padded(kline.volume, instrument.quantity_decimals),
        call.instant(kline.close_time),
        padded(kline.quote_volume, quote_decimals),
        kline.trades,
        padded(kline.taker_buy_volume, instrument.quantity_decimals),
        padded(kline.taker_buy_quote_volume, quote_decimals),
        "0",
    )


def average(desk: Desk, call: Call, wanted: AverageOf) -> dict[str, Any]:
    """Return the volume-weighted price of the last minutes, else the last price."""
    instrument = desk.instrument(wanted.symbol)
    market = desk.exchange.market
    since = call.now - _AVERAGE_MINUTES * MINUTE
    recent = market.klines(instrument.id, MINUTE, _AVERAGE_MINUTES, since)
    volume = sum(kline.volume for kline in recent)
    quote_volume = sum(kline.quote_volume for kline in recent)
    price = quote_volume // volume if volume else market.last_price(instrument.id)
    return {
        "mins": _AVERAGE_MINUTES,
        "price": padded(price, instrument.price_decimals),
        "closeTime": call.instant(call.now),
    }


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v3/ping", Security.NONE, 1, Nothing, ping, "Is anybody there", "ping"),
    Endpoint("GET", "/api/v3/time", Security.NONE, 1, Nothing, time, "Server time", "time"),
    Endpoint(
        "GET",
        "/api/v3/depth",
        Security.NONE,
        depth_weight,
        DepthOf,
        depth,
        "Order book",
        "depth",
    ),
    Endpoint(
        "GET",
        "/api/v3/trades",
        Security.NONE,
        25,
        TradesOf,
        trades,
        "Recent trades",
        "trades.recent",
    ),
    Endpoint(
        "GET",
        "/api/v3/historicalTrades",
        Security.NONE,
        25,
        TradesOf,
        trades,
        "Older trades",
        "trades.historical",
    ),
    Endpoint(
        "GET",
        "/api/v3/aggTrades",
        Security.NONE,
        4,
        AggregatesOf,
        aggregates,
        "Aggregate trades",
        "trades.aggregate",
    ),
    Endpoint(
        "GET",
        "/api/v3/klines",
        Security.NONE,
        2,
        KlinesOf,
        klines,
        "Candles",
        "klines",
    ),
    Endpoint(
        "GET",
        "/api/v3/uiKlines",
        Security.NONE,
        2,
        KlinesOf,
        klines,
        "Candles for charts",
        "uiKlines",
    ),
    Endpoint(
        "GET",
        "/api/v3/avgPrice",
        Security.NONE,
        2,
        AverageOf,
        average,
        "Average price of five minutes",
        "avgPrice",
    ),
)
"""This file's rows of the table."""
