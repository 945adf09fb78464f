"""When an order begins to trail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from feeds import ACCOUNTS, place
from rooms import TradingRoom, trading_room

from flowex.messages.commands import (
    Conditions,
)
from flowex.messages.enums import (
    OrderType,
    Side,
    TimeInForce,
    Wallet,
)
from flowex.messages.results import ResultCode

ALICE, BOB, CAROL, *_ = ACCOUNTS
MIDDLE = 60_000_000
SPOT, FUNDING = Wallet.SPOT, Wallet.FUNDING


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[TradingRoom]:
    async with trading_room(tmp_path) as opened_room:
        yield opened_room


async def test_an_order_that_trails_tells_since_when(room: TradingRoom) -> None:
    service = room.service
    room.do(place(ALICE, Side.BUY, 0, 1), place(CAROL, Side.SELL, 0, 1))
    for stop_price in (0, MIDDLE + 1_000):
        conditions = Conditions(stop_price=stop_price, trailing_delta=100)
        order = place(
            ALICE,
            Side.SELL,
            0,
            1,
            order_type=OrderType.STOP_LOSS if not stop_price else OrderType.TAKE_PROFIT,
            time_in_force=TimeInForce.IOC,
            price=0,
        )
        command = type(order)(
            **{name: getattr(order, name) for name in order.__struct_fields__}
            | {"conditions": conditions}
        )
        assert (await service.place(command)).code is ResultCode.OK
    trails, waits = service.open_orders(ALICE)
    assert (trails.trailing_time, trails.working_time) == (trails.time, 0)
    assert (waits.trailing_time, waits.working_time) == (0, 0)
    room.do(place(BOB, Side.SELL, 100, 1), place(CAROL, Side.BUY, 100, 1))
    assert waits.trailing_time == room.exchange.time
