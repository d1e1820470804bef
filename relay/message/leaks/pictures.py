"""What a picture, or any file with XMP in it, says about people in words (LEAK-60)."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

segments_max: Final = 200_000
texts_max: Final = 2000
inflated_octets_max: Final = 8 * 1024 * 1024
"""Of all compressed texts of a picture together."""
chunk_octets_max: Final = 1024 * 1024
packet_octets_max: Final = 1024 * 1024
packets_max: Final = 50

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_RIFF: Final = b"RIFF"
_PNG_TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
_RIFF_TEXTS: Final = frozenset({b"EXIF", b"XMP ", b"IPTC", b"LIST"})
_JPEG_SCAN: Final = 0xDA
_JPEG_COMMENT: Final = 0xFE
_JPEG_APPLICATIONS: Final = range(0xE1, 0xF0)
_PACKETS: Final = (
    (b"<x:xmpmeta", b"</x:xmpmeta>"),
    (b"<rdf:RDF", b"</rdf:RDF>"),
    ("<x:xmpmeta".encode("utf-16-le"), "</x:xmpmeta>".encode("utf-16-le")),
    ("<x:xmpmeta".encode("utf-16-be"), "</x:xmpmeta>".encode("utf-16-be")),
)
_PACKET: Final = re.compile(rb"<(?:x:xmpmeta|rdf:RDF|%b)" % b"".join(b"\0%c" % octet for octet in b"x:xmpmeta"))
"""What each packet has in it, in UTF-16 of either order too: one look through a large file for all of them."""


def picture_metadata(octets: bytes) -> Iterator[bytes | None]:
    """The segments and chunks that hold text about the picture; nothing for a file that is no JPEG, PNG or WebP.

    None, and nothing after it, where there are more of them than are read.
    """
    left = inflated_octets_max
    for number, (name, content) in enumerate(_texts(octets)):
        if number == texts_max or left <= 0:
            yield None
            return
        yield content
        if inflated := _inflated_text(name, content, left):
            left -= len(inflated)
            yield inflated


def _texts(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of whatever holds text; the name is empty in a JPEG."""
    if octets.startswith(_JPEG):
        yield from ((b"", segment) for segment in _jpeg_segments(octets))
    elif octets.startswith(_PNG):
        yield from (one for one in _chunks(octets, len(_PNG), ">I4s", 4) if one[0] in _PNG_TEXTS)
    elif octets.startswith(_RIFF):
        yield from (one for one in _chunks(octets, 12, "<4sI", 0) if one[0] in _RIFF_TEXTS)


def xmp_packets(octets: bytes) -> Iterator[bytes]:
    """XMP wherever it stands in the clear."""
    found = 0
    for begin, end in _PACKETS if _PACKET.search(octets) else ():
        at = octets.find(begin)
        while at != -1 and found < packets_max:
            found += 1
            stop = octets.find(end, at, at + packet_octets_max)
            stop = stop if stop != -1 else min(at + packet_octets_max, len(octets))
            yield octets[at:stop]
            at = octets.find(begin, stop)


def _jpeg_segments(octets: bytes) -> Iterator[bytes]:
    at = 2
    for _ in range(segments_max):
        if at + 4 > len(octets) or octets[at] != 0xFF:
            return
        marker = octets[at + 1]
        if marker == _JPEG_SCAN:
            return
        length = int.from_bytes(octets[at + 2 : at + 4], "big")
        if marker == _JPEG_COMMENT or marker in _JPEG_APPLICATIONS:
            yield octets[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def _chunks(octets: bytes, at: int, header: str, checksum: int) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of the chunks of a PNG (length first) or RIFF file (name first)."""
    form = struct.Struct(header)
    for _ in range(segments_max):
        if at + form.size > len(octets):
            return
        first, second = form.unpack_from(octets, at)
        name, length = (second, first) if checksum else (first, second)
        begin = at + form.size
        yield name, octets[begin : begin + min(length, chunk_octets_max)]
        at = begin + length + checksum + (0 if checksum else length % 2)


def _inflated_text(name: bytes, content: bytes, octets_max: int) -> bytes:
    """The text of a compressed chunk (PNG §11.3.3): after the keyword, or after the fields of iTXt. Empty where there is none."""
    if name not in {b"zTXt", b"iTXt"}:
        return b""
    begin = content.find(b"\x78", content.find(b"\0") + 1)
    try:
        return zlib.decompressobj().decompress(content[begin:], octets_max) if begin != -1 else b""
    except zlib.error:
        # An iTXt chunk in the clear: it was handed over as it is.
        return b""
