"""Invitations with aliases in the places of people, and answers that find their way back (GW-43, LEAK-66, CASE-55)."""

from __future__ import annotations

import icalendar
import pytest
from support.world import CUSTOMER_ADDRESS, CUSTOMER_ALIAS, DOMAIN, PARTNER_ADDRESS, PARTNER_ALIAS

from relay.message.calendar import crossing_calendar
from relay.message.seal import Seal
from relay.values import RealAddress

SEAL = Seal(bytes(range(32)), DOMAIN)
CONVERSATION = "conversation-1"


class TheTwo:
    """The partner writes to the customer."""

    def masked_text(self, text: str) -> str:
        return text.replace(PARTNER_ADDRESS, str(PARTNER_ALIAS)).replace("Bellini", "[name removed]")

    def masked_title(self, text: str) -> str:
        return self.masked_text(text).replace("bellini", "[name removed]")

    def stand_in(self, address: RealAddress) -> tuple[str, str] | None:
        known = {
            PARTNER_ADDRESS: (str(PARTNER_ALIAS), "Marco"),
            CUSTOMER_ADDRESS: (str(CUSTOMER_ALIAS), "Zofia"),
            str(PARTNER_ALIAS): (str(PARTNER_ALIAS), "Marco"),
            str(CUSTOMER_ALIAS): (str(CUSTOMER_ALIAS), "Zofia"),
        }
        return known.get(address.reveal().lower())

    def writer_stand_in(self) -> tuple[str, str]:
        return str(PARTNER_ALIAS), "Marco"

    def reader_stand_in(self) -> tuple[str, str]:
        return str(CUSTOMER_ALIAS), "Zofia"


def an_invitation(*lines: str, organizer: str = f'ORGANIZER;CN="Marco Bellini":mailto:{PARTNER_ADDRESS}') -> str:
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "PRODID:-//Alpine Tours//Planner//EN",
            "VERSION:2.0",
            "METHOD:REQUEST",
            "X-WR-CALNAME:marco.bellini",
            "BEGIN:VEVENT",
            "UID:20260601T100000-17@planner.alpine-tours.example",
            "DTSTAMP:20260520T080000Z",
            "DTSTART;TZID=Europe/Rome:20260610T100000",
            organizer,
            f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Zofia Kowalska:MAILTO:{CUSTOMER_ADDRESS.upper()}",
            "ATTENDEE;CN=Boss:mailto:boss@alpine-tours.example",
            f"DESCRIPTION:Call me: {PARTNER_ADDRESS[:20]}\r\n {PARTNER_ADDRESS[20:]}\\, or ask for Bellini",
            "X-MS-OLK-SENDER:mailto:marco.bellini@alpine-tours.example",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def crossed(text: str) -> str:
    calendar = crossing_calendar(text, TheTwo(), SEAL, CONVERSATION)
    assert calendar is not None
    return calendar


def test_an_invitation_names_aliases_only_and_still_is_one() -> None:
    text = crossed(an_invitation())
    unfolded = text.replace("\r\n ", "")
    for telling in ("alpine-tours", "poczta.example", "Bellini", "Kowalska", "X-WR", "X-MS", "boss"):
        assert telling.casefold() not in unfolded.casefold(), telling
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert event["ORGANIZER"] == f"mailto:{PARTNER_ALIAS}"
    assert event["ORGANIZER"].params["CN"] == "Marco"
    assert event["ATTENDEE"] == f"mailto:{CUSTOMER_ALIAS}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["DTSTART"].params["TZID"] == "Europe/Rome"
    assert f"Call me: {PARTNER_ALIAS}, or ask" in event["DESCRIPTION"]


def test_a_keyword_names_somebody_in_any_case() -> None:
    text = crossed(an_invitation("CATEGORIES:bellini,tour", "SUMMARY:tour with bellini", "LOCATION:via bellini 4"))
    assert "CATEGORIES:[name removed],tour" in text
    assert "SUMMARY:tour with [name removed]" in text
    assert "LOCATION:via bellini 4" in text


def test_an_answer_gets_the_uid_back_that_the_organiser_knows_and_an_update_keeps_the_sealed_one() -> None:
    first = icalendar.Calendar.from_ical(crossed(an_invitation())).walk("VEVENT")[0]["UID"]
    assert icalendar.Calendar.from_ical(crossed(an_invitation("SEQUENCE:1"))).walk("VEVENT")[0]["UID"] == first
    assert first.endswith(f"@{DOMAIN}")
    answer = an_invitation().replace("20260601T100000-17@planner.alpine-tours.example", first)
    back = icalendar.Calendar.from_ical(crossed(answer)).walk("VEVENT")[0]["UID"]
    assert back == "20260601T100000-17@planner.alpine-tours.example"


def test_a_sealed_uid_of_another_conversation_opens_nothing() -> None:
    first = SEAL.sealed("secret@host.example", "conversation-2")
    assert SEAL.opened(first, CONVERSATION) is None
    assert SEAL.opened(first, "conversation-2") == "secret@host.example"
    assert SEAL.opened("nonsense@" + DOMAIN, CONVERSATION) is None
    assert SEAL.opened(first.replace(DOMAIN, "other.example"), "conversation-2") is None


def test_an_organiser_whom_nobody_knows_becomes_the_writer_so_that_answers_come_back() -> None:
    event = icalendar.Calendar.from_ical(crossed(an_invitation(organizer="ORGANIZER:mailto:bot@system.example"))).walk("VEVENT")[
        0
    ]
    assert event["ORGANIZER"] == f"mailto:{PARTNER_ALIAS}"


@pytest.mark.parametrize(
    ("lines", "written"),
    [
        (
            (
                "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:Write to marco.bellini=40alpine-=",
                "tours.example=0D=0Aor ring=2C please=",
                "",
            ),
            f"DESCRIPTION:Write to {PARTNER_ALIAS}\\nor ring\\, please",
        ),
        (("SUMMARY;CHARSET=ISO-8859-1;ENCODING=quoted-printable:Gr=FC=DFe",), "SUMMARY:Grüße"),
        (("SUMMARY;QUOTED-PRINTABLE;CHARSET=UTF-8:Gr=C3=BC=", " =C3=9Fe"), "SUMMARY:Grü ße"),
        (("SUMMARY;CHARSET=UTF-8;", " ENCODING=QUOTED-PRINTABLE:boots=", "and water"), "SUMMARY:bootsand water"),
        (("SUMMARY:2 =40 a=", "LOCATION:Lake"), "SUMMARY:2 =40 a=\r\nLOCATION:Lake"),
        (("SUMMARY;ENCODING=QUOTED-PRINTABLE:a=0D=0AATTENDEE:x=0D=0A=00",), "SUMMARY:a\\nATTENDEE:x"),
    ],
)
def test_quoted_printable_values_of_the_older_form_are_read_and_written_plainly(lines: tuple[str, ...], written: str) -> None:
    """LEAK-66: vCalendar 1.0, as phones and older Outlooks write it."""
    text = crossed(an_invitation(*lines).replace("VERSION:2.0", "VERSION:1.0"))
    assert f"\r\n{written}\r\n" in text.replace("\r\n ", "")
    assert "QUOTED" not in text


def test_a_line_folded_very_often_is_put_together_in_linear_time() -> None:
    assert "SUMMARY:aaa" in crossed(an_invitation("SUMMARY:" + "a\r\n " * 300_000)).replace("\r\n ", "")


@pytest.mark.parametrize("action", ["EMAIL", "PROCEDURE"])
def test_alarms_that_do_more_than_ring_stay_out(action: str) -> None:
    alarm = ("BEGIN:VALARM", f"ACTION:{action}", "TRIGGER:-PT1H", "ATTENDEE:mailto:x@y.example", "END:VALARM")
    assert "VALARM" not in crossed(an_invitation(*alarm))
    ring = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT1H", "END:VALARM")
    assert "ACTION:DISPLAY" in crossed(an_invitation(*ring))


def test_components_and_properties_that_nobody_thought_of_stay_out() -> None:
    text = crossed(an_invitation("BEGIN:X-SECRET", "SUMMARY:hidden", "END:X-SECRET", "CONTACT:hidden too", "DTEND:tomorrow@noon"))
    assert "hidden" not in text
    assert "DTEND" not in text


@pytest.mark.parametrize("text", ["", "Hello", "BEGIN:VCARD\r\nEND:VCARD", "BEGIN:VCALENDAR" + "\r\nX:y" * 30_000])
def test_what_is_no_calendar_or_too_much_of_one_is_not_understood(text: str) -> None:
    assert crossing_calendar(text, TheTwo(), SEAL, CONVERSATION) is None or "X:y" not in crossed(text)


def test_lines_are_folded_at_75_octets_and_never_inside_a_character() -> None:
    text = crossed(an_invitation("SUMMARY:" + "Zażółć gęślą jaźń 😀 " * 20))
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


def test_an_answer_from_a_mailbox_that_nobody_knows_is_the_writers() -> None:
    """LEAK-66: many calendars belong to another mailbox than the one that people write from; an answer names who gives it."""
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", "UID:1"),
        *("ORGANIZER:mailto:somebody@calendars.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:marco@private.example"),
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    crossed = crossing_calendar("\r\n".join(lines), TheTwo(), SEAL, CONVERSATION)
    assert crossed is not None
    [event] = icalendar.Calendar.from_ical(crossed).walk("VEVENT")
    assert (str(event["ORGANIZER"]), str(event["ATTENDEE"])) == (f"mailto:{CUSTOMER_ALIAS}", f"mailto:{PARTNER_ALIAS}")
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED"
