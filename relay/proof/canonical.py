"""The relaxed canonical forms of DKIM (RFC 6376 §3.4), in linear time whatever the message holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

_TAB_TO_SPACE: Final = bytes.maketrans(b"\t", b" ")
_LINE_END: Final = b"\r\n"


def relaxed_fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The fields of a header block, each as its lower-case name and its canonical line `name:value`, without line end.

    `head` has CRLF line ends and no empty line. A line without a colon is no field and is left out.
    """
    unfolded = head.translate(_TAB_TO_SPACE).replace(b"\r\n ", b" ")
    for line in unfolded.split(_LINE_END):
        name, colon, value = line.partition(b":")
        if colon:
            key = name.rstrip(b" ").lower()
            yield key, key + b":" + _single_spaced(value).strip(b" ")


def body_hash(message: bytes, start: int) -> bytes:
    """SHA-256 of the relaxed body that begins at `start`.

    Most bodies have neither tab, double space nor space before a line end: those are hashed where they lie, uncopied.
    """
    # Behind the last space, where attachments are Base64, nothing needs to be looked for.
    last = message.rfind(b" ", start) + len(b" \r\n")
    if message.find(b"\t", start) >= 0 or message.find(b"  ", start, last) >= 0 or message.find(b" \r\n", start, last) >= 0:
        message, start = relaxed_whitespace(message[start:]), 0
    end = _end_without_empty_lines(message, start)
    if end == start:
        return hashlib.sha256(b"").digest()
    digest = hashlib.sha256(memoryview(message)[start:end])
    digest.update(_LINE_END)
    return digest.digest()


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
