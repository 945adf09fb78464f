"""How often: request weight and raw requests per address, unfilled orders per account.

Windows are fixed and aligned to the clock, as clients expect: the count of ``1 MINUTE`` falls to
zero when the minute turns. Whoever goes on after being told 429 is banned (418), 2 minutes at
first and doubling up to 3 days; who keeps still for 3 days after a ban starts anew. An order has a
place in its account's counts until it trades for the first time: who trades may go on placing.
Tables are bounded: when one is full the oldest entries go.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from flowex.units.instants import DAY, MINUTE, SECOND

TOO_MANY: Final = 429
BANNED: Final = 418
ADDRESSES_MAX: Final = 100_000
ACCOUNTS_MAX: Final = 100_000
UNFILLED_MAX: Final = 200_000
"""At least so many of the newest orders give their places back when they trade, at most twice as
many; of older ones the window is over, mostly."""
TOLERATED: Final = 20
"""Requests answered 429 in one window before the address is banned."""
BAN_FIRST: Final = 2 * MINUTE
BAN_MAX: Final = 3 * DAY
_DOUBLINGS_MAX: Final = 12
"""2 minutes doubled so often are more than 3 days."""
CONNECTIONS_WINDOW: Final = 5 * MINUTE


class Pools(msgspec.Struct, frozen=True):
    """The limits one exchange announces and enforces."""

    weight_per_minute: int = 6_000
    raw_per_five_minutes: int = 61_000
    orders_per_ten_seconds: int = 100
    orders_per_day: int = 200_000
    connections_per_five_minutes: int = 300


UNLIMITED: Final = Pools(*[1 << 50] * len(Pools.__struct_fields__))
"""Counts without ever refusing: for an exchange among friends, and for its benches."""


class Address:
    """What one address has used."""

    __slots__ = (
        "banned_until",
        "bans",
        "connections",
        "connections_window",
        "raw",
        "raw_window",
        "refused",
        "weight",
        "weight_window",
    )

    def __init__(self) -> None:
        """Start with everything unused."""
        self.weight = self.weight_window = 0
        self.raw = self.raw_window = 0
        self.refused = self.bans = self.banned_until = 0
        self.connections = self.connections_window = 0


class OrderCount:
    """What one account has placed that has not traded."""

    __slots__ = ("day", "day_window", "ten_seconds", "ten_seconds_window")

    def __init__(self) -> None:
        """Start with nothing placed."""
        self.ten_seconds = self.ten_seconds_window = 0
        self.day = self.day_window = 0


class Place(msgspec.Struct, frozen=True):
    """Where orders were counted: in whose counts, and in which of their windows."""

    counts: OrderCount
    ten_seconds_window: int
    day_window: int

    def give_back(self, orders: int = 1) -> None:
        """Count so many orders less in the windows that are still running."""
        counts = self.counts
        if counts.ten_seconds_window == self.ten_seconds_window:
            counts.ten_seconds = max(counts.ten_seconds - orders, 0)
        if counts.day_window == self.day_window:
            counts.day = max(counts.day - orders, 0)


class Verdict(msgspec.Struct, frozen=True):
    """Why a request is turned away: 429 or 418, and seconds to wait."""

    status: int
    retry_after: int
    limit: int
    interval: str


def _seconds(span: int) -> int:
    return max(1, -(-span // SECOND))


class Limits:
    """Counts and decides; ``now`` is in µs and comes from the caller's clock."""

    def __init__(self, pools: Pools | None = None) -> None:
        """Start with empty tables."""
        self.pools = pools or Pools()
        self._addresses: OrderedDict[str, Address] = OrderedDict()
        self._accounts: OrderedDict[int, OrderCount] = OrderedDict()
        # Two generations: the elder goes as a whole, which is cheaper than to drop one by one.
        self._unfilled: dict[int, Place] = {}
        self._unfilled_before: dict[int, Place] = {}

    def address(self, address: str) -> Address:
        """Return the record of an address, a new one if it is unknown."""
        record = self._addresses.get(address)
        if record is None:
            if len(self._addresses) >= ADDRESSES_MAX:
                self._addresses.popitem(last=False)
            record = self._addresses[address] = Address()
        return record

    def charge(self, record: Address, weight: int, now: int) -> Verdict | None:
        """Count a request of this weight; return why it is refused, or None."""
        if record.banned_until > now:
            return Verdict(BANNED, _seconds(record.banned_until - now), 0, "")
        window = now // MINUTE
        if window != record.weight_window:
            record.weight_window, record.weight, record.refused = window, 0, 0
        window = now // CONNECTIONS_WINDOW
        if window != record.raw_window:
            record.raw_window, record.raw = window, 0
        record.raw += 1
        record.weight += weight
        if record.weight > self.pools.weight_per_minute:
            return self._refuse(record, now, MINUTE, self.pools.weight_per_minute, "1 MINUTE")
        if record.raw > self.pools.raw_per_five_minutes:
            limit = self.pools.raw_per_five_minutes
            return self._refuse(record, now, CONNECTIONS_WINDOW, limit, "5 MINUTE")
        return None

    def connect(self, record: Address, now: int) -> bool:
        """Count a WebSocket connection; whether it may stay."""
        window = now // CONNECTIONS_WINDOW
        if window != record.connections_window:
            record.connections_window, record.connections = window, 0
        record.connections += 1
        within = record.connections <= self.pools.connections_per_five_minutes
        return within and record.banned_until <= now

    def orders(self, account: int, now: int) -> OrderCount:
        """Return the account's counts, with windows that are over emptied."""
        count = self._accounts.get(account)
        if count is None:
            if len(self._accounts) >= ACCOUNTS_MAX:
                self._accounts.popitem(last=False)
            count = self._accounts[account] = OrderCount()
        window = now // (10 * SECOND)
        if window != count.ten_seconds_window:
            count.ten_seconds_window, count.ten_seconds = window, 0
        window = now // DAY
        if window != count.day_window:
            count.day_window, count.day = window, 0
        return count

    def reserve(self, account: int, now: int, orders: int = 1) -> Place | Verdict:
        """Count new orders of the account and return their place, or why they are refused."""
        count = self.orders(account, now)
        if count.ten_seconds + orders > self.pools.orders_per_ten_seconds:
            wait = _seconds(10 * SECOND - now % (10 * SECOND))
            return Verdict(TOO_MANY, wait, self.pools.orders_per_ten_seconds, "10 SECOND")
        if count.day + orders > self.pools.orders_per_day:
            wait = _seconds(DAY - now % DAY)
            return Verdict(TOO_MANY, wait, self.pools.orders_per_day, "1 DAY")
        count.ten_seconds += orders
        count.day += orders
        return Place(count, count.ten_seconds_window, count.day_window)

    def rests(self, order: int, place: Place) -> None:
        """Remember the place of an order that has not traded yet."""
        if len(self._unfilled) >= UNFILLED_MAX:
            self._unfilled_before, self._unfilled = self._unfilled, {}
        self._unfilled[order] = place

    def traded(self, order: int) -> None:
        """Give back the place of an order the first time it trades."""
        place = self._unfilled.pop(order, None) or self._unfilled_before.pop(order, None)
        if place is not None:
            place.give_back()

    @staticmethod
    def _refuse(record: Address, now: int, period: int, limit: int, interval: str) -> Verdict:
        record.refused += 1
        if record.refused > TOLERATED:
            if now - record.banned_until > BAN_MAX:
                record.bans = 0
            ban = min(BAN_FIRST << record.bans, BAN_MAX)
            record.bans = min(record.bans + 1, _DOUBLINGS_MAX)
            record.banned_until, record.refused = now + ban, 0
            return Verdict(BANNED, _seconds(ban), limit, interval)
        return Verdict(TOO_MANY, _seconds(period - now % period), limit, interval)
