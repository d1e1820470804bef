"""Octets as they are kept: compressed where that helps, without what stands in another blob, with the hash that proves them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import zstandard
from sqlalchemy import Connection, select

from relay.errors import Damaged, Unavailable
from relay.store import excerpts
from relay.store.engine import objects_of
from relay.store.objects import Objects, new_key
from relay.store.rows import Found, Inserted, Row
from relay.store.tables import Codec, blobs, octets_max

LEVEL: Final = 1
"""Of zstd: three quarters of the time of level 3 on a letter, for 1 % more octets."""


class _Compressors(threading.local):
    """One for each thread: they are not to be shared, and making one takes longer than compressing a short message."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL)


_mine: Final = _Compressors()

inserted: Final = Inserted(blobs, "id", "codec", "size", "sha256", "data", "object", "source", "excerpts")

source_times_max: Final = 4
"""How much larger than a blob its source may be: it is read and proven as a whole whenever the blob is, however little of it is
needed, and a claim bounds what it reads by the blobs."""
in_row_octets_max: Final = 64 * 1024
"""Of a blob as it is kept. What is larger becomes an object, where there is a place for objects: most mail never leaves the
database, and has the one commit that makes it durable."""


@dataclass(frozen=True, slots=True)
class Source:
    """A blob that is written together with another one, or was before it, and of which that one may have much."""

    name: str
    octets: bytes = field(repr=False)


def row(name: str, octets: bytes, objects: Objects | None = None, source: Source | None = None) -> tuple[Row, bytes]:
    """The row that keeps `octets` under `name`, and their SHA-256. With `objects`, large ones are kept there when this returns.

    What stands in `source` as well is not kept again; that one is kept whole, and as long as this one. Raises ValueError above
    `octets_max`, and Unavailable when they could not be kept.
    """
    if len(octets) > octets_max:
        raise ValueError(f"more than {octets_max} octets")
    proof = sha256(octets)
    is_fit = source is not None and len(source.octets) <= source_times_max * len(octets)
    found = excerpts.excerpts(octets, source.octets) if source is not None and is_fit else ()
    own = excerpts.rest(octets, found) if found else octets
    codec, kept = Codec.ZSTD, _mine.compressor.compress(own)
    if len(kept) >= len(own):
        codec, kept = Codec.PLAIN, own
    told = (source.name, excerpts.written(found)) if source is not None and found else (None, None)
    if objects is None or len(kept) <= in_row_octets_max:
        return (name, codec.value, len(octets), proof, kept, None, *told), proof
    key = new_key(name)
    objects.put(key, kept)
    return (name, codec.value, len(octets), proof, None, key, *told), proof


def sha256(octets: bytes) -> bytes:
    """What proves `octets`."""
    return hashlib.sha256(octets).digest()


@dataclass(frozen=True, slots=True)
class Blob:
    """Octets as they are kept: here as `data`, or in an object, without those that are `excerpts` of its `source`."""

    name: str
    codec: Codec
    size: int
    proof: bytes = field(repr=False)
    data: bytes | None = field(repr=False)
    object: str | None
    excerpts: str | None = None
    source: Blob | None = None
    """None where there are no excerpts, and where the blob that they are of is missing."""

    @property
    def is_apart(self) -> bool:
        """Whether any of it lies in an object store."""
        return self.object is not None or (self.source is not None and self.source.object is not None)

    def octets(self, objects: Objects | None) -> bytes:
        """What was written. Raises Damaged when it is not that, and Unavailable when its object cannot be had now."""
        octets = self._whole(self._own(objects), objects)
        if len(octets) != self.size or sha256(octets) != self.proof:
            raise Damaged(f"blob {self.name}: not what was written")
        return octets

    def _own(self, objects: Objects | None) -> bytes:
        kept = self.kept(objects)
        if self.codec is Codec.PLAIN:
            return kept
        try:
            return zstandard.ZstdDecompressor().decompress(kept, max_output_size=self.size)
        except zstandard.ZstdError:
            raise Damaged(f"blob {self.name}: damaged") from None

    def _whole(self, own: bytes, objects: Objects | None) -> bytes:
        if self.excerpts is None:
            return own
        if self.source is None or self.source.excerpts is not None:
            raise Damaged(f"blob {self.name}: what it has excerpts of is missing")
        try:
            found = excerpts.read(self.excerpts)
        except (ValueError, TypeError):
            raise Damaged(f"blob {self.name}: damaged") from None
        return excerpts.put_together(own, found, self.source.octets(objects))

    def kept(self, objects: Objects | None) -> bytes:
        """The octets as they are kept, compressed and not compared. Raises Damaged when they are missing, and Unavailable."""
        if self.data is not None:
            return self.data
        if objects is None or self.object is None:
            raise Unavailable(f"blob {self.name}: it lies in an object store, and blobs.url names none")
        kept = objects.get(self.object)
        if kept is None:
            raise Damaged(f"blob {self.name}: its object is missing")
        return kept


@dataclass(frozen=True, slots=True)
class Lost:
    """Octets that are not what was written, or cannot be had now."""

    trouble: Unavailable = field(compare=False)


def found(connection: Connection, names: Collection[str]) -> dict[str, Blob]:
    """What is kept under each of `names` that exists, as it is kept."""
    if not names:
        return {}
    rows = _rows(connection, names)
    sources = _rows(connection, {one.source for one in rows.values() if one.source is not None} - rows.keys())
    return {name: _blob(one, {**sources, **rows}) for name, one in rows.items()}


def read(connection: Connection, names: Collection[str]) -> dict[str, bytes]:
    """The octets kept under each of `names` that exists. Raises Damaged and Unavailable, see `Blob.octets`."""
    objects = objects_of(connection)
    return {name: one.octets(objects) for name, one in found(connection, names).items()}


def read_what_is_there(connection: Connection, names: Collection[str]) -> dict[str, bytes | Lost]:
    """The octets kept under each of `names`, for somebody who looks at them; what is in trouble keeps nothing else back."""
    objects = objects_of(connection)
    there = found(connection, names)
    octets: dict[str, bytes | Lost] = {}
    for name in names:
        try:
            if name not in there:
                raise Damaged(f"blob {name}: missing")
            octets[name] = there[name].octets(objects)
        except Unavailable as trouble:
            octets[name] = Lost(trouble)
    return octets


def damaged(connection: Connection) -> Iterator[str]:
    """The names of all that is not what was written. Reads everything that is kept, one after the other. Raises Unavailable."""
    objects = objects_of(connection)
    whole = select(blobs).order_by(blobs.c.id).execution_options(yield_per=1)
    for one in connection.execute(whole):
        try:
            _blob(one, _rows(connection, {one.source} - {None})).octets(objects)
        except Damaged:
            yield one.id


def _rows(connection: Connection, names: Collection[str]) -> dict[str, Found]:
    if not names:
        return {}
    return {one.id: one for one in connection.execute(select(blobs).where(blobs.c.id.in_(set(names))))}


def _blob(row: Found, sources: Mapping[str, Found]) -> Blob:
    source = sources.get(row.source)
    below = _blob(source, {}) if source is not None else None
    return Blob(row.id, Codec(row.codec), row.size, row.sha256, row.data, row.object, row.excerpts, below)
