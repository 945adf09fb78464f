"""The `commands` format: 24-byte records of a synthetic stream, as FlowEx itself generates them.

Little-endian: order id u64, price u32, quantity u32, kind u8 (`flowex.ports.flow.Kind`), side u8
(0 bid, 1 ask), 6 bytes of zero. Prices and quantities are whole units. The orders that fill the
book before measuring starts, if any, are the file's first records. A take trades at any price.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import Struct

from flowex.adapters.flow.packed import read_packed
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, Kind, Print

RECORD = Struct("<QIIBB6x")


def open_flow(name: str) -> "CommandsFlow":
    """Read the recording of that path."""
    return CommandsFlow.read(Path(name))


class CommandsFlow:
    """A stream of packed records, from a file or made in memory."""

    price_decimals = 0
    quantity_decimals = 0

    def __init__(self, name: str, content: bytes) -> None:
        """Take the unpacked records; raise `FlowDamagedError` at the first that is not one."""
        self.name = name
        self.content = content
        self._check()

    @classmethod
    def read(cls, path: Path) -> "CommandsFlow":
        """Read a `.bin` or `.bin.xz` file."""
        return cls(str(path), read_packed(path))

    @property
    def length(self) -> int:
        """How many records there are."""
        return len(self.content) // RECORD.size

    def actions(self) -> Iterator[Action]:
        """Yield every record as an action."""
        kinds, sides = tuple(Kind), tuple(Side)
        for order_id, price, quantity, kind, side in RECORD.iter_unpack(self.content):
            limit = price if kind in _PRICED else None
            yield Action(kinds[kind], order_id, sides[side], limit, quantity)

    def tape(self) -> Sequence[Print]:
        """Give nothing: the format has no tape."""
        return ()

    def _check(self) -> None:
        """Refuse a cut record and unknown kinds and sides before anything is played."""
        whole = self.length * RECORD.size
        if whole != len(self.content):
            reason = f"cut short: {len(self.content) - whole} bytes of a {RECORD.size}-byte record"
            raise FlowDamagedError(self.name, whole, reason)
        for field, values in (("kind", Kind), ("side", Side)):
            column = self.content[_OFFSET[field] :: RECORD.size]
            if column and max(column) >= len(values):
                index = next(i for i, value in enumerate(column) if value >= len(values))
                reason = f"unknown {field} {column[index]}"
                raise FlowDamagedError(self.name, index * RECORD.size, reason)


_PRICED = (Kind.PLACE, Kind.MOVE)
_OFFSET = {"kind": 16, "side": 17}
