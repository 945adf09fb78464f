"""The oracle gives the known answers on real recordings and on generated streams."""

import hashlib

import pytest
from oracle import Answer, Oracle, play
from recordings import BITSTAMP, EXCHANGECORE, MBO, MIX, recording

from flowex.adapters.flow.bitstamp import BitstampFlow
from flowex.adapters.flow.commands import CommandsFlow
from flowex.adapters.flow.generated import CHARACTERS, GeneratedFlow
from flowex.adapters.flow.mbo import MboFlow
from flowex.app.flow_tape import common_prints
from flowex.ports.flow import Kind, Print


def test_bitstamp_trades_as_the_exchange_printed_them() -> None:
    flow = BitstampFlow.read(recording(BITSTAMP))
    oracle = Oracle()
    answer = play(oracle, flow.actions())
    assert flow.length == 49_604
    assert (answer.trades, answer.volume) == (517, 70_908_982_261)

    tape = flow.tape()
    assert (len(tape), sum(line.quantity for line in tape)) == (575, 84_765_711_841)
    assert common_prints([Print(t.price, t.quantity) for t in oracle.trades], tape) == 508


@pytest.mark.parametrize(
    ("name", "length", "answer"),
    [
        (MIX, 1_002_000, Answer(65_310, 559_422, 11_183_957_486)),
        (EXCHANGECORE, 1_001_000, Answer(42_535, 358_752, 7_175_233_928)),
    ],
)
def test_command_streams(name: str, length: int, answer: Answer) -> None:
    flow = CommandsFlow.read(recording(name))
    assert flow.length == length
    assert play(Oracle(), flow.actions()) == answer


def test_mbo_fills_as_the_feed_told_them() -> None:
    flow = MboFlow.read(recording(MBO))
    answer = play(Oracle(), flow.actions())
    assert (flow.length, flow.price_decimals) == (62_357, 2)
    assert (answer.trades, answer.volume) == (6_309, 9_926)
    assert len(flow.tape()) == 6_371


@pytest.mark.parametrize(
    ("name", "digest", "answer"),
    [
        (
            "mix:42:100000",
            "69d3ce6529091b15f36f0519ad952ea21ce97cd211aae289b04263af0ece84e6",
            Answer(6_832, 25_966, 519_151_979),
        ),
        (
            "moves:42:100000",
            "b7adac7e2c136dbff9f1d6633124ccf5ba975703d00764a80942da5bde9a7853",
            Answer(4_590, 19_225, 384_461_692),
        ),
        (
            "mix:7:20000",
            "d2577c27b7c057007d0a340da3ef9197e75cf4a666accd16b72571156254b65b",
            Answer(1_175, 4_502, 90_040_874),
        ),
    ],
)
def test_generated_streams_are_the_same_everywhere(name: str, digest: str, answer: Answer) -> None:
    flow = GeneratedFlow.parse(name)
    assert hashlib.sha256(flow.content).hexdigest() == digest
    assert play(Oracle(), flow.actions()) == answer


@pytest.mark.parametrize("kind", CHARACTERS)
def test_every_change_names_an_order_that_is_there(kind: str) -> None:
    oracle, resting = Oracle(), CHARACTERS[kind].resting
    for index, action in enumerate(GeneratedFlow.parse(f"{kind}:5:10000").actions()):
        if action.kind in (Kind.CANCEL, Kind.REDUCE, Kind.MOVE):
            assert action.order_id in oracle.orders
        play(oracle, [action])
        oracle.trades.clear()
        assert index < resting or 0.8 * resting < len(oracle.orders) < 1.2 * resting
