"""What a replay counts, and what it refuses to go on with."""

import pytest

from flowex.adapters.flow.commands import RECORD, CommandsFlow
from flowex.app.flow_replay import ReplayError, Report, run_script
from flowex.app.flows import Plan, write_script
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.enums import Side
from flowex.ports.flow import Kind


def run(*records: tuple[int, int, int, Kind, Side], repeat: int = 1) -> Report:
    content = b"".join(RECORD.pack(*record) for record in records)
    script = write_script(CommandsFlow("made", content), Plan(accounts=4, batch=2), lambda _: None)
    ticks = iter(range(0, 1_000_000, 100))
    report, _ = run_script(ReferenceMachine, script, repeat, lambda: next(ticks), lambda _: None)
    return report


def test_counts_trades_refusals_and_time() -> None:
    report = run(
        (7, 100, 5, Kind.PLACE, Side.SELL),
        (8, 100, 3, Kind.PLACE, Side.BUY),
        (9, 0, 9, Kind.TAKE, Side.BUY),
        (7, 0, 0, Kind.CANCEL, Side.SELL),
        (1, 0, 0, Kind.CANCEL, Side.SELL),
    )
    assert (report.commands, report.refused, report.trades) == (5, 2, 2)
    assert (report.volume, report.notional) == (5, 500)
    assert (report.ns_per_command_min, report.timed) == (3 * 100 // 5, 5)


def test_every_action_reaches_the_order_it_means() -> None:
    report = run(
        (7, 100, 5, Kind.PLACE, Side.SELL),
        (8, 101, 5, Kind.PLACE, Side.SELL),
        (7, 0, 2, Kind.REDUCE, Side.SELL),
        (8, 99, 5, Kind.MOVE, Side.SELL),
        (9, 0, 9, Kind.TAKE, Side.BUY),
    )
    assert (report.trades, report.volume, report.notional) == (2, 8, 5 * 99 + 3 * 100)
    assert report.refused == 0


def test_repeats_are_told_apart_by_time_only() -> None:
    report = run((7, 100, 5, Kind.PLACE, Side.SELL), repeat=3)
    assert (report.commands, report.repeat) == (1, 3)


def test_an_order_that_is_not_let_in_stops_the_replay() -> None:
    with pytest.raises(
        ReplayError, match="command 2: INVALID_ORDER and order 0 instead of order 2"
    ):
        run((7, 100, 5, Kind.PLACE, Side.SELL), (8, 100, 0, Kind.PLACE, Side.SELL))
