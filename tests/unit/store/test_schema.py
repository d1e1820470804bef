"""The schema: migrations and tables say the same, and asking costs little."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from support.archive import World
from support.world import NOW

import relay.store.schema
from relay.errors import Unavailable
from relay.store.engine import open_engine, reading, writing
from relay.store.schema import PRESENT, migrate, schema_is_current
from relay.store.tables import metadata
from relay.store.timeline import Draft, Kind, append


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/relay.db")
    yield engine
    engine.dispose()


def test_a_new_database_is_not_current_until_it_was_migrated(fresh: Engine) -> None:
    assert not schema_is_current(fresh)
    migrate(fresh)
    assert schema_is_current(fresh)


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all() == before


def test_a_schema_of_a_later_version_is_not_current(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema_is_current(engine)


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


def test_the_migrations_make_the_checks_that_the_tables_name(engine: Engine) -> None:
    """Bounds are repeated in the schema (style.md); comparing tables leaves checks out."""
    checks = [
        (table.name, str(check.name))
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    ]
    assert len(checks) > 20
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {row.name: row.sql for row in rows}
    assert [check for check in checks if f"CONSTRAINT {check[1]} CHECK" not in made[check[0]]] == []


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
    with pytest.raises(Unavailable, match="append-only"):
        world.write(lambda connection: connection.execute(text(statement)))


def test_a_migration_that_fails_leaves_the_database_as_it_was(fresh: Engine) -> None:
    with writing(fresh) as connection:
        connection.execute(text("CREATE TABLE tokens (something_else TEXT)"))
    with pytest.raises(Unavailable):
        migrate(fresh)
    with reading(fresh) as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    assert names == ["tokens"]
