"""An account's balances, rates and limits, and its listen keys."""

from typing import Annotated, Any, Final

from flowex.ports.trading import Balance, Instrument
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import Flag, Parameters, SymbolText, plain

_RATE_DECIMALS = 8
_BASIS_POINT = 10_000


class Account(Parameters, frozen=True, kw_only=True):
    """GET account."""

    omit_zero_balances: Flag = False


class Commission(Parameters, frozen=True, kw_only=True):
    """GET account/commission."""

    symbol: SymbolText


class ListenKey(Parameters, frozen=True, kw_only=True):
    """PUT and DELETE userDataStream."""

    listen_key: Annotated[str, plain(64)]


def rates(desk: Desk, account: int, instrument: Instrument | None) -> tuple[int, int]:
    """Return (maker, taker) rates in 10 ** -8: the account's own, else the instrument's."""
    view = desk.exchange.trading.account(account)
    if view is not None and view.maker_rate >= 0:
        return view.maker_rate, view.taker_rate
    return (instrument.maker_rate, instrument.taker_rate) if instrument else (0, 0)


def account(desk: Desk, call: Call, wanted: Account) -> dict[str, Any]:
    """Return rates, flags and balances."""
    trading = desk.exchange.trading
    instruments = trading.instruments()
    maker, taker = rates(desk, call.account, instruments[0] if instruments else None)
    view = trading.account(call.account)
    touched = {balance.asset.id: balance for balance in trading.balances(call.account)}
    balances = [
        touched.get(asset.id) or Balance(asset, 0, 0)
        for asset in trading.assets()
        if asset.id in touched or not wanted.omit_zero_balances
    ]
    return {
        "makerCommission": maker // _BASIS_POINT,
        "takerCommission": taker // _BASIS_POINT,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": _commission(maker, taker),
        "canTrade": view is None or view.state == 0,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": call.instant(view.update_time if view else 0),
        "accountType": "SPOT",
        "balances": [
            {
                "asset": balance.asset.code,
                "free": padded(balance.free, balance.asset.decimals),
                "locked": padded(balance.held, balance.asset.decimals),
            }
            for balance in balances
            if balance.free or balance.held or not wanted.omit_zero_balances
        ],
        "permissions": ["SPOT"],
        "uid": call.account,
    }


def _commission(maker: int, taker: int) -> dict[str, str]:
    none = padded(0, _RATE_DECIMALS)
    return {
        "maker": padded(maker, _RATE_DECIMALS),
        "taker": padded(taker, _RATE_DECIMALS),
        "buyer": none,
        "seller": none,
    }


def commission(desk: Desk, call: Call, wanted: Commission) -> dict[str, Any]:
    """Return the account's rates on an instrument."""
    instrument = desk.instrument(wanted.symbol)
    maker, taker = rates(desk, call.account, instrument)
    return {
        "symbol": instrument.symbol,
        "standardCommission": _commission(maker, taker),
        "specialCommission": _commission(0, 0),
        "taxCommission": _commission(0, 0),
        "discount": {
            "enabledForAccount": False,
            "enabledForSymbol": False,
            "discountAsset": "",
            "discount": padded(0, _RATE_DECIMALS),
        },
    }


def order_limits(desk: Desk, call: Call, wanted: Nothing) -> list[dict[str, Any]]:
    """Return how many orders the account has placed in each window."""
    count = desk.limits.orders(call.account, call.now)
    pools = desk.pools
    return [
        {
            "rateLimitType": "ORDERS",
            "interval": interval,
            "intervalNum": number,
            "limit": limit,
            "count": used,
        }
        for interval, number, limit, used in (
            ("SECOND", 10, pools.orders_per_ten_seconds, count.ten_seconds),
            ("DAY", 1, pools.orders_per_day, count.day),
        )
    ]


def listen_key(desk: Desk, call: Call, wanted: Nothing) -> dict[str, str]:
    """Return the account's listen key, a new one if it has none alive."""
    return {"listenKey": desk.listen_keys.create(call.account, call.now)}


def renew_listen_key(desk: Desk, call: Call, wanted: ListenKey) -> dict[str, str]:
    """Give a listen key another hour."""
    if not desk.listen_keys.renew(call.account, wanted.listen_key, call.now):
        raise Refusal(errors.NO_LISTEN_KEY)
    return {}


def close_listen_key(desk: Desk, call: Call, wanted: ListenKey) -> dict[str, str]:
    """End a listen key."""
    if not desk.listen_keys.close(call.account, wanted.listen_key):
        raise Refusal(errors.NO_LISTEN_KEY)
    return {}


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/account",
        Security.USER_DATA,
        20,
        Account,
        account,
        "Balances and rates",
        "account.status",
    ),
    Endpoint(
        "GET",
        "/api/v3/account/commission",
        Security.USER_DATA,
        20,
        Commission,
        commission,
        "Rates on a symbol",
        "account.commission",
    ),
    Endpoint(
        "GET",
        "/api/v3/rateLimit/order",
        Security.USER_DATA,
        40,
        Nothing,
        order_limits,
        "Orders placed in each window",
        "account.rateLimits.orders",
    ),
    Endpoint(
        "POST",
        "/api/v3/userDataStream",
        Security.USER_STREAM,
        2,
        Nothing,
        listen_key,
        "Open a user stream",
    ),
    Endpoint(
        "PUT",
        "/api/v3/userDataStream",
        Security.USER_STREAM,
        2,
        ListenKey,
        renew_listen_key,
        "Keep a user stream",
    ),
    Endpoint(
        "DELETE",
        "/api/v3/userDataStream",
        Security.USER_STREAM,
        2,
        ListenKey,
        close_listen_key,
        "Close a user stream",
    ),
)
"""This file's rows of the table."""
