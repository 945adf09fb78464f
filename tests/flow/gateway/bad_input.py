"""Every way to say a parameter wrongly, made from the declarations that the exchange serves.

What each must be answered stands in the tables here, written down from the contract: by the type of
the parameter, and by its name where the contract knows it by name. None of the exchange's own code
decides what is expected of it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

LONG = 6_000
"""Characters of an over-long text: within a request's head, above every parameter's range."""


class Told(NamedTuple):
    """What a client must be told."""

    code: int
    text: str


class Bad(NamedTuple):
    """A wrong way to send a parameter; None does not send it, a list sends it twice."""

    how: str
    text: str | list[str] | None
    told: Told


@dataclass(frozen=True)
class Parameter:
    """A declared parameter."""

    name: str
    required: bool
    schema: Mapping[str, Any]

    @property
    def sample(self) -> str:
        """A text it may be."""
        schema = self.schema
        if self.name in SAMPLES:
            return SAMPLES[self.name]
        if "enum" in schema:
            return str(schema["enum"][0])
        by_type = {"boolean": "true", "array": '["BTCUSDT"]', "integer": "1", "number": "5000"}
        return by_type.get(schema["type"], "1")


SAMPLES = {
    "symbol": "BTCUSDT",
    "permissions": "SPOT",
    "listenKey": "A" * 64,
    "signature": "0" * 64,
    "timeZone": "0",
    "limit": "5",
}
"""Of parameters whose type alone does not give a sensible text."""

NUMBER = "^[0-9]{1,20}$"
WINDOW = r"^[0-9]{1,5}(\.[0-9]{1,3})?$"
FLAG = "^(true|false)$"
SYMBOL = "^[A-Z0-9-_.]{1,20}$"
SYMBOLS = r'^\["[A-Z0-9-_.]{1,20}"(,"..")*\]$'

WORDS = {
    "interval": Told(-1120, "Invalid interval."),
    "symbolStatus": Told(-1122, "Invalid symbolStatus."),
    "newOrderRespType": Told(-1136, "Invalid newOrderRespType."),
    "cancelRestrictions": Told(-1145, "Invalid cancelRestrictions"),
}
"""Closed sets with a fault of their own; the others are -1130."""
ORDER_WORDS = {
    "side": Told(-1117, "Invalid side."),
    "timeinforce": Told(-1115, "Invalid timeInForce."),
    "type": Told(-1116, "Invalid orderType."),
}
"""Those of an order, and of each order of a list: ``workingSide``, ``aboveType``."""
EMPTY_NEW = Told(-1118, "New client order ID was empty.")
EMPTY_ORIGINAL = Told(-1119, "Original client order ID was empty.")
TWICE = Told(-1101, "Duplicate values for a parameter detected.")
UNKNOWN_SYMBOL = Told(-1121, "Invalid symbol.")
UNSIGNED = Told(-1022, "Signature for this request is not valid.")


def illegal(name: str, legal: str) -> Told:
    """A character or length outside the legal range."""
    return Told(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def missing(name: str) -> Told:
    """A mandatory parameter that is not there."""
    return Told(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def neither(one: str, other: str) -> Told:
    """One of two is needed and none is there."""
    return Told(-1102, f"Param '{one}' or '{other}' must be sent, but both were empty/null!")


def not_required(name: str) -> Told:
    """A parameter that this kind of request does not take."""
    return Told(-1106, f"Parameter '{name}' sent when not required.")


def bad_value(name: str) -> Told:
    """A value outside what the parameter may be."""
    return Told(-1130, f"Data sent for parameter '{name}' is not valid.")


def empty(parameter: Parameter) -> Told:
    """A parameter sent without a value."""
    name = parameter.name
    if parameter.required:
        return missing(name)
    if re.fullmatch("(cancelN|n)ewClientOrderId", name):
        return EMPTY_NEW
    if re.fullmatch("(cancelO|o)rigClientOrderId", name):
        return EMPTY_ORIGINAL
    return Told(-1105, f"Parameter '{name}' was empty.")


def look_alike(text: str) -> str:
    """The same to the eye: digits full-width, letters Greek, Cyrillic or full-width."""
    twins = {
        "A": "\u0410",
        "B": "\u0412",
        "C": "\u0421",
        "T": "\u0422",
        "O": "\u041e",
        "a": "\u0430",
    }
    return "".join(twins.get(c, chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c) for c in text)


def ways(label: str, parameter: Parameter) -> Iterator[Bad]:
    """Yield every wrong way to send a parameter of the endpoint ``METHOD path``."""
    name, sample = parameter.name, parameter.sample
    if parameter.required:
        yield Bad("missing", None, missing(name))
    yield Bad("empty", "", empty(parameter))
    yield Bad("doubled", [sample, sample], TWICE)
    yield Bad("doubled, once empty", [sample, ""], TWICE)
    if name == "signature":
        for how, text in _of_any_text(sample):
            yield Bad(how, text, UNSIGNED)
        return
    schema = parameter.schema
    if "enum" in schema:
        yield from _words(label, parameter)
    elif schema["type"] == "integer":
        yield from _numbers(parameter)
    elif schema["type"] == "number":
        yield from _windows(name)
    elif schema["type"] == "boolean":
        for how, text in (*_of_any_text("true"), *_of_any_number(), ("wrong case", "tRuE")):
            yield Bad(how, text, illegal(name, FLAG))
    elif schema["type"] == "array":
        yield from _lists(name)
    elif schema.get("format") == "decimal":
        yield from _amounts(name, schema["pattern"])
    elif name == "symbol":
        yield from _symbols(name)
    else:
        yield from _texts(parameter)


def _of_any_text(sample: str) -> Iterator[tuple[str, str]]:
    """Yield what no parameter of a narrow range may be."""
    yield "over-long", sample * (LONG // len(sample))
    yield "NUL", "\0"
    yield "NUL at the end", sample + "\0"
    yield "look-alike", look_alike(sample)
    yield "space before", " " + sample
    yield "space after", sample + " "
    yield "line break", sample + "\n"
    yield "emoji", "\U0001f600"
    yield "right to left", "\u202e" + sample
    yield "quote", sample + "'"
    yield "object", "{}"


def _of_any_number() -> Iterator[tuple[str, str]]:
    """Yield what is a number to some and none to us."""
    yield "negative", "-1"
    yield "negative zero", "-0"
    yield "plus", "+1"
    yield "exponent", "1e3"
    yield "NaN", "NaN"
    yield "infinity", "Infinity"
    yield "hexadecimal", "0x10"
    yield "grouped", "1,000"
    yield "underscored", "1_000"
    yield "Arabic digits", "\u0663"
    yield "superscript", "\u00b2"
    yield "21 digits", "9" * 21


def _words(label: str, parameter: Parameter) -> Iterator[Bad]:
    name, words = parameter.name, parameter.schema["enum"]
    told = WORDS.get(name) or bad_value(name)
    if "/order" in label and name not in WORDS:
        ends = (one for end, one in ORDER_WORDS.items() if name.lower().endswith(end))
        told = next(ends, told)
    for how, text in (*_of_any_text(parameter.sample), *_of_any_number()):
        yield Bad(how, text, told)
    yield Bad("unknown", "NONSENSE", told)
    yield Bad("two at once", f"{words[0]},{words[-1]}", told)
    for word in words:
        changed = {word.lower(), word.upper(), word.capitalize(), look_alike(word)} - set(words)
        for text in sorted(changed):
            yield Bad("wrong case or look-alike", text, told)


def _numbers(parameter: Parameter) -> Iterator[Bad]:
    name, schema = parameter.name, parameter.schema
    for how, text in (*_of_any_text(parameter.sample), *_of_any_number()):
        yield Bad(how, text, illegal(name, NUMBER))
    yield Bad("word", "one", illegal(name, NUMBER))
    yield Bad("fraction", "1.5", illegal(name, NUMBER))
    if schema["minimum"] > 0:
        yield Bad("below", str(schema["minimum"] - 1), bad_value(name))
    if name != "limit":  # Above its maximum it is cut to it.
        yield Bad("above", str(schema["maximum"] + 1), bad_value(name))
        yield Bad("20 digits", "9" * 20, bad_value(name))


def _windows(name: str) -> Iterator[Bad]:
    for how, text in (*_of_any_text("5000"), *_of_any_number()):
        yield Bad(how, text, illegal(name, WINDOW))
    yield Bad("over-precise", "5000.0001", illegal(name, WINDOW))
    yield Bad("no digit after the point", "5000.", illegal(name, WINDOW))
    for text in ("60001", "60000.001", "99999", "9" * 15):
        yield Bad("above", text, Told(-1131, "recvWindow must be less than 60000."))


def _amounts(name: str, legal: str) -> Iterator[Bad]:
    for how, text in (*_of_any_text("1.5"), *_of_any_number()):
        yield Bad(how, text, illegal(name, legal))
    for text in ("one", ".", ".5", "1..5", "1.5.5", "1,5", "1.5e1", "-1.5", "1.-5"):
        yield Bad("no decimal", text, illegal(name, legal))
    yield Bad("21 digits after the point", "1." + "1" * 21, illegal(name, legal))
    for text in ("0.000000001", "1.123456789", "1." + "0" * 19 + "1"):
        yield Bad("over-precise", text, Told(-1111, f"Parameter '{name}' has too much precision."))


def _symbols(name: str) -> Iterator[Bad]:
    for how, text in _of_any_text("BTCUSDT"):
        yield Bad(how, text, illegal(name, SYMBOL))
    for text in ("btcusdt", "BtcUsdt", "BTC/USDT", "BTC%", '["BTCUSDT"]', "B" * 33):
        yield Bad("wrong case or sign", text, illegal(name, SYMBOL))
    for text in ("BTC", "USDTBTC", "BTC-USDT", "0", "NaN".upper(), "-1", "B" * 20):
        yield Bad("unknown", text, UNKNOWN_SYMBOL)


def _lists(name: str) -> Iterator[Bad]:
    for text in (
        "[",
        '["BTCUSDT"',
        '["BTCUSDT",]',
        "[BTCUSDT]",
        "[1]",
        "[null]",
        "[[]]",
        "[" * 999,
    ):
        yield Bad("no list of texts", text, illegal(name, SYMBOLS))
    for text in (
        '["btcusdt"]',
        '["BTC/USDT"]',
        '[""]',
        '["\\u0000"]',
        '["\u0412TC"]',
        "btcusdt",
        "{}",
    ):
        yield Bad("no symbol", text, illegal(name, SYMBOL))
    yield Bad("none", "[]", bad_value(name))
    yield Bad("too many", json.dumps([f"S{n}" for n in range(501)]), bad_value(name))
    twice = Told(-1151, "Symbol is present multiple times in the list.")
    yield Bad("twice", '["BTCUSDT","BTCUSDT"]', twice)
    yield Bad("unknown", '["BTCUSDT","NOSUCH"]', UNKNOWN_SYMBOL)


def _texts(parameter: Parameter) -> Iterator[Bad]:
    """Yield texts outside the pattern that the parameter declares."""
    name, legal = parameter.name, parameter.schema["pattern"]
    candidates = (
        *_of_any_text(parameter.sample),
        *_of_any_number(),
        ("tabulator", "a\tb"),
        ("slash", "a/b"),
        ("umlaut", "\u00e4"),
        ("delete", "\x7f"),
    )
    for how, text in candidates:
        if re.fullmatch(legal.strip("^$"), text) is None:
            yield Bad(how, text, illegal(name, legal))
