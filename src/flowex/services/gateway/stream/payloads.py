"""What the public streams say, in the dialect's one-letter words; instants in ms."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from flowex.ports.market_data import AggregateTrade, Depth, Kline, PublicTrade, Ticker
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded

ENCODE: Final = msgspec.json.Encoder().encode


def trade(instrument: Instrument, happened: PublicTrade, now: int) -> bytes:
    """Return ``trade``."""
    return ENCODE(
        {
            "e": "trade",
            "E": now // 1_000,
            "s": instrument.symbol,
            "t": happened.trade,
            "p": padded(happened.price, instrument.price_decimals),
            "q": padded(happened.quantity, instrument.quantity_decimals),
            "T": happened.time // 1_000,
            "m": happened.buyer_is_maker,
            "M": True,
        }
    )


def aggregate(instrument: Instrument, happened: AggregateTrade, now: int) -> bytes:
    """Return ``aggTrade``."""
    return ENCODE(
        {
            "e": "aggTrade",
            "E": now // 1_000,
            "s": instrument.symbol,
            "a": happened.aggregate,
            "p": padded(happened.price, instrument.price_decimals),
            "q": padded(happened.quantity, instrument.quantity_decimals),
            "f": happened.first_trade,
            "l": happened.last_trade,
            "T": happened.time // 1_000,
            "m": happened.buyer_is_maker,
            "M": True,
        }
    )


def levels(instrument: Instrument, rows: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
    """Return (price, quantity) rows as text."""
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return [(padded(p, price_decimals), padded(q, quantity_decimals)) for p, q in rows]


def depth_update(
    instrument: Instrument,
    first: int,
    last: int,
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
    now: int,
) -> bytes:
    """Return ``depthUpdate``: absolute quantities, zero deletes."""
    return ENCODE(
        {
            "e": "depthUpdate",
            "E": now // 1_000,
            "s": instrument.symbol,
            "U": first,
            "u": last,
            "b": levels(instrument, bids),
            "a": levels(instrument, asks),
        }
    )


def partial_book(instrument: Instrument, book: Depth) -> bytes:
    """Return the best levels."""
    return ENCODE(
        {
            "lastUpdateId": book.last_update,
            "bids": levels(instrument, book.bids),
            "asks": levels(instrument, book.asks),
        }
    )


def best_quotes(instrument: Instrument, book: Depth) -> bytes:
    """Return ``bookTicker``, which has no event type."""
    bid = book.bids[0] if book.bids else (0, 0)
    ask = book.asks[0] if book.asks else (0, 0)
    ((b, bid_quantity), (a, ask_quantity)) = levels(instrument, (bid, ask))
    return ENCODE(
        {
            "u": book.last_update,
            "s": instrument.symbol,
            "b": b,
            "B": bid_quantity,
            "a": a,
            "A": ask_quantity,
        }
    )


def kline(
    instrument: Instrument, candle: Kline, interval: str, now: int, *, is_closed: bool
) -> bytes:
    """Return ``kline``."""
    price_decimals, quote_decimals = instrument.price_decimals, instrument.quote.decimals
    return ENCODE(
        {
            "e": "kline",
            "E": now // 1_000,
            "s": instrument.symbol,
            "k": {
                "t": candle.open_time // 1_000,
                "T": candle.close_time // 1_000,
                "s": instrument.symbol,
                "i": interval,
                "f": candle.first_trade,
                "L": candle.last_trade,
                "o": padded(candle.open, price_decimals),
                "c": padded(candle.close, price_decimals),
                "h": padded(candle.high, price_decimals),
                "l": padded(candle.low, price_decimals),
                "v": padded(candle.volume, instrument.quantity_decimals),
                "n": candle.trades,
                "x": is_closed,
                "q": padded(candle.quote_volume, quote_decimals),
                "V": padded(candle.taker_buy_volume, instrument.quantity_decimals),
                "Q": padded(candle.taker_buy_quote_volume, quote_decimals),
                "B": "0",
            },
        }
    )


def mini_ticker(instrument: Instrument, ticker: Ticker, now: int) -> dict[str, Any]:
    """Return ``24hrMiniTicker``, not yet encoded: lists of them are sent too."""
    price_decimals = instrument.price_decimals
    return {
        "e": "24hrMiniTicker",
        "E": now // 1_000,
        "s": instrument.symbol,
        "c": padded(ticker.last, price_decimals),
        "o": padded(ticker.open, price_decimals),
        "h": padded(ticker.high, price_decimals),
        "l": padded(ticker.low, price_decimals),
        "v": padded(ticker.volume, instrument.quantity_decimals),
        "q": padded(ticker.quote_volume, instrument.quote.decimals),
    }


def full_ticker(instrument: Instrument, ticker: Ticker, book: Depth, now: int) -> dict[str, Any]:
    """Return ``24hrTicker``, not yet encoded."""
    price_decimals = instrument.price_decimals
    change = ticker.last - ticker.open
    thousandths = abs(change) * 100_000 // ticker.open if ticker.open else 0
    sign = "-" if change < 0 and thousandths else ""
    average = ticker.quote_volume // ticker.volume if ticker.volume else 0
    bid = book.bids[0] if book.bids else (0, 0)
    ask = book.asks[0] if book.asks else (0, 0)
    ((b, bid_quantity), (a, ask_quantity)) = levels(instrument, (bid, ask))
    return mini_ticker(instrument, ticker, now) | {
        "e": "24hrTicker",
        "p": padded(change, price_decimals),
        "P": f"{sign}{thousandths // 1_000}.{thousandths % 1_000:03d}",
        "w": padded(average, price_decimals),
        "x": padded(ticker.previous_close, price_decimals),
        "Q": padded(ticker.last_quantity, instrument.quantity_decimals),
        "b": b,
        "B": bid_quantity,
        "a": a,
        "A": ask_quantity,
        "O": ticker.open_time // 1_000,
        "C": ticker.close_time // 1_000,
        "F": ticker.first_trade,
        "L": ticker.last_trade,
        "n": ticker.trades,
    }
