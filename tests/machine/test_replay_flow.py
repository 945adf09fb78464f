"""Both machines give the answers that a real exchange, four engines and the oracle gave."""

import time

import pytest
from engines import both, make
from oracle import Oracle, play
from recordings import BITSTAMP, EXCHANGECORE, MBO, MIX, recording

from flowex.app.flow_replay import Report, Tally, run_script
from flowex.app.flow_tape import common_prints
from flowex.app.flows import Plan, open_flow, write_script
from flowex.engine.machine import Machine
from flowex.ports.flow import FlowSource


def run(engine: str, source: FlowSource, plan: Plan | None = None) -> tuple[Report, Tally]:
    """Run a flow through a machine, on a thousand accounts unless told otherwise."""
    script = write_script(source, plan or Plan(accounts=1_000), lambda _: None)

    def machine() -> Machine:
        return make(engine)

    return run_script(machine, script, 1, time.perf_counter_ns, lambda _: None)


@both
def test_bitstamp_trades_as_the_exchange_printed_them(engine: str) -> None:
    source = open_flow("bitstamp", str(recording(BITSTAMP)))
    report, tally = run(engine, source)
    assert (report.commands, report.trades, report.volume) == (49_604, 517, 70_908_982_261)
    assert common_prints(tally.prints, source.tape()) == 508


def test_both_machines_give_the_same_hashes() -> None:
    make("native")
    source = open_flow("bitstamp", str(recording(BITSTAMP)))
    reports = [run(engine, source)[0] for engine in ("reference", "native")]
    assert len({(report.state_hash, report.events_hash, report.events) for report in reports}) == 1


@both
def test_mbo_fills_as_the_feed_told_them(engine: str) -> None:
    report, _ = run(engine, open_flow("mbo", str(recording(MBO))))
    assert (report.trades, report.volume) == (6_309, 9_926)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (MIX, (65_310, 559_422, 11_183_957_486)),
        (EXCHANGECORE, (42_535, 358_752, 7_175_233_928)),
    ],
)
def test_a_million_commands_on_the_native_machine(name: str, answer: tuple[int, int, int]) -> None:
    make("native")
    report, _ = run("native", open_flow("commands", str(recording(name))))
    assert (report.trades, report.volume, report.notional) == answer


@both
@pytest.mark.parametrize("name", ["mix:42:30000", "moves:42:30000"])
def test_generated_streams_trade_as_in_the_oracle(engine: str, name: str) -> None:
    source = open_flow("generated", name)
    oracle = Oracle()
    report, tally = run(engine, source)
    answer = play(oracle, source.actions())
    assert (report.trades, report.volume, report.notional) == answer
    assert [(t.price, t.quantity) for t in oracle.trades] == tally.prints
    assert report.refused == 0


@both
def test_hashes_do_not_depend_on_the_size_of_batches(engine: str) -> None:
    source = open_flow("generated", "mix:42:3000")
    reports = [
        run(engine, source, Plan(accounts=10, batch=batch, prefill=prefill))[0]
        for batch, prefill in ((1, 0), (64, 2_000), (5_000, 100))
    ]
    assert len({(report.state_hash, report.events_hash) for report in reports}) == 1
    assert [report.timed for report in reports] == [3_000, 1_000, 2_900]
