"""What the exchange answers and streams, as far as it is shown: typed, so that a stranger is told.

A field that is missing or of another type is a ``msgspec.ValidationError``.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec


class Status(msgspec.Struct, frozen=True):
    """The answer of ``/status``."""

    version: str
    state: str
    engine: str
    sequence: int
    queue: int
    lag: dict[str, int]
    failed: dict[str, str]


class MarketInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A symbol of ``exchangeInfo``."""

    symbol: str
    filters: Sequence[Mapping[str, Any]]

    @property
    def price_decimals(self) -> int:
        """Digits after the point that a price can have."""
        return self._decimals("PRICE_FILTER", "tickSize")

    @property
    def quantity_decimals(self) -> int:
        """Digits after the point that a quantity can have."""
        return self._decimals("LOT_SIZE", "stepSize")

    def _decimals(self, kind: str, name: str) -> int:
        steps = [str(each[name]) for each in self.filters if each.get("filterType") == kind]
        fraction = steps[0].partition(".")[2] if steps else ""
        return len(fraction.rstrip("0"))


class Information(msgspec.Struct, frozen=True):
    """The answer of ``exchangeInfo``."""

    symbols: Sequence[MarketInfo]


class DayTicker(msgspec.Struct, frozen=True, rename="camel"):
    """The last 24 hours of a market, as REST tells them."""

    symbol: str
    last_price: Decimal
    price_change_percent: Decimal
    high_price: Decimal
    low_price: Decimal
    quote_volume: Decimal
    count: int


class StreamTicker(msgspec.Struct, frozen=True):
    """The same, as streams tell them."""

    event_time: int = msgspec.field(name="E")
    symbol: str = msgspec.field(name="s")
    last: Decimal = msgspec.field(name="c")
    change_percent: Decimal = msgspec.field(name="P")
    high: Decimal = msgspec.field(name="h")
    low: Decimal = msgspec.field(name="l")
    quote_volume: Decimal = msgspec.field(name="q")
    trades: int = msgspec.field(name="n")

    def day(self) -> DayTicker:
        """Return it under the names of REST."""
        return DayTicker(
            self.symbol,
            self.last,
            self.change_percent,
            self.high,
            self.low,
            self.quote_volume,
            self.trades,
        )


class Trade(msgspec.Struct, frozen=True, rename="camel"):
    """A trade, as REST tells it; a buyer who was the maker means that the other side sold."""

    id: int
    time: int
    price: Decimal
    qty: Decimal
    is_buyer_maker: bool


class StreamTrade(msgspec.Struct, frozen=True):
    """The same, as streams tell it."""

    event_time: int = msgspec.field(name="E")
    id: int = msgspec.field(name="t")
    time: int = msgspec.field(name="T")
    price: Decimal = msgspec.field(name="p")
    quantity: Decimal = msgspec.field(name="q")
    is_buyer_maker: bool = msgspec.field(name="m")

    def trade(self) -> Trade:
        """Return it under the names of REST."""
        return Trade(self.id, self.time, self.price, self.quantity, self.is_buyer_maker)


class Level(NamedTuple):
    """A price of the book and what stands there."""

    price: Decimal
    quantity: Decimal


class Book(msgspec.Struct, frozen=True):
    """The best levels of a market, best first: of REST and of streams alike."""

    bids: Sequence[Level]
    asks: Sequence[Level]


class Message(msgspec.Struct, frozen=True):
    """A message of a combined stream, or an answer to a control message, which has no stream."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
