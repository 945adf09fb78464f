"""Whatever happens (gaps, restarts, kills), the room says what all trades together say.

Memory is made tiny here, so that nearly every question reaches behind it.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import recomputed
from histories import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from flowex.adapters.clock.manual import ManualClock
from flowex.messages.events import InstrumentChanged, Traded
from flowex.ports.feed import FeedBatch
from flowex.ports.market_data import MONTH, AggregateTrade, PublicTrade
from flowex.ports.timeseries import Timeseries
from flowex.services.market_data import candles, store, tape
from flowex.services.market_data.past import TRADE_ORIGIN, Past
from flowex.services.market_data.service import MarketDataService
from flowex.units.instants import DAY, HOUR, MINUTE, SECOND

BEGINNING = 1_709_164_799 * SECOND
"""A second before the leap day of 2024 begins."""

INTERVALS = (
    SECOND,
    *(minutes * MINUTE for minutes in (1, 3, 5, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 4, 6, 8, 12)),
    DAY,
    3 * DAY,
    7 * DAY,
    MONTH,
)
OFFSETS = (0, 8 * HOUR, -HOUR, 345 * MINUTE, 14 * HOUR, -12 * HOUR, 7 * MINUTE)

TIMES = st.one_of(
    st.none(),
    st.integers(-2 * DAY, 90 * DAY),
    st.integers(-40, 40).map(lambda hours: SECOND + hours * HOUR),
)
STEPS = st.sampled_from(
    (0, 1, 300_000, SECOND, 40 * SECOND, MINUTE, 17 * MINUTE, 7 * HOUR, 26 * HOUR, 33 * DAY)
)
TRADE = st.tuples(
    STEPS,
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=4),
    st.booleans(),
)
PAST = st.one_of(st.just([]), st.lists(TRADE, max_size=20))
KLINES = st.tuples(
    st.just("klines"), st.sampled_from(INTERVALS), st.sampled_from(OFFSETS), TIMES, TIMES
)
WINDOW = st.tuples(
    st.just("window"),
    st.one_of(
        st.integers(1, 59).map(lambda minutes: minutes * MINUTE),
        st.integers(1, 23).map(lambda hours: hours * HOUR),
        st.integers(1, 40).map(lambda days: days * DAY),
    ),
)
BY_NUMBER = st.tuples(
    st.sampled_from(("trades", "aggregates")), st.one_of(st.none(), st.integers(0, 90))
)
BY_TIME = st.tuples(st.just("aggregates by time"), TIMES, TIMES)
BY_TRADE = st.tuples(st.just("aggregates from a trade's time"), st.integers(0, 40))
EVENTS = st.lists(
    st.one_of(
        TRADE,
        TRADE,
        TRADE,
        st.sampled_from(("write", "restart", "kill", "idle")),
        st.tuples(st.sampled_from(("day", "average", "last candles"))),
        KLINES,
        KLINES,
        WINDOW,
        BY_NUMBER,
        BY_TIME,
        BY_TRADE,
    ),
    min_size=1,
    max_size=60,
)


@contextmanager
def tiny_memory() -> Iterator[None]:
    """Keep next to nothing in memory, but what a rolling day and a restart need."""
    with pytest.MonkeyPatch.context() as patch, ExitStack():
        for base, most in ((15 * MINUTE, 5), (HOUR, 25), (DAY, 3)):
            patch.setitem(candles.KEPT_MAX, base, most)
        patch.setattr(candles, "_TRIM", 0)
        patch.setattr(tape, "TRADES_MAX", 2)
        patch.setattr(store, "LOADED_TRADES_MAX", 2)
        yield


@dataclass
class Life:
    """A market's life: its feed, what it has traded, and the room that follows it."""

    history: Timeseries
    clock: ManualClock = field(default_factory=lambda: ManualClock(BEGINNING))
    batches: list[FeedBatch] = field(default_factory=list)
    made: list[PublicTrade] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    room: MarketDataService = field(init=False)

    async def begin_with(self, imported: Sequence[Any]) -> None:
        """Give the market a past from elsewhere, which ends before its first own trade."""
        for number, (after, parts, is_maker) in enumerate(imported, start=1):
            price, quantity = parts[0]
            self.clock.advance(after)
            self.made.append(
                PublicTrade(
                    number, price, quantity, price * quantity, self.clock.now(), is_maker, 0, 0
                )
            )
        self.clock.advance(2 * MINUTE)
        past = Past(self.history, 1)
        await past.open(self.clock.now())
        await past.add_trades(self.made)
        await past.finish()
        self.made = [replace(trade, trade=trade.trade - TRADE_ORIGIN) for trade in self.made]
        by = None
        for trade in self.made:
            last, by = by, (trade.time, trade.price, trade.buyer_is_maker)
            self.groups.append(self.groups[-1] if by == last else trade.trade)

    async def open(self) -> None:
        """Make the room, or make it again as a start does."""
        self.room = MarketDataService(self.history, self.clock)
        await self.room.open()
        for batch in self.batches:
            self.room.apply(batch)

    def feed(self, events: Sequence[Any]) -> None:
        """Give the room a frame of one command."""
        number = len(self.batches) + 1
        batch = FeedBatch(number, number, self.clock.now(), events)
        self.batches.append(batch)
        self.room.apply(batch)

    def trade(self, parts: Sequence[tuple[int, int]], *, taker_buys: bool) -> None:
        """Let a taker meet one maker after the other at rising prices."""
        sequence = len(self.batches) + 1
        events = []
        for price, quantity in sorted(parts):
            number = len(recomputed.own_of(self.made)) + 1
            events.append(
                Traded(
                    sequence=sequence,
                    instrument=1,
                    trade=number,
                    taker_order=sequence,
                    maker_order=10_000 + number,
                    price=price,
                    quantity=quantity,
                    quote_amount=price * quantity,
                    taker_side=0 if taker_buys else 1,
                )
            )
            orders = (sequence, 10_000 + number)
            last = max(0, self.groups[-1]) if self.groups else 0
            is_same = len(events) > 1 and self.made[-1].price == price
            self.groups.append(last if is_same else last + 1)
            self.made.append(
                PublicTrade(
                    number, price, quantity, price * quantity, self.clock.now(), not taker_buys,
                    *(orders if taker_buys else orders[::-1]),
                )
            )  # fmt: skip
        self.feed(events)

    async def do(self, event: Any) -> None:
        """Live through one event, or check one answer."""
        match event:
            case "write":
                await self.room.projector.drain()
            case "restart":
                await self.room.stop()
                await self.open()
            case "kill":
                await self.open()
            case "idle":
                self.clock.advance(3 * HOUR)
            case (int(), [*parts], bool()):
                self.clock.advance(event[0])
                self.trade(parts, taker_buys=event[2])
            case (str(name), *question):
                await CHECKS[name](self, *question)


def at(time: int | None) -> int | None:
    return None if time is None else BEGINNING + time


async def check_klines(
    life: Life, interval: int, offset: int, start: int | None, end: int | None
) -> None:
    for limit in (1, 3, 40):
        bounds = (limit, at(start), at(end))
        found = await life.room.klines(1, interval, *bounds, offset)
        now = life.clock.now()
        assert found == recomputed.klines(life.made, interval, offset, *bounds, now)


async def check_window(life: Life, length: int) -> None:
    now = life.clock.now()
    begin = now - now % MINUTE - length
    assert await life.room.since(1, begin) == recomputed.window(life.made, begin, now)


async def check_day(life: Life) -> None:
    assert life.room.ticker(1) == recomputed.day(life.made, life.clock.now())
    assert life.room.last_price(1) == (life.made[-1].price if life.made else 0)


async def check_average(life: Life) -> None:
    found = life.room.average(1, 5 * MINUTE)
    expected = recomputed.average(life.made, 5 * MINUTE, life.clock.now())
    assert (found.volume, found.quote_volume) == expected
    own = recomputed.own_of(life.made)
    assert found.last_price == (life.made[-1].price if life.made else 0)
    assert found.last_time == (own[-1].time if own else 0)


async def check_last_candles(life: Life) -> None:
    for interval in INTERVALS[:-2]:  # Weeks and months have more days than this memory.
        expected = recomputed.klines(life.made, interval, 0, 1, None, None, life.clock.now())
        assert life.room.candle(1, interval) == (expected[0] if expected else None)


async def check_trades(life: Life, number: int | None) -> None:
    for limit in (1, 3, 40):
        expected = life.made[-limit:]
        if number is not None:
            expected = [trade for trade in life.made if trade.trade >= number][:limit]
        assert await life.room.trades(1, limit, number) == expected


async def check_aggregates(life: Life, number: int | None) -> None:
    whole = recomputed.aggregates(life.made, life.groups)
    for limit in (1, 3, 40):
        expected = whole[-limit:]
        if number is not None:
            expected = [one for one in whole if one.aggregate >= number][:limit]
        assert await life.room.aggregates(1, limit, number) == expected


async def check_aggregates_by_time(life: Life, start: int | None, end: int | None) -> None:
    low, high = at(start), at(end)

    def lies_within(one: AggregateTrade) -> bool:
        return (low is None or one.time >= low) and (high is None or one.time <= high)

    whole = [one for one in recomputed.aggregates(life.made, life.groups) if lies_within(one)]
    for limit in (1, 3, 40):
        expected = whole[-limit:] if low is None else whole[:limit]
        assert await life.room.aggregates(1, limit, None, low, high) == expected


async def check_from_a_trades_time(life: Life, index: int) -> None:
    if life.made:
        time = life.made[index % len(life.made)].time - BEGINNING
        await check_aggregates_by_time(life, time, None)
        await check_aggregates_by_time(life, None, time)


CHECKS: dict[str, Callable[..., Any]] = {
    "klines": check_klines,
    "window": check_window,
    "day": check_day,
    "average": check_average,
    "last candles": check_last_candles,
    "trades": check_trades,
    "aggregates": check_aggregates,
    "aggregates by time": check_aggregates_by_time,
    "aggregates from a trade's time": check_from_a_trades_time,
}


async def live(imported: Sequence[Any], events: Sequence[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened("duckdb", Path(folder)) as history:
            life = Life(history)
            if imported:
                await life.begin_with(imported)
            await life.open()
            life.feed([InstrumentChanged(instrument=1, symbol="BTCUSDT")])
            for event in events:
                await life.do(event)
            for event in (("day",), ("average",), ("last candles",), ("trades", 1)):
                await life.do(event)
            for interval in INTERVALS:
                await life.do(("klines", interval, 0, 0, None))


@settings(max_examples=60, deadline=None)
@given(PAST, EVENTS)
def test_the_room_says_what_all_trades_together_say(imported: list[Any], events: list[Any]) -> None:
    with tiny_memory():
        asyncio.run(live(imported, events))
