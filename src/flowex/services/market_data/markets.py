"""The markets, moved by the feed, and the projection of their trades and candles."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import Table

from flowex.messages.events import Event, InstrumentChanged, LevelChanged, Traded
from flowex.messages.state import StateHead, StateInstrument, StateOrder, StateRecord
from flowex.ports.database import Database, Row, Transaction
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import MarketUpdate
from flowex.services.market_data import store
from flowex.services.market_data.book import BookMirror
from flowex.services.market_data.market import Market, TradeRow
from flowex.toolkit.projection import Work


class Markets:
    """Every market. Trades and books may stand at different sequences while they are recovered.

    One that follows trades alone knows all its rows need, and can begin in the middle.
    """

    name: Final = "market_data"
    progress: Final[Table] = store.PROGRESS

    def __init__(self, database: Database, *, trades_only: bool = False) -> None:
        """Know no market."""
        self.time = 0
        self.markets: dict[int, Market] = {}
        self.updates: list[MarketUpdate] = []
        self._database = database
        self._trades_only = trades_only
        self._trade_sequence = 0
        self._book_sequence = 0
        self._touched: dict[int, Market] = {}
        self._new_rows: list[TradeRow] = []
        self._rows: list[TradeRow] = []

    @property
    def pending(self) -> int:
        """How many trades are collected and not taken; candles hardly count."""
        return len(self._rows)

    async def open(self, sequence: int) -> None:
        """Load the markets' past."""
        self._trade_sequence = sequence
        self.markets = await self._database.read(store.load)

    def twin(self) -> "Markets":
        """Return a second projection, which goes on from the rows."""
        return Markets(self._database, trades_only=True)

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

    def collect(self, _batch: FeedBatch) -> None:
        """Keep the rows of the batch just applied."""
        self._rows += self._new_rows

    def take(self) -> Work:
        """Return what writes the collected trades and every candle that changed."""
        trades, self._rows = self._rows, []
        klines = self._take_klines()

        def work(transaction: Transaction) -> None:
            transaction.insert(store.TRADES, trades)
            transaction.upsert(store.KLINES, klines)

        return work

    def written(self) -> None:
        """Nothing waits for this."""

    def drop(self) -> None:
        """Forget the collected trades and which candles changed."""
        self._rows = []
        self._take_klines()

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

    def _take_klines(self) -> list[Row]:
        rows: list[Row] = []
        for number, market in self.markets.items():
            rows += [
                store.kline_row(number, interval, kline)
                for (interval, _), kline in market.candles.dirty.items()
            ]
            market.candles.dirty.clear()
        return rows

    def _market(self, number: int) -> Market:
        market = self.markets.get(number)
        if market is None:
            market = self.markets[number] = Market(number)
        return market
