"""A walk through the finished octets of a message, as tolerant as the most generous mail program (RFC 2045, RFC 2046).

It shares nothing with the parser of the surgery, so that what that one misunderstands is understood here (invariant 2).
Whatever is doubtful is read both ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from relay.message.leaks.declared import Declared, declared, head_and_body
from relay.message.leaks.files import Files
from relay.message.leaks.piece import Beyond, Context, Piece
from relay.message.leaks.stretch import Stretch
from relay.message.leaks.transfers import from_base64_with_junk, from_quoted_printable

depth_max: Final = 128
"""Entities within entities. The surgery rebuilds fewer (LEAK-55)."""

parts_max: Final = 2000

_junk_share: Final = 1 / 50
"""Characters that are no base64: with more of them the declaration may be a lie, and the body is read as it is too."""

_LOOKS_LIKE_MESSAGE: Final = re.compile(
    rb"(?:>?From [^\n]{0,300}\n)?(?:[A-Za-z][A-Za-z0-9\-]{1,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,60}){2}"
)
_MESSAGE_FIELD: Final = re.compile(rb"^(?:content-type|mime-version|received|message-id)[ \t]?:", re.IGNORECASE | re.MULTILINE)
_BEGINS_WITH_CONTENT: Final = re.compile(rb"\s{0,99}content-[a-z\-]{1,40}[ \t]?:", re.IGNORECASE)
_head_octets_looked: Final = 16_384


class Walk:
    """One walk; counts what it met."""

    def __init__(self) -> None:
        self._parts = 0
        self._nested = count(1)
        self._files = Files()

    def pieces(self, octets: bytes) -> Iterator[Piece | Beyond]:
        """Every place of the message that can hold something, each with its transfer encoding taken off."""
        if b"\n" not in octets:
            octets = octets.replace(b"\r", b"\n")
        yield from self._message(octets, "", 0, ())

    def _message(self, octets: bytes, within: str, depth: int, path: tuple[str, ...]) -> Iterator[Piece | Beyond]:
        head, body = head_and_body(Stretch.whole(octets))
        yield Piece(Context.HEADER, f"{within}header", head, path)
        yield from self._entity(declared(head, "text/plain"), body, _Place(within), depth, path)

    def _entity(
        self, says: Declared, body: Stretch, place: _Place, depth: int, path: tuple[str, ...]
    ) -> Iterator[Piece | Beyond]:
        self._parts += 1
        if depth > depth_max or self._parts > parts_max:
            yield Beyond(f"{place.within}more parts than are read")
            yield Piece(Context.TEXT, f"{place.within}more parts than are read", body.copied(), path)
            return
        is_split = False
        for name, payload in _payloads(body, says.encodings):
            below = (*path, name) if name else path
            for boundary in says.boundaries:
                inside = _split(payload, boundary)
                if len(inside) > 1:
                    is_split = True
                    yield from self._parts_of(says, inside, place, depth, below)
            if not is_split:
                yield from self._leaf(says, payload.copied(), place, depth, below)

    def _parts_of(
        self, says: Declared, inside: list[Stretch], place: _Place, depth: int, path: tuple[str, ...]
    ) -> Iterator[Piece | Beyond]:
        if (before := inside[0].copied()).strip():
            yield Piece(Context.TEXT, f"{place.within}before the parts", before, path)
        default = "message/rfc822" if "multipart/digest" in says.types else "text/plain"
        for delimited in inside[1:]:
            octets, end = delimited.octets, delimited.octets.find(b"\n", delimited.begin, delimited.end)
            line = octets[delimited.begin : end if end != -1 else delimited.end]
            part = Stretch(octets, end + 1 if end != -1 else delimited.end, delimited.end)
            if line.strip(b" \t\r-"):
                yield Piece(Context.TEXT, f"{place.within}beside a delimiter", line, path)
            if line.startswith(b"--"):
                if (after := part.copied()).strip():
                    yield Piece(Context.TEXT, f"{place.within}after the parts", after, path)
                if not _BEGINS_WITH_CONTENT.match(octets, part.begin, part.end):
                    continue
            head, body = head_and_body(part)
            of_part = declared(head, default)
            place.number += not of_part.boundaries
            if head.strip():
                yield Piece(Context.HEADER, f"{place.of(of_part)} header", head, path)
            yield from self._entity(of_part, body, place, depth + 1, path)

    def _leaf(self, says: Declared, payload: bytes, place: _Place, depth: int, path: tuple[str, ...]) -> Iterator[Piece | Beyond]:
        begin = payload.lstrip()
        if says.is_message or (_LOOKS_LIKE_MESSAGE.match(begin) and _MESSAGE_FIELD.search(begin, 0, _head_octets_looked)):
            yield from self._message(begin, f"nested message {next(self._nested)} ", depth + 1, path)
        yield from self._files.pieces(payload, place.of(says), path, charset=says.charset, is_text=says.is_text)


@dataclass(slots=True)
class _Place:
    """Where the walk is: within which message, and at which of its parts, counted as a person would."""

    within: str
    number: int = 0

    def of(self, says: Declared) -> str:
        return f"{self.within}{says.label}" if says.boundaries else f"{self.within}part {max(self.number, 1)} {says.label}"


def _payloads(body: Stretch, encodings: tuple[str, ...]) -> Iterator[tuple[str, Stretch]]:
    """(transfer encoding, octets) for each encoding declared; as it is where none is, or the declaration may be a lie."""
    as_it_is = not encodings
    for encoding in encodings:
        if "base64" in encoding:
            octets, junk = from_base64_with_junk(body.octets, body.begin, body.end)
            as_it_is = as_it_is or junk > len(body) * _junk_share
            yield "base64", Stretch.whole(octets)
        elif "quoted" in encoding:
            yield "quoted-printable", Stretch.whole(from_quoted_printable(body.copied()))
        else:
            as_it_is = True  # 7bit, 8bit, binary; and unknown ones, which programs show as they are
    if as_it_is:
        yield "", body


def _split(body: Stretch, boundary: bytes) -> list[Stretch]:
    """What stands between the delimiter lines; each piece but the first begins with the rest of its delimiter line."""
    inside = body.split(b"\n--" + boundary)
    if not body.octets.startswith(b"--" + boundary, body.begin, body.end):
        return inside
    first = inside[0]
    nothing = Stretch(first.octets, first.begin, first.begin)
    return [nothing, Stretch(first.octets, first.begin + len(b"--" + boundary), first.end), *inside[1:]]
