"""The market data room behind its port."""

from collections.abc import Callable, Sequence
from typing import Final

from flowex.messages.state import StateRecord
from flowex.ports.clock import Clock
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import (
    AggregateTrade,
    Average,
    Depth,
    Kline,
    MarketUpdate,
    PublicTrade,
    Ticker,
)
from flowex.ports.timeseries import Timeseries
from flowex.services.market_data.calendar import Calendar
from flowex.services.market_data.candles import empty, joined
from flowex.services.market_data.market import Market
from flowex.services.market_data.markets import Markets
from flowex.services.market_data.reading import Reading
from flowex.services.market_data.store import HistoryRows
from flowex.toolkit.projection import CatchUp, Projector
from flowex.units.instants import SECOND


class MarketDataService:
    """Fulfils ``ports.market_data.MarketData`` and is a consumer of the feed."""

    def __init__(
        self,
        history: Timeseries,
        clock: Clock,
        catch_up: CatchUp | None = None,
    ) -> None:
        """Make the room; call ``open``, recover, ``seed``, ``start``."""
        self._clock = clock
        self._state = Markets(history)
        self._listeners: tuple[Callable[[MarketUpdate], None], ...] = ()
        self.projector: Final = Projector(HistoryRows(history), self._state, catch_up)
        self._reading = Reading(history, lambda: self.projector.is_behind)

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command whose events are collected or written."""
        return self.projector.last_sequence

    async def open(self) -> None:
        """Load the past of all markets. Raises TimeseriesError."""
        await self.projector.open()

    def seed(self, state: Sequence[StateRecord]) -> None:
        """Take over the machine's books; the batches after it follow, whatever the past knows."""
        self._state.seed(state)

    async def start(self) -> None:
        """Write what recovery brought, then go on in the background. Raises TimeseriesError."""
        await self.projector.start()

    async def stop(self) -> None:
        """Write what is not written and stop. Raises TimeseriesError."""
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

    async def trades(
        self, instrument: int, limit: int, from_trade: int | None = None
    ) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on; oldest first."""
        return await self._reading.trades(self._market(instrument), limit, from_trade)

    async def aggregates(
        self,
        instrument: int,
        limit: int,
        from_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[AggregateTrade]:
        """Return aggregate trades within the bounds, oldest first; without bounds the newest."""
        market = self._market(instrument)
        return await self._reading.aggregates(market, limit, from_aggregate, start_time, end_time)

    async def klines(
        self,
        instrument: int,
        interval: int,
        limit: int,
        start_time: int | None = None,
        end_time: int | None = None,
        offset: int = 0,
    ) -> list[Kline]:
        """Return candles that open within the bounds, oldest first, the running one included."""
        market, calendar = self._market(instrument), Calendar(interval, offset)
        return await self._reading.klines(
            market, calendar, limit, start_time, end_time, self._now()
        )

    async def since(self, instrument: int, open_time: int) -> Kline:
        """Return all that was traded from a whole minute until now as one candle."""
        return await self._reading.window(self._market(instrument), open_time, self._now())

    def candle(self, instrument: int, interval: int, time: int | None = None) -> Kline | None:
        """Return the candle that holds a time of late, or the running one."""
        candles, calendar = self._market(instrument).candles, Calendar(interval)
        opening = calendar.open_of(self._now() if time is None else time)
        end = calendar.after(opening)
        found = joined(candles.rows(calendar.base, opening, end - 1), (opening,), end)
        if found:
            return found[0]
        close = candles.close_before(calendar.base, opening)
        return None if close is None else empty(opening, end - opening, close)

    def ticker(self, instrument: int) -> Ticker:
        """Return the rolling 24 hours; the window opens on a minute."""
        market = self._market(instrument)
        return market.day.ticker(self._now(), market.tape.last, market.candles.last_close)

    def average(self, instrument: int, duration: int) -> Average:
        """Return the sums of up to 20 minutes until now; the window opens on a second."""
        market, now = self._market(instrument), self._now()
        seconds = market.candles.rows(SECOND, now - now % SECOND - duration, now)
        last = market.tape.last
        return Average(
            sum(second.volume for second in seconds),
            sum(second.quote_volume for second in seconds),
            market.candles.last_close,
            last.time if last else 0,
        )

    def last_price(self, instrument: int) -> int:
        """Return the price of the last trade, 0 before the first."""
        return self._market(instrument).candles.last_close

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
