"""The calendar entry of a confirmed booking: sent with it, replaced when it moves, cancelled with it (RFC 5545, RFC 5546).

It holds the reference and what everybody may read; no link, for links are secrets and calendars are shared. Organiser and guest
are aliases or the house.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Booking
from relay.booking.terms import Occasion
from relay.correspondence.house import House
from relay.correspondence.notifications import wording
from relay.correspondence.notifications.details import one_line, people
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.voice import Voice
from relay.correspondence.wording import LABELLED
from relay.message.calendar import folded

_AROUND: Final = timedelta(days=370)
"""So much of a zone's rules is told before and after the booking: a year, so that no program has to guess."""
_DAY: Final = timedelta(days=1)
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class Method(Enum):
    """What the recipient's calendar is to do (RFC 5546 §1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def invitation(matter: Matter, method: Method, house: House, voice: Voice, now: datetime) -> str | None:
    """The calendar as text, its lines ended by CRLF; None for goods without a date.

    Its UID stays with the booking; its SEQUENCE is the version of the terms, and one more for the cancellation, so that each
    replaces the one before.
    """
    occasion = matter.booking.terms.occasion
    if occasion is None:
        return None
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_escaped(one_line(house.brand))}//relay//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method.value}",
        *_zone(occasion),
        *_event(matter, occasion, method, house, voice, now),
        "END:VCALENDAR",
    )
    return "".join(f"{piece}\r\n" for line in lines for piece in folded(line))


def uid_of(booking: Booking, domain: str) -> str:
    """The name of the entry, from which nothing can be read."""
    return f"{hashlib.sha256(f'calendar {booking.id}'.encode()).hexdigest()[:32]}@{domain}"


def _event(matter: Matter, occasion: Occasion, method: Method, house: House, voice: Voice, now: datetime) -> Iterator[str]:
    booking, product = matter.booking, matter.product
    is_cancelled = method is Method.CANCEL
    title = " – ".join(filter(None, (one_line(product.offer), one_line(product.variant))))
    told = (
        (wording.REFERENCE_LABEL, one_line(booking.reference)),
        (wording.PEOPLE_LABEL, people(booking.terms, voice)),
        (wording.OPTIONS_LABEL, ", ".join(one_line(one) for one in booking.terms.options)),
    )
    description = "\n".join(f"{voice.said(LABELLED, label=voice.said(label))} {value}" for label, value in told if value)
    yield "BEGIN:VEVENT"
    yield f"UID:{uid_of(booking, house.domain)}"
    yield f"SEQUENCE:{booking.terms.version + is_cancelled}"
    yield f"DTSTAMP:{_utc(now)}"
    # A time of the hour that the clocks show twice is the first of the two to a calendar (RFC 5545 §3.3.5): UTC has no such hour.
    is_second = any(at.astimezone(occasion.zone).fold for at in (occasion.starts_at, occasion.ends_at))
    for name, at in (("DTSTART", occasion.starts_at), ("DTEND", occasion.ends_at)):
        yield f"{name}{f':{_utc(at)}' if is_second else _local(at, occasion.zone)}"
    yield f"SUMMARY:{_escaped(title)}"
    if place := one_line(booking.terms.place or product.place):
        yield f"LOCATION:{_escaped(place)}"
    yield f"DESCRIPTION:{_escaped(description)}"
    yield f"ORGANIZER;CN={_quoted(house.brand)}:mailto:{matter.organiser or house.noreply}"
    answer = "TRUE" if matter.organiser is not None and not is_cancelled else "FALSE"
    yield f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP={answer}:mailto:{matter.recipient.address}"
    yield f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _zone(occasion: Occasion) -> Iterator[str]:
    """The rules of the activity's zone around it, each change of the clocks by itself: no program need know the zone's name."""
    zone = occasion.zone
    if _is_utc(zone):
        return
    first = occasion.starts_at - _AROUND
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    for before, at in ((first, first), *_turns(zone, first, occasion.ends_at + _AROUND)):
        kind = "DAYLIGHT" if at.astimezone(zone).dst() else "STANDARD"
        yield f"BEGIN:{kind}"
        # The clocks turn at a time that the old offset tells (RFC 5545 §3.6.5).
        yield f"DTSTART:{(at + _offset(before, zone)).strftime('%Y%m%dT%H%M%S')}"
        yield f"TZOFFSETFROM:{_written(_offset(before, zone))}"
        yield f"TZOFFSETTO:{_written(_offset(at, zone))}"
        yield f"TZNAME:{at.astimezone(zone).tzname()}"
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


def _turns(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The instants at which the offset changes, to the minute, each after the last minute of the offset before."""
    days = [first + _DAY * number for number in range((last - first) // _DAY + 2)]
    for early, late in pairwise(days):
        if _offset(early, zone) == _offset(late, zone):
            continue
        low, high = early, late
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if _offset(middle, zone) == _offset(early, zone) else (low, middle)
        turn = high.replace(second=0, microsecond=0)
        yield turn - timedelta(minutes=1), turn


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _written(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f":{_utc(at)}" if _is_utc(zone) else f";TZID={zone.key}:{at.astimezone(zone):%Y%m%dT%H%M%S}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _is_utc(zone: ZoneInfo) -> bool:
    return zone.key in {"UTC", "Etc/UTC"}


def _escaped(text: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11)."""
    return text.translate(_ESCAPED)


def _quoted(text: str) -> str:
    """A parameter's value: it has no way to write a double quote (RFC 5545 §3.2)."""
    return '"' + one_line(text).replace('"', "'") + '"'
