"""A consistent copy of an SQLite database while others read and write it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.engine import make_url

from relay.errors import NotDone
from relay.store.booking_tables import booking_steps, bookings, ledger
from relay.store.engine import reading
from relay.store.tables import State, attempts, conversations, deliveries, messages, timeline
from relay.values import Tell

pages_at_once: Final = 512
"""Pages of one step: 2 MB, so that progress can be told, and Ctrl-C is heard."""

_COUNTED: Final = (conversations, messages, deliveries, attempts, timeline, bookings, booking_steps, ledger)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a copy holds: its schema's revision, the rows of each table that matters, and how many deliveries were under way."""

    schema: str
    counts: Mapping[str, int]
    due: int


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for any other kind."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def taken(engine: Engine, file: Path, tell: Tell = lambda _stage, _done, _whole: None) -> Snapshot:
    """Copies the SQLite database behind `engine` to `file`, which must not exist; it is for its owner alone, and on the disk.

    The copy is the state of one instant. Writers go on meanwhile; only the write-ahead log cannot be emptied, and grows. Raises
    Unavailable, and NotDone when the copy is damaged, or there is no room for it.
    """
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with reading(engine) as connection, closing(sqlite3.connect(file, isolation_level=None)) as copy:
        # This reads, and from here on the view stands. Without one SQLite begins again whenever somebody else writes, and with
        # mail coming in all the time it never ends.
        snapshot = described(connection)
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError("only SQLite has such copies")
        copy.execute("PRAGMA synchronous = OFF")  # it is synchronised as a whole, below
        try:
            source.backup(copy, pages=pages_at_once, progress=lambda _, left, whole: tell("copying", whole - left, whole))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise NotDone(f"{file.parent}: no room for a copy of the database") from None
            raise
        # A file that stands for itself: a log beside it could be forgotten.
        copy.execute("PRAGMA journal_mode = DELETE")
        check_sound(copy)
    _synchronised(file)
    return snapshot


def check_sound(database: sqlite3.Connection) -> None:
    """Raises NotDone when SQLite finds the file damaged."""
    try:
        [(said,), *_] = database.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as none:
        raise NotDone(f"the database is damaged: {none}") from None
    if said != "ok":
        raise NotDone(f"the database is damaged: {said}")


def described(connection: Connection) -> Snapshot:
    """What the database behind `connection` holds now. Raises Unavailable."""
    counts = {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _COUNTED}
    due = connection.execute(
        select(func.count()).select_from(deliveries).where(deliveries.c.state == State.DUE.value)
    ).scalar_one()
    [revision] = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
    return Snapshot(revision, counts, due)


def _synchronised(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
