"""What is inside an attached archive: names, locks, and whether it is a bomb. Nothing is written anywhere."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Final

unpacked_bytes_max: Final = 100 * 1024 * 1024
"""What all members of an archive may unpack to: ten times what may be attached."""
members_max: Final = 5_000
"""Files in an archive; one of more counts as overgrown. What cleans archives has these two bounds as well."""
nested_bytes_max: Final = 20 * 1024 * 1024
"""An archive inside an archive is opened up to this size; a larger one counts as overgrown."""
depth_max: Final = 3

_PACKED: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")
_NESTED: Final = (".zip", ".jar", ".tar", ".tgz", ".tar.gz", ".tbz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_BZIP: Final = b"BZh"
_XZ: Final = b"\xfd7zXZ"
_dictionary_bytes_max: Final = 128 * 1024 * 1024
_block_bytes: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Archive:
    """The names of all members, inner archives' too. `locked`: some need a password. `overgrown`: a bound was exceeded."""

    members: tuple[str, ...] = field(repr=False)
    locked: bool
    overgrown: bool


def is_packed(payload: bytes) -> bool:
    """Whether these octets are compressed by a method that can hide far more than it shows."""
    return payload.startswith(_PACKED)


def archive_in(payload: bytes, depth: int = 0) -> Archive | None:
    """The archive in `payload`, or None when it is none that we can list (ZIP, TAR). Source: GW-25, FAULT-65."""
    if payload.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(payload, depth)
    if payload.startswith((b"\x1f\x8b", _BZIP, _XZ)) or payload[257:262] == b"ustar":
        return _tar(payload)
    return None


class _Unpacked(io.BufferedIOBase):
    """What a compressed file holds, as a stream: no more of it is in memory than was asked for."""

    def __init__(self, payload: bytes, inflater: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._rest = memoryview(payload)
        self._inflater = inflater

    def read(self, size: int | None = _block_bytes, /) -> bytes:
        """At most `size` octets; none at the end. Raises OSError, EOFError, LZMAError where it is broken."""
        while not self._inflater.eof:
            block = b""
            if self._inflater.needs_input:
                block, self._rest = bytes(self._rest[:_block_bytes]), self._rest[_block_bytes:]
                if not block:
                    break
            if octets := self._inflater.decompress(block, size or _block_bytes):
                return octets
        return b""


def _stream(payload: bytes) -> io.BufferedIOBase:
    """What a streaming reader of TAR is given; it knows gzip by itself, and sets no bound to what XZ asks for."""
    if payload.startswith(_BZIP):
        return _Unpacked(payload, bz2.BZ2Decompressor())
    if payload.startswith(_XZ):
        return _Unpacked(payload, lzma.LZMADecompressor(memlimit=_dictionary_bytes_max))
    return io.BytesIO(payload)


def _zip(payload: bytes, depth: int) -> Archive | None:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            return _zip_listing(archive, depth)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, OverflowError):
        # Broken: no program opens it, and the scanner has seen its octets.
        return None


def _zip_listing(archive: zipfile.ZipFile, depth: int) -> Archive:
    infos = archive.infolist()
    names = [info.filename for info in infos[:members_max]]
    locked = any(info.flag_bits & 1 for info in infos)
    overgrown = len(infos) > members_max or sum(info.file_size for info in infos) > unpacked_bytes_max
    if not locked and not overgrown:
        for info in infos:
            if not info.filename.casefold().endswith(_NESTED):
                continue
            if depth + 1 >= depth_max or info.file_size > nested_bytes_max:
                overgrown = True
                continue
            with archive.open(info) as member:
                inner = archive_in(member.read(nested_bytes_max), depth + 1)
            if inner is not None:
                names.extend(inner.members)
                locked, overgrown = locked or inner.locked, overgrown or inner.overgrown
    return Archive(tuple(names), locked, overgrown)


def _tar(payload: bytes) -> Archive | None:
    names: list[str] = []
    size = 0
    try:
        # Streaming, so that a gzip bomb is noticed while it unpacks and never held.
        with tarfile.open(fileobj=_stream(payload), mode="r|*") as archive:
            for member in archive:
                names.append(member.name)
                size += member.size
                if len(names) > members_max or size > unpacked_bytes_max:
                    return Archive(tuple(names), locked=False, overgrown=True)
    except (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        return Archive(tuple(names), locked=False, overgrown=False) if names else None
    return Archive(tuple(names), locked=False, overgrown=False)
