"""What an account may want to know besides its orders: prevented matches, allocations, filters."""

from typing import ClassVar, Final

import msgspec

from flowex.ports.trading import Instrument, PreventedMatch
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import words
from flowex.services.gateway.binance.answers import Nowhere
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.filters import (
    ExchangeFilter,
    Filter,
    exchange_filters,
    filters_of,
)
from flowex.services.gateway.binance.parameters import (
    EndText,
    InstantText,
    Limit1000,
    OrderNumber,
    Parameters,
    SymbolText,
)
from flowex.services.gateway.binance.rules import Excludes, OneOf, Rule
from flowex.services.gateway.binance.weights import IfSent

_ROWS: Final = 500
_NO_GROUP: Final = -1
"""The trade group of an account that is told of none."""


class PreventedMatches(Parameters, frozen=True, kw_only=True):
    """GET myPreventedMatches."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        OneOf("preventedMatchId", "orderId"),
        Excludes("preventedMatchId", ("orderId", "fromPreventedMatchId")),
    )

    symbol: SymbolText
    prevented_match_id: OrderNumber | None = None
    order_id: OrderNumber | None = None
    from_prevented_match_id: OrderNumber | None = None
    limit: Limit1000 = _ROWS


class Allocations(Parameters, frozen=True, kw_only=True):
    """GET myAllocations."""

    symbol: SymbolText
    start_time: InstantText | None = None
    end_time: EndText | None = None
    from_allocation_id: OrderNumber | None = None
    limit: Limit1000 = _ROWS
    order_id: OrderNumber | None = None


class MyFilters(Parameters, frozen=True, kw_only=True):
    """GET myFilters."""

    symbol: SymbolText


class PreventedItem(msgspec.Struct, rename="camel", kw_only=True):
    """A meeting of two orders of one owner that did not trade."""

    symbol: str
    prevented_match_id: int
    taker_order_id: int
    maker_symbol: str
    maker_order_id: int
    trade_group_id: int
    self_trade_prevention_mode: str
    price: str
    maker_prevented_quantity: str
    transact_time: int


class MyFiltersAnswer(msgspec.Struct, rename="camel"):
    """The filters that hold for an account on a symbol."""

    exchange_filters: list[ExchangeFilter]
    symbol_filters: list[Filter]
    asset_filters: list[Nowhere]


async def prevented_matches(
    desk: Desk, call: Call, wanted: PreventedMatches
) -> list[PreventedItem]:
    """Return meetings that self-trade prevention kept from trading."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.trading.prevented_matches(
        call.account,
        instrument.id,
        match=wanted.prevented_match_id,
        order=wanted.order_id,
        from_match=wanted.from_prevented_match_id,
        limit=wanted.limit,
    )
    return [_item(call, instrument, match) for match in found]


def _item(call: Call, instrument: Instrument, match: PreventedMatch) -> PreventedItem:
    return PreventedItem(
        symbol=instrument.symbol,
        prevented_match_id=match.match,
        taker_order_id=match.taker_order,
        maker_symbol=instrument.symbol,
        maker_order_id=match.maker_order,
        trade_group_id=_NO_GROUP,
        self_trade_prevention_mode=words.SELF_TRADE_WORDS[match.self_trade],
        price=padded(match.price, instrument.price_decimals),
        maker_prevented_quantity=padded(match.maker_quantity, instrument.quantity_decimals),
        transact_time=call.instant(match.time),
    )


def allocations(desk: Desk, call: Call, wanted: Allocations) -> list[Nowhere]:
    """Return no allocations: orders here are filled by this exchange's own book alone."""
    desk.instrument(wanted.symbol)
    return []


def my_filters(desk: Desk, call: Call, wanted: MyFilters) -> MyFiltersAnswer:
    """Return the filters that hold for the account on a symbol."""
    instrument = desk.instrument(wanted.symbol)
    return MyFiltersAnswer(
        exchange_filters(desk.exchange.trading.limit), filters_of(instrument), []
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/myPreventedMatches",
        Security.USER_DATA,
        IfSent("orderId", 20, 2),
        PreventedMatches,
        prevented_matches,
        "Own orders that met and did not trade",
        "myPreventedMatches",
    ),
    Endpoint(
        "GET",
        "/api/v3/myAllocations",
        Security.USER_DATA,
        20,
        Allocations,
        allocations,
        "Always empty here",
        "myAllocations",
    ),
    Endpoint(
        "GET",
        "/api/v3/myFilters",
        Security.USER_DATA,
        40,
        MyFilters,
        my_filters,
        "Filters of a symbol and of the exchange",
        "myFilters",
    ),
)
"""This file's rows of the table."""
