"""Transfers between wallets are numbered by the room."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from databases import opened
from feeds import ACCOUNTS, USDT, DirectSequencer, Exchange
from rooms import TradingRoom, trading_room

from flowex.messages.commands import (
    Command,
    Transfer,
)
from flowex.messages.enums import (
    Wallet,
)
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome, Priority
from flowex.services.trading import transfers
from flowex.services.trading.service import TradingService

ALICE, BOB, *_ = ACCOUNTS
SPOT, FUNDING = Wallet.SPOT, Wallet.FUNDING
DEADLINE = 1 << 60


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[TradingRoom]:
    async with trading_room(tmp_path) as opened_room:
        yield opened_room


def transfer(amount: int, wallet: int = SPOT, to_wallet: int = FUNDING) -> Transfer:
    return Transfer(
        account=ALICE,
        to_account=ALICE,
        asset=USDT,
        amount=amount,
        wallet=wallet,
        to_wallet=to_wallet,
    )


async def test_transfers_are_numbered_by_the_room(room: TradingRoom) -> None:
    service = room.service
    before = {one.asset.id: one.free for one in service.balances(ALICE)}
    done = await asyncio.gather(*(service.transfer(transfer(amount)) for amount in (5, 10**18, 7)))
    assert [one.code for one in done] == [
        ResultCode.OK,
        ResultCode.INSUFFICIENT_FUNDS,
        ResultCode.OK,
    ]
    assert (await service.transfer(transfer(2, FUNDING, SPOT))).code is ResultCode.OK
    assert {one.asset.id: one.free for one in service.balances(ALICE)}[USDT] == before[USDT] - 10
    assert [(one.asset.id, one.free) for one in service.balances(ALICE, FUNDING)] == [(USDT, 10)]
    assert service.balances(ALICE, Wallet.FUTURES) == []
    assert service.balances(BOB, FUNDING) == []
    for _ in range(2):
        count, found = await service.transfers(ALICE, SPOT, FUNDING, limit=9)
        assert count == 2
        assert [(one.transfer, one.amount) for one in found] == [
            (done[2].sequence, 7),
            (done[0].sequence, 5),
        ]
        assert await service.transfers(ALICE, SPOT, FUNDING, skip=1, limit=1) == (2, found[1:])
        late = await service.transfers(ALICE, SPOT, FUNDING, start_time=found[0].time, limit=9)
        assert late == (1, found[:1])
        early = await service.transfers(ALICE, SPOT, FUNDING, end_time=found[1].time, limit=9)
        assert early == (1, found[1:])
        assert (await service.transfers(ALICE, FUNDING, SPOT, limit=9))[0] == 1
        assert await service.transfers(BOB, SPOT, FUNDING, limit=9) == (0, [])
        await service.projector.drain()
    assert (await service.transfer(transfer(3))).code is ResultCode.OK
    count, found = await service.transfers(ALICE, SPOT, FUNDING, skip=1, limit=1)
    assert (count, [one.amount for one in found]) == (3, [7])


async def test_a_seeded_room_goes_on_with_the_numbers(room: TradingRoom, tmp_path: Path) -> None:
    await room.service.transfer(transfer(5))
    (tmp_path / "other").mkdir()
    async with opened(tmp_path / "other") as database:
        sequencer = DirectSequencer(room.exchange)
        seeded = TradingService(sequencer, database)
        sequencer.consumers.append(seeded)
        seeded.seed(room.exchange.state())
        assert (await seeded.transfer(transfer(6))).code is ResultCode.OK
        assert seeded.balances(ALICE, FUNDING)[0].free == 11


class Deaf(DirectSequencer):
    """Answers the first command twice: somebody had not waited for the first time."""

    async def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Outcome:
        """Let somebody else's transfer pass before the first."""
        assert deadline == DEADLINE
        if not self.priorities:
            await super().submit(command)
        return await super().submit(command, priority=priority, deadline=deadline)


async def test_a_number_that_was_taken_meanwhile_is_not_used_again(tmp_path: Path) -> None:
    exchange = Exchange()
    sequencer = Deaf(exchange)
    async with opened(tmp_path) as database:
        service = TradingService(sequencer, database)
        sequencer.consumers.append(service)
        service.seed(exchange.state())
        assert (await service.transfer(transfer(5), DEADLINE)).code is ResultCode.OK
        assert [one.free for one in service.balances(ALICE, FUNDING)] == [10]
        assert len(sequencer.priorities) == 3


async def test_too_many_transfers_at_once_are_refused(
    room: TradingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "WAITING_MAX", 2)
    done = await asyncio.gather(*(room.service.transfer(transfer(1)) for _ in range(5)))
    assert [one.code for one in done] == [ResultCode.OK] * 2 + [ResultCode.BUSY] * 3
    assert (await room.service.transfer(transfer(1))).code is ResultCode.OK
