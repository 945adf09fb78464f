"""The `bitstamp` format: the public order feed of that exchange, logged line by line.

A line is `<receive ms> <event> <json>`. An order's first `order_created` places it and its
`order_deleted` cancels it; `order_changed` is a consequence of trading, `order_book` a summary, so
both are left out. So are deletions of orders placed before the recording, and repeated ones.
`trade` is the tape, sorted by its ids because a few lines were received out of order. Prices count
cents, quantities satoshi.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from flowex.adapters.flow.packed import read_packed
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, Kind, Print

_ORDER_EVENTS = (b"order_created", b"order_deleted")
_OTHER_EVENTS = (b"order_changed", b"order_book")


def open_flow(name: str) -> "BitstampFlow":
    """Read the recording of that path."""
    return BitstampFlow.read(Path(name))


class BitstampFlow:
    """One log, parsed whole."""

    price_decimals = 2
    quantity_decimals = 8

    def __init__(self, name: str, content: bytes) -> None:
        """Parse an unpacked log; raise `FlowDamagedError` at the first line that is not one."""
        self.name = name
        self._actions: list[Action] = []
        self._prints: list[tuple[int, Print]] = []
        self._is_open: dict[int, bool] = {}
        offset = 0
        for line in content.splitlines(keepends=True):
            try:
                self._add(line)
            except (ValueError, KeyError, TypeError, ArithmeticError) as error:
                raise FlowDamagedError(name, offset, f"not a log line: {error!r}") from error
            offset += len(line)

    @classmethod
    def read(cls, path: Path) -> "BitstampFlow":
        """Read a `.log` or `.log.xz` file."""
        return cls(str(path), read_packed(path))

    @property
    def length(self) -> int:
        """How many placements and cancels there are."""
        return len(self._actions)

    def actions(self) -> Iterator[Action]:
        """Yield placements and cancels."""
        return iter(self._actions)

    def tape(self) -> Sequence[Print]:
        """Give the exchange's own trades."""
        return [line_of_tape for _, line_of_tape in sorted(self._prints)]

    def _add(self, line: bytes) -> None:
        """Turn one line into an action, a print or nothing."""
        received_ms, event, text = line.split(b" ", 2)
        if event == b"trade":
            row = json.loads(text, parse_float=Decimal)
            line_of_tape = Print(_units(row["price"], 2), _units(row["amount"], 8))
            self._prints.append((int(row["id"]), line_of_tape))
        elif event in _ORDER_EVENTS:
            self._add_order(int(received_ms) * 1000, event, json.loads(text))
        elif event not in _OTHER_EVENTS:
            raise ValueError(f"unknown event {event!r}")

    def _add_order(self, time_us: int, event: bytes, row: dict[str, str | int]) -> None:
        order_id, side = int(row["id"]), Side(int(row["order_type"]))
        if event == b"order_deleted":
            if self._is_open.get(order_id):
                self._is_open[order_id] = False
                self._actions.append(Action(Kind.CANCEL, order_id, side, None, 0, time_us))
        elif order_id not in self._is_open:
            self._is_open[order_id] = True
            price, quantity = _units(row["price"], 2), _units(row["amount"], 8)
            self._actions.append(Action(Kind.PLACE, order_id, side, price, quantity, time_us))


def _units(value: str | int | Decimal, decimals: int) -> int:
    """Count `value` in units of 10^-decimals.

    The log's numbers have no finer decimals, but its tape went through a float on the way, so that
    1.78855669 may be written 1.7885566900000001: the nearest unit is the one that was meant.
    """
    return int(Decimal(value).scaleb(decimals).to_integral_value())
