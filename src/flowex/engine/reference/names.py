"""Which texts the machine accepts as names and client order ids."""

import re
from typing import Final

from flowex.messages.enums import CLIENT_ID_MAX

_ASSET: Final = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)
_SYMBOL: Final = re.compile(r"[A-Z0-9_-]{1,32}", re.ASCII)
_EXCHANGE: Final = re.compile(r"[A-Za-z0-9._-]{1,32}", re.ASCII)


def is_asset_code(text: str) -> bool:
    """Return whether the text may name an asset."""
    return _ASSET.fullmatch(text) is not None


def is_symbol(text: str) -> bool:
    """Return whether the text may name an instrument."""
    return _SYMBOL.fullmatch(text) is not None


def is_exchange_name(text: str) -> bool:
    """Return whether the text may name the exchange."""
    return _EXCHANGE.fullmatch(text) is not None


def is_client_id(text: str) -> bool:
    """Return whether the text may be a client order id: up to 36 visible ASCII characters.

    Empty means none was given, and passes.
    """
    return len(text) <= CLIENT_ID_MAX and all("\x21" <= letter <= "\x7e" for letter in text)
