"""What an operator may choose: read once, checked once, passed on.

This is the only reader of the environment. A flag of the command line wins over the environment,
which wins over the default.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from flowex.app.engines import ENGINES

PORT_MAX: Final = 65_535
PAST_HOURS_MAX: Final = 24 * 7
SEED_MAX: Final = (1 << 64) - 1


class SettingsError(Exception):
    """Something chosen makes no sense; the message lists every fault."""


class Settings(msgspec.Struct, frozen=True):
    """The choices of one run."""

    home: Path = Path(".flowex")
    host: str = "127.0.0.1"
    port: int = 8080
    engine: str | None = None
    """``native`` or ``reference``; None is the native one where it is built."""
    seed: int = 1
    """What the simulated traders' chance begins with."""
    past_hours: int = 24
    """How long the simulated traders have traded before the first start; 0 is not at all."""
    demo: bool = False
    demo_history: Path | None = None
    """A folder of real candles that the demo's markets begin with; None is none."""
    timeseries: str = ""
    """A ClickHouse database for the markets' history; empty is a file in the home."""
    bots: bool = True
    rate_limits: bool = True
    """Whether clients are held to the announced request and order rates; a bench is not."""

    @property
    def has_bots(self) -> bool:
        """Whether simulated traders trade: only the demo's world has a place for them."""
        return self.demo and self.bots


_VARIABLES: Final = {
    "home": "FLOWEX_HOME",
    "host": "FLOWEX_HOST",
    "port": "FLOWEX_PORT",
    "engine": "FLOWEX_ENGINE",
    "seed": "FLOWEX_SEED",
    "past_hours": "FLOWEX_PAST_HOURS",
    "demo_history": "FLOWEX_DEMO_HISTORY",
    "timeseries": "FLOWEX_TIMESERIES",
}
_TIMESERIES: Final = re.compile(r"clickhouse://[^/?#]+/[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def read(
    environment: Mapping[str, str] | None = None, /, **flags: str | int | Path | bool | None
) -> Settings:
    """Return the settings; a flag that is None was not given. Raises SettingsError."""
    known = os.environ if environment is None else environment
    chosen: dict[str, tuple[str, Any]] = {
        name: (variable, known[variable])
        for name, variable in _VARIABLES.items()
        if known.get(variable)
    }
    chosen |= {
        name: (f"--{name.replace('_', '-')}", value)
        for name, value in flags.items()
        if value is not None
    }
    faults: list[str] = []
    values: dict[str, Any] = {}
    for name, (source, value) in chosen.items():
        try:
            values[name] = _checked(name, value)
        except ValueError as error:
            faults.append(f"{source} is {value!r}: {error}")
    if faults:
        raise SettingsError("\n".join(faults))
    return Settings(**values)


def language(flag: str | None, environment: Mapping[str, str] | None = None, /) -> str:
    """Return ``en`` or ``zh``: what the flag says, or what the locale of the terminal begins with.

    The first of LC_ALL, LC_MESSAGES and LANG that is not empty counts, as POSIX has it.
    """
    known = os.environ if environment is None else environment
    locale = next((known[name] for name in _LOCALE if known.get(name)), "")
    return flag or ("zh" if locale.lower().startswith("zh") else "en")


def _checked(name: str, value: Any) -> Any:
    """Return a value in its type. Raises ValueError, saying what would be right."""
    match name:
        case "home" | "demo_history":
            return Path(value).expanduser()
        case "port":
            return _whole(value, PORT_MAX)
        case "seed":
            return _whole(value, SEED_MAX)
        case "past_hours":
            return _whole(value, PAST_HOURS_MAX)
        case "engine" if value not in ENGINES:
            raise ValueError(f"choose one of {', '.join(ENGINES)}")
        case "timeseries" if not _TIMESERIES.fullmatch(value):
            raise ValueError("such as clickhouse://user:word@host:8123/database is needed")
        case "host" if not str(value).strip():
            raise ValueError("an address to listen at, such as 127.0.0.1")
    return value


def _whole(value: str | int, highest: int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text) <= highest):
        raise ValueError(f"a whole number from 0 to {highest} is needed")
    return int(text)
