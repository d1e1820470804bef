"""The tables of the record, as the first migration makes them: relay.store.record_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all."""
    op.create_table(
        "record_due",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("conversation", "entry", name="record_due_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_leaves",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("octets", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="record_leaves_hash_length"),
        sa.CheckConstraint("length(octets) BETWEEN 2 AND 1000", name="record_leaves_octets_length"),
        sa.CheckConstraint("number >= 0", name="record_leaves_number_range"),
        sa.PrimaryKeyConstraint("number", name="record_leaves_pkey"),
        sa.UniqueConstraint("conversation", "entry", name="record_leaves_conversation_entry_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_nodes",
        sa.Column("level", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="record_nodes_hash_length"),
        sa.CheckConstraint("level BETWEEN 1 AND 62 AND number >= 0", name="record_nodes_place_range"),
        sa.PrimaryKeyConstraint("level", "number", name="record_nodes_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_heads",
        sa.Column("size", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("octets", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 64 AND 64", name="record_heads_key_length"),
        sa.CheckConstraint("length(octets) BETWEEN 1 AND 1000", name="record_heads_octets_length"),
        sa.CheckConstraint("length(signature) = 64", name="record_heads_signature_length"),
        sa.CheckConstraint("size >= 1", name="record_heads_size_range"),
        sa.PrimaryKeyConstraint("size", name="record_heads_pkey"),
    )
