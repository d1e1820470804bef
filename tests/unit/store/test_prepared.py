"""What is asked through the driver is what SQLAlchemy would have asked (PERF-3)."""

from __future__ import annotations

import pytest
from sqlalchemy import Text, bindparam, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Dialect
from support.archive import World
from support.world import NOW

from relay.store.prepared import Prepared
from relay.store.tables import aliases, deliveries

BY_TIME = select(aliases.c.local.label("name"), aliases.c.minted_at).where(
    aliases.c.minted_at <= bindparam("until"), aliases.c.local.in_(["partner-1", "partner-2"]), aliases.c.local != "x"
)


def test_values_and_rows_are_those_of_the_columns(world: World) -> None:
    world.write(lambda connection: [connection.execute(aliases.insert(), {"local": "partner-1", "minted_at": NOW})])
    prepared = Prepared(BY_TIME)
    asked = world.read(lambda connection: [tuple(one) for one in connection.execute(BY_TIME, {"until": NOW})])
    found = world.read(lambda connection: prepared.rows(connection, until=NOW))
    assert found == asked == [("partner-1", NOW)]
    assert (found[0].name, found[0].minted_at) == ("partner-1", NOW)
    assert world.read(lambda connection: prepared.one(connection, until=NOW.replace(year=2000))) is None


def test_a_change_is_done(world: World) -> None:
    later = NOW.replace(year=NOW.year + 1)
    change = Prepared(update(aliases).where(aliases.c.local == bindparam("which")).values(minted_at=bindparam("at")))
    world.write(lambda connection: [connection.execute(aliases.insert(), {"local": "partner-1", "minted_at": NOW})])
    world.write(lambda connection: change.run(connection, which="partner-1", at=later))
    assert world.read(lambda connection: Prepared(BY_TIME).one(connection, until=later)) == ("partner-1", later)


def test_what_a_change_returns_is_found(world: World) -> None:
    change = Prepared(
        update(aliases)
        .where(aliases.c.local == bindparam("which"))
        .values(minted_at=bindparam("at"))
        .returning(aliases.c.local, aliases.c.minted_at)
    )
    world.write(lambda connection: [connection.execute(aliases.insert(), {"local": "partner-1", "minted_at": NOW})])
    later = NOW.replace(year=NOW.year + 1)
    returned = world.write(lambda connection: change.rows(connection, which="partner-1", at=later))
    assert [(one.local, one.minted_at) for one in returned] == [("partner-1", later)]
    assert world.write(lambda connection: change.one(connection, which="partner-2", at=later)) is None


@pytest.mark.parametrize(("dialect", "mark"), [(sqlite.dialect(), "?"), (psycopg.dialect(), "%(id1)s")])
def test_both_databases_are_asked_in_their_own_words(dialect: Dialect, mark: str) -> None:
    """SQLite cannot lock a row, PostgreSQL must."""
    statement = select(deliveries.c.id).where(deliveries.c.id.in_([bindparam(f"id{at}", type_=Text) for at in range(2)]))
    sql = Prepared(statement.with_for_update()).text_for(dialect).sql
    assert mark in sql
    assert ("FOR UPDATE" in sql) == (dialect.name == "postgresql")
