"""An account's balances, rates and limits, and its listen keys."""

from typing import Annotated, Final

import msgspec

from flowex.ports.trading import Balance
from flowex.services.gateway.amounts import RATE_DECIMALS, padded
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.answers import Discount, Empty, RateLimit, Rates
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import Flag, Parameters, SymbolText, plain

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


class CoinBalance(msgspec.Struct):
    """A balance of the spot wallet."""

    asset: str
    free: str
    locked: str


class AccountAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """What an account is and has."""

    maker_commission: int
    taker_commission: int
    buyer_commission: int = 0
    seller_commission: int = 0
    commission_rates: Rates
    can_trade: bool
    can_withdraw: bool = False
    can_deposit: bool = False
    brokered: bool = False
    require_self_trade_prevention: bool = False
    prevent_sor: bool = False
    update_time: int
    account_type: str = "SPOT"
    balances: list[CoinBalance]
    permissions: list[str]
    uid: int


class CommissionAnswer(msgspec.Struct, rename="camel"):
    """An account's rates on a symbol, and the parts they are made of."""

    symbol: str
    standard_commission: Rates
    special_commission: Rates
    tax_commission: Rates
    discount: Discount


class UsedRateLimit(RateLimit, rename="camel"):
    """A pool, and what the account has used of it."""

    count: int


class ListenKeyAnswer(msgspec.Struct, rename="camel"):
    """The key of a user stream."""

    listen_key: str


def account(desk: Desk, call: Call, wanted: Account) -> AccountAnswer:
    """Return rates, flags and balances."""
    trading = desk.exchange.trading
    instruments = trading.instruments()
    maker, taker = trading.rates(call.account, instruments[0]) if instruments else (0, 0)
    view = trading.account(call.account)
    touched = {balance.asset.id: balance for balance in trading.balances(call.account)}
    balances = [
        touched.get(asset.id) or Balance(asset, 0, 0)
        for asset in trading.assets()
        if asset.id in touched or not wanted.omit_zero_balances
    ]
    return AccountAnswer(
        maker_commission=maker // _BASIS_POINT,
        taker_commission=taker // _BASIS_POINT,
        commission_rates=_rates(maker, taker),
        can_trade=view is None or view.state == 0,
        update_time=call.instant(view.update_time if view else 0),
        balances=[
            CoinBalance(
                balance.asset.code,
                padded(balance.free, balance.asset.decimals),
                padded(balance.held, balance.asset.decimals),
            )
            for balance in balances
            if balance.free or balance.held or not wanted.omit_zero_balances
        ],
        permissions=["SPOT"],
        uid=call.account,
    )


def _rates(maker: int, taker: int) -> Rates:
    return Rates(padded(maker, RATE_DECIMALS), padded(taker, RATE_DECIMALS))


def commission(desk: Desk, call: Call, wanted: Commission) -> CommissionAnswer:
    """Return the account's rates on an instrument."""
    instrument = desk.instrument(wanted.symbol)
    maker, taker = desk.exchange.trading.rates(call.account, instrument)
    none = _rates(0, 0)
    return CommissionAnswer(instrument.symbol, _rates(maker, taker), none, none, Discount())


def order_limits(desk: Desk, call: Call, wanted: Nothing) -> list[UsedRateLimit]:
    """Return how many orders the account has placed in each window."""
    count = desk.limits.orders(call.account, call.now)
    pools = desk.pools
    return [
        UsedRateLimit("ORDERS", "SECOND", 10, pools.orders_per_ten_seconds, count.ten_seconds),
        UsedRateLimit("ORDERS", "DAY", 1, pools.orders_per_day, count.day),
    ]


def listen_key(desk: Desk, call: Call, wanted: Nothing) -> ListenKeyAnswer:
    """Return the account's listen key, a new one if it has none alive."""
    return ListenKeyAnswer(desk.listen_keys.create(call.account, call.now))


def renew_listen_key(desk: Desk, call: Call, wanted: ListenKey) -> Empty:
    """Give a listen key another hour."""
    if not desk.listen_keys.renew(call.account, wanted.listen_key, call.now):
        raise Refusal(errors.NO_LISTEN_KEY)
    return Empty()


def close_listen_key(desk: Desk, call: Call, wanted: ListenKey) -> Empty:
    """End a listen key."""
    if not desk.listen_keys.close(call.account, wanted.listen_key):
        raise Refusal(errors.NO_LISTEN_KEY)
    return Empty()


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
        raises=frozenset({errors.NO_LISTEN_KEY}),
    ),
    Endpoint(
        "DELETE",
        "/api/v3/userDataStream",
        Security.USER_STREAM,
        2,
        ListenKey,
        close_listen_key,
        "Close a user stream",
        raises=frozenset({errors.NO_LISTEN_KEY}),
    ),
)
"""This file's rows of the table."""
