"""Bytes, hashes and order of everything: what replay and recovery stand on."""

import pytest
from engines import both, make
from market import ALICE, BOB, Market, order

from flowex.engine.machine import state_hash
from flowex.messages.commands import ClockTick, Genesis, OrderPlace
from flowex.messages.enums import EVENTS_HASH_PERIOD, Side, TimeInForce
from flowex.messages.events import EventsHash, Result, decode_events
from flowex.messages.layout import FramingError, RecordError
from flowex.messages.results import ResultCode

pytestmark = both


def _busy(engine: str) -> Market:
    market = Market(engine)
    market.sell(ALICE, 1_000_000, 5, client_id="a")
    market.sell(ALICE, 1_000_000, 5, time_in_force=TimeInForce.GTD, expire_time=10**9)
    market.buy(BOB, 1_000_000, 3)
    market.buy(BOB, 900_000, 3)
    return market


def test_a_restored_machine_goes_on_as_if_nothing_had_happened(engine: str) -> None:
    market = _busy(engine)
    snapshot = market.machine.snapshot()
    restored = make(engine, snapshot)
    assert restored.snapshot() == snapshot
    assert restored.next_timer == market.machine.next_timer
    more = order(BOB, Side.BUY, price=10_000_000, quantity=900).pack()
    assert restored.apply(2 * 10**9, more) == market.machine.apply(2 * 10**9, more)
    assert restored.events_hash == market.machine.events_hash
    assert state_hash(restored.snapshot()) == state_hash(market.machine.snapshot())


def test_batching_changes_nothing(engine: str) -> None:
    market, other = _busy(engine), _busy(engine)
    commands = [order(BOB, Side.BUY, price=9_000_000, quantity=100) for _ in range(20)]
    one_by_one = b"".join(market.machine.apply(5, command.pack()) for command in commands)
    assert other.machine.apply(5, b"".join(c.pack() for c in commands)) == one_by_one
    assert other.machine.snapshot() == market.machine.snapshot()


def test_time_never_runs_backwards(engine: str) -> None:
    market = _busy(engine)
    before = market.machine.time
    market.time = 1
    assert market.send(ClockTick()).time == before


def test_a_bad_frame_is_refused_whole(engine: str) -> None:
    market = _busy(engine)
    sequence = market.machine.sequence
    broken = bytearray(ClockTick().pack())
    broken[1] = 3
    with pytest.raises(FramingError):
        market.machine.apply(1, ClockTick().pack() + bytes(broken))
    assert market.machine.sequence == sequence


def test_strange_commands_are_refused_one_by_one(engine: str) -> None:
    market = _busy(engine)
    unknown = bytearray(ClockTick().pack())
    unknown[0] = 77
    bad = bytearray(ClockTick(flags=1, origin=5).pack())
    events = decode_events(market.machine.apply(1, bytes(unknown + bad)))
    codes = [(e.code, e.origin) for e in events if isinstance(e, Result)]
    assert codes == [(ResultCode.UNKNOWN_COMMAND, 0), (ResultCode.BAD_RECORD, 5)]


def test_nothing_works_before_genesis(engine: str) -> None:
    machine = make(engine)
    (result,) = decode_events(machine.apply(1, OrderPlace().pack()))
    assert isinstance(result, Result)
    assert result.code == ResultCode.NO_GENESIS
    restored = make(engine, machine.snapshot())
    assert restored.apply(1, Genesis().pack()) == machine.apply(1, Genesis().pack())


def test_the_events_hash_is_told_every_so_often(engine: str) -> None:
    machine = make(engine)
    tick = ClockTick().pack()
    events = decode_events(machine.apply(1, tick * (EVENTS_HASH_PERIOD - 1)))
    assert not [e for e in events if isinstance(e, EventsHash)]
    told = decode_events(machine.apply(1, tick))[-1]
    assert isinstance(told, EventsHash)
    assert told.sequence == EVENTS_HASH_PERIOD


@pytest.mark.parametrize("cut", [64, 128, 192])
def test_half_a_snapshot_is_no_snapshot(engine: str, cut: int) -> None:
    snapshot = _busy(engine).machine.snapshot()
    with pytest.raises(RecordError):
        make(engine, snapshot[cut:])
