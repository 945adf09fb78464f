"""Candles of a calendar month, put together from those of a day: no fixed length fits a month."""

from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime
from typing import Final

from flowex.ports.market_data import Kline, MarketData
from flowex.units.instants import DAY, SECOND

_DAYS_MAX: Final = 31
_YEAR: Final = 12


def month_of(instant: int) -> int:
    """Return the month an instant (µs) lies in, counted from year 0."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    return moment.year * _YEAR + moment.month - 1


def begin_of(month: int) -> int:
    """Return the first instant (µs) of a month counted from year 0."""
    year, index = divmod(month, _YEAR)
    return int(datetime(year, index + 1, 1, tzinfo=UTC).timestamp()) * SECOND


def monthly(
    market: MarketData,
    instrument: int,
    limit: int,
    start_time: int | None,
    end_time: int | None,
    now: int,
) -> list[Kline]:
    """Return the month candles that open within the bounds; rules as ``MarketData.klines``."""
    # No candle opens after now, and the calendar knows no year above 9999: both bounds end there.
    last = month_of(now if end_time is None else min(end_time, now))
    if start_time is None:
        first = last - limit + 1
    else:
        first = month_of(min(max(start_time, 1), now + 1) - 1) + 1
    if last < first:
        return []
    begin, end = begin_of(max(first, month_of(0))), begin_of(last + 1) - 1
    return joined(market.klines(instrument, DAY, limit * _DAYS_MAX, begin, end))[:limit]


def joined(days: Iterable[Kline]) -> list[Kline]:
    """Return day candles put together by month, oldest first."""
    months: list[Kline] = []
    for day in days:
        month = month_of(day.open_time)
        begin = begin_of(month)
        if not months or months[-1].open_time != begin:
            candle = copy(day)
            candle.open_time, candle.close_time = begin, begin_of(month + 1) - 1
            months.append(candle)
            continue
        candle = months[-1]
        candle.high = max(candle.high, day.high)
        candle.low = min(candle.low, day.low)
        candle.close = day.close
        candle.volume += day.volume
        candle.quote_volume += day.quote_volume
        candle.trades += day.trades
        candle.taker_buy_volume += day.taker_buy_volume
        candle.taker_buy_quote_volume += day.taker_buy_quote_volume
        candle.last_trade = day.last_trade
    return months
