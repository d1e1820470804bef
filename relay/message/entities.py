"""Octets taken apart into MIME entities (RFC 2045, RFC 2046), in one pass from front to back, whatever is wrong with them.

Only octets are looked at, and only where a line begins with two dashes: 10 kB take about 0.2 ms, and no input takes more than its
length. Where real mail breaks the rules, this reads what mail programs show. What exceeds a bound raises `Unreadable` (FAULT-60).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from relay.errors import Unreadable
from relay.message.account import Account, Defect, fields_max, head_octets_max
from relay.message.mail import ATTACHED_MESSAGES, Entity, Field
from relay.message.parameters import disposition, media_type
from relay.message.transfer import decoded_body

_FIELD: Final = re.compile(rb"^(?!--)([!-9;-~]++)[ \t]*+:[ \t]*+((?:[^\n]*\n[ \t])*[^\n]*)\n?", re.MULTILINE)
_FIELD_BEGINS: Final = re.compile(rb"(?!--)[!-9;-~]++[ \t]*+:")
_BASE64_LINE: Final = re.compile(rb"[A-Za-z0-9+/]{20,}={0,2}\r?\n")
_looked_octets: Final = 4096
"""For dashes, one by one: more than the header of a part has."""
_BLANK_LINE: Final = re.compile(rb"\n\r?\n")
_BLANK_LINES_FIRST: Final = re.compile(rb"[\r\n]*")
_ENCODING: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9/ -]{0,40}")

_ENCODINGS: Final = {
    "quotedprintable": "quoted-printable",
    "base64": "base64",
    "7bit": "7bit",
    "8bit": "8bit",
    "binary": "binary",
}
"""Transfer encodings by their letters and digits alone: `quoted/printable` and `base-64` were seen."""

_REVERSIBLE: Final = frozenset({"base64", "quoted-printable", "uuencode", "x-uuencode", "uue", "x-uue", "yenc", "x-yenc"})
_SINGLE_FIELDS: Final = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
)


def taken_apart(content: bytes, account: Account, depth: int = 0) -> Entity:
    """The message as a tree of entities; its defects go to the account. Line ends may be CRLF or LF, or CR where there is no LF.

    `depth`: of this one below the message whose account it is. Raises Unreadable when a bound of the account is exceeded.
    """
    root, _ = _Reader(_with_line_feeds(content), account).entity(0, depth=depth, default="text/plain", is_message=True)
    return root


def head_alone(content: bytes) -> Entity:
    """The header of the message as an entity without a body, for a message that cannot be read whole. Never raises Unreadable.

    What lies beyond the bounds of a header is left out.
    """
    octets = _with_line_feeds(content[:head_octets_max]).lstrip(b"\r\n")
    blank = _BLANK_LINE.search(octets)
    head = octets[: blank.start() + 1 if blank is not None else octets.rfind(b"\n") + 1]
    found = islice(_FIELD.finditer(head), fields_max)
    fields = tuple(Field(one[1].decode("ascii"), one[2].removesuffix(b"\r")) for one in found)
    says = _Reader(b"", Account.of(0))._declared(fields, "text/plain")
    return Entity(fields, says.media_type, says.parameters, says.disposition, says.filename, "7bit", b"")


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """A delimiter line that was met: where the line feed before it stands, where the line after it begins."""

    place: int
    behind: int
    level: int
    closes: bool


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the fields of an entity say about it."""

    media_type: str
    parameters: Mapping[str, str]
    disposition: str | None
    filename: str | None
    encoding: str


@dataclass(slots=True)
class _Reader:
    """Goes through one buffer from front to back. `_open` holds the delimiter lines of the multiparts around it."""

    content: bytes
    account: Account
    _open: dict[bytes, tuple[int, bool]] = field(default_factory=dict)
    _dashes_at: int = -1

    def entity(self, start: int, *, depth: int, default: str, is_message: bool) -> tuple[Entity, int]:
        """The entity that begins at `start`, and the place of the delimiter that ends it, or of the end."""
        self.account.enter(depth)
        fields, start = self._head(start, is_message=is_message)
        says = self._declared(fields, default)
        if says.media_type.startswith("multipart/"):
            return self._multipart(fields, says, start, depth)
        if says.media_type in ATTACHED_MESSAGES:
            return self._attached_message(fields, says, start, depth)
        end = self._end(start)
        return self._leaf(fields, says, start, end), end

    def parts(self, boundary: bytes, start: int, *, depth: int, default: str) -> tuple[list[Entity], int]:
        """The parts that `boundary` sets apart behind `start`, and where the multipart ends. No part at all: it never occurs."""
        level = depth + 1
        before = self._opened(boundary, level)
        parts: list[Entity] = []
        met = self._delimiter(start)
        while met is not None and met.level == level and not met.closes:
            if (again := self._delimiter_at(met.behind - 1)) is not None and again.level == level:
                self.account.count_dash_line()
                met = again  # one delimiter after the other: nothing between them
                continue
            part, end = self.entity(met.behind, depth=level, default=default, is_message=False)
            parts.append(part)
            met = self._delimiter(end)
        self._open = before
        if parts and (met is None or met.level != level):
            self.account.note(Defect.NEVER_CLOSED)
        if met is not None and met.level == level:  # closed: what follows is the epilogue
            return parts, self._end(met.behind)
        return parts, met.place if met is not None else len(self.content)

    def _opened(self, boundary: bytes, level: int) -> dict[bytes, tuple[int, bool]]:
        """Opens a multipart; gives the delimiters as they were. One that an outer multipart uses as well belongs to the inner."""
        before = self._open
        delimiter = b"--" + boundary
        self._open = {**before, delimiter + b"--": (level, True), delimiter: (level, False)}
        return before

    def _multipart(self, fields: tuple[Field, ...], says: _Declared, start: int, depth: int) -> tuple[Entity, int]:
        boundary = says.parameters.get("boundary", "").encode("utf-8", "surrogateescape").rstrip()
        default = "message/rfc822" if says.media_type == "multipart/digest" else "text/plain"
        parts: list[Entity] = []
        end = start
        if boundary:
            parts, end = self.parts(boundary, start, depth=depth, default=default)
        else:
            end = self._end(start)
        if not parts and boundary and says.encoding in _REVERSIBLE:
            # Against RFC 2045 §6.4, and still read by some programs (LEAK-55).
            inside = _with_line_feeds(b"\n" + decoded_body(self._octets(start, end), says.encoding))
            parts, _ = _Reader(inside, self.account).parts(boundary, 1, depth=depth, default=default)
            self.account.note(Defect.ENCODED_MULTIPART)
        if parts:
            return Entity(
                fields, says.media_type, says.parameters, says.disposition, says.filename, says.encoding, b"", tuple(parts)
            ), end
        self.account.note(Defect.NEVER_BEGUN if boundary else Defect.NO_BOUNDARY)
        return self._leaf(fields, says, start, end, media_type="text/plain"), end

    def _attached_message(self, fields: tuple[Field, ...], says: _Declared, start: int, depth: int) -> tuple[Entity, int]:
        """An attached message with its octets and the message in it; transfer encodings are undone first (leaks.md section 8)."""
        encoding = says.encoding
        if encoding in _REVERSIBLE and _FIELD_BEGINS.match(self.content, start) and encoding != "quoted-printable":
            self.account.note(Defect.FALSE_ENCODING)
            encoding = "7bit"
        if encoding in _REVERSIBLE:
            self.account.note(Defect.ENCODED_MESSAGE)
            end = self._end(start)
            body = self._octets(start, end)
            reader = _Reader(_with_line_feeds(decoded_body(body, encoding)), self.account)
            inner, _ = reader.entity(0, depth=depth + 1, default="text/plain", is_message=True)
        else:
            inner, end = self.entity(start, depth=depth + 1, default="text/plain", is_message=True)
            body = self._octets(start, end)
        self.account.keep(len(body))
        return Entity(fields, says.media_type, says.parameters, says.disposition, says.filename, encoding, body, (inner,)), end

    def _leaf(self, fields: tuple[Field, ...], says: _Declared, start: int, end: int, media_type: str | None = None) -> Entity:
        # What is decoded in any case need not be copied out before: it may be a file of 25 MB (PERF-6).
        body = self._stretch(start, end) if says.encoding == "base64" else self._octets(start, end)
        self.account.keep(len(body))
        return Entity(
            fields, media_type or says.media_type, says.parameters, says.disposition, says.filename, says.encoding, body
        )

    # The head of an entity.

    def _head(self, start: int, *, is_message: bool) -> tuple[tuple[Field, ...], int]:
        """The fields, and where the body begins.

        A part without any field is all body. So is what follows the last field where no blank line does, unless it cannot be.
        """
        content = self.content
        if is_message and (blank := _BLANK_LINES_FIRST.match(content, start)) is not None:
            start = blank.end()
        elif content.startswith((b"\n", b"\r\n"), start):
            return (), content.index(b"\n", start) + 1
        if not is_message and not _FIELD_BEGINS.match(content, start):
            if self._delimiter(start) is None or self._end(start) > start:
                self.account.note(Defect.NO_BLANK_LINE)
            return (), start
        end, body = self._head_ends(start)
        if end - start > head_octets_max:
            raise Unreadable(f"a header is longer than {head_octets_max} octets")
        fields, read_to = self._fields(content[start:end])
        if not fields:
            return (), start
        is_base64 = b"base64" in content[start : start + read_to].lower()
        if start + read_to < end and (not is_base64 or _BASE64_LINE.match(content, start + read_to)):
            self.account.note(Defect.NO_BLANK_LINE)
            body = start + read_to
            self._dashes_at = -1  # the body may begin with a delimiter of its own
        return fields, body

    def _head_ends(self, start: int) -> tuple[int, int]:
        """Where the header ends, its last line end included, and where the body begins: at a blank line or a delimiter."""
        searched, line = max(start - 1, 0), start
        while True:
            dashes = self._dashes(line) if self._open else len(self.content)
            blank = _BLANK_LINE.search(self.content, searched, dashes + 1)
            if blank is not None:
                return blank.start() + 1, blank.end()
            if self._delimiter_at(dashes) is not None or dashes == len(self.content):
                return min(dashes + 1, len(self.content)), min(dashes + 1, len(self.content))
            searched, line = dashes, dashes + len(b"\n--")
            if searched - start > head_octets_max:
                raise Unreadable(f"a header is longer than {head_octets_max} octets")

    def _fields(self, head: bytes) -> tuple[tuple[Field, ...], int]:
        """The fields of a header, and where the last one ends. Lines between them that are none are left out."""
        fields: list[Field] = []
        read_to = 0
        for found in _FIELD.finditer(head):
            if found.start() != read_to:
                if b"\n--" in head[max(read_to - 1, 0) : found.start()]:
                    break  # a delimiter: the body has begun
                self.account.note(Defect.JUNK_LINE)
            read_to = found.end()
            name, value = found.groups()
            fields.append(Field(name.decode("ascii"), value.removesuffix(b"\r")))
            if len(fields) > fields_max:
                raise Unreadable(f"a header has more than {fields_max} fields")
        self.account.count_fields(len(fields))
        return tuple(fields), read_to

    def _declared(self, fields: tuple[Field, ...], default: str) -> _Declared:
        """The MIME fields, read; the first of each counts, as in most programs (LEAK-11)."""
        values: dict[str, bytes] = {}
        for one in fields:
            if one.name[0] not in "CcMm":  # most fields, and nothing else here is done for each
                continue
            key = one.key
            if key in _SINGLE_FIELDS:
                if key in values:
                    self.account.note(Defect.TWICE)
                else:
                    values[key] = one.value
        kind: str | None = default
        parameters: dict[str, str] = {}
        shown: str | None = None
        shown_parameters: dict[str, str] = {}
        if (value := values.get("content-type")) is not None:
            kind, parameters = media_type(value)
        if (value := values.get("content-disposition")) is not None:
            shown, shown_parameters = disposition(value)
        filename = shown_parameters.get("filename") or parameters.get("name") or shown_parameters.get("name") or None
        if kind is None:
            self.account.note(Defect.NO_MEDIA_TYPE)
            kind = "application/octet-stream" if shown == "attachment" or filename else "text/plain"  # CASE-43
        return _Declared(kind, parameters, shown, filename, _encoding(values.get("content-transfer-encoding")))

    # Places in the buffer.

    def _octets(self, start: int, end: int) -> bytes:
        return bytes(self._stretch(start, end))

    def _stretch(self, start: int, end: int) -> memoryview:
        """What stands before the line end that belongs to the delimiter at `end` (RFC 2046 §5.1.1), where it lies."""
        if end < len(self.content) and self.content.startswith(b"\r", end - 1):
            end -= 1
        return memoryview(self.content)[start : max(end, start)]

    def _end(self, start: int) -> int:
        met = self._delimiter(start)
        return met.place if met is not None else len(self.content)

    def _delimiter(self, start: int) -> _Delimiter | None:
        """The first delimiter of an open multipart in a line that begins at `start` or behind it."""
        while self._open and (dashes := self._dashes(start)) < len(self.content):
            met = self._delimiter_at(dashes)
            if met is not None:
                return met
            self.account.count_dash_line()
            start = dashes + len(b"\n--")
        return None

    def _delimiter_at(self, dashes: int) -> _Delimiter | None:
        if not self._open or dashes >= len(self.content):
            return None
        line_end = self.content.find(b"\n", dashes + 1)
        line_end = len(self.content) if line_end == -1 else line_end
        opened = self._open.get(self.content[dashes + 1 : line_end].rstrip())
        return _Delimiter(dashes, min(line_end + 1, len(self.content)), *opened) if opened is not None else None

    def _dashes(self, start: int) -> int:
        """The line feed before the next line with two dashes, the line at `start` included; the length if there is none.

        Only ever asked further on, so that all the asking together goes through the buffer once.
        """
        if self._dashes_at < start - 1:
            self._dashes_at = _line_with_dashes(self.content, max(start - 1, 0))
        return self._dashes_at


def _line_with_dashes(content: bytes, begin: int) -> int:
    """The line feed before two dashes, at `begin` or further on; the length if there is none."""
    while begin < len(content):
        found = content.find(b"\n--", begin, begin + _looked_octets)
        if found != -1:
            return found
        # Base64 has no dash: one quick look for the octet goes over a large file to what is behind it.
        dash = content.find(b"-", begin + _looked_octets - len(b"--"))
        begin = dash - 1 if dash != -1 else len(content)
    return len(content)


def _with_line_feeds(content: bytes) -> bytes:
    return content if b"\n" in content else content.replace(b"\r", b"\n")


def _encoding(value: bytes | None) -> str:
    """The transfer encoding in lower case, without quotes and comments; 7bit where none is declared (RFC 2045 §6.1)."""
    if value is None:
        return "7bit"
    word = _ENCODING.search(value)
    if word is None:
        return "7bit"
    name = word[0].decode("ascii").strip().lower()
    return _ENCODINGS.get(re.sub(r"[^a-z0-9]", "", name), name.partition(" ")[0])
