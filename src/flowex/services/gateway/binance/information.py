"""exchangeInfo: the symbols, their filters and the rate limits."""

from typing import Annotated, Any, Final

from flowex.messages.enums import InstrumentState
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    Flag,
    Parameters,
    Symbols,
    SymbolText,
    choice,
    plain,
)
from flowex.services.gateway.limits import Pools
from flowex.units.integers import SUPPLY_MAX

_STATUSES: Final = {word: word for word in dict.fromkeys(words.SYMBOL_STATUS.values())}
_ORDER_TYPES: Final = ["LIMIT", "LIMIT_MAKER", "MARKET"]


class Information(Parameters, frozen=True, kw_only=True):
    """GET exchangeInfo."""

    symbol: SymbolText | None = None
    symbols: Symbols | None = None
    permissions: Annotated[str, plain(256)] | None = None
    symbol_status: Annotated[str, choice(_STATUSES, errors.BAD_SYMBOL_STATUS)] | None = None
    show_permission_sets: Flag = True


def information(desk: Desk, call: Call, wanted: Information) -> dict[str, Any]:
    """Return what can be traded and how."""
    asked = [p for p in (wanted.symbol, wanted.symbols, wanted.permissions) if p is not None]
    if len(asked) > 1 or (wanted.symbol_status and (wanted.symbol or wanted.symbols)):
        raise Refusal(errors.BAD_COMBINATION)
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
        symbols = [row for row in symbols if row["status"] == wanted.symbol_status]
    return {
        "timezone": "UTC",
        "serverTime": call.instant(call.now),
        "rateLimits": rate_limits(desk.pools),
        "exchangeFilters": [],
        "symbols": symbols,
    }


def no_contracts(desk: Desk, call: Call, wanted: Nothing) -> dict[str, Any]:
    """Return the empty futures exchange that a default ccxt object asks for while loading."""
    return {
        "timezone": "UTC",
        "serverTime": call.instant(call.now),
        "futuresType": "U_MARGINED",
        "rateLimits": [],
        "exchangeFilters": [],
        "assets": [],
        "symbols": [],
    }


def no_coin_margined_contracts(desk: Desk, call: Call, wanted: Nothing) -> dict[str, Any]:
    """Return the same for contracts margined in coin, whose answer is shorter."""
    empty = no_contracts(desk, call, wanted)
    del empty["futuresType"], empty["assets"]
    return empty


def rate_limits(pools: Pools) -> list[dict[str, Any]]:
    """Return the pools in the dialect's words."""
    return [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
        for kind, interval, number, limit in (
            ("REQUEST_WEIGHT", "MINUTE", 1, pools.weight_per_minute),
            ("ORDERS", "SECOND", 10, pools.orders_per_ten_seconds),
            ("ORDERS", "DAY", 1, pools.orders_per_day),
            ("RAW_REQUESTS", "MINUTE", 5, pools.raw_per_five_minutes),
        )
    ]


def symbol_of(instrument: Instrument, *, sets: bool = True) -> dict[str, Any]:
    """Return an instrument with every field the dialect requires."""
    status = words.SYMBOL_STATUS[InstrumentState(instrument.state)]
    modes = list(words.SELF_TRADE_WORDS)
    symbol = {
        "symbol": instrument.symbol,
        "status": status,
        "baseAsset": instrument.base.code,
        "baseAssetPrecision": instrument.base.decimals,
        "quoteAsset": instrument.quote.code,
        "quotePrecision": instrument.quote.decimals,
        "quoteAssetPrecision": instrument.quote.decimals,
        "baseCommissionPrecision": instrument.base.decimals,
        "quoteCommissionPrecision": instrument.quote.decimals,
        "orderTypes": _ORDER_TYPES,
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": status == "TRADING",
        "isMarginTradingAllowed": False,
        "filters": filters_of(instrument),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": words.DEFAULT_SELF_TRADE.name,
        "allowedSelfTradePreventionModes": modes,
    }
    if not sets:
        symbol["permissionSets"] = []
    return symbol


def filters_of(instrument: Instrument) -> list[dict[str, Any]]:
    """Return the filters, PRICE_FILTER first; a bound that is not set is told as the widest."""
    price_decimals, quantity_decimals = instrument.price_decimals, instrument.quantity_decimals
    quote_decimals = instrument.quote.decimals
    lot = {
        "minQty": padded(instrument.quantity_min or instrument.quantity_lot, quantity_decimals),
        "maxQty": padded(instrument.quantity_max or SUPPLY_MAX, quantity_decimals),
        "stepSize": padded(instrument.quantity_lot, quantity_decimals),
    }
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": padded(instrument.price_min or instrument.price_tick, price_decimals),
            "maxPrice": padded(instrument.price_max or SUPPLY_MAX, price_decimals),
            "tickSize": padded(instrument.price_tick, price_decimals),
        },
        {"filterType": "LOT_SIZE", **lot},
        {"filterType": "MARKET_LOT_SIZE", **lot},
        {
            "filterType": "NOTIONAL",
            "minNotional": padded(instrument.notional_min, quote_decimals),
            "applyMinToMarket": True,
            "maxNotional": padded(instrument.notional_max or SUPPLY_MAX, quote_decimals),
            "applyMaxToMarket": True,
            "avgPriceMins": 0,
        },
    ]


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
