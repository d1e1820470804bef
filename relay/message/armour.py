"""OpenPGP armour in a text: clear-signed words, keys, encrypted blocks, also quoted (RFC 9580 §6, §7; LEAK-30, GW-46).

The words that were signed stay; what tells who signed them goes. Everything is done line by line, in linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Final

_HINT: Final = "-----BEGIN "
_EDGE: Final = re.compile(r"(?P<quote>[>|\s]*)-----(?P<edge>BEGIN|END) (?P<what>[A-Z0-9 ,/]{1,60})-----[ \t\r]*")
_BEGIN: Final = re.compile(
    r"-----BEGIN (?P<what>[A-Z0-9 ,/]{1,60})-----(?P<between>(?:\s|<[^<>]{0,200}>|&nbsp;){0,20}+)"
    r"(?:Hash: ?[A-Z0-9]{1,12}(?:, ?[A-Z0-9]{1,12}){0,4})?"
)
"""In a page. What stands between a first line and the digest that signed words name are line ends and elements."""
_QUOTE: Final = re.compile(r"[>|\s]*")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}: ?.*")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_-]{1,100}")

_KEYS: Final = re.compile(
    r"PGP (?:PUBLIC|PRIVATE) KEY BLOCK|(?:(?:TRUSTED|X509|NEW) )?CERTIFICATE(?: REQUEST)?|X509 CRL|PKCS7|CMS"
    r"|(?:[A-Z0-9]+ )*(?:PUBLIC|PRIVATE) KEY"
)

_SIGNED: Final = "PGP SIGNED MESSAGE"
_MESSAGE: Final = "PGP MESSAGE"
_SIGNATURE: Final = "PGP SIGNATURE"


class Armoured(Enum):
    """What was taken out of a text."""

    SIGNATURE = "signature"
    KEY = "key"
    ENCRYPTED = "encrypted"
    """A block that the writer only quotes. One of their own stays: policy has decided about it."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A text without armour; `removed` has one entry for each block."""

    text: str
    removed: tuple[Armoured, ...] = ()


def unarmoured(text: str, key_mark: str, encrypted_mark: str) -> Bare:
    """`text`, whose line ends are LF, with signed words free of their armour and a mark in the place of keys and quoted blocks.

    An encrypted block of the writer's own loses its headers, which name programs and sometimes people. Doing it again changes
    nothing.
    """
    if _HINT not in text:
        return Bare(text)
    return _Reading(text.split("\n"), {Armoured.KEY: key_mark, Armoured.ENCRYPTED: encrypted_mark}).bare()


def bare_armour(octets: bytes) -> bytes:
    """A file of armour without the headers of the armour; any other file as it is."""
    if not octets.lstrip().startswith(_HINT.encode()):
        return octets
    return unarmoured(octets.decode("latin-1"), "", "").text.encode("latin-1")


def unarmoured_html(html: str, key_mark: str, encrypted_mark: str, *, keeps_encrypted: bool) -> Bare:
    """The same for a page, where armour stands in one or many elements; `keeps_encrypted`: its blocks are the writer's own.

    What is cut out reaches from within the first element to within the last, so the page keeps its shape.
    """
    if _HINT not in html:
        return Bare(html)
    marks = {Armoured.SIGNATURE: "", Armoured.KEY: key_mark, Armoured.ENCRYPTED: encrypted_mark}
    removed: list[Armoured] = []
    kept: list[str] = []
    done = 0
    ends: dict[str, int] = {}  # of blocks: where the next one is, so that each is searched for once
    for found in _BEGIN.finditer(html):
        what = found["what"]
        armoured = _armoured(what)
        if found.start() < done or armoured is None or (armoured is Armoured.ENCRYPTED and keeps_encrypted):
            continue
        if what == _SIGNED:
            kept += (html[done : found.start()], found["between"] or "")
            done = found.end()
        else:
            end_line = f"-----END {what}-----"
            if ends.get(what, 0) != -1 and ends.get(what, 0) <= found.start():
                ends[what] = html.find(end_line, found.start())
            end = ends[what] + len(end_line) if ends[what] != -1 else found.start() + len(f"{_HINT}{what}-----")
            kept += (html[done : found.start()], escape(marks[armoured]))
            done = end
        removed.append(armoured)
    return Bare("".join((*kept, html[done:])), tuple(removed))


def is_key(what: str) -> bool:
    """Whether a block of that name is a key, a certificate, or about one (RFC 7468 §4, RFC 9580 §6.2): they name people."""
    return _KEYS.fullmatch(what) is not None


def _armoured(what: str) -> Armoured | None:
    """What a block of that name is."""
    if what in {_SIGNED, _SIGNATURE}:
        return Armoured.SIGNATURE
    if what.startswith(_MESSAGE):
        return Armoured.ENCRYPTED
    return Armoured.KEY if is_key(what) else None


class _Reading:
    """Goes through the lines once."""

    def __init__(self, lines: list[str], marks: dict[Armoured, str]) -> None:
        self._lines = lines
        self._marks = marks
        self._at = 0
        self._kept: list[str] = []
        self._removed: list[Armoured] = []

    def bare(self) -> Bare:
        signed_at: str | None = None  # the quote prefix of the signed words that we are in
        while self._at < len(self._lines):
            line = self._lines[self._at]
            edge = _EDGE.fullmatch(line) if "-----" in line else None
            if edge is None or edge["edge"] == "END":
                self._kept.append(line if signed_at is None else _undashed(line))
                self._at += 1
            elif edge["what"] == _SIGNED:
                self._at += 1
                self._skip_headers()
                self._removed.append(Armoured.SIGNATURE)
                signed_at = edge["quote"]
            elif edge["what"] == _SIGNATURE:
                self._take_block(edge["what"])
                if signed_at is None:
                    self._removed.append(Armoured.SIGNATURE)
                signed_at = None
            elif edge["what"].startswith(_MESSAGE):
                self._encrypted(edge["quote"], edge["what"])
            elif is_key(edge["what"]):
                self._mark(Armoured.KEY, edge["quote"], edge["what"])
            else:
                self._kept.append(line)
                self._at += 1
        return Bare("\n".join(self._kept), tuple(self._removed))

    def _encrypted(self, quote: str, what: str) -> None:
        if quote.strip():
            self._mark(Armoured.ENCRYPTED, quote, what)
            return
        self._kept.append(self._lines[self._at])
        self._at += 1
        self._skip_headers()
        self._kept.append("")

    def _mark(self, armoured: Armoured, quote: str, what: str) -> None:
        self._take_block(what)
        self._removed.append(armoured)
        self._kept.append(quote + self._marks[armoured])

    def _take_block(self, what: str) -> None:
        """Steps behind the block that begins here: behind its last line, or where its lines stop to look like armour."""
        self._at += 1
        self._skip_headers()
        while self._at < len(self._lines):
            line = self._lines[self._at]
            edge = _EDGE.fullmatch(line) if "-----" in line else None
            if edge is not None:
                self._at += edge["edge"] == "END" and edge["what"] == what
                return
            content = _QUOTE.sub("", line, count=1).rstrip()
            if content and not _BASE64.fullmatch(content):
                return
            self._at += 1

    def _skip_headers(self) -> None:
        """Steps behind the headers of armour and the blank line that ends them."""
        while self._at < len(self._lines):
            content = _QUOTE.sub("", self._lines[self._at], count=1).rstrip()
            if content and not _HEADER.fullmatch(content):
                return
            self._at += 1
            if not content:
                return


def _undashed(line: str) -> str:
    """A line of signed text as it was before it was signed (RFC 9580 §7.2), within its quote prefix."""
    quote = _QUOTE.match(line)
    start = quote.end() if quote is not None else 0
    return line[:start] + line[start + 2 :] if line.startswith("- ", start) else line
