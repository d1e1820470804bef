"""Pieces of a text that are a text of their own: runs of base64 and hex, UTF-7, uuencoded files, reversed lines."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Final

from relay.message.leaks.pictures import picture_metadata, xmp_packets
from relay.message.leaks.transfers import URL_SAFE, from_base64, uuencoded_files

_RUN: Final = bytes(
    0x41 if one in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_" else 0x20 for one in range(256)
)
_HEX_RUN: Final = bytes(0x41 if one in b"0123456789abcdefABCDEF" else 0x20 for one in range(256))
_LINE_ENDS: Final = b"\r\n\x02"
_octets_after_run: Final = 6
"""What padding adds, and what of a character may be cut off."""
_NOT_CONTROLS: Final = bytes(set(range(256)) - set(range(1, 32)) - {127} | set(b"\t\r\n\x1b"))
_PRINTED: Final = b"a"
_CONTROL: Final = b"\1"
_CLASSES: Final = bytes(
    _PRINTED[0] if 0x20 <= one < 0x7F or one in b"\t\r\n\0" else _CONTROL[0] if one not in _NOT_CONTROLS else 0xFF
    for one in range(256)
)
"""What can be printed, with the NULs of UTF-16; control characters; and octets of which this does not tell."""
_noise_share: Final = 1 / 40
"""Control characters: random octets have 11 in 100, text of any charset next to none."""
_run_characters_min: Final = 12

_UTF7: Final = re.compile(rb"\+([A-Za-z0-9+/]{2,})-?")
_UTF7_HINT: Final = re.compile(rb"\+(?:[AB]|IA|/[w-z0-9+/]|2D)[A-Za-z0-9+/]")
"""How Latin, Greek, Cyrillic, zero-width, full-width and mathematical characters begin."""
_QUOTED_RUN: Final = re.compile(rb"\n[>|][>| \t]{0,80}(?=[A-Za-z0-9+/=_-]{20})")
_COMMENT: Final = re.compile(rb"\([^()]{0,1000}\)")
_comments_depth_max: Final = 5
_SECTION: Final = re.compile(rb"""\*([0-9]{1,3})\*?[ \t]{0,9}=[ \t\r\n]{0,9}("(?:[^"\\]|\\.){0,2000}+"|[^;\s]{0,2000})""")
_NAME_BEFORE: Final = re.compile(rb"[A-Za-z0-9_-]{1,40}\Z")
_name_characters_max: Final = 40
_REVERSING: Final = ((b"\xe2", "\u202e".encode()), (b"-", b"bidi-override"), (b"<", b"<bdo"), (b"<", b"<BDO"))
"""(an octet of it that is looked for at memory speed, what makes programs show the text after it in the other direction)"""
_GAP: Final = b"\x02"
_PICTURES: Final = (b"iVBORw0KGgo", b"/9j/", b"UklGR")
_PICTURE: Final = re.compile(b"(?=" + b"|".join(_PICTURES) + rb")[A-Za-z0-9+/=_\-\s]{40,}+")
"""PNG, JPEG and RIFF in base64: their first octets make the same first characters."""
_METADATA_GAP: Final = b"\n\x03\n"


class Form(Enum):
    """What comes out of a branch."""

    TEXT = "text"
    """As the text that it was in: UTF-8."""
    OCTETS = "octets"
    """Text in any charset."""
    NOISE = "noise"
    """No text: to be looked through for what stands there in the clear, and no further."""
    BEYOND = "beyond"
    """More than is read."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What is inside some encoding."""

    name: str
    octets: bytes
    form: Form


def runs(texts: Iterable[bytes], shortest: int, octets_max: int) -> Iterator[Branch]:
    """What long words of any of the texts hold where they look like base64 or hex. `shortest`: what is looked for, in characters.
    Where they hold more than `octets_max`, they are not decoded at all.

    Every identifier and path looks so, and gives noise; what gives text is worth taking further encodings off. The texts
    are layers of one another, so most words come several times, and count once.
    """
    run_min = max(_run_characters_min, shortest * 4 // 3)
    found = list({run: None for text in texts for run in _runs(text, _RUN, run_min)})
    if not found:
        return
    if 3 * sum(map(len, found)) > octets_max:
        yield Branch("base64 run", b"", Form.BEYOND)
        return
    # A group of four may begin at any character. Padding leaves NULs after each run, so that nothing runs together.
    padded = [run[skipped:] + b"A" * ((skipped - len(run)) % 4 + 4) for skipped in range(4) for run in found]
    yield from _noise_and_text(
        "base64 run", binascii.a2b_base64(b"".join(padded).translate(URL_SAFE)), [len(one) // 4 * 3 for one in padded]
    )
    digits = _runs(b" ".join(found), _HEX_RUN, max(run_min, shortest * 2))
    if digits:
        padded = [run[skipped:] + b"0" * ((skipped - len(run)) % 2 + 2) for skipped in range(2) for run in digits]
        yield from _noise_and_text("hex", binascii.a2b_hex(b"".join(padded)), [len(one) // 2 for one in padded])


def pictures(texts: Iterable[bytes]) -> Iterator[Branch]:
    """What pictures in any of the texts say about people, mostly those of data: links (LEAK-46, LEAK-60).

    The texts are layers of one another, as for `runs`.
    """
    found: list[bytes] = []
    for run in {run: None for text in texts if any(begin in text for begin in _PICTURES) for run in _PICTURE.findall(text)}:
        octets = from_base64(run)
        for metadata in chain(picture_metadata(octets), xmp_packets(octets)):
            if metadata is None:
                yield Branch("metadata", b"", Form.BEYOND)
            else:
                found.append(metadata)
    if found:
        yield Branch("metadata", _METADATA_GAP.join(found), Form.NOISE)
        yield Branch("metadata", _METADATA_GAP.join(found), Form.OCTETS)


def branches(text: bytes, *, is_header: bool) -> Iterator[Branch]:
    """What other encodings hold that take in more than a word."""
    if b"begin" in text and (files := uuencoded_files(text)):
        yield Branch("uuencode", files, Form.NOISE if is_noise(files) else Form.OCTETS)
    for name, hint, inside in _OF_HEADERS if is_header else _OF_TEXT:
        if hint in text and (octets := inside(text)) not in {b"", text}:
            yield Branch(name, octets, Form.TEXT)
    if any(rare in text and hint in text for rare, hint in _REVERSING) and (b"<" in text or not text.isascii()):
        yield Branch("reversed", text.decode("utf-8", "replace")[::-1].encode("utf-8", "replace"), Form.TEXT)


def is_noise(octets: bytes) -> bool:
    """Whether these octets are no text in any charset. NULs do not count: UTF-16 has them."""
    return len(octets.translate(None, _NOT_CONTROLS)) > len(octets) * _noise_share


def has_binary(octets: bytes) -> bool:
    """Whether anything there is surely no text, so that what stands beside a word may be no letter either."""
    return b"\0\0" in octets or len(octets.translate(None, _NOT_CONTROLS)) > 0


def _noise_and_text(name: str, octets: bytes, lengths: list[int]) -> Iterator[Branch]:
    """What runs hold together, as noise, and those of them that are text, or both for a text in the middle of something else.

    `lengths`: of each.
    """
    noise, texts = [], []
    classes = octets.translate(_CLASSES)
    begin = 0
    for length in lengths:
        end = begin + length
        # Text: most of it ASCII that can be printed, or all of it UTF-8.
        if (length - classes.count(_PRINTED, begin, end)) * 4 <= length or (
            classes.count(_CONTROL, begin, end) <= length * _noise_share and _is_utf8(octets[begin:end])
        ):
            one = octets[begin:end]
            texts.append(one)
            if has_binary(one.rstrip(b"\0")):
                noise.append(one)
        else:
            noise.append(octets[begin:end])
        begin = end
    if noise:
        yield Branch(name, b"".join(noise), Form.NOISE)
    if texts:
        yield Branch(name, b"".join(texts), Form.OCTETS)


def _is_utf8(octets: bytes) -> bool:
    """Whether so few octets are UTF-8, the last character apart, which may be cut off."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return wrong.start >= len(octets) - _octets_after_run
    return True


def _runs(text: bytes, table: bytes, run_min: int) -> list[bytes]:
    marked = text.translate(table, _LINE_ENDS)
    at = marked.find(b"A" * run_min)
    if at == -1:
        return []
    plain = text.translate(None, _LINE_ENDS)
    found = []
    while at != -1:
        end = marked.find(b" ", at)
        if end == -1:
            end = len(marked)
        found.append(plain[at:end])
        at = marked.find(b"A" * run_min, end)
    return found


def _utf7(text: bytes) -> bytes:
    return _UTF7.sub(_utf16, text) if _UTF7_HINT.search(text) else b""


def _utf16(found: re.Match[bytes]) -> bytes:
    run = found[1]
    octets = binascii.a2b_base64(run + b"A" * (-len(run) % 4))[: len(run) * 6 // 16 * 2]
    return octets.decode("utf-16-be", "replace").encode("utf-8", "replace")


def _without_quote_prefixes(text: bytes) -> bytes:
    return _QUOTED_RUN.sub(b"\n", text)


def _without_comments(text: bytes) -> bytes:
    """Without comments (RFC 5322 §3.2.2), which may stand anywhere in an address."""
    for _ in range(_comments_depth_max):
        after = _COMMENT.sub(_GAP, text)
        if after == text:
            break
        text = after
    return text


def _joined_sections(text: bytes) -> bytes:
    """Parameters that were cut into sections (RFC 2231 §3), each in one piece."""
    sections: dict[bytes, list[tuple[int, bytes]]] = {}
    for found in _SECTION.finditer(text):
        name = _NAME_BEFORE.search(text[max(found.start() - _name_characters_max, 0) : found.start()])
        if name:
            sections.setdefault(name[0].lower(), []).append((int(found[1]), found[2].strip(b'"')))
    return b"\n".join(b"".join(value for _, value in sorted(values)) for values in sections.values())


_Inside = Callable[[bytes], bytes]
_OF_TEXT: Final[tuple[tuple[str, bytes, _Inside], ...]] = (
    ("utf-7", b"+", _utf7),
    ("quote prefix", b"\n>", _without_quote_prefixes),
)
_OF_HEADERS: Final[tuple[tuple[str, bytes, _Inside], ...]] = (
    *_OF_TEXT,
    ("comment", b"(", _without_comments),
    ("parameter sections", b"*", _joined_sections),
)
"""(name, what stands wherever it is used, what is inside it; the text itself or nothing where it is not)"""
