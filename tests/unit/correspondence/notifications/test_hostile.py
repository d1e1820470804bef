"""What people write into a mail of ours stays text: no markup, header line, turned direction or address (LEAK-8, CASE-33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from support.leaking import ADDRESS, ALIASES, OWN_ADDRESS, PARTIES
from support.notified import ANSWERS, EVERY, HOUSE, a_matter, written
from support.reading import Visible, body, read

from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.terms import Discount, Line
from relay.booking.texts import Texts
from relay.correspondence.house import House
from relay.correspondence.notifications.matter import Matter
from relay.message.leaks import leaks
from relay.values import Language

N = Notification
HOSTILE = (
    "\u202eexe.fdp\u2066",
    "a\r\nBcc: victim@home.example\r\n\r\nx",
    "</td></table><script>alert(1)</script><img src=https://evil.example/x><style>*{display:none}</style>",
    "=?utf-8?q?=0D=0ABcc=3A_victim?=",
    "x" * 4_000,
    "\x00\x1b[31m \x7f",
    "{alias} {0} %(alias)s {{ page.brand }} {% raw %}",
    '" onclick="alert(1)" href=\'javascript:x\' <!--[if mso]>',
    'END:VEVENT\nBEGIN:VALARM\\n;,:"',
    "Z" + "\u0301" * 500,
)
TAGS = set("html head meta title style body table tr td h1 h2 p b s br bdi a span".split())
DISGUISED = "write to victim@home.example or to victim\uff20home.example"


def with_text(matter: Matter, text: str) -> Matter:
    """`matter`, with `text` wherever somebody can write something."""
    printable = "".join(one for one in text if one.isprintable())[:400].strip() or "x"
    terms = matter.booking.terms
    lines = tuple(replace(one, text=printable) for one in terms.lines)
    discounts = tuple(replace(one, text=printable) for one in terms.discounts)
    hostile = replace(
        terms, lines=lines, discounts=discounts, options=(printable, printable), place=text[:500], note=text[:5_000]
    )
    required = matter.booking.requirement
    assert required is not None
    booking = replace(
        matter.booking, terms=hostile, requirement=replace(required, instruction=Texts.of(Language.EN, text.strip() or "x"))
    )
    return replace(
        matter,
        booking=booking,
        product=replace(matter.product, offer=text, variant=text, duration=text),
        other_name=text,
        reason=text,
        written=text + "x",
        voucher=text,
    )


def read_safely(matter: Matter, house: House = HOUSE) -> tuple[str, str]:
    """The text and the page of the mail about `matter`, after checking that it is built like every other such mail."""
    raw, plain = written(matter, house), written(a_matter(matter.says, matter.recipient.to))
    message, harmless = read(raw), read(plain)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert message.keys() == harmless.keys()
    assert [part.get_content_type() for part in message.walk()] == [part.get_content_type() for part in harmless.walk()]
    assert not [defect for part in message.walk() for defect in part.defects]
    text, page = body(message, "plain"), body(message, "html")
    visible, usual = Visible(page), Visible(body(harmless, "html"))
    assert visible.tags <= TAGS
    assert set(visible.links) == set(usual.links)
    for content in (text, page, str(message["Subject"])):
        assert not set(content) & set("\u202e\u202a\u202b\u202d\u2066\u2067\x00\x1b\x7f")
        assert "victim@" not in content
        assert "victim\uff20" not in content
    if "text/calendar" in {part.get_content_type() for part in message.walk()}:
        calendar = Calendar.from_ical(body(message, "calendar"))
        assert [one.name for one in calendar.walk()][-1] == "VEVENT"
        assert not [error for one in calendar.walk() for error in one.errors]
    return text, page


@pytest.mark.parametrize("text", [*HOSTILE, DISGUISED], ids=range(len(HOSTILE) + 1))
@pytest.mark.parametrize(
    ("says", "to"),
    [pytest.param(*one, marks=[] if number % 12 == 0 else [pytest.mark.slow]) for number, one in enumerate(EVERY)],
)
def test_hostile_words_change_nothing_but_the_words(says: Notification, to: To, text: str) -> None:
    read_safely(with_text(a_matter(says, to), text))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=300), one=st.sampled_from(EVERY))
def test_no_text_at_all_changes_how_a_mail_is_built(text: str, one: tuple[Notification, To]) -> None:
    read_safely(with_text(a_matter(*one), text))


@pytest.mark.parametrize(("says", "to"), [one for number, one in enumerate(EVERY) if number % 5 == 0])
def test_the_second_reading_finds_nobody_in_a_mail_whose_every_text_names_them(says: Notification, to: To) -> None:
    """GY-3, invariant 1: whatever somebody writes, no address gets out by a mail of ours."""
    named = f"Write to {ADDRESS}, <{OWN_ADDRESS.upper()}>, mailto:{ADDRESS} or {OWN_ADDRESS.replace('@', chr(0xFF20))}!"
    raw = written(with_text(a_matter(says, to), named))
    assert leaks(raw, PARTIES, allowed=ALIASES | {str(ANSWERS), HOUSE.noreply}) == ()


def test_a_very_long_text_is_cut_where_nobody_reads_on() -> None:
    known = a_matter(N.PARTNER_WRITES, To.CUSTOMER)
    raw = written(replace(known, written="line\n" * 100_000, reason="word " * 100_000))
    assert len(raw) < 100_000
    assert "…" in body(read(raw), "plain")


def test_many_lines_and_long_lists_stay_a_mail() -> None:
    known = a_matter(N.NEW_REQUEST, To.PARTNER)
    lines = tuple(Line(f"Line {number} {'x' * 400}", 100_000, Money(99_999, "EUR")) for number in range(100))
    discounts = tuple(Discount(f"Less {number}", Money(1, "EUR")) for number in range(100))
    terms = replace(known.booking.terms, lines=lines, discounts=discounts, options=tuple("o" * 500 for _ in range(100)))
    raw = written(replace(known, booking=replace(known.booking, terms=terms)))
    assert len(raw) < 250_000
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_brand_is_no_way_into_the_header_or_the_calendar() -> None:
    house = House('Quo"te; Tra,vel: Ümlaut', "reply.example.com", "https://example.com/support?a=1&b=2")
    message = read(written(a_matter(N.BOOKED, To.CUSTOMER), house))
    assert message["From"].addresses[0].display_name == house.brand
    assert "https://example.com/support?a=1&b=2" in Visible(body(message, "html")).links
    (event,) = Calendar.from_ical(body(message, "calendar")).walk("VEVENT")
    assert event["ORGANIZER"].params["CN"] == house.brand.replace('"', "'")


def test_a_reading_takes_no_longer_for_what_was_made_to_take_long() -> None:
    """Every pass over what people wrote is linear, and bounded."""
    known = a_matter(N.PARTNER_WRITES, To.CUSTOMER)
    for text in ("@" * 400_000, "\u0301" * 400_000, " \t" * 400_000, "<" * 400_000):
        raw = written(replace(known, written=text + "x", reason=text))
        assert len(raw) < 120_000


def test_a_booking_long_ago_says_how_long_it_waits_in_days() -> None:
    known = a_matter(N.REQUEST_UNANSWERED, To.PARTNER)
    old = replace(known, booking=replace(known.booking, created_at=known.booking.created_at - timedelta(days=9)))
    assert "for 10 days" in " ".join(body(read(written(old)), "plain").split())
