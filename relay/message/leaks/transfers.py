"""Transfer encodings, read as the most generous mail program reads them (LEAK-27)."""

from __future__ import annotations

import binascii
import re
from typing import Final

from relay.message.leaks.charsets import as_utf8

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64 + b"-_"))
URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_QUOTED: Final = re.compile(rb"=(?:[2-7][0-9a-fA-F]|[c-fC-F][0-9a-fA-F]=[89abAB][0-9a-fA-F]|[ \t]{0,80}\r?\n|[aA][dD])")
"""An ASCII character, the beginning of one in UTF-8, a soft line break, or a soft hyphen; not every "=de" of a link."""
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]{0,300}\r?\n", re.MULTILINE)


def base64_letters(text: bytes) -> bytes:
    """What of a text is base64, in its standard alphabet; all the rest is junk, or line ends."""
    return text.translate(URL_SAFE, _NOT_BASE64)


def from_base64(text: bytes) -> bytes:
    """The octets; junk is passed over, padding may be missing, wrong, or in the middle."""
    return from_base64_letters(base64_letters(text))


def from_base64_letters(letters: bytes) -> bytes:
    """The same for what `base64_letters` gave."""
    padding = len(letters) - len(letters.rstrip(b"="))
    if len(letters) % 4 == 0 and padding <= 2 and letters.find(b"=", 0, len(letters) - padding) == -1:
        return binascii.a2b_base64(letters)
    pieces = []
    for piece in letters.split(b"="):
        rest = -len(piece) % 4
        octets = binascii.a2b_base64(piece + b"A" * rest)
        pieces.append(octets[: len(octets) - rest] if rest else octets)
    return b"".join(pieces)


def from_quoted_printable(text: bytes, *, in_header: bool = False) -> bytes:
    """The octets; what is no encoding stays."""
    # Binascii reads "==" as an equals sign; to everybody else the second one begins an encoded character.
    return binascii.a2b_qp(text.replace(b"==", b"=3D=").replace(b"==", b"=3D="), header=in_header)


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
