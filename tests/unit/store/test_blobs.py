"""Octets come back as they were, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update
from support.archive import World

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
    (_, codec, size, _, data, _), _ = blobs.row("b", octets)
    assert isinstance(data, bytes)
    assert len(data) <= len(octets) == size
    assert (codec == Codec.PLAIN.value) == (data == octets)


def test_what_compresses_is_compressed() -> None:
    (_, codec, _, _, data, _), _ = blobs.row("b", b"Hello\r\n" * 1000)
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
