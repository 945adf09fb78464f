"""The markets, moved by the feed, and the projection of their trades and candles."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from flowex.messages.events import Event, InstrumentChanged, LevelChanged, Traded
from flowex.messages.state import StateHead, StateInstrument, StateOrder, StateRecord
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import MarketUpdate
from flowex.ports.timeseries import RecordedCandle, RecordedTrade, Timeseries, TimeseriesBatch
from flowex.services.market_data import store
from flowex.services.market_data.book import BookMirror
from flowex.services.market_data.market import Market

FORGOTTEN_MIN: Final = 5_000
"""So many changed candles of a market are looked through for those a twin writes."""


class Markets:
    """Every market. Trades and books may stand at different sequences while they are recovered.

    One that follows trades alone knows all its rows need, and can begin in the middle.
    """

    name: Final = "market_data"

    def __init__(self, history: Timeseries, *, trades_only: bool = False) -> None:
        """Know no market."""
        self.time = 0
        self.markets: dict[int, Market] = {}
        self.updates: list[MarketUpdate] = []
        self._history = history
        self._trades_only = trades_only
        self._trade_sequence = 0
        self._book_sequence = 0
        self._touched: dict[int, Market] = {}
        self._new_rows: list[RecordedTrade] = []
        self._rows: list[RecordedTrade] = []
        self._taken: dict[int, int] = {}
        self._is_dropped = False

    @property
    def pending(self) -> int:
        """How many trades are collected and not taken; candles hardly count."""
        return len(self._rows)

    async def open(self, sequence: int) -> None:
        """Load the markets' past."""
        self._trade_sequence = sequence
        self.markets = await store.load(self._history)

    def twin(self) -> "Markets":
        """Return a second projection, which goes on from the rows."""
        return Markets(self._history, trades_only=True)

    def seed(self, state: Iterable[StateRecord]) -> None:
        """Take over a machine's books."""
        for record in state:
            match record:
                case StateHead():
                    self._book_sequence, self.time = record.id, record.time
                case StateInstrument():
                    self._market(record.id).book = BookMirror(record.last_update)
                case StateOrder():
                    self.markets[record.instrument].book.seed(record)

    def advance(self, batch: FeedBatch) -> None:
        """Apply a batch; ``updates`` tells what it did. What is known already changes nothing."""
        self._new_rows, self._touched = [], {}
        self.time = max(self.time, batch.time)
        handlers: dict[type[Event], Callable[[Any], None]] = {
            InstrumentChanged: self._instrument_changed
        }
        if batch.last_sequence > self._trade_sequence:
            self._trade_sequence = batch.last_sequence
            handlers[Traded] = self._traded
        if batch.last_sequence > self._book_sequence and not self._trades_only:
            self._book_sequence = batch.last_sequence
            handlers[LevelChanged] = self._level_changed
        for event in batch.events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        self.updates = [market.take_update(self.time) for market in self._touched.values()]
        if self._is_dropped:
            self._forget_candles()

    def collect(self, _batch: FeedBatch) -> None:
        """Keep the rows of the batch just applied."""
        self._is_dropped = False
        self._rows += self._new_rows

    def take(self) -> TimeseriesBatch:
        """Return the collected trades and every changed candle that is over."""
        trades, self._rows = self._rows, []
        self._taken = {row.instrument: row.trade.trade for row in trades}
        candles = [
            RecordedCandle(number, base, candle)
            for number, market in self.markets.items()
            for base, candle in market.candles.take_over()
        ]
        return TimeseriesBatch(trades, candles)

    def written(self) -> None:
        """Tell the markets which trades memory may forget."""
        for number, trade in self._taken.items():
            self.markets[number].written(trade)

    def drop(self) -> None:
        """Forget the collected trades; a twin writes them, and the candles that end meanwhile.

        The candles that are open stay: the twin does not see them end.
        """
        self._rows = []
        self._is_dropped = True

    def _forget_candles(self) -> None:
        for market in self._touched.values():
            if len(market.candles.dirty) > FORGOTTEN_MIN:
                market.candles.take_over()

    def _level_changed(self, event: LevelChanged) -> None:
        self._touch(event.instrument).book.apply(event)

    def _traded(self, event: Traded) -> None:
        self._new_rows.append(self._touch(event.instrument).trade(event, self.time))

    def _instrument_changed(self, event: InstrumentChanged) -> None:
        self._market(event.instrument)

    def _touch(self, number: int) -> Market:
        market = self._touched.get(number)
        if market is None:
            market = self._touched[number] = self._market(number)
        return market

    def _market(self, number: int) -> Market:
        market = self.markets.get(number)
        if market is None:
            market = self.markets[number] = Market(number)
        return market
