"""The tables of orders that wait to be confirmed, as the first migration makes them: relay.store.order_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all."""
    op.create_table(
        "kept_orders",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.CheckConstraint("created_at < ends_at", name="kept_orders_ends_later"),
        sa.CheckConstraint("length(digest) = 32", name="kept_orders_digest_length"),
        sa.CheckConstraint("length(network) BETWEEN 0 AND 50", name="kept_orders_network_length"),
        sa.CheckConstraint("length(reference) BETWEEN 1 AND 100", name="kept_orders_reference_length"),
        sa.CheckConstraint("length(state) BETWEEN 0 AND 60000", name="kept_orders_state_length"),
        sa.PrimaryKeyConstraint("digest", name="kept_orders_pkey"),
    )
    op.create_index("kept_orders_by_key", "kept_orders", ["key", "created_at"], unique=False)
    op.create_index("kept_orders_by_network", "kept_orders", ["network", "created_at"], unique=False)
    op.create_index("kept_orders_by_time", "kept_orders", ["created_at"], unique=False)
