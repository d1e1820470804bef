"""A database that breaks down in the middle of a transaction, whichever it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection


@contextmanager
def breaking_after(connection: Connection, statements: int) -> Iterator[None]:
    """The database carries out that many statements, and none after them."""
    left = statements

    def is_broken() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield from _with_cursors(driver, is_broken)
        return

    def allowed(action: int, *_: object) -> int:
        counts = action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_SELECT}
        return sqlite3.SQLITE_DENY if (counts and is_broken()) or left < 0 else sqlite3.SQLITE_OK

    driver.set_authorizer(allowed)
    try:
        yield
    finally:
        driver.set_authorizer(None)


def _with_cursors(driver: Any, is_broken: Callable[[], bool]) -> Iterator[None]:
    import psycopg

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **kwargs: Any) -> Any:
            if is_broken():
                raise psycopg.errors.DiskFull
            return super().execute(*args, **kwargs)

        def executemany(self, *args: Any, **kwargs: Any) -> None:
            if is_broken():
                raise psycopg.errors.DiskFull
            super().executemany(*args, **kwargs)

    driver.cursor_factory = Cursor
    try:
        yield
    finally:
        driver.cursor_factory = psycopg.Cursor
