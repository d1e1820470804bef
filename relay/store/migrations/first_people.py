"""The tables of people who sign in, as the first migration makes them: relay.store.people_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="accounts_address_length"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="accounts_id_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="accounts_name_length"),
        sa.CheckConstraint("length(offices) BETWEEN 1 AND 200", name="accounts_offices_length"),
        sa.PrimaryKeyConstraint("id", name="accounts_pkey"),
        sa.UniqueConstraint("key", name="accounts_key_key"),
    )
    op.create_table(
        "memberships",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("sees_team", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="memberships_address_length"),
        sa.CheckConstraint("length(member) BETWEEN 1 AND 100", name="memberships_member_length"),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name="memberships_partner_fkey"),
        sa.PrimaryKeyConstraint("partner", "key", name="memberships_pkey"),
    )
    op.create_index("memberships_by_key", "memberships", ["key"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("created_at < ends_at", name="sessions_ends_later"),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="sessions_address_length"),
        sa.CheckConstraint("length(agent) BETWEEN 0 AND 100", name="sessions_agent_length"),
        sa.CheckConstraint("length(digest) = 32", name="sessions_digest_length"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="sessions_account_fkey"),
        sa.PrimaryKeyConstraint("id", name="sessions_pkey"),
        sa.UniqueConstraint("digest", name="sessions_digest_key"),
    )
    op.create_index("sessions_by_account", "sessions", ["account"], unique=False)
    op.create_index("sessions_by_end", "sessions", ["ends_at"], unique=False)
    op.create_index("sessions_by_key", "sessions", ["key", "last_seen_at"], unique=False)
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(digest IS NULL) = (ends_at IS NULL)", name="sign_in_links_linked_until"),
        sa.CheckConstraint("digest IS NULL OR written_at IS NOT NULL", name="sign_in_links_written_when_linked"),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="sign_in_links_address_length"),
        sa.CheckConstraint("length(digest) = 32", name="sign_in_links_digest_length"),
        sa.CheckConstraint("length(network) BETWEEN 0 AND 50", name="sign_in_links_network_length"),
        sa.CheckConstraint("length(next) BETWEEN 0 AND 500", name="sign_in_links_next_length"),
        sa.PrimaryKeyConstraint("id", name="sign_in_links_pkey"),
        sa.UniqueConstraint("digest", name="sign_in_links_digest_key"),
    )
    op.create_index("sign_in_links_by_key", "sign_in_links", ["key", "created_at"], unique=False)
    op.create_index("sign_in_links_by_network", "sign_in_links", ["network", "created_at"], unique=False)
    op.create_index("sign_in_links_by_time", "sign_in_links", ["created_at"], unique=False)
    op.create_index(
        "sign_in_links_waiting",
        "sign_in_links",
        ["id"],
        unique=False,
        sqlite_where=sa.text("written_at IS NULL"),
        postgresql_where=sa.text("written_at IS NULL"),
    )
