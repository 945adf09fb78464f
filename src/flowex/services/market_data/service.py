"""The market data room behind its port: everything is answered from memory."""

from collections.abc import Callable, Sequence
from typing import Final

from flowex.messages.state import StateRecord
from flowex.ports.clock import Clock
from flowex.ports.database import Database
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import (
    AggregateTrade,
    Depth,
    Kline,
    MarketUpdate,
    PublicTrade,
    Ticker,
)
from flowex.services.market_data.market import Market
from flowex.services.market_data.markets import Markets
from flowex.toolkit.projection import CatchUp, Projector


class MarketDataService:
    """Fulfils ``ports.market_data.MarketData`` and is a consumer of the feed."""

    def __init__(self, database: Database, clock: Clock, catch_up: CatchUp | None = None) -> None:
        """Make the room; call ``open``, recover, ``seed``, ``start``."""
        self._clock = clock
        self._state = Markets(database)
        self._listeners: tuple[Callable[[MarketUpdate], None], ...] = ()
        self.projector: Final = Projector(database, self._state, catch_up)

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command whose events are collected or written."""
        return self.projector.last_sequence

    async def open(self) -> None:
        """Load the past of all markets. Raises DatabaseError."""
        await self.projector.open()

    def seed(self, state: Sequence[StateRecord]) -> None:
        """Take over the machine's books; the batches after it follow, whatever the past knows."""
        self._state.seed(state)

    async def start(self) -> None:
        """Write what recovery brought, then go on in the background. Raises DatabaseError."""
        await self.projector.start()

    async def stop(self) -> None:
        """Write what is not written and stop. Raises DatabaseError."""
        await self.projector.stop()

    def apply(self, batch: FeedBatch) -> None:
        """Take the next batch of the feed and tell the listeners."""
        self.projector.apply(batch)
        for update in self._state.updates:
            for listener in self._listeners:
                listener(update)

    def depth(self, instrument: int, limit: int) -> Depth:
        """Return the best ``limit`` levels of each side, at most 5000."""
        return self._market(instrument).book.depth(limit)

    def trades(
        self, instrument: int, limit: int, from_trade: int | None = None
    ) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on; oldest first."""
        return self._market(instrument).tape.trades(limit, from_trade)

    def aggregates(
        self,
        instrument: int,
        limit: int,
        from_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[AggregateTrade]:
        """Return aggregate trades, oldest first; without bounds the newest."""
        tape = self._market(instrument).tape
        return tape.aggregates(limit, from_aggregate, start_time, end_time)

    def klines(
        self,
        instrument: int,
        interval: int,
        limit: int,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[Kline]:
        """Return candles, oldest first, the running one included.

        The interval is a whole number of minutes; a week begins on Monday.
        """
        candles = self._market(instrument).candles
        return candles.between(interval, limit, start_time, end_time, self._now())

    def ticker(self, instrument: int) -> Ticker:
        """Return the rolling 24 hours; the window opens on a minute."""
        market = self._market(instrument)
        return market.day.ticker(self._now(), market.tape.last)

    def last_price(self, instrument: int) -> int:
        """Return the price of the last trade, 0 before the first."""
        last = self._market(instrument).tape.last
        return last.price if last else 0

    def follow(self, listener: Callable[[MarketUpdate], None]) -> Callable[[], None]:
        """Call the listener after each frame for each instrument it changed; return the stopper."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return stop

    def _now(self) -> int:
        """Return the time, which never runs behind the feed's."""
        return max(self._clock.now(), self._state.time)

    def _market(self, instrument: int) -> Market:
        return self._state.markets[instrument]
