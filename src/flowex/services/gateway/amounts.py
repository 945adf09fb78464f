"""Amounts as the outer dialects write them: plain decimal text, padded to at least 8 decimals."""

from functools import lru_cache
from typing import Final

PLACES: Final = 8
ZERO: Final = "0.00000000"
RATE_DECIMALS: Final = 8
"""Decimals of a rate."""
_ONE: Final = 10**PLACES
_SCALES: Final[tuple[int, ...]] = tuple(10**power for power in range(PLACES + 19))


TEXTS_MAX: Final = 16_384
"""Amounts whose text is remembered: orders of a market share prices and quantities."""


@lru_cache(TEXTS_MAX)
def padded(value: int, decimals: int) -> str:
    """Return ``value`` * 10 ** -decimals with 8 decimals, or all of them where it has more."""
    if value < 0:
        return "-" + padded(-value, decimals)
    if decimals <= PLACES:
        if not value:  # Half of the amounts in the answer to an order are.
            return ZERO
        whole, fraction = divmod(value * _SCALES[PLACES - decimals], _ONE)
        return f"{whole}.{fraction:08d}"
    whole, fraction = divmod(value, 10**decimals)
    return f"{whole}.{fraction:0{decimals}d}"


def units(amount_e8: int, decimals: int) -> int | None:
    """Return an amount of 10 ** -8 in units of 10 ** -decimals; None when digits would be lost."""
    if decimals >= PLACES:
        return amount_e8 * _SCALES[decimals - PLACES]
    value, lost = divmod(amount_e8, _SCALES[PLACES - decimals])
    return None if lost else value
