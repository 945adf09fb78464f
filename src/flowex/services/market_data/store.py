"""The market data room's tables: trades and candles, so that a restarted market has a past."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    select,
)

from flowex.ports.database import Reader, Row
from flowex.ports.market_data import Kline, PublicTrade
from flowex.services.market_data.candles import KEPT_MAX
from flowex.services.market_data.market import Market
from flowex.services.market_data.ticker import Day
from flowex.toolkit.projection import progress_table

METADATA: Final = MetaData()

LOADED_TRADES_MAX: Final = 1_000
"""Trades of an instrument that are loaded at the start."""

WIDE_MAX: Final = 40
"""Digits of a sum that may not fit 64 bits, kept as text: what is traded twice counts twice."""

TRADES: Final = Table(
    "market_data_trades",
    METADATA,
    Column("instrument", BigInteger, nullable=False),
    Column("trade_id", BigInteger, nullable=False),
    Column("aggregate_id", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("buyer_is_maker", Boolean, nullable=False),
    Column("buyer_order", BigInteger, nullable=False),
    Column("seller_order", BigInteger, nullable=False),
    PrimaryKeyConstraint("instrument", "trade_id"),
    sqlite_with_rowid=False,
)

KLINES: Final = Table(
    "market_data_klines",
    METADATA,
    Column("instrument", BigInteger, nullable=False),
    Column("interval_us", BigInteger, nullable=False),
    Column("open_time", BigInteger, nullable=False),
    Column("close_time", BigInteger, nullable=False),
    Column("open_price", BigInteger, nullable=False),
    Column("high_price", BigInteger, nullable=False),
    Column("low_price", BigInteger, nullable=False),
    Column("close_price", BigInteger, nullable=False),
    Column("volume", String(WIDE_MAX), nullable=False),
    Column("quote_volume", String(WIDE_MAX), nullable=False),
    Column("trades", Integer, nullable=False),
    Column("taker_buy_volume", String(WIDE_MAX), nullable=False),
    Column("taker_buy_quote_volume", String(WIDE_MAX), nullable=False),
    Column("first_trade", BigInteger, nullable=False),
    Column("last_trade", BigInteger, nullable=False),
    PrimaryKeyConstraint("instrument", "interval_us", "open_time"),
    sqlite_with_rowid=False,
)
"""Candles of the base intervals; after the first two, the columns are the fields of `Kline`."""

_WIDE: Final = tuple(isinstance(column.type, String) for column in list(KLINES.c)[2:])

PROGRESS: Final = progress_table("market_data", METADATA)


def load(reader: Reader) -> dict[int, Market]:
    """Return every market that has a past: its candles, its day and its latest trades."""
    markets: dict[int, Market] = {}
    number = _next_instrument(reader, 0)
    while number is not None:
        market = markets[number] = Market(number)
        for base, most in KEPT_MAX.items():
            market.candles.load(base, _klines(reader, number, base, most))
        market.day = Day(market.candles.minutes)
        rows = _trades(reader, number)
        market.tape.load([_trade(row) for row in rows], [row[2] for row in rows])
        number = _next_instrument(reader, number)
    return markets


def kline_row(instrument: int, interval: int, kline: Kline) -> Row:
    """Return a candle's row."""
    fields = zip(_WIDE, astuple(kline), strict=True)
    return (instrument, interval, *(str(value) if wide else value for wide, value in fields))


def _kline(row: Row) -> Kline:
    return Kline(*map(int, row))


def _next_instrument(reader: Reader, after: int) -> int | None:
    found = reader.rows(select(func.min(KLINES.c.instrument)).where(KLINES.c.instrument > after))
    return found[0][0] if found else None


def _klines(reader: Reader, instrument: int, base: int, most: int) -> list[Kline]:
    c = KLINES.c
    query = (
        select(*list(c)[2:])
        .where(c.instrument == instrument, c.interval_us == base)
        .order_by(c.open_time.desc())
        .limit(most)
    )
    return [_kline(row) for row in reversed(reader.rows(query))]


def _trades(reader: Reader, instrument: int) -> Sequence[Row]:
    query = (
        select(TRADES)
        .where(TRADES.c.instrument == instrument)
        .order_by(TRADES.c.trade_id.desc())
        .limit(LOADED_TRADES_MAX)
    )
    return reader.rows(query)[::-1]


def _trade(row: Row) -> PublicTrade:
    _, trade, _, price, quantity, time, buyer_is_maker, buyer, seller = row
    return PublicTrade(
        trade, price, quantity, price * quantity, time, buyer_is_maker, buyer, seller
    )
