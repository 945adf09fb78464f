"""exchangeInfo: the symbols, their filters and the rate limits."""

from typing import Annotated, ClassVar, Final

import msgspec

from flowex.messages.enums import InstrumentState
from flowex.ports.trading import Instrument
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.answers import Nowhere, RateLimit
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.filters import (
    ExchangeFilter,
    Filter,
    exchange_filters,
    filters_of,
)
from flowex.services.gateway.binance.parameters import (
    Flag,
    Parameters,
    Symbols,
    SymbolText,
    choice,
    plain,
)
from flowex.services.gateway.binance.rules import Excludes, Rule
from flowex.services.gateway.limits import Pools

_STATUSES: Final = {word: word for word in dict.fromkeys(words.SYMBOL_STATUS.values())}
_ORDER_TYPES: Final = list(words.ORDER_TYPES)


class Information(Parameters, frozen=True, kw_only=True):
    """GET exchangeInfo."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Excludes("symbol", ("symbols", "permissions", "symbolStatus")),
        Excludes("symbols", ("permissions", "symbolStatus")),
    )

    symbol: SymbolText | None = None
    symbols: Symbols | None = None
    permissions: Annotated[str, plain(256)] | None = None
    symbol_status: Annotated[str, choice(_STATUSES, errors.BAD_SYMBOL_STATUS)] | None = None
    show_permission_sets: Flag = True


class SymbolAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """An instrument with every field the dialect requires."""

    symbol: str
    status: str
    base_asset: str
    base_asset_precision: int
    quote_asset: str
    quote_precision: int
    quote_asset_precision: int
    base_commission_precision: int
    quote_commission_precision: int
    order_types: list[str]
    iceberg_allowed: bool
    oco_allowed: bool
    oto_allowed: bool
    opo_allowed: bool
    quote_order_qty_market_allowed: bool
    allow_trailing_stop: bool
    cancel_replace_allowed: bool
    amend_allowed: bool
    peg_instructions_allowed: bool
    is_spot_trading_allowed: bool
    is_margin_trading_allowed: bool
    filters: list[Filter]
    permissions: list[str]
    permission_sets: list[list[str]]
    default_self_trade_prevention_mode: str
    allowed_self_trade_prevention_modes: list[str]


class EmptyInformation(msgspec.Struct, rename="camel", kw_only=True):
    """The coin-margined exchange: no contracts."""

    timezone: str = "UTC"
    server_time: int
    rate_limits: list[RateLimit] = []
    exchange_filters: list[Nowhere] = []
    symbols: list[Nowhere] = []


class EmptyFuturesInformation(msgspec.Struct, rename="camel", kw_only=True):
    """The USD-margined exchange: no contracts either."""

    timezone: str = "UTC"
    server_time: int
    futures_type: str = "U_MARGINED"
    rate_limits: list[RateLimit] = []
    exchange_filters: list[Nowhere] = []
    assets: list[Nowhere] = []
    symbols: list[Nowhere] = []


class InformationAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """What can be traded and how."""

    timezone: str = "UTC"
    server_time: int
    rate_limits: list[RateLimit]
    exchange_filters: list[ExchangeFilter]
    symbols: list[SymbolAnswer]


def information(desk: Desk, call: Call, wanted: Information) -> InformationAnswer:
    """Return what can be traded and how."""
    if wanted.symbol is not None:
        instruments = [desk.instrument(wanted.symbol)]
    elif wanted.symbols is not None:
        instruments = [desk.instrument(symbol) for symbol in wanted.symbols]
    elif wanted.permissions is not None and "SPOT" not in wanted.permissions:
        instruments = []
    else:
        instruments = list(desk.exchange.trading.instruments())
    symbols = [symbol_of(i, sets=wanted.show_permission_sets) for i in instruments]
    if wanted.symbol_status is not None:
        symbols = [row for row in symbols if row.status == wanted.symbol_status]
    return InformationAnswer(
        server_time=call.instant(call.now),
        rate_limits=rate_limits(desk.pools),
        exchange_filters=exchange_filters(desk.exchange.trading.limit),
        symbols=symbols,
    )


def no_contracts(desk: Desk, call: Call, wanted: Nothing) -> EmptyFuturesInformation:
    """Return the empty futures exchange that a default ccxt object asks for while loading."""
    return EmptyFuturesInformation(server_time=call.instant(call.now))


def no_coin_margined_contracts(desk: Desk, call: Call, wanted: Nothing) -> EmptyInformation:
    """Return the same for contracts margined in coin, whose answer is shorter."""
    return EmptyInformation(server_time=call.instant(call.now))


def rate_limits(pools: Pools) -> list[RateLimit]:
    """Return the pools in the dialect's words."""
    return [
        RateLimit("REQUEST_WEIGHT", "MINUTE", 1, pools.weight_per_minute),
        RateLimit("ORDERS", "SECOND", 10, pools.orders_per_ten_seconds),
        RateLimit("ORDERS", "DAY", 1, pools.orders_per_day),
        RateLimit("RAW_REQUESTS", "MINUTE", 5, pools.raw_per_five_minutes),
    ]


def symbol_of(instrument: Instrument, *, sets: bool = True) -> SymbolAnswer:
    """Return an instrument with every field the dialect requires."""
    status = words.SYMBOL_STATUS[InstrumentState(instrument.state)]
    base, quote = instrument.base, instrument.quote
    return SymbolAnswer(
        symbol=instrument.symbol,
        status=status,
        base_asset=base.code,
        base_asset_precision=base.decimals,
        quote_asset=quote.code,
        quote_precision=quote.decimals,
        quote_asset_precision=quote.decimals,
        base_commission_precision=base.decimals,
        quote_commission_precision=quote.decimals,
        order_types=_ORDER_TYPES,
        iceberg_allowed=True,
        oco_allowed=True,
        oto_allowed=True,
        opo_allowed=False,
        quote_order_qty_market_allowed=True,
        allow_trailing_stop=True,
        cancel_replace_allowed=True,
        amend_allowed=True,
        peg_instructions_allowed=False,
        is_spot_trading_allowed=status == "TRADING",
        is_margin_trading_allowed=False,
        filters=filters_of(instrument),
        permissions=[],
        permission_sets=[["SPOT"]] if sets else [],
        default_self_trade_prevention_mode=words.DEFAULT_SELF_TRADE.name,
        allowed_self_trade_prevention_modes=list(words.SELF_TRADE_WORDS),
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/exchangeInfo",
        Security.NONE,
        20,
        Information,
        information,
        "Symbols, filters, limits",
        "exchangeInfo",
    ),
    Endpoint(
        "GET",
        "/fapi/v1/exchangeInfo",
        Security.NONE,
        1,
        Nothing,
        no_contracts,
        "No contracts yet",
    ),
    Endpoint(
        "GET",
        "/dapi/v1/exchangeInfo",
        Security.NONE,
        1,
        Nothing,
        no_coin_margined_contracts,
        "None here",
    ),
)
"""This file's rows of the table."""
