"""What the head of an entity declares, read with a few patterns: every field counts, also the second of two (LEAK-11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from relay.message.leaks.stretch import Stretch

_CONTENT_FIELD: Final = re.compile(
    rb"^content-(type|transfer-encoding|disposition)[ \t]{0,99}:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE | re.MULTILINE
)
_BOUNDARY: Final = re.compile(
    rb"""boundary(?:\*0?\*?)?\s{0,99}=\s{0,99}(?:"([^"]{1,300})"|'([^']{1,300})'|([^\s;"]{1,300}))""", re.IGNORECASE
)
_CHARSET: Final = re.compile(rb"""charset(?:\*0?\*?)?\s{0,99}=\s{0,99}["']?([A-Za-z0-9_.:+\-]{1,40})""", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(rb"\s{0,99}([A-Za-z0-9.+\-]{1,80}/[A-Za-z0-9.+\-]{1,80})")
_MESSAGE_NAME: Final = re.compile(rb"name[^;]{0,2000}\.(?:eml|mht|mhtml|msg)\b", re.IGNORECASE)
_BLANK_LINE: Final = re.compile(rb"\n[ \t]{0,9}\r?\n|\r[ \t]{0,9}\r")

_usual_octets: Final = 120
"""Of the head of a text: those are the same in most messages."""

KNOWN_TYPES: Final = frozenset(
    """
    application/json application/msword application/octet-stream application/pdf application/pgp-encrypted application/pgp-keys
    application/pgp-signature application/pkcs7-mime application/pkcs7-signature application/rtf application/vnd.ms-excel
    application/vnd.ms-outlook application/vnd.ms-powerpoint application/vnd.ms-tnef application/ms-tnef application/xml
    application/zip application/gzip application/ics application/xhtml+xml
    application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet
    application/vnd.openxmlformats-officedocument.presentationml.presentation
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    application/vnd.openxmlformats-officedocument.wordprocessingml.document application/x-zip-compressed
    audio/mpeg audio/mp4 audio/ogg image/bmp image/gif image/heic image/heif image/jpeg image/png image/svg+xml image/tiff
    image/webp
    message/delivery-status message/disposition-notification message/external-body message/global message/partial
    message/rfc822 multipart/alternative multipart/digest multipart/encrypted multipart/mixed multipart/related multipart/report
    multipart/signed text/calendar text/csv text/directory text/enriched text/html text/markdown text/plain text/richtext
    text/rfc822-headers text/rtf text/vcard text/x-amp-html text/x-vcard text/x-watch-html text/xml video/mp4 video/quicktime
    """.split()
)
"""Types that a finding may name. Any other could itself be what must not be seen."""


@dataclass(frozen=True, slots=True)
class Declared:
    """All that the head says, lower case where case does not matter. `media_type` is the first one, or the default."""

    media_type: str
    types: tuple[str, ...]
    boundaries: tuple[bytes, ...]
    charset: str | None
    encodings: tuple[str, ...]
    is_message_by_name: bool

    @property
    def label(self) -> str:
        """The media type as a finding shows it."""
        return self.media_type if self.media_type in KNOWN_TYPES else "of another type"

    @property
    def is_message(self) -> bool:
        return self.is_message_by_name or any(
            (one.startswith("message/") and one not in {"message/partial", "message/external-body"})
            or one == "text/rfc822-headers"
            for one in self.types
        )

    @property
    def is_text(self) -> bool:
        return any(one.startswith(("text/", "multipart/", "message/")) for one in self.types)


def head_and_body(entity: Stretch) -> tuple[bytes, Stretch]:
    """The entity at its first empty line; without one it is all head (RFC 5322 §3.5)."""
    octets, begin, end = entity.octets, entity.begin, entity.end
    if octets.startswith((b"\n", b"\r\n"), begin, end):
        return b"", entity
    blank = _BLANK_LINE.search(octets, begin, end)
    return octets[begin : blank.start() if blank else end], Stretch(octets, blank.end() if blank else end, end)


def declared(head: bytes, default: str) -> Declared:
    """What `head` declares; `default` is the type without a Content-Type field."""
    return _known(head, default) if len(head) <= _usual_octets else _declared(head, default)


@lru_cache(maxsize=1024)
def _known(head: bytes, default: str) -> Declared:
    return _declared(head, default)


def _declared(head: bytes, default: str) -> Declared:
    types: list[str] = []
    boundaries: list[bytes] = []
    charset: str | None = None
    encodings: list[str] = []
    named_message = False
    for name, value in _CONTENT_FIELD.findall(head):
        key = name.lower()
        if key == b"transfer-encoding":
            encodings.append(value.strip(b" \t\r\n\"';").lower().decode("ascii", "replace"))
            continue
        named_message = named_message or _MESSAGE_NAME.search(value) is not None
        if key == b"type":
            found = _MEDIA_TYPE.match(value)
            types.append(found[1].decode("ascii").lower() if found else default)
            boundaries.extend(_boundaries(value))
            in_charset = _CHARSET.search(value)
            charset = charset or (in_charset[1].decode("ascii") if in_charset else None)
    types = types or [default]
    return Declared(
        types[0], tuple(types), tuple(dict.fromkeys(boundaries)), charset, tuple(dict.fromkeys(encodings)), named_message
    )


def _boundaries(value: bytes) -> Iterator[bytes]:
    for quoted, single, bare in _BOUNDARY.findall(value):
        boundary = (quoted or single or bare).strip()
        if boundary:
            yield boundary
        if single:
            yield b"'" + single + b"'"  # a single quote is an ordinary character to a strict reader
