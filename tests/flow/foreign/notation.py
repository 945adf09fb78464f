"""The contract's notation of answers, and whether an answer is one.

``symbol:T orderId:I price fills?:[{price qty tradeId:I}]`` says of a JSON object: its fields in
this order, no other ones, each of its type. ``?`` marks a field that is there on a condition only,
``~`` one that is always there, at a place of which the contract does not speak.

| type | JSON |
|---|---|
| ``S`` (when none is written) | decimal string with 8 decimals, as spot amounts are |
| ``R`` | decimal string: a rate, a percentage |
| ``T`` | string |
| ``I`` | integer |
| ``ms`` | integer instant: 13 digits, or 16 where microseconds were asked for |
| ``B`` | boolean |
| ``{..}`` ``[x]`` ``(x y)`` | object, array of x, array of exactly x and y |
| ``SIDE`` | a word of that enumeration |
| ``"TRADING"`` ``-1`` ``null`` ``[]`` | exactly that |
| ``x|y`` | either |
``..`` inside an object allows fields that the contract does not name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\s*("[^"]*"|-?\d+|[A-Za-z_][A-Za-z0-9_]*|\.\.|\[\]|[{}\[\]()|:?~])')
_AMOUNT = re.compile(r"-?\d+\.\d{8}")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_MILLISECONDS, _MICROSECONDS = 13, 16

ENUMERATIONS: Mapping[str, tuple[str, ...]] = {
    "SYMBOL_STATUS": ("TRADING", "END_OF_DAY", "HALT", "BREAK", "CANCEL_ONLY"),
    "SIDE": ("BUY", "SELL"),
    "TYPE": (
        "LIMIT",
        "MARKET",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
        "LIMIT_MAKER",
    ),
    "FORCE": ("GTC", "IOC", "FOK"),
    "STATUS": (
        "NEW",
        "PENDING_NEW",
        "PARTIALLY_FILLED",
        "FILLED",
        "CANCELED",
        "REJECTED",
        "EXPIRED",
        "EXPIRED_IN_MATCH",
    ),
    "SELF_TRADE": ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"),
    "CONTINGENCY": ("OCO", "OTO"),
    "LIST_STATUS_TYPE": ("RESPONSE", "EXEC_STARTED", "UPDATED", "ALL_DONE"),
    "LIST_ORDER_STATUS": ("EXECUTING", "ALL_DONE", "REJECT"),
}
"""Section 7 of the contract, spot."""


@dataclass(frozen=True)
class Sight:
    """What a check knows besides the answer."""

    in_microseconds: bool = False
    conditions: Mapping[str, Callable[[Mapping[str, Any]], bool | None]] = field(
        default_factory=dict
    )
    """By field: whether an object has it; None where this cannot be told."""


Complaints = Iterator[str]
Check = Callable[[Any, str, Sight], Complaints]


@dataclass(frozen=True)
class Field:
    """One field of an object."""

    name: str
    check: Check
    is_conditional: bool
    has_place: bool


@dataclass(frozen=True)
class Object:
    """An object's fields, in order."""

    fields: tuple[Field, ...]
    is_open: bool

    def __call__(self, value: Any, where: str, sight: Sight) -> Complaints:
        """Yield what differs."""
        if not isinstance(value, dict):
            yield f"{where}: an object is due, not {_kind(value)}"
            return
        known = {one.name for one in self.fields}
        for name in value:
            if name not in known and not self.is_open:
                yield f"{where}.{name}: the contract knows no such field"
        for one in self.fields:
            if one.name in value:
                yield from one.check(value[one.name], f"{where}.{one.name}", sight)
            yield from self._presence(one, value, where, sight)
        yield from self._order(value, where)

    @staticmethod
    def _presence(one: Field, value: Mapping[str, Any], where: str, sight: Sight) -> Complaints:
        there = one.name in value
        if not one.is_conditional:
            if not there:
                yield f"{where}.{one.name}: is missing"
            return
        condition = sight.conditions.get(one.name)
        due = condition(value) if condition else None
        if due is not None and due != there:
            found = "there" if there else "missing"
            yield f"{where}.{one.name}: is {found} against its condition"

    def _order(self, value: Mapping[str, Any], where: str) -> Complaints:
        fixed = [one.name for one in self.fields if one.has_place]
        due = [name for name in fixed if name in value]
        found = [name for name in value if name in set(fixed)]
        if due != found:
            yield f"{where}: fields come as {' '.join(found)}; the contract: {' '.join(due)}"


def parse(text: str) -> Check:
    """Return the check of a shape; a bare list of fields is an object."""
    tokens = _Tokens(text)
    opening = tokens.next
    check = _either(tokens) if opening in ("{", "[", "(", "[]") else _fields(tokens, "")
    assert tokens.next == "", f"{text}: {tokens.next} was not expected"
    return check


class _Tokens:
    def __init__(self, text: str) -> None:
        self._rest: list[str] = []
        position = 0
        text = text.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            assert match is not None, f"{text[position:]!r} is not in the notation"
            self._rest.append(match[1])
            position = match.end()
        self._rest.append("")

    @property
    def next(self) -> str:
        return self._rest[0]

    def take(self, *wanted: str) -> str:
        token = self._rest.pop(0)
        assert not wanted or token in wanted, f"{token!r} stands where {wanted} is due"
        return token


def _fields(tokens: _Tokens, end: str) -> Object:
    fields: list[Field] = []
    is_open = False
    while tokens.next != end:
        name = tokens.take()
        if name == "..":
            is_open = True
            continue
        mark = tokens.take() if tokens.next in ("?", "~") else ""
        check: Check = _amount
        if tokens.next == ":":
            tokens.take(":")
            check = _either(tokens)
        fields.append(Field(name, check, mark == "?", not mark))
    return Object(tuple(fields), is_open)


def _either(tokens: _Tokens) -> Check:
    checks = [_one(tokens)]
    while tokens.next == "|":
        tokens.take("|")
        checks.append(_one(tokens))
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, where: str, sight: Sight) -> Complaints:
        found = [list(one(value, where, sight)) for one in checks]
        if all(found):
            yield from min(found, key=len)

    return check


def _one(tokens: _Tokens) -> Check:
    token = tokens.take()
    if token == "{":
        inner = _fields(tokens, "}")
        tokens.take("}")
        return inner
    if token == "[":
        item = _either(tokens)
        tokens.take("]")
        return _array(item)
    if token == "(":
        items = []
        while tokens.next != ")":
            items.append(_either(tokens))
        tokens.take(")")
        return _row(items)
    if token in ENUMERATIONS:
        return _word(token)
    return _SIMPLE[token] if token in _SIMPLE else _exactly(token)


def _array(item: Check) -> Check:
    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if not isinstance(value, list):
            yield f"{where}: an array is due, not {_kind(value)}"
            return
        for number, each in enumerate(value):
            yield from item(each, f"{where}[{number}]", sight)

    return check


def _row(items: list[Check]) -> Check:
    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if not isinstance(value, list) or len(value) != len(items):
            yield f"{where}: an array of {len(items)} is due, not {value!r}"
            return
        for number, (item, each) in enumerate(zip(items, value, strict=True)):
            yield from item(each, f"{where}[{number}]", sight)

    return check


def _word(enumeration: str) -> Check:
    words = ENUMERATIONS[enumeration]

    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if value not in words:
            yield f"{where}: {value!r} is no {enumeration}"

    return check


def _exactly(token: str) -> Check:
    literals: dict[str, Any] = {"null": None, "[]": []}
    if token in literals:
        due = literals[token]
    else:
        assert token[0] == '"' or token.lstrip("-").isdigit(), f"{token} is no type"
        due = token.strip('"') if token[0] == '"' else int(token)

    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if value != due or type(value) is not type(due):
            yield f"{where}: {due!r} is due, not {value!r}"

    return check


def _kind(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


def _text_like(pattern: re.Pattern[str], what: str) -> Check:
    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield f"{where}: {what} is due, not {_kind(value)}"

    return check


def _typed(kind: type, what: str) -> Check:
    def check(value: Any, where: str, sight: Sight) -> Complaints:
        if type(value) is not kind:
            yield f"{where}: {what} is due, not {_kind(value)}"

    return check


def _instant(value: Any, where: str, sight: Sight) -> Complaints:
    digits = _MICROSECONDS if sight.in_microseconds else _MILLISECONDS
    if type(value) is not int or len(str(value)) != digits:
        yield f"{where}: an instant of {digits} digits is due, not {_kind(value)}"


_amount = _text_like(_AMOUNT, "a decimal string with 8 decimals")
_SIMPLE: Mapping[str, Check] = {
    "S": _amount,
    "R": _text_like(_DECIMAL, "a decimal string"),
    "T": _typed(str, "a string"),
    "I": _typed(int, "an integer"),
    "B": _typed(bool, "a boolean"),
    "ms": _instant,
}
