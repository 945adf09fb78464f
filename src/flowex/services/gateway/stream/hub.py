"""The hub: which topics live, who hears them, and the one timer that makes them speak."""

import asyncio
from collections.abc import Callable
from typing import Final

from flowex.ports.market_data import MarketUpdate
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.limits import Limits
from flowex.services.gateway.listen_keys import ListenKeys
from flowex.services.gateway.stream import names
from flowex.services.gateway.stream.topics import (
    Aggregates,
    AllTickers,
    BestQuotes,
    Candles,
    DayTicker,
    DepthChanges,
    Member,
    PartialBook,
    Topic,
    Trades,
)
from flowex.services.gateway.user_streams import UserStreams

TICK_SECONDS: Final = 0.1


class Hub:
    """Serves the streams of one gateway; must be made inside a running loop."""

    def __init__(
        self,
        exchange: Exchange,
        limits: Limits,
        listen_keys: ListenKeys,
        user_streams: UserStreams,
    ) -> None:
        """Follow the market; nothing is said before somebody listens."""
        self.exchange = exchange
        self.limits = limits
        self.listen_keys = listen_keys
        self.user_streams = user_streams
        self.expiring: set[Callable[[int], None]] = set()
        """Called every second with the time: connections with a listen key that may run out."""
        self.topics: dict[str, Topic] = {}
        self._by_instrument: dict[int, list[Topic]] = {}
        self._of_all: list[Topic] = []
        self._ticks = 0
        self._loop = asyncio.get_running_loop()
        self._unfollow = exchange.market.follow(self._update)
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    def stop(self) -> None:
        """Stop speaking."""
        self._timer.cancel()
        self._unfollow()

    def join(self, name: str, member: Member) -> Topic | None:
        """Subscribe; None for a name that is nobody's, which is accepted and silent."""
        topic = self.topics.get(name)
        if topic is None:
            topic = self._open(name)
            if topic is None:
                return None
        topic.members[member] = None
        return topic

    def leave(self, topic: Topic, member: Member) -> None:
        """Unsubscribe; a topic without subscribers ends."""
        topic.members.pop(member, None)
        if not topic.members and self.topics.pop(topic.name, None) is not None:
            for followers in (*self._by_instrument.values(), self._of_all):
                if topic in followers:
                    followers.remove(topic)

    def _open(self, name: str) -> Topic | None:
        wanted = names.parse(name)
        if wanted is None:
            return None
        if not wanted.symbol:
            instruments = self.exchange.trading.instruments()
            is_mini = wanted.kind == "miniTickers"
            topic: Topic = AllTickers(name, instruments, self.exchange.market, is_mini=is_mini)
            self._of_all.append(topic)
        else:
            instrument = self.exchange.trading.instrument(wanted.symbol)
            if instrument is None:
                return None
            topic = self._instrument_topic(name, wanted)
            self._by_instrument.setdefault(instrument.id, []).append(topic)
        self.topics[name] = topic
        return topic

    def _instrument_topic(self, name: str, wanted: names.StreamName) -> Topic:
        market = self.exchange.market
        instrument = self.exchange.trading.instrument(wanted.symbol)
        assert instrument is not None, "the caller has looked"
        match wanted.kind:
            case "trade":
                return Trades(name, instrument, market)
            case "aggTrade":
                return Aggregates(name, instrument, market)
            case "bookTicker":
                return BestQuotes(name, instrument, market)
            case "depth":
                return DepthChanges(name, instrument, market, wanted.ticks)
            case "partial":
                return PartialBook(name, instrument, market, wanted.ticks, wanted.levels)
            case "kline":
                return Candles(name, instrument, market, wanted.interval)
            case kind:
                return DayTicker(name, instrument, market, is_mini=kind == "miniTicker")

    def _update(self, update: MarketUpdate) -> None:
        for topic in self._by_instrument.get(update.instrument, ()):
            topic.update(update)
        for topic in self._of_all:
            topic.update(update)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        self._ticks += 1
        now = self.exchange.clock.now()
        for topic in tuple(self.topics.values()):
            if topic.ticks and self._ticks % topic.ticks == 0:
                topic.tick(now)
        if self._ticks % names.SLOW_TICKS == 0:
            for expire in tuple(self.expiring):
                expire(now)
