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


class Rates(msgspec.Struct):
    """Commission rates as decimals."""

    maker: str
    taker: str
    buyer: str = ZERO
    seller: str = ZERO
