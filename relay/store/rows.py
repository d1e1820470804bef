"""Rows as the driver takes them. Building an INSERT anew costs thrice what running it does, so the mail path does it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, Connection, Table, bindparam
from sqlalchemy import text as sql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

Value = str | bytes | int | bool | None
Row = tuple[Value, ...]
"""A row to insert."""


class Found(Protocol):
    """A row that was found. The functions that make values of rows are where its columns get their types."""

    def __getattr__(self, name: str) -> Any: ...


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970-01-01 in UTC. Raises TypeError for a time without a zone."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(at: int) -> datetime:
    """The instant, in UTC, so many microseconds after 1970-01-01. Raises OverflowError for one that no calendar holds."""
    return _EPOCH + at * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An instant: microseconds since 1970-01-01 in the table, an aware datetime in UTC outside."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else from_micros(value)


def text(words: str, characters_max: int) -> str:
    """`words` as a text column can hold them: no NUL (PostgreSQL), no lone surrogate (both), and not too long."""
    kept = words[:characters_max]
    if not kept.isascii():
        kept = kept.encode("utf-8", "replace").decode("utf-8")
    return kept.replace("\x00", "\ufffd")


def in_one(connection: Connection, before: str, rows: Sequence[Row], after: str = "") -> None:
    """One statement for all of `rows`, if there are any: `before` VALUES (…), (…) `after`."""
    if rows:
        one = f"({', '.join([_mark(connection)] * len(rows[0]))})"
        cursor = connection.connection.cursor()
        cursor.execute(f"{before} VALUES {', '.join([one] * len(rows))} {after}", [value for row in rows for value in row])
        cursor.close()


def insert_once(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Whether a row of `values` was inserted: not, where one stands there already by one of the table's keys."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    statement = sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING")  # noqa: S608 (our own names)
    typed = statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in values))
    return connection.execute(typed, dict(values)).rowcount == 1


def _mark(connection: Connection) -> str:
    """Where a value goes in a statement of the driver's."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


class Inserted:
    """Inserts rows of `columns` into `table`; values are given as the column holds them, in that order."""

    def __init__(self, table: Table, *columns: str) -> None:
        unknown = set(columns) - set(table.c.keys())
        if unknown:
            raise ValueError(f"{table.name} has no {', '.join(sorted(unknown))}")
        self._columns = len(columns)
        self._head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 (names of our own tables)

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        if rows:
            cursor = connection.connection.cursor()
            cursor.executemany(f"{self._head}({', '.join([_mark(connection)] * self._columns)})", rows)
            cursor.close()
