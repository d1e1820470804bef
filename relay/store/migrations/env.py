"""Alembic runs this. The connection, its transaction begun, comes from relay.store.schema."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
