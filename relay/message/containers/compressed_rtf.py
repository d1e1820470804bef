"""The text of a message that a program keeps as compressed RTF (MS-OXRTFCP, MS-OXRTFEX), as HTML where it was HTML, else plain.

What is in it beside words (fonts, pictures, the names in its information group) is left behind.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace
from typing import Final

from relay.errors import Unreadable
from relay.message.account import Account
from relay.message.charsets import decoded_octets

rtf_octets_max: Final = 8 * 1024 * 1024
"""Decompressed. A page of text has some kilobytes."""
groups_max: Final = 1000
"""Groups within groups that count; what is deeper is read as if it were no group."""

_HEADER: Final = struct.Struct("<IIII")
_COMPRESSED: Final = 0x75465A4C
_UNCOMPRESSED: Final = 0x414C454D
_window: Final = 4096
DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every compressed RTF may refer to (MS-OXRTFCP §2.1.2.1)."""

_TOKEN: Final = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|'(?P<hex>[0-9a-fA-F]{2})|(?P<sign>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_SKIPPED: Final = frozenset(
    b"author colortbl comment company fldinst fonttbl footer footerf footerl footerr footnote generator header headerf headerl "
    b"headerr info keywords listoverridetable listtable mhtmltag nonshppict object operator pict private revtbl rsidtbl shppict "
    b"stylesheet subject themedata title xe".split()
)
"""Groups that hold no words of the message."""
_CHARACTERS: Final = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"lquote": "\u2018",
    b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"endash": "\u2013",
    b"emdash": "\u2014", b"enspace": "\u2002", b"emspace": "\u2003", b"zwj": "\u200d", b"zwnj": "\u200c",
}  # fmt: skip
_SIGNS: Final = {b"~": "\u00a0", b"_": "\u2011", b"-": "\u00ad", b"\n": "\n", b"\r": "\n"}
_LITERAL: Final = frozenset({b"\\", b"{", b"}"})
_CHARSETS: Final = {
    128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257,
    204: 1251, 222: 874, 238: 1250,
}  # fmt: skip
"""Code pages by the numbers of `\\fcharset`."""


@dataclass(frozen=True, slots=True)
class Words:
    """The text of a message, and whether it is HTML."""

    text: str = field(repr=False)
    is_html: bool


def words_in(compressed: bytes, account: Account) -> Words | None:
    """The text in a compressed RTF body; None where there is none. Raises Unreadable beyond a bound, or those of the account."""
    rtf = decompressed(compressed, account)
    return _Reading(rtf, account).words() if rtf is not None and rtf.lstrip().startswith(b"{\\rtf") else None


def decompressed(compressed: bytes, account: Account) -> bytes | None:
    """The RTF in a compressed body (MS-OXRTFCP §2.2), as far as it goes where it was cut off; None where there is none.

    Raises Unreadable beyond a bound.
    """
    if len(compressed) < _HEADER.size:
        return None
    _, raw_octets, kind, _ = _HEADER.unpack_from(compressed)
    if kind == _UNCOMPRESSED:
        return compressed[_HEADER.size : _HEADER.size + raw_octets]
    return _inflated(compressed, account) if kind == _COMPRESSED else None


def _inflated(compressed: bytes, account: Account) -> bytes | None:
    written = bytearray(DICTIONARY)
    at = _HEADER.size
    while at < len(compressed):
        account.count_step()
        flags = compressed[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                written += compressed[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(compressed[at : at + 2])
            at += 2
            distance = (len(written) - (reference >> 4)) % _window
            if distance == 0 or at > len(compressed):
                return bytes(written[len(DICTIONARY) :])
            count = (reference & 15) + 2
            start = len(written) - distance
            if start < 0:
                return None  # it refers to what was never there
            piece = written[start : start + count]
            written += (piece * count)[:count]  # it may go on into what it is just writing
        if len(written) > rtf_octets_max:
            raise Unreadable("compressed RTF grows too long")
    return bytes(written[len(DICTIONARY) :])


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds within a group. `hides`: it holds no words; `in_rtf_only`: what the HTML has in another way (§2.1.3.1.5)."""

    hides: bool = False
    in_rtf_only: bool = False
    in_tag: bool = False
    in_fonts: bool = False
    font: int = -1
    fallbacks: int = 1
    """Characters behind one of Unicode for programs that do not know it."""


class _Reading:
    """Goes through the tokens of one RTF."""

    def __init__(self, rtf: bytes, account: Account) -> None:
        self._rtf = rtf
        self._account = account
        self._group = _Group()
        self._outer: list[_Group] = []
        self._too_deep = 0
        self._is_html = False
        self._code_page = 1252
        self._code_pages: dict[int, int] = {}
        self._font_defined = -1
        self._starred = False
        self._to_skip = 0
        self._octets = bytearray()
        self._octets_in = 1252
        self._said: list[str] = []

    def words(self) -> Words:
        for token in _TOKEN.finditer(self._rtf):
            self._account.count_step()
            match token.lastgroup:
                case "brace":
                    self._brace(token[0])
                case "word" | "number":
                    self._word(token["word"], int(token["number"]) if token["number"] else None)
                case "hex":
                    self._write_octets(bytes.fromhex(token["hex"].decode("ascii")), 1)
                case "text":
                    self._write_octets(token["text"], len(token["text"]))
                case "sign":
                    self._sign(token["sign"])
                case _:
                    pass  # line ends in the source say nothing
        self._flush()
        # A character beyond 16 bits stands there as two, each half by itself.
        text = "".join(self._said).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return Words(text, self._is_html)

    def _brace(self, brace: bytes) -> None:
        self._starred = False
        self._to_skip = 0
        if brace == b"{":
            if len(self._outer) < groups_max:
                self._outer.append(self._group)
            else:
                self._too_deep += 1
        elif self._too_deep:
            self._too_deep -= 1
        elif self._outer:
            self._group = self._outer.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == b"htmltag":
            self._group = replace(self._group, in_tag=True)
        elif word == b"fonttbl":
            self._group = replace(self._group, hides=True, in_fonts=True)
        elif starred or word in _SKIPPED:
            self._group = replace(self._group, hides=True)
        elif word == b"htmlrtf":
            self._group = replace(self._group, in_rtf_only=number != 0)
        elif word == b"fromhtml":
            self._is_html = number != 0
        elif word == b"ansicpg" and number:
            self._code_page = number
        elif word == b"f" and number is not None:
            self._font_defined = number
            self._group = replace(self._group, font=number)
        elif word == b"fcharset" and self._group.in_fonts and number in _CHARSETS:
            self._code_pages[self._font_defined] = _CHARSETS[number]
        elif word == b"uc" and number is not None:
            self._group = replace(self._group, fallbacks=max(0, min(number, 10)))
        elif word == b"u" and number is not None:
            self._write(chr(number & 0xFFFF))  # it is a signed number
            self._to_skip = self._group.fallbacks
        elif word in _CHARACTERS:
            self._write(_CHARACTERS[word])

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._starred = True
        elif sign in _LITERAL:
            self._write_octets(sign, 1)
        elif sign in _SIGNS:
            self._write(_SIGNS[sign])

    @property
    def _is_hidden(self) -> bool:
        return self._group.hides or (self._group.in_rtf_only and self._is_html)

    def _write(self, text: str) -> None:
        self._to_skip = 0
        if not self._is_hidden:
            self._flush()
            self._said.append(text)

    def _write_octets(self, octets: bytes, characters: int) -> None:
        skipped = min(self._to_skip, characters)
        self._to_skip -= skipped
        if (skipped and skipped == characters) or self._is_hidden:
            return
        code_page = self._code_page if self._group.in_tag else self._code_pages.get(self._group.font, self._code_page)
        if code_page != self._octets_in:
            self._flush()
            self._octets_in = code_page
        self._octets += octets[skipped:]

    def _flush(self) -> None:
        if self._octets:
            self._said.append(decoded_octets(bytes(self._octets), f"cp{self._octets_in}"))
            self._octets.clear()
