"""Tickers: the last price, the best quotes, the rolling day, any window, the day of a time zone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Annotated, ClassVar, Final, TypeVar

import msgspec

from flowex.messages.enums import InstrumentState
from flowex.ports.market_data import Kline, Ticker
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import Parameters, Symbols, SymbolText, choice
from flowex.services.gateway.binance.rules import Excludes, OneOf, Rule
from flowex.services.gateway.binance.zones import ZoneText
from flowex.units.instants import DAY, HOUR, MINUTE

WINDOWS: Final = {
    **{f"{minutes}m": minutes * MINUTE for minutes in range(1, 60)},
    **{f"{hours}h": hours * HOUR for hours in range(1, 24)},
    **{f"{days}d": days * DAY for days in range(1, 8)},
}
"""The lengths of a rolling window, in µs."""

WINDOW_SYMBOLS_MAX: Final = 100
"""Most symbols of a question for windows that are put together for it."""

MISMATCH: Final = frozenset({errors.STATUS_MISMATCH})
_STATUSES: Final = {word: word for word in dict.fromkeys(words.SYMBOL_STATUS.values())}
_IS_MINI: Final = {"FULL": False, "MINI": True}
_PERCENT_DECIMALS: Final = 3
_AVERAGE_DECIMALS: Final = 8
_DAY_WEIGHTS: Final = ((20, 2), (100, 40))
_DAY_WEIGHT_MAX: Final = 80
_SYMBOL_WEIGHT: Final = 4
_SYMBOL_WEIGHT_MAX: Final = 200

StatusText = Annotated[str, choice(_STATUSES, errors.BAD_SYMBOL_STATUS)]
SizeText = Annotated[bool, choice(_IS_MINI)]

T = TypeVar("T")


class TickerOf(Parameters, frozen=True, kw_only=True):
    """GET ticker/price and ticker/bookTicker."""

    RULES: ClassVar[tuple[Rule, ...]] = (Excludes("symbol", ("symbols",)),)

    symbol: SymbolText | None = None
    symbols: Symbols | None = None
    symbol_status: StatusText | None = None


class DayTickerOf(TickerOf, frozen=True, kw_only=True):
    """GET ticker/24hr."""

    is_mini: SizeText = msgspec.field(default=False, name="type")


class WindowOf(DayTickerOf, frozen=True, kw_only=True):
    """GET ticker."""

    RULES: ClassVar[tuple[Rule, ...]] = (*TickerOf.RULES, OneOf("symbol", "symbols"))

    window_size: Annotated[int, choice(WINDOWS)] = DAY


class TradingDayOf(DayTickerOf, frozen=True, kw_only=True):
    """GET ticker/tradingDay."""

    RULES: ClassVar[tuple[Rule, ...]] = WindowOf.RULES

    time_zone: ZoneText = 0


class PriceTicker(msgspec.Struct):
    """The last price."""

    symbol: str
    price: str


class Quotes(msgspec.Struct, rename="camel"):
    """The best bid and ask; zeros on an empty side."""

    symbol: str
    bid_price: str
    bid_qty: str
    ask_price: str
    ask_qty: str


class DayTicker(msgspec.Struct, rename="camel"):
    """The rolling 24 hours, FULL."""

    symbol: str
    price_change: str
    price_change_percent: str
    weighted_avg_price: str
    prev_close_price: str
    last_price: str
    last_qty: str
    bid_price: str
    bid_qty: str
    ask_price: str
    ask_qty: str
    open_price: str
    high_price: str
    low_price: str
    volume: str
    quote_volume: str
    open_time: int
    close_time: int
    first_id: int
    last_id: int
    count: int


class WindowTicker(msgspec.Struct, rename="camel"):
    """A window, FULL."""

    symbol: str
    price_change: str
    price_change_percent: str
    weighted_avg_price: str
    open_price: str
    high_price: str
    low_price: str
    last_price: str
    volume: str
    quote_volume: str
    open_time: int
    close_time: int
    first_id: int
    last_id: int
    count: int


class MiniTicker(msgspec.Struct, rename="camel"):
    """A window, MINI."""

    symbol: str
    open_price: str
    high_price: str
    low_price: str
    last_price: str
    volume: str
    quote_volume: str
    open_time: int
    close_time: int
    first_id: int
    last_id: int
    count: int


def ticker_weight(texts: Mapping[str, str]) -> int:
    """Return 2 for one symbol, 4 for more."""
    return 2 if "symbol" in texts else 4


def day_weight(texts: Mapping[str, str]) -> int:
    """Return 2 for up to 20 symbols, 40 for up to 100, 80 for more or all."""
    if "symbol" in texts:
        return 2
    if "symbols" not in texts:
        return _DAY_WEIGHT_MAX
    asked = texts["symbols"].count(",") + 1
    return next((weight for most, weight in _DAY_WEIGHTS if asked <= most), _DAY_WEIGHT_MAX)


def window_weight(texts: Mapping[str, str]) -> int:
    """Return 4 for each symbol, at most 200."""
    asked = texts.get("symbols", "").count(",") + 1
    return min(_SYMBOL_WEIGHT * asked, _SYMBOL_WEIGHT_MAX)


def price(desk: Desk, call: Call, wanted: TickerOf) -> PriceTicker | list[PriceTicker]:
    """Return last prices."""
    market = desk.exchange.market

    def row(instrument: Instrument) -> PriceTicker:
        last = market.last_price(instrument.id)
        return PriceTicker(instrument.symbol, padded(last, instrument.price_decimals))

    return _each(desk, wanted, row)


def book(desk: Desk, call: Call, wanted: TickerOf) -> Quotes | list[Quotes]:
    """Return the best quotes."""
    return _each(desk, wanted, lambda instrument: best_quotes(desk, instrument))


def day(
    desk: Desk, call: Call, wanted: DayTickerOf
) -> DayTicker | MiniTicker | list[DayTicker] | list[MiniTicker]:
    """Return the rolling 24 hours; they open on a minute."""
    market = desk.exchange.market

    def full(instrument: Instrument) -> DayTicker:
        ticker = market.ticker(instrument.id)
        return _day_ticker(instrument, ticker, best_quotes(desk, instrument), call)

    def mini(instrument: Instrument) -> MiniTicker:
        return _mini(instrument, _window_of(market.ticker(instrument.id)), call)

    if wanted.is_mini:
        minis = _each(desk, wanted, mini)
        return minis  # noqa: RET504 - the type checker infers each of the two by itself.
    rows = _each(desk, wanted, full)
    return rows  # noqa: RET504 - as above.


async def window(
    desk: Desk, call: Call, wanted: WindowOf
) -> WindowTicker | MiniTicker | list[WindowTicker] | list[MiniTicker]:
    """Return a rolling window; it opens on a minute."""
    opened = call.now - call.now % MINUTE - wanted.window_size
    return await _windows(desk, call, wanted, opened, None)


async def trading_day(
    desk: Desk, call: Call, wanted: TradingDayOf
) -> WindowTicker | MiniTicker | list[WindowTicker] | list[MiniTicker]:
    """Return the running day of a time zone, told from its first to its last moment."""
    opened = call.now - (call.now + wanted.time_zone) % DAY
    return await _windows(desk, call, wanted, opened, opened + DAY - 1)


async def _windows(
    desk: Desk, call: Call, wanted: DayTickerOf, opened: int, closed: int | None
) -> WindowTicker | MiniTicker | list[WindowTicker] | list[MiniTicker]:
    market = desk.exchange.market

    async def traded(instrument: Instrument) -> Kline:
        found = await market.since(instrument.id, opened)
        found.close_time = closed or found.close_time
        return found

    async def full(instrument: Instrument) -> WindowTicker:
        return _window_ticker(instrument, await traded(instrument), call)

    async def mini(instrument: Instrument) -> MiniTicker:
        return _mini(instrument, await traded(instrument), call)

    if wanted.symbols is not None and len(wanted.symbols) > WINDOW_SYMBOLS_MAX:
        raise Refusal(errors.bad_value("symbols"))
    if wanted.is_mini:
        minis = _each(desk, wanted, mini)
        return await _all(minis) if isinstance(minis, list) else await minis
    rows = _each(desk, wanted, full)
    return await _all(rows) if isinstance(rows, list) else await rows


def _each(desk: Desk, wanted: TickerOf, row: Callable[[Instrument], T]) -> T | list[T]:
    """Return one row for a symbol, otherwise a list of them, all with the status asked for."""
    status = wanted.symbol_status
    if wanted.symbol is not None:
        return row(with_status(desk.instrument(wanted.symbol), status))
    found: Sequence[Instrument] = desk.exchange.trading.instruments()
    if wanted.symbols is not None:
        found = [desk.instrument(symbol) for symbol in wanted.symbols]
    return [row(instrument) for instrument in found if status in (None, _status(instrument))]


async def _all(rows: Iterable[Awaitable[T]]) -> list[T]:
    """Return all that is awaited, asked at once."""
    return await asyncio.gather(*rows)


def with_status(instrument: Instrument, status: str | None) -> Instrument:
    """Return the instrument; raise Refusal -1220 when it has another status than asked for."""
    if status not in (None, _status(instrument)):
        raise Refusal(errors.STATUS_MISMATCH)
    return instrument


def _status(instrument: Instrument) -> str:
    return words.SYMBOL_STATUS[InstrumentState(instrument.state)]


def best_quotes(desk: Desk, instrument: Instrument) -> Quotes:
    """Return the best bid and ask."""
    depth = desk.exchange.market.depth(instrument.id, 1)
    bid = depth.bids[0] if depth.bids else (0, 0)
    ask = depth.asks[0] if depth.asks else (0, 0)
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    return Quotes(
        instrument.symbol,
        padded(bid[0], price_decimals),
        padded(bid[1], quantity_decimals),
        padded(ask[0], price_decimals),
        padded(ask[1], quantity_decimals),
    )


def _window_of(ticker: Ticker) -> Kline:
    """Return what all windows tell of a day."""
    return Kline(
        ticker.open_time,
        ticker.close_time,
        ticker.open,
        ticker.high,
        ticker.low,
        ticker.last,
        ticker.volume,
        ticker.quote_volume,
        ticker.trades,
        0,
        0,
        ticker.first_trade,
        ticker.last_trade,
    )


def _mini(instrument: Instrument, traded: Kline, call: Call) -> MiniTicker:
    price_decimals = instrument.price_decimals
    return MiniTicker(
        symbol=instrument.symbol,
        open_price=padded(traded.open, price_decimals),
        high_price=padded(traded.high, price_decimals),
        low_price=padded(traded.low, price_decimals),
        last_price=padded(traded.close, price_decimals),
        volume=padded(traded.volume, instrument.quantity_decimals),
        quote_volume=padded(traded.quote_volume, instrument.quote.decimals),
        open_time=call.instant(traded.open_time),
        close_time=call.instant(traded.close_time),
        first_id=traded.first_trade,
        last_id=traded.last_trade,
        count=traded.trades,
    )


def _window_ticker(instrument: Instrument, traded: Kline, call: Call) -> WindowTicker:
    return WindowTicker(
        price_change=padded(traded.close - traded.open, instrument.price_decimals),
        price_change_percent=percent_text(traded.open, traded.close),
        weighted_avg_price=weighted_average(instrument, traded.quote_volume, traded.volume),
        **msgspec.structs.asdict(_mini(instrument, traded, call)),
    )


def _day_ticker(instrument: Instrument, ticker: Ticker, quotes: Quotes, call: Call) -> DayTicker:
    traded = _window_ticker(instrument, _window_of(ticker), call)
    return DayTicker(
        prev_close_price=padded(ticker.previous_close, instrument.price_decimals),
        last_qty=padded(ticker.last_quantity, instrument.quantity_decimals),
        **msgspec.structs.asdict(traded) | msgspec.structs.asdict(quotes),
    )


def percent_text(before: int, after: int) -> str:
    """Return the change in percent of the price before, with 3 decimals, cut off."""
    change = after - before
    thousandths = abs(change) * 100 * 10**_PERCENT_DECIMALS // before if before else 0
    whole, fraction = divmod(thousandths, 10**_PERCENT_DECIMALS)
    return f"{'-' if change < 0 and thousandths else ''}{whole}.{fraction:03d}"


def weighted_average(instrument: Instrument, quote_volume: int, volume: int) -> str:
    """Return quote volume / base volume, with 8 decimals, cut off."""
    if not volume:
        return padded(0, _AVERAGE_DECIMALS)
    shift = max(_AVERAGE_DECIMALS - instrument.price_decimals, 0)
    return padded(quote_volume * 10**shift // volume, instrument.price_decimals + shift)


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
        MISMATCH,
    ),
    Endpoint(
        "GET",
        "/api/v3/ticker/tradingDay",
        Security.NONE,
        window_weight,
        TradingDayOf,
        trading_day,
        "The running day of a time zone",
        "ticker.tradingDay",
        MISMATCH,
    ),
    Endpoint(
        "GET",
        "/api/v3/ticker",
        Security.NONE,
        window_weight,
        WindowOf,
        window,
        "A rolling window",
        "ticker",
        MISMATCH,
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
        MISMATCH,
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
        MISMATCH,
    ),
)
"""This file's rows of the table."""
