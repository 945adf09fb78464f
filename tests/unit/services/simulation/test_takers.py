from flowex.messages.commands import OrderPlace
from flowex.messages.enums import OrderType, Side, TimeInForce
from flowex.ports.trading import Asset, Instrument
from flowex.services.simulation.chance import Chance
from flowex.services.simulation.takers import Momentum, Scene, inventory_percent, noise
from flowex.units.instants import SECOND

LAST = 60_000_000
BTCUSDT = Instrument(
    1, "BTCUSDT", Asset(1, "BTC", 8), Asset(2, "USDT", 8), 5, 1, 0, 0, 10, 10, 0, 7, 14, 0, 0, 0
)


def scene(inventory: int = 100, last: int = LAST) -> Scene:
    return Scene(BTCUSDT, last, size=1_000, inventory_percent=inventory)


def many(inventory: int = 100) -> list[OrderPlace]:
    chance = Chance(1)
    return [noise(7, scene(inventory), chance) for _ in range(4_000)]


def share_of_buys(orders: list[OrderPlace]) -> float:
    return sum(order.side == Side.BUY for order in orders) / len(orders)


def test_noise_never_rests_and_is_of_every_kind() -> None:
    orders = many()
    assert {order.time_in_force for order in orders} == {TimeInForce.IOC}
    assert {order.order_type for order in orders} == {OrderType.LIMIT, OrderType.MARKET}
    assert any(order.quote_amount for order in orders)
    assert all(bool(order.quantity) != bool(order.quote_amount) for order in orders)


def test_quantities_are_whole_lots_and_mostly_small() -> None:
    quantities = [order.quantity for order in many() if order.quantity]
    assert all(quantity % BTCUSDT.quantity_lot == 0 for quantity in quantities)
    assert min(quantities) >= BTCUSDT.quantity_min
    small = sum(quantity <= 2_000 for quantity in quantities)
    assert small * 2 > len(quantities)
    assert max(quantities) > 16_000


def test_who_has_too_much_sells() -> None:
    assert 0.45 < share_of_buys(many()) < 0.55
    assert share_of_buys(many(inventory=120)) < 0.35
    assert share_of_buys(many(inventory=80)) > 0.65
    assert share_of_buys(many(inventory=1_000)) > 0.1  # Never everybody at once.


def test_limits_take_near_the_last_price_only() -> None:
    for order in many():
        if order.order_type == OrderType.LIMIT:
            assert order.price % BTCUSDT.price_tick == 0
            assert abs(order.price - LAST) * 300 < LAST


def test_momentum_follows_a_trend_and_rests_without_one() -> None:
    chance, trader = Chance(1), Momentum(8)
    assert trader.plan(scene(), chance, SECOND) is None
    rising = trader.plan(scene(last=LAST * 101 // 100), chance, SECOND)
    assert rising is not None
    assert rising.side == Side.BUY
    falling = trader.plan(scene(last=LAST * 99 // 100), chance, SECOND)
    assert falling is not None
    assert falling.side == Side.SELL


def test_momentum_forgets() -> None:
    chance, trader = Chance(1), Momentum(8)
    trader.plan(scene(), chance, SECOND)
    last = scene(last=LAST * 101 // 100)
    plans = [trader.plan(last, chance, 10 * SECOND) for _ in range(400)]
    assert plans[0] is not None
    assert plans[-1] is None


def test_momentum_does_not_buy_without_end() -> None:
    chance, trader = Chance(1), Momentum(8)
    trader.plan(scene(), chance, SECOND)
    assert trader.plan(scene(200, LAST * 101 // 100), chance, SECOND) is None
    assert trader.plan(scene(0, LAST * 99 // 100), chance, SECOND) is None


def test_inventory_is_told_in_percent() -> None:
    assert inventory_percent({1: 50}, {1: 200}, 1) == 25
    assert inventory_percent({}, {1: 200}, 1) == 0
