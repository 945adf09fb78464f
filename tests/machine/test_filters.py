"""Stories of the filters beyond a definition, fee tiers, wallets, amends and the rules' upgrade."""

from typing import Any

import msgspec
import pytest
from conditional import LOTS, filters, leg, oco, stop, trade
from engines import both, make
from market import ALICE, BOB, BTC, BTC_ATOMS_PER_LOT, CAROL, LOT, TICK, Market, refused

from flowex.messages.commands import (
    FeeSet,
    FeeTierSet,
    FiltersSet,
    Genesis,
    Hold,
    OrderAmend,
    OrderCancel,
    OrderCancelReplace,
    RulesVersion,
    Settle,
    Transfer,
)
from flowex.messages.enums import (
    AmendFlag,
    CancelRestriction,
    MarketNotional,
    OrderType,
    SelfTrade,
    Side,
    Wallet,
)
from flowex.messages.events import BalanceChanged, FundsMoved, OrderAmended, OrderExpired, Traded
from flowex.messages.results import ResultCode
from flowex.messages.state import StateBalance, StateHead, StateLimits, decode_state

MINUTE = 60_000_000
STOP_LIMIT = OrderType.STOP_LOSS_LIMIT


@both
def test_price_bands_follow_the_last_price(engine: str) -> None:
    market = Market(engine)
    filters(market, bid_up=11_000, bid_down=2_000, ask_up=50_000, ask_down=8_000)
    assert market.buy(ALICE, 90_000, LOTS).code == ResultCode.OK  # There is no last price yet.
    market.cancel(ALICE, 1)
    trade(market, 40_000)
    for side, ticks, code in (
        (Side.BUY, 44_000, ResultCode.OK),
        (Side.BUY, 44_001, ResultCode.PRICE_OUT_OF_BAND),
        (Side.BUY, 8_000, ResultCode.OK),
        (Side.BUY, 7_999, ResultCode.PRICE_OUT_OF_BAND),
        (Side.SELL, 200_000, ResultCode.OK),
        (Side.SELL, 200_001, ResultCode.PRICE_OUT_OF_BAND),
        (Side.SELL, 31_999, ResultCode.PRICE_OUT_OF_BAND),
    ):
        assert market.limit(ALICE, side, ticks, LOTS).code == code, (side, ticks)


@both
def test_bands_compare_with_the_average_of_the_last_minutes(engine: str) -> None:
    market = Market(engine)
    filters(market, bid_up=10_000, average_minutes=2)
    market.time = 10 * MINUTE
    trade(market, 40_000, lots=100)
    market.time += MINUTE
    trade(market, 39_000, lots=300)  # The average is 39,250.
    assert market.buy(ALICE, 39_250, LOTS).code == ResultCode.OK
    assert refused(market.buy(ALICE, 39_251, LOTS)) == ResultCode.PRICE_OUT_OF_BAND
    snapshot = market.machine.snapshot()
    assert make(engine, snapshot).snapshot() == snapshot
    market.time += MINUTE  # The first minute is forgotten.
    assert refused(market.buy(ALICE, 39_001, LOTS)) == ResultCode.PRICE_OUT_OF_BAND
    market.time += MINUTE  # And the second: the last price is left.
    assert market.buy(ALICE, 39_000, LOTS).code == ResultCode.OK
    assert refused(market.buy(ALICE, 39_001, LOTS)) == ResultCode.PRICE_OUT_OF_BAND


@both
def test_market_orders_have_a_lot_and_a_notional_of_their_own(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    market.sell(BOB, 40_000, 10_000)
    filters(
        market,
        market_lot=2 * LOT,
        market_quantity_max=100 * LOT,
        market_notional=MarketNotional.MIN,
    )
    for lots, code in (
        (13, ResultCode.MARKET_QUANTITY_OUT_OF_RANGE),
        (102, ResultCode.MARKET_QUANTITY_OUT_OF_RANGE),
        (12, ResultCode.NOTIONAL_OUT_OF_RANGE),
        (14, ResultCode.OK),
    ):
        assert market.market(ALICE, Side.BUY, quantity=lots * LOT).code == code, lots
    assert market.market(ALICE, Side.BUY, quote_amount=40_000 * TICK * LOT * 13).code == 0


@both
def test_a_position_has_a_bound(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    owned = sum(market.balance(ALICE, BTC)) // BTC_ATOMS_PER_LOT
    filters(market, position_max=(owned + 150) * LOT)
    assert market.buy(ALICE, 39_000, 100).code == ResultCode.OK
    assert refused(market.buy(ALICE, 39_000, 51)) == ResultCode.POSITION
    assert market.buy(ALICE, 39_000, 50).code == ResultCode.OK
    assert market.sell(ALICE, 41_000, 100).code == ResultCode.OK


@both
def test_open_orders_are_counted_by_instrument_and_kind(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    filters(market, orders_max=3, algo_orders_max=1, order_lists_max=1)
    wait: dict[str, Any] = {"ticks": 38_000, "stop_ticks": 39_000}
    assert stop(market, ALICE, Side.SELL, STOP_LIMIT, **wait).code == ResultCode.OK
    again = stop(market, ALICE, Side.SELL, STOP_LIMIT, **wait)
    assert refused(again) == ResultCode.INSTRUMENT_ALGO_ORDERS
    filters(market, orders_max=3, order_lists_max=1)
    pair = (leg(Side.SELL, OrderType.LIMIT_MAKER, ticks=42_000), leg(Side.SELL, STOP_LIMIT, **wait))
    assert oco(market, ALICE, *pair).code == ResultCode.OK
    assert refused(market.sell(ALICE, 42_000, LOTS)) == ResultCode.INSTRUMENT_ORDERS
    assert market.market(ALICE, Side.BUY, quantity=LOTS * LOT).code == ResultCode.OK
    filters(market, order_lists_max=1)
    assert refused(oco(market, ALICE, *pair)) == ResultCode.INSTRUMENT_ORDER_LISTS


@both
def test_limits_count_across_instruments(engine: str) -> None:
    genesis = Genesis(account_algo_orders=1, account_order_lists=1, trailing_orders=1)
    market = Market(engine, genesis)
    trade(market, 40_000)
    assert stop(market, ALICE, Side.SELL, STOP_LIMIT, ticks=38_000, delta=100).code == 0
    again = stop(market, ALICE, Side.SELL, STOP_LIMIT, ticks=38_000, delta=100)
    assert refused(again) == ResultCode.ACCOUNT_ALGO_ORDERS
    other = stop(market, BOB, Side.SELL, STOP_LIMIT, ticks=38_000, delta=100)
    assert refused(other) == ResultCode.TRAILING_ORDERS


@both
def test_trailing_deltas_are_bounded_by_direction(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    filters(
        market,
        trailing_above_min=20,
        trailing_above_max=30,
        trailing_below_min=40,
        trailing_below_max=50,
    )
    for side, delta, code in (
        (Side.BUY, 19, ResultCode.TRAILING_DELTA_OUT_OF_RANGE),
        (Side.BUY, 30, ResultCode.OK),
        (Side.SELL, 39, ResultCode.TRAILING_DELTA_OUT_OF_RANGE),
        (Side.SELL, 51, ResultCode.TRAILING_DELTA_OUT_OF_RANGE),
        (Side.SELL, 40, ResultCode.OK),
    ):
        result = stop(market, ALICE, side, STOP_LIMIT, ticks=40_000, delta=delta)
        assert result.code == code, (side, delta)


@both
@pytest.mark.parametrize(
    "fields",
    [
        {"bid_up": 5, "bid_down": 6},
        {"average_minutes": 61},
        {"market_notional": 4},
        {"position_max": -1},
        {"market_quantity_min": 9, "market_quantity_max": 8},
        {"trailing_above_max": 10_000},
    ],
)
def test_unsound_filters_are_refused(engine: str, fields: dict[str, int]) -> None:
    market = Market(engine)
    assert refused(filters(market, **fields)) == ResultCode.INVALID_FILTER
    missing = market.send(FiltersSet(instrument=9))
    assert refused(missing) == ResultCode.UNKNOWN_INSTRUMENT


@both
def test_a_tier_has_rates_for_all_who_are_in_it(engine: str) -> None:
    market = Market(engine)
    assert refused(market.send(FeeSet(account=ALICE, maker_rate=-1, taker_rate=-1, tier=3))) == (
        ResultCode.UNKNOWN_FEE_TIER
    )
    assert refused(market.send(FeeTierSet(tier=0))) == ResultCode.UNKNOWN_FEE_TIER
    market.send(FeeTierSet(tier=3, maker_rate=0, taker_rate=20_000))
    market.send(FeeSet(account=ALICE, maker_rate=-1, taker_rate=-1, tier=3))
    market.sell(BOB, 40_000, 100)
    market.buy(ALICE, 40_000, 100)
    quantity_atoms = 100 * BTC_ATOMS_PER_LOT
    assert market.happened(Traded)[0].taker_fee == quantity_atoms * 20_000 // 10**8
    market.send(FeeTierSet(tier=3, maker_rate=0, taker_rate=30_000))
    market.sell(BOB, 40_000, 100)
    market.buy(ALICE, 40_000, 100)
    assert market.happened(Traded)[0].taker_fee == quantity_atoms * 30_000 // 10**8
    snapshot = market.machine.snapshot()
    assert make(engine, snapshot).snapshot() == snapshot


@both
def test_money_rests_in_the_funding_wallet(engine: str) -> None:
    market = Market(engine)
    move = Transfer(
        account=ALICE, to_account=ALICE, asset=BTC, to_wallet=Wallet.FUNDING, amount=700, source=4
    )
    free = market.balance(ALICE, BTC)[0]
    assert market.send(msgspec.structs.replace(move, source_sequence=1)).code == ResultCode.OK
    moved = market.happened(FundsMoved)[0]
    assert (moved.wallet, moved.to_wallet) == (Wallet.SPOT, Wallet.FUNDING)
    assert [change.free for change in market.happened(BalanceChanged)] == [free - 700, 700]
    back = msgspec.structs.replace(
        move, wallet=Wallet.FUNDING, to_wallet=Wallet.SPOT, amount=701, source_sequence=2
    )
    assert refused(market.send(back)) == ResultCode.INSUFFICIENT_FUNDS
    same = msgspec.structs.replace(back, to_wallet=Wallet.FUNDING, amount=1)
    assert refused(market.send(same)) == ResultCode.INVALID_AMOUNT
    futures = msgspec.structs.replace(back, to_wallet=Wallet.FUTURES, amount=1)
    assert refused(market.send(futures)) == ResultCode.UNKNOWN_WALLET
    held = Hold(
        account=ALICE, asset=BTC, wallet=Wallet.FUNDING, amount=600, source=4, source_sequence=2
    )
    number = market.send(held).id
    market.send(Settle(account=ALICE, hold=number, amount=500, source=4, source_sequence=3))
    found = [
        (record.free, record.held)
        for record in market.state()
        if isinstance(record, StateBalance) and record.wallet == Wallet.FUNDING
    ]
    assert found == [(100, 100)]


@both
def test_an_amend_may_rename_and_is_counted(engine: str) -> None:
    market = Market(engine)
    first = market.buy(ALICE, 40_000, 100, client_id="a").id
    market.buy(ALICE, 40_000, 100, client_id="b")
    filters(market, amends_max=2)
    amend = OrderAmend(
        account=ALICE, order=first, quantity=90 * LOT, flags=AmendFlag.RENAME, client_id="b"
    )
    assert refused(market.send(amend)) == ResultCode.DUPLICATE_CLIENT_ID
    market.send(msgspec.structs.replace(amend, client_id="c"))
    assert market.happened(OrderAmended)[0].renamed == 1
    market.send(msgspec.structs.replace(amend, client_id="c", quantity=80 * LOT))
    again = msgspec.structs.replace(amend, client_id="d", quantity=70 * LOT)
    assert refused(market.send(again)) == ResultCode.ORDER_AMENDS
    by_old = market.send(OrderCancel(account=ALICE, original_client_id="a"))
    assert refused(by_old) == ResultCode.UNKNOWN_ORDER
    by_new = market.send(OrderCancel(account=ALICE, original_client_id="c"))
    assert by_new.code == ResultCode.OK


@both
def test_cancels_may_ask_for_a_state(engine: str) -> None:
    market = Market(engine)
    number = market.buy(ALICE, 40_000, 100).id
    partly = CancelRestriction.ONLY_PARTIALLY_FILLED
    cancel = OrderCancel(account=ALICE, order=number, restriction=partly)
    assert refused(market.send(cancel)) == ResultCode.CANCEL_RESTRICTED
    market.sell(BOB, 40_000, 20)
    only_new = msgspec.structs.replace(cancel, restriction=CancelRestriction.ONLY_NEW)
    assert refused(market.send(only_new)) == ResultCode.CANCEL_RESTRICTED
    odd = msgspec.structs.replace(cancel, restriction=3)
    assert refused(market.send(odd)) == ResultCode.INVALID_ORDER
    replace_it = OrderCancelReplace(
        account=ALICE,
        instrument=1,
        cancel_order=number,
        restriction=CancelRestriction.ONLY_NEW,
        price=39_000 * TICK,
        quantity=100 * LOT,
    )
    result = market.send(replace_it)
    assert (result.code, result.detail) == (
        ResultCode.CANCEL_FAILED,
        ResultCode.CANCEL_RESTRICTED,
    )
    assert market.send(cancel).code == ResultCode.OK


@both
def test_a_quote_amount_spent_on_own_orders_is_prevented_not_filled(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 40_000, 100)
    amount = 40_000 * TICK * LOT * 50
    market.market(ALICE, Side.BUY, quote_amount=amount, self_trade=SelfTrade.DECREMENT)
    assert [event.reason for event in market.happened(OrderExpired)] == [8]


@both
def test_a_snapshot_of_rules_1_goes_on_under_rules_2(engine: str) -> None:
    """What rules 1 did not know was zero; the upgrade gives the new limits their usual values."""
    market = Market(engine)
    market.buy(CAROL, 40_000, 100)
    records = list(market.state())
    for index, record in enumerate(records):
        if isinstance(record, StateHead):
            records[index] = msgspec.structs.replace(record, rules_version=1)
        if isinstance(record, StateLimits):
            new = dict.fromkeys(
                (
                    "account_algo_orders",
                    "account_iceberg_orders",
                    "account_order_lists",
                    "trailing_orders",
                ),
                0,
            )
            records[index] = msgspec.structs.replace(record, **new)
    old = b"".join(record.pack() for record in records)
    machine = make(engine, old)
    assert machine.snapshot() == old
    machine.apply(market.time, RulesVersion(rules_version=2).pack())
    limits = next(r for r in decode_state(machine.snapshot()) if isinstance(r, StateLimits))
    usual = Genesis()
    assert limits.trailing_orders == usual.trailing_orders
    assert limits.account_algo_orders == usual.account_algo_orders
