"""The ledger's tables and the sums asked of them."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    func,
    select,
)

from flowex.ports.database import Reader
from flowex.services.ledger.verify import Books
from flowex.toolkit.projection import last_sequence, progress_table

METADATA: Final = MetaData()

UNBALANCED_MAX: Final = 10
"""So many unbalanced transactions are named; one is too many."""

_HALF: Final = 1 << 31
"""Amounts are summed in two halves: on its way a sum may not fit 64 bits, even if its end does."""


class TransactionKind(IntEnum):
    """What a transaction records, and so what its ``subject`` and ``reference`` are.

    TRADE: instrument and trade. MOVEMENT: source and source sequence.
    """

    TRADE = 1
    MOVEMENT = 2


TRANSACTIONS: Final = Table(
    "ledger_transactions",
    METADATA,
    Column("transaction_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("reference", BigInteger, nullable=False),
)
"""One for each event that moves money; its number is the event's."""

POSTINGS: Final = Table(
    "ledger_postings",
    METADATA,
    Column("transaction_id", BigInteger, nullable=False),
    Column("leg", SmallInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("asset", BigInteger, nullable=False),
    Column("wallet", SmallInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("transaction_id", "leg"),
    sqlite_with_rowid=False,
)

ASSETS: Final = Table(
    "ledger_assets",
    METADATA,
    Column("asset", BigInteger, primary_key=True, autoincrement=False),
    Column("decimals", SmallInteger, nullable=False),
)

INSTRUMENTS: Final = Table(
    "ledger_instruments",
    METADATA,
    Column("instrument", BigInteger, primary_key=True, autoincrement=False),
    Column("base_scale", BigInteger, nullable=False),
)
"""What a quantity unit is in atoms of the base asset: all the ledger has to know of a market."""

PROGRESS: Final = progress_table("ledger", METADATA)


def pairs(reader: Reader, table: Table) -> dict[int, int]:
    """Return a table of two columns as a dictionary."""
    return {row[0]: row[1] for row in reader.rows(select(table))}


def books(reader: Reader) -> Books:
    """Return what all postings add up to, in one consistent view."""
    p, t = POSTINGS.c, TRANSACTIONS.c
    key = (p.account, p.asset, p.wallet)
    sums = reader.rows(select(*key, *_halves(p.amount)).group_by(*key))
    unbalanced = reader.rows(
        select(p.transaction_id)
        .group_by(p.transaction_id, p.asset)
        .having(func.sum(p.amount) != 0)
        .limit(UNBALANCED_MAX)
    )
    trades = reader.rows(
        select(t.subject, func.count(), func.max(t.reference))
        .where(t.kind == TransactionKind.TRADE)
        .group_by(t.subject)
    )
    return Books(
        sequence=last_sequence(reader, PROGRESS),
        sums={(row[0], row[1], row[2]): _whole(row[3:]) for row in sums},
        unbalanced=[row[0] for row in unbalanced],
        trades={row[0]: (row[1], row[2]) for row in trades},
    )


def _halves(amount: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    rest = amount % _HALF
    return func.sum((amount - rest) // _HALF), func.sum(rest)


def _whole(halves: Sequence[Any]) -> int:
    return int(halves[0]) * _HALF + int(halves[1])
