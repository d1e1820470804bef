"""The configuration and the database, as commands use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relay.settings import Settings, read

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class Opened:
    """A configuration with its database."""

    settings: Settings
    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. Raises Unavailable."""
        from relay.store.engine import reading

        with reading(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. Raises Unavailable."""
        from relay.store.engine import writing

        with writing(self.engine) as connection:
            yield connection


@contextmanager
def opened(file: Path | None) -> Iterator[Opened]:
    """The database of the configuration in `file`, with the present schema.

    On SQLite the schema is brought up to date; a database that several nodes share is migrated when its operator says so.
    Raises Unavailable, and WrongConfiguration, which then names `relay migrate`.
    """
    from relay.app import places
    from relay.app.archive import present
    from relay.store.schema import schema_is_current

    settings = read(file).settings
    engine = places.database(settings)
    try:
        if not schema_is_current(engine):
            present(engine)
        yield Opened(settings, engine)
    finally:
        engine.dispose()
