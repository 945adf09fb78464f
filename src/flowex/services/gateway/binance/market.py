"""Public market data: time, books, trades, candles."""

from typing import Annotated, ClassVar, Final

import msgspec

from flowex.ports.market_data import AggregateTrade, Kline, PublicTrade
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.answers import Empty
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.parameters import (
    EndText,
    InstantText,
    Limit1000,
    Limit5000,
    OrderNumber,
    Parameters,
    SymbolText,
    choice,
)
from flowex.services.gateway.binance.rules import Excludes, Rule
from flowex.services.gateway.binance.tickers import (
    MISMATCH,
    StatusText,
    weighted_average,
    with_status,
)
from flowex.services.gateway.binance.weights import ByLimit
from flowex.services.gateway.binance.zones import ZoneText
from flowex.services.gateway.intervals import INTERVALS
from flowex.units.instants import MINUTE

_ROWS: Final = 500
_LEVELS: Final = 100
_AVERAGE_MINUTES: Final = 5

Level = tuple[str, str]
"""Price and quantity."""


class DepthOf(Parameters, frozen=True, kw_only=True):
    """GET depth."""

    symbol: SymbolText
    limit: Limit5000 = _LEVELS
    symbol_status: StatusText | None = None


class TradesOf(Parameters, frozen=True, kw_only=True):
    """GET trades."""

    symbol: SymbolText
    limit: Limit1000 = _ROWS


class OlderTradesOf(TradesOf, frozen=True, kw_only=True):
    """GET historicalTrades."""

    from_id: OrderNumber | None = None


class AggregatesOf(Parameters, frozen=True, kw_only=True):
    """GET aggTrades."""

    RULES: ClassVar[tuple[Rule, ...]] = (Excludes("fromId", ("startTime", "endTime")),)

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
    time_zone: ZoneText = 0
    limit: Limit1000 = _ROWS


class AverageOf(Parameters, frozen=True, kw_only=True):
    """GET avgPrice."""

    symbol: SymbolText


class ServerTime(msgspec.Struct, rename="camel"):
    """The time by which requests are judged."""

    server_time: int


class Book(msgspec.Struct, rename="camel"):
    """The best levels of a book, best first."""

    last_update_id: int
    bids: list[Level]
    asks: list[Level]


class TradeRow(msgspec.Struct, rename="camel"):
    """A public trade."""

    id: int
    price: str
    qty: str
    quote_qty: str
    time: int
    is_buyer_maker: bool
    is_best_match: bool = True


class AggregateRow(msgspec.Struct):
    """The fills of one taker order at one price."""

    a: int
    p: str
    q: str
    f: int
    l: int  # noqa: E741 - the dialect's word
    T: int
    m: bool
    M: bool = True


class KlineRow(msgspec.Struct, array_like=True):
    """A candle; the last item means nothing."""

    open_time: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    close_time: int
    quote_volume: str
    trades: int
    taker_buy_volume: str
    taker_buy_quote_volume: str
    unused: str = "0"


class AveragePrice(msgspec.Struct, rename="camel"):
    """The average price of the last minutes; ``closeTime`` is when the last trade was."""

    mins: int
    price: str
    close_time: int


def ping(desk: Desk, call: Call, wanted: Nothing) -> Empty:
    """Say that somebody is there."""
    return Empty()


def time(desk: Desk, call: Call, wanted: Nothing) -> ServerTime:
    """Return the time by which requests are judged."""
    return ServerTime(call.instant(call.now))


def depth(desk: Desk, call: Call, wanted: DepthOf) -> Book:
    """Return the best levels of a book."""
    instrument = with_status(desk.instrument(wanted.symbol), wanted.symbol_status)
    book = desk.exchange.market.depth(instrument.id, wanted.limit)
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return Book(
        book.last_update,
        [(padded(p, price_decimals), padded(q, quantity_decimals)) for p, q in book.bids],
        [(padded(p, price_decimals), padded(q, quantity_decimals)) for p, q in book.asks],
    )


async def trades(desk: Desk, call: Call, wanted: TradesOf) -> list[TradeRow]:
    """Return the newest public trades."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.market.trades(instrument.id, wanted.limit)
    return [_trade_row(instrument, trade, call) for trade in found]


async def older_trades(desk: Desk, call: Call, wanted: OlderTradesOf) -> list[TradeRow]:
    """Return public trades from an id on, or the newest."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.market.trades(instrument.id, wanted.limit, wanted.from_id)
    return [_trade_row(instrument, trade, call) for trade in found]


async def aggregates(desk: Desk, call: Call, wanted: AggregatesOf) -> list[AggregateRow]:
    """Return trades with the fills of one taker order at one price joined."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.market.aggregates(
        instrument.id, wanted.limit, wanted.from_id, wanted.start_time, wanted.end_time
    )
    return [_aggregate_row(instrument, trade, call) for trade in found]


async def klines(desk: Desk, call: Call, wanted: KlinesOf) -> list[KlineRow]:
    """Return candles that open at whole multiples of the interval in the time zone."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.market.klines(
        instrument.id,
        wanted.interval,
        wanted.limit,
        wanted.start_time,
        wanted.end_time,
        wanted.time_zone,
    )
    return [kline_row(instrument, kline, call) for kline in found]


def kline_row(instrument: Instrument, kline: Kline, call: Call) -> KlineRow:
    """Return a candle as the twelve items of a row."""
    price_decimals, quote_decimals = instrument.price_decimals, instrument.quote.decimals
    return KlineRow(
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
    )


def average(desk: Desk, call: Call, wanted: AverageOf) -> AveragePrice:
    """Return the volume-weighted price of five minutes, cut after 8 decimals, or the last price."""
    instrument = desk.instrument(wanted.symbol)
    lately = desk.exchange.market.average(instrument.id, _AVERAGE_MINUTES * MINUTE)
    if lately.volume:
        price = weighted_average(instrument, lately.quote_volume, lately.volume)
    else:
        price = padded(lately.last_price, instrument.price_decimals)
    return AveragePrice(_AVERAGE_MINUTES, price, call.instant(lately.last_time))


def _trade_row(instrument: Instrument, trade: PublicTrade, call: Call) -> TradeRow:
    return TradeRow(
        trade.trade,
        padded(trade.price, instrument.price_decimals),
        padded(trade.quantity, instrument.quantity_decimals),
        padded(trade.quote_amount, instrument.quote.decimals),
        call.instant(trade.time),
        trade.buyer_is_maker,
    )


def _aggregate_row(instrument: Instrument, trade: AggregateTrade, call: Call) -> AggregateRow:
    return AggregateRow(
        trade.aggregate,
        padded(trade.price, instrument.price_decimals),
        padded(trade.quantity, instrument.quantity_decimals),
        trade.first_trade,
        trade.last_trade,
        call.instant(trade.time),
        trade.buyer_is_maker,
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v3/ping", Security.NONE, 1, Nothing, ping, "Is anybody there", "ping"),
    Endpoint("GET", "/api/v3/time", Security.NONE, 1, Nothing, time, "Server time", "time"),
    Endpoint(
        "GET",
        "/api/v3/depth",
        Security.NONE,
        ByLimit(((100, 5), (500, 25), (1_000, 50)), above=250, default=_LEVELS),
        DepthOf,
        depth,
        "Order book",
        "depth",
        MISMATCH,
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
        OlderTradesOf,
        older_trades,
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
