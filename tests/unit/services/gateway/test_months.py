"""Months from days."""

from datetime import UTC, datetime

from gateway_exchange import Market

from flowex.ports.market_data import PublicTrade
from flowex.services.gateway.months import begin_of, month_of, monthly
from flowex.units.instants import SECOND


def instant(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND


def test_months_begin_on_the_first() -> None:
    february = month_of(instant(2024, 2, 29))
    assert begin_of(february) == instant(2024, 2, 1)
    assert begin_of(february + 1) == instant(2024, 3, 1)
    assert month_of(instant(2024, 1, 1) - 1) == month_of(instant(2023, 12, 31))


def test_days_are_put_together_by_month() -> None:
    market = Market()
    days = [(2023, 12, 31, 7), (2024, 1, 1, 5), (2024, 1, 31, 9), (2024, 2, 29, 4)]
    market.tape[1] = [
        PublicTrade(number, price, 2, 2 * price, instant(year, month, day), False, 1, 2)
        for number, (year, month, day, price) in enumerate(days, 1)
    ]
    now = instant(2024, 2, 29)
    december, january, february = monthly(market, 1, 3, None, None, now)
    assert (december.open_time, december.close_time) == (
        instant(2023, 12, 1),
        instant(2024, 1, 1) - 1,
    )
    assert (january.open, january.high, january.low, january.close) == (5, 9, 5, 9)
    assert (january.volume, january.quote_volume, january.trades) == (4, 28, 2)
    assert (january.first_trade, january.last_trade) == (2, 3)
    assert february.open_time == instant(2024, 2, 1)
    assert monthly(market, 1, 1, None, None, now) == [february]
    assert monthly(market, 1, 5, instant(2024, 1, 1), instant(2024, 1, 1), now) == [january]
    assert monthly(market, 1, 5, instant(2024, 1, 2), None, now) == [february]
    assert monthly(market, 1, 5, instant(2024, 3, 2), None, now) == []
    assert monthly(market, 1, 2, 0, None, now) == [december, january]
    assert monthly(market, 1, 5, 10**18, None, now) == []
    assert monthly(market, 1, 5, None, 10**18, now)[-1] == february
