"""Rates, limits and filters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from feeds import ACCOUNTS, BTCUSDT
from rooms import TradingRoom, trading_room

from flowex.messages.commands import (
    FeeSet,
    FeeTierSet,
    FiltersSet,
    LimitSet,
)
from flowex.messages.enums import (
    Limit,
    Wallet,
)

ALICE, *_ = ACCOUNTS
SPOT, FUNDING = Wallet.SPOT, Wallet.FUNDING


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[TradingRoom]:
    async with trading_room(tmp_path) as opened_room:
        yield opened_room


async def test_rates_are_the_accounts_or_its_tiers_or_the_instruments(room: TradingRoom) -> None:
    service, instrument = room.service, room.service.instruments()[0]
    assert service.rates(ALICE, instrument) == (50_000, 100_000)
    assert service.rates(99, instrument) == (50_000, 100_000)
    room.do(
        FeeTierSet(tier=3, maker_rate=7, taker_rate=8),
        FeeSet(account=ALICE, maker_rate=-1, taker_rate=-1, tier=3),
    )
    view = service.account(ALICE)
    assert view is not None
    assert view.tier == 3
    assert service.rates(ALICE, instrument) == (7, 8)
    room.do(FeeSet(account=ALICE, maker_rate=1, taker_rate=2, tier=3))
    assert service.rates(ALICE, instrument) == (1, 2)


async def test_limits_and_filters_follow_the_feed(room: TradingRoom) -> None:
    service = room.service
    assert service.limit(Limit.ACCOUNT_ALGO_ORDERS) == 1_000
    room.do(
        LimitSet(limit=Limit.ACCOUNT_ALGO_ORDERS, value=5),
        FiltersSet(instrument=BTCUSDT, orders_max=9, bid_up=20_000),
    )
    assert service.limit(Limit.ACCOUNT_ALGO_ORDERS) == 5
    instrument = service.instrument("BTCUSDT")
    assert instrument is not None
    assert instrument is service.instruments()[0]
    assert (instrument.further.orders_max, instrument.further.bid_up) == (9, 20_000)
