"""What a calendar program answers to an invitation: yes, no, or another time (RFC 5546 §3.2.3, §3.2.7).

Read as hostile as any mail: bounded, line by line, and where two things are said, nothing is. Who answered is told by who wrote
the mail, never by the calendar: people's calendars know them by other addresses than their mail does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from relay.message.calendar import Line, content_lines, lines_max
from relay.message.mail import Entity, Mail

text_characters_max: Final = 200_000
"""An answer holds one event; what is longer is none."""
uid_characters_max: Final = 1_000
comment_characters_max: Final = 2_000
_zone_characters_max: Final = 200
_days_max: Final = 3650

_TYPES: Final = frozenset({"text/calendar", "application/ics"})
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_DURATION: Final = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")


class Says(Enum):
    """What the answer is."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"
    """Another time is proposed."""
    UNCLEAR = "unclear"
    """Tentative, delegated, or two things at once."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A date and time as written: in `zone`; None where it is the time of the place, whatever zone that is (RFC 5545 §3.3.5)."""

    at: datetime
    zone: ZoneInfo | None

    def instant(self, zone: ZoneInfo) -> datetime:
        """In UTC; `zone` is that of the place."""
        return self.at.replace(tzinfo=self.zone or zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """An answer to the invitation of `uid`. With a counter-proposal `starts` is there; `ends` where it was said, else the length
    stays. `comment` is what was written with it."""

    uid: str = field(repr=False)
    says: Says
    starts: LocalTime | None = None
    ends: LocalTime | None = None
    comment: str = field(default="", repr=False)

    def answers(self, uid: str) -> bool:
        """Whether it is about the invitation of that UID, the case of which some programs change."""
        return self.uid.casefold() == uid.casefold()


def calendar_answer(mail: Mail) -> CalendarAnswer | None:
    """The answer in `mail`, the first where programs send it once more as a file; None where it holds none."""
    found = (_read(one.text[: text_characters_max + 1]) for one in _calendars(mail.root))
    return next((one for one in found if one is not None), None)


def _calendars(entity: Entity) -> Iterator[Entity]:
    if entity.is_attached_message:
        return
    if entity.parts:
        for part in entity.parts:
            yield from _calendars(part)
    elif entity.media_type in _TYPES:
        yield entity


def _read(text: str) -> CalendarAnswer | None:
    if len(text) > text_characters_max:
        return None
    lines = list(content_lines(text))
    if len(lines) > lines_max:
        return None
    method = next((one.value.strip().upper() for one in lines if one.name == "METHOD"), "")
    if method not in {"REPLY", "COUNTER"}:
        return None
    events = list(_events(lines))
    uids = {uid.strip() for event in events for uid in _values(event, "UID")}
    if len(uids) != 1 or len(uid := uids.pop()) > uid_characters_max:
        return None
    event = events[0]
    comment = " ".join(_ESCAPED.sub(_unescaped, one) for one in _values(event, "COMMENT"))[:comment_characters_max].strip()
    # One instance of a series, or several events: not what we invited to.
    is_plain = len(events) == 1 and not _values(event, "RECURRENCE-ID")
    if not is_plain:
        return CalendarAnswer(uid, Says.UNCLEAR, comment=comment)
    if method == "COUNTER":
        return _counter(event, uid, comment)
    said = {dict(line.parameters).get("PARTSTAT", "").strip().upper() for line in event if line.name == "ATTENDEE"}
    says = {frozenset({"ACCEPTED"}): Says.ACCEPTED, frozenset({"DECLINED"}): Says.DECLINED}.get(frozenset(said), Says.UNCLEAR)
    return CalendarAnswer(uid, says, comment=comment)


def _events(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each event, without those of the components in it."""
    event: list[Line] | None = None
    depth = 0
    for line in lines:
        component = line.value.strip().upper()
        if line.name == "BEGIN":
            if event is not None:
                depth += 1
            elif component == "VEVENT":
                event = []
        elif line.name == "END":
            if depth:
                depth -= 1
            elif event is not None and component == "VEVENT":
                yield event
                event = None
        elif event is not None and not depth:
            event.append(line)


def _counter(event: Sequence[Line], uid: str, comment: str) -> CalendarAnswer:
    starts, ends = _time(event, "DTSTART"), _time(event, "DTEND")
    if starts is None or (ends is None and _values(event, "DTEND")):
        return CalendarAnswer(uid, Says.UNCLEAR, comment=comment)
    if ends is None and (length := _length(event)) is not None:
        ends = LocalTime(starts.at + length, starts.zone)
    return CalendarAnswer(uid, Says.COUNTERED, starts, ends, comment)


def _time(event: Sequence[Line], name: str) -> LocalTime | None:
    """The time of that name; None where there is none, or two, or in a zone that nobody knows."""
    lines = [one for one in event if one.name == name]
    found = _TIME.fullmatch(lines[0].value.strip()) if len(lines) == 1 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  its zone is told beside it
    except ValueError:
        return None
    if found[7]:
        return LocalTime(at, ZoneInfo("UTC"))
    named = dict(lines[0].parameters).get("TZID", "").strip()
    if not named:
        return LocalTime(at, None)
    zone = _zone(named)
    return LocalTime(at, zone) if zone is not None else None


def _zone(named: str) -> ZoneInfo | None:
    """The zone of that name: of IANA, with whatever path programs put before it, or one of Windows."""
    if len(named) > _zone_characters_max:
        return None
    windows = get_global("windows_zone_mapping").get(named.replace("(", "").replace(")", ""))
    pieces = named.split("/")
    candidates = [windows] if windows else ["/".join(pieces[-count:]) for count in (3, 2, 1) if count <= len(pieces)]
    for one in candidates:
        try:
            return ZoneInfo(one)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


def _length(event: Sequence[Line]) -> timedelta | None:
    found = next((_DURATION.fullmatch(one.strip().upper()) for one in _values(event, "DURATION")), None)
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length if timedelta() < length <= timedelta(days=_days_max) else None


def _values(event: Sequence[Line], name: str) -> list[str]:
    return [one.value for one in event if one.name == name]


def _unescaped(found: re.Match[str]) -> str:
    return " " if found[1] in "nN" else found[1]
