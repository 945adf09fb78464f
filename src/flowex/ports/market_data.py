"""What the doors ask of the market data room: public trades, books, candles, tickers.

What is new is answered from memory at once; what may be old is awaited, since it is read from the
markets' history. Integers in the instrument's units, times in µs.

MarketDataDown      the history cannot be read now; what is new can
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

MONTH: Final = 0
"""Stands for the interval of a calendar month, which has no length of its own."""


class MarketDataDown(Exception):
    """The history of the markets cannot be read now."""


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """A trade as the public sees it."""

    trade: int
    price: int
    quantity: int
    quote_amount: int
    time: int
    buyer_is_maker: bool
    buyer_order: int
    seller_order: int


@dataclass(frozen=True, slots=True)
class AggregateTrade:
    """The fills of one taker order at one price."""

    aggregate: int
    price: int
    quantity: int
    first_trade: int
    last_trade: int
    time: int
    buyer_is_maker: bool


@dataclass(slots=True)
class Kline:
    """A candle; ``taker_buy_*`` is what takers bought. A candle without trades repeats a close."""

    open_time: int
    close_time: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    quote_volume: int
    trades: int
    taker_buy_volume: int
    taker_buy_quote_volume: int
    first_trade: int
    last_trade: int


@dataclass(frozen=True, slots=True)
class Depth:
    """The best levels of a book at an update id: (price, quantity), best first."""

    last_update: int
    bids: Sequence[tuple[int, int]]
    asks: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class DepthChange:
    """Levels changed by one frame: absolute quantities, 0 deletes; first and last update id."""

    first_update: int
    last_update: int
    time: int
    bids: Sequence[tuple[int, int]]
    asks: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Average:
    """What was traded lately; without a trade the volumes are 0 and the last price stands."""

    volume: int
    quote_volume: int
    last_price: int
    last_time: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """The last 24 hours of an instrument; zeros and ids of -1 when there was no trade."""

    open_time: int
    close_time: int
    open: int
    high: int
    low: int
    last: int
    last_quantity: int
    previous_close: int
    volume: int
    quote_volume: int
    first_trade: int
    last_trade: int
    trades: int


@dataclass(frozen=True, slots=True)
class MarketUpdate:
    """What one frame of the feed did to one instrument's public picture."""

    instrument: int
    time: int
    trades: Sequence[PublicTrade]
    aggregates: Sequence[AggregateTrade]
    depth: DepthChange | None


class MarketData(Protocol):
    """The market data room. Whatever is awaited may raise MarketDataDown.

    What was imported as an instrument's past shows wherever an answer reaches back to it; imported
    trades have numbers below 0.
    """

    def depth(self, instrument: int, limit: int) -> Depth:
        """Return the best ``limit`` levels of each side."""
        ...

    async def trades(
        self, instrument: int, limit: int, from_trade: int | None = None
    ) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on; oldest first."""
        ...

    async def aggregates(
        self,
        instrument: int,
        limit: int,
        from_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[AggregateTrade]:
        """Return aggregate trades within the bounds, oldest first.

        They are the first from a number or a start on, otherwise the newest. Bounds are inclusive.
        """
        ...

    async def klines(
        self,
        instrument: int,
        interval: int,
        limit: int,
        start_time: int | None = None,
        end_time: int | None = None,
        offset: int = 0,
    ) -> list[Kline]:
        """Return candles that open within the bounds, oldest first, the running one included.

        They are the first from a start on, otherwise the newest. The interval is whole seconds in
        µs or MONTH; weeks begin on Monday; the offset of the time zone from UTC is whole minutes in
        µs. There is none before the first trade; one without trades repeats the close before it.
        """
        ...

    async def since(self, instrument: int, open_time: int) -> Kline:
        """Return all that was traded from a whole minute until now as one candle.

        Without a trade it repeats the last price, which is 0 before the first.
        """
        ...

    def candle(self, instrument: int, interval: int, time: int | None = None) -> Kline | None:
        """Return the candle that holds a time of late, or the running one; in UTC.

        None before the first trade. The time is no longer ago than an interval.
        """
        ...

    def ticker(self, instrument: int) -> Ticker:
        """Return the rolling 24 hours; the window opens on a minute."""
        ...

    def average(self, instrument: int, duration: int) -> Average:
        """Return the sums of up to 20 minutes until now; the window opens on a second."""
        ...

    def last_price(self, instrument: int) -> int:
        """Return the price of the last trade, 0 before the first."""
        ...

    def follow(self, listener: Callable[[MarketUpdate], None]) -> Callable[[], None]:
        """Call the listener after each frame for each instrument it changed; return the stopper."""
        ...
