"""What history and memory tell together."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from feeds import ACCOUNTS, BTCUSDT, place
from rooms import TradingRoom, trading_room

from flowex.messages.commands import (
    OrderAmend,
    OrderCancel,
)
from flowex.messages.enums import (
    AmendFlag,
    SelfTrade,
    Side,
    Wallet,
)
from flowex.messages.results import ResultCode
from flowex.ports.trading import OrderStatus

ALICE, BOB, CAROL, *_ = ACCOUNTS
SPOT, FUNDING = Wallet.SPOT, Wallet.FUNDING


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[TradingRoom]:
    async with trading_room(tmp_path) as opened_room:
        yield opened_room


async def test_a_renamed_order_is_found_by_its_new_name_alone(room: TradingRoom) -> None:
    service = room.service
    await service.place(place(ALICE, Side.BUY, 0, 5, client_id="old"))
    await service.cancel(OrderCancel(account=ALICE, order=1))
    await service.place(place(ALICE, Side.BUY, 0, 5, client_id="old"))
    await service.projector.drain()
    amend = OrderAmend(account=ALICE, order=2, quantity=20, client_id="new", flags=AmendFlag.RENAME)
    assert (await service.amend(amend)).code is ResultCode.OK
    await service.amend(OrderAmend(account=ALICE, order=2, quantity=10, client_id="other"))
    for _ in range(2):
        renamed = await service.find_order(ALICE, BTCUSDT, client_id="new")
        assert renamed is not None
        assert (renamed.order, renamed.quantity) == (2, 10)
        before = await service.find_order(ALICE, BTCUSDT, client_id="old")
        assert before is not None
        assert before.order == 1
        amended = await service.amendments(ALICE, BTCUSDT, 2, limit=9)
        assert [(one.client_id_before, one.client_id) for one in amended] == [
            ("old", "new"),
            ("new", "new"),
        ]
        assert [(one.quantity_before, one.quantity) for one in amended] == [(50, 20), (20, 10)]
        first, second = (one.execution for one in amended)
        later = await service.amendments(ALICE, BTCUSDT, 2, from_execution=second, limit=9)
        assert [one.execution for one in later] == [second]
        assert await service.amendments(ALICE, BTCUSDT, 2, limit=1) == amended[1:]
        assert await service.amendments(BOB, BTCUSDT, 2, limit=9) == []
        assert first < second
        await service.projector.drain()


async def test_a_prevented_match_is_both_owners(room: TradingRoom) -> None:
    service = room.service
    for _ in range(2):
        await service.place(place(BOB, Side.BUY, 0, 5))
        await service.place(place(ALICE, Side.SELL, 0, 2, self_trade=SelfTrade.EXPIRE_TAKER))
    for _ in range(2):
        mine = await service.prevented_matches(ALICE, BTCUSDT, limit=9)
        assert mine == await service.prevented_matches(BOB, BTCUSDT, limit=9)
        assert await service.prevented_matches(CAROL, BTCUSDT, limit=9) == []
        assert [(one.match, one.taker_order, one.maker_order) for one in mine] == [
            (1, 2, 1),
            (2, 4, 1),
        ]
        by_order = await service.prevented_matches(BOB, BTCUSDT, order=4, limit=9)
        assert by_order == mine[1:]
        assert await service.prevented_matches(BOB, BTCUSDT, match=1, limit=9) == mine[:1]
        assert await service.prevented_matches(BOB, BTCUSDT, from_match=2, limit=9) == mine[1:]
        await service.projector.drain()
    taker, maker = service.order(ALICE, BTCUSDT, 4), service.order(BOB, BTCUSDT, 1)
    assert taker is not None
    assert maker is not None
    assert (taker.prevented_match, taker.status) == (2, OrderStatus.EXPIRED_IN_MATCH)
    assert maker.prevented_match == 0
    assert maker.client_id == ""
    assert await service.find_order(BOB, BTCUSDT) is None
