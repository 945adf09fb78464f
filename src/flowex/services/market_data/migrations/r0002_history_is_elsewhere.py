"""Trades and candles lie in the history now; the next start makes them of the journal."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop the tables."""
    for name in ("trades", "klines", "progress"):
        op.drop_table(f"market_data_{name}")
