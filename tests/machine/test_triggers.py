"""Stories of orders that wait for a price: stops, profits, trailing stops, cascades."""

import pytest
from conditional import expired, stop, trade, triggered
from engines import both, make
from market import ALICE, BOB, BTC, CAROL, TICK, USDT, Market, order, refused

from flowex.messages.commands import (
    ClockTick,
    Conditions,
    Halt,
    OrderCancel,
    OrderReplace,
    Transfer,
)
from flowex.messages.enums import (
    ENTRIES_MAX,
    EndReason,
    OrderType,
    Side,
    TimeInForce,
    TriggerCause,
)
from flowex.messages.events import Traded, decode_events
from flowex.messages.results import ResultCode

STOP, PROFIT = OrderType.STOP_LOSS, OrderType.TAKE_PROFIT
STOP_LIMIT, PROFIT_LIMIT = OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT


@both
@pytest.mark.parametrize(
    ("kind", "side", "stop_ticks", "before"),
    [
        (STOP_LIMIT, Side.BUY, 41_000, 40_999),
        (PROFIT_LIMIT, Side.SELL, 41_000, 40_999),
        (STOP_LIMIT, Side.SELL, 39_000, 39_001),
        (PROFIT_LIMIT, Side.BUY, 39_000, 39_001),
    ],
)
def test_the_last_price_calls(
    engine: str, kind: OrderType, side: Side, stop_ticks: int, before: int
) -> None:
    market = Market(engine)
    trade(market, 40_000)
    waiting = stop(market, ALICE, side, kind, ticks=stop_ticks, stop_ticks=stop_ticks).id
    trade(market, before)
    assert triggered(market) == []
    trade(market, stop_ticks)
    assert triggered(market) == [(waiting, TriggerCause.STOP)]
    assert [(o.id, o.price, o.side) for o in market.orders()] == [
        (waiting, stop_ticks * TICK, side)
    ]


@both
def test_what_is_true_already_is_refused(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    for kind, side, ticks in (
        (STOP_LIMIT, Side.BUY, 40_000),
        (PROFIT_LIMIT, Side.SELL, 39_000),
        (STOP_LIMIT, Side.SELL, 40_000),
        (PROFIT_LIMIT, Side.BUY, 41_000),
    ):
        result = stop(market, ALICE, side, kind, ticks=40_000, stop_ticks=ticks)
        assert refused(result) == ResultCode.WOULD_TRIGGER


@both
def test_a_stop_market_order_holds_at_its_stop_and_pays_what_it_costs(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    free, _ = market.balance(ALICE, USDT)
    waiting = stop(market, ALICE, Side.BUY, STOP, stop_ticks=41_000).id
    assert market.balance(ALICE, USDT)[1] == 41_000 * TICK * 100 * 100
    market.sell(BOB, 41_500, 100)
    trade(market, 41_000)
    assert triggered(market) == [(waiting, TriggerCause.STOP)]
    assert market.trades() == [(41_000, 100), (41_500, 100)]
    assert market.balance(ALICE, USDT) == (free - 41_500 * TICK * 100 * 100, 0)


@both
def test_a_stop_market_buy_that_cannot_pay_any_more_expires(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    waiting = stop(market, ALICE, Side.BUY, STOP, stop_ticks=41_000).id
    free, _ = market.balance(ALICE, USDT)
    market.send(
        Transfer(
            account=ALICE, to_account=BOB, asset=USDT, amount=free, source=9, source_sequence=1
        )
    )
    market.sell(BOB, 45_000, 100)
    trade(market, 41_000)
    assert expired(market) == [(waiting, EndReason.INSUFFICIENT_FUNDS)]
    assert all(o.id != waiting for o in market.orders())


@both
def test_a_waiting_order_is_not_replaced_and_can_be_cancelled(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    first = stop(market, ALICE, Side.BUY, STOP_LIMIT, ticks=5_000, stop_ticks=41_000).id
    assert market.send(OrderReplace(account=ALICE, order=first, price=41_000)).code == (
        ResultCode.ORDER_NOT_WORKING
    )
    assert market.cancel(ALICE, first).code == ResultCode.OK
    assert market.balance(ALICE, USDT)[1] == 0
    trade(market, 41_000)
    assert triggered(market) == []


# The scenarios of the trailing stop page that clients of this dialect know, in their own numbers.


@both
@pytest.mark.parametrize(
    ("kind", "side", "ticks", "stop_ticks", "delta", "path", "called"),
    [
        (STOP_LIMIT, Side.BUY, 45_000, 44_000, 500, (37_000, 44_000, 46_000, 42_000), 44_100),
        (STOP_LIMIT, Side.SELL, 38_000, 39_000, 1_000, (41_500, 39_000, 37_000, 41_000), 36_900),
        (PROFIT_LIMIT, Side.BUY, 38_500, 38_000, 850, (42_000, 38_000, 37_000, 39_000), 40_145),
        (PROFIT_LIMIT, Side.SELL, 41_000, 42_000, 750, (39_000, 42_000, 45_000, 46_500), 43_012),
        (STOP_LIMIT, Side.SELL, 39_000, 0, 700, (42_000, 39_500, 45_500), 42_315),
    ],
)
def test_trailing_scenarios(
    engine: str,
    kind: OrderType,
    side: Side,
    ticks: int,
    stop_ticks: int,
    delta: int,
    path: tuple[int, ...],
    called: int,
) -> None:
    market = Market(engine)
    trade(market, 40_000)
    waiting = stop(market, ALICE, side, kind, ticks=ticks, stop_ticks=stop_ticks, delta=delta).id
    for price in path:
        trade(market, price)
        assert (waiting, TriggerCause.TRAILING) not in triggered(market)
    not_yet = called + (1 if side == Side.SELL else -1)
    trade(market, not_yet)
    assert triggered(market) == []
    trade(market, called)
    assert (waiting, TriggerCause.TRAILING) in triggered(market)


@both
def test_tracking_is_told_when_the_stop_price_begins_it(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    waiting = stop(
        market, ALICE, Side.SELL, PROFIT_LIMIT, ticks=41_000, stop_ticks=42_000, delta=750
    ).id
    trade(market, 42_000)
    assert triggered(market) == [(waiting, TriggerCause.TRACKING)]


@both
def test_every_price_of_a_sweep_counts(engine: str) -> None:
    """One taker walks from the activating price to the calling one."""
    market = Market(engine)
    trade(market, 40_000)
    waiting = stop(
        market, ALICE, Side.BUY, STOP_LIMIT, ticks=50_000, stop_ticks=41_000, delta=100
    ).id
    market.sell(BOB, 41_000, 100)
    market.sell(BOB, 41_410, 100)
    market.buy(CAROL, 41_410, 200)
    assert triggered(market) == [
        (waiting, TriggerCause.TRACKING),
        (waiting, TriggerCause.TRAILING),
    ]


@both
def test_the_nearest_stop_is_called_first_then_the_oldest(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    far = stop(market, ALICE, Side.BUY, STOP_LIMIT, ticks=5_000, stop_ticks=41_500).id
    near = stop(market, ALICE, Side.BUY, STOP_LIMIT, ticks=5_000, stop_ticks=41_000).id
    late = stop(market, ALICE, Side.BUY, STOP_LIMIT, ticks=5_000, stop_ticks=41_000).id
    trade(market, 42_000)
    assert [number for number, _ in triggered(market)] == [near, late, far]


def cascade(market: Market, steps: int) -> None:
    """Set up stops to buy, each of which lifts the ask that calls the next."""
    trade(market, 40_000)
    for step in range(1, steps + 1):
        market.sell(BOB, 40_000 + step, 100)
        stop(market, ALICE, Side.BUY, STOP, stop_ticks=40_000 + step)
    market.sell(BOB, 40_000 + steps + 1, 100)


@both
def test_a_cascade_goes_on_within_its_command(engine: str) -> None:
    market = Market(engine)
    cascade(market, 5)
    market.buy(CAROL, 40_001, 100)
    assert market.trades() == [(40_000 + step, 100) for step in range(1, 7)]


@both
def test_a_long_cascade_is_bounded_and_goes_on_with_the_next_command(engine: str) -> None:
    market = Market(engine)
    cascade(market, ENTRIES_MAX + 20)
    market.buy(CAROL, 40_001, 100)
    assert len(market.trades()) == ENTRIES_MAX + 1
    assert market.machine.next_timer == market.time
    restored = make(engine, market.machine.snapshot())
    tick = ClockTick().pack()
    assert restored.apply(market.time, tick) == market.machine.apply(market.time, tick)
    again = market.machine.apply(market.time, tick)
    assert not [event for event in decode_events(again) if isinstance(event, Traded)]
    assert market.machine.next_timer is None


@both
def test_a_halt_keeps_the_cascade_for_later(engine: str) -> None:
    market = Market(engine)
    cascade(market, ENTRIES_MAX + 2)
    market.buy(CAROL, 40_001, 100)
    market.machine.apply(market.time, b"")
    market.send(Halt(halted=1))
    # The halt itself came after what was left of the cascade.
    assert len(market.trades()) == 2
    assert market.machine.next_timer is None


@both
def test_waiting_orders_survive_a_snapshot(engine: str) -> None:
    market = Market(engine)
    trade(market, 40_000)
    stop(market, ALICE, Side.BUY, STOP, stop_ticks=41_000)
    stop(market, ALICE, Side.SELL, STOP_LIMIT, ticks=30_000, delta=500)
    stop(market, CAROL, Side.SELL, PROFIT_LIMIT, ticks=41_000, stop_ticks=42_000, delta=750)
    trade(market, 40_500)
    snapshot = market.machine.snapshot()
    assert make(engine, snapshot).snapshot() == snapshot


@both
@pytest.mark.parametrize(
    "fields",
    [
        {"conditions": None},
        {"conditions": Conditions()},
        {"time_in_force": TimeInForce.GTD, "expire_time": 10**12, "price": 100 * TICK},
        {"time_in_force": TimeInForce.GTC},
        {"quote_amount": 10**12},
        {"quantity": 0},
        {"price": 40_000 * TICK},
        {"conditions": Conditions(stop_price=-1)},
        {"conditions": Conditions(stop_price=41_000 * TICK, strategy_id=-1)},
    ],
)
def test_malformed_stops(engine: str, fields: dict[str, object]) -> None:
    market = Market(engine)
    trade(market, 40_000)
    usual: dict[str, object] = {
        "order_type": STOP,
        "time_in_force": TimeInForce.IOC,
        "quantity": 100 * 100,
        "conditions": Conditions(stop_price=41_000 * TICK),
    }
    result = market.send(order(ALICE, Side.BUY, **(usual | fields)))
    assert refused(result) == ResultCode.INVALID_ORDER


@both
def test_a_stop_price_obeys_the_price_filter(engine: str) -> None:
    market = Market(engine)
    conditions = Conditions(stop_price=41_000 * TICK + 1)
    fields = {"order_type": STOP, "time_in_force": TimeInForce.IOC, "quantity": 100 * 100}
    result = market.send(order(ALICE, Side.BUY, conditions=conditions, **fields))
    assert refused(result) == ResultCode.PRICE_OFF_TICK


@both
def test_a_plain_order_takes_no_stop_price(engine: str) -> None:
    market = Market(engine)
    conditions = Conditions(stop_price=41_000 * TICK)
    result = market.buy(ALICE, 40_000, 100, conditions=conditions)
    assert refused(result) == ResultCode.INVALID_ORDER
    assert market.send(OrderCancel(account=ALICE, order=1)).code == ResultCode.UNKNOWN_ORDER
    assert market.balance(ALICE, BTC)[1] == 0
