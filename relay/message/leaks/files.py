"""What is inside a file: text, archives and their members, and what software wrote about people (leaks.md section 5).

The visible content of a PDF or an office document is the person's own statement and is not searched (LEAK-65); their metadata
is, and so is every octet of all other files that are no text.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Final

from relay.message.leaks.branches import has_binary, is_noise
from relay.message.leaks.pdf import pdf_metadata
from relay.message.leaks.pictures import picture_metadata, xmp_packets
from relay.message.leaks.piece import Beyond, Context, Piece
from relay.message.leaks.tars import is_tar, tar_members
from relay.message.leaks.zips import Member, office_metadata, zip_members

archive_depth_max: Final = 4
inflated_octets_max: Final = 96 * 1024 * 1024
"""Of all archives of a message together."""

_sample_octets: Final = 8192
_PDF: Final = b"%PDF-"
_pdf_header_within_octets: Final = 1029
"""Programs accept up to 1024 octets of anything before the header."""
_CONTAINER: Final = re.compile(
    rb"\x78\x9f\x3e\x22|\x30(?:\x80|[\x00-\x7f]|[\x81-\x88][\x00-\xff]{1,8}?)\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
    rb"|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09)"
)
"""TNEF, and CMS that is signed or compressed: what they hold is packed, or cut into pieces anywhere, and is not read here."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OUTLOOK: Final = "__properties_version1.0".encode("utf-16-le")
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_END: Final = b"PK\x05\x06"
_zip_end_octets: Final = 22 + 65_535
"""The end record of a ZIP archive, with the longest comment."""
_GZIP: Final = b"\x1f\x8b\x08"
_BZIP: Final = b"BZh"
_XZ: Final = b"\xfd7zXZ\x00"
_OFFICE_MARKS: Final = (b"[Content_Types].xml", b"mimetypeapplication/vnd.")
"""Names of members, of Office and OpenDocument, which stand in the clear."""
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Files:
    """Opens files; counts what it inflated."""

    def __init__(self) -> None:
        self._left = inflated_octets_max

    def pieces(
        self, octets: bytes, place: str, path: tuple[str, ...], *, charset: str | None, is_text: bool, depth: int = 0
    ) -> Iterator[Piece | Beyond]:
        """The places of a file that can hold something. `is_text`: somebody says so, whatever it is."""
        if depth == 0 and (_CONTAINER.match(octets) or (octets.startswith(_OLE) and _OUTLOOK in octets)):
            # No rendition should have one (LEAK-53, LEAK-68, LEAK-69). In an archive its octets are searched as they are.
            yield Beyond(f"{place} container")
        if _is_appended_zip(octets):
            yield from self._archive(octets, place, path, depth)
        has_pdf = octets.find(_PDF, 0, _pdf_header_within_octets) != -1
        for metadata in pdf_metadata(octets) if has_pdf else ():
            yield Piece(Context.METADATA, place, metadata, (*path, "pdf metadata"))
        if has_pdf and (octets.startswith(_PDF) or not _is_text(octets)):
            pass  # its pages are the person's own statement
        elif octets.startswith(_ZIP):
            yield from self._archive(octets, place, path, depth)
        elif is_tar(octets):
            yield from self._tar(octets, place, path, depth)
        elif octets.startswith((_GZIP, _BZIP, _XZ)):
            yield from self._compressed(octets, place, path, depth)
        elif (is_text and not is_noise(octets)) or _is_text(octets):
            yield Piece(Context.TEXT, place, octets, path, charset)
            if has_binary(octets):
                yield Piece(Context.OCTETS, place, octets, path)
            return
        else:
            yield Piece(Context.OCTETS, place, octets, path)
            for said in chain(picture_metadata(octets), xmp_packets(octets)):
                below = (*path, "metadata")
                yield Piece(Context.METADATA, place, said, below) if said is not None else Beyond(f"{place} metadata")
        if is_text and not is_noise(octets):
            yield Piece(Context.TEXT, place, octets, path, charset)

    def _archive(self, octets: bytes, place: str, path: tuple[str, ...], depth: int) -> Iterator[Piece | Beyond]:
        below = (*path, "zip")
        is_office = any(mark in octets for mark in _OFFICE_MARKS)
        for member in zip_members(octets, self._left):
            if member is None or depth >= archive_depth_max:
                yield Beyond(f"{place} archive")
                return
            self._left -= len(member.octets)
            if not is_office:
                yield Piece(Context.HEADER, f"{place} archive member name", member.name, below)
            yield from self._member(member, place, below, depth, is_office=is_office)
        directory = octets.find(b"PK\x01\x02")
        if directory != -1:  # names again, comments, extra fields
            yield Piece(Context.OCTETS, f"{place} archive directory", octets[directory:], path)

    def _tar(self, octets: bytes, place: str, path: tuple[str, ...], depth: int) -> Iterator[Piece | Beyond]:
        below = (*path, "tar")
        for member in tar_members(octets):
            if member is None or depth >= archive_depth_max:
                yield Beyond(f"{place} archive")
                return
            yield Piece(Context.HEADER, f"{place} archive member name", member.name, below)
            yield from self._member(member, place, below, depth, is_office=False)
        yield Piece(Context.OCTETS, f"{place} archive", octets, path)

    def _member(
        self, member: Member, place: str, path: tuple[str, ...], depth: int, *, is_office: bool
    ) -> Iterator[Piece | Beyond]:
        if is_office and member.key.endswith((".xml", ".rels", ".vml")):
            for metadata in office_metadata(member):
                yield Piece(Context.METADATA, place, metadata, (*path, "document properties"))
        else:
            yield from self.pieces(member.octets, f"{place} archive member", path, charset=None, is_text=False, depth=depth + 1)

    def _compressed(self, octets: bytes, place: str, path: tuple[str, ...], depth: int) -> Iterator[Piece | Beyond]:
        yield Piece(Context.OCTETS, place, octets[:_sample_octets], path)  # gzip keeps the name of the file
        if depth >= archive_depth_max:
            yield Beyond(f"{place} archive")
            return
        inside = _inflated(octets, self._left + 1)
        self._left -= len(inside)
        if self._left < 0:
            yield Beyond(f"{place} archive")
        yield from self.pieces(
            inside, f"{place} archive member", (*path, "compressed"), charset=None, is_text=False, depth=depth + 1
        )


def _is_appended_zip(octets: bytes) -> bool:
    """Whether an archive begins further down: programs look for it from its end, as in those that unpack themselves."""
    return not octets.startswith(_ZIP) and octets.rfind(_ZIP_END, max(len(octets) - _zip_end_octets, 0)) != -1


def _inflated(octets: bytes, octets_max: int) -> bytes:
    """What a compressed file holds, as far as it can be read and at most that much."""
    try:
        if octets.startswith(_GZIP):
            return zlib.decompressobj(wbits=31).decompress(octets, octets_max)
        if octets.startswith(_BZIP):
            return bz2.BZ2Decompressor().decompress(octets, octets_max)
        return lzma.LZMADecompressor(memlimit=inflated_octets_max).decompress(octets, octets_max)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        # Not that kind of file after all: no program opens it, and its octets were looked at as they are.
        return b""


def _is_text(octets: bytes) -> bool:
    """Whether a file is text in some charset, whatever anybody says."""
    if octets.startswith(_BYTE_ORDER_MARKS):
        return True
    sample = octets[:_sample_octets]
    nuls = sample.count(0)
    if nuls and not len(sample) * 3 // 10 < nuls < len(sample) * 4 // 5:  # UTF-16 of mostly ASCII has one in two
        return False
    return not is_noise(sample)
