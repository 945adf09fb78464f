"""Topics: one live stream each, what it says and when; they exist while somebody listens."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from flowex.ports.market_data import Depth, Kline, MarketData, MarketUpdate
from flowex.ports.trading import Instrument
from flowex.services.gateway.intervals import INTERVALS
from flowex.services.gateway.sockets import frame_of
from flowex.services.gateway.stream import payloads
from flowex.units.instants import SECOND

KLINE_TICKS: Final = 20
SECOND_TICKS: Final = 10
"""Ticks of 100 ms between two messages about a running candle; candles of a second are faster."""

CLOSE_GRACE: Final = 250_000
"""µs after a candle's end before it is told closed: trades of its last moment may be on the way."""


class Member(Protocol):
    """A subscriber: takes frames, raw or wrapped with the stream's name."""

    is_combined: bool

    def post(self, frame: bytes) -> None:
        """Queue a frame."""
        ...


class Topic:
    """A stream and its subscribers."""

    ticks: int = 0
    """Ticks of 100 ms between two calls of `tick`; 0 for streams that speak at once."""

    def __init__(self, name: str) -> None:
        """Start without subscribers."""
        self.name = name
        self.members: dict[Member, None] = {}
        self._prefix = b'{"stream":' + msgspec.json.encode(name) + b',"data":'

    def update(self, update: MarketUpdate) -> None:
        """Take what a frame of the feed did to the topic's instrument."""

    def tick(self, now: int) -> None:
        """Say what has gathered; ``now`` in µs."""

    def publish(self, payload: bytes) -> None:
        """Send a message to all; each of the two frames is built at most once."""
        raw = combined = b""
        for member in self.members:
            if member.is_combined:
                combined = combined or frame_of(self._prefix + payload + b"}")
                member.post(combined)
            else:
                raw = raw or frame_of(payload)
                member.post(raw)


class InstrumentTopic(Topic):
    """A stream of one instrument."""

    def __init__(self, name: str, instrument: Instrument, market: MarketData) -> None:
        """Speak of an instrument."""
        super().__init__(name)
        self.instrument = instrument
        self.market = market


class Trades(InstrumentTopic):
    """``trade``: every trade at once."""

    def update(self, update: MarketUpdate) -> None:
        """Tell the trades."""
        for happened in update.trades:
            self.publish(payloads.trade(self.instrument, happened, update.time))


class Aggregates(InstrumentTopic):
    """``aggTrade``: the fills of a taker at one price, at once."""

    def update(self, update: MarketUpdate) -> None:
        """Tell the aggregate trades."""
        for happened in update.aggregates:
            self.publish(payloads.aggregate(self.instrument, happened, update.time))


class BestQuotes(InstrumentTopic):
    """``bookTicker``: the best bid and ask, whenever one changes."""

    _best: tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]] | None = None

    def update(self, update: MarketUpdate) -> None:
        """Tell the quotes if they differ from those told last."""
        if update.depth is None:
            return
        book = self.market.depth(self.instrument.id, 1)
        best = (tuple(book.bids), tuple(book.asks))
        if best != self._best:
            self._best = best
            self.publish(payloads.best_quotes(self.instrument, book))


class DepthChanges(InstrumentTopic):
    """``depth``: changed levels of a period; update ids without gap."""

    def __init__(self, name: str, instrument: Instrument, market: MarketData, ticks: int) -> None:
        """Speak every so many ticks."""
        super().__init__(name, instrument, market)
        self.ticks = ticks
        self._first = self._last = 0
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}

    def update(self, update: MarketUpdate) -> None:
        """Gather changed levels; a later quantity replaces an earlier one."""
        change = update.depth
        if change is None:
            return
        if not self._first:
            self._first = change.first_update
        self._last = change.last_update
        self._bids.update(change.bids)
        self._asks.update(change.asks)

    def tick(self, now: int) -> None:
        """Tell what changed since the last message, if anything."""
        if not self._first:
            return
        self.publish(
            payloads.depth_update(
                self.instrument,
                self._first,
                self._last,
                self._bids.items(),
                self._asks.items(),
                now,
            )
        )
        self._first = 0
        self._bids.clear()
        self._asks.clear()


class PartialBook(InstrumentTopic):
    """``depth5/10/20``: the best levels, when the book has changed in the period."""

    def __init__(
        self, name: str, instrument: Instrument, market: MarketData, ticks: int, levels: int
    ) -> None:
        """Speak of so many levels every so many ticks, and at the first tick."""
        super().__init__(name, instrument, market)
        self.ticks = ticks
        self._levels = levels
        self._is_stale = True

    def update(self, update: MarketUpdate) -> None:
        """Note that the book has changed."""
        if update.depth is not None:
            self._is_stale = True

    def tick(self, now: int) -> None:
        """Tell the levels if the book has changed."""
        if self._is_stale:
            self._is_stale = False
            book: Depth = self.market.depth(self.instrument.id, self._levels)
            self.publish(payloads.partial_book(self.instrument, book))


class Candles(InstrumentTopic):
    """``kline``: the running candle now and then, and each candle exactly once as closed."""

    def __init__(
        self, name: str, instrument: Instrument, market: MarketData, interval: str
    ) -> None:
        """Speak of candles of an interval."""
        super().__init__(name, instrument, market)
        self.ticks = 1
        self._interval = interval
        self._length = INTERVALS[interval]
        self._period = SECOND_TICKS if self._length == SECOND else KLINE_TICKS
        self._waited = self._period
        self._running: Kline | None = None
        self._is_changed = True

    def update(self, update: MarketUpdate) -> None:
        """Note that the running candle has changed."""
        if update.trades:
            self._is_changed = True

    def tick(self, now: int) -> None:
        """Tell a candle that has ended, then the running one when its time has come."""
        self._waited += 1
        running = self._running
        if running is not None and now > running.close_time + CLOSE_GRACE:
            self._close(running, now)
        elif self._waited >= self._period and self._is_changed:
            self._tell_running(now)

    def _close(self, running: Kline, now: int) -> None:
        start, end = running.open_time, running.close_time
        ended = self.market.candle(self.instrument.id, self._length, start)
        self._send(ended or running, now, is_closed=True)
        self._running = None
        self._tell_running(now, after=end)

    def _tell_running(self, now: int, after: int = -1) -> None:
        newest = self.market.candle(self.instrument.id, self._length)
        self._waited = 0
        self._is_changed = False
        if newest and newest.open_time > after and newest.close_time >= now - CLOSE_GRACE:
            self._running = newest
            self._send(newest, now, is_closed=False)

    def _send(self, candle: Kline, now: int, *, is_closed: bool) -> None:
        message = payloads.kline(self.instrument, candle, self._interval, now, is_closed=is_closed)
        self.publish(message)


class DayTicker(InstrumentTopic):
    """``ticker`` and ``miniTicker``: the rolling day, every second in which it changed."""

    ticks = 10

    def __init__(
        self, name: str, instrument: Instrument, market: MarketData, *, is_mini: bool
    ) -> None:
        """Speak of the rolling day."""
        super().__init__(name, instrument, market)
        self._is_mini = is_mini
        self._is_changed = True

    def update(self, update: MarketUpdate) -> None:
        """Note that something has happened."""
        self._is_changed = True

    def tick(self, now: int) -> None:
        """Tell the day if it has changed."""
        if self._is_changed:
            self._is_changed = False
            row = ticker_row(self.instrument, self.market, now, is_mini=self._is_mini)
            self.publish(payloads.ENCODE(row))


class AllTickers(Topic):
    """``!ticker@arr`` and ``!miniTicker@arr``: the changed instruments of a second."""

    ticks = 10

    def __init__(
        self, name: str, instruments: Sequence[Instrument], market: MarketData, *, is_mini: bool
    ) -> None:
        """Speak of all instruments."""
        super().__init__(name)
        self._instruments = {instrument.id: instrument for instrument in instruments}
        self._market = market
        self._is_mini = is_mini
        self._changed = set(self._instruments)

    def update(self, update: MarketUpdate) -> None:
        """Note which instrument has changed."""
        if update.instrument in self._instruments:
            self._changed.add(update.instrument)

    def tick(self, now: int) -> None:
        """Tell the changed ones."""
        if self._changed:
            rows = [
                ticker_row(self._instruments[number], self._market, now, is_mini=self._is_mini)
                for number in sorted(self._changed)
            ]
            self._changed.clear()
            self.publish(payloads.ENCODE(rows))


def ticker_row(
    instrument: Instrument, market: MarketData, now: int, *, is_mini: bool
) -> dict[str, Any]:
    """Return a ticker, not yet encoded."""
    ticker = market.ticker(instrument.id)
    if is_mini:
        return payloads.mini_ticker(instrument, ticker, now)
    return payloads.full_ticker(instrument, ticker, market.depth(instrument.id, 1), now)
