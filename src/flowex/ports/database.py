"""Rows that survive: tables of SQLAlchemy Core, whole transactions, no engine in sight.

The journal is the truth; what lies here is made from the feed and can be made again. Work is a
function that gets a transaction and runs on the database's own threads, so the event loop never
waits for a disk.

DatabaseError
├── DatabaseDown      the database cannot be reached, is full or failed; trying again may help
└── DatabaseRefused   the rows, the query or the file are wrong; trying again never helps
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, Table

Row = Sequence[Any]
"""The values of a row, in the order of the table's or the query's columns."""

T = TypeVar("T")


class DatabaseError(Exception):
    """The database did not do what it was asked; nothing of the transaction happened."""


class DatabaseDown(DatabaseError):
    """The database cannot be reached, is full or failed."""


class DatabaseRefused(DatabaseError):
    """The rows, the query or the file are wrong: a broken constraint, a missing table."""


class Reader(Protocol):
    """One consistent view of the database."""

    def rows(self, query: Select[Any]) -> list[Row]:
        """Return all rows of the query; the caller bounds it. Raises DatabaseError."""
        ...


class Transaction(Reader, Protocol):
    """A view that can be changed; all of it happens or nothing."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows of all the table's columns. Raises DatabaseError."""
        ...

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows of all the table's columns, or replace those with the same primary key.

        Raises DatabaseError.
        """
        ...


class Database(Protocol):
    """Many readers, one writer that puts what came together into one transaction."""

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run the work on a view of all that was written before. Raises DatabaseError."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run the work and return when it is durable. Raises DatabaseError."""
        ...

    async def close(self) -> None:
        """Finish the work under way and close; later calls raise DatabaseDown."""
        ...
