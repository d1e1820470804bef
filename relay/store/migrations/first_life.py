"""The tables of the archive's life, as the first migration makes them: relay.store.life_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all; after the cases, on which a hold may lie."""
    op.create_table(
        "legal_holds",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("case_number", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("review_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(asked_by IS NULL) = (asked_at IS NULL)", name="legal_holds_asked_whole"),
        sa.CheckConstraint("(kind = 'case') = (case_number IS NOT NULL)", name="legal_holds_case_named"),
        sa.CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="legal_holds_released_whole"),
        sa.CheckConstraint("kind = 'party' OR reference IS NOT NULL", name="legal_holds_is_about"),
        sa.CheckConstraint("kind <> 'party' OR key IS NOT NULL OR released_at IS NOT NULL", name="legal_holds_whose"),
        sa.CheckConstraint("kind IN ('booking', 'party', 'case')", name="legal_holds_kind_known"),
        sa.CheckConstraint("length(asked_by) BETWEEN 1 AND 200", name="legal_holds_asked_by_length"),
        sa.CheckConstraint("length(key) BETWEEN 3 AND 320", name="legal_holds_key_length"),
        sa.CheckConstraint("length(owner) BETWEEN 1 AND 200", name="legal_holds_owner_length"),
        sa.CheckConstraint("length(placed_by) BETWEEN 1 AND 200", name="legal_holds_placed_by_length"),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 500", name="legal_holds_reason_length"),
        sa.CheckConstraint("length(reference) BETWEEN 1 AND 100", name="legal_holds_reference_length"),
        sa.CheckConstraint("length(released_by) BETWEEN 1 AND 200", name="legal_holds_released_by_length"),
        sa.CheckConstraint(
            "released_by IS NULL OR (asked_by IS NOT NULL AND asked_by <> released_by)", name="legal_holds_released_by_two"
        ),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="legal_holds_case_number_fkey"),
        sa.PrimaryKeyConstraint("number", name="legal_holds_pkey"),
    )
    op.create_index("legal_holds_by_key", "legal_holds", ["key"], unique=False)
    op.create_index("legal_holds_by_reference", "legal_holds", ["reference"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("certified", sa.Text(), nullable=False),
        sa.Column("objects", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(account) BETWEEN 1 AND 200", name="erasures_account_length"),
        sa.CheckConstraint("length(certified) BETWEEN 2 AND 1000000", name="erasures_certified_length"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="erasures_id_length"),
        sa.CheckConstraint("length(objects) BETWEEN 2 AND 10000000", name="erasures_objects_length"),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 500", name="erasures_reason_length"),
        sa.CheckConstraint("scope IN ('conversation', 'person', 'retention')", name="erasures_scope_known"),
        sa.PrimaryKeyConstraint("id", name="erasures_pkey"),
    )
    op.create_table(
        "erased_conversations",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("erasure", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["erasure"], ["erasures.id"], name="erased_conversations_erasure_fkey"),
        sa.PrimaryKeyConstraint("conversation", name="erased_conversations_pkey"),
    )
    op.create_index("erased_conversations_by_erasure", "erased_conversations", ["erasure"], unique=False)
