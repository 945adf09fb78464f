"""The packed record reader."""

import pytest

from flowex.adapters.flow.commands import RECORD, CommandsFlow
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, Kind

PLACE = RECORD.pack(7, 20_000, 3, Kind.PLACE, Side.SELL)


def test_records_become_actions() -> None:
    content = b"".join(
        [
            PLACE,
            RECORD.pack(8, 19_990, 2, Kind.TAKE, Side.BUY),
            RECORD.pack(7, 20_000, 0, Kind.CANCEL, Side.SELL),
            RECORD.pack(7, 20_000, 1, Kind.REDUCE, Side.SELL),
            RECORD.pack(7, 20_001, 2, Kind.MOVE, Side.SELL),
        ]
    )
    flow = CommandsFlow("stream", content)
    assert list(flow.actions()) == [
        Action(Kind.PLACE, 7, Side.SELL, 20_000, 3),
        Action(Kind.TAKE, 8, Side.BUY, None, 2),
        Action(Kind.CANCEL, 7, Side.SELL, None, 0),
        Action(Kind.REDUCE, 7, Side.SELL, None, 1),
        Action(Kind.MOVE, 7, Side.SELL, 20_001, 2),
    ]
    assert (flow.length, flow.tape()) == (5, ())


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (PLACE[:23], "cut short: 23 bytes of a 24-byte record"),
        (RECORD.pack(7, 1, 1, 5, 0), "unknown kind 5"),
        (RECORD.pack(7, 1, 1, 0, 2), "unknown side 2"),
    ],
)
def test_a_bad_record_is_named_by_file_and_offset(bad: bytes, reason: str) -> None:
    with pytest.raises(FlowDamagedError) as caught:
        CommandsFlow("stream.bin", PLACE + PLACE + bad)
    assert str(caught.value) == f"stream.bin: offset 48: {reason}"
