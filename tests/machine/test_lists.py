"""Stories of order lists: OCO, OTO, OTOCO."""

from typing import Any

import pytest
from conditional import expired, leg, lists, oco, trade, triggered
from engines import both, make
from market import ALICE, BOB, BTC, BTC_ATOMS_PER_LOT, CAROL, TICK, USDT, Market, refused

from flowex.messages.commands import (
    Leg,
    OrderAmend,
    OrderCancelAll,
    OrderListCancel,
    OrderListPlace,
    OrderReplace,
    Transfer,
)
from flowex.messages.enums import (
    AmendFlag,
    EndReason,
    ListShape,
    ListStatus,
    OrderType,
    Phase,
    Side,
    TriggerCause,
)
from flowex.messages.events import OrderAccepted, OrderCanceled
from flowex.messages.results import ResultCode

MAKER, LIMIT, MARKET = OrderType.LIMIT_MAKER, OrderType.LIMIT, OrderType.MARKET
STOP, STOP_LIMIT = OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT
PROFIT, PROFIT_LIMIT = OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT
DONE, OPEN = ListStatus.ALL_DONE, ListStatus.EXECUTING


def opened(engine: str) -> Market:
    """Open the market at a last price of 40,000 ticks."""
    market = Market(engine)
    trade(market, 40_000)
    return market


def sell_oco(market: Market, **more: Any) -> tuple[int, int]:
    """Place ALICE's OCO to sell: 42,000 or, below 38,000, at 37,000; return its orders."""
    oco(
        market,
        ALICE,
        leg(Side.SELL, MAKER, ticks=42_000),
        leg(Side.SELL, STOP_LIMIT, ticks=37_000, stop_ticks=38_000),
        **more,
    )
    first, second = (event.order for event in market.happened(OrderAccepted))
    return first, second


def otoco(market: Market, **more: Any) -> tuple[int, int, int]:
    """Place ALICE's OTOCO: buy at 39,000, then sell at 42,000 or stop at 38,000."""
    result = market.send(
        OrderListPlace(
            account=ALICE,
            instrument=1,
            shape=ListShape.OTOCO,
            first=leg(Side.BUY, LIMIT, ticks=39_000),
            second=leg(Side.SELL, MAKER, ticks=42_000),
            third=leg(Side.SELL, STOP, stop_ticks=38_000),
            **more,
        )
    )
    assert result.code == ResultCode.OK
    first, second, third = (event.order for event in market.happened(OrderAccepted))
    return first, second, third


@both
def test_an_oco_holds_once(engine: str) -> None:
    market = opened(engine)
    sell_oco(market)
    assert lists(market) == [(1, OPEN)]
    assert market.balance(ALICE, BTC)[1] == 100 * BTC_ATOMS_PER_LOT


@both
def test_a_buying_oco_holds_for_the_dearer_leg(engine: str) -> None:
    market = opened(engine)
    oco(
        market,
        ALICE,
        leg(Side.BUY, STOP_LIMIT, ticks=43_000, stop_ticks=42_000),
        leg(Side.BUY, MAKER, ticks=38_000),
    )
    assert market.balance(ALICE, USDT)[1] == 43_000 * TICK * 100 * 100
    market.sell(BOB, 38_000, 40)
    assert market.trades() == [(38_000, 40)]
    assert market.balance(ALICE, USDT)[1] == 38_000 * TICK * 60 * 100


@both
def test_a_partial_fill_expires_the_other(engine: str) -> None:
    market = opened(engine)
    first, second = sell_oco(market)
    market.buy(BOB, 42_000, 40)
    assert market.trades() == [(42_000, 40)]
    assert expired(market) == [(second, EndReason.LIST)]
    assert lists(market) == []
    market.buy(BOB, 42_000, 60)
    assert lists(market) == [(1, DONE)]
    assert all(order.id != first for order in market.orders())


@both
def test_a_trigger_expires_the_other(engine: str) -> None:
    market = opened(engine)
    first, second = sell_oco(market)
    trade(market, 38_000)
    assert triggered(market) == [(second, TriggerCause.STOP)]
    assert expired(market) == [(first, EndReason.LIST)]
    market.buy(BOB, 37_000, 100)
    assert lists(market) == [(1, DONE)]
    assert market.balance(ALICE, BTC)[1] == 0


@both
def test_one_price_may_call_both(engine: str) -> None:
    """Two legs that trail: the older one is called, the other expires."""
    market = opened(engine)
    oco(
        market,
        ALICE,
        leg(Side.SELL, PROFIT_LIMIT, ticks=30_000, delta=100),
        leg(Side.SELL, STOP_LIMIT, ticks=30_000, delta=100),
    )
    first, second = (event.order for event in market.happened(OrderAccepted))
    trade(market, 39_000)
    assert triggered(market) == [(first, TriggerCause.TRAILING)]
    assert expired(market) == [(second, EndReason.LIST)]


@both
@pytest.mark.parametrize("which", [0, 1])
def test_cancelling_one_leg_cancels_the_list(engine: str, which: int) -> None:
    market = opened(engine)
    orders = sell_oco(market)
    market.cancel(ALICE, orders[which])
    assert [event.order for event in market.happened(OrderCanceled)] == list(orders)
    assert lists(market) == [(1, DONE)]
    assert market.balance(ALICE, BTC)[1] == 0


@both
def test_cancel_all_takes_lists_as_a_whole(engine: str) -> None:
    market = opened(engine)
    sell_oco(market)
    otoco(market)
    market.sell(ALICE, 50_000, 100)
    result = market.send(OrderCancelAll(account=ALICE))
    assert (result.value, result.detail) == (6, 0)
    assert lists(market) == [(1, DONE), (2, DONE)]


@both
def test_a_list_is_cancelled_by_number_or_by_name(engine: str) -> None:
    market = opened(engine)
    sell_oco(market, client_id="mine")
    missing = OrderListCancel(account=ALICE, original_client_id="yours")
    assert refused(market.send(missing)) == ResultCode.UNKNOWN_ORDER_LIST
    wrong = OrderListCancel(account=ALICE, order_list=1, original_client_id="yours")
    assert refused(market.send(wrong)) == ResultCode.CLIENT_ID_MISMATCH
    result = market.send(OrderListCancel(account=ALICE, original_client_id="mine"))
    assert (result.id, result.value) == (1, 2)
    sell_oco(market, client_id="mine")
    assert market.send(OrderListCancel(account=ALICE, order_list=2)).value == 2


@both
def test_the_pending_order_waits_for_the_whole_fill(engine: str) -> None:
    market = opened(engine)
    pending = leg(Side.SELL, LIMIT, ticks=41_000)
    market.send(
        OrderListPlace(
            account=ALICE,
            instrument=1,
            shape=ListShape.OTO,
            first=leg(Side.BUY, LIMIT, ticks=39_000),
            second=pending,
        )
    )
    assert [order.phase for order in market.orders()] == [Phase.WORKING, Phase.PENDING]
    assert market.balance(ALICE, BTC)[1] == 0
    market.sell(BOB, 39_000, 60)
    assert triggered(market) == []
    market.sell(BOB, 39_000, 40)
    assert [cause for _, cause in triggered(market)] == [TriggerCause.RELEASED]
    assert [(order.phase, order.price) for order in market.orders()] == [(0, 41_000 * TICK)]
    market.buy(BOB, 41_000, 100)
    assert lists(market) == [(1, DONE)]


@both
def test_a_working_order_filled_at_once_releases_at_once(engine: str) -> None:
    market = opened(engine)
    market.sell(BOB, 39_000, 100)
    _, above, below = otoco(market)
    assert market.trades() == [(39_000, 100)]
    assert triggered(market) == [
        (above, TriggerCause.RELEASED),
        (below, TriggerCause.RELEASED),
    ]
    assert [order.phase for order in market.orders()] == [Phase.WORKING, Phase.WAITING]
    trade(market, 38_000)
    assert expired(market) == [(above, EndReason.LIST), (below, EndReason.NO_LIQUIDITY)]
    assert lists(market) == [(1, DONE)]


@both
def test_a_working_order_that_ends_unfilled_takes_the_pending_with_it(engine: str) -> None:
    market = opened(engine)
    first, above, below = otoco(market)
    market.sell(BOB, 39_000, 60)
    market.cancel(ALICE, first)
    assert [e.order for e in market.happened(OrderCanceled)] == [first, above, below]
    assert lists(market) == [(1, DONE)]


@both
def test_pending_orders_that_cannot_enter_expire(engine: str) -> None:
    """The last price went through the stop before the working order was filled."""
    market = opened(engine)
    _, above, below = otoco(market)
    market.buy(CAROL, 37_000, 100)
    market.sell(BOB, 37_000, 200)
    assert market.trades() == [(39_000, 100), (37_000, 100)]
    assert expired(market) == [(below, EndReason.BAD_PRICES), (above, EndReason.BAD_PRICES)]
    assert lists(market) == [(1, DONE)]


@both
def test_pending_orders_without_money_expire(engine: str) -> None:
    market = opened(engine)
    market.send(
        OrderListPlace(
            account=ALICE,
            instrument=1,
            shape=ListShape.OTO,
            first=leg(Side.SELL, LIMIT, ticks=41_000),
            second=leg(Side.BUY, LIMIT, ticks=40_000, lots=1_000),
        )
    )
    pending = market.happened(OrderAccepted)[1].order
    free, _ = market.balance(ALICE, USDT)
    market.send(
        Transfer(
            account=ALICE, to_account=BOB, asset=USDT, amount=free, source=9, source_sequence=1
        )
    )
    market.buy(BOB, 41_000, 100)
    assert expired(market) == [(pending, EndReason.INSUFFICIENT_FUNDS)]


@both
def test_amending_one_leg_of_an_oco_amends_both(engine: str) -> None:
    market = opened(engine)
    first, second = sell_oco(market, first_client_id="a", second_client_id="b")
    market.send(
        OrderAmend(
            account=ALICE, order=second, quantity=6_000, flags=AmendFlag.RENAME, client_id="c"
        )
    )
    assert [(order.id, order.quantity, order.client_id) for order in market.orders()] == [
        (first, 6_000, "a"),
        (second, 6_000, "c"),
    ]
    assert market.balance(ALICE, BTC)[1] == 60 * BTC_ATOMS_PER_LOT
    assert refused(market.send(OrderReplace(account=ALICE, order=first, quantity=5_000))) == (
        ResultCode.ORDER_NOT_WORKING
    )


@both
@pytest.mark.parametrize(
    ("above", "below", "code"),
    [
        (leg(Side.SELL, MAKER, ticks=40_000), None, ResultCode.BAD_PRICES),
        (leg(Side.SELL, MAKER, ticks=39_000), None, ResultCode.BAD_PRICES),
        (None, leg(Side.SELL, STOP, stop_ticks=40_000), ResultCode.BAD_PRICES),
        (leg(Side.SELL, LIMIT, ticks=42_000), None, ResultCode.INVALID_ORDER),
        (leg(Side.SELL, STOP, stop_ticks=42_000), None, ResultCode.INVALID_ORDER),
        (leg(Side.BUY, MAKER, ticks=42_000), None, ResultCode.INVALID_ORDER),
        (leg(Side.SELL, MAKER, ticks=42_000, lots=99), None, ResultCode.INVALID_ORDER),
        (None, leg(Side.SELL, PROFIT, stop_ticks=38_000), ResultCode.INVALID_ORDER),
    ],
)
def test_bad_pairs(engine: str, above: Leg | None, below: Leg | None, code: ResultCode) -> None:
    market = opened(engine)
    usual = (
        leg(Side.SELL, MAKER, ticks=42_000),
        leg(Side.SELL, STOP_LIMIT, ticks=37_000, stop_ticks=38_000),
    )
    assert refused(oco(market, ALICE, above or usual[0], below or usual[1])) == code
    assert market.balance(ALICE, BTC)[1] == 0


@both
def test_refusals_name_the_leg(engine: str) -> None:
    market = opened(engine)
    market.sell(ALICE, 50_000, 100, client_id="taken")
    pair = (leg(Side.SELL, MAKER, ticks=42_000), leg(Side.SELL, STOP, stop_ticks=38_000))
    result = oco(market, ALICE, *pair, second_client_id="taken")
    assert (result.code, result.detail) == (ResultCode.DUPLICATE_CLIENT_ID, 2)
    result = oco(market, ALICE, *pair, first_client_id="x", second_client_id="x")
    assert (result.code, result.detail) == (ResultCode.DUPLICATE_CLIENT_ID, 2)
    odd = Leg(side=Side.SELL, order_type=MAKER, price=42_000 * TICK + 1, quantity=100 * 100)
    result = oco(market, ALICE, odd, pair[1])
    assert (result.code, result.detail) == (ResultCode.PRICE_OFF_TICK, 1)


@both
def test_a_list_name_is_unique_while_the_list_is_open(engine: str) -> None:
    market = opened(engine)
    sell_oco(market, client_id="mine")
    pair = (leg(Side.SELL, MAKER, ticks=42_000), leg(Side.SELL, STOP, stop_ticks=38_000))
    result = oco(market, ALICE, *pair, client_id="mine")
    assert refused(result) == ResultCode.DUPLICATE_CLIENT_ID
    assert oco(market, BOB, *pair, client_id="mine").code == ResultCode.OK


@both
def test_lists_survive_a_snapshot(engine: str) -> None:
    market = opened(engine)
    sell_oco(market, client_id="one")
    otoco(market, client_id="two")
    market.sell(BOB, 39_000, 60)
    snapshot = market.machine.snapshot()
    assert make(engine, snapshot).snapshot() == snapshot
