"""The operators' tables, as the first migration makes them: relay.store.operator_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all."""
    op.create_table(
        "suspended_destinations",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.CheckConstraint("domain = lower(domain)", name="suspended_destinations_domain_lower"),
        sa.CheckConstraint("length(because) BETWEEN 0 AND 500", name="suspended_destinations_because_length"),
        sa.CheckConstraint("length(domain) BETWEEN 1 AND 255", name="suspended_destinations_domain_length"),
        sa.CheckConstraint("length(person) BETWEEN 1 AND 100", name="suspended_destinations_person_length"),
        sa.PrimaryKeyConstraint("domain", name="suspended_destinations_pkey"),
    )
    op.create_table(
        "audits",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.CheckConstraint("findings >= 0", name="audits_findings_range"),
        sa.PrimaryKeyConstraint("seq", name="audits_pkey"),
        sqlite_autoincrement=True,
    )
