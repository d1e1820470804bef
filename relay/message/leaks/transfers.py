"""Transfer encodings, read as the most generous mail program reads them (LEAK-27)."""

from __future__ import annotations

import binascii
import re
from typing import Final

import pybase64

from relay.message.leaks.charsets import as_utf8

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64 + b"-_"))
_PADDINGS: Final = {b"": 0, b"=": 2, b"==": 1}
"""With how many octets it goes, beyond groups of three."""
URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_QUOTED: Final = re.compile(rb"=(?:[2-7][0-9a-fA-F]|[c-fC-F][0-9a-fA-F]=[89abAB][0-9a-fA-F]|[ \t]{0,80}\r?\n|[aA][dD])")
"""An ASCII character, the beginning of one in UTF-8, a soft line break, or a soft hyphen; not every "=de" of a link."""
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]{0,300}\r?\n", re.MULTILINE)


def from_base64(text: bytes) -> bytes:
    """The octets; junk is passed over, padding may be missing, wrong, or in the middle."""
    return _from_letters(text.translate(URL_SAFE, _NOT_BASE64))


def from_base64_with_junk(text: bytes, begin: int = 0, end: int | None = None) -> tuple[bytes, int]:
    """The same for the text from `begin` to `end`, and how many characters there are neither base64 nor line ends."""
    end = len(text) if end is None else end
    octets = _from_usual(text, begin, end)
    if octets is None:
        text = text[begin:end]
        letters = text.translate(URL_SAFE, _NOT_BASE64)
        return _from_letters(letters), len(text) - len(letters) - text.count(b"\n") - text.count(b"\r")
    rest = end - begin - -(-len(octets) // 3) * 4
    # Lines of one length, as everybody writes them: there is no need to count their ends one by one.
    line = text.find(b"\n", begin, end) + 1 - begin
    if line > 1:
        last = begin + (end - begin) // line * line
        ends = text[begin + line - 1 : last : line] + text[begin + line - 2 : last : line] + text[last:end]
        if ends.count(b"\n") + ends.count(b"\r") == rest:
            return octets, 0
    return octets, rest - text.count(b"\n", begin, end) - text.count(b"\r", begin, end)


def _from_usual(text: bytes, begin: int, end: int) -> bytes | None:
    """The octets of text in the standard alphabet that ends with its padding; None for any other."""
    at = text.find(b"=", begin, end)
    padding = text[at:end].strip(b"\r\n") if at != -1 else b""
    if text.find(b"-", begin, end) != -1 or text.find(b"_", begin, end) != -1 or padding not in _PADDINGS:
        return None
    try:
        octets = _octets(memoryview(text)[begin:end])
    except binascii.Error:
        # A group that was cut off.
        return None
    return octets if len(octets) % 3 == _PADDINGS[padding] else None


def _from_letters(letters: bytes) -> bytes:
    padding = len(letters) - len(letters.rstrip(b"=")) if letters.endswith(b"=") else 0
    if len(letters) % 4 == 0 and padding <= 2 and letters.find(b"=", 0, len(letters) - padding) == -1:
        return _octets(letters)
    pieces = []
    for piece in letters.split(b"="):
        rest = -len(piece) % 4
        octets = _octets(piece + b"A" * rest)
        pieces.append(octets[: len(octets) - rest] if rest else octets)
    return b"".join(pieces)


def _octets(text: bytes | memoryview) -> bytes:
    """As `binascii` reads it; where only line ends are among the letters, a tenth of the work. Raises binascii.Error."""
    try:
        return pybase64.b64decode(text, validate=True, ignorechars=b"\r\n")
    except binascii.Error:
        return binascii.a2b_base64(text)


def from_quoted_printable(text: bytes, *, in_header: bool = False) -> bytes:
    """The octets; what is no encoding stays."""
    # Binascii reads "==" as an equals sign; to everybody else the second one begins an encoded character.
    if b"==" in text:
        text = text.replace(b"==", b"=3D=").replace(b"==", b"=3D=")
    return binascii.a2b_qp(text, header=in_header)


def from_quoted_text(text: bytes) -> bytes:
    """The text where there is something quoted-printable in it; the same where there is not."""
    return as_utf8(from_quoted_printable(text)) if _QUOTED.search(text) else text


def uuencoded_files(text: bytes) -> bytes:
    """The contents of all uuencoded files in the text, one after another; empty when there are none."""
    pieces = []
    done = 0
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < done:
            continue
        end = text.find(b"\nend", begin.end())
        done = end if end != -1 else len(text)
        body = text[begin.end() : done]
        if begin[0].startswith(b"begin-base64"):
            pieces.append(from_base64(body))
            continue
        for line in body.splitlines():
            try:
                pieces.append(binascii.a2b_uu(line))
            except binascii.Error:
                # Trailing junk, or a line of prose: programs go on with the next line.
                pieces.append(b"\n")
        pieces.append(b"\n")
    return b"".join(pieces)
