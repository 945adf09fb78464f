"""Stories of icebergs: what shows, who has which turn, what stays hidden."""

import pytest
from conditional import filters, iceberg
from engines import both, make
from market import ALICE, BOB, BTC, CAROL, Market, refused

from flowex.messages.commands import Conditions, OrderAmend
from flowex.messages.enums import OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.results import ResultCode

PRICE = 40_000


@both
def test_a_level_counts_what_shows(engine: str) -> None:
    market = Market(engine)
    iceberg(market, ALICE, Side.SELL, PRICE, 100, 30)
    assert market.levels() == [(Side.SELL, PRICE, 30)]
    market.sell(BOB, PRICE, 20)
    assert market.levels() == [(Side.SELL, PRICE, 50)]
    assert market.balance(ALICE, BTC)[1] == 100 * 100 * 1_000


@both
def test_the_refreshed_part_goes_behind_everybody_else(engine: str) -> None:
    market = Market(engine)
    first = iceberg(market, ALICE, Side.SELL, PRICE, 100, 30).id
    second = market.sell(BOB, PRICE, 20).id
    market.buy(CAROL, PRICE, 30)
    assert market.levels() == []  # What it shows is as much as before.
    assert [order.id for order in market.orders()] == [second, first]
    market.buy(CAROL, PRICE, 35)
    assert market.trades() == [(PRICE, 20), (PRICE, 15)]
    assert market.levels() == [(Side.SELL, PRICE, 15)]


@both
def test_a_great_taker_gets_every_part_in_turns(engine: str) -> None:
    market = Market(engine)
    iceberg(market, ALICE, Side.SELL, PRICE, 70, 30)
    iceberg(market, BOB, Side.SELL, PRICE, 50, 40)
    market.buy(CAROL, PRICE, 200)
    assert market.trades() == [(PRICE, lots) for lots in (30, 40, 30, 10, 10)]
    assert [(order.side, order.quantity) for order in market.orders()] == [(Side.BUY, 20_000)]


@both
def test_fill_or_kill_counts_what_is_hidden(engine: str) -> None:
    market = Market(engine)
    iceberg(market, ALICE, Side.SELL, PRICE, 70, 30)
    assert market.buy(CAROL, PRICE, 71, time_in_force=TimeInForce.FOK).code == ResultCode.OK
    assert market.trades() == []
    market.buy(CAROL, PRICE, 70, time_in_force=TimeInForce.FOK)
    assert market.trades() == [(PRICE, 30), (PRICE, 30), (PRICE, 10)]


@both
def test_an_iceberg_that_takes_hides_only_its_rest(engine: str) -> None:
    market = Market(engine)
    market.sell(BOB, PRICE, 50)
    iceberg(market, CAROL, Side.BUY, PRICE, 100, 30)
    assert market.trades() == [(PRICE, 50)]
    assert market.levels() == [(Side.SELL, PRICE, 0), (Side.BUY, PRICE, 30)]


@both
def test_amending_lowers_what_is_hidden_first(engine: str) -> None:
    market = Market(engine)
    number = iceberg(market, ALICE, Side.SELL, PRICE, 100, 30).id
    market.send(OrderAmend(account=ALICE, order=number, quantity=5_000))
    assert market.levels() == []
    market.send(OrderAmend(account=ALICE, order=number, quantity=2_000))
    assert market.levels() == [(Side.SELL, PRICE, 20)]
    assert market.balance(ALICE, BTC)[1] == 20 * 100 * 1_000


@both
@pytest.mark.parametrize("mode", list(SelfTrade))
def test_walking_and_matching_agree_on_own_icebergs(engine: str, mode: SelfTrade) -> None:
    """A MARKET buy that walked the book first never ends with less money than it needs."""
    market = Market(engine)
    iceberg(market, ALICE, Side.SELL, PRICE, 70, 30)
    market.sell(BOB, PRICE, 25)
    market.sell(BOB, PRICE + 5, 500)
    result = market.market(ALICE, Side.BUY, quantity=9_000, self_trade=mode)
    assert result.code == ResultCode.OK


@both
def test_parts_shown_and_lots_are_bounded(engine: str) -> None:
    market = Market(engine)
    assert refused(iceberg(market, ALICE, Side.SELL, PRICE, 20, 21)) == (
        ResultCode.ICEBERG_EXCEEDS_QUANTITY
    )
    hidden = Conditions(display_quantity=150)
    odd = market.limit(ALICE, Side.SELL, PRICE, 20, conditions=hidden)
    assert refused(odd) == ResultCode.QUANTITY_OFF_LOT
    market.sell(ALICE, PRICE, 20)
    filters(market, iceberg_parts_max=10, iceberg_orders_max=1)
    assert refused(iceberg(market, ALICE, Side.SELL, PRICE, 101, 10)) == ResultCode.ICEBERG_PARTS
    assert iceberg(market, ALICE, Side.SELL, PRICE, 100, 10).code == ResultCode.OK
    assert refused(iceberg(market, ALICE, Side.SELL, PRICE, 100, 10)) == (
        ResultCode.INSTRUMENT_ICEBERG_ORDERS
    )
    snapshot = market.machine.snapshot()
    assert make(engine, snapshot).snapshot() == snapshot


@both
@pytest.mark.parametrize(
    ("kind", "force"),
    [
        (OrderType.LIMIT, TimeInForce.IOC),
        (OrderType.LIMIT, TimeInForce.FOK),
        (OrderType.LIMIT_MAKER, TimeInForce.GTD),
    ],
)
def test_an_iceberg_is_good_till_cancelled(
    engine: str, kind: OrderType, force: TimeInForce
) -> None:
    market = Market(engine)
    more = {"expire_time": 10**13} if force == TimeInForce.GTD else {}
    hidden = Conditions(display_quantity=1_000)
    result = market.limit(
        ALICE, Side.SELL, PRICE, 20, order_type=kind, time_in_force=force, conditions=hidden, **more
    )
    assert refused(result) == ResultCode.INVALID_ORDER
