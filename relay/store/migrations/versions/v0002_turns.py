"""Deliveries that are due, by the domain they go to: claims give each domain its turn (FAULT-100)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index(
        "deliveries_by_domain",
        "deliveries",
        ["domain", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
