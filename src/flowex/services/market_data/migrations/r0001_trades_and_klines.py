"""Trades and candles, as first published."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "market_data_trades",
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("trade_id", sa.BigInteger, nullable=False),
        sa.Column("aggregate_id", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("buyer_is_maker", sa.Boolean, nullable=False),
        sa.Column("buyer_order", sa.BigInteger, nullable=False),
        sa.Column("seller_order", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("instrument", "trade_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "market_data_klines",
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("interval_us", sa.BigInteger, nullable=False),
        sa.Column("open_time", sa.BigInteger, nullable=False),
        sa.Column("close_time", sa.BigInteger, nullable=False),
        sa.Column("open_price", sa.BigInteger, nullable=False),
        sa.Column("high_price", sa.BigInteger, nullable=False),
        sa.Column("low_price", sa.BigInteger, nullable=False),
        sa.Column("close_price", sa.BigInteger, nullable=False),
        sa.Column("volume", sa.String(40), nullable=False),
        sa.Column("quote_volume", sa.String(40), nullable=False),
        sa.Column("trades", sa.Integer, nullable=False),
        sa.Column("taker_buy_volume", sa.String(40), nullable=False),
        sa.Column("taker_buy_quote_volume", sa.String(40), nullable=False),
        sa.Column("first_trade", sa.BigInteger, nullable=False),
        sa.Column("last_trade", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("instrument", "interval_us", "open_time"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "market_data_progress",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
