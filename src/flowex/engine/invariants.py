"""What must hold after every command, checked on a machine's exported state.

It looks at records only, so both machines, a snapshot file and a recovery are judged alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from flowex.messages.enums import Limit, OrderType, Side, TimeInForce
from flowex.messages.state import (
    StateAsset,
    StateBalance,
    StateHold,
    StateInstrument,
    StateLimits,
    StateOrder,
    StateRecord,
)
from flowex.units.integers import SUPPLY_MAX


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
    _check_books(orders)
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
    needed: Counter[tuple[int, int]] = Counter()
    for order in orders:
        instrument = instruments[order.instrument]
        remaining = order.quantity - order.filled - order.prevented
        if order.side == Side.BUY:
            needed[order.account, instrument.quote_asset] += order.price * remaining
        else:
            base = assets[instrument.base_asset]
            scale = 10 ** (base.decimals - instrument.quantity_decimals)
            needed[order.account, instrument.base_asset] += remaining * scale
    for hold in holds:
        assert hold.remaining > 0, f"empty hold: {hold}"
        needed[hold.account, hold.asset] += hold.remaining
    for balance in balances:
        expected = needed.pop((balance.account, balance.id), 0)
        assert balance.held == expected, f"held {balance} but needed {expected}"
    assert not +needed, f"orders without money: {needed}"


def _check_order(order: StateOrder, instrument: StateInstrument) -> None:
    assert order.order_type != OrderType.MARKET, f"a MARKET order rests: {order}"
    assert order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD), f"must not rest: {order}"
    assert (order.time_in_force == TimeInForce.GTD) == (order.expire_time > 0), str(order)
    assert 0 <= order.filled + order.prevented < order.quantity, f"overfilled: {order}"
    assert order.price > 0, str(order)
    assert order.side in (Side.BUY, Side.SELL), str(order)
    assert order.instrument == instrument.id


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
