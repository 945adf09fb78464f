"""What an endpoint is: one row of the table that drives routing, parsing, checks and documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from inspect import iscoroutinefunction
from typing import Any, Final, get_type_hints

import msgspec

from flowex.ports.keys import Permission
from flowex.ports.trading import Instrument
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Fault, Refusal
from flowex.services.gateway.binance.parameters import Field, Parameters, Reader
from flowex.services.gateway.binance.security import SignedParameters
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.identifiers import Identifiers
from flowex.services.gateway.limits import Limits, OrderCount, Pools
from flowex.services.gateway.listen_keys import ListenKeys

Weight = int | Callable[[Mapping[str, str]], int]


class Security(Enum):
    """What a request must show: (needs a key, needs a signature, permission of the key)."""

    NONE = (False, False, Permission(0))
    MARKET_DATA = (True, False, Permission(0))
    USER_STREAM = (True, False, Permission.READ)
    USER_DATA = (True, True, Permission.READ)
    TRADE = (True, True, Permission.TRADE)
    TRANSFER = (True, True, Permission.TRANSFER)

    needs_signature: bool
    """Whether the request must be signed."""
    permission: Permission
    """What the key must be allowed to do."""

    def __init__(self, *_: object) -> None:
        """Name the parts once: a property that asks ``value`` costs more than all else here."""
        _, self.needs_signature, self.permission = self._value_


class Nothing(Parameters, frozen=True):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What handlers share."""

    exchange: Exchange
    limits: Limits
    listen_keys: ListenKeys
    identifiers: Identifiers

    @property
    def pools(self) -> Pools:
        """The limits this exchange announces."""
        return self.limits.pools

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument; an unknown symbol raises Refusal -1121."""
        instrument = self.exchange.trading.instrument(symbol)
        if instrument is None:
            raise Refusal(errors.BAD_SYMBOL)
        return instrument


class Call(msgspec.Struct, eq=False):
    """One request as its handler sees it, nobody's at first; instants in µs."""

    now: int
    account: int = 0
    deadline: int | None = None
    in_microseconds: bool = False
    order_count: OrderCount | None = None

    def instant(self, microseconds: int) -> int:
        """Return an instant in the unit the client asked for."""
        return microseconds if self.in_microseconds else microseconds // 1_000


def weight_words(weight: Weight) -> str:
    """Return what a request costs, in words; a function says it in its docstring."""
    if isinstance(weight, int):
        return str(weight)
    told = getattr(weight, "words", None) or (weight.__doc__ or "").splitlines()[0]
    return str(told).removeprefix("Return ").rstrip(".")


Handler = Callable[[Desk, Call, Any], Any]

SIGNED: Final = Reader(SignedParameters)
"""Describes what every signed request carries."""


@dataclass(frozen=True)
class Endpoint:
    """One row: how it is reached, what it costs and needs, who answers."""

    method: str
    path: str
    security: Security
    weight: Weight
    parameters: type[Parameters]
    handler: Handler
    summary: str
    socket_method: str = ""
    """Its name in the WebSocket API, if it is served there."""
    raises: frozenset[Fault] = frozenset()
    """What its handler refuses, beside what its security, parameters and rules do."""
    reader: Reader[Parameters] = field(init=False)
    is_async: bool = field(init=False)
    label: str = field(init=False)
    """Its name in metrics."""

    def __post_init__(self) -> None:
        """Compile the parameters."""
        object.__setattr__(self, "reader", Reader(self.parameters))
        object.__setattr__(self, "is_async", iscoroutinefunction(self.handler))
        object.__setattr__(self, "label", f"{self.method} {self.path}")

    @property
    def answer_type(self) -> Any:
        """What the handler says it returns."""
        return get_type_hints(self.handler)["return"]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every parameter of a request, those of its signature last."""
        return self.reader.fields + (SIGNED.fields if self.security.needs_signature else ())

    @property
    def faults(self) -> frozenset[Fault]:
        """Everything a request may be refused with."""
        told = {*errors.ANYWHERE, *self.raises}
        if self.method != "GET":
            told.add(errors.BODY_TOO_LARGE)
        if self.is_async:
            told.add(errors.OUTCOME_UNKNOWN)
        if self.security is not Security.NONE:
            told |= errors.OF_KEYS
        if self.security.needs_signature:
            told |= errors.OF_SIGNATURES
        for parameter in self.fields:
            told.update(parameter.faults)
        for rule in self.reader.rules:
            told.update(rule.faults)
        return frozenset(told)

    def weight_of(self, texts: Mapping[str, str]) -> int:
        """Return what this request costs; texts are as received and may be nonsense."""
        weight = self.weight
        return weight if isinstance(weight, int) else weight(texts)

    def answer(self, desk: Desk, call: Call, texts: Mapping[str, str]) -> Any:
        """Read the parameters and return the answer, or its coroutine when ``is_async``.

        Both may raise Refusal; the coroutine SequencerStopped too.
        """
        return self.handler(desk, call, self.reader.read(texts))
