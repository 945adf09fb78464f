"""The few wallet endpoints that default clients ask while loading markets."""

from typing import Any, Final

from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance.account import rates
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Nothing, Security
from flowex.services.gateway.binance.parameters import Parameters, SymbolText

ZERO = "0.00000000"
_RATE_DECIMALS = 8


class Fees(Parameters, frozen=True, kw_only=True):
    """GET asset/tradeFee."""

    symbol: SymbolText | None = None


def system_status(desk: Desk, call: Call, wanted: Nothing) -> dict[str, Any]:
    """Say that there is no maintenance."""
    return {"status": 0, "msg": "normal"}


def nothing(desk: Desk, call: Call, wanted: Nothing) -> list[Any]:
    """Return the empty list of something this exchange does not have."""
    return []


def trade_fee(desk: Desk, call: Call, wanted: Fees) -> list[dict[str, str]]:
    """Return the account's rates on one instrument or on all."""
    if wanted.symbol is None:
        instruments = list(desk.exchange.trading.instruments())
    else:
        instruments = [desk.instrument(wanted.symbol)]
    fees = []
    for instrument in instruments:
        maker, taker = rates(desk, call.account, instrument)
        fees.append(
            {
                "symbol": instrument.symbol,
                "makerCommission": padded(maker, _RATE_DECIMALS),
                "takerCommission": padded(taker, _RATE_DECIMALS),
            }
        )
    return fees


def coins(desk: Desk, call: Call, wanted: Nothing) -> list[dict[str, Any]]:
    """Return every asset with its one internal network, closed for deposits and withdrawals."""
    trading = desk.exchange.trading
    balances = {balance.asset.id: balance for balance in trading.balances(call.account)}
    answer = []
    for asset in trading.assets():
        balance = balances.get(asset.id)
        answer.append(
            {
                "coin": asset.code,
                "name": asset.code,
                "depositAllEnable": False,
                "withdrawAllEnable": False,
                "trading": True,
                "isLegalMoney": False,
                "free": padded(balance.free if balance else 0, asset.decimals),
                "locked": padded(balance.held if balance else 0, asset.decimals),
                "freeze": ZERO,
                "withdrawing": ZERO,
                "ipoing": ZERO,
                "ipoable": ZERO,
                "storage": ZERO,
                "networkList": [_network(asset.code, asset.decimals)],
            }
        )
    return answer


def _network(code: str, decimals: int) -> dict[str, Any]:
    return {
        "network": code,
        "coin": code,
        "name": code,
        "isDefault": True,
        "depositEnable": False,
        "withdrawEnable": False,
        "busy": False,
        "depositDesc": "",
        "withdrawDesc": "",
        "specialTips": "",
        "withdrawFee": ZERO,
        "withdrawMin": ZERO,
        "withdrawMax": ZERO,
        "withdrawIntegerMultiple": padded(1, decimals),
        "minConfirm": 1,
        "unLockConfirm": 1,
        "addressRegex": "",
        "memoRegex": "",
        "sameAddress": False,
        "resetAddressStatus": False,
        "estimatedArrivalTime": 1,
    }


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
