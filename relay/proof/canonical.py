"""The canonical forms of DKIM (RFC 6376 §3.4), the same for who signs and who verifies, in linear time for any message."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

_TAB_TO_SPACE: Final = bytes.maketrans(b"\t", b" ")
_LINE_END: Final = b"\r\n"
_END_OF_FIELD: Final = re.compile(rb"\r\n(?![ \t])")


class Form(Enum):
    """How much may change on the way without breaking a signature (RFC 6376 §3.4)."""

    SIMPLE = "simple"
    """Nothing but empty lines at the end of the body."""
    RELAXED = "relaxed"
    """White space, folding, and the case of names of fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a header: its name in lower case, and its octets as they came, folded, without the last line end."""

    key: bytes
    octets: bytes

    def canonical(self, form: Form) -> bytes:
        """Its canonical line or lines, without the last line end."""
        match form:
            case Form.SIMPLE:
                return self.octets
            case Form.RELAXED:
                unfolded = self.octets.translate(_TAB_TO_SPACE).replace(b"\r\n ", b" ")
                return self.key + b":" + _single_spaced(unfolded.partition(b":")[2]).strip(b" ")
        assert_never(form)


def fields(head: bytes) -> list[Field]:
    """The fields of a header block, which has CRLF line ends. A line without a colon is no field and is left out."""
    found = []
    for octets in _END_OF_FIELD.split(head):
        name, colon, _ = octets.partition(b":")
        if colon:
            found.append(Field(name.translate(_TAB_TO_SPACE).rstrip(b" ").lower(), octets))
    return found


@dataclass(frozen=True, slots=True)
class HashedBody:
    """What a signature knows of a body in canonical form: its octets, counted, and their SHA-256."""

    octets: int
    sha256: bytes


def hashed_body(message: bytes, start: int, form: Form) -> HashedBody:
    """The canonical body of what begins at `start`.

    Most bodies have neither tab, double space nor space before a line end: those are hashed where they lie, uncopied.
    """
    if form is Form.RELAXED:
        # Behind the last space, where attachments are Base64, nothing needs to be looked for.
        last = message.rfind(b" ", start) + len(b" \r\n")
        if message.find(b"\t", start) >= 0 or message.find(b"  ", start, last) >= 0 or message.find(b" \r\n", start, last) >= 0:
            message, start = relaxed_whitespace(message[start:]), 0
    end = _end_without_empty_lines(message, start)
    if end == start and form is Form.RELAXED:
        return HashedBody(0, hashlib.sha256(b"").digest())
    digest = hashlib.sha256(memoryview(message)[start:end])
    digest.update(_LINE_END)
    return HashedBody(end - start + len(_LINE_END), digest.digest())


def relaxed_whitespace(body: bytes) -> bytes:
    """The body with runs of white space made one space, and none of it before a line end."""
    return _single_spaced(body.translate(_TAB_TO_SPACE)).replace(b" \r\n", _LINE_END)


def _single_spaced(text: bytes) -> bytes:
    """Each pass halves the runs, so there are as many passes as a run's length has binary digits."""
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def _end_without_empty_lines(body: bytes, start: int) -> int:
    """Where the last line that is not empty ends, its own line end left out; `start` when there is none."""
    end = len(body)
    for lines in (4096, 1):  # a megabyte of empty lines goes in large steps
        tail = _LINE_END * lines
        while body.endswith(tail, start, end):
            end -= len(tail)
    return end
