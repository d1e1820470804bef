"""Everything that can be read in a mail, by whoever looks hard enough: with the standard library alone, and generously.

It shares nothing with relay.message, neither with what takes mail apart nor with the second reading: the self-test is to notice
when those two are wrong together. It is made for the traps of this package, small and our own, and not for mail of strangers.
"""

from __future__ import annotations

import base64
import binascii
import email
import html
import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final
from urllib.parse import unquote

layers_max: Final = 2
"""Encodings that are taken off one after the other, beside those of MIME and of files."""
nesting_max: Final = 6
"""Files in files, and mails in mails."""
member_octets_max: Final = 16 * 1024 * 1024
"""What is unpacked of one member of an archive, or of one stream of a file."""
piece_characters_min: Final = 10
"""A shorter piece of an identifier stands somewhere by chance once white space and signs are gone."""

AS_SENT: Final = "the octets as they came"

_WORD: Final = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_STEP: Final = re.compile(r"[A-Za-z0-9+_-]{16,}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_QUOTED_PRINTABLE: Final = re.compile(r"=(?:[0-9A-Fa-f]{2}|\r?\n)")
_BACKSLASHED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\'([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|\\([0-3][0-7]{2})")
_FIELD: Final = re.compile(rb"[!-9;-~]{1,60}:")
_DEFLATED: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
"""How a stream of zlib begins (RFC 1950 §2.2), and one of gzip (RFC 1952 §2.3)."""
_TURNING: Final = re.compile("\u202e|<bdo|bidi-override", re.IGNORECASE)
"""What makes programs show letters from right to left."""
_NOT_PLAIN: Final = re.compile("[^a-z0-9]+")
_EBCDIC: Final = "cp500"
_EBCDIC_BLANK: Final = b"\x40"
_CHARSETS: Final = ("utf-8", "utf-16-le", "utf-16-be", "utf-7", "cp1252")
_LOOKALIKES: Final = dict(zip("аеорсухіјѕԁһӏκνοραιετ", "aeopcyxijsdhlkvopaiet", strict=True))


@dataclass(frozen=True, slots=True)
class Seen:
    """One text that can be read, and where; `place` is for people."""

    place: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for, and where it stands."""

    canary: str
    place: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that can be read in one mail."""

    seen: tuple[Seen, ...]

    @classmethod
    def of(cls, octets: bytes) -> Reading:
        """Never raises: what cannot be decoded is read as it stands."""
        texts = dict.fromkeys([*_of_mail(octets, "", 0), Seen(AS_SENT, octets.decode("latin-1"))])
        return cls(tuple(texts))

    def found(self, canaries: Sequence[str]) -> tuple[Found, ...]:
        """Which of `canaries` stand where, in any case, spelling and encoding; each with the places that say most."""
        wanted = {canary: (canary.casefold(), tuple(_pieces(canary))) for canary in canaries}
        places: dict[str, list[str]] = {}
        for one in self.seen:
            texts = _unwrapped(one.text)
            whole = "\n".join(texts)
            plain = "\n".join(_NOT_PLAIN.sub("", text) for text in texts)
            for canary, (folded, pieces) in wanted.items():
                if folded in whole or any(piece in plain for piece in pieces):
                    places.setdefault(canary, []).append(one.place)
        return tuple(
            Found(canary, place)
            for canary in wanted
            for place in dict.fromkeys(places.get(canary, ()))
            if place != AS_SENT or len(set(places[canary])) == 1
        )

    def missing(self, keeps: Sequence[str]) -> tuple[str, ...]:
        """Which of `keeps` cannot be read anywhere. White space does not count."""
        if not keeps:
            return ()
        plain = " ".join(" ".join(one.text for one in self.seen).split())
        wanted = [one for one in keeps if " ".join(one.split()) not in plain]
        if not wanted:
            return ()
        shown = " ".join(" ".join(layer for one in self.seen for layer in _layers(one.text)).split())
        return tuple(one for one in wanted if " ".join(one.split()) not in shown)


def _of_mail(octets: bytes, within: str, depth: int) -> Iterator[Seen]:
    number = 0
    for part in email.message_from_bytes(octets).walk():
        place = f"{within}part {number} " if number else within
        number += 1
        yield from _of_fields(part, place)
        if part.is_multipart():
            yield from (Seen(f"{place}between the parts", text) for text in (part.preamble, part.epilogue) if text)
            continue
        declared = part.get_content_type()
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield from _of_octets(payload, f"{place}{declared}", _charset(part), depth)


def _of_fields(part: Message, place: str) -> Iterator[Seen]:
    for name, value in part.items():
        written = str(value)
        yield Seen(f"{place}header {name}", f"{name}: {written}")
        if _WORD.search(written):
            yield Seen(f"{place}header {name}", _words(written))
    for header in ("content-type", "content-disposition"):
        for name, value in part.get_params(failobj=[], header=header):
            yield Seen(f"{place}header {header} {name}", _words(collapse_rfc2231_value(value)))


def _charset(part: Message) -> str:
    declared = part.get_param("charset", "")
    return collapse_rfc2231_value(declared) if declared else ""


def _words(written: str) -> str:
    """Encoded words decoded, with nothing between neighbours (RFC 2047 §6.2)."""
    try:
        pieces = decode_header(written)
    except (ValueError, binascii.Error):
        return written
    return "".join(piece if isinstance(piece, str) else _text(piece, charset or "latin-1") for piece, charset in pieces)


def _text(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError):
        return octets.decode("latin-1")


def _of_octets(octets: bytes, place: str, charset: str, depth: int) -> Iterator[Seen]:
    for one in dict.fromkeys(filter(None, (charset.lower(), *_CHARSETS))):
        if one.startswith("utf-16") and one != charset.lower():
            if b"\0" in octets:
                yield from (Seen(place, octets[start:].decode(one, "replace")) for start in (0, 1))
        elif one != "utf-7" or b"+" in octets:
            yield Seen(place, _text(octets, one))
    if b"\0" in octets:
        # UTF-32 by whatever name, and letters with NULs between them, which programs pass over.
        yield Seen(place, octets.replace(b"\0", b"").decode("utf-8", "replace"))
    if octets.count(_EBCDIC_BLANK) > octets.count(b" "):
        yield Seen(place, octets.decode(_EBCDIC))
    if depth >= nesting_max:
        return
    for name, inner in _inside(octets):
        yield from _of_octets(inner, f"{place} > {name}", "", depth + 1)
    if _FIELD.match(octets) and b"\n\n" in octets.replace(b"\r", b""):
        yield from _of_mail(octets, f"{place} > ", depth + 1)
    if b"BEGIN:V" in octets:
        # Calendars and cards fold their lines (RFC 5545 §3.1).
        yield Seen(place, re.sub(r"\r?\n[ \t]", "", octets.decode("utf-8", "replace")))


def _inside(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, octets) of what is packed in a file: members of archives, streams of documents and pictures."""
    if b"PK\x03\x04" in octets:
        yield from _members(octets)
    for found in _DEFLATED.finditer(octets):
        try:
            zlib_or_gzip = zlib.decompressobj(zlib.MAX_WBITS | 32)
            yield "compressed", zlib_or_gzip.decompress(octets[found.start() :], member_octets_max)
        except zlib.error:
            continue


def _members(octets: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(octets))
    except (zipfile.BadZipFile, ValueError):
        # No archive that any program opens; its octets are read as they are.
        return
    with archive:
        yield "comment", archive.comment
        for member in archive.infolist():
            yield "member's head", b"\n".join((member.filename.encode("utf-8", "replace"), member.comment, member.extra))
            if not member.flag_bits & 1 and member.file_size <= member_octets_max:
                yield member.filename, _content(archive, member)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError):
        # This member is damaged or packed in a way that is not known here, and the others may tell somebody all the same.
        return b""


def _unwrapped(text: str) -> list[str]:
    """All layers of a text in small letters, look-alikes made alike, invisible signs taken out."""
    return [_folded(layer) for layer in _layers(text)]


def _layers(text: str) -> list[str]:
    """The text as it stands, and with one encoding after another taken off."""
    layers = {text: None}
    newest = [text]
    for _ in range(layers_max):
        newest = [one for layer in newest for one in dict.fromkeys(_decoded(layer)) if one not in layers]
        layers.update(dict.fromkeys(newest))
    return list(layers)


def _decoded(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote(text)
    if "<" in text:
        yield html.unescape(_TAG.sub("", text))
    if _QUOTED_PRINTABLE.search(text):
        yield binascii.a2b_qp(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if "\\" in text:
        yield _BACKSLASHED.sub(_backslashed, text)
    if _TURNING.search(text):
        yield text[::-1]
    yield "\n".join(map(_said, _packed(text)))


def _backslashed(found: re.Match[str]) -> str:
    """One character as JSON, RTF, C and PDF write it."""
    unicode, rtf, c, octal = found.groups()
    return chr(int(octal, 8)) if octal else chr(int(unicode or rtf or c, 16))


def _packed(text: str) -> Iterator[bytes]:
    """What runs of Base64 and of hexadecimal digits hold. A slash is a digit of Base64, or ends a step of a path."""
    for found in _BASE64.finditer(text):
        yield from map(_of_base64, dict.fromkeys((found[0], *_STEP.findall(found[0]))))
    for found in _HEX.finditer(text):
        yield bytes.fromhex(found[0])


def _of_base64(run: str) -> bytes:
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(bare[: len(bare) - (len(bare) % 4 == 1)] + "==")


def _said(octets: bytes) -> str:
    """Text, where it is any: also the UTF-16 that PDF and Windows write in hexadecimal digits."""
    if octets[:2] in {b"\xfe\xff", b"\xff\xfe"} or octets.count(0) * 3 > len(octets):
        return "\n".join(octets.decode(one, "replace") for one in ("utf-16-le", "utf-16-be"))
    return octets.decode("utf-8", "ignore")


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    # One sign after another: only few stand in a text, and a table of them is asked for every letter.
    for sign in set(folded):
        if sign in _LOOKALIKES:
            folded = folded.replace(sign, _LOOKALIKES[sign])
        elif unicodedata.category(sign) in {"Cf", "Mn"}:
            folded = folded.replace(sign, "")
    return folded


def _pieces(canary: str) -> Iterator[str]:
    """The long pieces of an address, which no wrapping, spacing or spelling of its signs takes apart."""
    local, at, domain = canary.casefold().rpartition("@")
    pieces = (local, domain.rpartition(".")[0]) if at else ()
    yield from (plain for one in pieces if len(plain := _NOT_PLAIN.sub("", one)) >= piece_characters_min)
