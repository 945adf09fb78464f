"""Random stories with all the machine knows: triggers, icebergs, lists, amends, tiers, wallets.

What the room knows in memory is what the machine's state says, also after restarts from rows and
any earlier snapshot; what the history tells is what the events told; and what the cheap checks
refuse, the machine refuses for the same reason.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random

import pytest
from databases import opened
from random_commands import World
from sqlalchemy import select

from flowex.engine.feed import batch_of
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.commands import COMMANDS, OrderCancelReplace, OrderListPlace, OrderPlace
from flowex.messages.enums import Phase, Wallet
from flowex.messages.events import (
    OrderAmended,
    OrderListChanged,
    Result,
    SelfTradePrevented,
    Traded,
)
from flowex.messages.layout import RecordError, spans
from flowex.messages.results import ResultCode
from flowex.messages.state import (
    StateAccount,
    StateBalance,
    StateFeeTier,
    StateFilters,
    StateLimits,
    StateOrder,
    StateOrderList,
    StateRecord,
    decode_state,
)
from flowex.ports.database import Reader, Row
from flowex.ports.feed import FeedBatch
from flowex.ports.journal import Frame
from flowex.ports.sequencer import Sequencer
from flowex.ports.trading import NO_CONDITIONS, NO_FILTERS, OrderStatus
from flowex.services.trading import store
from flowex.services.trading.accounts import Account
from flowex.services.trading.read_model import ReadModel
from flowex.services.trading.service import TradingService
from flowex.toolkit import projection

UNUSED: Sequencer = None  # type: ignore[assignment]  # these stories send no command
SEEDS = range(6)
FRAMES = 60
FRAME_COMMANDS = 25
PENDING = (Phase.PENDING, Phase.RELEASED)
LIMIT = 100_000


class Story:
    """A world and its machine, with the batches of its feed."""

    def __init__(self, seed: int, *, limits_are_tiny: bool = False) -> None:
        self.world = World(seed, limits_are_tiny=limits_are_tiny)
        self.machine = ReferenceMachine()
        self.batches: list[FeedBatch] = []
        self.apply(0, self.world.opening())

    def step(self, commands: int = FRAME_COMMANDS) -> FeedBatch:
        return self.apply(*self.world.batch(commands))

    def apply(self, time: int, commands: bytes) -> FeedBatch:
        first = self.machine.sequence + 1
        events = self.machine.apply(time, commands)
        self.world.learn(events)
        count = self.machine.sequence - first + 1
        batch = batch_of(Frame(first, count, self.machine.time, 1, commands), events)
        self.batches.append(batch)
        return batch

    def state(self) -> list[StateRecord]:
        return decode_state(self.machine.snapshot())


def told(seed: int, *, limits_are_tiny: bool = False) -> Story:
    story = Story(seed, limits_are_tiny=limits_are_tiny)
    for _ in range(FRAMES):
        story.step()
    return story


def of_state(state: Sequence[StateRecord]) -> dict[str, object]:
    """Return what of a machine's state a read model knows."""
    return {
        "orders": {
            one.id: (
                *(one.account, one.instrument, one.client_id, one.side, one.order_type),
                *(one.time_in_force, one.self_trade, one.price, one.quantity, one.filled),
                *(one.quote_filled, one.prevented, one.expire_time, one.order_list),
                one.conditions or NO_CONDITIONS,
                one.phase in PENDING,
            )
            for one in state
            if isinstance(one, StateOrder)
        },
        "working": {
            one.id: (
                one.phase in (Phase.WORKING, Phase.TRIGGERED),
                one.phase == Phase.TRACKING,
            )
            for one in state
            if isinstance(one, StateOrder)
        },
        "lists": {
            one.id: (
                *(one.account, one.instrument, one.shape, one.client_id),
                tuple(order for order in (one.first, one.second, one.third) if order),
            )
            for one in state
            if isinstance(one, StateOrderList)
        },
        "balances": {
            (one.account, one.wallet, one.id): (one.free, one.held)
            for one in state
            if isinstance(one, StateBalance)
        },
        "accounts": {
            one.id: (one.state, one.maker_rate, one.taker_rate, one.tier)
            for one in state
            if isinstance(one, StateAccount)
        },
        "filters": {one.id: one for one in state if isinstance(one, StateFilters)},
        "tiers": {
            one.id: (one.maker_rate, one.taker_rate)
            for one in state
            if isinstance(one, StateFeeTier)
        },
    }


def of_model(model: ReadModel) -> dict[str, object]:
    """Return the same of a read model."""
    accounts = model.accounts.values()
    views = [view for account in accounts for view in account.open.values()]
    assert all(view.is_open for view in views)
    return {
        "orders": {
            one.order: (
                *(one.account, one.instrument, one.client_id, one.side, one.order_type),
                *(one.time_in_force, one.self_trade, one.price, one.quantity, one.filled),
                *(one.quote_filled, one.prevented, one.expire_time, one.order_list),
                one.conditions,
                one.status is OrderStatus.PENDING_NEW,
            )
            for one in views
        },
        "working": {
            one.order: (
                one.working_time > 0,
                one.trailing_time > 0 and not one.working_time,
            )
            for one in views
        },
        "lists": {
            one.order_list: (
                *(one.account, one.instrument, one.shape, one.client_id),
                one.orders,
            )
            for account in accounts
            for one in account.lists.values()
        },
        "balances": {
            (account.number, wallet, asset): amounts
            for account in accounts
            for wallet in (Wallet.SPOT, Wallet.FUNDING)
            for asset, amounts in account.wallet(wallet).items()
        },
        "accounts": {
            one.number: (one.state, one.maker_rate, one.taker_rate, one.tier) for one in accounts
        },
        "filters": {
            one.id: one.further
            for one in model.directory.instruments.values()
            if one.further is not NO_FILTERS
        },
        "tiers": model.directory.tiers,
    }


def names(model: ReadModel) -> dict[int, dict[tuple[int, str], int]]:
    """Return which open order each account's client ids name."""
    return {
        number: {key: view.order for key, view in account.by_client_id.items() if view.is_open}
        for number, account in model.accounts.items()
    }


@pytest.mark.parametrize("limits_are_tiny", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_memory_is_what_the_machine_is(seed: int, *, limits_are_tiny: bool) -> None:
    story = told(seed, limits_are_tiny=limits_are_tiny)
    model = ReadModel()
    for batch in story.batches:
        model.apply(batch)
    known, state = of_model(model), of_state(story.state())
    for what, expected in state.items():
        assert known[what] == expected, what
    for account in model.accounts.values():
        named = {view.client_id: view for view in account.open.values() if view.client_id}
        for client_id, view in named.items():
            assert account.by_client_id[view.instrument, client_id] is view


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_restart_from_rows_and_snapshot_changes_nothing(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    story = Story(seed)
    states = [(0, list[StateRecord]())]
    whole = ReadModel()
    whole.apply(story.batches[0])
    for _ in range(FRAMES):
        whole.apply(story.step())
        states.append((story.machine.sequence, story.state()))
    stops = sorted(chance.randrange(len(story.batches)) for _ in range(3))
    for stop in (*stops, len(story.batches)):
        async with opened(tmp_path) as database:
            service = TradingService(UNUSED, database)
            await service.open()
            usable = [one for one in states if one[0] <= service.last_sequence]
            begun, state = chance.choice(usable[-20:])
            if begun:
                service.seed(state)
            for batch in story.batches[:stop]:
                if batch.first_sequence > begun:
                    service.apply(batch)
            model = service._model
            await service.stop()
    assert of_model(model) == of_model(whole)
    assert names(model) == names(whole)
    if begun:
        limits = next(one for one in story.state() if isinstance(one, StateLimits))
        assert model.directory.limits[0] == limits.accounts
    assert model.last_transfer == whole.last_transfer
    for number, account in whole.accounts.items():
        assert_same_times(model.accounts[number], account)


def assert_same_times(seeded: Account, whole: Account) -> None:
    for number, view in whole.open.items():
        assert seeded.open[number] == view
    for number, known in whole.lists.items():
        assert seeded.lists[number] == known


@pytest.mark.parametrize("seed", SEEDS)
async def test_rows_that_fell_behind_are_made_again_from_the_middle(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = told(seed)
    dumps = []
    for name, most in (("straight", 1_000_000), ("behind", 300)):
        monkeypatch.setattr(projection, "PENDING_ROWS_MAX", most)
        monkeypatch.setattr(projection, "FLUSH_ROWS", most // 3)

        async def again(from_sequence: int) -> AsyncIterator[FeedBatch]:
            for batch in story.batches:
                if batch.last_sequence >= from_sequence:
                    yield batch

        async with opened(tmp_path, f"{name}.db") as database:
            service = TradingService(UNUSED, database, again)
            await service.open()
            for index, batch in enumerate(story.batches):
                service.apply(batch)
                if index == FRAMES // 3:
                    await service.projector.drain()
            assert service.projector.is_behind == (name == "behind")
            await service.projector.drain()
            dumps.append(await database.read(rows_of))
    assert dumps[0] == dumps[1]


def rows_of(reader: Reader) -> dict[str, list[Row]]:
    return {
        table.name: sorted(reader.rows(select(table))) for table in store.METADATA.sorted_tables
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_history_tells_what_the_events_told(seed: int, tmp_path: Path) -> None:
    story = told(seed)
    async with opened(tmp_path) as database:
        service = TradingService(UNUSED, database)
        await service.open()
        await service.start()
        for index, batch in enumerate(story.batches):
            service.apply(batch)
            if index == len(story.batches) // 2:
                await service.projector.drain()
        await compare_history(story, service)
        await service.projector.drain()
        await compare_history(story, service)
        await service.stop()


async def compare_history(story: Story, service: TradingService) -> None:
    events = [event for batch in story.batches for event in batch.events]
    begun = [one for one in events if isinstance(one, OrderListChanged) and one.status == 0]
    prevented = [one for one in events if isinstance(one, SelfTradePrevented)]
    amended = [one for one in events if isinstance(one, OrderAmended)]
    traded = [one for one in events if isinstance(one, Traded)]
    assert all((begun, prevented, amended, traded))
    for account in range(2, 14):
        lists = await service.all_order_lists(account, limit=LIMIT)
        assert [one.order_list for one in lists] == [
            one.order_list for one in begun if one.account == account
        ]
        for instrument in range(1, 5):
            matches = await service.prevented_matches(account, instrument, limit=LIMIT)
            assert [one.match for one in matches] == [
                one.match
                for one in prevented
                if one.instrument == instrument and account in (one.account, one.maker_account)
            ]
    for event in amended[:: max(1, len(amended) // 40)]:
        view = await service.find_order(event.account, event.instrument, event.order)
        assert view is not None
        found = await service.amendments(event.account, event.instrument, event.order, limit=LIMIT)
        mine = [one for one in amended if one.order == event.order]
        assert [(one.quantity_before, one.quantity) for one in found] == [
            (one.quantity_before, one.quantity) for one in mine
        ]
        assert found[-1].client_id == view.client_id
        executions = [one.execution for one in found]
        assert executions == sorted(set(executions))
        if view.client_id:
            named = await service.find_order(
                event.account, event.instrument, client_id=view.client_id
            )
            assert named is not None
            assert named.client_id == view.client_id
    for meeting in prevented[:: max(1, len(prevented) // 20)]:
        where, order = meeting.instrument, meeting.maker_order
        matches = await service.prevented_matches(
            meeting.maker_account, where, order=order, limit=LIMIT
        )
        assert [one.match for one in matches] == [
            one.match for one in prevented if order in (one.taker_order, one.maker_order)
        ]
        (met,) = await service.prevented_matches(
            meeting.account, where, match=meeting.match, limit=9
        )
        assert met.taker_order == meeting.taker_order
    for trade in traded[:: max(1, len(traded) // 20)]:
        order = trade.taker_order
        fills = await service.fills(trade.account, trade.instrument, order=order, limit=LIMIT)
        assert [one.trade for one in fills] == [
            one.trade for one in traded if order in (one.taker_order, one.maker_order)
        ]


@pytest.mark.parametrize("limits_are_tiny", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_checks_refuse_the_machine_refuses_for_the_same_reason(
    seed: int, *, limits_are_tiny: bool
) -> None:
    story = Story(seed, limits_are_tiny=limits_are_tiny)
    service = TradingService(UNUSED, None)  # type: ignore[arg-type]  # nothing is asked of the history
    model = service._model
    model.apply(story.batches[0])
    refused = missed = 0
    for _ in range(FRAMES * FRAME_COMMANDS // 2):
        time, packed = story.world.batch(1)
        placement = placement_of(packed)
        code = service.check(placement) if placement else ResultCode.OK
        batch = story.apply(time, packed)
        model.apply(batch)
        if placement is None:
            continue
        result = next(one for one in batch.events if isinstance(one, Result))
        if code is ResultCode.OK:
            missed += result.code != ResultCode.OK
        elif isinstance(placement, OrderCancelReplace):
            assert result.code in (code, ResultCode.CANCEL_FAILED), placement
        else:
            assert result.code == code, placement
        refused += code is not ResultCode.OK
    assert refused > 10


def placement_of(packed: bytes) -> OrderPlace | OrderCancelReplace | OrderListPlace | None:
    """Return the command if it is one that the room checks."""
    ((kind, offset, _),) = spans(packed)
    declared = COMMANDS.get(kind)
    try:
        command = declared.unpack(packed, offset) if declared else None
    except RecordError:
        return None
    if isinstance(command, OrderPlace | OrderCancelReplace | OrderListPlace):
        return command
    return None
