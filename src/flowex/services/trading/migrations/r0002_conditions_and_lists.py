"""Conditional orders, order lists, prevented matches, amendments and transfers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBERS = (
    "order_list",
    "working_time",
    "trailing_time",
    "prevented_match",
    "strategy_type",
    "stop_price",
    "display_quantity",
    "strategy_id",
    "trailing_delta",
)


def upgrade() -> None:
    """Widen the orders; an order of before entered the market when it was accepted."""
    for name in _NUMBERS:
        op.add_column(
            "trading_orders", sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        )
    op.execute("UPDATE trading_orders SET working_time = time")
    op.drop_index("trading_orders_open", "trading_orders")
    is_open = sa.text("status IN ('NEW', 'PENDING_NEW', 'PARTIALLY_FILLED')")
    op.create_index(
        "trading_orders_open",
        "trading_orders",
        ["order_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("trading_fills_order", "trading_fills", ["account", "instrument", "order_id"])
    _make_lists()
    _make_prevented()
    _make_amendments()
    _make_transfers()


def _make_lists() -> None:
    op.create_table(
        "trading_order_lists",
        sa.Column("list_id", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("shape", sa.SmallInteger, nullable=False),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("first_order", sa.BigInteger, nullable=False),
        sa.Column("second_order", sa.BigInteger, nullable=False),
        sa.Column("third_order", sa.BigInteger, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "list_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "trading_order_lists_client_id", "trading_order_lists", ["account", "client_id"]
    )
    is_open = sa.text("is_open")
    op.create_index(
        "trading_order_lists_open",
        "trading_order_lists",
        ["list_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _make_prevented() -> None:
    table = "trading_prevented_matches"
    op.create_table(
        table,
        sa.Column("owner", sa.BigInteger, nullable=False),
        sa.Column("match_id", sa.BigInteger, nullable=False),
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("taker_order", sa.BigInteger, nullable=False),
        sa.Column("maker_account", sa.BigInteger, nullable=False),
        sa.Column("maker_order", sa.BigInteger, nullable=False),
        sa.Column("self_trade", sa.SmallInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("taker_quantity", sa.BigInteger, nullable=False),
        sa.Column("maker_quantity", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", "instrument", "match_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"{table}_taker", table, ["owner", "instrument", "taker_order"])
    op.create_index(f"{table}_maker", table, ["owner", "instrument", "maker_order"])


def _make_amendments() -> None:
    op.create_table(
        "trading_amendments",
        sa.Column("execution_id", sa.BigInteger, nullable=False),
        sa.Column("instrument", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("client_id_before", sa.String(36), nullable=False),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("quantity_before", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument", "order_id", "execution_id"),
        sqlite_with_rowid=False,
    )


def _make_transfers() -> None:
    op.create_table(
        "trading_transfers",
        sa.Column("owner", sa.BigInteger, nullable=False),
        sa.Column("transfer_id", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("wallet", sa.SmallInteger, nullable=False),
        sa.Column("to_account", sa.BigInteger, nullable=False),
        sa.Column("to_wallet", sa.SmallInteger, nullable=False),
        sa.Column("asset", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", "transfer_id"),
        sqlite_with_rowid=False,
    )
