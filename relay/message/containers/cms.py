"""What is inside a CMS object, the container of S/MIME (RFC 5652, RFC 8551), read with a small bounded reader of BER.

Programs write both definite and indefinite lengths, and cut the content into pieces. What lies beyond a bound, or is broken, is
no CMS object here, and no mail program opens it either.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Final

from relay.errors import Unreadable

elements_max: Final = 50_000
"""Elements of BER that are looked at: the content comes in pieces of about a thousand octets at least."""
nesting_max: Final = 24


class Wrapping(Enum):
    """What a CMS object does with its content."""

    SIGNED = "signed"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"
    CERTIFICATES = "certificates"
    """Nothing: it carries certificates, or a signature of content that is elsewhere."""


_OBJECT_IDENTIFIERS: Final = {
    bytes.fromhex("2a864886f70d010702"): Wrapping.SIGNED,
    bytes.fromhex("2a864886f70d010703"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d010704"): Wrapping.ENCRYPTED,  # signed and enveloped, of PKCS #7
    bytes.fromhex("2a864886f70d010706"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d0109100109"): Wrapping.COMPRESSED,
    bytes.fromhex("2a864886f70d0109100117"): Wrapping.ENCRYPTED,  # authenticated and enveloped (RFC 5083)
}

_OBJECT_IDENTIFIER: Final = 0x06
_OCTET_STRING: Final = 0x04
_CONSTRUCTED: Final = 0x20
_EXPLICIT_0: Final = 0xA0
_END_OF_CONTENTS: Final = b"\0\0"
_INDEFINITE: Final = 0x80
_length_octets_max: Final = 8


@dataclass(frozen=True, slots=True)
class Cms:
    """A CMS object: what it does with its content, and the content as it stands in it; empty where it is encrypted or absent."""

    wrapping: Wrapping
    wrapped: bytes = field(repr=False)

    def content(self, octets_max: int) -> bytes:
        """The content itself, decompressed where it has to be. Raises Unreadable where that is longer than `octets_max`."""
        if self.wrapping is not Wrapping.COMPRESSED:
            return self.wrapped
        try:
            content = zlib.decompressobj().decompress(self.wrapped, octets_max + 1)
        except zlib.error:
            # Nobody can read it; what is broken from its first octet on has no content.
            return b""
        if len(content) > octets_max:
            raise Unreadable("compressed content grows too long")
        return content


def cms_in(octets: bytes) -> Cms | None:
    """The CMS object in `octets`; None where there is none, or a bound is exceeded. Linear in the length."""
    if octets[:1] != b"\x30":
        return None
    try:
        return _Reader(octets).cms()
    except (_BrokenError, ValueError):  # ValueError: fewer than three elements
        return None


class _BrokenError(Exception):
    """It is no BER, or more of it than is read."""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its tag, and where its contents begin and end. `end` is None where only a mark behind the contents tells."""

    tag: int
    start: int
    end: int | None


@dataclass(slots=True)
class _Reader:
    """Goes into the elements that lead to the content, and walks through others only to find what follows them."""

    octets: bytes
    _looked_at: int = 0

    def cms(self) -> Cms | None:
        children = self._children(self._element(0, len(self.octets)))
        kind = next(children, None)
        if kind is None or kind.tag != _OBJECT_IDENTIFIER or kind.end is None:
            return None
        wrapping = _OBJECT_IDENTIFIERS.get(self.octets[kind.start : kind.end])
        if wrapping is None or wrapping is Wrapping.ENCRYPTED:
            return Cms(wrapping, b"") if wrapping is not None else None
        # Version, algorithms, content: so begin SignedData (RFC 5652 §5.1) and CompressedData (RFC 3274 §1.1) alike.
        _, _, content = islice(self._children(self._first_in(next(children, None))), 3)
        wrapped = next(islice(self._children(content), 1, None), None)
        if wrapped is None or wrapped.tag != _EXPLICIT_0:
            return Cms(Wrapping.CERTIFICATES, b"")
        return Cms(wrapping, b"".join(self._strings(self._first_in(wrapped), 0)))

    def _strings(self, element: _Element, depth: int) -> Iterator[bytes]:
        """The pieces of an OCTET STRING (X.690 §8.7); of anything else, which PKCS #7 allows here, its octets as they are."""
        if element.tag != _OCTET_STRING | _CONSTRUCTED:
            yield self.octets[element.start : self._end(element, depth)]
            return
        for piece in self._children(element):
            yield from self._strings(piece, _deeper(depth))

    def _first_in(self, element: _Element | None) -> _Element:
        child = next(self._children(element), None) if element is not None else None
        if child is None:
            raise _BrokenError
        return child

    def _children(self, element: _Element, depth: int = 0) -> Iterator[_Element]:
        at = element.start
        while not self._is_end(element, at):
            child = self._element(at, element.end)
            yield child
            at = self._behind(child, _deeper(depth))

    def _is_end(self, element: _Element, at: int) -> bool:
        return at >= element.end if element.end is not None else self.octets.startswith(_END_OF_CONTENTS, at)

    def _end(self, element: _Element, depth: int) -> int:
        if element.end is not None:
            return element.end
        end = element.start
        for child in self._children(element, depth):
            end = self._behind(child, _deeper(depth))
        return end

    def _behind(self, element: _Element, depth: int) -> int:
        return element.end if element.end is not None else self._end(element, depth) + len(_END_OF_CONTENTS)

    def _element(self, at: int, limit: int | None) -> _Element:
        """The element at `at`, which does not reach beyond `limit`, nor beyond the octets that there are."""
        self._looked_at += 1
        if self._looked_at > elements_max or at + 2 > len(self.octets):
            raise _BrokenError
        tag, length = self.octets[at], self.octets[at + 1]
        start = at + 2
        if tag & 0x1F == 0x1F:
            raise _BrokenError  # tags of several octets are used nowhere in CMS
        if length == _INDEFINITE:
            if not tag & _CONSTRUCTED:
                raise _BrokenError
            return _Element(tag, start, None)
        if length > _INDEFINITE:
            digits = length & 0x7F
            length = int.from_bytes(self.octets[start : start + min(digits, _length_octets_max)])
            start += digits
        if start + length > (len(self.octets) if limit is None else limit):
            raise _BrokenError
        return _Element(tag, start, start + length)


def _deeper(depth: int) -> int:
    if depth >= nesting_max:
        raise _BrokenError
    return depth + 1
