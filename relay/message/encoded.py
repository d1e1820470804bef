"""What a text says under its encodings: percent, entities, JSON, quoted-printable, base64, hexadecimal (LEAK-26, LEAK-29)."""

from __future__ import annotations

import binascii
import html
import quopri
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

layers_max: Final = 4
"""Encodings within encodings that are opened."""
run_characters_max: Final = 8_000
"""Of a longer run of base64 only this much is opened at once; the next piece follows."""
linked_run_characters_min: Final = 8
"""The shortest run that is opened inside a link: `a@b.pl` in base64."""
prose_run_characters_min: Final = 16
"""The same in running text, where shorter runs are words."""
_token_characters_max: Final = 4_000

_ESCAPES: Final = {
    "%": re.compile(r"%[0-9a-fA-F]{2}"),
    "&": re.compile(r"&(?:#[0-9a-zA-Z]{1,8}|[a-zA-Z]{2,8});"),
    "=": re.compile(r"=[0-9A-Fa-f]{2}"),
    "\\u": re.compile(r"\\u[0-9A-Fa-f]{4}"),
}
"""What each escape begins with, and its pattern."""
_CODE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
"""A character in JSON and in programs (RFC 8259 §7)."""
_token_characters_min: Final = 6
"""The shortest address, `a@b.cd`; its escapes make it longer."""
_TOKEN_END: Final = re.compile(r"[\s<>\"'(),:/?\[\]{|}]")
_RUN: Final = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}")
_DIGIT: Final = re.compile(r"[0-9]")
_HEX: Final = re.compile(r"[0-9a-fA-F]{12,}")
_TELLS_IN_BASE64: Final = re.compile(
    "Q[A-P]|[EUk0][A-D]|[BFJNRVZdhlptx159]A"  # the at sign as first, second and third octet of a group of four characters
    "|L[g-v]|[CSiy][4-7]|[AEIMQUYcgkosw048]u"  # the dot
)
"""What stands in base64 that holds an at sign or a dot, wherever its groups begin: most words and paths have none of it."""
_READABLE: Final = re.compile(rb"[\x20-\x7e\x80-\xff\s]*")
_ASCII_OR_BLANK: Final = bytes(point if point < 0x80 else ord(" ") for point in range(256))
_CLASSES: Final = bytes(ord("x") if _RUN.fullmatch(chr(point)) else ord(" ") for point in range(256))


def decodings(text: str, *, in_link: bool = False) -> Iterator[str]:
    """What `text` says when its percent, entity, JSON and quoted-printable escapes are resolved, layer by layer; not itself.

    `in_link`: an equals sign there separates a name from its value, and escapes nothing.
    """
    said = text
    for _ in range(layers_max):
        before = said
        if "%" in said:
            said = unquote(said, errors="replace")
        if "&" in said and ";" in said:
            said = html.unescape(said)
        if "\\u" in said:
            said = _CODE.sub(lambda found: chr(int(found[1], 16)), said)
        if said == before:
            break
        yield said
    if (
        not in_link
        and "=" in text
        and (plain := quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")) != text
    ):
        yield plain


def might_be_packed(text: str) -> bool:
    """Whether anything could be `unpacked` of a text: most links and words have nothing that would show it."""
    return _TELLS_IN_BASE64.search(text) is not None or _HEX.search(text) is not None


def unpacked(text: str, shortest: int = linked_run_characters_min) -> Iterator[str]:
    """What the base64 and hexadecimal runs in `text` of at least `shortest` characters say, where that is text."""
    for found in _RUN.finditer(text):
        if found.end() - found.start() >= shortest:
            yield from _said_by(found[0])


def _said_by(run: str) -> Iterator[str]:
    for start in range(0, len(run), run_characters_max):
        piece = run[start : start + run_characters_max + 400]
        for found in _HEX.finditer(piece):
            digits = found[0]
            for shift in range(2):  # a digit may be glued to the front
                yield _characters(bytes.fromhex(digits[shift : len(digits) - (len(digits) - shift) % 2]))
        # An encoded at sign, or the dot of a host, always leaves a capital letter or a digit; words have neither.
        if piece.islower() and _DIGIT.search(piece) is None:
            continue
        if _TELLS_IN_BASE64.search(piece) is None:
            continue
        plain = piece.rstrip("=").replace("-", "+").replace("_", "/")
        for shift in range(4):  # something may be glued to the front
            shifted = plain[shift:]
            octets = binascii.a2b_base64(shifted[: len(shifted) - (len(shifted) % 4 == 1)] + "=" * (-len(shifted) % 4 % 3))
            # Random octets hold a control character soon; a mailbox has its sign, a host its dot.
            if b"@" in octets or (b"." in octets and _READABLE.fullmatch(octets[:48])):
                yield _characters(octets)


def _characters(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.translate(_ASCII_OR_BLANK).decode("ascii")


def escaped_tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where words that could be an address hold an escape, each once, in order."""
    end = 0
    escapes = [found for sign, pattern in _ESCAPES.items() if sign in text for found in pattern.finditer(text)]
    for found in sorted(escapes, key=lambda one: one.start()):
        if found.start() < end:
            continue
        start = max(end, found.start() - _token_characters_max)
        before = text[start : found.start()]
        start = found.start() - len(_TOKEN_END.split(before)[-1])
        closing = _TOKEN_END.search(text, found.end(), found.end() + _token_characters_max)
        end = closing.start() if closing else min(len(text), found.end() + _token_characters_max)
        if end - start > _token_characters_min:
            yield start, end


def packed_runs(text: str, shortest: int = prose_run_characters_min) -> Iterator[tuple[int, int]]:
    """Where runs stand that could be base64 or hexadecimal. The search runs in C: one pass to classes, one for long runs."""
    classes = text.encode("ascii", "replace").translate(_CLASSES)
    wanted = b"x" * shortest
    at = classes.find(wanted)
    while at >= 0:
        found = _RUN.match(text, at)
        end = found.end() if found else at + shortest
        yield at, end
        at = classes.find(wanted, end)
