"""Any story with triggers, icebergs and lists keeps every promise that was made about them."""

from collections import defaultdict
from typing import Any

import pytest
from engines import both, make
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from market import BTCUSDT, LOT, TICK
from random_commands import World
from test_reference_properties import (
    Exchange,
    accounts,
    client_ids,
    lots,
    orders,
    placements,
    ticks,
)

from flowex.messages.commands import (
    Command,
    Conditions,
    Leg,
    OrderAmend,
    OrderListCancel,
    OrderListPlace,
    OrderPlace,
)
from flowex.messages.enums import AmendFlag, ListShape, ListStatus, OrderType, Side, TimeInForce
from flowex.messages.events import (
    OrderAccepted,
    OrderListChanged,
    OrderTriggered,
    Result,
    Traded,
)
from flowex.messages.layout import spans
from flowex.messages.state import StateOrder, decode_state

STOPS = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
PROFITS = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
shown = st.integers(1, 3)
deltas = st.sampled_from((0, 0, 5, 20, 60))
legs = st.fixed_dictionaries({"ticks": ticks, "stop": ticks, "delta": deltas})


def waiting_leg(side: Side, kind: OrderType, lots: int, drawn: dict[str, int]) -> Leg:
    """Return a leg that waits for a price, with or without a price of its own."""
    priced = kind in (OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
    return Leg(
        side=side,
        order_type=kind,
        quantity=lots * LOT,
        price=drawn["ticks"] * TICK if priced else 0,
        stop_price=drawn["stop"] * TICK,
        trailing_delta=drawn["delta"],
        time_in_force=TimeInForce.GTC if priced else TimeInForce.IOC,
    )


class ConditionalExchange(Exchange):
    """The small exchange, asked for everything that waits, hides or depends."""

    def __init__(self) -> None:
        self.lists: dict[int, OrderListChanged] = {}
        self.filled: dict[int, int] = defaultdict(int)
        self.called: set[int] = set()
        super().__init__()

    @rule(placement=placements, kind=st.sampled_from(STOPS + PROFITS), lots=lots, drawn=legs)
    def wait(
        self, placement: dict[str, Any], kind: OrderType, lots: int, drawn: dict[str, int]
    ) -> None:
        leg = waiting_leg(placement["side"], kind, lots, drawn)
        self._send(
            OrderPlace(
                instrument=BTCUSDT,
                order_type=kind,
                time_in_force=leg.time_in_force,
                price=leg.price,
                quantity=leg.quantity,
                conditions=Conditions(stop_price=leg.stop_price, trailing_delta=leg.trailing_delta),
                **placement,
            )
        )

    @rule(placement=placements, ticks=ticks, lots=lots, shown=shown)
    def hide(self, placement: dict[str, Any], ticks: int, lots: int, shown: int) -> None:
        self._send(
            OrderPlace(
                instrument=BTCUSDT,
                price=ticks * TICK,
                quantity=lots * LOT,
                conditions=Conditions(display_quantity=shown * LOT),
                **placement,
            )
        )

    @rule(
        account=accounts,
        side=st.sampled_from(Side),
        shape=st.sampled_from(ListShape),
        profit=st.sampled_from((OrderType.LIMIT_MAKER, *PROFITS)),
        stop=st.sampled_from(STOPS),
        lots=lots,
        taken=legs,
        stopped=legs,
        working=ticks,
    )
    def depend(
        self,
        account: int,
        side: Side,
        shape: ListShape,
        profit: OrderType,
        stop: OrderType,
        lots: int,
        taken: dict[str, int],
        stopped: dict[str, int],
        working: int,
    ) -> None:
        if profit == OrderType.LIMIT_MAKER:
            price = taken["ticks"] * TICK
            winner = Leg(side=side, order_type=profit, quantity=lots * LOT, price=price)
        else:
            winner = waiting_leg(side, profit, lots, taken)
        loser = waiting_leg(side, stop, lots, stopped)
        pair = [winner, loser] if side == Side.SELL else [loser, winner]
        first = Leg(side=1 - side, quantity=lots * LOT, price=working * TICK)
        given = {
            ListShape.OCO: pair,
            ListShape.OTO: [first, winner],
            ListShape.OTOCO: [first, *pair],
        }[shape]
        self._send(
            OrderListPlace(
                account=account,
                instrument=BTCUSDT,
                shape=shape,
                self_trade=1,
                **dict(zip(("first", "second", "third"), given, strict=False)),
            )
        )

    @rule(account=accounts, order_list=st.integers(1, 8))
    def cancel_list(self, account: int, order_list: int) -> None:
        self._send(OrderListCancel(account=account, order_list=order_list))

    @rule(account=accounts, order=orders, lots=lots, client_id=client_ids)
    def amend_and_rename(self, account: int, order: int, lots: int, client_id: str) -> None:
        before = self._queue(order)
        amend = OrderAmend(
            account=account,
            order=order,
            quantity=lots * LOT,
            flags=AmendFlag.RENAME,
            client_id=client_id,
        )
        self._send(amend)
        assert self._queue(order) == before, "an amend keeps its place"

    def _queue(self, order: int) -> list[int]:
        """Return the orders of the order's level, in their turn."""
        found = [r for r in decode_state(self.machine.snapshot()) if isinstance(r, StateOrder)]
        mine = next((r for r in found if r.id == order), None)
        if mine is None:
            return []
        return [r.id for r in found if (r.side, r.price) == (mine.side, mine.price)]

    def _send(self, command: Command) -> Result:
        result = super()._send(command)
        for event in self.told:
            if isinstance(event, OrderListChanged):
                self.lists[event.order_list] = event
            elif isinstance(event, Traded):
                self.filled[event.taker_order] += event.quantity
                self.filled[event.maker_order] += event.quantity
            elif isinstance(event, OrderTriggered):
                self.called.add(event.order)
            elif isinstance(event, OrderAccepted):
                assert event.order not in self.filled
        for known in self.lists.values():
            pair = (known.first, known.second)
            if known.shape == ListShape.OTOCO:
                pair = (known.second, known.third)
            if known.shape != ListShape.OTO:
                assert not all(self.filled[leg] for leg in pair), "both legs of an OCO filled"
            else:
                assert not self.filled[known.second] or known.second in self.called
        open_lists = {n for n, e in self.lists.items() if e.status == ListStatus.EXECUTING}
        state = decode_state(self.machine.snapshot())
        assert open_lists == {
            record.order_list
            for record in state
            if isinstance(record, StateOrder) and record.order_list
        }
        return result


ConditionalExchange.TestCase.settings = settings(Exchange.TestCase.settings, max_examples=80)
TestAnyConditionalStory = ConditionalExchange.TestCase


@both
@pytest.mark.parametrize("seed", range(6))
def test_cascades_are_the_same_however_commands_are_batched(engine: str, seed: int) -> None:
    """One buffer of many commands, or one command a call, with restores between."""
    world = World(seed, limits_are_tiny=seed % 3 == 2)
    whole, single = make(engine), make(engine)
    opening = world.opening()
    events = whole.apply(world.time, opening)
    assert single.apply(world.time, opening) == events
    world.learn(events)
    for _ in range(40):
        time, commands = world.batch(32)
        events = whole.apply(time, commands)
        pieces = [single.apply(time, commands[offset:end]) for _, offset, end in spans(commands)]
        assert b"".join(pieces) == events
        world.learn(events)
        single = make(engine, single.snapshot())
    assert single.snapshot() == whole.snapshot()
