"""The history of the markets: trades and candles without end, written in batches, read by time.

What lies here is made from the feed, or was imported as an instrument's past. An instrument's
trades rise in number, aggregate number and time together, and the trades of an aggregate share one
time. Numbers of trades that were imported are below 0, those of the exchange's own begin with 1.
Integers are in the instrument's units, times in µs; prices and quantities fit 64 bits, the sums of
a candle may need 127 and are exact all the same.

A candle is told by instrument, interval and opening. Written again it replaces what was there, and
a trade likewise: whoever repeats a batch changes nothing. A batch names each at most once. Candles
are written when they are over; those that had no trade are not kept.

TimeseriesError
├── TimeseriesDown      the store cannot be reached, is full or failed; trying again may help
└── TimeseriesRefused   the rows or the file are wrong, or somebody else wrote; trying never helps
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from flowex.ports.market_data import AggregateTrade, Kline, PublicTrade

LIMIT_MAX: Final = 40_000
"""Most rows a question gives: a month's chart of a thousand months is made of 31,000 days."""

BATCH_ROWS_MAX: Final = 500_000
"""Most trades and candles together that a batch may hold; it is in memory whole."""


class TimeseriesError(Exception):
    """The store did not do what it was asked."""


class TimeseriesDown(TimeseriesError):
    """The store cannot be reached, is full or failed."""


class TimeseriesRefused(TimeseriesError):
    """The rows or the file are wrong, or somebody else wrote."""


class RecordedTrade(NamedTuple):
    """A trade, whose it is, and the aggregate it belongs to."""

    instrument: int
    aggregate: int
    trade: PublicTrade


class RecordedCandle(NamedTuple):
    """A candle, whose it is, and how long it lasts in µs."""

    instrument: int
    interval: int
    candle: Kline


@dataclass(frozen=True, slots=True)
class TimeseriesBatch:
    """What is written at once."""

    trades: Sequence[RecordedTrade] = ()
    candles: Sequence[RecordedCandle] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a consumer of the feed comes with a batch: from one sequence to another."""

    consumer: str
    expected: int
    """The sequence its rows reach before the batch; 0 in the beginning."""
    reached: int
    """The sequence they reach with it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an instrument's history reaches."""

    first_trade: RecordedTrade | None
    last_trade: RecordedTrade | None
    first_candles: Mapping[int, int]
    """The opening of the first candle, by interval."""


class Timeseries(Protocol):
    """One writer and many readers.

    Questions return what lies within all of their bounds, which are inclusive: the first ``limit``
    of it or, where ``newest`` is set, the last; the oldest first in either case. The limit is at
    most ``LIMIT_MAX``.
    """

    async def progress(self, consumer: str) -> int:
        """Return the sequence the consumer's rows reach; 0 when there are none.

        Rows of an attempt that never reached its mark do not exist afterwards: ask before the first
        batch. Raises TimeseriesError.
        """
        ...

    async def write(self, batch: TimeseriesBatch, mark: Mark | None = None) -> None:
        """Write a batch and the mark it reaches; return when both are durable.

        A batch whose mark was reached before changes nothing. Raises TimeseriesRefused when the
        consumer stands elsewhere than expected, and TimeseriesDown: then repeat this very batch.
        """
        ...

    async def instruments(self) -> list[int]:
        """Return the numbers of those that have a history, rising. Raises TimeseriesError."""
        ...

    async def candles(
        self,
        instrument: int,
        interval: int,
        *,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Kline]:
        """Return candles of exactly that interval that open between the times.

        Nothing is folded from shorter ones, gaps are not filled. Raises TimeseriesError.
        """
        ...

    async def folded(
        self, instrument: int, interval: int, width: int, *, start_time: int, end_time: int
    ) -> list[Kline]:
        """Return the candles of that interval put together to longer ones, oldest first.

        Each is ``width`` long, a multiple of the interval, counted from ``start_time``; what opens
        after ``end_time`` does not count. There are at most ``LIMIT_MAX`` of them, and none for a
        time without trades. A trade's number below 0 is none. Raises TimeseriesError.
        """
        ...

    async def trades(
        self,
        instrument: int,
        *,
        from_trade: int | None = None,
        to_trade: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[RecordedTrade]:
        """Return trades by number and time. Raises TimeseriesError."""
        ...

    async def aggregates(
        self,
        instrument: int,
        *,
        from_aggregate: int | None = None,
        to_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[AggregateTrade]:
        """Return aggregate trades by number and time. Raises TimeseriesError."""
        ...

    async def bounds(self, instrument: int) -> Bounds:
        """Return how far the instrument's history reaches. Raises TimeseriesError."""
        ...

    async def close(self) -> None:
        """Finish the work under way and close; later calls raise TimeseriesDown."""
        ...
