"""Exact conversion between decimal text and integers: no float, no rounding, no surprise."""

import re
from typing import Final

TEXT_MAX: Final = 40
"""Longest decimal text accepted: more than any amount of the exchange needs."""

_PLAIN: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]*))?|(-?)\.([0-9]+)", re.ASCII)


class DecimalTextError(ValueError):
    """The text is no plain decimal number.

    DecimalTextError
    └── PrecisionError   the number is fine but has more decimals than the unit can hold
    """


class PrecisionError(DecimalTextError):
    """The number has more decimals than the unit can hold."""


def parse(text: str, decimals: int) -> int:
    """Return the integer count of 10 ** -decimals that ``text`` states.

    ``decimals`` may be negative (units of tens, hundreds ...). Accepts ``-?digits[.digits]``
    in ASCII only: no exponent, sign ``+``, space, NaN or full-width digit.
    Raises DecimalTextError, or PrecisionError when digits would be lost.
    """
    match = _PLAIN.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None:
        raise DecimalTextError(text[:TEXT_MAX])
    sign, whole, fraction, bare_sign, bare_fraction = match.groups()
    digits = (fraction if bare_fraction is None else bare_fraction) or ""
    digits = digits.rstrip("0")
    if len(digits) > max(decimals, 0):
        raise PrecisionError(text)
    value = int((whole or "0") + digits + "0" * (max(decimals, 0) - len(digits)))
    if decimals < 0:
        value, lost = divmod(value, 10**-decimals)
        if lost:
            raise PrecisionError(text)
    return -value if (sign or bare_sign) else value


def render(value: int, decimals: int, places: int | None = None) -> str:
    """Return ``value`` * 10 ** -decimals as plain text.

    ``places`` pads with zeros (or cuts zeros away) to that many decimals; digits that would be
    lost are an assertion, because rounding is a decision the caller must have made. Without
    ``places`` the text has exactly ``max(decimals, 0)`` decimals.
    """
    if decimals < 0:
        value, decimals = value * 10**-decimals, 0
    wanted = decimals if places is None else places
    if wanted > decimals:
        value *= 10 ** (wanted - decimals)
    elif wanted < decimals:
        value, lost = divmod(value, 10 ** (decimals - wanted))
        assert lost == 0, "render would lose digits"
    if wanted == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    whole = str(abs(value)).rjust(wanted + 1, "0")
    return f"{sign}{whole[:-wanted]}.{whole[-wanted:]}"
