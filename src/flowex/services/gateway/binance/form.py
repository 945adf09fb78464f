"""Form-encoded text to parameters: queries, and bodies whatever they claim to be."""

from typing import Final
from urllib.parse import unquote_plus

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import PARAMETERS_MAX

_LEGAL: Final = "^[A-Za-z0-9 -~]*$"


def read_form(raw: bytes) -> dict[str, str]:
    """Return the pairs of a query or body.

    Raises Refusal -1100 for bytes that are no text, -1101 for too many or duplicate names.
    """
    if not raw:
        return {}
    pieces = raw.split(b"&", PARAMETERS_MAX + 1)
    if len(pieces) > PARAMETERS_MAX:
        raise Refusal(errors.too_many(PARAMETERS_MAX, raw.count(b"&") + 1))
    texts: dict[str, str] = {}
    try:
        for piece in pieces:
            name, _, value = piece.decode().partition("=")
            if b"%" in piece or b"+" in piece:
                name = unquote_plus(name, errors="strict")
                value = unquote_plus(value, errors="strict")
            if name in texts:
                raise Refusal(errors.DUPLICATE_PARAMETERS)
            if name:
                texts[name] = value
    except UnicodeDecodeError:
        raise Refusal(errors.illegal("request", _LEGAL)) from None
    return texts
