"""Which postings an event makes: a trade up to six legs, a movement of funds two.

A leg says whose balance of which asset changed by how many atoms; what leaves the exchange goes to
the account WORLD. The legs of one transaction add up to 0 for each asset::

    trade, the taker buys      base              quote
    taker (buyer)              + base - fee      - quote
    maker (seller)             - base            + quote - fee
    fee account                + taker fee       + maker fee

A hold moves nothing: free and held are one balance.
"""

from typing import Final, NamedTuple

from flowex.messages.enums import FEE_ACCOUNT, Wallet
from flowex.messages.events import FundsMoved, Traded

_SPOT: Final = int(Wallet.SPOT)


class Posting(NamedTuple):
    """One leg."""

    account: int
    asset: int
    wallet: int
    amount: int


def of_trade(event: Traded, base_scale: int, *, taker_buys: bool) -> list[Posting]:
    """Return the legs of a trade; ``base_scale`` is atoms of the base asset per quantity unit."""
    base, quote = event.quantity * base_scale, event.quote_amount
    taker_gets, maker_gets = (base, quote) if taker_buys else (quote, base)
    got, given = event.taker_fee_asset, event.maker_fee_asset
    legs = [
        Posting(event.account, given, _SPOT, -maker_gets),
        Posting(event.account, got, _SPOT, taker_gets - event.taker_fee),
        Posting(event.maker_account, got, _SPOT, -taker_gets),
        Posting(event.maker_account, given, _SPOT, maker_gets - event.maker_fee),
    ]
    if event.taker_fee:
        legs.append(Posting(FEE_ACCOUNT, got, _SPOT, event.taker_fee))
    if event.maker_fee:
        legs.append(Posting(FEE_ACCOUNT, given, _SPOT, event.maker_fee))
    return legs


def of_movement(event: FundsMoved) -> list[Posting]:
    """Return the legs of a deposit, a withdrawal or a transfer."""
    return [
        Posting(event.account, event.asset, event.wallet, -event.amount),
        Posting(event.to_account, event.asset, event.to_wallet, event.amount),
    ]
