"""The ledger room: a consumer of the feed that keeps double entry."""

from typing import Final

from flowex.ports.database import Database
from flowex.ports.feed import FeedBatch
from flowex.services.ledger import store
from flowex.services.ledger.projection import Ledger
from flowex.services.ledger.verify import Books
from flowex.toolkit.projection import CatchUp, DatabaseRows, Projector


class LedgerService:
    """Every movement of money, written down twice."""

    def __init__(self, database: Database, catch_up: CatchUp | None = None) -> None:
        """Make the room; call ``open``, recover, ``start``."""
        self._database = database
        self.projector: Final = Projector(
            DatabaseRows(database, store.PROGRESS), Ledger(database), catch_up
        )

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command whose events are collected or written."""
        return self.projector.last_sequence

    async def open(self) -> None:
        """Learn how far the books reach. Raises DatabaseError."""
        await self.projector.open()

    async def start(self) -> None:
        """Write what recovery brought, then go on in the background. Raises DatabaseError."""
        await self.projector.start()

    async def stop(self) -> None:
        """Write what is not written and stop. Raises DatabaseError."""
        await self.projector.stop()

    def apply(self, batch: FeedBatch) -> None:
        """Take the next batch of the feed."""
        self.projector.apply(batch)

    async def books(self) -> Books:
        """Return what all postings add up to. Raises DatabaseError."""
        return await self._database.read(store.books)
