"""Octets come back as they were, or not at all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Update, update
from support.archive import World
from support.objects import Shelf

from relay.errors import Unavailable
from relay.store import blobs
from relay.store.tables import Codec
from relay.store.tables import blobs as table


def kept(world: World, octets: bytes) -> None:
    world.write(lambda connection: blobs.inserted(connection, [blobs.row("b", octets)[0]]))


def read(world: World) -> bytes:
    return world.read(lambda connection: blobs.read(connection, ["b"])["b"])


@pytest.mark.parametrize("octets", [b"", b"x", b"\x00\xff" * 9, b"Hello\r\n" * 10_000, bytes(range(256)) * 2000])
def test_octets_come_back_as_they_were(world: World, octets: bytes) -> None:
    kept(world, octets)
    assert read(world) == octets


@given(st.binary(max_size=2000))
def test_a_row_is_never_larger_than_the_octets(octets: bytes) -> None:
    (_, codec, size, _, data, *_), _ = blobs.row("b", octets)
    assert isinstance(data, bytes)
    assert len(data) <= len(octets) == size
    assert (codec == Codec.PLAIN.value) == (data == octets)


def test_what_compresses_is_compressed() -> None:
    (_, codec, _, _, data, *_), _ = blobs.row("b", b"Hello\r\n" * 1000)
    assert codec == Codec.ZSTD.value
    assert isinstance(data, bytes)
    assert len(data) < 100


@pytest.mark.parametrize(("codec", "octets"), [(Codec.ZSTD, b"Hello\r\n" * 100), (Codec.PLAIN, b"x")], ids=["zstd", "plain"])
def test_octets_that_are_not_what_was_written_are_never_handed_out(world: World, codec: Codec, octets: bytes) -> None:
    """FAULT-97: a disk that lies"""
    kept(world, octets)

    def damage(connection: Connection) -> None:
        found = connection.execute(table.select()).one()
        assert found.codec == codec.value
        connection.execute(update(table).values(data=found.data[:-1] + bytes([found.data[-1] ^ 1])))

    world.write(damage)
    with pytest.raises(Unavailable, match="blob b"):
        read(world)


def test_what_is_not_there_is_left_out(world: World) -> None:
    kept(world, b"x")
    assert world.read(lambda connection: blobs.read(connection, ["b", "c"])) == {"b": b"x"}
    assert world.read(lambda connection: blobs.read(connection, [])) == {}


def test_octets_above_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12"""
    monkeypatch.setattr(blobs, "octets_max", 10)
    with pytest.raises(ValueError, match="more than 10"):
        blobs.row("b", b"x" * 11)


ATTACHED = random.Random(3).randbytes(200_000)
RAW = b"as received" + ATTACHED
RENDITION = b"as it is sent" + ATTACHED + b"--"


def kept_with_its_source(world: World, shelf: Shelf | None = None) -> None:
    source = blobs.Source("m.raw", RAW)
    rows = [blobs.row("m.raw", RAW, shelf)[0], blobs.row("m.0", RENDITION, shelf, source)[0]]
    world.write(lambda connection: blobs.inserted(connection, rows))


def test_what_stands_in_its_source_is_kept_once(world: World) -> None:
    """PERF-5: an attachment that is passed on is written to the disk once"""
    kept_with_its_source(world)
    (row,) = (one for one in world.read(lambda connection: connection.execute(table.select()).all()) if one.id == "m.0")
    assert len(row.data) < 100
    assert row.source == "m.raw"
    assert world.read(lambda connection: blobs.read(connection, ["m.0"])) == {"m.0": RENDITION}
    assert world.read(lambda connection: blobs.read(connection, ["m.raw", "m.0"])) == {"m.raw": RAW, "m.0": RENDITION}
    assert world.read(lambda connection: list(blobs.damaged(connection))) == []


def test_little_of_a_large_source_is_kept_by_itself(world: World) -> None:
    """Whoever reads it would have to read the whole of its source: a claim of a thousand such would fill the memory (PERF-10)"""
    large = ATTACHED + random.Random(4).randbytes(blobs.source_times_max * len(ATTACHED))
    source = blobs.Source("m.raw", large)
    rows = [blobs.row("m.raw", large)[0], blobs.row("m.0", ATTACHED, None, source)[0]]
    world.write(lambda connection: blobs.inserted(connection, rows))
    found = world.read(lambda connection: blobs.found(connection, ["m.0"]))["m.0"]
    assert found.source is None
    assert found.octets(None) == ATTACHED


def test_what_has_excerpts_of_an_object_is_apart(world: World) -> None:
    """Decision 9: nobody waits for a network inside a transaction"""
    shelf = Shelf()
    kept_with_its_source(world, shelf)
    found = world.read(lambda connection: blobs.found(connection, ["m.0"]))["m.0"]
    assert len(shelf.kept) == 1
    assert found.object is None
    assert found.is_apart
    assert found.octets(shelf) == RENDITION


@pytest.mark.parametrize(
    "change",
    [
        update(table).where(table.c.id == "m.raw").values(data=RAW[:-1] + b"x", codec=Codec.PLAIN.value),
        update(table).where(table.c.id == "m.0").values(excerpts="[[13,12,200000]]"),
        update(table).where(table.c.id == "m.0").values(excerpts="nothing"),
        update(table).where(table.c.id == "m.0").values(source="gone"),
        update(table).where(table.c.id == "m.0").values(source="m.0"),
    ],
    ids="source place list missing itself".split(),
)
def test_a_blob_with_another_source_than_it_was_written_with_is_damaged(world: World, change: Update) -> None:
    """FAULT-97"""
    kept_with_its_source(world)
    world.write(lambda connection: connection.execute(change))
    assert "m.0" in world.read(lambda connection: list(blobs.damaged(connection)))
    with pytest.raises(Unavailable, match="blob m"):
        world.read(lambda connection: blobs.read(connection, ["m.0"]))
