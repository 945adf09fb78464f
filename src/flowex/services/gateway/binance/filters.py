"""The filters of instruments and of the exchange, in the dialect's words."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from flowex.messages.enums import BIPS, TRAILING_DELTA_MAX, Limit, MarketNotional
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.units.integers import SUPPLY_MAX

_BIPS_DECIMALS: Final = 4


class PriceFilter(msgspec.Struct, rename="camel", tag_field="filterType", tag="PRICE_FILTER"):
    """Prices from, to, and in steps of."""

    min_price: str
    max_price: str
    tick_size: str


class LotSize(msgspec.Struct, rename="camel", tag_field="filterType", tag="LOT_SIZE"):
    """Quantities from, to, and in steps of."""

    min_qty: str
    max_qty: str
    step_size: str


class MarketLotSize(LotSize, rename="camel", tag_field="filterType", tag="MARKET_LOT_SIZE"):
    """The same for MARKET orders by quantity."""


class IcebergParts(msgspec.Struct, rename="camel", tag_field="filterType", tag="ICEBERG_PARTS"):
    """Into how many parts an iceberg may fall."""

    limit: int


class TrailingDelta(msgspec.Struct, rename="camel", tag_field="filterType", tag="TRAILING_DELTA"):
    """Trailing deltas in basis points, for stops above and below the market."""

    min_trailing_above_delta: int
    max_trailing_above_delta: int
    min_trailing_below_delta: int
    max_trailing_below_delta: int


class PercentPriceBySide(
    msgspec.Struct, rename="camel", tag_field="filterType", tag="PERCENT_PRICE_BY_SIDE"
):
    """How far from the average price a price may be, in multiples of it."""

    bid_multiplier_up: str
    bid_multiplier_down: str
    ask_multiplier_up: str
    ask_multiplier_down: str
    avg_price_mins: int


class Notional(msgspec.Struct, rename="camel", tag_field="filterType", tag="NOTIONAL"):
    """Price * quantity from and to."""

    min_notional: str
    max_notional: str
    apply_min_to_market: bool
    apply_max_to_market: bool
    avg_price_mins: int


class MaxPosition(msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_POSITION"):
    """What an account may have of the base asset, bids included."""

    max_position: str


class MaxOrders(msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_NUM_ORDERS"):
    """Open orders of an account on the symbol."""

    max_num_orders: int


class MaxOrderLists(
    msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_NUM_ORDER_LISTS"
):
    """Open order lists."""

    max_num_order_lists: int


class MaxAlgoOrders(
    msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_NUM_ALGO_ORDERS"
):
    """Open stop and take-profit orders."""

    max_num_algo_orders: int


class MaxIcebergOrders(
    msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_NUM_ICEBERG_ORDERS"
):
    """Open icebergs."""

    max_num_iceberg_orders: int


class MaxOrderAmends(
    msgspec.Struct, rename="camel", tag_field="filterType", tag="MAX_NUM_ORDER_AMENDS"
):
    """How often one order may be amended."""

    max_num_order_amends: int


class ExchangeMaxOrders(
    MaxOrders, rename="camel", tag_field="filterType", tag="EXCHANGE_MAX_NUM_ORDERS"
):
    """Open orders of an account on the whole exchange."""


class ExchangeMaxAlgoOrders(
    MaxAlgoOrders, rename="camel", tag_field="filterType", tag="EXCHANGE_MAX_NUM_ALGO_ORDERS"
):
    """Its open stop and take-profit orders."""


class ExchangeMaxIcebergOrders(
    MaxIcebergOrders,
    rename="camel",
    tag_field="filterType",
    tag="EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
):
    """Its open icebergs."""


class ExchangeMaxOrderLists(
    MaxOrderLists, rename="camel", tag_field="filterType", tag="EXCHANGE_MAX_NUM_ORDER_LISTS"
):
    """Its open order lists."""


Filter = (
    PriceFilter
    | LotSize
    | MarketLotSize
    | IcebergParts
    | TrailingDelta
    | PercentPriceBySide
    | Notional
    | MaxPosition
    | MaxOrders
    | MaxOrderLists
    | MaxAlgoOrders
    | MaxIcebergOrders
    | MaxOrderAmends
)
ExchangeFilter = (
    ExchangeMaxOrders | ExchangeMaxAlgoOrders | ExchangeMaxIcebergOrders | ExchangeMaxOrderLists
)


def filters_of(instrument: Instrument) -> list[Filter]:
    """Return an instrument's filters, PRICE_FILTER and LOT_SIZE first.

    A bound that is not set is told as the widest, a filter without any is not told.
    """
    return [
        PriceFilter(
            padded(instrument.price_min or instrument.price_tick, instrument.price_decimals),
            padded(instrument.price_max or SUPPLY_MAX, instrument.price_decimals),
            padded(instrument.price_tick, instrument.price_decimals),
        ),
        LotSize(*_lot(instrument)),
        *_conditional(instrument),
        MarketLotSize(*_market_lot(instrument)),
        *_bands(instrument),
        _notional(instrument),
        *_counts(instrument),
    ]


def exchange_filters(limit: Callable[[Limit], int]) -> list[ExchangeFilter]:
    """Return the filters of the whole exchange."""
    return [
        ExchangeMaxOrders(limit(Limit.ACCOUNT_OPEN_ORDERS)),
        ExchangeMaxAlgoOrders(limit(Limit.ACCOUNT_ALGO_ORDERS)),
        ExchangeMaxIcebergOrders(limit(Limit.ACCOUNT_ICEBERG_ORDERS)),
        ExchangeMaxOrderLists(limit(Limit.ACCOUNT_ORDER_LISTS)),
    ]


def _lot(instrument: Instrument) -> tuple[str, str, str]:
    decimals = instrument.quantity_decimals
    return (
        padded(instrument.quantity_min or instrument.quantity_lot, decimals),
        padded(instrument.quantity_max or SUPPLY_MAX, decimals),
        padded(instrument.quantity_lot, decimals),
    )


def _market_lot(instrument: Instrument) -> tuple[str, str, str]:
    """Return what a MARKET order by quantity must meet: its own bounds where they are set."""
    further, decimals = instrument.further, instrument.quantity_decimals
    usual = _lot(instrument)
    own = (further.market_quantity_min, further.market_quantity_max, further.market_lot)
    least, most, step = (
        padded(bound, decimals) if bound else told for bound, told in zip(own, usual, strict=True)
    )
    return least, most, step


def _conditional(instrument: Instrument) -> Iterator[Filter]:
    further = instrument.further
    if further.iceberg_parts_max:
        yield IcebergParts(further.iceberg_parts_max)
    yield TrailingDelta(
        further.trailing_above_min or 1,
        further.trailing_above_max or TRAILING_DELTA_MAX,
        further.trailing_below_min or 1,
        further.trailing_below_max or TRAILING_DELTA_MAX,
    )


def _bands(instrument: Instrument) -> Iterator[Filter]:
    further = instrument.further
    bounds = (further.bid_up, further.bid_down, further.ask_up, further.ask_down)
    if not any(bounds):
        return
    bid_up, bid_down, ask_up, ask_down = (
        padded(bound or widest, _BIPS_DECIMALS)
        for bound, widest in zip(bounds, (_WIDEST, 0, _WIDEST, 0), strict=True)
    )
    yield PercentPriceBySide(bid_up, bid_down, ask_up, ask_down, further.average_minutes)


def _notional(instrument: Instrument) -> Notional:
    further, decimals = instrument.further, instrument.quote.decimals
    return Notional(
        min_notional=padded(instrument.notional_min, decimals),
        max_notional=padded(instrument.notional_max or SUPPLY_MAX, decimals),
        apply_min_to_market=bool(further.market_notional & MarketNotional.MIN),
        apply_max_to_market=bool(further.market_notional & MarketNotional.MAX),
        avg_price_mins=further.average_minutes,
    )


def _counts(instrument: Instrument) -> Iterator[Filter]:
    further = instrument.further
    if further.position_max:
        yield MaxPosition(padded(further.position_max, instrument.quantity_decimals))
    if further.orders_max:
        yield MaxOrders(further.orders_max)
    if further.order_lists_max:
        yield MaxOrderLists(further.order_lists_max)
    if further.algo_orders_max:
        yield MaxAlgoOrders(further.algo_orders_max)
    if further.iceberg_orders_max:
        yield MaxIcebergOrders(further.iceberg_orders_max)
    if further.amends_max:
        yield MaxOrderAmends(further.amends_max)


_WIDEST: Final = 100_000 * BIPS
"""Told for an upper bound that is not set."""
