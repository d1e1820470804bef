"""Whether an image in the page itself says anything in words: then it cannot cross as it is (LEAK-46, LEAK-60)."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_WORDS: Final = frozenset({b"tEXt", b"iTXt", b"zTXt", b"eXIf"})
_WEBP_WORDS: Final = frozenset({b"EXIF", b"XMP "})
_JPEG_WORDS: Final = frozenset({0xE1, 0xED, 0xFE})
"""APP1 (EXIF, XMP), APP13 (IPTC), COM."""
_GIF_EXTENSION: Final = 0x21
_GIF_IMAGE: Final = 0x2C
_GIF_WORDS: Final = frozenset({0xFE, 0x01})
"""Comments and plain text."""
_GIF_APPLICATION: Final = 0xFF
_GIF_XMP: Final = b"XMP Data"


def says_something(source: str) -> bool:
    """Whether the image of a base64 data: link holds text, a comment, EXIF, IPTC or XMP. One that cannot be decoded might."""
    try:
        octets = binascii.a2b_base64(source.partition(",")[2])
    except binascii.Error:
        return True
    return any(octets.startswith(begin) and any(words(octets)) for begin, words in _IMAGES)


def _png(octets: bytes) -> Iterator[bool]:
    """Of each chunk: length, name, content, checksum (PNG §5.3)."""
    at = len(_PNG)
    while at + 8 <= len(octets):
        yield octets[at + 4 : at + 8] in _PNG_WORDS
        at += 12 + int.from_bytes(octets[at : at + 4], "big")


def _webp(octets: bytes) -> Iterator[bool]:
    """Of each chunk: name, length, content, padding (RFC 9649 §2.3)."""
    at = 12
    while at + 8 <= len(octets):
        yield octets[at : at + 4] in _WEBP_WORDS
        length = int.from_bytes(octets[at + 4 : at + 8], "little")
        at += 8 + length + length % 2


def _jpeg(octets: bytes) -> Iterator[bool]:
    """Of each segment (ITU T.81 B.1.1). In a scan 0xFF stands before nothing but zeros, restarts and the next segment."""
    at = octets.find(b"\xff", 2)
    while at != -1 and at + 4 <= len(octets):
        marker = octets[at + 1]
        yield marker in _JPEG_WORDS
        is_segment = 0xC0 <= marker < 0xFF and not 0xD0 <= marker <= 0xD9
        length = max(int.from_bytes(octets[at + 2 : at + 4], "big"), 2) if is_segment else 0
        # A marker may be filled up with any number of 0xFF before it.
        at = octets.find(b"\xff", at + (1 if marker == 0xFF else 2) + length)


def _gif(octets: bytes) -> Iterator[bool]:
    """Of each block (GIF89a §12 to §26)."""
    at = 13 + _gif_colours(octets[10:11])
    while at + 2 <= len(octets):
        kind, label = octets[at], octets[at + 1]
        if kind == _GIF_EXTENSION:
            yield label in _GIF_WORDS or (label == _GIF_APPLICATION and octets[at + 3 : at + 11] == _GIF_XMP)
            at += 2
        elif kind == _GIF_IMAGE:
            at += 11 + _gif_colours(octets[at + 9 : at + 10])
        else:
            return
        while at < len(octets) and octets[at]:
            at += 1 + octets[at]
        at += 1


def _gif_colours(packed: bytes) -> int:
    """Octets of the table of colours that follows."""
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


_IMAGES: Final[tuple[tuple[bytes, Callable[[bytes], Iterator[bool]]], ...]] = (
    (_PNG, _png),
    (b"\xff\xd8", _jpeg),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
)
"""(how such a file begins, for each of its pieces whether it is words)"""
