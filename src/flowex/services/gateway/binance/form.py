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
    if raw.count(b"&") >= PARAMETERS_MAX:
        raise Refusal(errors.too_many(PARAMETERS_MAX, raw.count(b"&") + 1))
    is_encoded = b"%" in raw or b"+" in raw
    texts: dict[str, str] = {}
    try:
        for piece in raw.decode().split("&"):
            name, _, value = piece.partition("=")
            if is_encoded:
                name = unquote_plus(name, errors="strict")
                value = unquote_plus(value, errors="strict")
            if name in texts:
                raise Refusal(errors.DUPLICATE_PARAMETERS)
            if name:
                texts[name] = value
    except UnicodeDecodeError:
        raise Refusal(errors.illegal("request", _LEGAL)) from None
    return texts
