"""Bringing a database to the present schema. The migrations are part of the package; no file of the user's is read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from relay.errors import WrongConfiguration
from relay.store.engine import at_leisure, reading, writing

PRESENT: Final = "0001"
"""The last migration. A test compares it with the migrations themselves, so that asking costs no import of Alembic."""

MOVING: Final = "moving"
"""Stands in the place of the last migration while `relay move` fills the database."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x72656C61
"""PostgreSQL: two nodes that start together migrate one after the other. On SQLite the write lock does that."""


def migrate(engine: Engine) -> None:
    """Brings the database to the present schema, in one transaction; does nothing when it is there.

    Raises Unavailable, and WrongConfiguration when a later version of this program has migrated it.
    """
    if schema_is_current(engine):
        return
    # Late, because the mail path has no need of it, it takes longer to import than everything else here, and 6 MB (PERF-10).
    from alembic import command
    from alembic.config import Config

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            at_leisure(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _refuse_a_later_one(_version(connection))
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version(engine: Engine) -> str | None:
    """The last migration that was made; None where there was none. Raises Unavailable."""
    with reading(engine) as connection:
        return _version(connection)


def schema_is_current(engine: Engine) -> bool:
    """Whether every migration has been made. Raises Unavailable, and WrongConfiguration as `migrate` does."""
    at = version(engine)
    _refuse_a_later_one(at)
    return at == PRESENT


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _refuse_a_later_one(at: str | None) -> None:
    """Migrations are numbered. What a later version made of the tables is not known here, so nothing is done to them."""
    if at == MOVING:
        raise WrongConfiguration("database.url: `relay move` to it has not finished: run that again, where it was begun")
    if at is not None and at > PRESENT:
        raise WrongConfiguration(
            f"database.url: its schema {at} was made by a later version of this program; this one knows {PRESENT}"
        )
