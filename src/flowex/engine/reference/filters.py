"""An instrument's filters: what an order must look like, and what its account may have open."""

from collections.abc import Callable, Iterable, Sequence

from flowex.engine.reference.accounts import total
from flowex.engine.reference.average import reference_price
from flowex.engine.reference.book import PLAIN, Order
from flowex.engine.reference.state import NO_FILTERS, Account, Instrument, State, Verdict
from flowex.messages.commands import FiltersSet
from flowex.messages.enums import (
    AVERAGE_MINUTES_MAX,
    BIPS,
    TRAILING_DELTA_MAX,
    InstrumentState,
    Limit,
    MarketNotional,
    Side,
    TimeInForce,
)
from flowex.messages.events import FiltersChanged
from flowex.messages.results import ResultCode
from flowex.messages.state import StateFilters
from flowex.units.integers import SUPPLY_MAX

_NAMES = tuple(
    name for name in StateFilters.__struct_fields__ if name not in ("flags", "account", "id")
)


def set_filters(state: State, command: FiltersSet) -> Verdict:
    """Give an instrument further filters. Open orders stay as they are.

    Refusals: UNKNOWN_INSTRUMENT, INVALID_STATE (closed), INVALID_FILTER.
    """
    instrument = state.instruments.get(command.instrument)
    if instrument is None:
        return Verdict(ResultCode.UNKNOWN_INSTRUMENT)
    if instrument.state == InstrumentState.CLOSED:
        return Verdict(ResultCode.INVALID_STATE)
    if not _are_sound(command):
        return Verdict(ResultCode.INVALID_FILTER)
    values = {name: getattr(command, name) for name in _NAMES}
    if command.average_minutes != instrument.further.average_minutes:
        instrument.minutes.clear()
    instrument.further = StateFilters(id=instrument.number, **values)
    state.stream.emit(
        FiltersChanged(sequence=state.sequence, instrument=instrument.number, **values)
    )
    return Verdict(ResultCode.OK, id=instrument.number)


def filter_fault(instrument: Instrument, order: Order) -> ResultCode:
    """Hold an order against the filters that need nothing but the order.

    First that applies: PRICE_OUT_OF_RANGE, PRICE_OFF_TICK (its price, then its stop price),
    QUANTITY_OUT_OF_RANGE, QUANTITY_OFF_LOT (quantity, then what it displays),
    ICEBERG_EXCEEDS_QUANTITY, ICEBERG_PARTS, MARKET_QUANTITY_OUT_OF_RANGE, NOTIONAL_OUT_OF_RANGE
    (not of a market order by quantity, whose notional nobody knows yet),
    TRAILING_DELTA_OUT_OF_RANGE.
    """
    conditions = order.conditions
    code = ResultCode.OK
    if not order.is_market:
        code = _price_fault(instrument, order.price)
    if not code and conditions.stop_price:
        code = _price_fault(instrument, conditions.stop_price)
    if not code and order.quantity:
        code = _quantity_fault(instrument, order.quantity)
    if not code and order.is_iceberg:
        code = _quantity_fault(instrument, conditions.display_quantity)
        code = code or _iceberg_fault(instrument, order)
    if not code and order.is_market and order.quantity:
        return _market_quantity_fault(instrument, order.quantity) or _trailing_fault(
            instrument, order
        )
    if not code:
        code = _notional_fault(instrument, order.budget or order.price * order.quantity)
    return code or _trailing_fault(instrument, order)


def standing_fault(
    state: State, account: Account, instrument: Instrument, orders: Sequence[Order]
) -> ResultCode:
    """Hold orders that come together against what the market and their account are now.

    First that applies: PRICE_OUT_OF_BAND, NOTIONAL_OUT_OF_RANGE (a market order at the average
    price), POSITION, then those of ``_count_fault`` when the orders can stay open.
    """
    for order in orders:
        code = _band_fault(state, instrument, order) or _market_notional_fault(
            state, instrument, order
        )
        if code:
            return code
    code = _position_fault(state, account, instrument, orders)
    if not code and (len(orders) > 1 or _can_stay(orders[0])):
        code = _count_fault(state, account, instrument, orders)
    return code


def _price_fault(instrument: Instrument, price: int) -> ResultCode:
    filters = instrument.filters
    if not _within(price, filters.price_min, filters.price_max):
        return ResultCode.PRICE_OUT_OF_RANGE
    return ResultCode.PRICE_OFF_TICK if price % filters.price_tick else ResultCode.OK


def _quantity_fault(instrument: Instrument, quantity: int) -> ResultCode:
    filters = instrument.filters
    if not _within(quantity, filters.quantity_min, filters.quantity_max):
        return ResultCode.QUANTITY_OUT_OF_RANGE
    if quantity * instrument.base_scale > SUPPLY_MAX:
        return ResultCode.QUANTITY_OUT_OF_RANGE
    return ResultCode.QUANTITY_OFF_LOT if quantity % filters.quantity_lot else ResultCode.OK


def _iceberg_fault(instrument: Instrument, order: Order) -> ResultCode:
    shown = order.conditions.display_quantity
    if shown > order.quantity:
        return ResultCode.ICEBERG_EXCEEDS_QUANTITY
    most = instrument.further.iceberg_parts_max
    if most and -(-order.quantity // shown) > most:
        return ResultCode.ICEBERG_PARTS
    return ResultCode.OK


def _market_quantity_fault(instrument: Instrument, quantity: int) -> ResultCode:
    further = instrument.further
    if not _within(quantity, further.market_quantity_min, further.market_quantity_max):
        return ResultCode.MARKET_QUANTITY_OUT_OF_RANGE
    if further.market_lot and quantity % further.market_lot:
        return ResultCode.MARKET_QUANTITY_OUT_OF_RANGE
    return ResultCode.OK


def _notional_fault(instrument: Instrument, notional: int) -> ResultCode:
    filters = instrument.filters
    if not _within(notional, filters.notional_min, filters.notional_max):
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    return ResultCode.OK


def _trailing_fault(instrument: Instrument, order: Order) -> ResultCode:
    delta, further = order.conditions.trailing_delta, instrument.further
    if not delta:
        return ResultCode.OK
    low, high = (
        (further.trailing_above_min, further.trailing_above_max)
        if order.is_above
        else (further.trailing_below_min, further.trailing_below_max)
    )
    if low <= delta <= (high or TRAILING_DELTA_MAX):
        return ResultCode.OK
    return ResultCode.TRAILING_DELTA_OUT_OF_RANGE


def _band_fault(state: State, instrument: Instrument, order: Order) -> ResultCode:
    further = instrument.further
    up, down = (
        (further.bid_up, further.bid_down)
        if order.side == Side.BUY
        else (further.ask_up, further.ask_down)
    )
    reference = reference_price(state, instrument)
    if order.is_market or not reference:
        return ResultCode.OK
    too_high = up and order.price * BIPS > reference * up
    too_low = down and order.price * BIPS < reference * down
    return ResultCode.PRICE_OUT_OF_BAND if too_high or too_low else ResultCode.OK


def _market_notional_fault(state: State, instrument: Instrument, order: Order) -> ResultCode:
    filters, flags = instrument.filters, instrument.further.market_notional
    if not flags or not order.is_market or order.budget:
        return ResultCode.OK
    notional = reference_price(state, instrument) * order.quantity
    too_small = flags & MarketNotional.MIN and notional < filters.notional_min
    too_great = flags & MarketNotional.MAX and notional > (filters.notional_max or SUPPLY_MAX)
    return (
        ResultCode.NOTIONAL_OUT_OF_RANGE if notional and (too_small or too_great) else ResultCode.OK
    )


def _position_fault(
    state: State, account: Account, instrument: Instrument, orders: Sequence[Order]
) -> ResultCode:
    most = instrument.further.position_max
    wanted = sum(order.quantity for order in orders if order.side == Side.BUY)
    if not most or not wanted:
        return ResultCode.OK
    bid = sum(
        order.remaining
        for order in account.orders.values()
        if order.instrument == instrument.number and order.side == Side.BUY
    )
    owned = total(state, account.number, instrument.base.number)
    if owned + (bid + wanted) * instrument.base_scale > most * instrument.base_scale:
        return ResultCode.POSITION
    return ResultCode.OK


def _can_stay(order: Order) -> bool:
    return order.is_algo or order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)


def _count_fault(
    state: State, account: Account, instrument: Instrument, orders: Sequence[Order]
) -> ResultCode:
    """Return the first count that the orders would bring above its limit.

    ACCOUNT_OPEN_ORDERS, OPEN_ORDERS, ACCOUNT_ALGO_ORDERS, ACCOUNT_ICEBERG_ORDERS,
    ACCOUNT_ORDER_LISTS, TRAILING_ORDERS, INSTRUMENT_ORDERS, INSTRUMENT_ALGO_ORDERS,
    INSTRUMENT_ICEBERG_ORDERS, INSTRUMENT_ORDER_LISTS.
    """
    if len(account.orders) + len(orders) > state.limits[Limit.ACCOUNT_OPEN_ORDERS]:
        return ResultCode.ACCOUNT_OPEN_ORDERS
    if len(state.orders) + len(orders) > state.limits[Limit.OPEN_ORDERS]:
        return ResultCode.OPEN_ORDERS
    code = ResultCode.OK
    if len(orders) > 1 or orders[0].conditions is not PLAIN:
        code = _account_count_fault(state, account, orders)
    if not code and instrument.further is not NO_FILTERS:
        code = _instrument_count_fault(account, instrument, orders)
    return code


def _account_count_fault(state: State, account: Account, orders: Sequence[Order]) -> ResultCode:
    limits, lists = state.limits, int(len(orders) > 1)
    mine = account.orders.values()
    if _exceed(orders, mine, limits[Limit.ACCOUNT_ALGO_ORDERS], _is_algo):
        return ResultCode.ACCOUNT_ALGO_ORDERS
    if _exceed(orders, mine, limits[Limit.ACCOUNT_ICEBERG_ORDERS], _is_iceberg):
        return ResultCode.ACCOUNT_ICEBERG_ORDERS
    if lists and len(account.lists) >= limits[Limit.ACCOUNT_ORDER_LISTS]:
        return ResultCode.ACCOUNT_ORDER_LISTS
    if _exceed(orders, state.orders.values(), limits[Limit.TRAILING_ORDERS], _is_trailing):
        return ResultCode.TRAILING_ORDERS
    return ResultCode.OK


def _instrument_count_fault(
    account: Account, instrument: Instrument, orders: Sequence[Order]
) -> ResultCode:
    further, lists = instrument.further, int(len(orders) > 1)
    here = [order for order in account.orders.values() if order.instrument == instrument.number]
    if further.orders_max and len(here) + len(orders) > further.orders_max:
        return ResultCode.INSTRUMENT_ORDERS
    if further.algo_orders_max and _exceed(orders, here, further.algo_orders_max, _is_algo):
        return ResultCode.INSTRUMENT_ALGO_ORDERS
    if further.iceberg_orders_max and _exceed(
        orders, here, further.iceberg_orders_max, _is_iceberg
    ):
        return ResultCode.INSTRUMENT_ICEBERG_ORDERS
    lists_here = sum(one.instrument == instrument.number for one in account.lists.values())
    if lists and further.order_lists_max and lists_here >= further.order_lists_max:
        return ResultCode.INSTRUMENT_ORDER_LISTS
    return ResultCode.OK


def _exceed(
    coming: Sequence[Order], known: Iterable[Order], most: int, counts: Callable[[Order], bool]
) -> bool:
    """Return whether orders of a kind come and would be too many with those that are known."""
    more = sum(map(counts, coming))
    return more > 0 and more + sum(map(counts, known)) > most


def _is_algo(order: Order) -> bool:
    return order.is_algo


def _is_iceberg(order: Order) -> bool:
    return order.is_iceberg


def _is_trailing(order: Order) -> bool:
    return order.conditions.trailing_delta > 0


def _within(value: int, low: int, high: int) -> bool:
    return low <= value <= (high or SUPPLY_MAX)


def _are_sound(command: FiltersSet) -> bool:
    bands = ((command.bid_down, command.bid_up), (command.ask_down, command.ask_up))
    deltas = (
        (command.trailing_above_min, command.trailing_above_max),
        (command.trailing_below_min, command.trailing_below_max),
    )
    amounts = (
        command.market_lot,
        command.market_quantity_min,
        command.market_quantity_max,
        command.position_max,
    )
    quantities = (command.market_quantity_min, command.market_quantity_max)
    return (
        all(0 <= amount <= SUPPLY_MAX for amount in amounts)
        and all(not high or low <= high for low, high in (*bands, *deltas, quantities))
        and all(low <= TRAILING_DELTA_MAX and high <= TRAILING_DELTA_MAX for low, high in deltas)
        and command.average_minutes <= AVERAGE_MINUTES_MAX
        and command.market_notional <= (MarketNotional.MIN | MarketNotional.MAX)
    )
