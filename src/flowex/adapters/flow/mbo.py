"""The `mbo` format: Databento's market-by-order records (DBN, packed with zstd or not).

A adds an order, C cancels it, T is an aggressor taking at any price, F a fill of a resting order,
and M changes one: a move when its price changes or its size grows, else a reduction. Sizes are
compared with what the feed itself said last, because its M and C after a trade repeat what the
trade did. T without an aggressor (an auction's print) is left out; F are the expected fills.
"""

from collections.abc import Iterator, Sequence
from math import gcd
from pathlib import Path

import zstandard
from databento_dbn import FIXED_PRICE_SCALE, DBNDecoder, DBNError, MBOMsg

from flowex.adapters.flow.packed import UNPACKED_BYTES_MAX, read_packed
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, FlowError, Kind, Print

_CHUNK_BYTES = 1 << 16
_SIDES = {"B": Side.BUY, "A": Side.SELL}


def open_flow(name: str) -> "MboFlow":
    """Read the recording of that path."""
    return MboFlow.read(Path(name))


class MboFlow:
    """The market-by-order records of one instrument, turned into actions."""

    quantity_decimals = 0

    def __init__(self, name: str, content: bytes) -> None:
        """Take an unpacked DBN file; raise `FlowDamagedError` when it is not whole."""
        self.name = name
        records = _decode(name, content)
        unit = gcd(*(record.price for record in records))
        self.price_decimals, self._price_unit = _coarsest(unit)
        self._actions: list[Action] = []
        self._tape: list[Print] = []
        self._last: dict[int, tuple[int, int]] = {}
        for record in records:
            self._add(record)

    @classmethod
    def read(cls, path: Path) -> "MboFlow":
        """Read a `.dbn` or `.dbn.zst` file."""
        content = read_packed(path)
        return cls(str(path), _unpacked(path, content) if path.suffix == ".zst" else content)

    @property
    def length(self) -> int:
        """How many actions the records make."""
        return len(self._actions)

    def actions(self) -> Iterator[Action]:
        """Yield every action."""
        return iter(self._actions)

    def tape(self) -> Sequence[Print]:
        """Give the fills of resting orders that the feed told."""
        return self._tape

    def _add(self, record: MBOMsg) -> None:
        """Turn one record into an action, a print or nothing."""
        action, order_id = str(record.action), record.order_id
        price, quantity = record.price // self._price_unit, record.size
        if action == "F":
            self._tape.append(Print(price, quantity))
            return
        side = _SIDES.get(str(record.side))
        if side is None:
            return
        time_us = record.ts_event // 1000
        if action == "A":
            self._last[order_id] = price, quantity
            self._actions.append(Action(Kind.PLACE, order_id, side, price, quantity, time_us))
        elif action == "C":
            self._actions.append(Action(Kind.CANCEL, order_id, side, None, 0, time_us))
        elif action == "T":
            self._actions.append(Action(Kind.TAKE, order_id, side, None, quantity, time_us))
        elif action == "M":
            self._modify(Action(Kind.MOVE, order_id, side, price, quantity, time_us))

    def _modify(self, move: Action) -> None:
        """Keep a modification as the move it is, or as a reduction, or drop it if it is neither."""
        assert move.price is not None
        price_before, quantity_before = self._last.get(move.order_id, (move.price, 0))
        self._last[move.order_id] = move.price, move.quantity
        if move.price != price_before or move.quantity > quantity_before:
            self._actions.append(move)
        elif move.quantity < quantity_before:
            less = quantity_before - move.quantity
            self._actions.append(move._replace(kind=Kind.REDUCE, price=None, quantity=less))


def _unpacked(path: Path, packed: bytes) -> bytes:
    """Unpack zstd frames; the decoder's own unpacking would not tell a file that was cut short."""
    content = bytearray()
    frame = zstandard.ZstdDecompressor().decompressobj()
    try:
        for start in range(0, len(packed), _CHUNK_BYTES):
            rest = packed[start : start + _CHUNK_BYTES]
            while rest:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                content += frame.decompress(rest)
                rest = frame.unused_data
            if len(content) > UNPACKED_BYTES_MAX:
                raise FlowError(f"{path}: larger than {UNPACKED_BYTES_MAX} bytes unpacked")
    except zstandard.ZstdError as error:
        raise FlowDamagedError(str(path), len(content), f"broken .zst: {error}") from error
    if not frame.eof:
        raise FlowDamagedError(str(path), len(content), "broken .zst: cut short")
    return bytes(content)


def _decode(name: str, content: bytes) -> list[MBOMsg]:
    """Decode a DBN file; refuse one that is cut short, is not DBN, or holds other records."""
    decoder = DBNDecoder()
    try:
        decoder.write(content)
        records = decoder.decode()[1:]
    except DBNError as error:
        raise FlowDamagedError(name, 0, f"not a DBN file: {error}") from error
    if left := len(decoder.buffer()):
        raise FlowDamagedError(name, len(content) - left, f"cut short: {left} bytes of a record")
    kept = [record for record in records if isinstance(record, MBOMsg)]
    if len(kept) != len(records) or not kept:
        raise FlowDamagedError(name, 0, f"{len(records)} records, {len(kept)} of them MBO")
    return kept


def _coarsest(unit: int) -> tuple[int, int]:
    """Give the fewest decimals in which every price is whole, and DBN's count of that unit."""
    decimals, scale = len(str(FIXED_PRICE_SCALE)) - 1, 1
    while decimals and unit % (scale * 10) == 0:
        decimals, scale = decimals - 1, scale * 10
    return decimals, scale
