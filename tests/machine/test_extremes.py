"""The largest numbers there are, and what a machine does when it finds itself broken."""

import pytest
from engines import both, make
from market import ALICE, BOB, Market

from flowex.engine.machine import MachineStopped
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderPlace,
    OrderReplace,
    SetInstrumentState,
    Transfer,
)
from flowex.messages.enums import InstrumentState, Side
from flowex.messages.events import Result, decode_events
from flowex.messages.layout import RecordError
from flowex.messages.results import ResultCode
from flowex.messages.state import StateBalance, StateOrder, decode_state
from flowex.units.integers import SUPPLY_MAX


class _Vault:
    """Two accounts that share the whole supply of two assets without decimals."""

    def __init__(self, engine: str) -> None:
        self.machine = make(engine)
        self._source = 0
        for command in (
            Genesis(exchange="vault"),
            AssetDefine(code="B", decimals=0),
            AssetDefine(code="Q", decimals=0),
            InstrumentDefine(base_asset=1, quote_asset=2, symbol="BQ"),
            SetInstrumentState(instrument=1, state=InstrumentState.TRADING),
            AccountOpen(),
            AccountOpen(),
        ):
            assert self.send(command) == ResultCode.OK
        assert self.credit(ALICE, 1, SUPPLY_MAX) == ResultCode.OK
        assert self.credit(BOB, 2, SUPPLY_MAX) == ResultCode.OK

    def send(self, command: Command) -> int:
        result = decode_events(self.machine.apply(1, command.pack()))[-1]
        assert isinstance(result, Result)
        return result.code

    def credit(self, account: int, asset: int, amount: int) -> int:
        self._source += 1
        return self.send(
            Credit(account=account, asset=asset, amount=amount, source=self._source,
                   source_sequence=1)
        )  # fmt: skip

    def order(self) -> StateOrder:
        state = decode_state(self.machine.snapshot())
        (order,) = (record for record in state if isinstance(record, StateOrder))
        return order


@both
@pytest.mark.parametrize("amount", [1, SUPPLY_MAX, (1 << 63) - 1])
def test_no_supply_goes_beyond_its_bound(engine: str, amount: int) -> None:
    vault = _Vault(engine)
    assert vault.credit(ALICE, 1, amount) == ResultCode.SUPPLY_EXCEEDED


@both
def test_the_whole_supply_changes_hands_in_one_trade(engine: str) -> None:
    vault = _Vault(engine)
    sell = OrderPlace(account=ALICE, instrument=1, side=Side.SELL, price=1, quantity=SUPPLY_MAX)
    buy = OrderPlace(account=BOB, instrument=1, side=Side.BUY, price=1, quantity=SUPPLY_MAX)
    assert vault.send(sell) == vault.send(buy) == ResultCode.OK
    state = decode_state(vault.machine.snapshot())
    have = {(r.account, r.id): r.free for r in state if isinstance(r, StateBalance)}
    assert have[BOB, 1] == have[ALICE, 2] == SUPPLY_MAX


@both
def test_an_order_that_trades_the_same_money_again_and_again_stays_within_bounds(
    engine: str,
) -> None:
    """Its quote total is told in 64 bits, so a replace that could exceed them is refused."""
    vault = _Vault(engine)
    price = SUPPLY_MAX // 2
    sell = OrderPlace(account=ALICE, instrument=1, side=Side.SELL, price=price, quantity=2)
    assert vault.send(sell) == ResultCode.OK
    codes = []
    for fill in range(1, 5):
        buy = OrderPlace(account=BOB, instrument=1, side=Side.BUY, price=price, quantity=1)
        assert vault.send(buy) == ResultCode.OK
        back = Transfer(account=ALICE, to_account=BOB, asset=2, amount=price, source=9,
                        source_sequence=fill)  # fmt: skip
        assert vault.send(back) == ResultCode.OK
        price = SUPPLY_MAX // (fill + 2)
        replace = OrderReplace(account=ALICE, order=1, price=price, quantity=fill + 2)
        codes.append(vault.send(replace))
        if codes[-1] != ResultCode.OK:
            break
    assert codes[-1] == ResultCode.NOTIONAL_OUT_OF_RANGE
    assert vault.order().quote_filled <= SUPPLY_MAX


@both
def test_a_snapshot_that_breaks_an_invariant_is_none(engine: str) -> None:
    market = Market(engine)
    market.buy(ALICE, 1_000_000, 1)
    snapshot = market.machine.snapshot()
    offset = 0
    for record in decode_state(snapshot):
        if isinstance(record, StateBalance) and record.held:
            break
        offset += len(record.pack())
    for field_offset in (16, 24):
        spoiled = bytearray(snapshot)
        spoiled[offset + field_offset] ^= 1
        with pytest.raises(RecordError):
            make(engine, bytes(spoiled))
    with pytest.raises(RecordError):
        make(engine, snapshot[:-64])


@both
def test_bytes_that_no_field_names_must_be_zero_in_a_snapshot(engine: str) -> None:
    snapshot = bytearray(Market(engine).machine.snapshot())
    snapshot[127] = 1
    with pytest.raises(RecordError):
        make(engine, bytes(snapshot))


def test_a_machine_that_met_a_bug_refuses_everything() -> None:
    """Only the reference lets a test reach in and break it."""
    market = Market("reference")
    machine = market.machine
    assert isinstance(machine, ReferenceMachine)
    market.buy(ALICE, 1_000_000, 1)
    for balance in machine.state.balances.values():
        balance.held = 0
    with pytest.raises(MachineStopped, match="held balance"):
        market.cancel(ALICE, 1)
    for refused in (machine.snapshot, lambda: machine.apply(1, b"")):
        with pytest.raises(MachineStopped):
            refused()
