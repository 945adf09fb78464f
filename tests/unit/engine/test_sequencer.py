"""The sequencer, driven inline and by its thread: admission, delivery, failure, order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from small_exchange import SETUP, Sizes, command_of, open_exchange
from waiting import eventually

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.engine.admission import AdmissionLimits
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.sequencer import InlineSequencer, Sequencer, ThreadedSequencer
from flowex.messages.commands import AccountOpen, ClockTick, OrderPlace
from flowex.messages.enums import OrderType, Side, TimeInForce
from flowex.messages.events import OrderExpired, Result
from flowex.messages.layout import BLOCK
from flowex.messages.results import ResultCode
from flowex.ports.feed import FeedBatch
from flowex.ports.journal import JournalFailed
from flowex.ports.sequencer import Outcome, Priority, ProcessState, SequencerStopped
from flowex.units.instants import HOUR, SECOND

NOW = 1_700_000_000_000_000
SIZES = Sizes(snapshot_every=10**9)


class Reader:
    """The read model: notes what it was given."""

    def __init__(self) -> None:
        self.last_sequence = 0
        self.batches: list[FeedBatch] = []
        self.error: Exception | None = None

    def apply(self, batch: FeedBatch) -> None:
        if self.error is not None:
            raise self.error
        self.last_sequence = batch.last_sequence
        self.batches.append(batch)


class Bench:
    """An exchange with everything injected."""

    def __init__(self, kind: type[Sequencer], **sizes: Any) -> None:
        self.disk = SimulatedDisk(SeededEntropy(0))
        self.clock = ManualClock(NOW)
        self.reader = Reader()
        self.failures: list[BaseException] = []
        self.sequencer = open_exchange(
            kind,
            self.disk,
            sizes=Sizes(**({"snapshot_every": 10**9} | sizes)),
            clock=self.clock,
            durable=[self.reader],
            on_failure=self.failures.append,
        )

    async def start(self) -> None:
        if isinstance(self.sequencer, ThreadedSequencer):
            await self.sequencer.start()
        elif isinstance(self.sequencer, InlineSequencer):
            self.sequencer.start()
        for command in SETUP:
            await self.ask(command, Priority.INTERNAL)

    async def ask(self, command: Any, priority: Priority = Priority.ORDER) -> Outcome:
        return await self.sequencer.submit(command, priority=priority)

    async def stop(self) -> None:
        if isinstance(self.sequencer, ThreadedSequencer):
            await self.sequencer.stop()
        elif isinstance(self.sequencer, InlineSequencer):
            self.sequencer.stop()


@pytest.fixture(params=[InlineSequencer, ThreadedSequencer])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    bench = Bench(request.param)
    await bench.start()
    yield bench
    await bench.stop()


async def test_an_outcome_is_the_commands_own_events(bench: Bench) -> None:
    outcome = await bench.ask(command_of(0, 1))
    assert outcome.code is ResultCode.OK
    assert outcome.sequence == len(SETUP) + 1
    assert outcome.result is outcome.events[-1]
    assert {event.sequence for event in outcome.events} == {outcome.sequence}
    assert sum(isinstance(event, Result) for event in outcome.events) == 1


async def test_an_answer_comes_after_the_read_model_and_after_the_sync(bench: Bench) -> None:
    outcome = await bench.ask(command_of(0, 1))
    assert bench.reader.last_sequence == outcome.sequence
    assert bench.sequencer._committer.journal.last_sequence == outcome.sequence
    assert bench.sequencer.last_sequence == outcome.sequence


async def test_a_refusal_of_the_machine_is_journaled_and_counted(bench: Bench) -> None:
    outcome = await bench.ask(OrderPlace(account=999, instrument=1))
    assert outcome.code is ResultCode.UNKNOWN_ACCOUNT
    assert outcome.sequence == len(SETUP) + 1
    assert bench.sequencer.counters.refusals[ResultCode.UNKNOWN_ACCOUNT] == 1
    assert bench.sequencer.counters.commands == outcome.sequence


async def test_many_at_once_are_answered_each_with_its_own(bench: Bench) -> None:
    asked = [command_of(client, number) for number in range(20) for client in range(8)]
    outcomes = await asyncio.gather(*(bench.ask(command) for command in asked))
    assert [one.sequence for one in outcomes] == [len(SETUP) + 1 + i for i in range(len(asked))]
    results = [one.result for one in outcomes]
    assert [one.origin for one in results if one] == [command.origin for command in asked]
    firsts = [batch.first_sequence for batch in bench.reader.batches]
    lasts = [batch.last_sequence for batch in bench.reader.batches]
    assert firsts == [1, *(last + 1 for last in lasts[:-1])]


async def test_a_passed_deadline_drops_the_command_unjournaled(bench: Bench) -> None:
    sequence = bench.sequencer.last_sequence
    late = await bench.sequencer.submit(command_of(0, 1), deadline=NOW - 1)
    assert (late.code, late.sequence, late.events) == (ResultCode.DEADLINE_PASSED, 0, ())
    in_time = await bench.sequencer.submit(command_of(0, 1), deadline=NOW)
    assert in_time.sequence == sequence + 1


async def test_time_never_runs_backwards(bench: Bench) -> None:
    bench.clock.set(NOW + HOUR)
    first = await bench.ask(command_of(0, 1))
    bench.clock.set(NOW)
    second = await bench.ask(command_of(0, 2))
    assert first.time == second.time == NOW + HOUR


async def test_a_due_timer_fires_without_anybody_asking_and_only_then(bench: Bench) -> None:
    order = OrderPlace(
        account=2,
        instrument=1,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTD,
        price=100_000,
        quantity=1,
        expire_time=NOW + SECOND,
    )
    placed = await bench.ask(order)
    if isinstance(bench.sequencer, InlineSequencer):
        bench.sequencer.tick()
    assert bench.sequencer.last_sequence == placed.sequence
    bench.clock.advance(SECOND)
    if isinstance(bench.sequencer, InlineSequencer):
        bench.sequencer.tick()
    await eventually(lambda: bench.sequencer.last_sequence == placed.sequence + 1)
    events = bench.reader.batches[-1].events
    assert any(isinstance(event, OrderExpired) for event in events)
    assert isinstance(events[-1], Result)
    assert events[-1].command_kind == ClockTick.KIND


async def test_a_stop_answers_what_is_on_its_way_and_refuses_the_rest(bench: Bench) -> None:
    asked = [asyncio.ensure_future(bench.ask(command_of(0, number))) for number in range(50)]
    await asyncio.sleep(0)
    await bench.stop()
    outcomes = await asyncio.gather(*asked)
    assert all(one.sequence for one in outcomes)
    assert bench.sequencer.state is ProcessState.STOPPING
    with pytest.raises(SequencerStopped):
        await bench.ask(command_of(0, 99))
    assert bench.sequencer.snapshot_sequence == outcomes[-1].sequence
    assert bench.failures == []


async def test_what_one_turn_submits_may_fill_many_frames_and_a_stop_waits_for_all() -> None:
    bench = Bench(ThreadedSequencer, segment_bytes=8 << 10)
    await bench.start()
    asked = [bench.sequencer.submit(command_of(0, number)) for number in range(100)]
    await bench.stop()
    outcomes = await asyncio.gather(*asked)
    assert [one.sequence for one in outcomes] == [len(SETUP) + 1 + i for i in range(100)]
    frames = [batch.last_sequence - batch.first_sequence + 1 for batch in bench.reader.batches]
    assert max(frames) * BLOCK <= bench.sequencer._limits.frame_bytes
    assert len(frames) > len(SETUP) + 1
    assert bench.failures == []


async def test_a_failed_sync_acknowledges_nothing(bench: Bench) -> None:
    bench.disk.fail_sync_at = bench.disk.syncs + 1
    sequence = bench.sequencer.last_sequence
    answers = await asyncio.gather(
        *(bench.ask(command_of(0, number)) for number in range(20)), return_exceptions=True
    )
    assert all(isinstance(answer, SequencerStopped) for answer in answers)
    assert bench.sequencer.last_sequence == bench.reader.last_sequence == sequence
    assert bench.sequencer.state is ProcessState.STOPPING
    assert [type(failure) for failure in bench.failures] == [JournalFailed]
    assert bench.sequencer.queue_length == 0


async def test_a_bug_in_the_machine_acknowledges_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(_self: ReferenceMachine, _time: int, _commands: bytes) -> bytes:
        raise AssertionError("a bug")

    monkeypatch.setattr(ReferenceMachine, "apply", apply)
    with pytest.raises(SequencerStopped, match="a bug"):
        await bench.ask(command_of(0, 1))
    assert len(bench.failures) == 1


async def test_a_read_model_that_fails_ends_everything(bench: Bench) -> None:
    bench.reader.error = RuntimeError("spoilt")
    with pytest.raises(SequencerStopped, match="spoilt"):
        await bench.ask(command_of(0, 1))
    assert bench.failures == [bench.reader.error]
    with pytest.raises(SequencerStopped):
        await bench.ask(command_of(0, 2))


async def test_an_asker_who_leaves_harms_nobody(bench: Bench) -> None:
    leaving = asyncio.ensure_future(bench.ask(command_of(0, 1)))
    await asyncio.sleep(0)
    leaving.cancel()
    outcome = await bench.ask(command_of(0, 2))
    assert outcome.code is ResultCode.OK
    assert bench.sequencer.queue_length == 0


async def test_before_the_start_nothing_is_taken() -> None:
    bench = Bench(InlineSequencer)
    with pytest.raises(SequencerStopped, match="STARTING"):
        await bench.ask(command_of(0, 1))


async def test_limits_keep_a_reserve_for_cancels_and_a_quota_per_account() -> None:
    limits = AdmissionLimits(in_flight=10, reserve=4, account_in_flight=3)
    bench = Bench(ThreadedSequencer, admission=limits)
    await bench.start()

    def ask(client: int, count: int, priority: Priority) -> list[asyncio.Future[Outcome]]:
        commands = [command_of(client, 1 + 4 * number) for number in range(count)]
        return [asyncio.ensure_future(bench.ask(command, priority)) for command in commands]

    asked = ask(0, 4, Priority.ORDER) + ask(1, 4, Priority.ORDER) + ask(2, 1, Priority.ORDER)
    asked += ask(3, 3, Priority.CANCEL) + ask(4, 2, Priority.INTERNAL)
    codes = [one.code for one in await asyncio.gather(*asked)]
    ok, quota, busy = ResultCode.OK, ResultCode.ACCOUNT_BUSY, ResultCode.BUSY
    assert codes == [ok, ok, ok, quota, ok, ok, ok, busy, busy, ok, ok, ok, ok, busy]
    assert (await bench.ask(command_of(0, 2))).code is ok
    await bench.stop()


async def test_a_batch_is_split_into_frames_that_fit() -> None:
    bench = Bench(ThreadedSequencer, segment_bytes=4096)
    await bench.start()
    await asyncio.gather(*(bench.ask(command_of(0, 1 + 4 * number)) for number in range(100)))
    journal = bench.sequencer._committer.journal
    assert all(len(frame.commands) <= 2048 for frame in journal.read(1))
    await bench.stop()


async def test_a_past_is_certain_only_when_flushed() -> None:
    bench = Bench(InlineSequencer)
    await bench.start()
    assert isinstance(bench.sequencer, InlineSequencer)
    journal = bench.sequencer._committer.journal
    syncs = bench.disk.syncs
    for _ in range(20):
        bench.clock.advance(SECOND)
        told = bench.sequencer.run([AccountOpen(), AccountOpen()])
        assert [one.code for one in told] == [ResultCode.OK, ResultCode.OK]
    assert bench.disk.syncs == syncs
    assert journal.last_sequence == len(SETUP)
    bench.sequencer.flush()
    assert bench.disk.syncs == syncs + 1
    assert journal.last_sequence == bench.reader.last_sequence == len(SETUP) + 40


async def test_the_same_simulation_makes_the_same_bytes() -> None:
    journals = []
    for _ in range(2):
        bench = Bench(InlineSequencer)
        await bench.start()
        for number in range(100):
            bench.clock.advance(1_000)
            await bench.ask(command_of(number % 8, number // 8))
        await bench.stop()
        journals.append(bytes(bench.disk.open("journal/00000001.segment").current))
    assert journals[0] == journals[1]
