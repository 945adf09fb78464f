"""Transfers between an account's own wallets."""

from typing import Annotated, Final, NamedTuple

import msgspec

from flowex.messages.commands import Transfer
from flowex.messages.enums import Wallet
from flowex.messages.results import ResultCode
from flowex.ports.trading import Asset, FundsTransfer
from flowex.services.gateway.amounts import padded, units
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    AssetText,
    Decimal8,
    EndText,
    InstantText,
    Parameters,
    bounded,
    choice,
)
from flowex.units.integers import SUPPLY_MAX


class Way(NamedTuple):
    """From one wallet to another, in the dialect's word."""

    word: str
    wallet: Wallet
    to_wallet: Wallet


_WAYS: Final = {
    way.word: way
    for way in (
        Way("MAIN_FUNDING", Wallet.SPOT, Wallet.FUNDING),
        Way("FUNDING_MAIN", Wallet.FUNDING, Wallet.SPOT),
        Way("MAIN_UMFUTURE", Wallet.SPOT, Wallet.FUTURES),
        Way("UMFUTURE_MAIN", Wallet.FUTURES, Wallet.SPOT),
    )
}
_PAGE: Final = 10
_PAGE_MAX: Final = 100
_PAGES_MAX: Final = 1_000_000
_HISTORY_WEIGHT: Final = 20
"""As other questions to the history: it counts all transfers there are, and skips those before."""

WayWord = Annotated[Way, choice(_WAYS)]


class NewTransfer(Parameters, frozen=True, kw_only=True):
    """POST asset/transfer."""

    type: WayWord
    asset: AssetText
    amount: Decimal8


class Transfers(Parameters, frozen=True, kw_only=True):
    """GET asset/transfer."""

    type: WayWord
    start_time: InstantText | None = None
    end_time: EndText | None = None
    current: Annotated[int, bounded(1, _PAGES_MAX)] = 1
    size: Annotated[int, bounded(1, _PAGE_MAX)] = _PAGE


class TransferAnswer(msgspec.Struct, rename="camel"):
    """The number of a transfer."""

    tran_id: int


class TransferItem(msgspec.Struct, rename="camel"):
    """A transfer of the past."""

    asset: str
    amount: str
    type: str
    status: str
    tran_id: int
    timestamp: int


class TransfersAnswer(msgspec.Struct):
    """One page of transfers, the newest first, and how many there are."""

    total: int
    rows: list[TransferItem]


async def transfer(desk: Desk, call: Call, wanted: NewTransfer) -> TransferAnswer:
    """Move money between two wallets of the account."""
    asset = _asset(desk, wanted.asset)
    amount = units(wanted.amount, asset.decimals)
    if amount is None:
        raise Refusal(errors.too_precise("amount"))
    if not 0 < amount <= SUPPLY_MAX:
        raise Refusal(errors.bad_value("amount"))
    outcome = await desk.exchange.trading.transfer(
        Transfer(
            account=call.account,
            to_account=call.account,
            asset=asset.id,
            wallet=wanted.type.wallet,
            to_wallet=wanted.type.to_wallet,
            amount=amount,
        ),
        call.deadline,
    )
    if outcome.code != ResultCode.OK:
        raise Refusal(errors.transferring(outcome.code))
    return TransferAnswer(outcome.sequence)


async def transfers(desk: Desk, call: Call, wanted: Transfers) -> TransfersAnswer:
    """Return the account's transfers one way, the newest first."""
    way = wanted.type
    total, found = await desk.exchange.trading.transfers(
        call.account,
        way.wallet,
        way.to_wallet,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        skip=(wanted.current - 1) * wanted.size,
        limit=wanted.size,
    )
    assets = {asset.id: asset for asset in desk.exchange.trading.assets()}
    return TransfersAnswer(total, [_item(call, assets[one.asset], way, one) for one in found])


def _item(call: Call, asset: Asset, way: Way, moved: FundsTransfer) -> TransferItem:
    return TransferItem(
        asset.code,
        padded(moved.amount, asset.decimals),
        way.word,
        "CONFIRMED",
        moved.transfer,
        call.instant(moved.time),
    )


def _asset(desk: Desk, code: str) -> Asset:
    """Return the asset with that code. Raises Refusal -1130."""
    for asset in desk.exchange.trading.assets():
        if asset.code == code:
            return asset
    raise Refusal(errors.bad_value("asset"))


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/sapi/v1/asset/transfer",
        Security.TRANSFER,
        1,
        NewTransfer,
        transfer,
        "Move money between wallets",
        raises=errors.TRANSFERS | {errors.bad_value("amount")},
    ),
    Endpoint(
        "GET",
        "/sapi/v1/asset/transfer",
        Security.USER_DATA,
        _HISTORY_WEIGHT,
        Transfers,
        transfers,
        "Transfers between wallets",
    ),
)
"""This file's rows of the table."""
