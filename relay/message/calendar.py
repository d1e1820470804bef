"""Invitations that still work on the other side, with the aliases in the places of the people (GW-43, LEAK-66; RFC 5545, 5546).

A calendar is read line by line: properties of the table pass, all others stay out. People become aliases, so that an answer
returns through the relay; texts are masked like the text of a mail; UIDs are sealed, and opened again in the answer.

The older vCalendar 1.0 writes values in quoted-printable; they are decoded, and written as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from relay.message.charsets import decoded_text
from relay.message.seal import Seal
from relay.message.transfer import decoded_quoted_printable
from relay.values import RealAddress

lines_max: Final = 20_000
line_octets_max: Final = 75
"""RFC 5545 §3.1, without the line end."""

_PERSON: Final = frozenset({"ORGANIZER", "ATTENDEE"})
_TEXT: Final = frozenset({"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES", "RESOURCES", "TZNAME", "TZID", "URL"})
_TITLES: Final = frozenset({"SUMMARY", "CATEGORIES", "RESOURCES"})
"""Texts in which capitals say nothing: a keyword is a name in any case."""
_LISTS: Final = frozenset({"CATEGORIES", "RESOURCES"})
_BETWEEN_VALUES: Final = re.compile(r"(?<!\\),")
_AS_IT_IS: Final = frozenset(
    "BEGIN END VERSION CALSCALE METHOD DTSTAMP DTSTART DTEND DUE DURATION STATUS SEQUENCE RRULE RDATE EXDATE EXRULE "
    "RECURRENCE-ID TRANSP CLASS PRIORITY CREATED LAST-MODIFIED REQUEST-STATUS TZOFFSETFROM TZOFFSETTO ACTION TRIGGER REPEAT "
    "COMPLETED PERCENT-COMPLETE FREEBUSY".split()
)
_PARAMETERS: Final = frozenset("TZID VALUE PARTSTAT ROLE RSVP CUTYPE RANGE RELATED FBTYPE RELTYPE".split())
_COMPONENTS: Final = frozenset("VCALENDAR VEVENT VTODO VJOURNAL VFREEBUSY VTIMEZONE STANDARD DAYLIGHT VALARM".split())
_ANSWERS: Final = frozenset({"REPLY", "COUNTER", "REFRESH"})
"""Methods by which an attendee writes to the organiser (RFC 5546 §1.4)."""
_VALUE_SHAPE: Final = re.compile(r"[A-Za-z0-9+\-:;,=./ ]{0,1000}")
"""What a value that passes unread may look like: dates, rules, durations, enumerations. No at sign, no letters beyond ASCII."""
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_QUOTED: Final = "QUOTED-PRINTABLE"
"""As `ENCODING=QUOTED-PRINTABLE`, or without a name (vCalendar 1.0 §2.1.4, §2.1.5)."""
_head_pieces_max: Final = 4
"""Over so many lines the parameters of a property may be folded."""
_ADDRESS: Final = re.compile(r"mailto:\s*([^\s?;,\"<>]+@[^\s?;,\"<>]+)", re.IGNORECASE)


class People(Protocol):
    """What a calendar needs to know about the two parties."""

    def masked_text(self, text: str) -> str:
        """`text` without identifiers."""
        ...

    def masked_title(self, text: str) -> str:
        """The same for a title, in which a name counts in any case."""
        ...

    def stand_in(self, address: RealAddress) -> tuple[str, str] | None:
        """The alias and the shown name of the party whose address this is (or already their alias); None for anybody else."""
        ...

    def writer_stand_in(self) -> tuple[str, str]:
        """The alias and shown name of the writer: for an organiser whom nobody knows, such as a booking system."""
        ...

    def reader_stand_in(self) -> tuple[str, str]:
        """The alias and shown name of the reader."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One content line, unfolded: `NAME;PARAM=value:value`. Names are upper case."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    value: str = field(repr=False)


def crossing_calendar(text: str, people: People, seal: Seal, conversation: str) -> str | None:
    """The calendar as the other party gets it, CRLF line ends; None when `text` is no calendar that could be understood."""
    lines = list(content_lines(text))
    if not lines or (lines[0].name, lines[0].value.upper()) != ("BEGIN", "VCALENDAR") or len(lines) > lines_max:
        return None
    is_answer = any(line.name == "METHOD" and line.value.strip().upper() in _ANSWERS for line in lines)
    kept = list(_kept(lines, _Crossing(people, seal, conversation, is_answer)))
    return "".join(f"{piece}\r\n" for line in kept for piece in folded(_written(line)))


def content_lines(text: str) -> Iterator[Line]:
    """The lines of a calendar, unfolded, at most one more than `lines_max`; what is no content line is left out."""
    pieces: list[list[str]] = []
    goes_on = False
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\n ").split("\n"):
        if goes_on:
            pieces[-1].append(raw)
        elif raw[:1] in {" ", "\t"} and pieces:
            pieces[-1].append(raw[1:])
        elif raw.strip():
            pieces.append([raw])
        if len(pieces) > lines_max:
            break
        if goes_on := raw.endswith("=") and _is_quoted(pieces[-1]):
            pieces[-1][-1] = pieces[-1][-1][:-1]
    for one in pieces:
        if (line := _parsed("".join(one))) is not None:
            yield line


def _is_quoted(pieces: list[str]) -> bool:
    """Whether an equals sign at the end of such a line is a soft break: the next line belongs to it, indented or not."""
    return _QUOTED in "".join(pieces[:_head_pieces_max]).partition(":")[0].upper()


def _parsed(text: str) -> Line | None:
    """A line in its parts; a colon or semicolon inside double quotes separates nothing (RFC 5545 §3.2)."""
    pieces: list[str] = []
    start, quoted = 0, False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character in ":;" and not quoted:
            pieces.append(text[start:at])
            start = at + 1
            if character == ":":
                break
    else:
        return None
    if not _NAME.fullmatch(pieces[0]):
        return None
    parameters = tuple(
        (name.upper(), value.strip('"')) for name, _, value in (piece.partition("=") for piece in pieces[1:]) if value
    )
    value = text[start:]
    if any(piece.upper().removeprefix("ENCODING=").strip('"') == _QUOTED for piece in pieces[1:]):
        value = _unquoted(value, dict(parameters).get("CHARSET"))
    return Line(pieces[0].upper(), parameters, value)


def _unquoted(value: str, charset: str | None) -> str:
    """A quoted-printable value as it reads, in one line: its line ends as RFC 5545 §3.3.11 writes them."""
    octets = decoded_quoted_printable(value.encode("utf-8", "replace"))
    return decoded_text(octets, charset if value.isascii() else None).rstrip("\n").replace("\n", "\\n")


def _kept(lines: list[Line], crossing: _Crossing) -> Iterator[Line]:
    """The lines that cross. Components nobody knows, and alarms that send mail, stay out whole."""
    skipped: list[str] = []
    open_components: list[str] = []
    for at, line in enumerate(lines):
        component = line.value.strip().upper()
        if line.name == "BEGIN":
            if skipped or component not in _COMPONENTS or (component == "VALARM" and _sends_mail(lines[at:])):
                skipped.append(component)
                continue
            open_components.append(component)
            yield Line("BEGIN", (), component)
            if component == "VCALENDAR":
                yield Line("PRODID", (), "-//relay//calendar//EN")
        elif line.name == "END":
            if skipped:
                skipped.pop()
            elif open_components:
                yield Line("END", (), open_components.pop())
        elif not skipped and open_components and (crossed := crossing.of(line)) is not None:
            yield crossed
    while open_components:
        yield Line("END", (), open_components.pop())


def _sends_mail(lines: list[Line]) -> bool:
    for line in lines[1:50]:
        if line.name == "END":
            return False
        if line.name == "ACTION":
            return line.value.strip().upper() not in {"DISPLAY", "AUDIO"}
    return False


@dataclass(frozen=True, slots=True)
class _Crossing:
    """How the lines of one calendar cross. `is_answer`: an attendee's, to the organiser."""

    people: People
    seal: Seal
    conversation: str
    is_answer: bool

    def of(self, line: Line) -> Line | None:
        """The line as it crosses, if it does."""
        if line.name in _PERSON:
            return self._person(line)
        if line.name == "UID":
            original = self.seal.opened(line.value.strip(), self.conversation)
            return Line("UID", (), original if original is not None else self.seal.sealed(line.value.strip(), self.conversation))
        parameters = tuple((name, _masked(value, self.people)) for name, value in line.parameters if name in _PARAMETERS)
        if line.name in _TEXT:
            mask = self.people.masked_title if line.name in _TITLES else self.people.masked_text
            # A comma sets the keywords of a list apart, where it is not escaped (RFC 5545 §3.8.1.2).
            values = _BETWEEN_VALUES.split(line.value) if line.name in _LISTS else [line.value]
            return Line(line.name, parameters, ",".join(_text_masked(one, mask) for one in values))
        if line.name in _AS_IT_IS and _VALUE_SHAPE.fullmatch(line.value):
            return Line(line.name, parameters, line.value)
        return None

    def _person(self, line: Line) -> Line | None:
        """An organiser or attendee by alias; a stranger stays out, where the event does not need them."""
        stands = self._known(line.value) or self._needed(line.name)
        if stands is None:
            return None
        alias, name = stands
        kept = tuple((key, value) for key, value in line.parameters if key in _PARAMETERS and _VALUE_SHAPE.fullmatch(value))
        return Line(line.name, (("CN", name), *kept) if name else kept, f"mailto:{alias}")

    def _known(self, value: str) -> tuple[str, str] | None:
        if (found := _ADDRESS.search(value)) is None:
            return None
        try:
            return self.people.stand_in(RealAddress(found[1]))
        except ValueError:
            return None

    def _needed(self, name: str) -> tuple[str, str] | None:
        """Who is meant by an address that nobody knows: an event needs an organiser to answer to, and an answer somebody who
        gives it. Many people's calendars belong to another mailbox than the one that they write from."""
        if name == "ORGANIZER":
            return self.people.reader_stand_in() if self.is_answer else self.people.writer_stand_in()
        return self.people.writer_stand_in() if self.is_answer else None


def _masked(value: str, people: People) -> str:
    return people.masked_text(value).replace('"', "'")


def _text_masked(value: str, mask: Callable[[str], str]) -> str:
    """Masks a TEXT value in its unescaped form (RFC 5545 §3.3.11); an untouched one keeps its octets."""
    plain = re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)
    after = mask(plain)
    if after == plain:
        return value
    return after.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _written(line: Line) -> str:
    parameters = "".join(
        f';{name}="{value}"' if set(value) & set(":;, ") else f";{name}={value}" for name, value in line.parameters
    )
    return f"{line.name}{parameters}:{line.value}"


def folded(text: str) -> Iterator[str]:
    """Lines of at most 75 octets, never inside a character (RFC 5545 §3.1)."""
    room, start, used = line_octets_max, 0, 0
    for at, character in enumerate(text):
        octets = len(character.encode("utf-8", "replace"))
        if used + octets > room:
            yield (" " if start else "") + text[start:at]
            start, used, room = at, 0, line_octets_max - 1
        used += octets
    yield (" " if start else "") + text[start:]
