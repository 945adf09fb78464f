"""A small exchange for fault tests: few accounts, tiny segments, frequent snapshots.

Its commands are numbered per client, so that client and judge agree on every byte without talking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.journal.file import FileJournal, JournalLimits
from flowex.engine.admission import AdmissionLimits
from flowex.engine.commit import Committer
from flowex.engine.counters import Counters
from flowex.engine.feed import Feed
from flowex.engine.machine import MachineFactory
from flowex.engine.recovery import Followers, recover
from flowex.engine.reference.machine import ReferenceMachine
from flowex.engine.sequencer import Sequencer, SequencerLimits
from flowex.engine.snapshot import SnapshotStore, Snapshotter
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderCancelAll,
    OrderPlace,
    SetInstrumentState,
)
from flowex.messages.enums import InstrumentState, OrderType, PlaceFlag, Side, TimeInForce
from flowex.ports.clock import Clock
from flowex.ports.disk import Disk
from flowex.ports.feed import DurableConsumer

S = TypeVar("S", bound=Sequencer)

CLIENTS = 8
FIRST_ACCOUNT = 2
FUNDS_ATOMS = 10**15

SETUP: Sequence[Command] = (
    Genesis(exchange="faults"),
    AssetDefine(code="BTC"),
    AssetDefine(code="USDT"),
    InstrumentDefine(base_asset=1, quote_asset=2, quantity_decimals=5, symbol="BTCUSDT"),
    SetInstrumentState(instrument=1, state=InstrumentState.TRADING),
    *(AccountOpen() for _ in range(CLIENTS)),
    *(
        Credit(
            account=FIRST_ACCOUNT + client,
            asset=asset,
            amount=FUNDS_ATOMS,
            source=100 + client,
            source_sequence=asset,
        )
        for client in range(CLIENTS)
        for asset in (1, 2)
    ),
)


def origin_of(client: int, number: int) -> int:
    """Return the request id of a client's command; numbers begin with 0."""
    return (client + 1) << 32 | number


def command_of(client: int, number: int) -> Command:
    """Return a client's command: deposits, orders that meet, a clean-up, over and over."""
    account, origin = FIRST_ACCOUNT + client, origin_of(client, number)
    turn, kind = divmod(number, 4)
    if kind == 0:
        return Credit(
            account=account,
            origin=origin,
            asset=1,
            amount=1_000,
            source=client + 1,
            source_sequence=turn + 1,
        )
    if kind == 3 and turn % 4 == 3:
        return OrderCancelAll(account=account, origin=origin)
    return OrderPlace(
        flags=PlaceFlag.UNIQUE_RECENT,
        account=account,
        origin=origin,
        instrument=1,
        side=Side.SELL if (client + number) % 2 else Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        price=100_000 + (number * 7 + client) % 5,
        quantity=1 + number % 3,
        client_id=f"{client}-{number}",
    )


@dataclass(frozen=True)
class Sizes:
    """Small enough for rotations and snapshots to happen all the time."""

    segment_bytes: int = 64 << 10
    free_bytes_min: int = 0
    snapshot_every: int = 250
    admission: AdmissionLimits = field(default_factory=AdmissionLimits)


def open_exchange(
    sequencer: type[S],
    disk: Disk,
    *,
    sizes: Sizes,
    clock: Clock | None = None,
    factory: MachineFactory = ReferenceMachine,
    durable: Sequence[DurableConsumer] = (),
    background: bool = False,
    on_failure: Callable[[BaseException], None] = lambda _: None,
) -> S:
    """Recover what the disk holds and return a sequencer that has yet to be started."""
    limits = JournalLimits(sizes.segment_bytes, sizes.free_bytes_min)

    def open_journal(known: int) -> FileJournal:
        return FileJournal.open(disk, known_sequence=known, limits=limits, background=background)

    recovered = recover(disk, open_journal, factory, Followers(durable=durable))
    committer = Committer(recovered.machine, recovered.journal, clock or SystemClock(), Counters())
    snapshotter = Snapshotter(
        SnapshotStore(disk), every=sizes.snapshot_every, background=background
    )
    return sequencer(
        committer,
        Feed(durable),
        snapshotter,
        limits=SequencerLimits(sizes.admission, frame_bytes=sizes.segment_bytes // 2),
        on_failure=on_failure,
    )
