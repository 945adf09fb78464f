"""The markets, moved by the feed, and the projection of their trades and candles."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Table

from flowex.messages.events import InstrumentChanged, LevelChanged, Traded
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
        self.updates, self._new_rows = [], []
        has_new_trades = batch.last_sequence > self._trade_sequence
        has_new_levels = batch.last_sequence > self._book_sequence and not self._trades_only
        if has_new_trades:
            self._trade_sequence = batch.last_sequence
        if has_new_levels:
            self._book_sequence = batch.last_sequence
        self.time = max(self.time, batch.time)
        touched: dict[int, Market] = {}
        for event in batch.events:
            if isinstance(event, LevelChanged):
                if has_new_levels:
                    touched[event.instrument] = market = self._market(event.instrument)
                    market.book.apply(event)
            elif isinstance(event, Traded):
                if has_new_trades:
                    touched[event.instrument] = market = self._market(event.instrument)
                    self._new_rows.append(market.trade(event, batch.time))
            elif isinstance(event, InstrumentChanged):
                self._market(event.instrument)
        self.updates = [market.take_update(batch.time) for market in touched.values()]

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
