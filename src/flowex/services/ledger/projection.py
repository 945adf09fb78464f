"""The projection that turns events into transactions and postings."""

from typing import Final

from sqlalchemy import Table

from flowex.messages.enums import Side
from flowex.messages.events import AssetChanged, FundsMoved, InstrumentChanged, Result, Traded
from flowex.ports.database import Database, Transaction
from flowex.ports.feed import FeedBatch
from flowex.services.ledger import store
from flowex.services.ledger.postings import Posting, of_movement, of_trade
from flowex.services.ledger.store import TransactionKind
from flowex.toolkit.projection import Work

TransactionRow = tuple[int, int, int, int, int, int]
PostingRow = tuple[int, int, int, int, int, int]

_TRADE: Final = int(TransactionKind.TRADE)
_MOVEMENT: Final = int(TransactionKind.MOVEMENT)


class Ledger:
    """Collects what moved. All it has to remember is what a quantity unit of a market is worth."""

    name: Final = "ledger"
    progress: Final[Table] = store.PROGRESS

    def __init__(self, database: Database) -> None:
        """Know nothing yet."""
        self._database = database
        self._decimals: dict[int, int] = {}
        self._base_scales: dict[int, int] = {}
        self._transactions: list[TransactionRow] = []
        self._postings: list[PostingRow] = []

    @property
    def pending(self) -> int:
        """How many rows are collected and not taken."""
        return len(self._transactions) + len(self._postings)

    async def open(self, _sequence: int) -> None:
        """Load the scales of the markets."""
        pairs, read = store.pairs, self._database.read
        self._decimals = await read(lambda reader: pairs(reader, store.ASSETS))
        self._base_scales = await read(lambda reader: pairs(reader, store.INSTRUMENTS))

    def twin(self) -> "Ledger":
        """Return a second projection, which goes on from the rows."""
        return Ledger(self._database)

    def advance(self, batch: FeedBatch) -> None:
        """Note what a quantity unit of a new market is; nothing else is remembered."""
        for event in batch.events:
            if isinstance(event, AssetChanged):
                self._decimals[event.asset] = event.decimals
            elif isinstance(event, InstrumentChanged):
                exponent = self._decimals[event.base_asset] - event.quantity_decimals
                self._base_scales[event.instrument] = 10**exponent

    def collect(self, batch: FeedBatch) -> None:
        """Keep the rows of everything that moved."""
        first_number = _first_number(batch)
        for index, event in enumerate(batch.events):
            if isinstance(event, Traded):
                legs = of_trade(
                    event,
                    self._base_scales[event.instrument],
                    taker_buys=event.taker_side == Side.BUY,
                )
                what = (_TRADE, event.instrument, event.trade)
            elif isinstance(event, FundsMoved):
                legs = of_movement(event)
                what = (_MOVEMENT, event.source, event.source_sequence)
            else:
                continue
            self._record(first_number + index, (event.sequence, batch.time), what, legs)

    def take(self) -> Work:
        """Return what writes the collected rows."""
        transactions, self._transactions = self._transactions, []
        postings, self._postings = self._postings, []
        decimals, base_scales = list(self._decimals.items()), list(self._base_scales.items())

        def work(transaction: Transaction) -> None:
            transaction.insert(store.TRANSACTIONS, transactions)
            transaction.insert(store.POSTINGS, postings)
            transaction.upsert(store.ASSETS, decimals)
            transaction.upsert(store.INSTRUMENTS, base_scales)

        return work

    def written(self) -> None:
        """Nothing waits for this."""

    def drop(self) -> None:
        """Forget the collected rows."""
        self._transactions, self._postings = [], []

    def _record(
        self,
        number: int,
        when: tuple[int, int],
        what: tuple[int, int, int],
        legs: list[Posting],
    ) -> None:
        self._transactions.append((number, *when, *what))
        self._postings += [(number, leg, *posting) for leg, posting in enumerate(legs)]


def _first_number(batch: FeedBatch) -> int:
    """Return the number of the batch's first event, counted back from its last result's."""
    events = batch.events
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, Result):
            return event.event_number - index
    raise AssertionError("a batch without a result")
