"""The Bitstamp log reader on hand-made lines."""

import lzma
from pathlib import Path

import pytest

from flowex.adapters.flow.bitstamp import BitstampFlow
from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowDamagedError, FlowError, Kind, Print


def line(event: str, number: int, price: str = "236.47", amount: str = "2.00000000") -> bytes:
    row = f'{{"price": "{price}", "amount": "{amount}", "id": {number}, "order_type": 1}}'
    return f"1430438404518 {event} {row}\n".encode()


def test_first_placements_and_first_deletions_become_actions() -> None:
    log = b"".join(
        [
            line("order_deleted", 9),
            line("order_created", 1),
            line("order_created", 1, price="1.00"),
            line("order_changed", 1),
            b'1430438405885 order_book {"bids": [], "asks": []}\n',
            line("order_deleted", 1),
            line("order_deleted", 1),
        ]
    )
    flow = BitstampFlow("log", log)
    assert list(flow.actions()) == [
        Action(Kind.PLACE, 1, Side.SELL, 23_647, 200_000_000, 1_430_438_404_518_000),
        Action(Kind.CANCEL, 1, Side.SELL, None, 0, 1_430_438_404_518_000),
    ]
    assert flow.length == 2


def test_the_tape_is_in_order_of_trade_ids_and_free_of_float_noise() -> None:
    log = (
        b'2 trade {"price": 236.47, "amount": 1.7885566900000001, "id": 12}\n'
        b'1 trade {"price": 236.1, "amount": 0.21144331, "id": 11}\n'
    )
    assert BitstampFlow("log", log).tape() == [
        Print(23_610, 21_144_331),
        Print(23_647, 178_855_669),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        b"\n",
        b"1430438404518 order_created\n",
        b"1430438404518 order_created {\n",
        b"1430438404518 order_created []\n",
        b"1430438404518 order_vanished {}\n",
        line("order_created", 2, price="NaN"),
        line("order_created", 2, price="Infinity"),
        line("order_created", 2)[:-20],
    ],
)
def test_a_bad_line_is_named_by_file_and_offset(bad: bytes) -> None:
    good = line("order_created", 1)
    with pytest.raises(FlowDamagedError) as caught:
        BitstampFlow("some.log", good + bad)
    assert caught.value.offset == len(good)
    assert str(caught.value).startswith(f"some.log: offset {len(good)}: ")


def test_reads_packed_and_plain_files(tmp_path: Path) -> None:
    log = line("order_created", 1)
    (tmp_path / "a.log").write_bytes(log)
    (tmp_path / "a.log.xz").write_bytes(lzma.compress(log))
    for name in ("a.log", "a.log.xz"):
        assert BitstampFlow.read(tmp_path / name).length == 1


def test_a_missing_file_and_a_cut_packing_are_told(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="No such file"):
        BitstampFlow.read(tmp_path / "none.log")
    path = tmp_path / "cut.log.xz"
    path.write_bytes(lzma.compress(line("order_created", 1) * 1_000)[:-9])
    with pytest.raises(FlowDamagedError, match=r"cut\.log\.xz: offset \d+: broken \.xz"):
        BitstampFlow.read(path)
