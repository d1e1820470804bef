"""Octets as they are kept: compressed where that helps, with the hash that proves them."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Collection, Iterator
from typing import Final

import zstandard
from sqlalchemy import Connection, select

from relay.errors import Unavailable
from relay.store.rows import Inserted, Row
from relay.store.tables import Codec, blobs, octets_max

LEVEL: Final = 3
"""Of zstd: a tenth of the time of level 19 and more, for 7 % more octets."""


class _Compressors(threading.local):
    """One for each thread: they are not to be shared, and making one takes longer than compressing a short message."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL)


_mine: Final = _Compressors()

inserted: Final = Inserted(blobs, "id", "codec", "size", "sha256", "data")


def row(name: str, octets: bytes) -> tuple[Row, bytes]:
    """The row that keeps `octets` under `name`, and their SHA-256. Raises ValueError above `octets_max`."""
    if len(octets) > octets_max:
        raise ValueError(f"more than {octets_max} octets")
    proof = sha256(octets)
    packed = _mine.compressor.compress(octets)
    if len(packed) < len(octets):
        return (name, Codec.ZSTD.value, len(octets), proof, packed), proof
    return (name, Codec.PLAIN.value, len(octets), proof, octets), proof


def sha256(octets: bytes) -> bytes:
    """What proves `octets`."""
    return hashlib.sha256(octets).digest()


def read(connection: Connection, names: Collection[str]) -> dict[str, bytes]:
    """The octets kept under each of `names` that exists. Raises Unavailable when they are not what was written."""
    if not names:
        return {}
    found = connection.execute(select(blobs).where(blobs.c.id.in_(set(names))))
    return {one.id: _unpacked(one.id, one.codec, one.size, one.sha256, one.data) for one in found}


def sound(connection: Connection, names: Collection[str]) -> dict[str, bytes]:
    """The same, of those alone that are what was written: one damaged blob does not take the others with it."""
    kept: dict[str, bytes] = {}
    if not names:
        return kept
    for one in connection.execute(select(blobs).where(blobs.c.id.in_(set(names)))):
        with contextlib.suppress(Unavailable):  # left out, which its reader sees and tells
            kept[one.id] = _unpacked(one.id, one.codec, one.size, one.sha256, one.data)
    return kept


def damaged(connection: Connection) -> Iterator[str]:
    """The names of all that is not what was written. Reads everything that is kept, one after the other."""
    whole = select(blobs).order_by(blobs.c.id).execution_options(yield_per=1)
    for one in connection.execute(whole):
        try:
            _unpacked(one.id, one.codec, one.size, one.sha256, one.data)
        except Unavailable:
            yield one.id


def _unpacked(name: str, codec: str, size: int, proof: bytes, data: bytes) -> bytes:
    try:
        octets = zstandard.ZstdDecompressor().decompress(data, max_output_size=size) if Codec(codec) is Codec.ZSTD else data
    except zstandard.ZstdError:
        raise Unavailable(f"blob {name}: damaged") from None
    if len(octets) != size or sha256(octets) != proof:
        raise Unavailable(f"blob {name}: not what was written")
    return octets
