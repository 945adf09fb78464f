"""What the public picture must be, recomputed from all trades in the plainest way.

Trades with numbers below 0 were imported: they count, and candles do not name them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flowex.ports.market_data import MONTH, AggregateTrade, Kline, PublicTrade, Ticker
from flowex.units.instants import DAY, MINUTE, SECOND

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def opening(time: int, interval: int, offset: int) -> int:
    """Return when the candle that holds a time opens, by the calendar on the wall of that zone."""
    wall = EPOCH + timedelta(microseconds=time + offset)
    if interval == MONTH:
        opened = wall.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    else:
        origin = MONDAY if interval == 7 * DAY else EPOCH
        length = timedelta(microseconds=interval)
        opened = origin + (wall - origin) // length * length
    return micros(opened) - offset


def following(opened: int, interval: int, offset: int) -> int:
    """Return when the next candle opens."""
    longest = 32 * DAY if interval == MONTH else interval
    return opening(opened + longest, interval, offset)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def candle(opened: int, end: int, inside: Sequence[PublicTrade], last_price: int) -> Kline:
    """Return the candle of some trades, or one that repeats a price."""
    prices = [trade.price for trade in inside] or [last_price]
    bought = [trade for trade in inside if not trade.buyer_is_maker]
    own = own_of(inside)
    return Kline(
        opened,
        end - 1,
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(trade.quantity for trade in inside),
        sum(trade.quote_amount for trade in inside),
        len(inside),
        sum(trade.quantity for trade in bought),
        sum(trade.quote_amount for trade in bought),
        own[0].trade if own else -1,
        own[-1].trade if own else -1,
    )


def own_of(made: Sequence[PublicTrade]) -> Sequence[PublicTrade]:
    """Return the trades that were not imported."""
    return [trade for trade in made if trade.trade > 0]


def klines(
    made: Sequence[PublicTrade],
    interval: int,
    offset: int,
    limit: int,
    start_time: int | None,
    end_time: int | None,
    now: int,
) -> list[Kline]:
    """Return the candles of a question; the bounds are of openings."""
    if not made:
        return []
    first = opening(made[0].time, interval, offset)
    last = opening(now if end_time is None else min(now, end_time), interval, offset)
    if start_time is None:
        behind = last
        for _ in range(limit - 1):
            behind = opening(behind - 1, interval, offset) if behind > first else behind
        opened = max(first, behind)
    else:
        opened = opening(start_time, interval, offset)
        if opened < start_time:
            opened = following(opened, interval, offset)
        opened = max(first, opened)
    found: list[Kline] = []
    while opened <= last and len(found) < limit:
        end = following(opened, interval, offset)
        inside = [trade for trade in made if opened <= trade.time < end]
        found.append(candle(opened, end, inside, price_before(made, opened)))
        opened = end
    return found


def price_before(made: Sequence[PublicTrade], time: int) -> int:
    """Return the last price before a time, 0 when there is none."""
    prices = [trade.price for trade in made if trade.time < time]
    return prices[-1] if prices else 0


def window(made: Sequence[PublicTrade], opened: int, now: int) -> Kline:
    """Return all trades since a time as one candle."""
    inside = [trade for trade in made if trade.time >= opened]
    return candle(opened, now + 1, inside, made[-1].price if made else 0)


def day(made: Sequence[PublicTrade], now: int) -> Ticker:
    """Return the rolling 24 hours."""
    opened = now - now % MINUTE - DAY
    own = own_of(made)
    traded = window(made, opened, now)
    return Ticker(
        opened,
        now,
        traded.open,
        traded.high,
        traded.low,
        traded.close,
        own[-1].quantity if own else 0,
        price_before(made, opened) or traded.open,
        traded.volume,
        traded.quote_volume,
        traded.first_trade,
        traded.last_trade,
        traded.trades,
    )


def average(made: Sequence[PublicTrade], duration: int, now: int) -> tuple[int, int]:
    """Return what was traded, and for how much, since a duration ago, on a whole second."""
    since = now - now % SECOND - duration
    inside = [trade for trade in made if trade.time >= since]
    return sum(one.quantity for one in inside), sum(one.quote_amount for one in inside)


def aggregates(made: Sequence[PublicTrade], groups: Sequence[int]) -> list[AggregateTrade]:
    """Return trades joined by the number of their group."""
    found = []
    for number in sorted(set(groups)):
        parts = [trade for trade, group in zip(made, groups, strict=True) if group == number]
        found.append(
            AggregateTrade(
                number,
                parts[0].price,
                sum(part.quantity for part in parts),
                parts[0].trade,
                parts[-1].trade,
                parts[0].time,
                parts[0].buyer_is_maker,
            )
        )
    return found
