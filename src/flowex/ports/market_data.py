"""What the doors ask of the market data room: public trades, books, candles, tickers.

Everything is answered from memory at once; integers in the instrument's units, times in µs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


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
    """The market data room; ``interval`` is in µs."""

    def depth(self, instrument: int, limit: int) -> Depth:
        """Return the best ``limit`` levels of each side."""
        ...

    def trades(
        self, instrument: int, limit: int, from_trade: int | None = None
    ) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on; oldest first."""
        ...

    def aggregates(
        self,
        instrument: int,
        limit: int,
        from_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[AggregateTrade]:
        """Return aggregate trades, oldest first; without bounds the newest."""
        ...

    def klines(
        self,
        instrument: int,
        interval: int,
        limit: int,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[Kline]:
        """Return candles, oldest first, the running one included."""
        ...

    def ticker(self, instrument: int) -> Ticker:
        """Return the rolling 24 hours."""
        ...

    def last_price(self, instrument: int) -> int:
        """Return the price of the last trade, 0 before the first."""
        ...

    def follow(self, listener: Callable[[MarketUpdate], None]) -> Callable[[], None]:
        """Call the listener after each frame for each instrument it changed; return the stopper."""
        ...
