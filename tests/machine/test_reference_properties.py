"""The reference machine under hypothesis: any sequence of sensible commands keeps every invariant.

Hypothesis shrinks what it finds to the shortest story that breaks something. Where the native core
is built it hears the same story and must tell the same.
"""

from typing import Any

from engines import HAS_NATIVE, make
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from market import BTC, BTCUSDT, FUNDS_ATOMS, LOT, TICK, USDT, definition

from flowex.engine.invariants import check
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    ClockTick,
    Command,
    Credit,
    Genesis,
    Hold,
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderPlace,
    OrderReplace,
    Release,
    SetInstrumentState,
    Settle,
    Transfer,
)
from flowex.messages.enums import InstrumentState, OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.events import BalanceChanged, Event, FundsMoved, Result, Traded, decode_events
from flowex.messages.results import ResultCode
from flowex.messages.state import StateBalance, decode_state

accounts = st.integers(2, 4)
sides = st.sampled_from(Side)
ticks = st.integers(995, 1005)
lots = st.integers(1, 6)
orders = st.integers(1, 30)
client_ids = st.sampled_from(("", "", "a", "b", "c"))
amounts = st.integers(1, FUNDS_ATOMS // 10)
placements = st.fixed_dictionaries(
    {
        "account": accounts,
        "side": sides,
        "self_trade": st.sampled_from(SelfTrade),
        "client_id": client_ids,
        "flags": st.integers(0, 1),
    }
)


class Exchange(RuleBasedStateMachine):
    """A small exchange that anything may be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = make("reference")
        self.twin = make("native") if HAS_NATIVE else None
        self.time = 1_000
        self.sources = 0
        self.told: list[Event] = []
        self.balances: dict[tuple[int, int], tuple[int, int]] = {}
        for command in self._opening():
            assert self._send(command).code == ResultCode.OK

    @rule(
        placement=placements,
        ticks=ticks,
        lots=lots,
        order_type=st.sampled_from((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER)),
        time_in_force=st.sampled_from(TimeInForce),
        seconds=st.integers(1, 5),
    )
    def place_limit(
        self,
        placement: dict[str, Any],
        ticks: int,
        lots: int,
        order_type: OrderType,
        time_in_force: TimeInForce,
        seconds: int,
    ) -> None:
        expires = time_in_force == TimeInForce.GTD
        self._send(
            OrderPlace(
                instrument=BTCUSDT,
                order_type=order_type,
                time_in_force=time_in_force,
                price=ticks * TICK,
                quantity=lots * LOT,
                expire_time=self.time + seconds if expires else 0,
                **placement,
            )
        )

    @rule(placement=placements, lots=lots)
    def place_market(self, placement: dict[str, Any], lots: int) -> None:
        self._market(placement, quantity=lots * LOT)

    @rule(placement=placements, quote=st.integers(1, 6_000 * TICK * LOT))
    def place_market_by_quote(self, placement: dict[str, Any], quote: int) -> None:
        self._market(placement, quote_amount=quote)

    @rule(account=accounts, order=orders)
    def cancel(self, account: int, order: int) -> None:
        self._send(OrderCancel(account=account, order=order))

    @rule(account=accounts, client_id=client_ids)
    def cancel_by_client_id(self, account: int, client_id: str) -> None:
        self._send(OrderCancel(account=account, original_client_id=client_id))

    @rule(account=accounts, sides=st.integers(1, 3))
    def cancel_all(self, account: int, sides: int) -> None:
        self._send(OrderCancelAll(account=account, sides=sides))

    @rule(account=accounts, order=orders, lots=lots, flags=st.integers(0, 1))
    def amend(self, account: int, order: int, lots: int, flags: int) -> None:
        self._send(OrderAmend(account=account, order=order, quantity=lots * LOT, flags=flags))

    @rule(account=accounts, order=orders, ticks=ticks, lots=st.integers(0, 6))
    def replace(self, account: int, order: int, ticks: int, lots: int) -> None:
        self._send(
            OrderReplace(account=account, order=order, price=ticks * TICK, quantity=lots * LOT)
        )

    @rule(placement=placements, order=orders, ticks=ticks, lots=lots, mode=st.integers(0, 1))
    def cancel_replace(
        self, placement: dict[str, Any], order: int, ticks: int, lots: int, mode: int
    ) -> None:
        self._send(
            OrderCancelReplace(
                instrument=BTCUSDT,
                cancel_order=order,
                price=ticks * TICK,
                quantity=lots * LOT,
                mode=mode,
                **placement,
            )
        )

    @rule(account=accounts, asset=st.sampled_from((BTC, USDT)), amount=amounts)
    def reserve(self, account: int, asset: int, amount: int) -> None:
        self._send(Hold(account=account, asset=asset, amount=amount, **self._source()))

    @rule(kind=st.sampled_from((Settle, Release)), account=accounts, hold=orders, amount=amounts)
    def end_hold(self, kind: type[Settle], account: int, hold: int, amount: int) -> None:
        self._send(kind(account=account, hold=hold, amount=amount, **self._source()))

    @rule(giver=accounts, taker=accounts, asset=st.sampled_from((BTC, USDT)), amount=amounts)
    def transfer(self, giver: int, taker: int, asset: int, amount: int) -> None:
        self._send(
            Transfer(account=giver, to_account=taker, asset=asset, amount=amount, **self._source())
        )

    @rule(seconds=st.integers(1, 5))
    def let_time_pass(self, seconds: int) -> None:
        self.time += seconds
        self._send(ClockTick())
        assert self.machine.next_timer is None or self.machine.next_timer > self.time

    @rule()
    def go_on_from_a_snapshot(self) -> None:
        snapshot = self.machine.snapshot()
        self.machine = make("reference", snapshot)
        if self.twin is not None:
            assert self.twin.snapshot() == snapshot
            self.twin = make("native", snapshot)

    @invariant()
    def the_state_is_sound(self) -> None:
        state = decode_state(self.machine.snapshot())
        check(state)
        told = {key: value for key, value in self.balances.items() if value != (0, 0)}
        kept = {
            (record.account, record.id): (record.free, record.held)
            for record in state
            if isinstance(record, StateBalance) and (record.free or record.held)
        }
        assert told == kept, "what the events told is not what the machine knows"

    def _market(self, placement: dict[str, Any], **size: int) -> None:
        self._send(
            OrderPlace(
                instrument=BTCUSDT,
                order_type=OrderType.MARKET,
                time_in_force=TimeInForce.IOC,
                **size,
                **placement,
            )
        )

    def _send(self, command: Command) -> Result:
        """Apply a command; follow the balances its events tell of; return its result."""
        events = self.machine.apply(self.time, command.pack())
        if self.twin is not None:
            assert self.twin.apply(self.time, command.pack()) == events
        decoded = self.told = decode_events(events)
        for event in decoded:
            if isinstance(event, BalanceChanged):
                self._follow(event)
            elif isinstance(event, Traded):
                _check_trade(event)
        _check_conserved(decoded)
        result = decoded[-1]
        assert isinstance(result, Result)
        return result

    def _follow(self, event: BalanceChanged) -> None:
        key = (event.account, event.asset)
        free, held = self.balances.get(key, (0, 0))
        assert (event.free, event.held) == (free + event.free_delta, held + event.held_delta)
        self.balances[key] = (event.free, event.held)

    def _source(self) -> dict[str, int]:
        """Name the first number of a new source, because a refused command uses none."""
        self.sources += 1
        return {"source": self.sources, "source_sequence": 1}

    def _opening(self) -> list[Command]:
        commands: list[Command] = [
            Genesis(exchange="properties", account_open_orders=6, fills_per_command=4, timers=3),
            AssetDefine(code="BTC"),
            AssetDefine(code="USDT"),
            definition(notional_min=0),
            SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.TRADING),
        ]
        number = 0
        for account in range(2, 5):
            commands.append(AccountOpen(trade_group=5 if account > 2 else 0))
            for asset in (BTC, USDT):
                number += 1
                commands.append(
                    Credit(account=account, asset=asset, amount=FUNDS_ATOMS, source_sequence=number)
                )
        return commands


def _check_trade(trade: Traded) -> None:
    """Price times quantity is the quote amount; a fee never exceeds what it is taken from."""
    assert trade.quote_amount == trade.price * trade.quantity
    base_atoms = trade.quantity * 1_000
    buyer_fee, seller_fee = trade.taker_fee, trade.maker_fee
    if trade.taker_side == Side.SELL:
        buyer_fee, seller_fee = seller_fee, buyer_fee
    assert 0 <= buyer_fee < base_atoms
    assert 0 <= seller_fee < trade.quote_amount


def _check_conserved(events: list[Event]) -> None:
    """Balances change by what came in or went out, and by nothing else."""
    change = {BTC: 0, USDT: 0}
    for event in events:
        if isinstance(event, BalanceChanged):
            change[event.asset] += event.free_delta + event.held_delta
        elif isinstance(event, FundsMoved):
            change[event.asset] -= event.amount if event.account == 0 else 0
            change[event.asset] += event.amount if event.to_account == 0 else 0
    assert not any(change.values()), change


Exchange.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestAnyStory = Exchange.TestCase
