"""An invitation goes through, is answered by the other side, and the answer arrives with aliases only (GW-43, LEAK-66, CASE-55).

Both are written in the shapes of the programs that people use: the parts, properties and parameters of Google Calendar and of
Outlook, and what each of them copies into its answer (RFC 5546 §3.2.3).
"""

from __future__ import annotations

import base64
import re
from typing import Any

import icalendar
import pytest
from support.gateway import Gateway
from support.mails import CUSTOMER_TELLS, PARTNER_TELLS, read, shows
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

pytestmark = pytest.mark.slow

GUEST = "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
OTHER_MAILBOX = "zofia.private@wp.example"


def folded(lines: list[str]) -> str:
    """Content lines as programs fold them: 75 characters, in the middle of addresses too."""
    return "".join(re.sub(r"(.{74})(?=.)", "\\1\r\n ", line) + "\r\n" for line in lines)


def google_invitation(organizer: str, alias: str, uid: str) -> str:
    return folded(
        [
            *("BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"),
            *("METHOD:REQUEST", "BEGIN:VTIMEZONE", "TZID:Europe/Rome", "X-LIC-LOCATION:Europe/Rome", "BEGIN:DAYLIGHT"),
            *("TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:GMT+2", "DTSTART:19700329T020000"),
            *("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "BEGIN:STANDARD", "TZOFFSETFROM:+0200"),
            *("TZOFFSETTO:+0100", "TZNAME:GMT+1", "DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
            *("END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", "DTSTART;TZID=Europe/Rome:20990610T100000"),
            *("DTEND;TZID=Europe/Rome:20990610T130000", "DTSTAMP:20260601T120000Z"),
            *(f"ORGANIZER;CN=Marco Bellini:mailto:{organizer}", f"UID:{uid}"),
            f"{GUEST};PARTSTAT=ACCEPTED;RSVP=TRUE;CN=Marco Bellini;X-NUM-GUESTS=0:mailto:{organizer}",
            f"{GUEST};PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={alias};X-NUM-GUESTS=0:mailto:{alias}",
            "ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED;CN=Van;X-NUM-GUESTS=0:mailto:van@resource.alpine-tours.example",
            *("X-GOOGLE-CONFERENCE:https://meet.example.net/abc-defg-hij", "X-MICROSOFT-CDO-OWNERAPPTID:-1551291827"),
            *("CREATED:20260601T115900Z", f"DESCRIPTION:Bring shoes. Questions: {organizer}\\, or call Bellini"),
            *("LAST-MODIFIED:20260601T115900Z", "LOCATION:Piazza Walther\\, Bolzano", "SEQUENCE:0", "STATUS:CONFIRMED"),
            *("SUMMARY:Walk to the lake", "TRANSP:OPAQUE", "BEGIN:VALARM", "ACTION:EMAIL", f"ATTENDEE:mailto:{organizer}"),
            *("SUMMARY:Reminder", "DESCRIPTION:This is an event reminder", "TRIGGER:-P1D", "END:VALARM", "BEGIN:VALARM"),
            *("ACTION:DISPLAY", "DESCRIPTION:This is an event reminder", "TRIGGER:-P0DT0H30M0S", "END:VALARM"),
            *("END:VEVENT", "END:VCALENDAR"),
        ]
    )


def outlook_invitation(organizer: str, alias: str, uid: str) -> str:
    return folded(
        [
            *("BEGIN:VCALENDAR", "METHOD:REQUEST", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "BEGIN:VTIMEZONE"),
            *("TZID:Central European Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200"),
            *("TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT"),
            *("DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
            *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE", "BEGIN:VEVENT"),
            f'ORGANIZER;CN="Kowalska, Zofia";SENT-BY="MAILTO:{organizer}":MAILTO:{organizer}',
            f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={alias}:MAILTO:{alias}",
            f"DESCRIPTION;LANGUAGE=pl-PL:Do zobaczenia\\n\\nZofia Kowalska\\n{organizer}\\n",
            *(f"UID:{uid}", "SUMMARY;LANGUAGE=pl-PL:Walk to the lake"),
            *("DTSTART;TZID=Central European Standard Time:20990610T100000",),
            *("DTEND;TZID=Central European Standard Time:20990610T130000", "CLASS:PUBLIC", "PRIORITY:5"),
            *(
                "DTSTAMP:20260601T120000Z",
                "TRANSP:OPAQUE",
                "STATUS:CONFIRMED",
                "SEQUENCE:0",
                "LOCATION;LANGUAGE=pl-PL:Piazza Walther",
            ),
            *(
                "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
                "X-MICROSOFT-CDO-OWNERAPPTID:2113142777",
                "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
            ),
            *(f"X-MS-OLK-SENDER:MAILTO:{organizer}", "X-MS-OLK-CONFTYPE:0", "X-MICROSOFT-DISALLOW-COUNTER:FALSE"),
            *("BEGIN:VALARM", "DESCRIPTION:REMINDER", "TRIGGER;RELATED=START:-PT15M", "ACTION:DISPLAY", "END:VALARM"),
            *("END:VEVENT", "END:VCALENDAR"),
        ]
    )


def as_google_sends(sender: str, to: str, subject: str, calendar: str) -> bytes:
    """The invitation thrice: as text, as the calendar part of the alternative, and as an attached file."""
    method = "REPLY" if "METHOD:REPLY" in calendar else "REQUEST"
    encoded = base64.encodebytes(calendar.encode()).decode()
    tracked = base64.b64encode(f"7k3j2h1g {to}".encode()).decode()
    html = f'<p>You have been invited by <a href="mailto:{sender}">{sender}</a>.</p><a href="https://calendar.google.com/x?eid={tracked}">Yes</a>'
    return "\r\n".join(
        [
            *(
                f"From: {sender}",
                f"To: {to}",
                f"Reply-To: {sender}",
                "Sender: Google Calendar <calendar-notification@google.com>",
            ),
            *(
                f"Message-ID: <calendar-{method}-1@google.com>",
                "Date: Mon, 01 Jun 2026 12:00:00 +0000",
                f"Subject: {subject} ({sender})",
            ),
            *("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="m"', "", "--m"),
            *('Content-Type: multipart/alternative; boundary="a"', "", "--a"),
            *('Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes', "", "You have been invited", "", "--a"),
            *('Content-Type: text/html; charset="UTF-8"', "", html, "", "--a"),
            *(f'Content-Type: text/calendar; charset="UTF-8"; method={method}', "Content-Transfer-Encoding: 7bit", "", calendar),
            *("--a--", "--m", 'Content-Type: application/ics; name="invite.ics"'),
            *(
                'Content-Disposition: attachment; filename="invite.ics"',
                "Content-Transfer-Encoding: base64",
                "",
                encoded,
                "--m--",
                "",
            ),
        ]
    ).encode()


def as_outlook_sends(sender: str, to: str, subject: str, calendar: str) -> bytes:
    """The invitation as the calendar part of an alternative, in base64, beside text and HTML."""
    method = "REPLY" if "METHOD:REPLY" in calendar else "REQUEST"
    return "\r\n".join(
        [
            *(
                f"From: Somebody <{sender}>",
                f"To: {to}",
                f"Thread-Topic: {subject}",
                "Thread-Index: AQHZ3Pua3ffnhSQTOs90EKBjhCnQ==",
            ),
            *(f"Message-ID: <{method}AM0PR01MB1234@AM0PR01MB1234.eurprd01.prod.exchangelabs.example>", f"Subject: {subject}"),
            *("X-MS-Has-Attach:", "X-Originating-IP: [198.51.100.7]", "Content-class: urn:content-classes:calendarmessage"),
            *("MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="_000_"', "", "--_000_"),
            *('Content-Type: text/plain; charset="utf-8"', "", f"When: Wednesday\n{sender}", "", "--_000_"),
            *('Content-Type: text/html; charset="utf-8"', "", f"<div>When: Wednesday<br>{sender}</div>", "", "--_000_"),
            *(f'Content-Type: text/calendar; charset="utf-8"; method={method}', "Content-Transfer-Encoding: base64", ""),
            *(base64.encodebytes(calendar.encode()).decode(), "--_000_--", ""),
        ]
    ).encode()


def answer_to(invitation: bytes, *, own: str, program: str) -> str:
    """What a program answers to the invitation that it received: it copies the event, and names itself by its own address."""
    part = next(one for one in read(invitation).walk() if one.get_content_type() == "text/calendar")
    event = next(iter(icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")))
    uid, organizer = str(event["UID"]), str(event["ORGANIZER"])
    common = ["DTSTART:20990610T080000Z", "DTEND:20990610T110000Z", "DTSTAMP:20260601T130000Z", f"UID:{uid}", "SEQUENCE:0"]
    if program == "google":
        return folded(
            [
                *("BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"),
                *("METHOD:REPLY", "BEGIN:VEVENT", *common, f"ORGANIZER;CN=Zofia:{organizer}"),
                f"{GUEST};PARTSTAT=ACCEPTED;CN=Marco Bellini;X-NUM-GUESTS=0:mailto:{own}",
                *("SUMMARY:Walk to the lake", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR"),
            ]
        )
    return folded(
        [
            *("BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "BEGIN:VEVENT"),
            f'ATTENDEE;PARTSTAT=TENTATIVE;CN="Kowalska, Zofia";X-RESPONSE-COMMENT="{own}":MAILTO:{own}',
            *(f"COMMENT;LANGUAGE=pl-PL:a little later? {own}\\n", *common, "SUMMARY;LANGUAGE=pl-PL:Tentative: Walk to the lake"),
            *("PRIORITY:5", "X-MICROSOFT-CDO-APPT-SEQUENCE:0", "END:VEVENT", "END:VCALENDAR"),
        ]
    )


def events(content: bytes) -> list[Any]:
    """The events of every calendar in a mail, each with the method of its calendar."""
    calendars = [
        icalendar.Calendar.from_ical(one.get_payload(decode=True))
        for one in read(content).walk()
        if one.get_content_type() == "text/calendar"
    ]
    return [(str(calendar["METHOD"]), event) for calendar in calendars for event in calendar.walk("VEVENT")]


async def crosses(gateway: Gateway, sink: Sink, mail: bytes, sender: str, alias: str) -> bytes:
    before = len(sink.received)
    answer = await gateway.sent(mail, alias, sender=sender)
    assert answer.codes == "250 2.6.0"
    await sink.until(before + 1)
    return sink.received[before].content


@pytest.mark.parametrize("answered_from", [CUSTOMER_ADDRESS, OTHER_MAILBOX])
async def test_an_invitation_of_google_is_answered_by_outlook(gateway: Gateway, sink: Sink, answered_from: str) -> None:
    """The one who answers may be known to their calendar by a mailbox that nobody here knows."""
    opened = await gateway.off_loop("open_conversation", "GYG4K7Q2X9ABC")
    uid = "69d4c40b4a274636bf23517938df9673@google.com"
    calendar = google_invitation(PARTNER_ADDRESS, opened["customer_alias"], uid)
    mail = as_google_sends(PARTNER_ADDRESS, opened["customer_alias"], "Invitation: Walk to the lake", calendar)
    got = await crosses(gateway, sink, mail, PARTNER_ADDRESS, opened["customer_alias"])
    assert shows(got, *PARTNER_TELLS, *CUSTOMER_TELLS, "resource.alpine", uid, "198.51.100.7") == []
    assert "calendar" in got.decode()
    for method, event in events(got):
        assert method == "REQUEST"
        assert str(event["ORGANIZER"]) == f"mailto:{opened['partner_alias']}"
        assert {str(one) for one in event["ATTENDEE"]} == {f"mailto:{opened[one]}" for one in ("partner_alias", "customer_alias")}
        assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Walk to the lake", "Piazza Walther, Bolzano")
        assert event["DTSTART"].dt.isoformat() == "2099-06-10T10:00:00+02:00"
        assert [str(alarm["ACTION"]) for alarm in event.walk("VALARM")] == ["DISPLAY"]
    assert len(events(got)) == 2
    answer = answer_to(got, own=answered_from, program="outlook")
    reply = as_outlook_sends(CUSTOMER_ADDRESS, opened["partner_alias"], "Tentative: Walk to the lake", answer)
    back = await crosses(gateway, sink, reply, CUSTOMER_ADDRESS, opened["partner_alias"])
    assert shows(back, *PARTNER_TELLS, *CUSTOMER_TELLS, OTHER_MAILBOX, "198.51.100.7", "exchangelabs") == []
    [(method, event)] = events(back)
    assert method == "REPLY"
    assert str(event["UID"]) == uid
    assert str(event["ATTENDEE"]) == f"mailto:{opened['customer_alias']}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    assert "a little later?" in str(event["COMMENT"])


async def test_an_invitation_of_outlook_is_answered_by_google(gateway: Gateway, sink: Sink) -> None:
    opened = await gateway.off_loop("open_conversation", "GYG4K7Q2X9ABC")
    uid = "040000008200E00074C5B7101A82E0080000000010B88C8F0FC4CD01000000000000000010000000CB70453D9CD1E4B909ABC99620026080"
    calendar = outlook_invitation(CUSTOMER_ADDRESS, opened["partner_alias"], uid)
    mail = as_outlook_sends(CUSTOMER_ADDRESS, opened["partner_alias"], "Walk to the lake", calendar)
    got = await crosses(gateway, sink, mail, CUSTOMER_ADDRESS, opened["partner_alias"])
    assert shows(got, *CUSTOMER_TELLS, *PARTNER_TELLS, "198.51.100.7", "exchangelabs") == []
    [(method, event)] = events(got)
    assert method == "REQUEST"
    assert str(event["ORGANIZER"]) == f"mailto:{opened['customer_alias']}"
    assert str(event["ATTENDEE"]) == f"mailto:{opened['partner_alias']}"
    assert event["DTSTART"].dt.replace(tzinfo=None).isoformat() == "2099-06-10T10:00:00"
    assert event["DTSTART"].params["TZID"] == "Central European Standard Time"
    answer = answer_to(got, own=PARTNER_ADDRESS, program="google")
    reply = as_google_sends(PARTNER_ADDRESS, opened["customer_alias"], "Accepted: Walk to the lake", answer)
    back = await crosses(gateway, sink, reply, PARTNER_ADDRESS, opened["customer_alias"])
    assert shows(back, *PARTNER_TELLS, *CUSTOMER_TELLS) == []
    for method, event in events(back):
        assert method == "REPLY"
        assert str(event["UID"]) == uid
        assert str(event["ORGANIZER"]) == f"mailto:{opened['customer_alias']}"
        assert str(event["ATTENDEE"]) == f"mailto:{opened['partner_alias']}"
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert len(events(back)) == 2


async def test_an_update_and_a_cancellation_keep_the_id_of_the_event(gateway: Gateway, sink: Sink) -> None:
    opened = await gateway.off_loop("open_conversation", "GYG4K7Q2X9ABC")
    first = google_invitation(PARTNER_ADDRESS, opened["customer_alias"], "abc@google.com")
    moved = first.replace("SEQUENCE:0", "SEQUENCE:1").replace("T100000", "T110000")
    over = (
        first.replace("SEQUENCE:0", "SEQUENCE:2").replace("METHOD:REQUEST", "METHOD:CANCEL").replace(":CONFIRMED", ":CANCELLED")
    )
    seen = []
    for number, calendar in enumerate((first, moved, over)):
        mail = as_outlook_sends(PARTNER_ADDRESS, opened["customer_alias"], f"Walk {number}", calendar)
        mail = mail.replace(b"<REQUEST", b"<%d" % number)
        got = await crosses(gateway, sink, mail, PARTNER_ADDRESS, opened["customer_alias"])
        seen += [(method, str(event["UID"]), int(event["SEQUENCE"])) for method, event in events(got)]
    assert [(method, sequence) for method, _, sequence in seen] == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    assert len({uid for _, uid, _ in seen}) == 1
