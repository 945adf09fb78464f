from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from databases import opened
from feeds import ACCOUNTS, BTC, BTCUSDT, ETHBTC, USDT, DirectSequencer, Exchange, place

from flowex.messages.commands import OrderAmend, OrderCancel, OrderCancelAll, OrderCancelReplace
from flowex.messages.enums import AmendFlag, Side
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Priority
from flowex.ports.trading import OrderStatus
from flowex.services.trading.service import TradingService

ALICE, BOB, CAROL, DAVE = ACCOUNTS
MIDDLE = 60_000_000


class Room:
    """A trading room on a running exchange."""

    def __init__(self, sequencer: DirectSequencer, service: TradingService) -> None:
        self.sequencer = sequencer
        self.service = service


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    exchange = Exchange()
    sequencer = DirectSequencer(exchange)
    async with opened(tmp_path) as database:
        service = TradingService(sequencer, database)
        sequencer.consumers.append(service)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        await service.start()
        yield Room(sequencer, service)
        await service.stop()


async def test_an_answer_is_readable_at_once(room: Room) -> None:
    outcome = await room.service.place(place(ALICE, Side.BUY, 0, 5, client_id="mine"))
    assert outcome.code is ResultCode.OK
    assert outcome.result is not None
    known = room.service.order(ALICE, BTCUSDT, outcome.result.id)
    assert known is not None
    assert known is room.service.order_by_client_id(ALICE, BTCUSDT, "mine")
    assert room.service.open_orders(ALICE) == [known]
    held = {one.asset.code: one.held for one in room.service.balances(ALICE)}
    assert held == {"BTC": 0, "USDT": known.price * known.quantity, "ETH": 0}


async def test_nobody_sees_the_orders_of_others(room: Room) -> None:
    await room.service.place(place(ALICE, Side.BUY, 0, 5, client_id="mine"))
    assert room.service.order(BOB, BTCUSDT, 1) is None
    assert room.service.order(ALICE, ETHBTC, 1) is None
    assert room.service.order_by_client_id(BOB, BTCUSDT, "mine") is None
    assert room.service.open_orders(BOB) == []
    assert await room.service.find_order(BOB, BTCUSDT, 1) is None
    assert await room.service.all_orders(BOB, BTCUSDT, limit=10) == []


async def test_a_cheap_refusal_reaches_no_machine(room: Room) -> None:
    outcome = await room.service.place(place(ALICE, Side.BUY, 0, 5, price=MIDDLE + 1))
    assert outcome.code is ResultCode.PRICE_OFF_TICK
    assert (outcome.sequence, outcome.events, outcome.result) == (0, (), None)
    assert room.sequencer.priorities == []


async def test_a_replacement_that_cannot_be_cancels_nothing(room: Room) -> None:
    await room.service.place(place(ALICE, Side.BUY, 0, 5))
    outcome = await room.service.cancel_replace(
        OrderCancelReplace(account=ALICE, instrument=BTCUSDT, cancel_order=1, price=3, quantity=10)
    )
    assert outcome.code is ResultCode.PRICE_OUT_OF_RANGE
    assert len(room.service.open_orders(ALICE)) == 1


async def test_cancels_use_the_reserve(room: Room) -> None:
    await room.service.place(place(ALICE, Side.BUY, 0, 5))
    amend = OrderAmend(account=ALICE, order=1, quantity=10, flags=AmendFlag.REDUCE_BY)
    await room.service.amend(amend)
    await room.service.cancel(OrderCancel(account=ALICE, order=1))
    assert room.sequencer.priorities == [Priority.ORDER, Priority.CANCEL, Priority.CANCEL]


async def test_cancel_all_goes_on_until_nothing_is_left(room: Room) -> None:
    for number in range(13):
        await room.service.place(place(ALICE, Side.BUY, -number, 5))
    outcome = await room.service.cancel_all(OrderCancelAll(account=ALICE))
    assert outcome.code is ResultCode.OK
    cancelled = [event.order for event in outcome.events if isinstance(event, OrderCanceled)]
    assert cancelled == list(range(1, 14))
    assert room.service.open_orders(ALICE) == []
    again = await room.service.cancel_all(OrderCancelAll(account=ALICE))
    assert again.code is ResultCode.NOTHING_TO_CANCEL


async def test_history_outlives_memory(room: Room) -> None:
    for number in range(1, 8):
        await room.service.place(place(ALICE, Side.BUY, 0, 5, client_id=f"id{number % 3}"))
        await room.service.cancel(OrderCancel(account=ALICE, order=number))
    await room.service.projector.drain()
    room.service._model.orders.views.clear()
    room.service._model.accounts[ALICE].by_client_id.clear()
    latest = await room.service.find_order(ALICE, BTCUSDT, client_id="id1")
    assert latest is not None
    assert (latest.order, latest.status) == (7, OrderStatus.CANCELED)
    everything = await room.service.all_orders(ALICE, BTCUSDT, limit=100)
    assert [one.order for one in everything] == list(range(1, 8))
    times = [one.time for one in everything]
    after = await room.service.all_orders(ALICE, BTCUSDT, start_time=times[2], limit=2)
    assert [one.order for one in after] == [3, 4]
    between = await room.service.all_orders(
        ALICE, BTCUSDT, start_time=times[1] + 1, end_time=times[4], limit=100
    )
    assert [one.order for one in between] == [3, 4, 5]
    until = await room.service.all_orders(ALICE, BTCUSDT, end_time=times[3], limit=2)
    assert [one.order for one in until] == [3, 4]
    assert await room.service.all_orders(ALICE, BTCUSDT, start_time=times[-1] + 1, limit=9) == []


async def test_fills_tell_fees_and_sides(room: Room) -> None:
    await room.service.place(place(ALICE, Side.BUY, 0, 5))
    await room.service.place(place(CAROL, Side.SELL, 0, 2))
    (made,) = await room.service.fills(ALICE, BTCUSDT, limit=10)
    (taken,) = await room.service.fills(CAROL, BTCUSDT, limit=10)
    await room.service.projector.drain()
    assert await room.service.fills(ALICE, BTCUSDT, limit=10) == [made]
    assert (made.is_maker, made.fee_asset, made.order) == (True, BTC, 1)
    assert (taken.is_maker, taken.fee_asset, taken.order) == (False, USDT, 2)
    assert made.quote_amount == taken.quote_amount == MIDDLE * 20
    assert await room.service.fills(ALICE, ETHBTC, limit=10) == []


async def test_closed_orders_leave_memory_only_when_the_history_has_them(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = room.service._model.orders
    monkeypatch.setattr(orders.closed, "most", 3)
    for number in range(1, 9):
        await room.service.place(place(ALICE, Side.BUY, 0, 5))
        await room.service.cancel(OrderCancel(account=ALICE, order=number))
    assert len(orders.views) == 8
    await room.service.projector.drain()
    await room.service.place(place(ALICE, Side.BUY, 0, 5))
    await room.service.cancel(OrderCancel(account=ALICE, order=9))
    assert sorted(orders.views) == [7, 8, 9]
    assert await room.service.find_order(ALICE, BTCUSDT, 2) is not None


async def test_accounts_and_instruments_are_told(room: Room) -> None:
    account = room.service.account(ALICE)
    assert account is not None
    assert (account.state, account.maker_rate) == (0, -1)
    assert room.service.account(99) is None
    assert room.service.balances(99) == []
    assert [one.symbol for one in room.service.instruments()] == ["BTCUSDT", "ETHBTC"]
    assert [one.code for one in room.service.assets()] == ["BTC", "USDT", "ETH"]
    assert room.service.instrument("ETHBTC") is room.service.instruments()[1]
    assert room.service.instrument("NONE") is None
