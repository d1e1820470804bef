"""A message and its files as Outlook and Exchange keep them, in MAPI properties, and the same as MIME entities (MS-OXCMSG).

TNEF and .msg files (`tnef`, `outlook`) both hold this. Only what a person wrote and attached is taken over; the hundred other
properties, which name mailboxes, servers and directories, are left behind (LEAK-53, LEAK-68).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import IntEnum
from typing import Final

from relay.message.account import Account
from relay.message.charsets import decoded_octets
from relay.message.containers.compressed_rtf import words_in
from relay.message.entities import taken_apart
from relay.message.mail import Entity, Field


class Tag(IntEnum):
    """The properties that are read, by their number (MS-OXPROPS)."""

    SUBJECT = 0x0037
    CLIENT_SUBMIT_TIME = 0x0039
    SENDER_NAME = 0x0C1A
    SENDER_EMAIL_ADDRESS = 0x0C1F
    BODY = 0x1000
    RTF_COMPRESSED = 0x1009
    BODY_HTML = 0x1013
    DISPLAY_NAME = 0x3001
    ATTACH_DATA = 0x3701
    ATTACH_FILENAME = 0x3704
    ATTACH_LONG_FILENAME = 0x3707
    ATTACH_MIME_TAG = 0x370E
    ATTACH_CONTENT_ID = 0x3712
    INTERNET_CODEPAGE = 0x3FDE
    MESSAGE_CODEPAGE = 0x3FFD
    SENDER_SMTP_ADDRESS = 0x5D01


STRING8: Final = 0x001E
UNICODE: Final = 0x001F
BINARY: Final = 0x0102
"""Types of values: strings in some code page, in UTF-16, and octets."""

_FILE_NAMES: Final = (Tag.ATTACH_LONG_FILENAME, Tag.ATTACH_FILENAME, Tag.DISPLAY_NAME)
_FILE_TIMES_BEGIN: Final = datetime(1601, 1, 1, tzinfo=UTC)
_CHARSETS: Final = {
    1200: "utf-16-le", 20127: "us-ascii", 20866: "koi8-r", 20932: "euc-jp", 21866: "koi8-u", 50220: "iso-2022-jp",
    50221: "iso-2022-jp", 50222: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr", 52936: "hz-gb-2312", 54936: "gb18030",
    65000: "utf-7", 65001: "utf-8",
} | {28590 + part: f"iso-8859-{part}" for part in range(1, 16)}  # fmt: skip
"""Code pages whose charset is not called `cp` and their number."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a property as it stands there; `kind` is its type (MS-OXCDATA §2.11.1)."""

    kind: int
    octets: bytes = field(repr=False)


Properties = Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class MapiFile:
    """A file of a message. Its content is a message where one was attached; `title` is the name where no property has it."""

    properties: Properties = field(repr=False)
    content: bytes | MapiMessage = field(repr=False)
    title: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MapiMessage:
    """A message. `code_page` is that of strings whose property does not say it."""

    properties: Properties = field(repr=False)
    files: tuple[MapiFile, ...] = field(default=(), repr=False)
    code_page: int = 0


@dataclass(frozen=True, slots=True)
class MapiEntities:
    """Makes entities of messages, on the account of the message that they are in. All raise Unreadable beyond its bounds."""

    account: Account

    def parts(self, message: MapiMessage, depth: int, *, with_text: bool = True) -> tuple[Entity, ...]:
        """What is in the message at `depth`: its text first, then its files."""
        files = [self._file(one, message, depth + 1) for one in message.files]
        # Signed mail that is kept whole says its text there; elsewhere it stands once more.
        with_text = with_text and not any(one.is_multipart for one in files)
        text = self._text(message, depth + 1) if with_text else None
        if text is None:
            return tuple(files)
        shown = [one for one in files if one.first("Content-ID") is not None]
        if not shown or not _shows_images(text):
            return (text, *files)
        self.account.enter(depth + 1)
        return (_multipart("related", (text, *shown)), *(one for one in files if one not in shown))

    def attached(self, message: MapiMessage, depth: int, name: str | None) -> Entity:
        """The message as an attached one, with a head of its own."""
        self.account.enter(depth)
        self.account.enter(depth + 1)
        inner = _multipart("mixed", self.parts(message, depth + 1), _head(message))
        return Entity((), "message/rfc822", {}, "attachment", name, "binary", b"", (inner,))

    def _file(self, file: MapiFile, message: MapiMessage, depth: int) -> Entity:
        names = (_string(file.properties, tag, message) for tag in _FILE_NAMES)
        name = next((one for one in names if one), file.title) or None
        if isinstance(file.content, MapiMessage):
            return self.attached(file.content, depth, f"{name}.eml" if name else None)
        content_id = _string(file.properties, Tag.ATTACH_CONTENT_ID, message)
        fields = (Field("Content-ID", f"<{content_id}>".encode("utf-8", "replace")),) if content_id else ()
        declared = _string(file.properties, Tag.ATTACH_MIME_TAG, message).strip().lower()
        if declared.startswith("multipart/"):
            # Of signed mail the whole MIME entity is kept as its only file (MS-OXOSMIME §2.1.1).
            self.account.keep(len(file.content))
            return taken_apart(file.content, self.account, depth)
        media_type = declared if "/" in declared else "application/octet-stream"
        return self._leaf(media_type, None, file.content, depth, fields, None if content_id else "attachment", name)

    def _text(self, message: MapiMessage, depth: int) -> Entity | None:
        """The text: HTML where there is any, and the plain one beside it or alone."""
        found = []
        rich = message.properties.get(Tag.RTF_COMPRESSED)
        words = words_in(rich.octets, self.account) if rich is not None and Tag.BODY_HTML not in message.properties else None
        if (plain := message.properties.get(Tag.BODY)) is not None:
            found.append(self._of_value("text/plain", plain, message, depth))
        elif words is not None and not words.is_html:
            found.append(self._leaf("text/plain", "utf-8", words.text.encode("utf-8", "replace"), depth))
        if (html := message.properties.get(Tag.BODY_HTML)) is not None:
            found.append(self._of_value("text/html", html, message, depth))
        elif words is not None and words.is_html:
            found.append(self._leaf("text/html", "utf-8", words.text.encode("utf-8", "replace"), depth))
        if len(found) < 2:
            return found[0] if found else None
        self.account.enter(depth)
        return _multipart("alternative", found)

    def _of_value(self, media_type: str, value: Value, message: MapiMessage, depth: int) -> Entity:
        if value.kind == UNICODE:
            return self._leaf(media_type, "utf-16-le", value.octets, depth)
        return self._leaf(media_type, _charset(message, Tag.INTERNET_CODEPAGE), value.octets.rstrip(b"\0"), depth)

    def _leaf(
        self,
        media_type: str,
        charset: str | None,
        octets: bytes,
        depth: int,
        fields: tuple[Field, ...] = (),
        disposition: str | None = None,
        name: str | None = None,
    ) -> Entity:
        self.account.enter(depth)
        self.account.keep(len(octets))
        return Entity(fields, media_type, {"charset": charset} if charset else {}, disposition, name, "binary", octets)


def _multipart(subtype: str, parts: Sequence[Entity], fields: tuple[Field, ...] = ()) -> Entity:
    return Entity(fields, f"multipart/{subtype}", {}, None, None, "7bit", b"", tuple(parts))


def _shows_images(text: Entity) -> bool:
    return any(one.media_type == "text/html" and "cid:" in one.text for one in text.walk())


def _head(message: MapiMessage) -> tuple[Field, ...]:
    """The fields of an attached message by which the surgery builds its new head."""
    fields = [Field("Subject", _line(_string(message.properties, Tag.SUBJECT, message)))]
    addresses = (_string(message.properties, tag, message) for tag in (Tag.SENDER_SMTP_ADDRESS, Tag.SENDER_EMAIL_ADDRESS))
    address = next((one for one in addresses if "@" in one), "")
    if address:
        fields.append(Field("From", _line(f"<{address}>")))
    at = message.properties.get(Tag.CLIENT_SUBMIT_TIME)
    if at is not None and (sent := _instant(at.octets)) is not None:
        fields.append(Field("Date", format_datetime(sent).encode("ascii")))
    return tuple(fields)


def _line(text: str) -> bytes:
    return " ".join(text.split()).encode("utf-8", "replace")


def _instant(octets: bytes) -> datetime | None:
    """A FILETIME: tenths of microseconds since 1601, in UTC."""
    try:
        return _FILE_TIMES_BEGIN + timedelta(microseconds=int.from_bytes(octets[:8], "little") // 10)
    except OverflowError:
        return None


def _string(properties: Properties, tag: Tag, message: MapiMessage) -> str:
    """A property that is a string; empty where it is missing."""
    value = properties.get(tag)
    if value is None:
        return ""
    if value.kind == UNICODE:
        return value.octets.decode("utf-16-le", "replace").partition("\0")[0]
    return decoded_octets(value.octets.partition(b"\0")[0], _charset(message, Tag.MESSAGE_CODEPAGE))


def _charset(message: MapiMessage, first: Tag) -> str | None:
    """The charset of strings in a code page; None where nobody says it."""
    for tag in (first, Tag.MESSAGE_CODEPAGE, Tag.INTERNET_CODEPAGE):
        if (value := message.properties.get(tag)) is not None and (code_page := int.from_bytes(value.octets[:4], "little")):
            return _CHARSETS.get(code_page, f"cp{code_page}")
    return _CHARSETS.get(message.code_page, f"cp{message.code_page}") if message.code_page else None
