"""What parameters owe each other: declared beside the fields, checked once all of them are read.

A rule looks at the texts as sent: what is there is known not to be empty. ``words`` is what the
documentation says, ``faults`` what breaking it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Fault, Refusal

Texts = Mapping[str, str]


class Rule(Protocol):
    """One sentence about several parameters."""

    @property
    def words(self) -> str:
        """The rule in words, names in backticks."""
        ...

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything `check` may raise."""
        ...

    def check(self, texts: Texts) -> None:
        """Raise Refusal when the rule is broken."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of the two must be sent."""

    one: str
    other: str

    @property
    def words(self) -> str:
        """The rule in words."""
        return f"`{self.one}` or `{self.other}` must be sent"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What breaking it is told."""
        return (errors.missing_both(self.one, self.other),)

    def check(self, texts: Texts) -> None:
        """Raise Refusal -1102 when neither is there."""
        if self.one not in texts and self.other not in texts:
            raise Refusal(errors.missing_both(self.one, self.other))


@dataclass(frozen=True, slots=True)
class Excludes:
    """Where ``name`` is sent, none of ``others`` may be."""

    name: str
    others: tuple[str, ...]
    fault: Fault | None = None
    """What it is told; -1128 unless said otherwise."""

    @property
    def words(self) -> str:
        """The rule in words."""
        return f"`{self.name}` not together with {listed(self.others)}"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What breaking it is told."""
        return (self.fault or errors.BAD_COMBINATION,)

    def check(self, texts: Texts) -> None:
        """Raise Refusal when they meet."""
        if self.name in texts:
            for other in self.others:
                if other in texts:
                    raise Refusal(self.faults[0])


@dataclass(frozen=True, slots=True)
class Together:
    """``name`` needs ``other``, which means nothing without it."""

    name: str
    other: str

    @property
    def words(self) -> str:
        """The rule in words."""
        return f"`{self.name}` and `{self.other}` only together"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What breaking it is told."""
        return (errors.missing(self.other), errors.not_required(self.other))

    def check(self, texts: Texts) -> None:
        """Raise Refusal -1102 when the other is missing, -1106 when it stands alone."""
        if self.name in texts and self.other not in texts:
            raise Refusal(errors.missing(self.other))
        if self.other in texts and self.name not in texts:
            raise Refusal(errors.not_required(self.other))


@dataclass(frozen=True, slots=True)
class Case:
    """What one word of a parameter asks of the others."""

    needs: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    one_of: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ByWord:
    """What the word of ``name`` asks of the other parameters; other words ask nothing."""

    name: str
    cases: Mapping[str, Case]
    faults: tuple[Fault, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the faults."""
        told: dict[Fault, None] = {}
        for case in self.cases.values():
            told |= dict.fromkeys(errors.not_required(name) for name in case.refuses)
            told |= dict.fromkeys(errors.missing(name) for name in case.needs)
            if case.one_of:
                told[errors.missing_both(*case.one_of)] = None
        object.__setattr__(self, "faults", tuple(told))

    @property
    def words(self) -> str:
        """The rule in words."""
        return "; ".join(self._words_of(word, case) for word, case in self.cases.items())

    def _words_of(self, word: str, case: Case) -> str:
        parts = []
        if case.needs:
            parts.append(f"needs {listed(case.needs)}")
        if case.one_of:
            parts.append(f"needs {' or '.join(f'`{name}`' for name in case.one_of)}")
        if case.refuses:
            parts.append(f"does not take {listed(case.refuses)}")
        return f"`{self.name}={word}` {', '.join(parts)}"

    def check(self, texts: Texts) -> None:
        """Raise Refusal -1106 for the first it does not take, else -1102 for what it needs."""
        case = self.cases.get(texts.get(self.name, ""))
        if case is None:
            return
        for name in case.refuses:
            if name in texts:
                raise Refusal(errors.not_required(name))
        for name in case.needs:
            if name not in texts:
                raise Refusal(errors.missing(name))
        if case.one_of and case.one_of[0] not in texts and case.one_of[1] not in texts:
            raise Refusal(errors.missing_both(*case.one_of))


def listed(names: tuple[str, ...]) -> str:
    """Return names in backticks with commas between them."""
    return ", ".join(f"`{name}`" for name in names)
