"""Sounds and films in formats other than boxes, with and without what is said about them."""

from __future__ import annotations

import io
import struct
import wave
from typing import Final

from support.canaries import ALL

FRAMES: Final = b"".join(b"\xff\xfb\x90\x64" + bytes((one * 7919) % 251 for one in range(413)) for _ in range(4))
ID3: Final = b"ID3\4\0\0" + bytes([0, 0, len(ALL) >> 7, len(ALL) & 127]) + ALL
APE: Final = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(ALL), 1, 1 << 31) + bytes(8)
APE_TAG: Final = APE + ALL + APE
LYRICS: Final = b"LYRICSBEGIN" + ALL + b"%06d" % (11 + len(ALL)) + b"LYRICS200"
ID3_OLD: Final = (b"TAG" + ALL).ljust(128, b"\0")[:128]
ID3_EXTENDED: Final = (b"TAG+" + ALL).ljust(227, b"\0")


def an_mp3() -> bytes:
    return ID3 + APE_TAG + FRAMES + APE_TAG + LYRICS + ID3_EXTENDED + ID3_OLD


def a_flac(*, told: bool = True) -> bytes:
    def block(kind: int, content: bytes) -> bytes:
        stays = told or kind in {0, 3, 0x80}
        return (
            bytes([kind if stays else kind & 0x80 | 1])
            + len(content).to_bytes(3, "big")
            + (content if stays else bytes(len(content)))
        )

    blocks = (
        block(0, bytes(34)),
        block(4, ALL),
        block(6, ALL),
        block(3, bytes(18)),
        block(2, ALL),
        block(0x81, ALL if told else bytes(80)),
    )
    return b"fLaC" + b"".join(blocks) + FRAMES


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def filling(octets: bytes) -> bytes:
    """What a chunk is after it was cleaned."""
    return b"JUNK" + octets[4:8] + bytes(len(octets) - 8)


def a_wav(*, told: bool = True) -> bytes:
    octets = io.BytesIO()
    with wave.open(octets, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(FRAMES)
    plain = octets.getvalue()
    before = [chunk(b"bext", ALL), chunk(b"LIST", b"INFOIART" + ALL), chunk(b"JUNK", ALL)]
    behind = [chunk(b"id3 ", ID3), chunk(b"_PMX", ALL), chunk(b"iXML", ALL)]
    if not told:
        before, behind = [filling(one) for one in before], [filling(one) for one in behind]
    inside = plain[8:12] + b"".join(before) + plain[12:] + b"".join(behind)
    return chunk(b"RIFF", inside)


def an_avi(*, told: bool = True) -> bytes:
    def maybe(octets: bytes) -> bytes:
        return octets if told else filling(octets)

    stream = chunk(b"LIST", b"strl" + chunk(b"strh", bytes(56)) + chunk(b"strf", bytes(40)) + maybe(chunk(b"strn", ALL)))
    head = chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)) + stream + maybe(chunk(b"IDIT", ALL)))
    data = chunk(b"LIST", b"movi" + chunk(b"00dc", FRAMES))
    first = chunk(b"RIFF", b"AVI " + head + maybe(chunk(b"LIST", b"INFOISFT" + ALL)) + data + chunk(b"idx1", bytes(16)))
    return first + chunk(b"RIFF", b"AVIX" + data + maybe(chunk(b"GPS0", ALL)))
