"""A copy of a database in use is whole, and of one instant."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.archive import World
from support.booking_rows import a_booking_row

from relay.errors import NotDone
from relay.store import snapshot
from relay.store.schema import PRESENT


@pytest.mark.sqlite_only
def test_a_copy_has_what_was_there_and_says_how_much(world: World, tmp_path: Path) -> None:
    world.accepted(world.crossing(world.opened()))
    world.write(a_booking_row)
    taken = snapshot.taken(world.engine, tmp_path / "copy.db")
    assert taken.schema == PRESENT
    assert taken.due == 1
    assert (taken.counts["conversations"], taken.counts["messages"], taken.counts["deliveries"]) == (1, 1, 1)
    assert (taken.counts["bookings"], taken.counts["booking_steps"], taken.counts["ledger"]) == (1, 1, 0)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.sqlite_only
def test_what_is_written_meanwhile_neither_waits_nor_gets_in_nor_makes_it_begin_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "pages_at_once", 1)
    conversation = world.opened()
    steps: list[int] = []

    def tell(_stage: str, done: int, whole: int) -> None:
        steps.append(done)
        if len(steps) % 5 == 1 and len(steps) < 30:
            # From another connection, as another process would.
            writer = threading.Thread(target=world.accepted, args=[world.crossing(conversation)])
            writer.start()
            writer.join()

    taken = snapshot.taken(world.engine, tmp_path / "copy.db", tell)
    assert taken.counts["messages"] == 0
    assert steps == sorted(steps)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (0,)


@pytest.mark.sqlite_only
def test_nothing_is_overwritten(world: World, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(FileExistsError):
        snapshot.taken(world.engine, tmp_path / "copy.db")


@pytest.mark.sqlite_only
def test_a_damaged_file_is_seen(world: World, tmp_path: Path) -> None:
    world.accepted(world.crossing(world.opened()))
    copy = tmp_path / "copy.db"
    snapshot.taken(world.engine, copy)
    octets = bytearray(copy.read_bytes())
    octets[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
    copy.write_bytes(octets)
    with closing(sqlite3.connect(copy)) as damaged, pytest.raises(NotDone, match="damaged"):
        snapshot.check_sound(damaged)


@pytest.mark.parametrize(
    ("url", "file"),
    [("sqlite:///var/relay.db", Path("var/relay.db")), ("sqlite:////srv/relay.db", Path("/srv/relay.db"))],
)
@pytest.mark.sqlite_only
def test_the_file_of_an_embedded_database_is_known(url: str, file: Path) -> None:
    assert snapshot.sqlite_file(url) == file
    assert snapshot.sqlite_file("postgresql+psycopg://relay@db/relay") is None
