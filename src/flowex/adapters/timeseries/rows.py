"""What both technologies have in common: the columns of trades and candles, and how they are read.

Drivers make integers of more than 64 bits slowly, so a sum travels in two halves.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from flowex.ports.market_data import AggregateTrade, Kline, PublicTrade
from flowex.ports.timeseries import RecordedCandle, RecordedTrade

Column = Sequence[Any]
Row = Sequence[Any]

TRADE_COLUMNS: Final = (
    "instrument",
    "trade",
    "aggregate",
    "price",
    "quantity",
    "time",
    "buyer_is_maker",
    "buyer_order",
    "seller_order",
)

CANDLE_COLUMNS: Final = (
    "instrument",
    "interval_us",
    "open_time",
    "open_price",
    "high_price",
    "low_price",
    "close_price",
    "volume",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "first_trade",
    "last_trade",
)

SUMS: Final = ("volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume")
"""The columns of a candle that have 128 bits."""

TOO_MANY: Final = "more rows are asked for than LIMIT_MAX"

_PLAIN: Final = (
    "open_time",
    "open_price",
    "high_price",
    "low_price",
    "close_price",
    "trades",
    "first_trade",
    "last_trade",
)

_AGGREGATE: Final = attrgetter("aggregate")

AGGREGATE_PAGE_MIN: Final = 2_000
"""So many trades at least are looked at for aggregates."""


class Condition(NamedTuple):
    """What a row must fulfil: a column, how it compares, and with what."""

    column: str
    comparison: str
    value: int


def between(column: str, low: int | None, high: int | None) -> list[Condition]:
    """Return that a column lies between the values, each inclusive or absent."""
    conditions = [] if low is None else [Condition(column, ">=", low)]
    return conditions if high is None else [*conditions, Condition(column, "<=", high)]


def trade_columns(trades: Sequence[RecordedTrade]) -> list[Column]:
    """Return trades column by column, as ``TRADE_COLUMNS`` names them; flags are 0 and 1."""
    rows = [
        (
            instrument,
            trade.trade,
            aggregate,
            trade.price,
            trade.quantity,
            trade.time,
            int(trade.buyer_is_maker),
            trade.buyer_order,
            trade.seller_order,
        )
        for instrument, aggregate, trade in trades
    ]
    return list(zip(*rows, strict=True))


def candle_columns(candles: Sequence[RecordedCandle]) -> list[Column]:
    """Return candles column by column, as ``CANDLE_COLUMNS`` names them."""
    rows = [
        (
            instrument,
            interval,
            candle.open_time,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            candle.quote_volume,
            candle.trades,
            candle.taker_buy_volume,
            candle.taker_buy_quote_volume,
            candle.first_trade,
            candle.last_trade,
        )
        for instrument, interval, candle in candles
    ]
    return list(zip(*rows, strict=True))


def trade_of(row: Row) -> RecordedTrade:
    """Return the trade of a row of ``TRADE_COLUMNS``; its amount is price times quantity."""
    instrument, trade, aggregate, price, quantity, time, buyer_is_maker, buyer, seller = row
    amount = price * quantity
    return RecordedTrade(
        instrument,
        aggregate,
        PublicTrade(trade, price, quantity, amount, time, bool(buyer_is_maker), buyer, seller),
    )


def candle_select(low: str, high: str) -> str:
    """Return what to select of a candle; ``low`` and ``high`` are halves of the sum ``{}``."""
    return ", ".join((*_PLAIN, *_halves("{}", low, high)))


def folded_select(bucket: str, low: str, high: str, first_of: str, last_of: str) -> str:
    """Return what to select of the candles of a bucket, in the order of ``candle_select``.

    ``first_of`` and ``last_of`` are the functions that take a value where another is least or most.
    """
    plain = (
        f"{bucket} AS bucket",
        f"{first_of}(open_price, open_time)",
        "max(high_price)",
        "min(low_price)",
        f"{last_of}(close_price, open_time)",
        "sum(trades)",
        "min(CASE WHEN first_trade >= 0 THEN first_trade END)",
        "max(CASE WHEN last_trade >= 0 THEN last_trade END)",
    )
    return ", ".join((*plain, *_halves("sum({})", low, high)))


def _halves(total: str, low: str, high: str) -> list[str]:
    sums = [total.format(name) for name in SUMS]
    return [half.format(one) for one in sums for half in (low, high)]


def candles_of(rows: Sequence[Row], interval: int) -> list[Kline]:
    """Return the candles of rows of ``candle_select``."""
    length = interval - 1
    return [
        Kline(
            opened,
            opened + length,
            open_,
            high,
            low,
            close,
            volume + (volume_high << 64),
            quote + (quote_high << 64),
            trades,
            taker + (taker_high << 64),
            taker_quote + (taker_quote_high << 64),
            -1 if first is None else first,
            -1 if last is None else last,
        )
        for (
            opened,
            open_,
            high,
            low,
            close,
            trades,
            first,
            last,
            volume,
            volume_high,
            quote,
            quote_high,
            taker,
            taker_high,
            taker_quote,
            taker_quote_high,
        ) in rows
    ]


def aggregates(
    page_of: Callable[[int], Sequence[RecordedTrade]], limit: int, *, newest: bool
) -> list[AggregateTrade]:
    """Return so many aggregates, oldest first, from pages of trades, oldest first.

    When a page is full, the aggregate at its far end may have more trades than it shows, so it does
    not count; a larger page is asked for until that does not matter.
    """
    size = max(AGGREGATE_PAGE_MIN, 4 * limit)
    while True:
        page = page_of(size)
        found = [_aggregate(list(parts)) for _, parts in groupby(page, key=_AGGREGATE)]
        if len(page) == size:
            found = found[1:] if newest else found[:-1]
            if len(found) < limit:
                size *= 4
                continue
        return found[-limit:] if newest else found[:limit]


def _aggregate(parts: Sequence[RecordedTrade]) -> AggregateTrade:
    first, last = parts[0].trade, parts[-1].trade
    return AggregateTrade(
        parts[0].aggregate,
        first.price,
        sum(part.trade.quantity for part in parts),
        first.trade,
        last.trade,
        first.time,
        first.buyer_is_maker,
    )
