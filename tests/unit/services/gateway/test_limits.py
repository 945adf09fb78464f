"""Weight, raw requests, orders: counted, refused, banned, forgotten."""

from flowex.services.gateway.limits import (
    ADDRESSES_MAX,
    BAN_FIRST,
    BAN_MAX,
    BANNED,
    TOLERATED,
    TOO_MANY,
    UNFILLED_MAX,
    Limits,
    Place,
    Pools,
    Verdict,
)
from flowex.units.instants import DAY, MINUTE, SECOND

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


def get_banned(limits: Limits, now: int) -> int:
    """Go on after 429 until the ban; return its seconds."""
    record = limits.address("1.2.3.4")
    limits.charge(record, 10, now)
    for _ in range(TOLERATED):
        verdict = limits.charge(record, 1, now)
        assert verdict is not None
        assert verdict.status == TOO_MANY
    verdict = limits.charge(record, 1, now)
    assert verdict is not None
    assert verdict.status == BANNED
    return verdict.retry_after


def test_going_on_after_429_is_banned_ever_longer() -> None:
    limits, now = Limits(POOLS), START
    bans = []
    for _ in range(14):
        bans.append(get_banned(limits, now))
        now += (bans[-1] // 60 + 1) * MINUTE
    assert bans[:4] == [120, 240, 480, 960]
    assert bans[-3:] == [245_760, BAN_MAX // SECOND, BAN_MAX // SECOND]


def test_a_ban_is_told_with_what_is_left_of_it() -> None:
    limits = Limits(POOLS)
    assert get_banned(limits, START) == BAN_FIRST // SECOND
    still = limits.charge(limits.address("1.2.3.4"), 1, START + MINUTE)
    assert still is not None
    assert (still.status, still.retry_after) == (BANNED, 60)
    assert limits.charge(limits.address("1.2.3.4"), 1, START + 2 * MINUTE) is None


def test_who_keeps_still_for_three_days_starts_anew() -> None:
    limits = Limits(POOLS)
    get_banned(limits, START)
    assert get_banned(limits, START + 5 * MINUTE) == 240
    assert get_banned(limits, START + BAN_MAX + 10 * MINUTE) == 120


def test_raw_requests_have_their_own_pool() -> None:
    limits = Limits(Pools(raw_per_five_minutes=3))
    record = limits.address("1.2.3.4")
    verdicts = [limits.charge(record, 0, START) for _ in range(4)]
    assert [v is None for v in verdicts] == [True, True, True, False]


def placed(limits: Limits, now: int, orders: int = 1, account: int = 7) -> Place:
    place = limits.reserve(account, now, orders)
    assert isinstance(place, Place)
    return place


def test_orders_are_counted_per_account_and_window() -> None:
    limits = Limits(POOLS)
    placed(limits, START, 2)
    verdict = limits.reserve(7, START + 3 * SECOND)
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.interval, verdict.retry_after) == (TOO_MANY, "10 SECOND", 7)
    placed(limits, START, account=8)
    later = limits.orders(7, START + 10 * SECOND)
    assert (later.ten_seconds, later.day) == (0, 2)


def test_orders_of_a_list_are_counted_together_or_not_at_all() -> None:
    limits = Limits(POOLS)
    placed(limits, START)
    assert isinstance(limits.reserve(7, START, 2), Verdict)
    assert limits.orders(7, START).ten_seconds == 1
    placed(limits, START)


def test_the_day_has_a_limit_of_its_own() -> None:
    limits = Limits(Pools(orders_per_day=3))
    for turn in range(3):
        placed(limits, START + turn * 10 * SECOND)
    now = START + MINUTE
    verdict = limits.reserve(7, now)
    assert isinstance(verdict, Verdict)
    assert (verdict.interval, verdict.retry_after) == ("1 DAY", (DAY - now % DAY) // SECOND)


def test_the_first_fill_of_an_order_gives_its_place_back() -> None:
    limits = Limits(POOLS)
    first, second = placed(limits, START), placed(limits, START)
    limits.rests(100, first)
    limits.rests(101, second)
    limits.traded(100)
    limits.traded(100)
    limits.traded(999)
    count = limits.orders(7, START)
    assert (count.ten_seconds, count.day) == (1, 1)
    placed(limits, START)


def test_a_fill_gives_nothing_back_in_a_window_the_order_was_not_placed_in() -> None:
    limits = Limits(POOLS)
    limits.rests(100, placed(limits, START))
    placed(limits, START + 10 * SECOND)
    limits.traded(100)
    count = limits.orders(7, START + 10 * SECOND)
    assert (count.ten_seconds, count.day) == (1, 1)


def test_unfilled_orders_are_remembered_up_to_a_limit() -> None:
    limits = Limits()
    place = placed(limits, START, 3)
    for order in range(2 * UNFILLED_MAX + 1):
        limits.rests(order, place)
    limits.traded(0)
    assert place.counts.day == 3
    limits.traded(UNFILLED_MAX + 1)
    limits.traded(2 * UNFILLED_MAX)
    assert place.counts.day == 1


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
