"""What is known of the exchange: filled by what it says, read by the screen. No I/O."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from flowex.app.top.answers import Book, DayTicker, MarketInfo, Status, Trade
from flowex.units.instants import SECOND

TAPE_MAX: Final = 200
"""Trades that are remembered; no terminal is higher."""


NO_BOOK: Final = Book((), ())


class Sort(StrEnum):
    """What the markets are ordered by; change and volume begin with the largest."""

    SYMBOL = "symbol"
    CHANGE = "change"
    VOLUME = "volume"


class Link(StrEnum):
    """How things stand between us and the exchange."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"


@dataclass(slots=True)
class Market:
    """A market and its last 24 hours; ``ticker`` is None until it is told."""

    symbol: str
    price_decimals: int
    quantity_decimals: int
    ticker: DayTicker | None = None


class Counts(NamedTuple):
    """What the exchange has counted since its start, at a moment of ours in µs."""

    time: int
    commands: float
    events: float
    requests: float
    refused: float
    syncs: float
    sync_seconds: float
    http: int
    websockets: int


class Rates(NamedTuple):
    """What that makes a second, between two moments."""

    commands: float
    events: float
    requests: float
    refused: float
    sync_ms: float | None
    """Mean of the syncs in between; None if there was none."""

    @classmethod
    def between(cls, before: Counts, after: Counts) -> "Rates | None":
        """Return them, or None where the moments do not follow each other: a restart, say."""
        seconds = (after.time - before.time) / SECOND
        if seconds <= 0 or after.commands < before.commands or after.syncs < before.syncs:
            return None
        syncs = after.syncs - before.syncs
        took = after.sync_seconds - before.sync_seconds
        return cls(
            commands=(after.commands - before.commands) / seconds,
            events=(after.events - before.events) / seconds,
            requests=(after.requests - before.requests) / seconds,
            refused=(after.refused - before.refused) / seconds,
            sync_ms=1_000 * took / syncs if syncs else None,
        )


@dataclass(slots=True)
class State:
    """Everything the screen shows."""

    url: str = ""
    link: Link = Link.CONNECTING
    why: str = ""
    retry_seconds: float = 0
    status: Status | None = None
    counts: Counts | None = None
    rates: Rates | None = None
    stream_ms: int | None = None
    """How old the newest message was when it came; the clocks of both sides are believed."""
    markets: dict[str, Market] = field(default_factory=dict)
    selected: str = ""
    missing: str = ""
    """A market that was asked for and is not there."""
    book: Book = NO_BOOK
    tape: deque[Trade] = field(default_factory=lambda: deque(maxlen=TAPE_MAX))
    sort: Sort = Sort.SYMBOL
    is_reversed: bool = False

    def connecting(self, url: str) -> None:
        """Note where we knock."""
        self.url, self.link = url, Link.CONNECTING

    def live(self) -> None:
        """Note that the exchange is heard."""
        self.link, self.why = Link.LIVE, ""

    def lost(self, why: str, retry_seconds: float) -> None:
        """Note that nobody answers; what was known stays on the screen."""
        self.link, self.why, self.retry_seconds = Link.LOST, why, retry_seconds
        self.rates = self.counts = self.stream_ms = None

    def list_markets(self, infos: Sequence[MarketInfo]) -> None:
        """Take what can be traded; keep the choice if it still can, or remember that it cannot."""
        self.markets = {
            info.symbol: Market(info.symbol, info.price_decimals, info.quantity_decimals)
            for info in infos
        }
        if self.selected not in self.markets:
            self.missing = self.selected
            self.select(next(iter(self.markets), ""))

    def day(self, ticker: DayTicker) -> None:
        """Take a market's last 24 hours."""
        market = self.markets.get(ticker.symbol)
        if market is not None:
            market.ticker = ticker

    def count(self, counts: Counts) -> None:
        """Take the counters, and make rates of them and the ones before."""
        if self.counts is not None:
            self.rates = Rates.between(self.counts, counts)
        self.counts = counts

    def select(self, symbol: str) -> None:
        """Choose the market whose book and tape are shown."""
        if symbol != self.selected:
            self.selected = symbol
            self.book = NO_BOOK
            self.tape.clear()

    def recent(self, trades: Sequence[Trade]) -> None:
        """Take the trades that came before what the tape has heard, oldest first."""
        last = trades[-1].id if trades else 0
        newer = [trade for trade in reversed(self.tape) if trade.id > last]
        self.tape.clear()
        self.tape.extendleft([*trades, *newer])

    def trade(self, trade: Trade) -> None:
        """Take a trade, unless the tape has it: it is told by REST and by stream."""
        if not self.tape or trade.id > self.tape[0].id:
            self.tape.appendleft(trade)

    def ordered(self) -> list[Market]:
        """Return the markets as they are sorted."""
        markets = sorted(self.markets.values(), key=lambda market: market.symbol)
        if self.sort is Sort.CHANGE:
            markets.sort(key=lambda market: _of(market, "price_change_percent"), reverse=True)
        elif self.sort is Sort.VOLUME:
            markets.sort(key=lambda market: _of(market, "quote_volume"), reverse=True)
        return markets[::-1] if self.is_reversed else markets

    def step(self, places: int) -> None:
        """Choose the market so many places below; the ends are ends."""
        self.missing = ""
        symbols = [market.symbol for market in self.ordered()]
        if self.selected in symbols:
            at = symbols.index(self.selected) + places
            self.select(symbols[min(max(at, 0), len(symbols) - 1)])

    def next_sort(self) -> None:
        """Order the markets by the next thing."""
        sorts = list(Sort)
        self.sort = sorts[(sorts.index(self.sort) + 1) % len(sorts)]

    @property
    def lag(self) -> Mapping[str, int]:
        """How many commands each projection is behind."""
        return self.status.lag if self.status is not None else {}


def _of(market: Market, name: str) -> Decimal:
    """Return a figure of the day; a market without one comes after all others."""
    figure: Decimal = getattr(market.ticker, name, Decimal("-Infinity"))
    return figure
