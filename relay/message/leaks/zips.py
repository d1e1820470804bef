"""Members of a zip archive, read from their own headers one after another: the directory may name fewer of them."""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

members_max: Final = 4000
_LOCAL: Final = b"PK\x03\x04"
_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")
_encrypted: Final = 0x1
_sized_later: Final = 0x8
_stored: Final = 0
_block_octets: Final = 64 * 1024


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: memoryview, max_length: int, /) -> bytes: ...


_INFLATERS: Final[dict[int, Callable[[], _Inflater]]] = {8: lambda: zlib.decompressobj(wbits=-15), 12: bz2.BZ2Decompressor}
"""By method (APPNOTE §4.4.5). Encrypted members and rarer methods stay closed: their names are seen."""
_lzma: Final = 14
_LZMA_HEAD: Final = struct.Struct("<2xHBI")
_dictionary_octets_max: Final = 64 * 1024 * 1024

_METADATA_MEMBERS: Final = re.compile(
    r"docprops/|meta\.xml$|persons?/|people\.xml$|commentauthors\.xml$|authors\.xml$|customxml/|settings"
)
_AUTHOR: Final = re.compile(
    rb"""(?:author|initials|creator|lastmodifiedby|username|userid|providerid|lastauthor)\s{0,9}=\s{0,9}("[^"<]{0,500}"|'[^'<]{0,500}')""",
    re.IGNORECASE,
)
_AUTHOR_ELEMENT: Final = re.compile(
    rb"<(?:dc:creator|author|text:author-name|text:author-initials|meta:initial-creator)(?:\s[^<>]{0,500})?>([^<]{0,500})<",
    re.IGNORECASE,
)
_LOCAL_TARGET: Final = re.compile(rb"""Target="(file:[^"<]{0,1000})\"""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive. `octets` is empty where it is encrypted, or of a method that nobody can read here."""

    name: bytes = field(repr=False)
    octets: bytes = field(repr=False)

    @property
    def key(self) -> str:
        """The name for comparing."""
        return self.name.decode("utf-8", "replace").lower().replace("\\", "/")


def zip_members(archive: bytes, octets_max: int) -> Iterator[Member | None]:
    """The members in their order; None, and nothing after it, where more than `octets_max` or too many members are in it."""
    at = archive.find(_LOCAL)
    view = memoryview(archive)
    for _ in range(members_max):
        if at == -1 or at + _HEADER.size > len(archive):
            return
        _, _, flags, method, _, _, _, packed, _, name_length, extra_length = _HEADER.unpack_from(archive, at)
        name_at = at + _HEADER.size
        begin = name_at + name_length + extra_length
        if method == _stored and not flags & (_sized_later | _encrypted):
            octets, end = archive[begin : begin + min(packed, octets_max + 1)], begin + packed
        elif method in _INFLATERS and not flags & _encrypted:
            octets, end = _inflated(view, begin, octets_max + 1, _INFLATERS[method]())
        elif method == _lzma and not flags & _encrypted and (inflater := _lzma_inflater(archive, begin)):
            octets, end = _inflated(view, begin + _LZMA_HEAD.size, octets_max + 1, inflater)
        else:
            octets, end = b"", begin
        octets_max -= len(octets)
        if octets_max < 0:
            yield None
            return
        yield Member(archive[name_at : name_at + name_length], octets)
        at = archive.find(_LOCAL, end)
    yield None


def _lzma_inflater(archive: bytes, begin: int) -> _Inflater | None:
    """For a member packed with LZMA: its properties stand before it (APPNOTE §5.8.8). None where they make no sense."""
    if begin + _LZMA_HEAD.size > len(archive):
        return None
    length, packed, dictionary = _LZMA_HEAD.unpack_from(archive, begin)
    if length != 5 or packed >= 9 * 5 * 5 or dictionary > _dictionary_octets_max:
        return None
    form = {"id": lzma.FILTER_LZMA1, "lc": packed % 9, "lp": packed // 9 % 5, "pb": packed // 45, "dict_size": dictionary}
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[form])
    except (lzma.LZMAError, ValueError):
        # Not a method that anybody has: nothing opens it.
        return None


def _inflated(view: memoryview, begin: int, octets_max: int, inflater: _Inflater) -> tuple[bytes, int]:
    """(content, its end in the archive). The sizes in the headers are not asked: they may lie.

    Fed in blocks, since a decompressor copies what comes after the end of its stream.
    """
    pieces = []
    for at in range(begin, len(view), _block_octets):
        block = view[at : at + _block_octets]
        try:
            piece = inflater.decompress(block, octets_max)
        except (zlib.error, lzma.LZMAError, OSError, EOFError):
            # Damaged: whatever opens it sees no more than we do.
            break
        pieces.append(piece)
        octets_max -= len(piece)
        if inflater.eof:
            return b"".join(pieces), at + len(block) - len(inflater.unused_data)
        if octets_max <= 0:
            break
    return b"".join(pieces), begin


def office_metadata(member: Member) -> Iterator[bytes]:
    """What an office document says about people in this member: all of the property files, the authors of the others."""
    if _METADATA_MEMBERS.search(member.key):
        yield member.octets
        return
    found = [one for pattern in (_AUTHOR, _AUTHOR_ELEMENT, _LOCAL_TARGET) for one in pattern.findall(member.octets)]
    if found:
        yield b"\n".join(dict.fromkeys(found))
