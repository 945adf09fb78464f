"""Orders as a trader meets them: prices, priorities, endings, refusals."""

import pytest
from engines import both
from market import ALICE, BOB, BTC, BTCUSDT, CAROL, FUNDS_ATOMS, LOT, TICK, USDT, Market, refused

from flowex.messages.commands import (
    Halt,
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderReplace,
    SetAccountState,
    SetInstrumentState,
)
from flowex.messages.enums import (
    AccountState,
    AmendFlag,
    CancelReplaceMode,
    EndReason,
    InstrumentState,
    OrderType,
    PlaceFlag,
    Side,
    Sides,
    TimeInForce,
)
from flowex.messages.events import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    Traded,
)
from flowex.messages.results import ResultCode

pytestmark = both
BUY, SELL = Side.BUY, Side.SELL


def test_the_better_price_trades_first_then_the_older_order(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 100_010, 5)
    first = market.sell(ALICE, 100_000, 5).id
    second = market.sell(BOB, 100_000, 5).id
    market.buy(CAROL, 100_010, 12)
    assert [t.maker_order for t in market.happened(Traded)][:2] == [first, second]
    assert market.trades() == [(100_000, 5), (100_000, 5), (100_010, 2)]
    assert market.levels() == [(SELL, 100_000, 0), (SELL, 100_010, 3)]


def test_a_buyer_pays_the_makers_price_and_each_pays_his_fee_in_what_he_gets(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 2_500_000, 1)
    market.buy(BOB, 2_600_000, 1)
    trade = market.happened(Traded)[0]
    assert trade.quote_amount == 25 * 10**8
    assert (trade.taker_fee, trade.taker_fee_asset) == (100, BTC)
    assert (trade.maker_fee, trade.maker_fee_asset) == (25 * 10**8 * 5 // 10_000, USDT)
    assert market.balance(BOB, BTC) == (FUNDS_ATOMS + 100_000 - 100, 0)
    assert market.balance(BOB, USDT) == (FUNDS_ATOMS - 25 * 10**8, 0)


def test_a_resting_buyer_holds_his_price_and_gets_it_back_to_the_atom(engine: str) -> None:
    market = Market(engine)
    number = market.buy(ALICE, 2_000_000, 3).id
    held = 2_000_000 * TICK * 3 * LOT
    assert market.balance(ALICE, USDT) == (FUNDS_ATOMS - held, held)
    market.cancel(ALICE, number)
    assert market.happened(OrderCanceled)[0].reason == EndReason.REQUESTED
    assert market.balance(ALICE, USDT) == (FUNDS_ATOMS, 0)


def test_ioc_takes_what_is_there_and_the_rest_expires(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 2)
    market.buy(BOB, 1_000_000, 5, time_in_force=TimeInForce.IOC)
    assert market.trades() == [(1_000_000, 2)]
    ended = market.happened(OrderExpired)[0]
    assert (ended.reason, ended.remaining) == (EndReason.NO_LIQUIDITY, 3 * LOT)
    assert market.orders() == []


def test_fok_takes_all_or_nothing(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 2)
    market.sell(ALICE, 1_000_001, 2)
    assert market.buy(BOB, 1_000_001, 5, time_in_force=TimeInForce.FOK).code == ResultCode.OK
    assert market.trades() == []
    assert market.happened(OrderExpired)[0].reason == EndReason.NOT_FILLABLE
    market.buy(BOB, 1_000_001, 4, time_in_force=TimeInForce.FOK)
    assert market.trades() == [(1_000_000, 2), (1_000_001, 2)]


def test_limit_maker_is_refused_when_it_would_take(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 2)
    maker = {"order_type": OrderType.LIMIT_MAKER}
    assert refused(market.buy(BOB, 1_000_000, 1, **maker)) == ResultCode.WOULD_TAKE
    assert market.buy(BOB, 999_999, 1, **maker).code == ResultCode.OK


def test_a_market_order_by_quantity_is_paid_from_what_the_walk_costs(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 2)
    market.sell(ALICE, 1_100_000, 2)
    market.market(BOB, BUY, quantity=3 * LOT)
    assert market.trades() == [(1_000_000, 2), (1_100_000, 1)]
    cost = (2 * 1_000_000 + 1_100_000) * TICK * LOT
    assert market.balance(BOB, USDT) == (FUNDS_ATOMS - cost, 0)


def test_a_market_order_without_funds_is_refused(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 10**9, 10)
    market.sell(ALICE, 10**10, 1_000)
    assert refused(market.market(BOB, BUY, quantity=1_010 * LOT)) == ResultCode.INSUFFICIENT_FUNDS
    assert market.trades() == []


def test_a_market_order_by_quote_amount_spends_as_close_as_lots_allow(engine: str) -> None:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 2)
    market.sell(ALICE, 1_100_000, 9)
    market.market(BOB, BUY, quote_amount=45 * 10**8)
    assert market.trades() == [(1_000_000, 2), (1_100_000, 2)]
    assert market.happened(OrderExpired)[0].reason == EndReason.QUOTE_SPENT
    too_small = market.market(BOB, BUY, quote_amount=10 * 10**8)
    assert refused(too_small) == ResultCode.QUOTE_AMOUNT_TOO_SMALL


def test_a_market_order_meets_an_empty_book(engine: str) -> None:
    market = Market(engine)
    market.market(BOB, SELL, quote_amount=45 * 10**8)
    assert market.happened(OrderExpired)[0].reason == EndReason.NO_LIQUIDITY
    market.market(BOB, SELL, quantity=LOT)
    assert market.happened(OrderExpired)[0].reason == EndReason.NO_LIQUIDITY


def test_good_till_date_expires_before_the_command_whose_time_has_passed_it(engine: str) -> None:
    market = Market(engine)
    gtd = {"time_in_force": TimeInForce.GTD, "expire_time": market.time + 50}
    number = market.sell(ALICE, 1_000_000, 2, **gtd).id
    assert market.machine.next_timer == market.time + 50
    market.time += 50
    market.buy(BOB, 1_000_000, 2)
    assert market.trades() == []
    ended = market.happened(OrderExpired)[0]
    assert (ended.order, ended.reason) == (number, EndReason.TIME)
    assert market.machine.next_timer is None
    assert refused(market.sell(ALICE, 10**6, 2, **gtd)) == ResultCode.EXPIRE_TIME_PASSED


def test_amending_down_keeps_the_place_in_the_queue(engine: str) -> None:
    market = Market(engine)
    first = market.sell(ALICE, 1_000_000, 5).id
    market.sell(BOB, 1_000_000, 5)
    amend = OrderAmend(account=ALICE, order=first, quantity=2 * LOT, client_id="mine")
    market.send(amend)
    assert market.happened(OrderAmended)[0].client_id == "mine"
    assert market.levels() == [(SELL, 1_000_000, 7)]
    market.buy(CAROL, 1_000_000, 1)
    assert market.happened(Traded)[0].maker_order == first
    assert refused(market.send(amend)) == ResultCode.AMEND_NOT_LOWER
    below = OrderAmend(account=ALICE, order=first, quantity=LOT)
    assert refused(market.send(below)) == ResultCode.AMEND_BELOW_FILLED


def test_reducing_by_all_that_remains_cancels(engine: str) -> None:
    market = Market(engine)
    number = market.sell(ALICE, 1_000_000, 5).id
    reduce = {"account": ALICE, "order": number, "flags": AmendFlag.REDUCE_BY}
    market.send(OrderAmend(**reduce, quantity=2 * LOT))
    assert market.orders()[0].quantity == 3 * LOT
    market.send(OrderAmend(**reduce, quantity=9 * LOT))
    assert market.happened(OrderCanceled)[0].reason == EndReason.REDUCED


def test_replacing_loses_the_place_and_may_trade(engine: str) -> None:
    market = Market(engine)
    first = market.sell(ALICE, 1_000_000, 5).id
    second = market.sell(BOB, 1_000_000, 5).id
    market.send(OrderReplace(account=ALICE, order=first))
    assert [order.id for order in market.orders()] == [second, first]
    market.buy(CAROL, 990_000, 2)
    market.send(OrderReplace(account=ALICE, order=first, price=990_000 * TICK))
    assert market.happened(OrderReplaced)[0].remaining == 5 * LOT
    assert market.trades() == [(990_000, 2)]
    assert market.orders()[0].price == 990_000 * TICK


def test_replacing_beyond_the_funds_is_refused_and_changes_nothing(engine: str) -> None:
    market = Market(engine)
    number = market.buy(ALICE, 1_000_000, 5).id
    before = market.orders(), market.balance(ALICE, USDT)
    rich = OrderReplace(account=ALICE, order=number, quantity=2 * 10**8)
    assert refused(market.send(rich)) == ResultCode.INSUFFICIENT_FUNDS
    assert (market.orders(), market.balance(ALICE, USDT)) == before


def test_cancel_replace_does_both_or_says_which(engine: str) -> None:
    market = Market(engine)
    number = market.sell(ALICE, 1_000_000, 5, client_id="old").id
    fields = {
        "account": ALICE,
        "instrument": BTCUSDT,
        "side": SELL,
        "price": 1_100_000 * TICK,
        "quantity": 5 * LOT,
        "client_id": "new",
    }
    result = market.send(OrderCancelReplace(**fields, original_client_id="old"))
    assert (result.code, result.detail, result.value) == (0, 0, number)
    assert [type(e) for e in market.events[:1]] == [OrderCanceled]
    failed = market.send(OrderCancelReplace(**fields, cancel_order=number))
    assert (failed.code, failed.detail) == (ResultCode.CANCEL_FAILED, ResultCode.UNKNOWN_ORDER)
    assert market.happened(OrderAccepted) == []
    allowed = OrderCancelReplace(
        **(fields | {"client_id": "newer"}),
        cancel_order=number,
        mode=CancelReplaceMode.ALLOW_FAILURE,
    )
    result = market.send(allowed)
    assert (result.code, result.detail) == (ResultCode.OK, ResultCode.UNKNOWN_ORDER)


def test_cancel_all_goes_oldest_first_and_says_when_more_remain(engine: str) -> None:
    from_genesis = Market(engine)
    for ticks in (1_000_000, 1_000_001, 1_000_002):
        from_genesis.sell(ALICE, ticks, 1)
    from_genesis.buy(ALICE, 900_000, 1)
    result = from_genesis.send(OrderCancelAll(account=ALICE, sides=Sides.SELL))
    assert (result.value, result.detail) == (3, 0)
    result = from_genesis.send(OrderCancelAll(account=ALICE, instrument=BTCUSDT))
    assert result.value == 1
    again = from_genesis.send(OrderCancelAll(account=ALICE))
    assert refused(again) == ResultCode.NOTHING_TO_CANCEL


def test_an_order_belongs_to_its_account(engine: str) -> None:
    market = Market(engine)
    number = market.sell(ALICE, 1_000_000, 1, client_id="a").id
    assert refused(market.cancel(BOB, number)) == ResultCode.UNKNOWN_ORDER
    by_text = OrderCancel(account=BOB, original_client_id="a")
    assert refused(market.send(by_text)) == ResultCode.UNKNOWN_ORDER
    wrong = OrderCancel(account=ALICE, order=number, original_client_id="b")
    assert refused(market.send(wrong)) == ResultCode.CLIENT_ID_MISMATCH
    right = OrderCancel(account=ALICE, original_client_id="a", client_id="c")
    assert market.send(right).id == number
    assert market.happened(OrderCanceled)[0].client_id == "c"


def test_client_ids_are_unique_among_open_orders(engine: str) -> None:
    market = Market(engine)
    number = market.sell(ALICE, 1_000_000, 1, client_id="a").id
    again = market.sell(ALICE, 1_000_000, 1, client_id="a")
    assert (again.code, again.id) == (ResultCode.DUPLICATE_CLIENT_ID, number)
    assert market.sell(BOB, 1_000_000, 1, client_id="a").code == ResultCode.OK
    market.cancel(ALICE, number)
    assert market.sell(ALICE, 1_000_000, 1, client_id="a").code == ResultCode.OK


def test_unique_recent_also_remembers_closed_orders(engine: str) -> None:
    market = Market(engine)
    safe = {"flags": PlaceFlag.UNIQUE_RECENT}
    number = market.sell(ALICE, 1_000_000, 1, client_id="a", **safe).id
    market.cancel(ALICE, number)
    again = market.sell(ALICE, 1_000_000, 1, client_id="a", **safe)
    assert (again.code, again.id) == (ResultCode.DUPLICATE_CLIENT_ID, number)
    for index in range(128):
        other = market.sell(ALICE, 1_000_000, 1, client_id=f"b{index}", **safe)
        market.cancel(ALICE, other.id)
    assert market.sell(ALICE, 1_000_000, 1, client_id="a", **safe).code == ResultCode.OK


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": 5}, ResultCode.PRICE_OUT_OF_RANGE),
        ({"price": 10**12 + TICK}, ResultCode.PRICE_OUT_OF_RANGE),
        ({"price": 10_000_001}, ResultCode.PRICE_OFF_TICK),
        ({"quantity": 1}, ResultCode.QUANTITY_OUT_OF_RANGE),
        ({"quantity": LOT + 1}, ResultCode.QUANTITY_OFF_LOT),
        ({"price": 1_000}, ResultCode.NOTIONAL_OUT_OF_RANGE),
        ({"price": 0}, ResultCode.INVALID_ORDER),
        ({"quantity": -LOT}, ResultCode.INVALID_ORDER),
        ({"side": 2}, ResultCode.INVALID_ORDER),
        ({"order_type": 3}, ResultCode.INVALID_ORDER),
        ({"time_in_force": 4}, ResultCode.INVALID_ORDER),
        ({"self_trade": 5}, ResultCode.INVALID_ORDER),
        ({"quote_amount": 1}, ResultCode.INVALID_ORDER),
        ({"expire_time": 10**12}, ResultCode.INVALID_ORDER),
        ({"client_id": "has space"}, ResultCode.INVALID_CLIENT_ID),
        ({"client_id": "x" * 37}, ResultCode.INVALID_CLIENT_ID),
        ({"account": 99}, ResultCode.UNKNOWN_ACCOUNT),
        ({"instrument": 99}, ResultCode.UNKNOWN_INSTRUMENT),
        ({"quantity": 10**9, "price": 10**12}, ResultCode.NOTIONAL_OUT_OF_RANGE),
        ({"quantity": 10**9}, ResultCode.INSUFFICIENT_FUNDS),
    ],
)
def test_what_is_wrong_is_said(engine: str, change: dict[str, int | str], code: ResultCode) -> None:
    market = Market(engine)
    fields = {"price": 1_000_000 * TICK, "quantity": LOT, "account": ALICE, "side": BUY} | change
    account, side = int(fields.pop("account")), fields.pop("side")
    assert refused(market.limit(account, side, 0, 0, **fields)) == code  # type: ignore[arg-type]  # an unknown side is the point
    assert market.orders() == []


def test_states_decide_what_works(engine: str) -> None:
    market = Market(engine)
    number = market.sell(ALICE, 1_000_000, 1).id
    market.send(Halt(halted=1))
    assert refused(market.sell(ALICE, 1_000_000, 1)) == ResultCode.HALTED
    market.send(Halt(halted=0))
    market.send(SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.CANCEL_ONLY))
    assert refused(market.sell(ALICE, 1_000_000, 1)) == ResultCode.INSTRUMENT_NOT_TRADING
    closing = SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.CLOSED)
    assert refused(market.send(closing)) == ResultCode.INSTRUMENT_HAS_ORDERS
    assert market.cancel(ALICE, number).code == ResultCode.OK
    market.send(SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.TRADING))
    market.send(SetAccountState(account=ALICE, state=AccountState.CANCEL_ONLY))
    assert refused(market.sell(ALICE, 1_000_000, 1)) == ResultCode.ACCOUNT_RESTRICTED
    assert market.sell(BOB, 1_000_000, 1).code == ResultCode.OK
