"""Opening a database: what holds for every connection, and how trouble is told."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import StatementError
from support.world import NOW

from relay.errors import Conflict, NotBegun, Unavailable, WrongConfiguration
from relay.store.engine import Line, connections_max, open_engine, reading, writing
from relay.store.rows import Inserted
from relay.store.tables import aliases

LOOKS_AND_LEAVES = "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]); one.execute('SELECT 1 FROM aliases'); one.close()"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/var/deep/relay.db")
    yield engine
    engine.dispose()


def test_the_file_and_its_companions_are_readable_by_their_owner_alone(fresh: Engine, tmp_path: Path) -> None:
    with writing(fresh) as connection:
        connection.execute(text("CREATE TABLE t (a)"))
        files = list((tmp_path / "var/deep").iterdir())
        assert {file.name for file in files} == {"relay.db", "relay.db-wal", "relay.db-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "var/deep").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL: 250 means durable (invariant 3)
        ("foreign_keys", 1),
        ("secure_delete", 1),
    ],
)
def test_every_connection_is_durable_strict_and_forgets_what_was_erased(fresh: Engine, pragma: str, value: object) -> None:
    with reading(fresh) as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_a_lock_is_waited_for_five_seconds_unless_told_otherwise(fresh: Engine) -> None:
    """FAULT-98"""
    with reading(fresh) as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 5000


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "no url at all"])
def test_a_url_that_keeps_nothing_or_is_none_is_a_wrong_configuration(url: str) -> None:
    with pytest.raises(WrongConfiguration, match=r"database\.url"):
        open_engine(url)


def test_a_file_that_cannot_be_made_is_trouble_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        open_engine(f"sqlite:///{tmp_path}/file/relay.db")


@pytest.mark.sqlite_only
def test_a_transaction_that_writes_takes_the_lock_at_once(engine: Engine) -> None:
    """Taking it late fails without waiting when somebody wrote in between (FAULT-98)."""
    with writing(engine), pytest.raises(Unavailable, match="locked"), writing(engine):
        pytest.fail("two writers at once")


def test_readers_do_not_wait_for_the_writer_and_see_what_was_committed(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.execute(insert(aliases).values(local="customer-1", minted_at=NOW))
        with reading(engine) as reader:
            assert reader.execute(select(aliases)).all() == []
    with reading(engine) as reader:
        assert len(reader.execute(select(aliases)).all()) == 1


def test_what_raises_leaves_nothing_behind(engine: Engine) -> None:
    def fails_late() -> None:
        with writing(engine) as connection:
            connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_late()
    with reading(engine) as connection:
        assert connection.execute(select(aliases)).all() == []


@pytest.mark.sqlite_only
def test_a_locked_database_is_unavailable_and_recovers_without_restart(engine: Engine) -> None:
    """FAULT-98"""
    assert engine.url.database is not None
    with closing(sqlite3.connect(engine.url.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"), writing(engine):
            pytest.fail("the lock was not respected")
        other.rollback()
    with writing(engine) as connection:
        connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW))


@pytest.mark.sqlite_only
def test_a_database_that_is_opened_twice_in_a_process_keeps_its_locks(engine: Engine) -> None:
    """FAULT-98: without them the next process to leave takes itself for the last one, and deletes the log that is in use."""
    assert engine.url.database is not None
    with writing(engine) as connection:
        connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW))
    open_engine(engine.url.render_as_string()).dispose()
    log = Path(f"{engine.url.database}-wal")
    subprocess.run([sys.executable, "-c", LOOKS_AND_LEAVES, engine.url.database], check=True)
    assert log.exists()


@pytest.mark.sqlite_only
def test_what_did_not_begin_is_told_as_that(engine: Engine) -> None:
    assert engine.url.database is not None
    with closing(sqlite3.connect(engine.url.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotBegun), writing(engine):
            pytest.fail("the lock was not respected")
    with pytest.raises(Unavailable) as broke, writing(engine) as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert not isinstance(broke.value, NotBegun)


@pytest.mark.sqlite_only
def test_a_file_that_was_moved_away_is_neither_written_into_nor_made_anew(engine: Engine) -> None:
    """FAULT-98, invariant 3: what is open takes writes wherever it lies, and nobody would find them."""
    assert engine.url.database is not None
    file = Path(engine.url.database)
    lines = [Line(engine, writes=writes) for writes in (True, False)]
    for one in lines:
        with one.transaction():
            pass
    away = file.rename(file.with_name("away.db"))
    for begun in (writing(engine), reading(engine), *(one.transaction() for one in lines)):
        with pytest.raises(Unavailable, match="unable to open"), begun:
            pytest.fail("there is no file")
    assert not file.exists()
    away.rename(file)
    for number, begun in enumerate((writing(engine), lines[0].transaction())):
        with begun as connection:
            connection.execute(insert(aliases).values(local=f"customer-{number}", minted_at=NOW))


@pytest.mark.sqlite_only
def test_another_file_in_its_place_is_the_one_that_is_used(engine: Engine, migrated: Path) -> None:
    """FAULT-98: a backup that was put back, for instance."""
    assert engine.url.database is not None
    line = Line(engine, writes=True)
    with line.transaction() as connection:
        connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW))
    other = Path(engine.url.database).with_name("other.db")
    shutil.copy(migrated, other)
    other.rename(engine.url.database)
    for companion in ("-wal", "-shm"):
        Path(f"{engine.url.database}{companion}").unlink(missing_ok=True)
    for begun in (reading(engine), line.transaction()):
        with begun as connection:
            assert connection.execute(select(aliases)).all() == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("writes", [True, False])
def test_a_line_keeps_its_connection_until_an_error(engine: Engine, writes: bool) -> None:
    """PERF-3"""
    line = Line(engine, writes=writes)
    seen: list[Connection] = []
    for breaks in (False, True, False):
        with suppress(Unavailable), line.transaction() as connection:
            seen.append(connection)
            if breaks:
                connection.exec_driver_sql("SELECT nothing FROM nowhere")
    first, second, third = seen
    assert first is second
    assert third is not second


def test_of_a_line_only_what_was_committed_is_there(engine: Engine) -> None:
    def mints(line: Line, local: str) -> None:
        with line.transaction() as connection:
            Inserted(aliases, "local", "minted_at")(connection, [(local, 0)])
            if local == "customer-2":
                raise Conflict("no")

    line = Line(engine, writes=True)
    mints(line, "customer-1")
    with pytest.raises(Conflict):
        mints(line, "customer-2")
    with suppress(Unavailable):  # PostgreSQL refuses it
        mints(Line(engine, writes=False), "customer-3")
    mints(line, "customer-4")
    with reading(engine) as connection:
        assert set(connection.execute(select(aliases.c.local)).scalars()) == {"customer-1", "customer-4"}


@pytest.mark.sqlite_only
def test_a_full_disk_is_unavailable_and_leaves_nothing_of_the_transaction(engine: Engine) -> None:
    """FAULT-97"""
    with reading(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fills_the_disk() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            for number in range(2000):
                connection.execute(insert(aliases).values(local=f"customer-{number:050d}", minted_at=NOW))

    with pytest.raises(Unavailable, match="full"):
        fills_the_disk()
    engine.dispose()
    with reading(engine) as connection:
        assert connection.execute(select(aliases)).all() == []


def test_when_every_connection_is_in_use_the_wait_has_an_end(engine: Engine) -> None:
    """FAULT-98: pool exhausted"""
    held = [engine.connect() for _ in range(connections_max)]
    try:
        with pytest.raises(Unavailable, match="in use"), reading(engine):
            pytest.fail("one connection too many")
    finally:
        for one in held:
            one.close()


def test_no_value_of_any_column_is_in_the_text_of_an_error(engine: Engine) -> None:
    """Invariant 1: real addresses are never in an exception's text."""
    twice = [{"local": "zofia@poczta.example", "minted_at": NOW}] * 2
    with pytest.raises(Unavailable) as raised, writing(engine) as connection:
        connection.execute(insert(aliases), twice)
    assert "zofia" not in str(raised.value)
    assert re.search(r"aliases\.local|aliases_pkey", str(raised.value))
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_time_without_a_zone_is_never_stored(engine: Engine) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="TypeError"), writing(engine) as connection:
        connection.execute(insert(aliases).values(local="customer-1", minted_at=naive))


def test_an_instant_comes_back_as_it_was(engine: Engine) -> None:
    at = NOW + timedelta(microseconds=1)
    with writing(engine) as connection:
        connection.execute(insert(aliases).values(local="customer-1", minted_at=at))
        assert connection.execute(select(aliases.c.minted_at)).scalar_one() == at


def test_why_a_server_cannot_be_reached_is_told_without_the_password() -> None:
    engine = open_engine("postgresql+psycopg://relay:hunter2@127.0.0.1:1/relay", patience=timedelta(seconds=1))
    with pytest.raises(Unavailable, match=r"port 1 failed: .*refused") as why, reading(engine):
        pass
    assert "hunter2" not in str(why.value)
    assert "\n" not in str(why.value)
    engine.dispose()


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"database file .*/file/relay\.db: File exists"):
        open_engine(f"sqlite:///{tmp_path}/file/relay.db")
