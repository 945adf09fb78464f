"""Transactions and postings, as first published."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_transactions",
        sa.Column("transaction_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("transaction_id", sa.BigInteger, nullable=False),
        sa.Column("leg", sa.SmallInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("asset", sa.BigInteger, nullable=False),
        sa.Column("wallet", sa.SmallInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "leg"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_assets",
        sa.Column("asset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decimals", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "ledger_instruments",
        sa.Column("instrument", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("base_scale", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ledger_progress",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
