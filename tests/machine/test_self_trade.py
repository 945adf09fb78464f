"""Self-trade prevention: the taker's mode decides what happens when an owner meets himself."""

import pytest
from engines import both
from market import ALICE, BOB, BTC, FUNDS_ATOMS, LOT, USDT, Market

from flowex.messages.commands import AccountOpen
from flowex.messages.enums import EndReason, SelfTrade, Side, TimeInForce
from flowex.messages.events import OrderExpired, SelfTradePrevented, Traded

pytestmark = both
PRICE = 1_000_000


def _meeting(engine: str, mode: SelfTrade, lots: int) -> Market:
    """ALICE has 5 lots on offer, BOB 5 behind her; ALICE buys with a mode."""
    market = Market(engine)
    market.sell(ALICE, PRICE, 5)
    market.sell(BOB, PRICE, 5)
    market.buy(ALICE, PRICE, lots, self_trade=mode)
    return market


def test_none_lets_an_owner_trade_with_himself_and_only_fees_move(engine: str) -> None:
    market = _meeting(engine, SelfTrade.NONE, 5)
    assert market.trades() == [(PRICE, 5)]
    free, held = market.balance(ALICE, BTC)
    trade = market.happened(Traded)[0]
    assert (free, held) == (FUNDS_ATOMS - trade.taker_fee, 0)
    assert market.balance(ALICE, USDT) == (FUNDS_ATOMS - trade.maker_fee, 0)


def test_expire_taker_ends_the_newcomer(engine: str) -> None:
    market = _meeting(engine, SelfTrade.EXPIRE_TAKER, 7)
    assert market.trades() == []
    ended = market.happened(OrderExpired)
    assert [(e.reason, e.remaining) for e in ended] == [(EndReason.SELF_TRADE, 7 * LOT)]
    assert len(market.orders()) == 2


def test_expire_maker_ends_the_resting_order_and_goes_on(engine: str) -> None:
    market = _meeting(engine, SelfTrade.EXPIRE_MAKER, 7)
    assert market.trades() == [(PRICE, 5)]
    assert market.happened(SelfTradePrevented)[0].maker_quantity == 5 * LOT
    assert market.levels() == [(Side.SELL, PRICE, 0), (Side.BUY, PRICE, 2)]


def test_expire_both_ends_both(engine: str) -> None:
    market = _meeting(engine, SelfTrade.EXPIRE_BOTH, 7)
    assert market.trades() == []
    assert len(market.happened(OrderExpired)) == 2
    assert [order.account for order in market.orders()] == [BOB]


def test_decrement_lowers_both_by_the_smaller(engine: str) -> None:
    market = _meeting(engine, SelfTrade.DECREMENT, 7)
    assert market.trades() == [(PRICE, 2)]
    prevented = market.happened(SelfTradePrevented)[0]
    assert (prevented.taker_quantity, prevented.maker_quantity) == (5 * LOT, 5 * LOT)
    smaller = _meeting(engine, SelfTrade.DECREMENT, 3)
    assert smaller.trades() == []
    assert smaller.happened(OrderExpired)[0].reason == EndReason.SELF_TRADE
    assert smaller.orders()[0].prevented == 3 * LOT


def test_a_trade_group_counts_as_one_owner(engine: str) -> None:
    market = Market(engine)
    one = market.send(AccountOpen(trade_group=7)).id
    two = market.send(AccountOpen(trade_group=7)).id
    for account in (one, two):
        market.credit(account, BTC, FUNDS_ATOMS)
        market.credit(account, USDT, FUNDS_ATOMS)
    market.sell(one, PRICE, 1)
    market.buy(two, PRICE, 1)
    assert market.trades() == []
    assert market.happened(SelfTradePrevented)[0].maker_account == one


@pytest.mark.parametrize("mode", [m for m in SelfTrade if m != SelfTrade.NONE])
def test_fok_counts_nothing_of_its_own(engine: str, mode: SelfTrade) -> None:
    market = Market(engine)
    market.sell(ALICE, PRICE, 5)
    market.sell(BOB, PRICE, 5)
    market.buy(ALICE, PRICE, 7, self_trade=mode, time_in_force=TimeInForce.FOK)
    assert market.trades() == []
    assert market.happened(OrderExpired)[0].reason == EndReason.NOT_FILLABLE
