"""Recorded order flow: what a market's participants asked, in the order they asked it.

A `FlowSource` reads one recording (or makes one up) and yields `Action`s in the file's own ids and
integer units. It says nothing about accounts, funds or wire records: the application adds those.

    FlowError                    the recording cannot be used
    └── FlowDamagedError         it is bad or cut short, at a stated offset
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from flowex.messages.enums import Side


class FlowError(Exception):
    """A recording cannot be used; the message names the file."""


class FlowDamagedError(FlowError):
    """A recording is bad or cut short; `offset` counts bytes of its unpacked content."""

    def __init__(self, path: str, offset: int, reason: str) -> None:
        """Name the recording, the place and the fault."""
        super().__init__(f"{path}: offset {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason


class Kind(IntEnum):
    """What an action asks for; the values are those of the `commands` format."""

    PLACE = 0
    """Rest at a limit until canceled, after trading with whatever it crosses."""

    TAKE = 1
    """Trade at once, at the price or better (any price when it is None); drop the rest."""

    CANCEL = 2
    """Take the order out of the book; nothing happens when it is not there."""

    REDUCE = 3
    """Lower the order's quantity by this much and keep its priority; none left means gone."""

    MOVE = 4
    """Give the order a new price: it keeps what remains of it, loses priority and may trade."""


class Action(NamedTuple):
    """One request of a recording, in the recording's ids and units."""

    kind: Kind
    order_id: int
    side: Side
    price: int | None
    """In units of 10^-price_decimals; None where it means nothing or any price will do."""
    quantity: int
    """In units of 10^-quantity_decimals; 0 where it means nothing."""
    time_us: int = 0
    """Microseconds UTC, or 0 where the recording has no clock."""


class Print(NamedTuple):
    """One line of the tape: a trade as the recorded market printed it."""

    price: int
    quantity: int


class FlowSource(Protocol):
    """One recording, held in memory, that can be read any number of times."""

    @property
    def name(self) -> str:
        """A short name for people, such as the file's."""

    @property
    def price_decimals(self) -> int:
        """Decimals of a price unit: 2 when prices count cents."""

    @property
    def quantity_decimals(self) -> int:
        """Decimals of a quantity unit: 8 when quantities count satoshi."""

    @property
    def length(self) -> int:
        """How many actions `actions` yields."""

    def actions(self) -> Iterator[Action]:
        """Yield every action in recorded order."""

    def tape(self) -> Sequence[Print]:
        """Give the trades the recorded market printed; empty when the format has no tape."""
