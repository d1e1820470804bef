"""The account of one message while it is read: what it has used up of its bounds, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from relay.errors import Unreadable

depth_max: Final = 100
"""Multiparts and messages inside one another. Real mail was seen with ten; sixty are to be read (LEAK-55). A level takes three
of the thousand calls that Python nests."""
parts_max: Final = 1000
"""Entities below the message, all together (FAULT-60)."""
fields_max: Final = 2000
"""Fields in one header (FAULT-55)."""
fields_total_max: Final = 20_000
"""Fields in the headers of all parts together."""
dash_lines_max: Final = 100_000
"""Lines in multiparts that begin like a delimiter and set no part apart: looking at each of them takes some microseconds."""
head_octets_max: Final = 256 * 1024
"""One header (FAULT-55)."""
steps_max: Final = 250_000
"""Steps of reading containers, all together: values of properties in TNEF, tokens of RTF. Each takes some microseconds, and a
page of RTF has some hundreds."""
kept_factor: Final = 8
kept_octets_floor: Final = 16 * 1024 * 1024
"""Attached messages keep their octets beside those of their parts: all bodies together may have 8 times the octets of the
message, or this many if that is more. Beyond it, small mail would take much memory."""


class Defect(StrEnum):
    """What a strict reader would have refused. It goes to the archive with the message."""

    JUNK_LINE = "a line among the header fields is no field"
    NO_BLANK_LINE = "no blank line between header and body"
    TWICE = "a MIME field stands there twice"
    NO_MEDIA_TYPE = "Content-Type names no media type"
    NO_BOUNDARY = "a multipart without a boundary, read as text"
    NEVER_BEGUN = "a multipart whose boundary never occurs, read as text"
    NEVER_CLOSED = "a multipart is never closed"
    ENCODED_MULTIPART = "a multipart in a transfer encoding"
    ENCODED_MESSAGE = "an attached message in a transfer encoding"
    FALSE_ENCODING = "an attached message is not in the transfer encoding that it declares"


@dataclass(slots=True)
class Account:
    """What the whole message has used up so far. Every method but `note` raises Unreadable when that is too much."""

    kept_octets_max: int
    kept_octets: int = 0
    entities: int = 0
    fields: int = 0
    dash_lines: int = 0
    steps: int = 0
    defects: dict[Defect, None] = field(default_factory=dict)

    @classmethod
    def of(cls, octets: int) -> Account:
        """The account of a message with so many octets."""
        return cls(kept_octets_max=max(kept_factor * octets, kept_octets_floor))

    @property
    def octets_left(self) -> int:
        """How many octets may still be kept."""
        return self.kept_octets_max - self.kept_octets

    def note(self, defect: Defect) -> None:
        self.defects[defect] = None

    def enter(self, depth: int) -> None:
        """One more entity, at that depth below the message."""
        self.entities += 1
        if depth > depth_max:
            raise Unreadable(f"parts are nested deeper than {depth_max}")
        if self.entities > parts_max + 1:
            raise Unreadable(f"there are more than {parts_max} parts")

    def count_fields(self, fields: int) -> None:
        self.fields += fields
        if self.fields > fields_total_max:
            raise Unreadable(f"there are more than {fields_total_max} header fields")

    def count_dash_line(self) -> None:
        self.dash_lines += 1
        if self.dash_lines > dash_lines_max:
            raise Unreadable(f"more than {dash_lines_max} lines look like delimiters")

    def count_step(self) -> None:
        self.steps += 1
        if self.steps > steps_max:
            raise Unreadable(f"reading containers takes more than {steps_max} steps")

    def keep(self, octets: int) -> None:
        """A body of so many octets is kept."""
        self.kept_octets += octets
        if self.kept_octets > self.kept_octets_max:
            raise Unreadable("attached messages repeat too much")
