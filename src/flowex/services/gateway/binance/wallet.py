"""The few wallet endpoints that default clients ask while loading markets."""

from typing import Final

import msgspec

from flowex.services.gateway.amounts import RATE_DECIMALS, ZERO, padded
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.parameters import Parameters, SymbolText


class Fees(Parameters, frozen=True, kw_only=True):
    """GET asset/tradeFee."""

    symbol: SymbolText | None = None


class SystemStatus(msgspec.Struct):
    """0 is normal, 1 is maintenance."""

    status: int = 0
    msg: str = "normal"


class NotHere(msgspec.Struct):
    """An item of a list that is always empty here."""


class TradeFee(msgspec.Struct, rename="camel"):
    """An account's rates on a symbol."""

    symbol: str
    maker_commission: str
    taker_commission: str


class Network(msgspec.Struct, rename="camel", kw_only=True):
    """A way into and out of the exchange for a coin: here the internal one, closed."""

    network: str
    coin: str
    name: str
    is_default: bool = True
    deposit_enable: bool = False
    withdraw_enable: bool = False
    busy: bool = False
    deposit_desc: str = ""
    withdraw_desc: str = ""
    special_tips: str = ""
    withdraw_fee: str = ZERO
    withdraw_min: str = ZERO
    withdraw_max: str = ZERO
    withdraw_integer_multiple: str
    min_confirm: int = 1
    un_lock_confirm: int = 1
    address_regex: str = ""
    memo_regex: str = ""
    same_address: bool = False
    reset_address_status: bool = False
    estimated_arrival_time: int = 1


class Coin(msgspec.Struct, rename="camel", kw_only=True):
    """An asset, the account's balance of it, and its networks."""

    coin: str
    name: str
    deposit_all_enable: bool = False
    withdraw_all_enable: bool = False
    trading: bool = True
    is_legal_money: bool = False
    free: str
    locked: str
    freeze: str = ZERO
    withdrawing: str = ZERO
    ipoing: str = ZERO
    ipoable: str = ZERO
    storage: str = ZERO
    network_list: list[Network]


def system_status(desk: Desk, call: Call, wanted: Nothing) -> SystemStatus:
    """Say that there is no maintenance."""
    return SystemStatus()


def nothing(desk: Desk, call: Call, wanted: Nothing) -> list[NotHere]:
    """Return the empty list of something this exchange does not have."""
    return []


def trade_fee(desk: Desk, call: Call, wanted: Fees) -> list[TradeFee]:
    """Return the account's rates on one instrument or on all."""
    if wanted.symbol is None:
        instruments = list(desk.exchange.trading.instruments())
    else:
        instruments = [desk.instrument(wanted.symbol)]
    fees = []
    for instrument in instruments:
        maker, taker = (
            padded(r, RATE_DECIMALS) for r in desk.exchange.trading.rates(call.account, instrument)
        )
        fees.append(TradeFee(instrument.symbol, maker, taker))
    return fees


def coins(desk: Desk, call: Call, wanted: Nothing) -> list[Coin]:
    """Return every asset with its one internal network, closed for deposits and withdrawals."""
    trading = desk.exchange.trading
    balances = {balance.asset.id: balance for balance in trading.balances(call.account)}
    answer = []
    for asset in trading.assets():
        balance = balances.get(asset.id)
        network = Network(
            network=asset.code,
            coin=asset.code,
            name=asset.code,
            withdraw_integer_multiple=padded(1, asset.decimals),
        )
        answer.append(
            Coin(
                coin=asset.code,
                name=asset.code,
                free=padded(balance.free if balance else 0, asset.decimals),
                locked=padded(balance.held if balance else 0, asset.decimals),
                network_list=[network],
            )
        )
    return answer


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/sapi/v1/system/status", Security.NONE, 1, Nothing, system_status, "Maintenance"
    ),
    Endpoint(
        "GET", "/sapi/v1/capital/config/getall", Security.USER_DATA, 10, Nothing, coins, "All coins"
    ),
    Endpoint("GET", "/sapi/v1/margin/allPairs", Security.NONE, 1, Nothing, nothing, "None here"),
    Endpoint(
        "GET", "/sapi/v1/margin/isolated/allPairs", Security.NONE, 1, Nothing, nothing, "None here"
    ),
    Endpoint("GET", "/sapi/v1/asset/tradeFee", Security.USER_DATA, 1, Fees, trade_fee, "Rates"),
)
"""This file's rows of the table."""
