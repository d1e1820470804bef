"""Octets as UTF-8 text, with every charset in turn that they may be in (LEAK-28)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

_BYTE_ORDER_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ANY_ASCII: Final = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "iso8859-2", "cp1250"})
"""Declared ones (as Python names them) that say no more about ASCII octets than is known already."""

_QUADRATIC: Final = frozenset({"punycode", "idna"})
"""Codecs of the standard library that are no charsets of mail, and slow or strict."""

_ASCII: Final = bytes(range(128))
_HIGH: Final = bytes(range(128, 256))
_sample_octets: Final = 4096
_ESCAPES: Final = (b"\x1b$", b"\x1b(", b"~{")
"""ISO-2022 and HZ: text in other scripts that looks like ASCII."""


def readings(octets: bytes, declared: str | None = None) -> Iterator[tuple[str, bytes]]:
    """(what it was read as, UTF-8 text) for each reading that may show something; the name is empty where nothing was guessed.

    Whatever cannot be decoded is replaced, never raised: a search needs only what is there.
    """
    codec = _codec(declared)
    if octets.isascii() and b"\0" not in octets:
        yield "", octets
        if codec is not None and codec not in _ANY_ASCII:
            yield from _named(octets, codec)
        if (b"\x1b" in octets or b"~" in octets) and any(escape in octets for escape in _ESCAPES):
            yield from _named(octets, "hz" if b"~{" in octets else "iso2022_jp_2")
        return
    seen = False
    for name in _wide(octets):
        yield from _named(octets, name)
        seen = True
    if codec is not None and codec not in {"utf-8", "ascii"}:
        yield from _named(octets, codec)
        seen = True
    if _is_utf8(octets):
        yield "", octets.removeprefix(codecs.BOM_UTF8)
        return
    if not seen:
        yield "", as_utf8(octets)
        if len(octets[:_sample_octets].translate(None, _HIGH)) * 2 < len(octets[:_sample_octets]):
            yield from _named(octets, "cp500")  # EBCDIC: its letters are all high


def as_utf8(octets: bytes) -> bytes:
    """One reading only, for octets that come out of a decoder in the middle of a text: what is no UTF-8 is Latin-1."""
    if octets.isascii() or _is_utf8(octets):
        return octets
    text = octets.decode("utf-8", "surrogateescape")
    for octet in set(octets.translate(None, _ASCII)):
        text = text.replace(chr(0xDC00 + octet), chr(octet))
    return text.encode("utf-8", "replace")


def decoded(octets: bytes, charset: str) -> bytes:
    """Octets of a named charset as UTF-8; as they are when nobody knows the charset."""
    codec = _codec(charset)
    if codec is None or codec == "utf-8":
        return as_utf8(octets)
    return next((text for _, text in _named(octets, codec)), as_utf8(octets))


def _named(octets: bytes, codec: str) -> Iterator[tuple[str, bytes]]:
    try:
        yield codec, octets.decode(codec, "replace").encode("utf-8", "replace")
    except (UnicodeError, LookupError):
        # "not a text encoding" (rot13, zlib), or a codec that knows no "replace": it says nothing to a mail program either.
        return


def _codec(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip(" \"'").partition("*")[0]).name
    except (LookupError, ValueError):
        return None
    return None if name in _QUADRATIC else name


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wide(octets: bytes) -> Iterator[str]:
    """UTF-16 and UTF-32 by their mark, or by where their NULs are."""
    for mark, name in _BYTE_ORDER_MARKS:
        if octets.startswith(mark):
            yield name
            return
    if b"\0" not in octets:
        return
    sample = octets[:_sample_octets]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 8 < len(sample):
        return
    if even + odd > len(sample) * 5 // 8:
        yield "utf-32-le" if sample[:1] != b"\0" else "utf-32-be"
    yield "utf-16-be" if even > odd else "utf-16-le"
