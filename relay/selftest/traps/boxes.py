"""Pictures and films of telephones, made of boxes, by hand (ISO/IEC 14496-12, 23008-12; LEAK-60, LEAK-63)."""

from __future__ import annotations

import struct
from typing import Final

from relay.selftest.traps.letters import filled
from relay.selftest.traps.pictures import SEEN, exif, xmp
from relay.selftest.traps.trap import Scene

_PICTURE, _EXIF, _XMP = 1, 2, 3
"""Numbers of the items of a picture."""
_in_the_file: Final = 0


def a_heic(scene: Scene) -> bytes:
    """A picture with Exif and XMP. Its image item is `SEEN`, which no decoder takes for a picture."""
    contents = {
        _PICTURE: (b"hvc1", SEEN),
        _EXIF: (b"Exif", b"\0\0\0\x06Exif\0\0" + exif(scene)),
        _XMP: (b"mime", xmp(scene)),
    }
    kinds = [
        _full(
            b"infe", struct.pack(">HH", number, 0), kind, b"\0", b"application/rdf+xml\0\0" if kind == b"mime" else b"", version=2
        )
        for number, (kind, _) in contents.items()
    ]
    begin = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(data: int) -> bytes:
        places = []
        for number, (_, content) in contents.items():
            places.append(struct.pack(">HHHLL", number, _in_the_file, 1, data, len(content)))
            data += len(content)
        return _full(
            b"meta",
            _full(b"hdlr", bytes(4), b"pict", bytes(13)),
            _full(b"pitm", struct.pack(">H", _PICTURE)),
            _full(b"iinf", struct.pack(">H", len(kinds)), *kinds),
            _full(b"iloc", b"\x44\0", struct.pack(">H", len(places)), *places),
        )

    data = len(begin) + len(meta(0)) + 8
    return begin + meta(data) + _box(b"mdat", *(content for _, content in contents.values()))


def an_mp4(scene: Scene) -> bytes:
    """A film with its maker. What is seen in it is `SEEN`, which no program plays."""
    text = filled(scene, "$name $address").encode()
    maker = _box(b"udta", _box(b"\xa9aut", struct.pack(">HH", len(text), 0), text))
    begin = _box(b"ftyp", b"isom", bytes(4))
    return begin + _box(b"moov", _full(b"mvhd", bytes(96)), maker) + _box(b"mdat", SEEN)


def _box(name: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">L", 8 + len(inside)) + name + inside


def _full(name: bytes, *content: bytes, version: int = 0) -> bytes:
    """A box with a version, and flags that are not set."""
    return _box(name, bytes((version, 0, 0, 0)), *content)
