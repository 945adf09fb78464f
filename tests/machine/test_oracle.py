"""The oracle's own rules, told as small stories."""

import pytest
from oracle import Oracle, Trade

from flowex.messages.enums import SelfTrade, Side, TimeInForce

BUY, SELL = Side.BUY, Side.SELL


def test_better_price_then_older_order_trades_first() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 101, 5)
    oracle.limit(2, SELL, 100, 5)
    oracle.limit(3, SELL, 100, 5)
    oracle.limit(4, BUY, 101, 12)
    assert oracle.trades == [Trade(4, 2, 100, 5), Trade(4, 3, 100, 5), Trade(4, 1, 101, 2)]
    assert {order.id: order.remaining for order in oracle.orders.values()} == {1: 3}


def test_the_rest_of_a_limit_rests_and_of_an_ioc_does_not() -> None:
    oracle = Oracle()
    oracle.limit(1, BUY, 100, 5)
    oracle.limit(2, SELL, 100, 7, time_in_force=TimeInForce.IOC)
    assert oracle.orders == {}
    oracle.limit(3, BUY, 100, 5)
    oracle.limit(4, SELL, 100, 7)
    assert oracle.orders[4].remaining == 2


def test_fok_fills_entirely_or_leaves_everything_alone() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 5)
    assert not oracle.limit(2, BUY, 100, 6, time_in_force=TimeInForce.FOK)
    assert (oracle.trades, oracle.orders[1].remaining) == ([], 5)
    assert oracle.limit(3, BUY, 100, 5, time_in_force=TimeInForce.FOK)
    assert oracle.trades == [Trade(3, 1, 100, 5)]


def test_a_maker_only_order_that_would_take_is_refused() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 5)
    assert not oracle.limit(2, BUY, 100, 1, maker_only=True)
    assert oracle.limit(3, BUY, 99, 1, maker_only=True)
    assert set(oracle.orders) == {1, 3}


def test_a_market_order_by_quote_amount_buys_whole_lots() -> None:
    oracle = Oracle(lot=2)
    oracle.limit(1, SELL, 10, 4)
    oracle.limit(2, SELL, 11, 8)
    oracle.market_quote(3, BUY, 10 * 4 + 11 * 5)
    assert oracle.trades == [Trade(3, 1, 10, 4), Trade(3, 2, 11, 4)]


def test_reducing_keeps_priority_and_moving_loses_it() -> None:
    oracle = Oracle()
    for order_id in (1, 2, 3):
        oracle.limit(order_id, SELL, 100, 5)
    assert oracle.reduce(1, 3)
    assert oracle.replace(2, 100)
    oracle.limit(4, BUY, 100, 8)
    assert [trade.maker_id for trade in oracle.trades] == [1, 3, 2]


def test_a_moved_order_keeps_what_remains_and_may_trade() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 5)
    oracle.limit(2, BUY, 100, 2)
    oracle.limit(3, BUY, 98, 9)
    assert oracle.replace(1, 98)
    assert oracle.trades[-1] == Trade(1, 3, 98, 3)
    assert 1 not in oracle.orders


def test_reduced_by_all_that_remains_an_order_is_gone() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 5)
    assert oracle.reduce(1, 5)
    assert oracle.orders == {}


def test_unknown_orders_are_no_ops() -> None:
    oracle = Oracle()
    assert not oracle.cancel(9)
    assert not oracle.reduce(9, 1)
    assert not oracle.amend(9, 1)
    assert not oracle.replace(9, 1)


def test_an_amend_lies_between_filled_and_the_total() -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 10)
    oracle.limit(2, BUY, 100, 4)
    assert not oracle.amend(1, 4)
    assert not oracle.amend(1, 10)
    assert oracle.amend(1, 7)
    assert oracle.orders[1].remaining == 3


@pytest.mark.parametrize(
    ("mode", "trades", "left"),
    [
        (SelfTrade.NONE, [Trade(3, 1, 100, 5), Trade(3, 2, 100, 3)], {2: 2}),
        (SelfTrade.EXPIRE_TAKER, [], {1: 5, 2: 5}),
        (SelfTrade.EXPIRE_MAKER, [Trade(3, 2, 100, 5)], {3: 3}),
        (SelfTrade.EXPIRE_BOTH, [], {2: 5}),
        (SelfTrade.DECREMENT, [Trade(3, 2, 100, 3)], {2: 2}),
    ],
)
def test_self_trade_modes(mode: SelfTrade, trades: list[Trade], left: dict[int, int]) -> None:
    oracle = Oracle()
    oracle.limit(1, SELL, 100, 5, owner=7)
    oracle.limit(2, SELL, 100, 5, owner=8)
    oracle.limit(3, BUY, 100, 8, owner=7, self_trade=mode)
    assert oracle.trades == trades
    assert {order.id: order.remaining for order in oracle.orders.values()} == left
