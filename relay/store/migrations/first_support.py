"""The tables of support's work, as the first migration makes them: relay.store.support_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all; after the messages, to which evidence points."""
    op.create_table(
        "access_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("what <> 'reveal' OR reason <> ''", name="access_log_reveal_has_reason"),
        sa.CheckConstraint("what IN ('list', 'search', 'view', 'reveal', 'download', 'export')", name="access_log_what_known"),
        sa.CheckConstraint("length(account) BETWEEN 1 AND 100", name="access_log_account_length"),
        sa.CheckConstraint("length(name) BETWEEN 0 AND 200", name="access_log_name_length"),
        sa.CheckConstraint("length(object) BETWEEN 0 AND 1000", name="access_log_object_length"),
        sa.CheckConstraint("length(reason) BETWEEN 0 AND 500", name="access_log_reason_length"),
        sa.PrimaryKeyConstraint("seq", name="access_log_pkey"),
    )
    op.create_index("access_log_by_account", "access_log", ["account", "seq"], unique=False)
    op.create_index("access_log_by_at", "access_log", ["at"], unique=False)
    op.create_index("access_log_by_object", "access_log", ["object", "seq"], unique=False)
    op.create_table(
        "cases",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.CheckConstraint("(decision IS NULL) = (because = '')", name="cases_decision_says_why"),
        sa.CheckConstraint("decision IN ('full', 'part', 'none')", name="cases_decision_known"),
        sa.CheckConstraint("state <> 'decided' OR decision IS NOT NULL", name="cases_decided_has_decision"),
        sa.CheckConstraint("state IN ('open', 'decided', 'closed')", name="cases_state_known"),
        sa.CheckConstraint("length(because) BETWEEN 0 AND 1000", name="cases_because_length"),
        sa.CheckConstraint("length(labels) BETWEEN 0 AND 1000", name="cases_labels_length"),
        sa.CheckConstraint("length(opened_by) BETWEEN 1 AND 100", name="cases_opened_by_length"),
        sa.CheckConstraint("length(owner) BETWEEN 1 AND 100", name="cases_owner_length"),
        sa.CheckConstraint("length(reference) BETWEEN 1 AND 100", name="cases_reference_length"),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name="cases_title_length"),
        sa.CheckConstraint("version >= 1", name="cases_version_range"),
        sa.PrimaryKeyConstraint("number", name="cases_pkey"),
    )
    op.create_index("cases_by_owner", "cases", ["owner", "number"], unique=False)
    op.create_index("cases_by_reference", "cases", ["reference"], unique=False)
    op.create_index("cases_by_state", "cases", ["state", "number"], unique=False)
    op.create_table(
        "saved_searches",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(account) BETWEEN 1 AND 100", name="saved_searches_account_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name="saved_searches_name_length"),
        sa.CheckConstraint("length(query) BETWEEN 1 AND 1000", name="saved_searches_query_length"),
        sa.PrimaryKeyConstraint("account", "name", name="saved_searches_pkey"),
    )
    op.create_table(
        "case_notes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("length(account) BETWEEN 1 AND 100", name="case_notes_account_length"),
        sa.CheckConstraint("length(did) BETWEEN 0 AND 40", name="case_notes_did_length"),
        sa.CheckConstraint("length(text) BETWEEN 0 AND 4000", name="case_notes_text_length"),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="case_notes_case_number_fkey"),
        sa.PrimaryKeyConstraint("seq", name="case_notes_pkey"),
    )
    op.create_index("case_notes_by_case", "case_notes", ["case_number", "seq"], unique=False)
    op.create_table(
        "case_evidence",
        sa.Column("case_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("length(account) BETWEEN 1 AND 100", name="case_evidence_account_length"),
        sa.CheckConstraint("length(why) BETWEEN 0 AND 1000", name="case_evidence_why_length"),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="case_evidence_case_number_fkey"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="case_evidence_message_fkey"),
        sa.PrimaryKeyConstraint("case_number", "message", name="case_evidence_pkey"),
    )
