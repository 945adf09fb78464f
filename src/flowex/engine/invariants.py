"""What must hold after every command, checked on a machine's exported state.

It looks at records only, so both machines, a snapshot file and a recovery are judged alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from flowex.messages.commands import Conditions
from flowex.messages.enums import (
    BIPS,
    Limit,
    ListShape,
    OrderType,
    Phase,
    Side,
    TimeInForce,
    Wallet,
)
from flowex.messages.state import (
    StateAsset,
    StateBalance,
    StateHold,
    StateInstrument,
    StateLimits,
    StateOrder,
    StateOrderList,
    StateRecord,
)
from flowex.units.integers import SUPPLY_MAX

_SPOT: Final = int(Wallet.SPOT)
_STOPS: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
_ALGOS: Final = (*_STOPS, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
_MARKETS: Final = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)


def check(state: Sequence[StateRecord]) -> None:
    """Assert every invariant of a state: money, holds, books, orders, limits."""
    assets = {record.id: record for record in state if isinstance(record, StateAsset)}
    instruments = {record.id: record for record in state if isinstance(record, StateInstrument)}
    balances = [record for record in state if isinstance(record, StateBalance)]
    orders = [record for record in state if isinstance(record, StateOrder)]
    holds = [record for record in state if isinstance(record, StateHold)]
    _check_money(assets, balances)
    _check_holds(assets, instruments, balances, orders, holds)
    for order in orders:
        _check_order(order, instruments[order.instrument])
    _check_books([order for order in orders if order.phase == Phase.WORKING])
    _check_lists([record for record in state if isinstance(record, StateOrderList)], orders)
    _check_limits(next(r for r in state if isinstance(r, StateLimits)), orders)


def _check_money(assets: dict[int, StateAsset], balances: Iterable[StateBalance]) -> None:
    """Nothing is negative, and what accounts have is what was issued, per asset."""
    total: Counter[int] = Counter()
    for balance in balances:
        assert balance.free >= 0, f"negative free: {balance}"
        assert balance.held >= 0, f"negative held: {balance}"
        total[balance.id] += balance.free + balance.held
    for asset in assets.values():
        assert 0 <= asset.issued <= SUPPLY_MAX, f"issued out of range: {asset}"
        assert total[asset.id] == asset.issued, f"money not conserved: {asset}, {total[asset.id]}"


def _check_holds(
    assets: dict[int, StateAsset],
    instruments: dict[int, StateInstrument],
    balances: Iterable[StateBalance],
    orders: Iterable[StateOrder],
    holds: Iterable[StateHold],
) -> None:
    """Held money is what orders and withdrawals need, to the atom."""
    needed: Counter[tuple[int, int, int]] = Counter()
    for order in orders:
        if order.unheld:
            continue
        instrument = instruments[order.instrument]
        remaining = order.quantity - order.filled - order.prevented
        if order.side == Side.BUY:
            price = order.price or order.hold_price
            needed[order.account, instrument.quote_asset, _SPOT] += price * remaining
        else:
            base = assets[instrument.base_asset]
            scale = 10 ** (base.decimals - instrument.quantity_decimals)
            needed[order.account, instrument.base_asset, _SPOT] += remaining * scale
    for hold in holds:
        assert hold.remaining > 0, f"empty hold: {hold}"
        needed[hold.account, hold.asset, hold.wallet] += hold.remaining
    for balance in balances:
        expected = needed.pop((balance.account, balance.id, balance.wallet), 0)
        assert balance.held == expected, f"held {balance} but needed {expected}"
    assert not +needed, f"orders without money: {needed}"


def _check_order(order: StateOrder, instrument: StateInstrument) -> None:
    """Assert that an open order is where its kind may be, and in order itself."""
    rests = order.phase == Phase.WORKING
    if rests:
        assert order.order_type not in _MARKETS, f"a market order rests: {order}"
        assert order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD), f"must not rest: {order}"
    assert 0 <= order.phase < len(Phase), str(order)
    assert order.order_list or order.phase not in (Phase.PENDING, Phase.RELEASED), str(order)
    assert order.order_list or not order.unheld, f"nobody holds for it: {order}"
    _check_conditions(order, instrument)
    assert (order.time_in_force == TimeInForce.GTD) == (order.expire_time > 0), str(order)
    assert 0 <= order.filled + order.prevented < order.quantity, f"overfilled: {order}"
    assert (order.price > 0) == (order.order_type not in _MARKETS), str(order)
    assert order.side in (Side.BUY, Side.SELL), str(order)
    assert order.instrument == instrument.id


def _check_conditions(order: StateOrder, instrument: StateInstrument) -> None:
    """Assert that a waiting order was not called yet, and what an iceberg shows."""
    conditions = order.conditions or Conditions()
    remaining = order.quantity - order.filled - order.prevented
    waits = conditions.stop_price > 0 or conditions.trailing_delta > 0
    assert waits == (order.order_type in _ALGOS), str(order)
    rests_hidden = order.phase == Phase.WORKING and conditions.display_quantity > 0
    least, most = (1, conditions.display_quantity) if rests_hidden else (0, 0)
    assert least <= order.shown <= min(most, remaining), f"shows too much: {order}"
    if order.phase == Phase.WAITING and instrument.last_price:
        above = (order.order_type in _STOPS) == (order.side == Side.BUY)
        distance = conditions.stop_price - instrument.last_price
        assert distance > 0 if above else distance < 0, f"should have been called: {order}"
    if order.phase == Phase.TRACKING and order.extreme:
        sign = 1 if order.side == Side.BUY else -1
        turn = order.extreme * (BIPS + sign * conditions.trailing_delta)
        assert sign * (turn - instrument.last_price * BIPS) > 0, f"should have been called: {order}"


def _check_lists(lists: Iterable[StateOrderList], orders: Iterable[StateOrder]) -> None:
    """Assert that every list has an open leg, every leg its list, and twins are alike."""
    legs: dict[int, dict[int, StateOrder]] = defaultdict(dict)
    for order in orders:
        if order.order_list:
            legs[order.order_list][order.id] = order
    for known in lists:
        mine = legs.pop(known.id, {})
        assert mine, f"a list without orders: {known}"
        assert mine.keys() <= {known.first, known.second, known.third}, f"strangers in {known}"
        first = (known.first, known.second)
        pair = first if known.shape == ListShape.OCO else (known.second, known.third)
        twins = [mine[number] for number in pair if number in mine]
        if known.shape != ListShape.OTO and len(twins) == len(pair):
            assert twins[0].quantity == twins[1].quantity, f"unequal twins in {known}"
            assert not any(twin.filled or twin.prevented for twin in twins), f"both live: {known}"
    assert not legs, f"orders of no list: {legs}"


def _check_books(orders: Iterable[StateOrder]) -> None:
    """Books are not crossed, best first, and within a level first come first."""
    sides: dict[tuple[int, int], list[StateOrder]] = defaultdict(list)
    for order in orders:
        sides[order.instrument, order.side].append(order)
    for (instrument, side), queue in sides.items():
        sign = -1 if side == Side.BUY else 1
        keys = [(sign * order.price, order.priority) for order in queue]
        assert keys == sorted(keys), f"time priority broken on instrument {instrument}"
        against = sides.get((instrument, 1 - side))
        if side == Side.BUY and against:
            assert queue[0].price < against[0].price, f"crossed book on instrument {instrument}"


def _check_limits(limits: StateLimits, orders: Sequence[StateOrder]) -> None:
    values = {limit: getattr(limits, limit.name.lower()) for limit in Limit}
    timers = sum(1 for order in orders if order.expire_time)
    assert timers <= values[Limit.TIMERS], "more timers than the limit"
    assert len(orders) <= values[Limit.OPEN_ORDERS], "more open orders than the limit"
