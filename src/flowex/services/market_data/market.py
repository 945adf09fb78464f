"""Everything public about one instrument."""

from flowex.messages.events import Traded
from flowex.ports.market_data import MarketUpdate, PublicTrade
from flowex.ports.timeseries import RecordedTrade
from flowex.services.market_data.book import BookMirror
from flowex.services.market_data.candles import Candles
from flowex.services.market_data.tape import Tape
from flowex.services.market_data.ticker import Day


class Market:
    """Book, tape, candles and ticker of an instrument."""

    __slots__ = ("_new_trades", "_old_aggregate", "book", "candles", "day", "number", "tape")

    def __init__(self, number: int) -> None:
        """Make an empty market."""
        self.number = number
        self.book = BookMirror()
        self.tape = Tape()
        self.candles = Candles()
        self.day = Day()
        self._new_trades: list[PublicTrade] = []
        self._old_aggregate = 0

    def trade(self, event: Traded, time: int) -> RecordedTrade:
        """Take a trade and return its row of the history."""
        if not self._new_trades:
            self._old_aggregate = self.tape.last_aggregate
        trade = self.tape.add(event, time)
        self.day.add(trade, self.candles.add(trade))
        self._new_trades.append(trade)
        return RecordedTrade(self.number, self.tape.last_aggregate, trade)

    def written(self, last_trade: int) -> None:
        """Hear that the history has every trade up to that number, and all candles taken."""
        self.tape.written(last_trade)
        self.candles.written()

    def take_update(self, time: int) -> MarketUpdate:
        """Return what happened since the last call."""
        trades, self._new_trades = self._new_trades, []
        count = self.tape.last_aggregate - self._old_aggregate if trades else 0
        return MarketUpdate(
            self.number,
            time,
            trades,
            self.tape.take_aggregates(count),
            self.book.take_change(time),
        )
