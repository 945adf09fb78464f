"""Applies a scripted flow to a machine, and tells what came out and how long it took."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

import msgspec

from flowex.app.flows import Script
from flowex.engine.machine import Machine, state_hash
from flowex.messages.events import EventKind, Result, Traded
from flowex.messages.layout import spans
from flowex.messages.results import ResultCode
from flowex.ports.flow import Print

REPLAY_TIME_US = 1
"""Everything happens at one machine time, so that hashes do not depend on the size of batches."""


class ReplayError(Exception):
    """The machine did not do what a replay relies on; the message says what and where."""


class Report(msgspec.Struct, frozen=True):
    """The answer of a replay and its speed; amounts are in the recording's units."""

    commands: int
    trades: int
    volume: int
    notional: int
    state_hash: str
    events_hash: str
    ns_per_command_min: int
    ns_per_command_median: int
    engine: str
    events: int
    refused: int
    timed: int
    repeat: int


@dataclass(slots=True)
class Tally:
    """What the events of a replay add up to."""

    events: int = 0
    commands: int = 0
    refused: int = 0
    volume: int = 0
    notional: int = 0
    prints: list[Print] = field(default_factory=list)

    def add(self, events: bytes, expected_ids: Iterator[int]) -> None:
        """Count events; raise `ReplayError` for an order without the number foreseen for it."""
        for kind, offset, _ in spans(events):
            self.events += 1
            if kind == EventKind.TRADED:
                trade = Traded.unpack(events, offset)
                self.prints.append(Print(trade.price, trade.quantity))
                self.volume += trade.quantity
                self.notional += trade.quote_amount
            elif kind == EventKind.RESULT:
                self._add_result(Result.unpack(events, offset), next(expected_ids))

    def _add_result(self, result: Result, expected_id: int) -> None:
        self.commands += 1
        self.refused += result.code != ResultCode.OK
        if expected_id and (result.code, result.id) != (ResultCode.OK, expected_id):
            answer = f"{ResultCode(result.code).name} and order {result.id}"
            raise ReplayError(f"command {self.commands}: {answer} instead of order {expected_id}")


def run_script(
    make_machine: Callable[[], Machine],
    script: Script,
    repeat: int,
    stopwatch_ns: Callable[[], int],
    advance: Callable[[int], None],
) -> tuple[Report, Tally]:
    """Apply a script to `repeat` new machines, timing each; count the events of the first.

    `advance` is told the number of commands applied since it was last. Raises `ReplayError` when
    the exchange cannot be set up, an order gets no number or another, or two machines disagree.
    """
    timed = sum(batch.commands for batch in script.batches if batch.is_timed)
    tally, machine = Tally(), make_machine()
    expected_ids = iter(script.expected_ids)
    spent_ns = [_run(machine, script, stopwatch_ns, advance, lambda e: tally.add(e, expected_ids))]
    for _ in range(repeat - 1):
        again = make_machine()
        spent_ns.append(_run(again, script, stopwatch_ns, advance, lambda _: None))
        if again.events_hash != machine.events_hash:
            raise ReplayError("the same commands gave different events the second time")
    ns_per_command = [spent // max(timed, 1) for spent in spent_ns]
    report = Report(
        commands=tally.commands,
        trades=len(tally.prints),
        volume=tally.volume,
        notional=tally.notional,
        state_hash=state_hash(machine.snapshot()),
        events_hash=f"{machine.events_hash:016x}",
        ns_per_command_min=min(ns_per_command),
        ns_per_command_median=int(median(ns_per_command)),
        engine=machine.engine,
        events=tally.events,
        refused=tally.refused,
        timed=timed,
        repeat=repeat,
    )
    return report, tally


def _run(
    machine: Machine,
    script: Script,
    stopwatch_ns: Callable[[], int],
    advance: Callable[[int], None],
    see: Callable[[bytes], None],
) -> int:
    """Apply a whole script; return the nanoseconds its timed batches took."""
    for kind, offset, _ in spans(events := machine.apply(REPLAY_TIME_US, script.setup)):
        if kind == EventKind.RESULT:
            code = Result.unpack(events, offset).code
            if code != ResultCode.OK:
                raise ReplayError(f"the exchange could not be set up: {ResultCode(code).name}")
    spent_ns = 0
    for batch in script.batches:
        start_ns = stopwatch_ns()
        events = machine.apply(REPLAY_TIME_US, batch.content)
        if batch.is_timed:
            spent_ns += stopwatch_ns() - start_ns
        see(events)
        advance(batch.commands)
    return spent_ns
