"""The schema: migrations and tables say the same, and asking costs little."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from support.archive import World
from support.world import NOW

import relay.store.schema
from relay.errors import Unavailable, WrongConfiguration
from relay.store.columns import metadata
from relay.store.engine import open_engine, reading, writing
from relay.store.schema import PRESENT, migrate, schema_is_current, version
from relay.store.timeline import Draft, Kind, append


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/relay.db")
    yield engine
    engine.dispose()


def made_of(engine: Engine) -> list[object]:
    """Everything that the schema consists of, as the database tells it."""
    everything = (
        "SELECT type, name, sql FROM sqlite_master"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
        " SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint UNION ALL"
        " SELECT table_name || column_name || data_type FROM information_schema.columns WHERE table_schema = 'public' UNION ALL"
        " SELECT pg_get_triggerdef(oid) FROM pg_trigger"
    )
    with reading(engine) as connection:
        return sorted(map(repr, connection.execute(text(everything))))


def test_a_new_database_is_not_current_until_it_was_migrated(fresh: Engine) -> None:
    assert not schema_is_current(fresh)
    migrate(fresh)
    assert schema_is_current(fresh)


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = made_of(engine)
    migrate(engine)
    assert made_of(engine) == before


def test_a_database_at_the_present_schema_needs_no_migration_tool(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF-10: an ordinary start does not load what only a migration needs."""
    monkeypatch.setitem(sys.modules, "alembic", None)
    migrate(engine)
    assert schema_is_current(engine)


def test_a_schema_of_a_later_version_is_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (schema_is_current, migrate):
        with pytest.raises(WrongConfiguration, match="9999 was made by a later version"):
            use(engine)
    assert version(engine) == "9999"


def test_no_file_of_the_working_directory_is_read(fresh: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = nowhere\n")
    monkeypatch.chdir(tmp_path)
    migrate(fresh)
    assert schema_is_current(fresh)


def test_the_present_migration_is_the_last_one() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(relay.store.schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [PRESENT]


def test_the_migrations_make_the_tables_that_the_code_speaks_of(engine: Engine) -> None:
    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("search_index"))

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_the_partial_indexes_that_the_tables_name(engine: Engine) -> None:
    """On both databases; comparing tables looks at the columns of an index alone."""
    named = {str(index.name): index.info.get("where") for table in metadata.tables.values() for index in table.indexes}
    found = {
        str(index["name"]): index["dialect_options"].get(f"{engine.dialect.name}_where")
        for table in metadata.tables
        for index in inspect(engine).get_indexes(table)
    }
    assert sum(where is not None for where in named.values()) > 12
    assert {name: plain(found[name]) for name in named} == {name: plain(where) for name, where in named.items()}


def plain(condition: object) -> list[str]:
    """Its words: PostgreSQL writes a condition with parentheses, casts and arrays of its own."""
    return re.findall(r"[a-z_]+", re.sub(r"::\w+(\[\])?", "", str(condition).replace("= ANY", "IN")).replace("ARRAY", ""))


def test_the_migrations_make_the_checks_that_the_tables_name(engine: Engine) -> None:
    """Bounds are repeated in the schema (style.md); comparing tables leaves checks out."""
    checks = [
        (table.name, str(check.name))
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    ]
    assert len(checks) > 20
    made = inspect(engine)
    found = {name: {one["name"] for one in made.get_check_constraints(name)} for name in metadata.tables}
    assert [check for check in checks if check[1] not in found[check[0]]] == []


def test_who_knows_the_tables_knows_all_of_them(fresh: Engine) -> None:
    """FAULT-96: a move takes each table that the metadata have, whatever else was imported."""
    migrate(fresh)
    told = subprocess.run(
        [sys.executable, "-c", "import relay.store.tables as known; print(*known.metadata.tables)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    with reading(fresh) as connection:
        made = set(inspect(connection).get_table_names())
    assert made - {name for name in made if name.startswith("search_index")} - {"alembic_version"} == set(told.stdout.split())


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_table_can_be_written_for_postgresql(name: str) -> None:
    written = str(CreateTable(metadata.tables[name]).compile(dialect=postgresql.dialect()))
    assert "BLOB" not in written
    assert ("BYTEA" in written) == any("BINARY" in repr(column.type).upper() for column in metadata.tables[name].columns)


@pytest.mark.parametrize("statement", ["UPDATE timeline SET facts = '{}'", "DELETE FROM timeline"])
def test_the_database_itself_refuses_to_change_a_timeline(world: World, statement: str) -> None:
    """Invariant 11"""
    conversation = world.opened()
    world.write(lambda connection: append(connection, [Draft(conversation.id, Kind.CLOSED, {})], NOW))
    with pytest.raises(Unavailable, match=r"append-only|P0001"):
        world.write(lambda connection: connection.execute(text(statement)))


def test_a_migration_that_fails_leaves_the_database_as_it_was(fresh: Engine) -> None:
    with writing(fresh) as connection:
        connection.execute(text("CREATE TABLE tokens (something_else TEXT)"))
    with pytest.raises(Unavailable):
        migrate(fresh)
    with reading(fresh) as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    assert names == ["tokens"]
