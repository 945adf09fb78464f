"""Parameter types of the dialect: from text as received to exact values, with the exact refusals.

An endpoint declares a struct whose fields carry a `Kind` each::

    class Depth(Parameters):
        symbol: SymbolText
        limit: Limit5000 = 100

What parameters owe each other is said by ``RULES`` of the class, in the words of `rules`.
`Reader` turns both into a parser; documentation and tests are made from the same declaration.
Field names are snake_case here and camelCase on the wire.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Generic,
    NamedTuple,
    TypeVar,
    get_args,
    get_type_hints,
)

import msgspec

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Fault, Refusal
from flowex.services.gateway.binance.rules import Rule

PARAMETERS_MAX: Final = 64
"""More than any endpoint has; a request with more is refused."""
SYMBOLS_MAX: Final = 500
MICROSECONDS_FROM: Final = 100_000_000_000_000
"""A time at or above this is in µs, below it in ms: the year 5138 in ms, 1973 in µs."""
INSTANT_MAX: Final = 10**18 - 1
"""µs: what is later is nonsense, and must not reach a column of 64 bits."""
LAST_OF_MILLISECOND: Final = 999
"""µs."""

_DECIMAL: Final = re.compile(r"([0-9]{1,20})(?:\.([0-9]{0,20}))?", re.ASCII)
_DECIMAL_RANGE: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_INTEGER: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_INTEGER_RANGE: Final = r"^[0-9]{1,20}$"
_CLIENT_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,36}", re.ASCII)
_CLIENT_ID_RANGE: Final = "^[a-zA-Z0-9-_]{1,36}$"
_SYMBOL: Final = re.compile(r"[A-Z0-9-_.]{1,32}", re.ASCII)
_SYMBOL_RANGE: Final = r"^[A-Z0-9-_.]{1,20}$"
_ASSET: Final = re.compile("[A-Z0-9]{1,16}", re.ASCII)
_ASSET_RANGE: Final = "^[A-Z0-9]{1,16}$"
_WINDOW_RANGE: Final = r"^[0-9]{1,5}(\.[0-9]{1,3})?$"
_WINDOW: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,3}))?", re.ASCII)
_BOOLEANS: Final = {"true": True, "TRUE": True, "True": True}
_BOOLEANS_FALSE: Final = {"false": False, "FALSE": False, "False": False}
_BOOLEAN_RANGE: Final = "^(true|false)$"
_SYMBOLS_RANGE: Final = r'^\["[A-Z0-9-_.]{1,20}"(,"..")*\]$'
_E8: Final = 8
_WHOLE_MAX: Final = 20
TEXTS_MAX: Final = 4_096
"""Texts of one type whose value is remembered, where texts repeat; refusals never are."""
_MILLISECONDS_DIGITS: Final = 13


Faults = Callable[[str], tuple[Fault, ...]]
"""Takes the parameter's name."""


@dataclass(frozen=True, eq=False, slots=True)
class Kind:
    """A parameter type: how to read it, what it may refuse, and its JSON schema."""

    read: Callable[[str, str], Any]
    schema: Mapping[str, Any]
    faults: Faults = lambda _: ()


class Parameters(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The parameters of an endpoint; a field without a default is mandatory."""

    RULES: ClassVar[tuple[Rule, ...]] = ()
    """What they owe each other."""


@lru_cache(TEXTS_MAX)
def read_decimal(name: str, text: str) -> int:
    """Return the count of 10 ** -8 that a plain decimal states; exact, never through a float."""
    whole, _, fraction = text.partition(".")
    is_usual = 0 < len(whole) <= _WHOLE_MAX and 0 < len(fraction) <= _E8 and text.isascii()
    if is_usual and (whole + fraction).isdigit():
        return int(whole + fraction.ljust(_E8, "0"))
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Refusal(errors.illegal(name, _DECIMAL_RANGE))
    whole, fraction = match.groups()
    digits = fraction.rstrip("0") if fraction else ""
    if len(digits) > _E8:
        raise Refusal(errors.too_precise(name))
    return int(whole + digits.ljust(_E8, "0"))


def read_integer(name: str, text: str) -> int:
    """Return a whole number of at most 20 digits."""
    if _INTEGER.fullmatch(text) is None:
        raise Refusal(errors.illegal(name, _INTEGER_RANGE))
    return int(text)


def read_instant(name: str, text: str) -> int:
    """Return µs since 1970; the client may send ms or µs."""
    if len(text) == _MILLISECONDS_DIGITS and text.isascii() and text.isdigit():
        return int(text) * 1_000
    value = read_integer(name, text)
    if value > INSTANT_MAX:
        raise Refusal(errors.bad_value(name))
    return value if value >= MICROSECONDS_FROM else value * 1_000


def read_end(name: str, text: str) -> int:
    """Return the last µs of the instant a client names as an inclusive bound.

    What happened within a millisecond is told to have happened at it, so a bound in ms holds it.
    """
    instant = read_instant(name, text)
    return instant if text == str(instant) else instant + LAST_OF_MILLISECOND


def read_window(name: str, text: str) -> int:
    """Return a duration in µs, given in ms with up to 3 decimals."""
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise Refusal(errors.illegal(name, _WINDOW_RANGE))
    whole, fraction = match.groups()
    return int(whole) * 1_000 + int((fraction or "").ljust(3, "0"))


def read_boolean(name: str, text: str) -> bool:
    """Return a flag written true/false in any of the usual spellings."""
    if text in _BOOLEANS:
        return True
    if text in _BOOLEANS_FALSE:
        return False
    raise Refusal(errors.illegal(name, _BOOLEAN_RANGE))


def read_client_id(name: str, text: str) -> str:
    """Return a client order id."""
    if _CLIENT_ID.fullmatch(text) is None:
        raise Refusal(errors.illegal(name, _CLIENT_ID_RANGE))
    return text


@lru_cache(TEXTS_MAX)
def read_symbol(name: str, text: str) -> str:
    """Return text that can be a symbol; whether it is one, the exchange knows."""
    if _SYMBOL.fullmatch(text) is None:
        raise Refusal(errors.illegal(name, _SYMBOL_RANGE))
    return text


def read_asset(name: str, text: str) -> str:
    """Return text that can be an asset's code; whether it is one, the exchange knows."""
    if _ASSET.fullmatch(text) is None:
        raise Refusal(errors.illegal(name, _ASSET_RANGE))
    return text


def read_symbols(name: str, text: str) -> tuple[str, ...]:
    """Return a list of symbols given as JSON text (or one bare symbol)."""
    if not text.startswith("["):
        return (read_symbol(name, text),)
    try:
        symbols = msgspec.json.decode(text.encode(), type=list[str])
    except msgspec.DecodeError:
        raise Refusal(errors.illegal(name, _SYMBOLS_RANGE)) from None
    if not symbols or len(symbols) > SYMBOLS_MAX:
        raise Refusal(errors.bad_value(name))
    if len(set(symbols)) != len(symbols):
        raise Refusal(errors.SYMBOL_TWICE)
    return tuple(read_symbol(name, symbol) for symbol in symbols)


def illegal_or(legal: str, *others: Callable[[str], Fault] | Fault) -> Faults:
    """Return what a type refuses that has a legal range, and maybe more to say."""

    def faults(name: str) -> tuple[Fault, ...]:
        more = (other if isinstance(other, Fault) else other(name) for other in others)
        return (errors.illegal(name, legal), *more)

    return faults


_NUMBER_FAULTS: Final = illegal_or(_INTEGER_RANGE, errors.bad_value)


def bounded(low: int, high: int) -> Kind:
    """Return the type of a whole number within bounds."""

    def read(name: str, text: str) -> int:
        value = read_integer(name, text)
        if not low <= value <= high:
            raise Refusal(errors.bad_value(name))
        return value

    return Kind(read, {"type": "integer", "minimum": low, "maximum": high}, _NUMBER_FAULTS)


def limit(most: int) -> Kind:
    """Return the type of a row limit: above the maximum it is cut to it."""

    def read(name: str, text: str) -> int:
        value = read_integer(name, text)
        if value < 1:
            raise Refusal(errors.bad_value(name))
        return min(value, most)

    return Kind(read, {"type": "integer", "minimum": 1, "maximum": most}, _NUMBER_FAULTS)


def choice(values: Mapping[str, Any], fault: Fault | None = None) -> Kind:
    """Return the type of a closed set; what is outside raises ``fault`` (or -1130)."""

    @lru_cache(TEXTS_MAX)
    def read(name: str, text: str) -> Any:
        try:
            return values[text]
        except KeyError:
            raise Refusal(fault or errors.bad_value(name)) from None

    schema = {"type": "string", "enum": list(values)}
    return Kind(read, schema, lambda name: (fault or errors.bad_value(name),))


def plain(most: int) -> Kind:
    """Return the type of short printable ASCII text."""
    legal = f"^[ -~]{{1,{most}}}$"

    def read(name: str, text: str) -> str:
        if len(text) > most or not text.isascii() or not text.isprintable():
            raise Refusal(errors.illegal(name, legal))
        return text

    return Kind(read, {"type": "string", "pattern": legal}, illegal_or(legal))


_INSTANT_SCHEMA: Final = {
    "type": "integer",
    "format": "int64",
    "minimum": 0,
    "maximum": INSTANT_MAX,
    "description": "An instant in ms or µs since 1970 UTC.",
}
_SYMBOL_SCHEMA: Final = {"type": "string", "pattern": _SYMBOL_RANGE, "examples": ["BTCUSDT"]}

SymbolText = Annotated[
    str, Kind(read_symbol, _SYMBOL_SCHEMA, illegal_or(_SYMBOL_RANGE, errors.BAD_SYMBOL))
]
AssetText = Annotated[
    str,
    Kind(
        read_asset,
        {"type": "string", "pattern": _ASSET_RANGE, "examples": ["USDT"]},
        illegal_or(_ASSET_RANGE, errors.bad_value),
    ),
]
Symbols = Annotated[
    tuple[str, ...],
    Kind(
        read_symbols,
        {"type": "array", "items": _SYMBOL_SCHEMA, "minItems": 1, "maxItems": SYMBOLS_MAX},
        illegal_or(
            _SYMBOLS_RANGE,
            lambda name: errors.illegal(name, _SYMBOL_RANGE),
            errors.bad_value,
            errors.SYMBOL_TWICE,
            errors.BAD_SYMBOL,
        ),
    ),
]
Decimal8 = Annotated[
    int,
    Kind(
        read_decimal,
        {"type": "string", "format": "decimal", "pattern": _DECIMAL_RANGE},
        illegal_or(_DECIMAL_RANGE, errors.too_precise),
    ),
]
InstantText = Annotated[int, Kind(read_instant, _INSTANT_SCHEMA, _NUMBER_FAULTS)]
EndText = Annotated[int, Kind(read_end, _INSTANT_SCHEMA, _NUMBER_FAULTS)]
Window = Annotated[
    int,
    Kind(
        read_window,
        {"type": "number", "minimum": 0, "maximum": 60_000, "default": 5_000},
        illegal_or(_WINDOW_RANGE, errors.WINDOW_TOO_LARGE),
    ),
]
Flag = Annotated[bool, Kind(read_boolean, {"type": "boolean"}, illegal_or(_BOOLEAN_RANGE))]
ClientIdText = Annotated[
    str,
    Kind(
        read_client_id,
        {"type": "string", "pattern": _CLIENT_ID_RANGE},
        illegal_or(_CLIENT_ID_RANGE),
    ),
]
OrderNumber = Annotated[int, bounded(0, (1 << 59))]
Limit1000 = Annotated[int, limit(1_000)]
Limit5000 = Annotated[int, limit(5_000)]

P = TypeVar("P", bound=Parameters)


class Field(NamedTuple):
    """One declared parameter."""

    name: str
    wire_name: str
    kind: Kind
    required: bool
    default: Any
    """What it is when it is not sent; None where that needs no words."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything reading it may refuse."""
        name = self.wire_name
        absent = errors.missing(name) if self.required else errors.empty(name)
        return (absent, *self.kind.faults(name))


class Reader(Generic[P]):
    """Reads one endpoint's parameters."""

    def __init__(self, cls: type[P]) -> None:
        """Compile the declaration; TypeError when a field has no `Kind`."""
        hints = get_type_hints(cls, include_extras=True)
        self._cls = cls
        self.fields = tuple(
            Field(
                field.name,
                field.encode_name,
                _kind(hints[field.name]),
                field.required,
                None if field.required else field.default,
            )
            for field in msgspec.structs.fields(cls)
        )
        self.rules = cls.RULES
        self._required = tuple(field.wire_name for field in self.fields if field.required)
        self._readers = {field.wire_name: (field.name, field.kind.read) for field in self.fields}

    def read(self, texts: Mapping[str, str]) -> P:
        """Return the struct.

        Raises Refusal: for the first mandatory parameter that is missing, else for the first
        faulty one as sent, else for the first rule broken. What nobody declared is ignored.
        """
        for wire_name in self._required:
            if not texts.get(wire_name):
                raise Refusal(errors.missing(wire_name))
        values: dict[str, Any] = {}
        known = self._readers
        for wire_name, text in texts.items():
            reader = known.get(wire_name)
            if reader is not None:
                if not text:
                    raise Refusal(errors.empty(wire_name))
                values[reader[0]] = reader[1](wire_name, text)
        for rule in self.rules:
            rule.check(texts)
        return self._cls(**values)


def _kind(hint: Any) -> Kind:
    candidates = (*get_args(hint), *(m for arg in get_args(hint) for m in get_args(arg)))
    for candidate in candidates:
        if isinstance(candidate, Kind):
            return candidate
    raise TypeError(f"{hint} carries no Kind")
