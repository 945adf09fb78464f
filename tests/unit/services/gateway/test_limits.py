"""Weight, raw requests, orders: counted, refused, banned, forgotten."""

from flowex.services.gateway.limits import (
    ADDRESSES_MAX,
    BAN_FIRST,
    BANNED,
    TOLERATED,
    TOO_MANY,
    Limits,
    Pools,
)
from flowex.units.instants import MINUTE, SECOND

START = 28_333_333 * MINUTE
POOLS = Pools(weight_per_minute=10, raw_per_five_minutes=1_000, orders_per_ten_seconds=2)


def test_weight_is_refused_above_the_pool_until_the_minute_turns() -> None:
    limits = Limits(POOLS)
    record = limits.address("1.2.3.4")
    now = START + 20 * SECOND
    assert limits.charge(record, 10, now) is None
    verdict = limits.charge(record, 1, now)
    assert verdict is not None
    assert (verdict.status, verdict.retry_after) == (TOO_MANY, 40)
    assert limits.charge(limits.address("1.2.3.5"), 10, now) is None
    assert limits.charge(record, 10, START + MINUTE) is None
    assert record.weight == 10


def test_going_on_after_429_is_banned_ever_longer() -> None:
    limits = Limits(POOLS)
    record = limits.address("1.2.3.4")
    now = START

    def get_banned() -> int:
        limits.charge(record, 10, now)
        for _ in range(TOLERATED):
            verdict = limits.charge(record, 1, now)
            assert verdict is not None
            assert verdict.status == TOO_MANY
        verdict = limits.charge(record, 1, now)
        assert verdict is not None
        assert verdict.status == BANNED
        return verdict.retry_after

    assert get_banned() == BAN_FIRST // SECOND
    still = limits.charge(record, 1, now + MINUTE)
    assert still is not None
    assert (still.status, still.retry_after) == (BANNED, 60)
    now += 5 * MINUTE
    assert get_banned() == 2 * BAN_FIRST // SECOND


def test_raw_requests_have_their_own_pool() -> None:
    limits = Limits(Pools(raw_per_five_minutes=3))
    record = limits.address("1.2.3.4")
    verdicts = [limits.charge(record, 0, START) for _ in range(4)]
    assert [v is None for v in verdicts] == [True, True, True, False]


def test_orders_are_counted_per_account_and_window() -> None:
    limits = Limits(POOLS)
    count = limits.orders(7, START)
    count.ten_seconds += 2
    count.day += 2
    verdict = limits.order_verdict(count, START + 3 * SECOND)
    assert verdict is not None
    assert (verdict.interval, verdict.retry_after) == ("10 SECOND", 7)
    assert limits.order_verdict(limits.orders(8, START), START) is None
    later = limits.orders(7, START + 10 * SECOND)
    assert (later.ten_seconds, later.day) == (0, 2)


def test_connections_are_counted_per_address() -> None:
    limits = Limits(Pools(connections_per_five_minutes=2))
    record = limits.address("1.2.3.4")
    assert [limits.connect(record, START) for _ in range(3)] == [True, True, False]
    assert limits.connect(record, START + 5 * MINUTE)


def test_the_table_of_addresses_is_bounded() -> None:
    limits = Limits()
    first = limits.address("first")
    for number in range(ADDRESSES_MAX):
        limits.address(str(number))
    assert limits.address("first") is not first
