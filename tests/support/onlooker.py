"""An eye that looks at a finished mail without any of the product's code: everything in it that somebody could read."""

from __future__ import annotations

import base64
import binascii
import email
import email.header
import email.utils
import html
import io
import quopri
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from email.message import Message
from typing import Final
from urllib.parse import unquote

depth_max: Final = 8
octets_max: Final = 20 * 1024 * 1024

_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){8,}", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_MESSAGE: Final = re.compile(rb"\s*(?:[A-Za-z-]{2,40}:[^\n]{0,998}\n){2}")


def everything(octets: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(where, what can be read there) for a mail: raw, fields, parameters, parts, files in files, calendars unfolded, and
    what is written in percent, entities, base64 or hexadecimal anywhere."""
    raw = octets.decode("latin-1")
    yield "raw", raw
    yield "raw unfolded", _FOLD.sub("", raw)
    for number, part in enumerate(email.message_from_bytes(octets).walk()):
        place = f"part {number} {part.get_content_type()}"
        for name, value in part.items():
            yield from _field(f"{place} {name}", str(value))
        for name in ("content-type", "content-disposition"):
            for _, value in part.get_params([], name):
                yield place + " parameter", email.utils.collapse_rfc2231_value(value)
        payload = _payload(part)
        if payload is not None:
            yield from _file(place, payload, depth)


def _payload(part: Message) -> bytes | None:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else None


def _field(place: str, value: str) -> Iterator[tuple[str, str]]:
    yield place, value
    try:
        yield place, str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, UnicodeError):
        yield place, quopri.decodestring(value.replace("_", " ").encode("latin-1", "replace")).decode("latin-1")
    yield place, unquote(value)


def _file(place: str, octets: bytes, depth: int) -> Iterator[tuple[str, str]]:
    if depth > depth_max or len(octets) > octets_max:
        return
    if octets.startswith(b"PK\x03\x04"):
        yield from _members(place, octets, depth)
    if _MESSAGE.match(octets):
        yield from ((f"{place} > {inner}", text) for inner, text in everything(octets, depth + 1))
    for charset in ("utf-8", "latin-1", *(("utf-16-le", "utf-16-be") if b"\0" in octets else ())):
        text = octets.decode(charset, "replace")
        yield place, text
        yield f"{place} unfolded", _FOLD.sub("", text)
        for name, opened in (("entities", html.unescape(text)), ("percent", unquote(unquote(text)))):
            if opened != text:
                yield f"{place} {name}", opened
        if "<" in text:
            yield f"{place} without markup", _TAG.sub("", html.unescape(text))
    if b"\0" not in octets:
        yield from _packed(place, octets.decode("latin-1"))


def _members(place: str, octets: bytes, depth: int) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            yield f"{place} > comment", archive.comment.decode("latin-1")
            for member in archive.infolist()[:200]:
                yield f"{place} > member", member.filename
                if member.file_size <= octets_max and not member.flag_bits & 1:
                    yield from _file(f"{place} > {member.filename}", archive.read(member), depth + 1)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, binascii.Error):
        return


def _packed(place: str, text: str) -> Iterator[tuple[str, str]]:
    found = []
    for run in dict.fromkeys(_RUN.findall(text)):
        letters = run.rstrip("=").replace("-", "+").replace("_", "/")
        for skipped in range(4):
            piece = letters[skipped:]
            found.append(base64.b64decode(piece[: len(piece) // 4 * 4]))
    for run in dict.fromkeys(_HEX.findall(text)):
        found.append(bytes.fromhex(run))
    if found:
        yield f"{place} packed", b"\n".join(found).decode("latin-1")


def seen(octets: bytes, tells: tuple[str, ...], name: str = "") -> list[str]:
    """Where one of `tells` can be read in a mail, in any case and in the ways in which software writes addresses; and where
    `name` stands as a word of its own, as it is or in capitals."""
    wanted = []
    for tell in tells:
        wanted += [tell.casefold()]
        if "@" in tell:
            wanted += [tell.casefold().replace("@", sign) for sign in ("=", "%40", "=40", "&#64;")]
    word = re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(name.upper())})(?!\w)") if name else None
    found: dict[str, None] = {}
    done: set[str] = set()
    for place, text in everything(octets):
        if text in done:
            continue
        done.add(text)
        plain = text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
        small = plain.casefold()
        for one in wanted:
            if one in small:
                found[f"{one} in {place}"] = None
        if word is not None and name.casefold() in small and word.search(plain):
            found[f"{name} in {place}"] = None
    return list(found)
