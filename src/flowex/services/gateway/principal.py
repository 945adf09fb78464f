"""Who is asking: an API key, where it may come from, and what it may do. Always from memory."""

import re
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Final

from flowex.ports.keys import ApiKey, Keys, Permission

KEY_FORMAT: Final = re.compile(r"[A-Za-z0-9]{64}", re.ASCII)


class Stranger(Enum):
    """Why a key does not open the door."""

    BAD_FORMAT = 1
    UNKNOWN = 2
    FOREIGN_ADDRESS = 3
    NOT_PERMITTED = 4


def identify(keys: Keys, text: str, address: str, permission: Permission) -> ApiKey | Stranger:
    """Return the key behind ``text``, or why it may not do this from there."""
    key = keys.find(text)
    if key is None:
        return Stranger.UNKNOWN if KEY_FORMAT.fullmatch(text) else Stranger.BAD_FORMAT
    if key.addresses and not comes_from(address, key.addresses):
        return Stranger.FOREIGN_ADDRESS
    # Plain integers: the operators of IntFlag cost more than the rest of this function.
    if int(permission) & ~int(key.permissions):
        return Stranger.NOT_PERMITTED
    return key


def comes_from(address: str, allowed: tuple[str, ...]) -> bool:
    """Whether an address is one of the allowed addresses or networks."""
    try:
        own = ip_address(address)
        return any(own in ip_network(network, strict=False) for network in allowed)
    except ValueError:
        return False
