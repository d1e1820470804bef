"""Base64 that somebody has decoded already: a large file that is passed on as it was written need not be decoded twice (PERF-5).

What is taken from others here is the work, not the judgement. It counts only where the message has the very same text, in the
form that leaves no choice in reading it, and where a sample of its lines, decoded here, is what was said. All else that the
second reading does with such a text, and with the octets in it, is the same.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Final

Decoding = tuple[memoryview, bytes]
"""A text in Base64, and the octets in it. The text is in lines of 76 characters, each but the last ended by CRLF."""

lines_sampled: Final = 250
_characters: Final = 76
_octets: Final = 57
_line: Final = _characters + len(b"\r\n")
_line_ends_max: Final = 4
"""Octets of line ends behind the text: its own, and one that belongs to a delimiter."""


class Decodings:
    """What was decoded of one message."""

    def __init__(self, said: Sequence[Decoding] = ()) -> None:
        self._said = [(text, octets) for text, octets in said if _agree(text, octets)]

    def of(self, text: bytes, begin: int, end: int) -> bytes | None:
        """The octets in [begin, end) of `text`; None where nobody has said them."""
        for known, octets in self._said:
            behind = begin + len(known)
            if 0 <= end - behind <= _line_ends_max and text.startswith(known, begin, end) and not text[behind:end].strip(b"\r\n"):
                return octets
        return None


def _agree(text: memoryview, octets: bytes) -> bool:
    """Whether the text is as long as these octets make it, and lines of it say the same, the first and the last among them."""
    characters = -(-len(octets) // 3) * 4
    lines = -(-characters // _characters)
    if not lines or len(text) != characters + (lines - 1) * len(b"\r\n"):
        return False
    return all(_is_said(text, octets, line) for line in {*range(0, lines, -(-lines // lines_sampled)), lines - 1})


def _is_said(text: memoryview, octets: bytes, line: int) -> bool:
    try:
        decoded = binascii.a2b_base64(text[line * _line : line * _line + _characters])
    except binascii.Error:
        return False
    return decoded == octets[line * _octets : (line + 1) * _octets]
