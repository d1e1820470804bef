"""The octets of a mail that we write: complete, unsigned, CRLF, seven bits, no line over 78 columns where a fold is possible.

Composed by hand because the standard library's writer draws its boundaries at random and wraps a long Message-ID in encoded
words, which no mail program looks into (RFC 2047 §5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime
from typing import Final

from relay.values import MsgId

_COLUMNS: Final = 76


class Fields(list[tuple[str, str]]):
    """Header fields in their order, as names and finished values."""

    def octets(self) -> bytes:
        return "".join(f"{name}: {value}\r\n" for name, value in self).encode("ascii")


@dataclass(frozen=True, slots=True)
class Part:
    """A finished body part: its Content-Type, its transfer encoding, its octets; its Content-Disposition where it is a file."""

    content_type: str
    octets: bytes = field(repr=False)
    encoding: str = "7bit"
    disposition: str = ""

    def written(self) -> bytes:
        fields = Fields([("Content-Type", self.content_type)])
        if self.encoding != "7bit":
            fields.append(("Content-Transfer-Encoding", self.encoding))
        if self.disposition:
            fields.append(("Content-Disposition", self.disposition))
        return fields.octets() + b"\r\n" + self.octets


def text_part(subtype: str, text: str) -> Part:
    """A text, in UTF-8 and quoted-printable. Line ends of `text` are LF."""
    octets = text.encode("utf-8").decode("latin-1")
    return Part(
        f"text/{subtype}; charset=utf-8",
        body_encode(octets, maxlinelen=_COLUMNS, eol="\r\n").encode("ascii"),
        "quoted-printable",
    )


def multipart(subtype: str, parts: Sequence[Part], message_id: MsgId, **parameters: str) -> Part:
    """`parts` under one head. The boundary comes from our Message-ID, so the same letter has the same octets every time.

    It begins with `=_`, which quoted-printable never writes (RFC 2045 §6.7), and no part here is anything but that or our own.
    """
    boundary = "=_" + hashlib.sha256(f"{subtype} {message_id}".encode()).hexdigest()[:32]
    extra = "".join(f"; {name}={value}" for name, value in parameters.items())
    line = f"\r\n--{boundary}".encode("ascii")
    octets = b"".join(line + b"\r\n" + part.written() for part in parts) + line + b"--\r\n"
    return Part(f'multipart/{subtype}{extra};\r\n boundary="{boundary}"', octets.removeprefix(b"\r\n"))


def letter(fields: Iterable[tuple[str, str]], body: Part) -> bytes:
    """The whole mail."""
    return Fields([*fields, ("MIME-Version", "1.0")]).octets() + body.written()


def unstructured(name: str, text: str) -> str:
    """The value of a field of free text, such as Subject: folded, in encoded words where it is not ASCII (RFC 2047)."""
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, maxlinelen=_COLUMNS, header_name=name).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """A display name and an address, as From and To hold them (RFC 5322 §3.4). `name` is one line; empty for none."""
    if not name:
        return f"<{address}>"
    if not _is_plain(name):
        return f"{unstructured('From', name)}\r\n <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def date(at: datetime) -> str:
    """A Date field's value, in UTC: an offset would tell where somebody is (LEAK-6)."""
    return format_datetime(at.astimezone(UTC))


def _is_plain(text: str) -> bool:
    """Whether `text` can stand in a header as it is. What only looks like an encoded word must not be read as one."""
    return text.isascii() and "=?" not in text
