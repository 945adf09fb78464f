"""An instrument's latest trades, one by one and put together by taker and price."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Final

from flowex.messages.enums import Side
from flowex.messages.events import Traded
from flowex.ports.market_data import AggregateTrade, PublicTrade

TRADES_MAX: Final = 5_000
"""Trades of an instrument in memory, and as many aggregate trades; at times twice as many."""

UNWRITTEN_MAX: Final = 200_000
"""Trades that wait for the history to have them; beyond this the oldest are forgotten unwritten."""

_AGGREGATE_TIME: Final = attrgetter("time")
_LAST_TRADE: Final = attrgetter("last_trade")


class Tape:
    """Trades in the order of their ids, without a gap; the oldest are forgotten once written."""

    __slots__ = (
        "_aggregates",
        "_begun",
        "_begun_by",
        "_trades",
        "_written",
        "last_aggregate",
        "oldest",
    )

    def __init__(self) -> None:
        """Know no trade."""
        self.last_aggregate = 0
        self.oldest = 1
        """The number of the first trade of all; what was imported has numbers below 0."""
        self._written = 0
        self._trades: list[PublicTrade] = []
        self._aggregates: list[AggregateTrade] = []
        self._begun: list[PublicTrade] = []
        self._begun_by: tuple[int, int, int] | None = None

    @property
    def last(self) -> PublicTrade | None:
        """The latest trade."""
        return self._trades[-1] if self._trades else None

    @property
    def first_trade(self) -> int | None:
        """The number of the first trade kept."""
        return self._trades[0].trade if self._trades else None

    @property
    def first_aggregate(self) -> int | None:
        """The number of the first aggregate trade kept."""
        return self._aggregates[0].aggregate if self._aggregates else None

    @property
    def is_whole(self) -> bool:
        """Whether every trade there is is kept."""
        return (self._trades[0].trade if self._trades else 1) <= self.oldest

    def lacks(self, from_aggregate: int | None, start_time: int | None) -> bool:
        """Whether there may be older aggregate trades than those kept, from a number and time."""
        if not self._aggregates:
            return not self.is_whole or bool(self._trades)
        first = self._aggregates[0]
        if first.first_trade <= self.oldest:
            return False
        if from_aggregate is not None:
            return from_aggregate < first.aggregate
        return start_time is None or start_time <= first.time

    def written(self, last_trade: int) -> None:
        """Hear that the history has every trade up to that number."""
        self._written = last_trade

    def load(self, trades: Sequence[PublicTrade], aggregates: Sequence[int]) -> None:
        """Take trades of the past, each with the number of its aggregate.

        An aggregate whose first trades are missing is left out.
        """
        self._trades = list(trades)
        groups = groupby(zip(aggregates, trades, strict=True), key=itemgetter(0))
        for number, group in groups:
            parts = [trade for _, trade in group]
            if number == 1 or parts[0] is not trades[0]:
                self._aggregates.append(_aggregate(number, parts))
            self.last_aggregate = number
        self._written = trades[-1].trade if trades else 0

    def add(self, event: Traded, time: int) -> PublicTrade:
        """Take a trade; it counts to the aggregate ``last_aggregate``."""
        taker_buys = event.taker_side == Side.BUY
        taker, maker = event.taker_order, event.maker_order
        trade = PublicTrade(
            event.trade,
            event.price,
            event.quantity,
            event.quote_amount,
            time,
            not taker_buys,
            taker if taker_buys else maker,
            maker if taker_buys else taker,
        )
        by = (event.sequence, taker, event.price)
        if by != self._begun_by:
            self._finish()
            self._begun_by = by
            self.last_aggregate += 1
        self._begun.append(trade)
        self._trades.append(trade)
        return trade

    def take_aggregates(self, count: int) -> list[AggregateTrade]:
        """Finish the aggregate at the end of a frame and return the newest so many."""
        self._finish()
        taken = self._aggregates[len(self._aggregates) - count :] if count else []
        if len(self._trades) > 2 * TRADES_MAX:
            self._forget()
        return taken

    def trades(self, limit: int, from_trade: int | None) -> list[PublicTrade]:
        """Return the newest trades, or those from an id on; oldest first."""
        kept = self._trades
        if from_trade is None or not kept:
            return kept[max(0, len(kept) - limit) :]
        start = max(0, from_trade - kept[0].trade)
        return kept[start : start + limit]

    def aggregates(
        self, limit: int, from_aggregate: int | None, start_time: int | None, end_time: int | None
    ) -> list[AggregateTrade]:
        """Return aggregate trades, oldest first; without a lower bound the newest."""
        kept = self._aggregates
        start, end = 0, len(kept)
        if end_time is not None:
            end = bisect_left(kept, end_time + 1, key=_AGGREGATE_TIME)
        if from_aggregate is not None and kept:
            start = max(0, from_aggregate - kept[0].aggregate)
        if start_time is not None:
            start = max(start, bisect_left(kept, start_time, key=_AGGREGATE_TIME))
        if from_aggregate is None and start_time is None:
            start = max(0, end - limit)
        return kept[start : min(end, start + limit)]

    def _forget(self) -> None:
        trades, aggregates = self._trades, self._aggregates
        most = len(trades) - TRADES_MAX
        written = max(0, self._written + 1 - trades[0].trade)
        del trades[: max(min(most, written), len(trades) - UNWRITTEN_MAX)]
        gone = bisect_left(aggregates, trades[0].trade, key=_LAST_TRADE)
        del aggregates[: min(gone, max(0, len(aggregates) - TRADES_MAX))]

    def _finish(self) -> None:
        if self._begun_by is not None:
            self._aggregates.append(_aggregate(self.last_aggregate, self._begun))
            self._begun, self._begun_by = [], None


def _aggregate(number: int, trades: Sequence[PublicTrade]) -> AggregateTrade:
    first, last = trades[0], trades[-1]
    return AggregateTrade(
        number,
        first.price,
        sum(trade.quantity for trade in trades),
        first.trade,
        last.trade,
        first.time,
        first.buyer_is_maker,
    )
