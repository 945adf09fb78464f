"""Order lists through the port, and when their legs begin to work."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from feeds import ACCOUNTS, BTCUSDT, place
from rooms import TradingRoom, trading_room

from flowex.messages.commands import (
    Leg,
    OrderCancel,
    OrderListCancel,
    OrderListPlace,
)
from flowex.messages.enums import (
    ListShape,
    OrderType,
    Side,
    TimeInForce,
    Wallet,
)
from flowex.messages.events import OrderListChanged, OrderTriggered
from flowex.messages.results import ResultCode
from flowex.ports.trading import AccountEvent, OrderStatus

ALICE, BOB, CAROL, DAVE = ACCOUNTS
MIDDLE = 60_000_000
SPOT, FUNDING = Wallet.SPOT, Wallet.FUNDING


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[TradingRoom]:
    async with trading_room(tmp_path) as opened_room:
        yield opened_room


def oto(client_id: str = "", **pending: int) -> OrderListPlace:
    """Return a list: buy at the middle, and when that is filled sell."""
    fields = {"order_type": OrderType.LIMIT, "price": MIDDLE + 1_000} | pending
    return OrderListPlace(
        account=ALICE,
        instrument=BTCUSDT,
        shape=ListShape.OTO,
        first=Leg(side=Side.BUY, price=MIDDLE, quantity=20),
        second=Leg(side=Side.SELL, quantity=20, **fields),
        first_client_id="in",
        second_client_id="out",
        client_id=client_id,
    )


async def test_a_pending_leg_waits_and_then_works(room: TradingRoom) -> None:
    service = room.service
    heard: list[AccountEvent] = []
    service.follow(ALICE, heard.append)
    outcome = await service.place_list(oto("mine"))
    assert outcome.code is ResultCode.OK
    (known,) = service.open_order_lists(ALICE)
    assert (known.order_list, known.orders, known.client_id) == (1, (1, 2), "mine")
    working, pending = service.order(ALICE, BTCUSDT, 1), service.order(ALICE, BTCUSDT, 2)
    assert working is not None
    assert pending is not None
    assert (working.status, working.order_list) == (OrderStatus.NEW, 1)
    assert working.working_time == working.time
    assert (pending.status, pending.order_list) == (OrderStatus.PENDING_NEW, 1)
    assert pending.working_time == 0
    await service.place(place(CAROL, Side.SELL, 0, 2))
    assert (working.status, pending.status) == (OrderStatus.FILLED, OrderStatus.NEW)
    assert pending.working_time == working.update_time > pending.time
    listed = [one for one in heard if isinstance(one.event, OrderListChanged)]
    assert [one.order_list for one in listed] == [known]
    assert any(isinstance(one.event, OrderTriggered) and one.order is pending for one in heard)
    assert known.is_open
    await service.cancel(OrderCancel(account=ALICE, order=2))
    assert not known.is_open
    assert service.open_order_lists(ALICE) == []
    assert await service.find_order_list(ALICE, client_id="mine") is known


async def test_a_pending_stop_works_when_its_price_has_come(room: TradingRoom) -> None:
    service = room.service
    stop = {"order_type": OrderType.STOP_LOSS, "time_in_force": TimeInForce.IOC, "price": 0}
    await service.place_list(oto(**stop, stop_price=MIDDLE - 100))
    leg = service.order(ALICE, BTCUSDT, 2)
    assert leg is not None
    await service.place(place(CAROL, Side.SELL, 0, 2))
    assert (leg.status, leg.working_time, leg.trailing_time) == (OrderStatus.NEW, 0, 0)
    await service.place(place(CAROL, Side.BUY, -20, 5))
    await service.place(place(DAVE, Side.SELL, -20, 1))
    assert leg.status is OrderStatus.FILLED
    assert leg.working_time == leg.update_time


async def test_lists_end_with_their_orders_and_stay_in_history(room: TradingRoom) -> None:
    service = room.service
    for number in range(1, 6):
        await service.place_list(oto(f"list{number % 2}"))
        outcome = await service.cancel_list(OrderListCancel(account=ALICE, order_list=number))
        assert outcome.code is ResultCode.OK
    first = await service.find_order_list(ALICE, 1)
    assert first is not None
    assert await service.find_order_list(BOB, 1) is None
    await service.projector.drain()
    service._model.lists.views.clear()
    service._model.accounts[ALICE].lists_by_client_id.clear()
    assert await service.find_order_list(ALICE, 1) == first
    latest = await service.find_order_list(ALICE, client_id="list1")
    assert latest is not None
    assert latest.order_list == 5
    assert await service.find_order_list(ALICE, client_id="nobody") is None
    assert await service.find_order_list(ALICE) is None
    assert await service.find_order_list(BOB, 1) is None
    lists = await service.all_order_lists(ALICE, from_list=2, limit=3)
    assert [one.order_list for one in lists] == [2, 3, 4]
    legs = await service.orders_of_lists(lists)
    service._model.orders.views.clear()
    assert await service.orders_of_lists(lists) == legs
    assert sorted(legs) == [order for one in lists for order in one.orders]
    since = await service.all_order_lists(ALICE, start_time=lists[1].time, limit=9)
    assert [one.order_list for one in since] == [3, 4, 5]
    assert [one.order_list for one in await service.all_order_lists(ALICE, limit=2)] == [4, 5]
    view = await service.find_order(ALICE, BTCUSDT, 1)
    assert view is not None
    assert view.order_list == 1


async def test_a_list_that_cannot_be_reaches_no_machine(room: TradingRoom) -> None:
    outcome = await room.service.place_list(oto(price=MIDDLE + 1))
    assert (outcome.code, outcome.sequence) == (ResultCode.PRICE_OFF_TICK, 0)
    assert room.service.check(oto()) is ResultCode.OK
