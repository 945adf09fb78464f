"""Time zones as the dialect writes them: ``8``, ``-1:00``, ``05:45``."""

import re
from typing import Annotated, Final

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import Kind, illegal_or
from flowex.units.instants import HOUR, MINUTE

_EARLIEST: Final = -12 * HOUR
_LATEST: Final = 14 * HOUR
_ZONE: Final = re.compile(r"([+-]?)([0-9]{1,2})(?::([0-5][0-9]))?", re.ASCII)
_ZONE_RANGE: Final = r"^[+-]?[0-9]{1,2}(:[0-5][0-9])?$"


def read_zone(name: str, text: str) -> int:
    """Return how far a zone is ahead of UTC in µs: hours, or hours and minutes."""
    match = _ZONE.fullmatch(text)
    if match is None:
        raise Refusal(errors.illegal(name, _ZONE_RANGE))
    sign, hours, minutes = match.groups()
    offset = int(hours) * HOUR + int(minutes or 0) * MINUTE
    offset = -offset if sign == "-" else offset
    if not _EARLIEST <= offset <= _LATEST:
        raise Refusal(errors.bad_value(name))
    return offset


ZoneText = Annotated[
    int,
    Kind(
        read_zone,
        {
            "type": "string",
            "pattern": _ZONE_RANGE,
            "default": "0",
            "description": "Hours, or hours and minutes, ahead of UTC: from -12:00 to +14:00.",
        },
        illegal_or(_ZONE_RANGE, errors.bad_value),
    ),
]
