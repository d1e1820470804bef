"""The calendar entry, read back as calendars do (RFC 5545, RFC 5546)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from icalendar.cal import Timezone
from support.notified import ANSWERS, CUSTOMER, EVERY, HOUSE, PARTNER, a_matter, written
from support.reading import body, read

from relay.booking.notification import Notification, To
from relay.booking.terms import Occasion
from relay.correspondence.notifications.matter import Matter
from relay.values import Language

N = Notification
INVITED = ((N.BOOKED, To.CUSTOMER), (N.BOOKED_AND_PAID, To.PARTNER), (N.RESCHEDULED, To.CUSTOMER), (N.RESCHEDULED, To.PARTNER))
CANCELLED = ((N.CANCELLED, To.CUSTOMER), (N.CANCELLED, To.PARTNER))
ZONES = (
    *("Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin"),
    *("Asia/Tokyo", "America/Sao_Paulo", "Pacific/Chatham", "UTC"),
)


def calendar_of(matter: Matter) -> Calendar:
    found = Calendar.from_ical(body(read(written(matter)), "calendar"))
    assert isinstance(found, Calendar)
    return found


def event_of(matter: Matter) -> Event:
    (event,) = calendar_of(matter).walk("VEVENT")
    assert isinstance(event, Event)
    assert not event.errors
    return event


@pytest.mark.parametrize(
    ("says", "to", "method"), [*((*one, "REQUEST") for one in INVITED), *((*one, "CANCEL") for one in CANCELLED)]
)
def test_a_confirmed_booking_comes_with_its_calendar_entry_twice_over(says: Notification, to: To, method: str) -> None:
    """T12, T20, T22. Among the alternatives, where Gmail and Outlook look, and as a file for everybody else."""
    matter = a_matter(says, to)
    message = read(written(matter))
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics")
    ]
    inline, file = (part for part in message.walk() if part.get_content_type() in {"text/calendar", "application/ics"})
    assert isinstance(inline, EmailMessage)
    assert isinstance(file, EmailMessage)
    assert inline.get_param("method") == method == str(calendar_of(matter)["METHOD"])
    assert inline.get_payload(decode=True) == file.get_payload(decode=True)
    assert file.get_filename() == ("invite.ics" if method == "REQUEST" else "cancel.ics")
    assert inline.get_content_disposition() is None
    assert file.get_content_disposition() == "attachment"


@pytest.mark.parametrize(("says", "to"), [one for one in EVERY if one not in INVITED and one not in CANCELLED])
def test_no_other_mail_touches_the_calendar(says: Notification, to: To) -> None:
    assert b"calendar" not in written(a_matter(says, to)).lower()


def test_an_entry_says_what_when_and_where_in_the_recipients_language() -> None:
    event = event_of(a_matter(N.BOOKED, To.CUSTOMER, Language.DE))
    assert event["SUMMARY"] == "Bootsfahrt in den Sonnenuntergang – Boot für Sie allein"
    assert event["LOCATION"] == "Anleger 4, Sorrent"
    assert event["DESCRIPTION"] == (
        "Buchungsnummer: K7M2PQ9XW4RT\nPersonen: 2 Personen\nOptionen: Abholung am Hotel, Führung auf Deutsch"
    )
    assert event["DTSTART"].dt.isoformat() == "2026-06-21T18:00:00+02:00"
    assert event["DTEND"].dt.isoformat() == "2026-06-21T20:30:00+02:00"
    assert event["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize(("says", "to"), [*INVITED, *CANCELLED])
def test_organiser_and_guest_are_aliases_or_the_house_and_no_link_or_secret_is_told(says: Notification, to: To) -> None:
    """GY-3"""
    matter = a_matter(says, to)
    event = event_of(matter)
    assert str(event["ORGANIZER"]) == f"mailto:{ANSWERS}"
    assert event["ORGANIZER"].params["CN"] == HOUSE.brand
    assert str(event["ATTENDEE"]) == f"mailto:{CUSTOMER if to is To.CUSTOMER else PARTNER}"
    text = body(read(written(matter)), "calendar").replace("\n ", "")
    assert [one for one in ("http", "S3cr3t", "VX4K-77PM", "Marta", "Lagoon", matter.booking.id) if one in text] == []


def test_without_an_organiser_the_house_invites_and_asks_for_no_answer() -> None:
    event = event_of(a_matter(N.BOOKED, To.CUSTOMER, organiser=None))
    assert str(event["ORGANIZER"]) == f"mailto:{HOUSE.noreply}"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert event_of(a_matter(N.BOOKED, To.CUSTOMER)).get("ATTENDEE").params["RSVP"] == "TRUE"


@pytest.mark.parametrize("to", [To.CUSTOMER, To.PARTNER])
def test_the_entry_keeps_its_name_and_each_version_replaces_the_one_before(to: To) -> None:
    """RFC 5546 §2.1.4, T20: SEQUENCE rises by one with each new date, and once more with the cancellation."""
    booked = a_matter(N.BOOKED if to is To.CUSTOMER else N.BOOKED_AND_PAID, to)
    moved = a_matter(N.RESCHEDULED, to)
    cancelled = a_matter(N.CANCELLED, to)
    gone = replace(cancelled, booking=replace(cancelled.booking, terms=moved.booking.terms))
    events = [event_of(one) for one in (booked, moved, gone)]
    assert len({str(one["UID"]) for one in events}) == 1
    first, second, third = (one["SEQUENCE"] for one in events)
    assert (second, third) == (first + 1, second + 1)
    assert events[2]["STATUS"] == "CANCELLED"
    assert events[1]["DTSTART"].dt - events[0]["DTSTART"].dt == timedelta(days=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("starts_at", ["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"])
def test_the_rules_of_the_zone_come_along_and_lead_to_the_right_instant(zone: str, starts_at: str) -> None:
    """No program has to know the zone: its own copy of the rules gives the same instants, a year around."""
    at = datetime.fromisoformat(starts_at)
    known = a_matter(N.BOOKED, To.CUSTOMER)
    occasion = Occasion(at, at + timedelta(hours=3), ZoneInfo(zone))
    matter = replace(known, booking=replace(known.booking, terms=replace(known.booking.terms, occasion=occasion)))
    calendar = calendar_of(matter)
    event = next(iter(calendar.walk("VEVENT")))
    assert event["DTSTART"].dt.astimezone(UTC) == at
    rules = [one for one in calendar.walk("VTIMEZONE") if isinstance(one, Timezone)]
    assert [str(one["TZID"]) for one in rules] == ([] if zone == "UTC" else [zone])
    for one in rules:
        theirs, ours = one.to_tz(lookup_tzid=False), ZoneInfo(zone)
        for days in range(-350, 350, 25):
            instant = (at + timedelta(days=days)).replace(hour=12)
            local = instant.astimezone(ours).replace(tzinfo=None)
            assert local.replace(tzinfo=theirs).utcoffset() == instant.astimezone(ours).utcoffset()


@pytest.mark.parametrize("minutes", [(30, 70), (70, 100), (70, 400), (-60, 70), (30, 50)])
def test_the_hour_that_the_clocks_show_twice_is_not_mistaken(minutes: tuple[int, int]) -> None:
    """RFC 5545 §3.3.5: a calendar takes the first of the two, and an entry would end before it begins."""
    midnight = datetime(2026, 10, 25, tzinfo=UTC)
    starts_at, ends_at = (midnight + timedelta(minutes=one) for one in minutes)
    matter = a_matter(N.BOOKED, To.CUSTOMER)
    terms = replace(matter.booking.terms, occasion=Occasion(starts_at, ends_at, ZoneInfo("Europe/Rome")))
    event = event_of(replace(matter, booking=replace(matter.booking, terms=terms)))
    assert (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) == (starts_at, ends_at)


@pytest.mark.parametrize("language", Language)
def test_lines_are_short_and_end_as_calendars_want_them(language: Language) -> None:
    """RFC 5545 §3.1"""
    known = a_matter(N.BOOKED, To.CUSTOMER, language)
    matter = replace(known, product=replace(known.product, offer="Żółta łódź; z \\ i, przecinkami " * 6))
    (part,) = (one for one in read(written(matter)).walk() if one.get_content_type() == "application/ics")
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert octets.endswith(b"END:VCALENDAR\r\n")
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert all(len(line) <= 75 for line in octets.split(b"\r\n"))
    assert "Żółta łódź; z \\ i, przecinkami Żółta" in str(event_of(matter)["SUMMARY"])


def test_goods_without_a_date_have_no_entry() -> None:
    """SL-8"""
    known = a_matter(N.BOOKED, To.CUSTOMER)
    undated = replace(known, booking=replace(known.booking, terms=replace(known.booking.terms, occasion=None)))
    message = read(written(undated))
    assert message.get_content_type() == "multipart/alternative"
    assert "calendar" not in body(message, "plain")
    assert "time and place" not in body(message, "plain")


def test_a_payment_that_comes_in_later_sends_no_second_entry() -> None:
    """OR-B2"""
    known = a_matter(N.BOOKED_AND_PAID, To.PARTNER)
    later = replace(known, before=known.booking)
    message = read(written(later))
    assert message.get_content_type() == "multipart/alternative"
    assert "The customer has paid" in body(message, "plain")
    assert "calendar" not in body(message, "plain")


def test_what_was_never_confirmed_is_not_cancelled_in_the_calendar() -> None:
    known = a_matter(N.CANCELLED, To.CUSTOMER)
    unpaid = replace(known, before=a_matter(N.PLEASE_PAY, To.CUSTOMER).booking)
    message = read(written(unpaid))
    assert message.get_content_type() == "multipart/alternative"
    assert "calendar" not in body(message, "plain")
