"""Everything in one database copied into another one that is empty: in batches, each a transaction; resumed after any crash.

Until all of it is there and was compared, the target's schema is called `moving`, so nothing else will use it; what has arrived
stands beside it in a table that goes at the end. The source is read under a lock that keeps every writer out, and is not
changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    collate,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)

from relay.errors import Conflict, Damaged, NotDone
from relay.store import schema
from relay.store.blobs import Blob, in_row_octets_max
from relay.store.columns import metadata
from relay.store.engine import at_leisure, reading, writing
from relay.store.objects import Objects, new_key
from relay.store.rows import Found, micros
from relay.store.tables import Codec, State, blobs, deliveries, installation, workers
from relay.values import Tell

rows_at_once: Final = 500
octets_at_once: Final = 4 * 1024 * 1024
"""Of one batch; a row that is larger goes alone."""

_ORDER: Final = (installation, *(table for table in metadata.sorted_tables if table not in (installation, workers)))
"""What a row points to comes before it, and whose all of it is comes first. Who is at work here is not at work there."""
_LATER: Final[Mapping[str, str]] = {"deliveries": "failure_notice", "bookings": "parent"}
"""What points to a row of the same table, which may come later: filled in when all of them are there."""
_ANEW: Final[Mapping[str, Mapping[str, object]]] = {"texts": {"stale": True, "marks": None}}
"""What says that the search index knows a message: there it does not, until the gateway has indexed it."""
_ELSEWHERE: Final[Mapping[str, frozenset[str]]] = {"blobs": frozenset({"data", "object"})}
"""What may be kept in another way there. That it is the same follows from its SHA-256, and an audit compares that."""

_arrived: Final = Table(
    "moving",
    MetaData(),
    Column("name", Text, primary_key=True),
    # JSON: the key of its last row that has arrived.
    Column("key", Text, nullable=False),
    Column("rows", Integer, nullable=False),
)
_ORIGIN: Final = "*"
"""The entry that says where all this comes from, and at which schema."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A table that is the same there as here."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Housing:
    """Where octets are to lie from now on: as they do, or in rows and in the objects of `there`."""

    changes: bool = False
    here: Objects | None = None
    there: Objects | None = None

    def of(self, blob: Blob) -> Mapping[str, object]:
        """The columns that say so; its object is there when this returns. Raises Unavailable."""
        as_it_is = {"data": blob.data, "object": blob.object}
        if not self.changes:
            return as_it_is
        try:
            kept = blob.kept(self.here)
        except Damaged:
            return as_it_is  # it is missing here, and no less there
        if self.there is None or len(kept) <= in_row_octets_max:
            return {"data": kept, "object": None}
        key = new_key(blob.name)
        self.there.put(key, kept)
        return {"data": None, "object": key}


def prepare(target: Engine, origin: str) -> bool:
    """Makes the target ready for what comes from `origin`; whether that had begun before.

    Raises Conflict where there is anything else, and Unavailable.
    """
    told = json.dumps([origin, schema.PRESENT])
    with reading(target) as connection:
        names = set(inspect(connection).get_table_names())
        if _arrived.name in names:
            begun = connection.execute(select(_arrived.c.key).where(_arrived.c.name == _ORIGIN)).scalar_one()
            if begun != told:
                raise Conflict("a move from another database, or by another version, was begun there: empty it first")
            return True
    if foreign := {name for name in names if name not in metadata.tables and not name.startswith(_OURS)}:
        raise Conflict(f"there are tables of somebody else there: {', '.join(sorted(foreign)[:5])}")
    schema.migrate(target)
    with writing(target) as connection:
        connection.execute(delete(installation))  # it becomes the one that is moved
        for table in metadata.tables.values():
            if connection.execute(select(table).limit(1)).first() is not None:
                raise Conflict(f"there is something already in its table {table.name}: only an empty database can be moved to")
        _arrived.create(connection)
        connection.execute(insert(_arrived).values(name=_ORIGIN, key=told, rows=0))
        connection.execute(text("UPDATE alembic_version SET version_num = :moving"), {"moving": schema.MOVING})
    return False


@contextmanager
def frozen(source: Engine) -> Iterator[Connection]:
    """A view of the source that nobody can change meanwhile. Raises Conflict while nodes are at work on it, and Unavailable."""
    with writing(source) as connection:  # on SQLite this alone keeps every other writer out
        if connection.dialect.name == "postgresql":
            at_leisure(connection)
            connection.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN SHARE MODE"))
            if at_work := connection.execute(select(workers.c.name).limit(5)).scalars().all():
                raise Conflict(f"nodes are at work on it: {', '.join(at_work)}; stop them first")
        yield connection


def copy(source: Connection, target: Engine, housing: Housing, tell: Tell) -> None:
    """Copies what has not arrived yet, from where it was broken off. Raises Unavailable."""
    for table in _ORDER:
        _copy_table(source, target, table, housing, tell)
    for name, column in _LATER.items():
        _fill_in(source, target, metadata.tables[name], column)


def compare(source: Connection, target: Engine, tell: Tell) -> tuple[Arrived, ...]:
    """Every table, as it stands on both sides. Raises NotDone where they differ, and Unavailable."""
    same: list[Arrived] = []
    with reading(target) as connection:
        at_leisure(connection)
        for number, table in enumerate(_ORDER):
            tell("comparing", number, len(_ORDER))
            here, there = _digest(source, table), _digest(connection, table)
            if here != there:
                told = f"{here[0]} rows here, {there[0]} there"
                raise NotDone(f"{table.name} is not the same there ({told}): empty that database and begin again")
            same.append(Arrived(table.name, *there))
    return tuple(same)


def finish(target: Engine, now: datetime) -> None:
    """The target may be used from now on. Numbers go on where they ended, and nobody holds a claim. Raises Unavailable."""
    with writing(target) as connection:
        at_leisure(connection)
        if connection.dialect.name == "postgresql":
            for table in _ORDER:
                for column in table.primary_key.columns:
                    if column is table.autoincrement_column:
                        last = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                        sequence = func.pg_get_serial_sequence(table.name, column.name)
                        connection.execute(select(func.setval(sequence, last, False)))  # noqa: FBT003 -- PostgreSQL's own order
        claimed = update(deliveries).where(deliveries.c.state == State.DUE.value, deliveries.c.claimed_by.is_not(None))
        connection.execute(claimed.values(claimed_by=None, due_at=now))
        _arrived.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :present"), {"present": schema.PRESENT})


_OURS: Final = ("alembic_version", "search_index")


def _copy_table(source: Connection, target: Engine, table: Table, housing: Housing, tell: Tell) -> None:
    whole = source.execute(select(func.count()).select_from(table)).scalar_one()
    key = list(table.primary_key.columns)
    chosen = select(table).order_by(*key)
    with reading(target) as connection:
        before = connection.execute(select(_arrived.c.key, _arrived.c.rows).where(_arrived.c.name == table.name)).one_or_none()
    done = before.rows if before is not None else 0
    if before is not None:
        chosen = chosen.where(tuple_(*key) > tuple_(*json.loads(before.key)))
    tell(table.name, done, whole)
    at_once = 1 if table is blobs else rows_at_once
    for batch in _batches(source.execute(chosen.execution_options(yield_per=at_once))):
        done += len(batch)
        last = json.dumps([getattr(batch[-1], column.name) for column in key])
        with writing(target) as connection:
            at_leisure(connection)
            connection.execute(insert(table), [_there(table, row, housing) for row in batch])
            mark = update(_arrived).where(_arrived.c.name == table.name).values(key=last, rows=done)
            if not connection.execute(mark).rowcount:
                connection.execute(insert(_arrived).values(name=table.name, key=last, rows=done))
        tell(table.name, done, whole)


def _there(table: Table, row: Found, housing: Housing) -> dict[str, object]:
    values: dict[str, object] = {**row._mapping, **_ANEW.get(table.name, {})}
    if table is blobs:
        values |= housing.of(Blob(row.id, Codec(row.codec), row.size, row.sha256, row.data, row.object))
    if table.name in _LATER:
        values[_LATER[table.name]] = None
    return values


def _batches(rows: Iterable[Found]) -> Iterator[Sequence[Found]]:
    batch: list[Found] = []
    octets = 0
    for row in rows:
        size = sum(len(one) for one in row._mapping.values() if isinstance(one, str | bytes))
        if batch and (len(batch) == rows_at_once or octets + size > octets_at_once):
            yield batch
            batch, octets = [], 0
        batch.append(row)
        octets += size
    if batch:
        yield batch


def _fill_in(source: Connection, target: Engine, table: Table, column: str) -> None:
    [key] = table.primary_key.columns
    chosen = select(key.label("of"), table.c[column].label("value")).where(table.c[column].is_not(None)).order_by(key)
    for batch in _batches(source.execute(chosen.execution_options(yield_per=rows_at_once))):
        with writing(target) as connection:
            at_leisure(connection)
            for row in batch:
                connection.execute(update(table).where(key == row.of).values({column: row.value}))


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows, and the SHA-256 of all that is to be the same, in an order that is the same on every database."""
    left_out = _ELSEWHERE.get(table.name, frozenset()) | set(_ANEW.get(table.name, ()))
    columns = [column for column in table.columns if column.name not in left_out]
    order = [_by_octets(connection, column) for column in table.primary_key.columns]
    sha256, count = hashlib.sha256(), 0
    for row in connection.execute(select(*columns).order_by(*order).execution_options(yield_per=rows_at_once)):
        sha256.update(json.dumps([_plain(value) for value in row], separators=(",", ":")).encode())
        count += 1
    return count, sha256.hexdigest()


def _by_octets(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    # PostgreSQL sorts text as the language of its cluster does.
    if isinstance(column.type, Text) and connection.dialect.name == "postgresql":
        return collate(column, "C")
    return column


def _plain(value: object) -> str | int | None:
    match value:
        case bytes():
            return value.hex()
        case datetime():
            return micros(value)
        case bool():
            return int(value)
        case str() | int() | None:
            return value
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")
