"""Many rows in one statement: text for INSERT and upsert, and how to cut rows into statements.

A statement of many rows is stepped once, and SQLite releases the interpreter's lock for each step:
one row at a time costs five times as much while the event loop is busy (measured).
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from flowex.ports.database import Row

STATEMENT_ROWS_MAX: Final = 256
"""Most rows of one statement; sizes are powers of two, so that few statements are prepared."""

VARIABLES_MAX: Final = 32_766
"""Most variables of one statement, SQLite's own limit."""


def insert_text(table: Table, dialect: Dialect, rows: int, *, upsert: bool) -> str:
    """Return the statement that adds ``rows`` rows, or replaces those whose key is known."""
    quote = dialect.identifier_preparer.quote
    names = [quote(column.name) for column in table.columns]
    keys = [quote(column.name) for column in table.primary_key]
    one = f"({','.join('?' * len(names))})"
    text = f"INSERT INTO {quote(table.name)} ({','.join(names)}) VALUES {','.join([one] * rows)}"  # noqa: S608 - names are the tables' own
    if not upsert:
        return text
    others = ",".join(f"{name}=excluded.{name}" for name in names if name not in keys)
    action = f"UPDATE SET {others}" if others else "NOTHING"
    return f"{text} ON CONFLICT ({','.join(keys)}) DO {action}"


def pieces(table: Table, rows: Sequence[Row]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield (row count, flat values) for each statement the rows are cut into, in order."""
    size = STATEMENT_ROWS_MAX
    while size * len(table.columns) > VARIABLES_MAX:
        size //= 2
    start = 0
    while start < len(rows):
        while size > len(rows) - start:
            size //= 2
        yield size, tuple(chain.from_iterable(rows[start : start + size]))
        start += size
