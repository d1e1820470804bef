"""backup and restore: everything in one file, and back; nothing overwritten, nothing deleted."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from support.archive import World
from support.cli import House
from support.objects import Shelf

from relay.app import backup, occupancy
from relay.app.keyring import signer
from relay.app.keys import Secrets
from relay.outbound.signing_key import generate_key
from relay.settings import read
from relay.store import snapshot
from relay.store.objects import new_key
from relay.store.tables import blobs


@pytest.fixture(scope="module")
def key() -> bytes:
    """One signing key for all the houses here: making one takes longer than a backup."""
    return generate_key()


@pytest.fixture
def backed_up(house: House, world: World, key: bytes) -> Path:
    """A backup of a house with one message under way."""
    world.accepted(world.crossing(world.opened()))
    settings = read(house.config).settings
    (house.directory / "dkim.pem").touch(mode=0o600)
    (house.directory / "dkim.pem").write_bytes(key)
    Secrets.at(settings.relay.state_dir)
    signer(settings)
    file = house.directory / "kept.tar"
    assert house.relay("backup", str(file)).code == 0
    return file


def state(house: House) -> dict[str, bytes]:
    return {name: (house.directory / name).read_bytes() for name in ("secret.key", "dkim.pem")}


def emptied(house: House) -> None:
    """The disk is gone, and another one is there."""
    for name in ("relay.db", "relay.db-wal", "relay.db-shm", "secret.key", "dkim.pem"):
        (house.directory / name).unlink(missing_ok=True)


def test_a_backup_is_one_private_file_with_a_manifest_of_what_is_in_it(house: House, backed_up: Path) -> None:
    assert backed_up.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backed_up) as archive:
        assert archive.getnames() == ["manifest.json", "relay.db", "secret.key", "dkim.pem"]
        assert {member.mode for member in archive} == {0o600}
        manifest = json.load(archive.extractfile("manifest.json") or io.BytesIO())
    assert (manifest["domain"], manifest["due"], manifest["counts"]["messages"]) == ("reply.example.com", 1, 1)
    assert manifest["configuration"] == str(house.config)
    assert [path for path in house.directory.iterdir() if path.name.startswith(".")] == []


def test_in_a_directory_it_is_named_by_the_time_and_told_in_json(house: House, world: World, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    told = house.relay("backup", str(tmp_path / "backups"), "--json").json
    assert [str(path) for path in (tmp_path / "backups").iterdir()] == [told["file"]]
    assert (told["verified"], told["findings"], told["files"]) == (True, [], ["relay.db"])


def test_it_overwrites_nothing(house: House, backed_up: Path) -> None:
    before = backed_up.read_bytes()
    done = house.relay("backup", str(backed_up))
    assert (done.code, backed_up.read_bytes()) == (1, before)
    assert "exists" in done.err


def test_what_the_audit_finds_in_it_makes_the_exit_code_1_and_the_backup_stays(house: House, world: World) -> None:
    crossing = world.crossing(world.opened())
    world.accepted(crossing)
    world.write(lambda connection: connection.exec_driver_sql("DELETE FROM deliveries"))
    done = house.relay("backup", str(house.directory / "kept.tar"))
    assert done.code == 1
    assert "has not exactly one delivery" in done.err
    assert (house.directory / "kept.tar").exists()


def test_what_lies_in_an_object_store_stays_there_and_the_audit_of_the_copy_looks_for_it(
    house: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/operating.md: that is for the object store's own backup or versioning."""
    shelf = Shelf()
    monkeypatch.setattr(backup, "objects", lambda _: shelf)
    house.config.write_text(house.config.read_text() + '[blobs]\nurl = "s3://example-mail/relay"\n')
    world.accepted(world.crossing(world.opened()))
    for row in world.read(lambda connection: connection.execute(select(blobs)).all()):
        key = new_key(row.id)
        shelf.put(key, row.data)
        moved = update(blobs).where(blobs.c.id == row.id).values(data=None, object=key)
        world.write(lambda connection, moved=moved: connection.execute(moved))
    assert house.relay("backup", str(house.directory / "kept.tar")).code == 0
    with tarfile.open(house.directory / "kept.tar") as archive:
        assert "relay.db" in archive.getnames()
    shelf.kept.clear()
    assert house.relay("backup", str(house.directory / "damaged.tar")).code == 1


def test_a_restored_house_is_what_it_was(house: House, world: World, backed_up: Path) -> None:
    world.engine.dispose()
    before = state(house)
    emptied(house)
    done = house.relay("restore", str(backed_up), "--json")
    assert (done.json["held"], done.json["sent_again"], done.json["aside"], done.json["findings"]) == (1, 0, [], [])
    assert state(house) == before
    assert all((house.directory / name).stat().st_mode & 0o777 == 0o600 for name in ("relay.db", *before))
    assert house.relay("audit").code == 0
    assert [one["state"] for one in house.relay("queue", "list", "--json").json] == ["held"]
    assert not (house.directory / occupancy.UNFINISHED).exists()
    assert [path for path in house.directory.iterdir() if path.name.startswith(".")] == []


def test_a_state_that_is_there_is_only_replaced_by_force_and_then_moved_aside(
    house: House, world: World, backed_up: Path
) -> None:
    world.opened("LATER")
    world.engine.dispose()
    refused = house.relay("restore", str(backed_up))
    assert refused.code == 1
    assert "--force" in refused.err
    assert house.relay("conversation", "show", "LATER").code == 0
    done = house.relay("restore", str(backed_up), "--force", "--json").json
    assert house.relay("conversation", "show", "LATER").code == 1
    aside = {Path(one) for one in done["aside"]}
    [database] = [one for one in aside if one.name.startswith("relay.db.") and not one.name.endswith(("-wal", "-shm"))]
    with closing(sqlite3.connect(database)) as old:
        assert old.execute("SELECT count(*) FROM conversations WHERE reference = 'LATER'").fetchone() == (1,)
    assert {one.name.split(".before-restore")[0] for one in aside} == {"relay.db", "secret.key", "dkim.pem"}


def test_nothing_is_restored_while_a_gateway_is_at_work(house: House, world: World, backed_up: Path) -> None:
    world.engine.dispose()
    emptied(house)
    with occupancy.at_work(house.directory):
        done = house.relay("restore", str(backed_up))
    assert done.code == 1
    assert "a gateway is at work" in done.err
    assert not (house.directory / "relay.db").exists()


def test_no_gateway_starts_on_half_a_state(house: House) -> None:
    (house.directory / occupancy.UNFINISHED).touch()
    done = house.relay("serve")
    assert done.code == 1
    assert "repeat it with `relay restore --force`" in done.err


def damaged(backup: Path) -> None:
    octets = bytearray(backup.read_bytes())
    octets[len(octets) // 2] ^= 1
    backup.write_bytes(octets)


def cut_off(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:20_000])


def another_file(backup: Path) -> None:
    backup.write_text("something else")


def with_a_path_in_it(backup: Path) -> None:
    with tarfile.open(backup, "a") as archive:
        archive.addfile(tarfile.TarInfo("../../escaped"), io.BytesIO())
    rewritten(backup, lambda manifest: manifest["files"].append({"name": "../../escaped", "octets": 0, "sha256": "0" * 64}))


def with_a_link_to_itself(backup: Path) -> None:
    replaced(backup, lambda member, _: (setattr(member, "type", tarfile.SYMTYPE), setattr(member, "linkname", member.name)))


def with_something_else_in_it(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest["files"][0].update(octets=8192, sha256=hashlib.sha256(b"x" * 8192).hexdigest()))
    replaced(backup, lambda member, octets: octets.write(b"x" * 8192))


def replaced(backup, change, name: str = "relay.db") -> None:  # type: ignore[no-untyped-def]
    """`change` is given the entry of that name and an empty file for its octets."""
    with tarfile.open(backup) as archive:
        members = [(member, (archive.extractfile(member) or io.BytesIO()).read()) for member in archive]
    with tarfile.open(backup, "w") as archive:
        for member, octets in members:
            file = io.BytesIO(octets)
            if member.name == name:
                change(member, file := io.BytesIO())
                member.size = len(file.getvalue())
            file.seek(0)
            archive.addfile(member, file)


def of_another_domain(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest.update(domain="other.example.com"))


def of_a_newer_version(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest.update(schema_revision="9999"))


def with_fewer_messages_than_it_tells_of(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest["counts"].update(messages=2))


def with_other_deliveries_under_way(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest.update(due=0))


def with_a_table_that_it_has_not(backup: Path) -> None:
    rewritten(backup, lambda manifest: manifest["counts"].update(flags=1))


def with_a_short_secret(backup: Path) -> None:
    with_other_octets(backup, "secret.key", b"short")


def with_a_signing_key_that_is_none(backup: Path) -> None:
    with_other_octets(backup, "dkim.pem", b"-----BEGIN NOTHING-----\n")


def with_other_octets(backup: Path, name: str, octets: bytes) -> None:
    """A manifest that says the same as what is there, so that only what it is can be wrong."""
    kept = {"name": name, "octets": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
    rewritten(backup, lambda manifest: [one.update(kept) for one in manifest["files"] if one["name"] == name])
    replaced(backup, lambda _, file: file.write(octets), name)


def rewritten(backup, change) -> None:  # type: ignore[no-untyped-def]
    with tarfile.open(backup) as archive:
        members = [(member, (archive.extractfile(member) or io.BytesIO()).read()) for member in archive]
    with tarfile.open(backup, "w") as archive:
        for member, octets in members:
            if member.name == "manifest.json":
                manifest = json.loads(octets)
                change(manifest)
                octets = json.dumps(manifest).encode()
                member.size = len(octets)
            archive.addfile(member, io.BytesIO(octets))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, "damaged"),
        (cut_off, "damaged"),
        (another_file, "no backup"),
        (with_a_path_in_it, "no backup that this version understands"),
        (with_a_link_to_itself, "relay.db is missing"),
        (with_something_else_in_it, "damaged: file is not a database"),
        (of_another_domain, "a backup of other.example.com"),
        (of_a_newer_version, "newer version"),
        (with_fewer_messages_than_it_tells_of, "not the one that its manifest tells of: messages: 1, not 2"),
        (with_other_deliveries_under_way, "deliveries under way: 1, not 0"),
        (with_a_table_that_it_has_not, "flags: None, not 1"),
        (with_a_short_secret, "secret.key: not a secret of this program"),
        (with_a_signing_key_that_is_none, "no private key in PEM form"),
    ],
)
def test_what_is_no_whole_backup_of_this_house_touches_nothing(
    house: House, world: World, backed_up: Path, spoil, said: str
) -> None:  # type: ignore[no-untyped-def]
    world.engine.dispose()
    spoil(backed_up)
    before = {path.name for path in house.directory.iterdir()} | {occupancy.NAME}
    done = house.relay("restore", str(backed_up), "--force")
    assert done.code == 1
    assert said in done.err
    assert {path.name for path in house.directory.iterdir()} | {occupancy.NAME} == before
    assert [one["state"] for one in house.relay("queue", "list", "--json").json] == ["due"]


def test_a_disk_that_fails_in_the_middle_leaves_neither_a_backup_nor_a_rest_of_one(
    house: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("relay.app.backup._pack", full)
    (house.directory / "backups").mkdir()
    done = house.relay("backup", str(house.directory / "backups"))
    assert done.code == 1
    assert "No space left on device" in done.err
    assert list((house.directory / "backups").iterdir()) == []


def test_a_disk_without_room_for_the_copy_is_named(house: House, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-97: the database is as well as it was."""
    connect = sqlite3.connect

    def on_a_small_disk(*where: Any, **how: Any) -> sqlite3.Connection:
        copy = connect(*where, **how)
        copy.execute("PRAGMA max_page_count = 5")
        return copy

    (house.directory / "backups").mkdir()
    monkeypatch.setattr(snapshot, "sqlite3", SimpleNamespace(**{**vars(sqlite3), "connect": on_a_small_disk}))
    done = house.relay("backup", str(house.directory / "backups"))
    assert done.code == 1
    assert "no room for a copy of the database" in done.err
    assert list((house.directory / "backups").iterdir()) == []


def test_what_a_backup_that_was_killed_left_behind_is_removed_by_the_next_one(house: House, world: World) -> None:
    """It holds a copy of all mail, and night after night another one would fill the disk."""
    directory = house.directory / "backups"
    left = directory / ".relay-backup.killed"
    left.mkdir(parents=True)
    for name in ("in-use.lock", "relay.db"):  # its lock ended with its process
        (left / name).touch()
    with backup._scratch_beside(directory / "another.tar") as used:
        assert not left.exists()
        file = Path(house.relay("backup", str(directory), "--json").json["file"])
        assert set(directory.iterdir()) == {used, file}, "that of another one that is at work stays"
    assert set(directory.iterdir()) == {file}


def test_what_cannot_be_removed_there_keeps_nobody_from_a_backup(house: House) -> None:
    """Another user's, above all: who ran it once by hand, as root."""
    directory = house.directory / "backups"
    left = directory / ".relay-backup.of-another-user"
    (left / "in-use.lock").mkdir(parents=True)  # nobody can open it to write
    file = Path(house.relay("backup", str(directory), "--json").json["file"])
    assert set(directory.iterdir()) == {left, file}


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_of_postgresql_it_says_what_to_use(house: House, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("RELAY_DATABASE__URL", "postgresql+psycopg://relay@db/relay")
    done = house.relay(command, str(house.directory / "kept.tar"))
    assert done.code == 1
    assert "pg_dump" in done.err
    assert "secret.key" in done.err
