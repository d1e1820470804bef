"""Films as telephones and programs write them, box by box (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from typing import Final

from support.canaries import ALL

PICTURES: Final = bytes((one * 7919) % 251 for one in range(2000))
"""What is seen in the film."""
XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def box(name: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I", 8 + len(inside)) + name + inside


def full(name: bytes, *content: bytes) -> bytes:
    """A box with a version and flags."""
    return box(name, bytes(4), *content)


def numbers(*all_of_them: int) -> bytes:
    return struct.pack(f">{len(all_of_them)}I", *all_of_them)


def a_track(handler: bytes, place: int, sizes: tuple[int, ...], *more: bytes, name: bytes = b"Handler\0") -> bytes:
    """A track with all samples in one chunk at `place`."""
    table = box(
        b"stbl",
        full(b"stsd", numbers(0)),
        full(b"stts", numbers(1, len(sizes), 1)),
        full(b"stsc", numbers(1, 1, len(sizes), 1)),
        full(b"stsz", numbers(0, len(sizes), *sizes)),
        full(b"stco", numbers(1, place)),
    )
    hdlr = full(b"hdlr", bytes(4), handler, bytes(12), name)
    return box(b"trak", full(b"tkhd", bytes(80)), box(b"mdia", full(b"mdhd", bytes(20)), hdlr, box(b"minf", table)), *more)


DESCRIPTION: Final = full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(13)), box(b"ilst", box(b"\xa9ART", ALL)))
ELSEWHERE: Final = box(b"udta", box(b"\xa9xyz", ALL), box(b"\xa9mak", ALL), DESCRIPTION)


def a_film(*, told: bool = True, handler: bytes = b"Handler\0") -> bytes:
    """A film; `told`: with everything that is said about it. Both are of one length."""
    notes = ALL if told else bytes(len(ALL))

    def maybe(name: bytes, octets: bytes) -> bytes:
        return octets if told else box(b"free", bytes(len(octets) - 8))

    def moov(data: int) -> bytes:
        film = a_track(b"vide", data, (900, 1100), maybe(b"udta", ELSEWHERE), name=handler)
        second = a_track(b"meta", data + len(PICTURES), (len(ALL),))
        return box(
            b"moov",
            full(b"mvhd", bytes(96)),
            film,
            maybe(b"trak", second),
            maybe(b"udta", ELSEWHERE),
            maybe(b"meta", DESCRIPTION),
        )

    begin = box(b"ftyp", b"mp42", bytes(4), b"mp42isom")
    behind = maybe(b"uuid", box(b"uuid", XMP_UUID, ALL)) + maybe(b"Xtra", box(b"Xtra", ALL)) + box(b"free", notes)
    data = len(begin) + len(moov(0)) + 8
    return begin + moov(data) + box(b"mdat", PICTURES, notes) + behind
