"""Answers that several handlers share."""

import msgspec

from flowex.services.gateway.amounts import ZERO


class Empty(msgspec.Struct):
    """``{}``: it went well, and there is nothing to tell."""


class RateLimit(msgspec.Struct, rename="camel"):
    """A pool of the limits."""

    rate_limit_type: str
    interval: str
    interval_num: int
    limit: int


class Nowhere(msgspec.Struct):
    """An item of a list that is always empty here."""


class Discount(msgspec.Struct, rename="camel"):
    """A discount on commissions; there is none here."""

    enabled_for_account: bool = False
    enabled_for_symbol: bool = False
    discount_asset: str = ""
    discount: str = ZERO


class OrderRates(msgspec.Struct):
    """Commission rates that hold for one order."""

    maker: str
    taker: str


class Rates(msgspec.Struct):
    """Commission rates as decimals."""

    maker: str
    taker: str
    buyer: str = ZERO
    seller: str = ZERO
