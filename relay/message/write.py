"""The strict writer: a message out of fields and a body, 7-bit, with CRLF, no line longer than 998 octets (RFC 5322, RFC 2045).

Nothing that is handed in can begin a header line of its own: text is encoded in one line, everything else is checked when it is
made (CASE-33). Boundaries are new, made from a seed, and occur nowhere in the body (LEAK-50).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from relay.message.parameters import written_parameters
from relay.message.transfer import base64_blocks, quoted_printable, quoted_printable_octets
from relay.message.words import encoded_value, folded, line_columns_max

text_line_octets_max: Final = 78
"""Text with longer lines is written as quoted-printable: somebody on the way might break them (RFC 5322 §2.1.1)."""

_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}")
_CONTENT_ID: Final = re.compile(r"[!-;=?-~]{1,900}")
_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,100}")
_ONE_ASCII_LINE: Final = re.compile(r"[ -~]*")

_PLAIN: Final = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))

_OURS: Final = frozenset(
    {"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-description"}
)
"""Fields that come from the body, so that they stand there once (CASE-34)."""

_UTF8: Final = frozenset({"utf-8", "us-ascii"})


class Encoding(Enum):
    """How the octets of a leaf are written."""

    AUTOMATIC = "automatic"
    """Text of the message: 7bit, quoted-printable or base64, whichever serves it best, with its line ends as CRLF.
    A message or a report: 7bit. A file: base64, octet by octet."""
    SEVEN_BIT = "7bit"
    QUOTED_PRINTABLE = "quoted-printable"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True)
class Unstructured:
    """The value of a field that is text (RFC 5322 §2.2.1): any characters; it is encoded and folded."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Structured:
    """The value of a field in its own syntax: ASCII in one line, folded at its spaces. Raises ValueError for anything else."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _ONE_ASCII_LINE.fullmatch(self.text):
            raise ValueError("a structured field value has to be printable ASCII in one line")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part with content. Text is given in UTF-8, `content_id` without angle brackets, `filename` as people read it.

    A message/rfc822 must not be encoded (RFC 2046 §5.2.1): its payload has to be 7-bit with CRLF and lines of at most 998 octets,
    as `written` makes it. Raises ValueError for a payload, type, disposition or id that cannot be written.
    """

    media_type: str
    parameters: tuple[tuple[str, str], ...]
    payload: bytes = field(repr=False)
    disposition: str | None = None
    filename: str | None = field(default=None, repr=False)
    content_id: str | None = None
    encoding: Encoding = Encoding.AUTOMATIC
    as_base64: memoryview | None = field(default=None, repr=False)
    """The payload as `base64_blocks` writes it, without the last line end, where somebody has that at hand."""

    def __post_init__(self) -> None:
        _check_type(self.media_type)
        if self.disposition is not None and not _TOKEN.fullmatch(self.disposition):
            raise ValueError("a disposition has to be a token")
        if self.content_id is not None and not _CONTENT_ID.fullmatch(self.content_id):
            raise ValueError("a content id has to be printable ASCII without angle brackets")
        is_message = self.media_type.lower() == "message/rfc822"
        if is_message and self.encoding not in {Encoding.AUTOMATIC, Encoding.SEVEN_BIT}:
            raise ValueError("an attached message must not be encoded")
        if (is_message or self.encoding is Encoding.SEVEN_BIT) and not _is_seven_bit(self.payload):
            raise ValueError("7bit needs ASCII, CRLF line ends, and lines of at most 998 octets")

    @property
    def is_message_text(self) -> bool:
        """Whether it is text to be read as part of the message, so that line ends may become CRLF; not a file."""
        return (
            self.media_type.lower().startswith("text/")
            and self.disposition is None
            and self.filename is None
            and all(value.lower() in _UTF8 for name, value in self.parameters if name.lower() == "charset")
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """A multipart. Its boundary is made when it is written. Raises ValueError when it has no part, or is no multipart."""

    media_type: str
    parts: tuple[Leaf | Branch, ...]
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check_type(self.media_type)
        if not self.media_type.lower().startswith("multipart/") or not self.parts:
            raise ValueError("a branch has to be a multipart with parts")

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            if isinstance(part, Branch):
                yield from part.leaves()
            else:
                yield part


def written(fields: Sequence[tuple[str, Unstructured | Structured]], body: Leaf | Branch, boundary_seed: str) -> bytes:
    """The message, ready for SMTP (without dot-stuffing). The MIME fields follow the given ones; equal input gives equal octets.

    Text of the message that does not end with a line end gains one where it is 7bit and the whole body. Raises ValueError for a
    field name that is none, or is one of the MIME fields, and for a structured value that cannot be folded.
    """
    chunks: list[bytes | memoryview] = []
    for name, value in fields:
        if not _FIELD_NAME.fullmatch(name) or name.lower() in _OURS:
            raise ValueError("not a field to be handed in")
        column = len(name) + 2
        line = encoded_value(value.text, column) if isinstance(value, Unstructured) else _folded(value.text, column)
        chunks.append(f"{name}: {line}\r\n".encode("ascii"))
    chunks.append(b"MIME-Version: 1.0\r\n")
    _Writer(chunks, _Boundaries(boundary_seed, body)).put(body)
    if bytes(chunks[-1][-2:]) != b"\r\n":
        chunks.append(b"\r\n")
    return b"".join(chunks)


class _Boundaries:
    """Boundaries that occur nowhere in the body: new ones are drawn until that is so."""

    def __init__(self, seed: str, body: Leaf | Branch) -> None:
        self._seed = seed
        self._count = 0
        leaves = body.leaves() if isinstance(body, Branch) else ()
        # "=_" never occurs in quoted-printable and base64, so only what may stay as it is can hold a boundary (RFC 2045 §6.7).
        self._at_risk = [leaf.payload for leaf in leaves if leaf.media_type.lower().startswith(("text/", "message/"))]

    def drawn(self) -> str:
        while True:
            self._count += 1
            digest = hashlib.sha256(f"{self._seed} {self._count}".encode("utf-8", "replace")).hexdigest()
            boundary = f"=_{digest[:32]}"
            if not any(boundary.encode("ascii") in payload for payload in self._at_risk):
                return boundary


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts entities down one after the other. An entity ends without the CRLF that belongs to the delimiter behind it."""

    chunks: list[bytes | memoryview]
    boundaries: _Boundaries

    def put(self, body: Leaf | Branch) -> None:
        if isinstance(body, Branch):
            self._put_branch(body)
        else:
            self._put_leaf(body)

    def _put_branch(self, branch: Branch) -> None:
        boundary = self.boundaries.drawn()
        parameters = written_parameters((*branch.parameters, ("boundary", boundary)))
        self._put_field("Content-Type", branch.media_type + parameters)
        for part in branch.parts:
            self.chunks.append(f"\r\n--{boundary}\r\n".encode("ascii"))
            self.put(part)
        self.chunks.append(f"\r\n--{boundary}--".encode("ascii"))

    def _put_leaf(self, leaf: Leaf) -> None:
        parameters = leaf.parameters
        if leaf.is_message_text and all(name.lower() != "charset" for name, _ in parameters):
            parameters = (("charset", "utf-8"), *parameters)
        self._put_field("Content-Type", leaf.media_type + written_parameters(parameters))
        encoding, payload = _chosen(leaf)
        self._put_field("Content-Transfer-Encoding", encoding.value)
        if leaf.disposition is not None or leaf.filename:
            named = (("filename", leaf.filename),) if leaf.filename else ()
            self._put_field("Content-Disposition", (leaf.disposition or "attachment") + written_parameters(named))
        if leaf.content_id is not None:
            self._put_field("Content-ID", f"<{leaf.content_id}>")
        self.chunks.append(b"\r\n")
        if encoding is Encoding.BASE64 and leaf.as_base64 is not None and payload is leaf.payload:
            self.chunks.append(leaf.as_base64)
        elif encoding is Encoding.BASE64:
            self.chunks.extend(base64_blocks(payload))
            if payload:
                self.chunks.pop()  # the last line end belongs to what follows
        elif encoding is Encoding.QUOTED_PRINTABLE:
            self.chunks.append(quoted_printable(payload))
        else:
            self.chunks.append(payload)

    def _put_field(self, name: str, value: str) -> None:
        self.chunks.append(f"{name}: {_folded(value, len(name) + 2)}\r\n".encode("ascii"))


def _folded(value: str, column: int) -> str:
    try:
        return folded(value, column, quotes_whole=True)
    except ValueError:  # a quoted string that is too long for one line
        return folded(value, column)


def _chosen(leaf: Leaf) -> tuple[Encoding, bytes]:
    """How to write a leaf, and its octets for that."""
    if leaf.encoding is not Encoding.AUTOMATIC:
        return leaf.encoding, leaf.payload
    if leaf.media_type.lower().startswith("message/") and _is_seven_bit(leaf.payload):
        return Encoding.SEVEN_BIT, leaf.payload  # reports should not be encoded either (RFC 3464 §2.1)
    if not leaf.is_message_text:
        return Encoding.BASE64, leaf.payload
    text = leaf.payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if _is_plain(text) and _longest_line(text) <= text_line_octets_max:
        return Encoding.SEVEN_BIT, text
    # Base64 turns 3 octets into 4, and 76 of those into a line of 78.
    base64_octets = len(text) * 4 * 78 // (3 * 76)
    return (Encoding.QUOTED_PRINTABLE if quoted_printable_octets(text) <= base64_octets else Encoding.BASE64), text


def _check_type(media_type: str) -> None:
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise ValueError("not a media type")


def _is_plain(text: bytes) -> bool:
    """Whether text can cross as it is: printable ASCII, and no line that mailbox files take for the start of a mail."""
    return not text.translate(None, _PLAIN) and not text.startswith(b"From ") and b"\nFrom " not in text


def _longest_line(octets: bytes) -> int:
    """Octets of the longest line, its end not counted. A pattern would begin anew at each octet, and take 78 times as long."""
    return max(map(len, octets.replace(b"\r", b"\n").split(b"\n")))


def _is_seven_bit(payload: bytes) -> bool:
    ends = payload.count(b"\r\n")
    return (
        payload.isascii()
        and b"\0" not in payload
        and payload.count(b"\n") == payload.count(b"\r") == ends
        and _longest_line(payload) <= line_columns_max
    )
