"""Bringing a database to the present schema. The migrations are part of the package; no file of the user's is read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect, text

from relay.store.engine import reading, writing

PRESENT: Final = "0002"
"""The last migration. A test compares it with the migrations themselves, so that asking costs no import of Alembic."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x72656C61
"""PostgreSQL: two nodes that start together migrate one after the other. On SQLite the write lock does that."""


def migrate(engine: Engine) -> None:
    """Brings the database to the present schema, in one transaction; does nothing when it is there. Raises Unavailable."""
    # Late, because the mail path has no need of it and it takes longer to import than everything else here.
    from alembic import command
    from alembic.config import Config

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def schema_is_current(engine: Engine) -> bool:
    """Whether every migration has been made, and none that this version does not know. Raises Unavailable."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [PRESENT]
