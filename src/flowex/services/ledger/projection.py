"""The projection that turns events into transactions and postings."""

from collections.abc import Callable
from typing import Any, Final

from flowex.messages.enums import Side
from flowex.messages.events import (
    AssetChanged,
    Event,
    FundsMoved,
    InstrumentChanged,
    Result,
    Traded,
)
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

    def __init__(self, database: Database) -> None:
        """Know nothing yet."""
        self._database = database
        self._decimals: dict[int, int] = {}
        self._base_scales: dict[int, int] = {}
        self._time = 0
        self._first_number = 0
        self._new_transactions: list[TransactionRow] = []
        self._new_postings: list[PostingRow] = []
        self._transactions: list[TransactionRow] = []
        self._postings: list[PostingRow] = []
        self._handlers: Final[dict[type[Event], Callable[[int, Any], None]]] = {
            AssetChanged: self._asset_changed,
            InstrumentChanged: self._instrument_changed,
            Traded: self._traded,
            FundsMoved: self._funds_moved,
        }

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
        """Make the batch's rows; all that is remembered is what a new market's unit is."""
        self._new_transactions, self._new_postings = [], []
        self._first_number = _first_number(batch)
        self._time = batch.time
        handlers = self._handlers
        for index, event in enumerate(batch.events):
            handler = handlers.get(type(event))
            if handler is not None:
                handler(index, event)

    def collect(self, _batch: FeedBatch) -> None:
        """Keep the rows just made."""
        self._transactions += self._new_transactions
        self._postings += self._new_postings

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

    def _asset_changed(self, _index: int, event: AssetChanged) -> None:
        self._decimals[event.asset] = event.decimals

    def _instrument_changed(self, _index: int, event: InstrumentChanged) -> None:
        exponent = self._decimals[event.base_asset] - event.quantity_decimals
        self._base_scales[event.instrument] = 10**exponent

    def _traded(self, index: int, event: Traded) -> None:
        base_scale, taker_buys = self._base_scales[event.instrument], event.taker_side == Side.BUY
        number = self._first_number + index
        what = (_TRADE, event.instrument, event.trade)
        self._new_transactions.append((number, event.sequence, self._time, *what))
        self._post(number, of_trade(event, base_scale, taker_buys=taker_buys))

    def _funds_moved(self, index: int, event: FundsMoved) -> None:
        number = self._first_number + index
        what = (_MOVEMENT, event.source, event.source_sequence)
        self._new_transactions.append((number, event.sequence, self._time, *what))
        self._post(number, of_movement(event))

    def _post(self, number: int, legs: list[Posting]) -> None:
        self._new_postings += [(number, leg, *posting) for leg, posting in enumerate(legs)]


def _first_number(batch: FeedBatch) -> int:
    """Return the number of the batch's first event, counted back from its last result's."""
    events = batch.events
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, Result):
            return event.event_number - index
    raise AssertionError("a batch without a result")
