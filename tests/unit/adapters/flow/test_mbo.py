"""The market-by-order reader on hand-made records."""

from pathlib import Path

import pytest
import zstandard
from databento_dbn import Action as MboAction
from databento_dbn import MBOMsg, Metadata, Schema, SType
from databento_dbn import Side as MboSide

from flowex.adapters.flow.mbo import MboFlow
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, Kind, Print

TICK = 250_000_000


def record(action: str, ticks: int, size: int, side: str = "B", order_id: int = 5) -> bytes:
    message = MBOMsg(
        publisher_id=1,
        instrument_id=1,
        ts_event=1_703_542_000_000_001_999,
        order_id=order_id,
        price=ticks * TICK,
        size=size,
        action=MboAction.from_str(action),
        side=MboSide.from_str(side),
        ts_recv=0,
        channel_id=0,
    )
    return bytes(message)


def dbn(*records: bytes) -> bytes:
    header = Metadata(
        dataset="GLBX.MDP3",
        start=0,
        stype_in=SType.from_str("raw_symbol"),
        stype_out=SType.from_str("instrument_id"),
        schema=Schema.from_str("mbo"),
        symbols=[],
        partial=[],
        not_found=[],
        mappings=[],
    )
    return bytes(header.encode()) + b"".join(records)


def action(kind: Kind, price: int | None, quantity: int, side: Side = Side.BUY) -> Action:
    return Action(kind, 5, side, price, quantity, 1_703_542_000_000_001)


def test_records_become_actions_and_fills_the_tape() -> None:
    flow = MboFlow(
        "mbo",
        dbn(
            record("A", 19_001, 9),
            record("M", 19_001, 7),
            record("M", 19_001, 7),
            record("M", 19_002, 7),
            record("M", 19_002, 8),
            record("T", 19_002, 3, "A"),
            record("T", 19_002, 3, "N"),
            record("F", 19_002, 3),
            record("C", 19_002, 5),
        ),
    )
    assert flow.price_decimals == 2
    assert list(flow.actions()) == [
        action(Kind.PLACE, 475_025, 9),
        action(Kind.REDUCE, None, 2),
        action(Kind.MOVE, 475_050, 7),
        action(Kind.MOVE, 475_050, 8),
        action(Kind.TAKE, None, 3, Side.SELL),
        action(Kind.CANCEL, None, 0),
    ]
    assert flow.tape() == [Print(475_050, 3)]


def test_a_cut_file_is_told_by_offset(tmp_path: Path) -> None:
    content = dbn(record("A", 19_001, 9), record("C", 19_001, 9))
    with pytest.raises(FlowDamagedError) as caught:
        MboFlow("cut.dbn", content[:-10])
    assert caught.value.offset == len(content) - 56

    path = tmp_path / "cut.dbn.zst"
    path.write_bytes(zstandard.compress(content)[:-1])
    with pytest.raises(
        FlowDamagedError, match=r"cut\.dbn\.zst: offset \d+: broken \.zst: cut short"
    ):
        MboFlow.read(path)


@pytest.mark.parametrize("content", [b"", b"nonsense" * 20, dbn()])
def test_what_holds_no_records_is_refused(content: bytes) -> None:
    with pytest.raises(FlowDamagedError):
        MboFlow("other.dbn", content)


def test_reads_packed_files_of_several_frames(tmp_path: Path) -> None:
    content = dbn(record("A", 19_001, 9), record("C", 19_001, 9))
    path = tmp_path / "frames.dbn.zst"
    path.write_bytes(zstandard.compress(content[:50]) + zstandard.compress(content[50:]))
    assert MboFlow.read(path).length == 2
