"""Content-Transfer-Encoding (RFC 2045 §6): decoding as generously as mail programs do, encoding strictly.

What is decoded here is what is scanned and what is sent on, encoded anew, so nobody downstream can read it differently
(FAULT-61, LEAK-27). 10 MB of base64 take about 10 ms.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pybase64

line_octets: Final = 76
"""How long an encoded line gets, without its line end (RFC 2045 §6.7, §6.8)."""

_block_octets: Final = 57 * 4096
"""Encoded at a time: a multiple of the 57 octets that fill a base64 line, few enough that they cost little memory in pieces."""

_padded_pieces_max: Final = 1000
"""How many padded pieces of base64 one body may be made of; beyond that the padding characters are junk like any other."""

_BASE64: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NOT_BASE64: Final = bytes(octet for octet in range(256) if octet not in _BASE64)
_BETWEEN_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s=]*")
_SENTENCE: Final = re.compile(rb"^[ \t>]*+[A-Za-z0-9,.'-]++ ++[A-Za-z0-9,.'-]++ ++[A-Za-z0-9]", re.MULTILINE)
_LONG_LINE: Final = re.compile(rb"^[A-Za-z0-9+/]{60}", re.MULTILINE)
_PADDING: Final = re.compile(rb"=+")
_PRINTABLE: Final = bytes((*range(33, 61), *range(62, 127), *b" \t\r\n"))

_SOFT_BREAK_WITH_SPACE: Final = re.compile(rb"=[ \t]+(?=\r?\n|\Z)")
_RISKY_BEGINNING: Final = (b".", b"From ")
_RISKY_LINE: Final = tuple(b"\r\n" + beginning for beginning in _RISKY_BEGINNING)

UU_BEGIN: Final = re.compile(rb"^begin(-base64)? +[0-7]{3,6} ([^\n]*)$", re.MULTILINE)
"""The first line of a uuencoded file: whether its data are base64 (uuencode -m), and its name."""
_UU_CHARACTER: Final = bytes(octet if 32 <= octet <= 96 else 32 for octet in range(256))
_UU_END: Final = frozenset({b"end", b"====", b"`", b""})
_Y_BEGIN: Final = re.compile(rb"^=ybegin [^\n]*\n(?:=ypart [^\n]*\n)?", re.MULTILINE)
_Y_ESCAPE: Final = re.compile(rb"=(.)", re.DOTALL)
_Y_SHIFT: Final = bytes((octet - 42) % 256 for octet in range(256))


def decoded_body(body: bytes | memoryview, encoding: str) -> bytes:
    """The octets behind a transfer encoding, given by its name in lower case; what nobody knows is passed through.

    Never raises: junk is skipped, missing padding supplied, a bad escape kept as it stands.
    """
    if encoding == "base64":
        return decoded_base64(body)
    body = bytes(body)
    if encoding == "quoted-printable":
        return decoded_quoted_printable(body)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _decoded_uuencode(body)
    if encoding in {"x-yenc", "yenc"}:
        return _decoded_yenc(body)
    return body


def decoded_base64(body: bytes | memoryview) -> bytes:
    """Base64 with junk, broken lines, wrong or missing padding, or several padded pieces one after the other (CASE-6).

    Sentences behind it, which mailing lists put there, are left out. A body of nothing but sentences is given as it is.
    """
    with suppress(binascii.Error):
        return _strictly(body)
    body = bytes(body)
    if b" " in body and (sentence := _SENTENCE.search(body)) is not None and not _LONG_LINE.search(body, sentence.start()):
        if not body[: sentence.start()].strip():
            return body
        body = body[: sentence.start()]
    padding = body.find(b"=")
    if padding == -1 or not body[padding:].strip(b"=\r\n \t"):
        return _unpadded(body)
    decoded: list[bytes] = []
    start = 0
    while padding != -1 and len(decoded) < _padded_pieces_max:
        decoded.append(_unpadded(body[start:padding]))
        run = _PADDING.match(body, padding)
        start = run.end() if run else padding
        if start == len(body) or (len(decoded) == 1 and not _BETWEEN_BASE64.fullmatch(body, start)):
            return b"".join(decoded)
        padding = body.find(b"=", start)
    decoded.append(_unpadded(body[start:].replace(b"=", b"")))
    return b"".join(decoded)


def decoded_quoted_printable(body: bytes, *, in_header: bool = False) -> bytes:
    """Quoted-printable with lower-case escapes, bad escapes (kept as they stand), space after soft breaks, "=" at the end.

    `in_header`: the Q encoding of RFC 2047, where "_" is a space.
    """
    # binascii takes a soft break only directly before the line end, turns "==" into "=", and after "=CR" skips to the next LF.
    if b"==" in body:  # the second time for what stands across two pairs
        body = body.replace(b"==", b"=3D=").replace(b"==", b"=3D=")
    if b"= " in body or b"=\t" in body:
        body = _SOFT_BREAK_WITH_SPACE.sub(b"=", body)
    if b"=\r" in body:
        body = body.replace(b"=\r\n", b"=\n").replace(b"=\r", b"=\n")
    return binascii.a2b_qp(body, header=in_header)


def base64_blocks(payload: bytes) -> Iterator[bytes]:
    """Base64 of `payload` in lines of 76 octets, each ended by CRLF, in blocks to be joined by whoever writes them."""
    for start in range(0, len(payload), _block_octets):
        lines = pybase64.encodebytes(payload[start : start + _block_octets])
        yield lines.removesuffix(b"\n").replace(b"\n", b"\r\n")
        yield b"\r\n"


def base64_as_written(body: bytes | memoryview, payload: bytes) -> memoryview | None:
    """Where `body` holds what `base64_blocks(payload)` writes, and line ends behind it: that, its last line end left out.

    `payload` is what `decoded_base64` makes of `body`. Nothing but line ends need be looked at, since so many octets come of no
    fewer characters of the alphabet than fit between them; and the last group, of which some bits say nothing.
    """
    characters = -(-len(payload) // 3) * 4
    ends = max(characters - 1, 0) // line_octets
    length = characters + ends * len(b"\r\n")
    whole = memoryview(body)
    if characters == 0 or len(body) < length or bytes(whole[length:]).strip(b"\r\n"):
        return None
    line = line_octets + len(b"\r\n")
    if bytes(whole[line_octets:length:line]) != b"\r" * ends or bytes(whole[line_octets + 1 : length : line]) != b"\n" * ends:
        return None
    last = pybase64.b64encode(payload[-(len(payload) % 3 or 3) :])
    return whole[:length] if whole[length - len(last) : length] == last else None


def quoted_printable(payload: bytes) -> bytes:
    """Quoted-printable of text whose line ends are CRLF; its decoding is `payload`, octet by octet.

    No line is longer than 76 octets. None begins with a dot or with "From ", which old servers change.
    """
    if payload.count(b"\n") == payload.count(b"\r") == payload.count(b"\r\n"):
        encoded = binascii.b2a_qp(payload, istext=True)
        if b"\n" not in payload:
            encoded = encoded.replace(b"\n", b"\r\n")
    else:
        lines = [binascii.b2a_qp(line, istext=False).replace(b"\n", b"\r\n") for line in payload.split(b"\r\n")]
        encoded = b"\r\n".join(lines)
    lines = encoded.split(b"\r\n")
    is_risky = encoded.startswith(_RISKY_BEGINNING) or any(line in encoded for line in _RISKY_LINE)
    if max(map(len, lines)) <= line_octets and not is_risky:
        return encoded
    return b"\r\n".join(
        [_defused(line) if len(line) > line_octets or line.startswith(_RISKY_BEGINNING) else line for line in lines]
    )


def quoted_printable_octets(payload: bytes) -> int:
    """About how long `quoted_printable` of it gets, without making it."""
    return len(payload) + 2 * len(payload.translate(None, _PRINTABLE))


def _unpadded(body: bytes) -> bytes:
    """One run of base64, up to its first padding, whatever stands between its characters."""
    try:
        return _decoded(body)
    except binascii.Error:  # the number of characters does not fit the padding
        characters = body.translate(None, _NOT_BASE64)
        whole = len(characters) - (len(characters) % 4 == 1)
        return _decoded(characters[:whole] + b"=" * (-whole % 4))


def _decoded(body: bytes) -> bytes:
    """What `binascii` makes of it, in a tenth of the time where nothing but line ends stands between the characters."""
    try:
        return _strictly(body)
    except binascii.Error:
        return binascii.a2b_base64(body)


def _strictly(body: bytes | memoryview) -> bytes:
    """What is in lines of base64, padded at their end. Raises binascii.Error for anything else."""
    return pybase64.b64decode(body, validate=True, ignorechars=b"\r\n")


def _decoded_uuencode(body: bytes) -> bytes:
    """What stands between "begin" and "end"; the body itself where there is no "begin"."""
    begin = UU_BEGIN.search(body)
    if begin is None:
        return body
    if begin[1]:
        return decoded_base64(body[begin.end() :])
    decoded = []
    for line in body[begin.end() :].replace(b"\r", b"").lstrip(b"\n").split(b"\n"):
        if line in _UU_END:
            break
        decoded.append(_uu_line(line))
    return b"".join(decoded)


def _uu_line(line: bytes) -> bytes:
    """One line of uuencode; the octets that do not fit its length, which programs add as checksums, are left out."""
    characters = line.translate(_UU_CHARACTER)
    octets = (characters[0] - 32) & 63
    return binascii.a2b_uu(characters[: 1 + (octets * 4 + 2) // 3])


def _decoded_yenc(body: bytes) -> bytes:
    """What stands between "=ybegin" and "=yend"; the body itself where there is no "=ybegin"."""
    begin = _Y_BEGIN.search(body)
    if begin is None:
        return body
    end = body.find(b"\n=yend", begin.end() - 1)
    encoded = body[begin.end() : end if end != -1 else len(body)].translate(None, b"\r\n")
    return _Y_ESCAPE.sub(lambda escape: bytes([(escape[1][0] - 64) % 256]), encoded).translate(_Y_SHIFT)


def _defused(line: bytes) -> bytes:
    """An encoded line with a safe beginning, broken anew where it is too long: binascii miscounts where it encodes a dot."""
    if line.startswith(_RISKY_BEGINNING):
        line = b"=%02X" % line[0] + line[1:]
    if len(line) <= line_octets:
        return line
    cut = line_octets - 1
    while b"=" in line[cut - 2 : cut]:  # not inside an escape
        cut -= 1
    return line[:cut] + b"=\r\n" + _defused(line[cut:])
