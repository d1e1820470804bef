"""Everything that can be read in a finished mail, found without the product's own parser, masker or second reading."""

from __future__ import annotations

import base64
import binascii
import email
import email.header
import gzip
import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from typing import Final
from urllib.parse import unquote

import pikepdf

_depth_max: Final = 6
_long_characters: Final = 500_000
"""A longer text is looked at as it stands only: it is there for its length."""
_LOOKALIKES: Final = dict(zip("аеорсухіјѕԁһӏκνοραιετ", "aeopcyxijsdhlkvopaiet", strict=True))
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_TURNS: Final = ("<bdo", "\u202e", "bidi-override")
"""What makes programs show letters from right to left."""
_SAME_AS: Final = {"iso-8859-8-i": "iso-8859-8"}
_CHARSETS: Final = ("utf-8", "utf-16-le", "utf-16-be")


def shows(octets: bytes, *identifiers: str) -> list[str]:
    """Which of `identifiers` can be read anywhere in a mail, in whatever spelling."""
    whole = "\n\0\n".join(dict.fromkeys(_of_mail(octets, 0)))
    seen = _in_every_reading(whole)
    if any(turn in whole for turn in _TURNS):
        seen += [one[::-1] for one in seen]
    squeezed = "\0".join(re.sub(r"[^a-z0-9\0]+", "", one) for one in seen)
    return [
        one
        for one in identifiers
        if any(one.casefold() in text for text in seen) or any(piece in squeezed for piece in _squeezed_pieces(one))
    ]


def readable(octets: bytes) -> str:
    """All that a person would see or open: decoded fields and texts, with white space made even."""
    texts = "\n".join(dict.fromkeys(_of_mail(octets, 0)))
    return " ".join(f"{texts}\n{html.unescape(texts)}".split())


def _of_mail(octets: bytes, depth: int) -> Iterator[str]:
    yield octets.decode("latin-1")
    message = email.message_from_bytes(octets)
    for part in message.walk():
        yield from _of_fields(part)
        if part.is_multipart():
            yield from (str(text) for text in (part.preamble, part.epilogue) if text)
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield from _of_octets(payload, part.get_content_charset() or "", depth)


def _of_fields(part: Message) -> Iterator[str]:
    for name, value in part.items():
        yield f"{name}: {value}"
        try:
            yield str(email.header.make_header(email.header.decode_header(str(value))))
        except (LookupError, ValueError, UnicodeError):
            yield str(value)
    if filename := part.get_filename():
        yield filename
    for parameter in part.get_params() or ():
        yield " ".join(map(str, parameter))


def _of_octets(octets: bytes, charset: str, depth: int) -> Iterator[str]:
    yield from (octets.decode(one, "replace") for one in _CHARSETS if one == "utf-8" or b"\0" in octets)
    if charset and charset not in _CHARSETS:
        with suppress(LookupError):
            yield octets.decode(_SAME_AS.get(charset, charset), "replace")
    if b"\0" in octets:
        yield octets.replace(b"\0", b"").decode("utf-8", "replace")
    if b" " not in octets and octets.count(b"\x40") > len(octets) // 20:
        yield octets.decode("cp500")  # blanks of EBCDIC
    if depth >= _depth_max:
        return
    if octets.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError):
            yield from _of_octets(gzip.decompress(octets), "", depth + 1)
    if octets.startswith(b"%PDF"):
        yield from _of_pdf(octets)
    if b"PK\x03\x04" in octets:
        yield from _of_zip(octets, depth)
    if octets.startswith((b"\x89PNG", b"\xff\xd8", b"RIFF")):
        yield from _of_deflated(octets)
    elif re.match(rb"[!-9;-~]{1,60}:", octets) and b"\n\n" in octets.replace(b"\r", b""):
        yield from _of_mail(octets, depth + 1)
    if b"BEGIN:V" in octets:
        yield re.sub(r"\r?\n[ \t]", "", octets.decode("utf-8", "replace"))


def _of_pdf(octets: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        for one in pdf.objects:
            yield repr(one)
            if isinstance(one, pikepdf.Stream):
                yield from (one.read_bytes().decode(charset, "replace") for charset in _CHARSETS)


def _of_zip(octets: bytes, depth: int) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            yield archive.comment.decode("latin-1")
            for member in archive.infolist():
                yield f"{member.filename} {member.comment.decode('latin-1')} {member.extra.decode('latin-1')}"
                if not member.flag_bits & 1:
                    yield from _of_octets(archive.read(member), "", depth + 1)
    except zipfile.BadZipFile:
        return


def _of_deflated(octets: bytes) -> Iterator[str]:
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", octets):
        try:
            yield zlib.decompressobj().decompress(octets[found.start() :], 1_000_000).decode("latin-1")
        except zlib.error:
            continue


def _in_every_reading(text: str) -> list[str]:
    """The text as it stands and with another layer of encoding taken off, twice, in small letters."""
    layers = [text]
    newest = [text]
    for _ in range(2 if len(text) < _long_characters else 0):
        newest = [one for layer in newest for one in dict.fromkeys(_decoded(layer)) if one not in layers]
        layers += newest
    return [_folded(layer) for layer in layers]


def _decoded(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote(text)
    if "<" in text:
        yield re.sub(r"<[^>]*>", "", html.unescape(text))
    if re.search(r"=[0-9A-F]{2}", text):
        yield binascii.a2b_qp(text.encode("utf-8", "replace")).decode("latin-1")
    yield "\n".join(said.decode("ascii", "replace") for said in _packed(text))


def _packed(text: str) -> Iterator[bytes]:
    """What runs of Base64 and of hexadecimal digits hold."""
    for found in _BASE64.finditer(text):
        whole = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        if whole.islower():
            continue  # words
        for run in dict.fromkeys((whole, *whole.split("/"))):
            yield base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + "==")
    for found in _HEX.finditer(text):
        yield bytes.fromhex(found[0])


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold()
    for one in set(text):
        if unicodedata.category(one) in {"Cf", "Mn"}:
            text = text.replace(one, "")
        elif one in _LOOKALIKES:
            text = text.replace(one, _LOOKALIKES[one])
    return text


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


def _squeezed_pieces(identifier: str) -> Iterator[str]:
    """The long pieces of an address or host that no wrapping, spacing or spelling of its signs takes apart."""
    local, _, domain = identifier.casefold().rpartition("@")
    pieces = (local, domain.rpartition(".")[0]) if local else ()
    yield from (piece for one in pieces if len(piece := _squeezed(one)) > 9)
