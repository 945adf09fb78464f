"""Tickers: the last price, the best quotes, the rolling day."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import msgspec

from flowex.ports.market_data import Ticker
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import Parameters, Symbols, SymbolText, choice

_PERCENT_DECIMALS: Final = 3
_AVERAGE_DECIMALS: Final = 8
_DAY_WEIGHTS: Final = ((20, 2), (100, 40))
_DAY_WEIGHT_MAX: Final = 80


class TickerOf(Parameters, frozen=True, kw_only=True):
    """GET ticker/price and ticker/bookTicker."""

    symbol: SymbolText | None = None
    symbols: Symbols | None = None


class DayTickerOf(TickerOf, frozen=True, kw_only=True):
    """GET ticker/24hr."""

    kind: Annotated[str, choice({"FULL": "FULL", "MINI": "MINI"})] = msgspec.field(
        default="FULL", name="type"
    )


def ticker_weight(texts: Mapping[str, str]) -> int:
    """Return 2 for one symbol, 4 for more."""
    return 2 if "symbol" in texts else 4


def day_weight(texts: Mapping[str, str]) -> int:
    """Return what a day ticker of that many symbols costs."""
    if "symbol" in texts:
        return 2
    if "symbols" not in texts:
        return _DAY_WEIGHT_MAX
    asked = texts["symbols"].count(",") + 1
    return next((weight for most, weight in _DAY_WEIGHTS if asked <= most), _DAY_WEIGHT_MAX)


def _each(
    desk: Desk, wanted: TickerOf, row: Callable[[Instrument], dict[str, Any]]
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one row for a symbol, a list of them otherwise."""
    if wanted.symbol is not None:
        if wanted.symbols is not None:
            raise Refusal(errors.BAD_COMBINATION)
        return row(desk.instrument(wanted.symbol))
    if wanted.symbols is not None:
        return [row(desk.instrument(symbol)) for symbol in wanted.symbols]
    return [row(instrument) for instrument in desk.exchange.trading.instruments()]


def price(desk: Desk, call: Call, wanted: TickerOf) -> dict[str, Any] | list[dict[str, Any]]:
    """Return last prices."""
    market = desk.exchange.market

    def row(instrument: Instrument) -> dict[str, Any]:
        last = market.last_price(instrument.id)
        return {"symbol": instrument.symbol, "price": padded(last, instrument.price_decimals)}

    return _each(desk, wanted, row)


def book(desk: Desk, call: Call, wanted: TickerOf) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the best quotes."""

    def row(instrument: Instrument) -> dict[str, Any]:
        return {"symbol": instrument.symbol, **best_quotes(desk, instrument)}

    return _each(desk, wanted, row)


def day(desk: Desk, call: Call, wanted: DayTickerOf) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the rolling 24 hours."""

    def row(instrument: Instrument) -> dict[str, Any]:
        ticker = desk.exchange.market.ticker(instrument.id)
        short = day_ticker(instrument, ticker, call)
        if wanted.kind == "MINI":
            return short
        return short | day_change(instrument, ticker) | best_quotes(desk, instrument)

    return _each(desk, wanted, row)


def best_quotes(desk: Desk, instrument: Instrument) -> dict[str, str]:
    """Return the best bid and ask; zeros on an empty side."""
    depth = desk.exchange.market.depth(instrument.id, 1)
    bid = depth.bids[0] if depth.bids else (0, 0)
    ask = depth.asks[0] if depth.asks else (0, 0)
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return {
        "bidPrice": padded(bid[0], price_decimals),
        "bidQty": padded(bid[1], quantity_decimals),
        "askPrice": padded(ask[0], price_decimals),
        "askQty": padded(ask[1], quantity_decimals),
    }


def day_ticker(instrument: Instrument, ticker: Ticker, call: Call) -> dict[str, Any]:
    """Return what MINI and FULL share."""
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return {
        "symbol": instrument.symbol,
        "openPrice": padded(ticker.open, price_decimals),
        "highPrice": padded(ticker.high, price_decimals),
        "lowPrice": padded(ticker.low, price_decimals),
        "lastPrice": padded(ticker.last, price_decimals),
        "volume": padded(ticker.volume, quantity_decimals),
        "quoteVolume": padded(ticker.quote_volume, instrument.quote.decimals),
        "openTime": call.instant(ticker.open_time),
        "closeTime": call.instant(ticker.close_time),
        "firstId": ticker.first_trade,
        "lastId": ticker.last_trade,
        "count": ticker.trades,
    }


def day_change(instrument: Instrument, ticker: Ticker) -> dict[str, str]:
    """Return what FULL adds about the change of price; percent has 3 decimals, cut off."""
    price_decimals = instrument.price_decimals
    change = ticker.last - ticker.open
    percent = abs(change) * 100 * 10**_PERCENT_DECIMALS // ticker.open if ticker.open else 0
    return {
        "priceChange": padded(change, price_decimals),
        "priceChangePercent": percent_text(-percent if change < 0 else percent),
        "weightedAvgPrice": weighted_average(instrument, ticker),
        "prevClosePrice": padded(ticker.previous_close, price_decimals),
        "lastQty": padded(ticker.last_quantity, instrument.quantity_decimals),
    }


def percent_text(thousandths: int) -> str:
    """Return thousandths of a percent as text with 3 decimals."""
    whole, fraction = divmod(abs(thousandths), 10**_PERCENT_DECIMALS)
    return f"{'-' if thousandths < 0 else ''}{whole}.{fraction:03d}"


def weighted_average(instrument: Instrument, ticker: Ticker) -> str:
    """Return quote volume / base volume, with 8 decimals, cut off."""
    if not ticker.volume:
        return padded(0, _AVERAGE_DECIMALS)
    shift = max(_AVERAGE_DECIMALS - instrument.price_decimals, 0)
    return padded(
        ticker.quote_volume * 10**shift // ticker.volume, instrument.price_decimals + shift
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/ticker/24hr",
        Security.NONE,
        day_weight,
        DayTickerOf,
        day,
        "The rolling day",
        "ticker.24hr",
    ),
    Endpoint(
        "GET",
        "/api/v3/ticker/price",
        Security.NONE,
        ticker_weight,
        TickerOf,
        price,
        "Last prices",
        "ticker.price",
    ),
    Endpoint(
        "GET",
        "/api/v3/ticker/bookTicker",
        Security.NONE,
        ticker_weight,
        TickerOf,
        book,
        "Best quotes",
        "ticker.book",
    ),
)
"""This file's rows of the table."""
