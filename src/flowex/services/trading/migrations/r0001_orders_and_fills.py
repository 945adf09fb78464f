"""Orders and fills, as first published."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "trading_orders",
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("side", sa.SmallInteger, nullable=False),
        sa.Column("order_type", sa.SmallInteger, nullable=False),
        sa.Column("time_in_force", sa.SmallInteger, nullable=False),
        sa.Column("self_trade", sa.SmallInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("quote_amount", sa.BigInteger, nullable=False),
        sa.Column("expire_time", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("filled", sa.BigInteger, nullable=False),
        sa.Column("quote_filled", sa.BigInteger, nullable=False),
        sa.Column("prevented", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("end_reason", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument", "order_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "trading_orders_client_id", "trading_orders", ["account", "instrument", "client_id"]
    )
    is_open = sa.text("status IN ('NEW', 'PARTIALLY_FILLED')")
    op.create_index(
        "trading_orders_open",
        "trading_orders",
        ["order_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "trading_fills",
        sa.Column("trade_id", sa.BigInteger, nullable=False),
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("side", sa.SmallInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("quote_amount", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("fee_asset", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("is_maker", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument", "trade_id", "side"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trading_progress",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
