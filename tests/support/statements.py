"""Statements are put into SQL once for all databases of a test run.

SQLAlchemy keeps the text of a statement with the engine that it was put together for. A process that serves has one engine; tests
have one each, and putting the same statements together anew took most of the time of those with a database.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_TEXTS: Final[dict[Any, Any]] = {}


class Shared(SQLiteDialect_pysqlite):
    """SQLite, as any engine speaks it: the product gives its engines no choices of dialect, so that all speak the same."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is Shared

    def __hash__(self) -> int:
        return hash(Shared)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_TEXTS)


def share() -> None:
    """From now on every engine for SQLite that this process opens finds the statements of those before it."""
    registry.register("sqlite", __name__, Shared.__name__)
