"""What a request costs where that depends on what it asks for; ``words`` is what documents say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Texts = Mapping[str, str]

_DIGITS_MAX: Final = 6
"""A limit of more digits is above every maximum."""


@dataclass(frozen=True, slots=True)
class IfSent:
    """One weight with a parameter, another without it."""

    name: str
    sent: int
    absent: int

    @property
    def words(self) -> str:
        """The weights in words."""
        return f"{self.sent} with `{self.name}`, else {self.absent}"

    def __call__(self, texts: Texts) -> int:
        """Return the weight of a request; texts are as received and may be nonsense."""
        return self.sent if self.name in texts else self.absent


@dataclass(frozen=True, slots=True)
class IfTrue:
    """One weight when a flag is set, another when it is not."""

    name: str
    true: int
    false: int

    @property
    def words(self) -> str:
        """The weights in words."""
        return f"{self.true} with `{self.name}=true`, else {self.false}"

    def __call__(self, texts: Texts) -> int:
        """Return the weight of a request; texts are as received and may be nonsense."""
        return self.true if texts.get(self.name, "").lower() == "true" else self.false


@dataclass(frozen=True, slots=True)
class ByLimit:
    """A weight by the number of rows asked for: (most rows, weight), ascending."""

    steps: tuple[tuple[int, int], ...]
    above: int
    """The weight of more rows than the last step's."""
    default: int
    """Rows where none are asked for."""

    @property
    def words(self) -> str:
        """The weights in words."""
        first, *others = (f"up to {most}" for most, _ in self.steps)
        rows = (f"for a limit {first}", *others, "above")
        weights = (*(weight for _, weight in self.steps), self.above)
        return ", ".join(f"{weight} {told}" for weight, told in zip(weights, rows, strict=True))

    def __call__(self, texts: Texts) -> int:
        """Return the weight of a request; texts are as received and may be nonsense."""
        text = texts.get("limit", "")
        rows = self.default
        if text.isascii() and text.isdigit():
            rows = int(text.lstrip("0")[:_DIGITS_MAX] or 0)
        return next((weight for most, weight in self.steps if rows <= most), self.above)
