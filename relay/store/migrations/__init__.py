"""The schema's history, for Alembic (see relay.store.schema)."""
