"""Stream names: what clients ask for, and what they mean."""

import re
from typing import Final, NamedTuple

from flowex.services.gateway.intervals import INTERVALS

NAME_MAX: Final = 128
SLOW_TICKS: Final = 10
"""Ticks of 100 ms between two messages of a stream without @100ms."""

_WELL_FORMED: Final = re.compile(r"[!A-Za-z0-9_@.:\-]{1,128}", re.ASCII)
_PARTIAL: Final = re.compile(r"depth(5|10|20)", re.ASCII)


class StreamName(NamedTuple):
    """A stream this exchange speaks: its kind, symbol ("" for all), and details."""

    kind: str
    symbol: str = ""
    ticks: int = SLOW_TICKS
    levels: int = 0
    interval: str = ""


def is_well_formed(name: str) -> bool:
    """Whether text may be a stream's name at all."""
    return _WELL_FORMED.fullmatch(name) is not None


def parse(name: str) -> StreamName | None:
    """Return what a name means, or None for one that nobody speaks."""
    if name in ("!ticker@arr", "!miniTicker@arr"):
        return StreamName(name[1:].partition("@")[0] + "s")
    symbol, separator, rest = name.partition("@")
    if not separator or not symbol or symbol != symbol.lower():
        return None
    kind, _, period = rest.partition("@")
    ticks = 1 if period == "100ms" else SLOW_TICKS
    symbol = symbol.upper()
    if kind == "depth" and period in ("", "100ms", "1000ms"):
        return StreamName("depth", symbol, ticks)
    partial = _PARTIAL.fullmatch(kind)
    if partial is not None and period in ("", "100ms", "1000ms"):
        return StreamName("partial", symbol, ticks, int(partial[1]))
    if period:
        return None
    if kind in ("trade", "aggTrade", "bookTicker", "ticker", "miniTicker"):
        return StreamName(kind, symbol)
    word, _, interval = kind.partition("_")
    if word == "kline" and interval in INTERVALS:
        return StreamName("kline", symbol, interval=interval)
    return None
