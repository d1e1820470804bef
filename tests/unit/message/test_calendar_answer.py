"""What calendar programs answer to an invitation, read back with the zone; and what only looks like an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails import a_mail

from relay.message.calendar_answer import CalendarAnswer, Says, calendar_answer
from relay.message.parse import parse

UID = "01jx2m9q8r7s6t5v4w3x2y1z0a@reply.example.com"
ROME = ZoneInfo("Europe/Rome")


def answer(calendar: str, media_type: str = "text/calendar; method=REPLY") -> CalendarAnswer | None:
    mail = a_mail(to="booking-0123456789ab@reply.example.com", text=calendar)
    return calendar_answer(parse(mail.replace(b"text/plain; charset=utf-8", f"{media_type}; charset=utf-8".encode())))


def a_calendar(*lines: str, method: str = "REPLY", uid: str = UID) -> str:
    event = ["BEGIN:VEVENT", f"UID:{uid}", "SEQUENCE:0", "DTSTAMP:20260601T120000Z", *lines, "END:VEVENT"]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *event, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["ATTENDEE;PARTSTAT=ACCEPTED:mailto:marco@tours.example"], Says.ACCEPTED),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:marco@tours.example"], Says.DECLINED),
        (['ATTENDEE;CN="Bellini, Marco";PARTSTAT="ACCEPTED";RSVP=TRUE:MAILTO:Marco@TOURS.example'], Says.ACCEPTED),
        (["attendee;cutype=INDIVIDUAL;partstat=accepted:invalid:nomail"], Says.ACCEPTED),
        (
            [
                "ATTENDEE;CN=Marco Bellini;PARTS",
                " TAT=DECLINED;X-NUM-GUESTS=0:mailto:booking-0123",
                " 456789ab@reply.example.com",
            ],
            Says.DECLINED,
        ),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:marco@tours.example"], Says.UNCLEAR),
        (["ATTENDEE;PARTSTAT=DELEGATED:mailto:marco@tours.example"], Says.UNCLEAR),
        (["ATTENDEE:mailto:marco@tours.example"], Says.UNCLEAR),
        ([], Says.UNCLEAR),
        (["ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:c@d.example"], Says.UNCLEAR),
        (["ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", "RECURRENCE-ID:20260610T080000Z"], Says.UNCLEAR),
        (["BEGIN:VALARM", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", "END:VALARM"], Says.UNCLEAR),
    ],
)
def test_a_reply_says_yes_or_no_whatever_the_attendee_is_called(lines: list[str], says: Says) -> None:
    """RFC 5546 §3.2.3."""
    found = answer(a_calendar(*lines))
    assert found is not None
    assert found.says is says
    assert found.answers(UID)
    assert not found.answers("another@reply.example.com")


def test_a_comment_comes_with_it() -> None:
    found = answer(a_calendar("ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example", "COMMENT:We are full\\, sorry\\nAnna"))
    assert found is not None
    assert found.comment == "We are full, sorry Anna"


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        (["DTSTART:20260612T080000Z", "DTEND:20260612T100000Z"], "2026-06-12T08:00", "2026-06-12T10:00"),
        (
            ["DTSTART;TZID=Europe/Rome:20260612T100000", "DTEND;TZID=Europe/Rome:20260612T120000"],
            "2026-06-12T08:00",
            "2026-06-12T10:00",
        ),
        (["DTSTART;TZID=America/New_York:20260612T040000", "DTEND:20260612T100000Z"], "2026-06-12T08:00", "2026-06-12T10:00"),
        (["DTSTART;TZID=W. Europe Standard Time:20260612T100000", "DURATION:PT2H"], "2026-06-12T08:00", "2026-06-12T10:00"),
        (
            ["DTSTART;TZID=/mozilla.org/20050126_1/Europe/Rome:20260612T100000", "DURATION:PT1H30M"],
            "2026-06-12T08:00",
            "2026-06-12T09:30",
        ),
        (["DTSTART;TZID=/freeassociation.sourceforge.net/America/Argentina/Ushuaia:20260612T050000"], "2026-06-12T08:00", None),
        (["DTSTART:20260612T100000", "DTEND:20260612T120000"], "2026-06-12T08:00", "2026-06-12T10:00"),
        (["DTSTART;VALUE=DATE:20260612", "DTEND;VALUE=DATE:20260613"], "2026-06-11T22:00", "2026-06-12T22:00"),
    ],
)
def test_a_counter_proposal_is_read_back_with_its_zone(lines: list[str], starts: str, ends: str | None) -> None:
    """RFC 5546 §3.2.7; Windows' names, Mozilla's paths; without a zone it is the place's own time."""
    found = answer(a_calendar(*lines, method="COUNTER"), "text/calendar; method=COUNTER")
    assert found is not None
    assert found.says is Says.COUNTERED
    assert found.starts is not None
    assert found.starts.instant(ROME) == datetime.fromisoformat(starts).replace(tzinfo=UTC)
    assert (found.ends.instant(ROME) if found.ends else None) == (
        datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else None
    )


@pytest.mark.parametrize(
    "lines",
    [
        *([], ["DTSTART:tomorrow"], ["DTSTART:20261399T080000Z"], ["DTSTART;TZID=Nowhere/At All:20260612T100000"]),
        *(["DTSTART:20260612T080000Z", "DTSTART:20260613T080000Z"], ["DTSTART:20260612T080000Z", "DTEND:whenever"]),
        *(["DTSTART;TZID=../../etc/passwd:20260612T100000"], ["DTSTART;TZID=" + "x" * 5000 + ":20260612T100000"]),
    ],
)
def test_a_proposal_whose_time_nobody_knows_is_unclear(lines: list[str]) -> None:
    found = answer(a_calendar(*lines, method="COUNTER"))
    assert found is not None
    assert found.says is Says.UNCLEAR


@pytest.mark.parametrize(
    "calendar",
    [
        *("", "no calendar", "BEGIN:VCALENDAR\n" * 50_000, "METHOD:REPLY\n", "BEGIN:VEVENT\n" * 10_000),
        a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", method="REQUEST"),
        a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", method="CANCEL"),
        a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", "UID:another"),
        a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", uid="x" * 2_000),
        a_calendar(*["ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example"] * 25_000),
        a_calendar("X" * 300_000 + ":1"),
    ],
)
def test_what_is_no_answer_or_too_much_is_none(calendar: str) -> None:
    """Invariant 12."""
    assert answer(calendar) is None


def test_several_events_are_unclear() -> None:
    two = a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", "END:VEVENT", "BEGIN:VEVENT", f"UID:{UID}")
    found = answer(two)
    assert found is not None
    assert found.says is Says.UNCLEAR


def test_an_attached_calendar_counts_and_one_in_an_attached_message_does_not() -> None:
    reply = a_calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example").replace("\n", "\r\n").encode()
    head = b"From: m@tours.example\r\nMIME-Version: 1.0\r\n"
    attached = head + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\n'
    as_file = attached + b'Content-Type: application/ics; name="invite.ics"\r\n\r\n' + reply + b"--b--\r\n"
    inside = attached + b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/calendar\r\n\r\n" + reply + b"--b--\r\n"
    found = calendar_answer(parse(as_file))
    assert found is not None
    assert found.says is Says.ACCEPTED
    assert calendar_answer(parse(inside)) is None


@given(st.text(alphabet='BEGINVCALDRUT;:=-"\\,\n ATEPSMHO0129Z/', max_size=600))
def test_no_calendar_is_too_hostile(text: str) -> None:
    answer("BEGIN:VCALENDAR\nMETHOD:COUNTER\nBEGIN:VEVENT\nUID:x\n" + text)
