"""The demo's world, on a bare machine: every command is taken, and the numbers are those named."""

from flowex.app import demo
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.commands import Command, Genesis
from flowex.messages.enums import InstrumentState
from flowex.messages.events import Result, decode_events
from flowex.messages.results import ResultCode
from flowex.messages.state import StateAccount, StateBalance, StateInstrument, decode_state


def founded() -> ReferenceMachine:
    machine = ReferenceMachine()
    commands: list[Command] = [Genesis(), *demo.opening()]
    events = decode_events(machine.apply(1, b"".join(one.pack() for one in commands)))
    codes = {event.code for event in events if isinstance(event, Result)}
    assert codes == {ResultCode.OK}
    return machine


def test_markets_are_open_and_have_the_numbers_they_are_called_by() -> None:
    state = decode_state(founded().snapshot())
    instruments = {one.id: one for one in state if isinstance(one, StateInstrument)}
    named = {demo.BTCUSDT: "BTCUSDT", demo.ETHUSDT: "ETHUSDT", demo.ETHBTC: "ETHBTC"}
    assert {number: one.symbol for number, one in instruments.items()} == named
    assert {one.state for one in instruments.values()} == {InstrumentState.TRADING}
    assert {one.taker_rate for one in instruments.values()} == {demo.FEE_RATE}
    minimum = {one.symbol: one.notional_min for one in instruments.values()}
    assert minimum == {"BTCUSDT": 5 * 10**8, "ETHUSDT": 5 * 10**8, "ETHBTC": 10**4}


def test_people_have_what_the_demo_promises() -> None:
    state = decode_state(founded().snapshot())
    funds = {
        (one.account, one.id): one.free // demo.COIN
        for one in state
        if isinstance(one, StateBalance)
    }
    for account in demo.PEOPLE.values():
        assert funds[account, demo.BTC] == 100
        assert funds[account, demo.ETH] == 1_000
        assert funds[account, demo.USDT] == 5_000_000


def test_only_traders_trade_without_fees() -> None:
    state = decode_state(founded().snapshot())
    free = {one.id for one in state if isinstance(one, StateAccount) and one.taker_rate == 0}
    assert free == {*demo.MAKERS.values(), demo.NOISE, demo.MOMENTUM}
    assert not free & set(demo.PEOPLE.values())
