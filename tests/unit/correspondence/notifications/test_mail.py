"""Each mail of the catalogue, in each language, says what it must and nothing more (booking.md, "Notification catalogue")."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import pytest
from support.notified import (
    ANSWERS,
    CUSTOMER,
    EVERY,
    HOUSE,
    NOW,
    OPERATOR,
    OUR_ID,
    PARTNER,
    a_matter,
    links,
    recipient,
    written,
)
from support.reading import Visible, body, one_line, read

from relay.booking.notification import Notification, To
from relay.correspondence import footer
from relay.correspondence.notifications import asking, buttons, phrases, wording
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.sheet import WORDINGS, wording_of
from relay.correspondence.notifications.thread import thread_of
from relay.correspondence.notifications.voice import Voice
from relay.correspondence.notifications.wording import When
from relay.message.automatic import may_be_answered
from relay.message.parse import parse
from relay.values import Language

N = Notification
OURS = {str(CUSTOMER), str(PARTNER), str(ANSWERS), HOUSE.noreply}
ADDRESS = re.compile(r"[^\s<>\"';,():]+@[^\s<>\"';,()]*[^\s<>\"';,().]")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader gets it."""

    matter: Matter
    raw: bytes
    header: dict[str, str]
    text: str
    page: str
    shown: str
    links: tuple[str, ...]
    tags: frozenset[str]


@cache
def a_letter(says: Notification, to: To, language: Language) -> Letter:
    matter = a_matter(says, to, language)
    raw = written(matter)
    message = read(raw)
    assert not [defect for part in message.walk() for defect in part.defects]
    page = body(message, "html")
    visible = Visible(page)
    return Letter(
        *(matter, raw, {name: str(value) for name, value in message.items()}, body(message, "plain"), page),
        *(one_line(visible.text), tuple(visible.links), frozenset(visible.tags)),
    )


EACH = pytest.mark.parametrize(("says", "to"), EVERY, ids=[f"{says.value}-{to.value}" for says, to in EVERY])
EVERY_WAY = pytest.mark.parametrize(
    ("says", "to", "language"),
    [
        pytest.param(
            *(says, to, language),
            id=f"{says.value}-{to.value}-{language.value}",
            marks=[pytest.mark.slow] if (number + turn) % 6 else [],
        )
        for number, (says, to) in enumerate(EVERY)
        for turn, language in enumerate(Language)
    ],
)
"""Each mail in each language. The fast tests have one of the six, in turn."""


def test_every_mail_of_the_catalogue_has_its_words_and_none_has_no_place_in_it() -> None:
    assert set(WORDINGS) == set(EVERY)
    assert {says for says, _ in EVERY} == set(N)


@EVERY_WAY
def test_every_mail_has_what_the_catalogue_asks_of_every_mail(says: Notification, to: To, language: Language) -> None:
    """Reference, offer, variant, date and time with the zone's name, duration, place, people, lines, options, discount, total,
    support, the link to the booking; in text and HTML (OR-16, OR-17, GY-26)."""
    letter = a_letter(says, to, language)
    matter, voice = letter.matter, voice_of(letter.matter)
    terms = matter.booking.terms
    assert terms.occasion is not None
    for content in (one_line(letter.text), letter.shown):
        assert "{" not in content
        assert "None" not in content
        told = [
            *(matter.booking.reference, matter.product.offer, matter.product.variant, "Europe/Rome, UTC+2", "2026, 18:00"),
            *(terms.place, *terms.options, *terms.note.splitlines(), *(line.text for line in terms.lines)),
            *(one.text for one in terms.discounts),
            *(voice.counted(wording.PEOPLE, 2), voice.counted(("{count} hour", "{count} hours"), 2)),
            *(voice.said(wording.TOTAL_LABEL), known_of(matter)["total"], HOUSE.brand),
        ]
        assert [one for one in told if one_line(one) not in content] == []
    assert one_line(voice.said(footer.SUPPORT_PATH)) in one_line(letter.text)
    assert bool(matter.links.booking) is (to is not To.OPERATOR), "the pages are those of parties"
    for link in filter(None, (matter.links.booking, HOUSE.support_url)):
        assert link in letter.text.split()
        assert link in letter.links
    assert f'lang="{language.value}"' in letter.page


@EVERY_WAY
def test_every_mail_has_a_header_that_no_robot_answers_and_that_stays_in_its_thread(
    says: Notification, to: To, language: Language
) -> None:
    """RFC 3834; nobody is asked to answer a mail that nobody reads."""
    letter = a_letter(says, to, language)
    header = letter.header
    thread = thread_of(letter.matter.booking.id, to, HOUSE.domain)
    assert header["From"] == "Example Travel <noreply@reply.example.com>"
    assert header["To"] == (OPERATOR.reveal() if to is To.OPERATOR else str(recipient(to, language).address))
    assert header["Message-ID"] == f"<{OUR_ID}>"
    assert header["In-Reply-To"] == header["References"] == f"<{thread}>"
    assert header["Auto-Submitted"] == "auto-generated"
    assert header["Content-Language"] == language.value
    assert header["Subject"].startswith(voice_of(letter.matter).holding(wording_of(letter.matter).headlines)[0])
    assert header["Subject"].endswith(f"({letter.matter.booking.reference})")
    assert header.get("Reply-To") == (str(ANSWERS) if letter.matter.answers_to else None)
    assert header.keys().isdisjoint({"Cc", "Bcc", "Sender"})
    assert not may_be_answered(parse(letter.raw), "")


@EACH
def test_no_address_but_aliases_and_the_houses_own(says: Notification, to: To) -> None:
    """GY-3. The ids in angle brackets are ours; an operator's own mailbox is an operator's own."""
    letter = a_letter(says, to, Language.EN)
    message = read(letter.raw)
    leaves = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    seen = "\n".join(str(one, "utf-8") for one in leaves if isinstance(one, bytes))
    head = letter.raw.partition(b"\r\n\r\n")[0].decode().replace(OUR_ID, "")
    found = {one.lower() for one in ADDRESS.findall(seen.replace("\r\n ", "") + head)}
    ids = {one for one in found if re.fullmatch(r"(booking-)?[0-9a-f]{32}@reply\.example\.com", one)}
    assert found - ids <= OURS | ({OPERATOR.reveal()} if to is To.OPERATOR else set())


@EVERY_WAY
def test_a_mail_is_seven_bits_in_short_lines_and_its_page_fetches_nothing(says: Notification, to: To, language: Language) -> None:
    letter = a_letter(says, to, language)
    assert letter.raw.isascii()
    assert letter.raw.count(b"\n") == letter.raw.count(b"\r") == letter.raw.count(b"\r\n")
    assert all(len(line) <= 998 for line in letter.raw.split(b"\r\n"))
    assert all(len(line) <= 72 for line in letter.text.split("\n") if "://" not in line and "@" not in line)
    assert "\n\n\n" not in letter.text
    assert letter.tags <= set("html head meta title style body table tr td h1 h2 p b s br bdi a span".split())
    assert not re.search(r"url\(|@import|<link", letter.page)
    # Gmail cuts what is longer.
    assert len(letter.page.encode()) < 60_000


@dataclass(frozen=True, slots=True)
class Must:
    """What a mail has to contain besides: sentences, as the code has them, and values."""

    sentences: tuple[str, ...]
    fields: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def said(*sentences: When | str) -> tuple[str, ...]:
    return tuple(one.sentence if isinstance(one, When) else one for one in sentences)


LABELS: Final = said(buttons.ACCEPT_REQUEST.label, buttons.DECLINE_REQUEST.label, buttons.CONTACT_CUSTOMER.label)
MUST: Final[dict[tuple[Notification, To], Must]] = {
    (N.NEW_REQUEST, To.PARTNER): Must(
        (*LABELS, "Without an answer by {answer_by}, the request lapses by itself."),
        ("answer_by",),
        ("accept", "decline", "contact"),
    ),
    (N.REQUEST_RECEIVED, To.CUSTOMER): Must(said(phrases.NOT_A_BOOKING, asking.IN_TOUCH), ("answer_by",)),
    (N.RESERVED, To.CUSTOMER): Must(
        said(wording.RESERVED_UNTIL, phrases.FIRM_PURCHASE, buttons.CANCEL_RESERVATION.label, "Your reservation is made"),
        ("deadline", "outstanding"),
        ("pay", "cancel"),
    ),
    (N.PARTNER_WRITES, To.CUSTOMER): Must(said(wording.WRITTEN_TITLE, buttons.ANSWER.label), (), ("answer",)),
    (N.PARTNER_WRITES, To.PARTNER): Must(
        said(wording.CUSTOMER_WROTE_TITLE, buttons.CONTACT_CUSTOMER.label), (), ("contact", "accept", "decline")
    ),
    (N.COUNTER_OFFER, To.CUSTOMER): Must(
        said(wording.CHANGES_TITLE, "The offer is valid until {answer_by}.", buttons.REFUSE_OFFER.label),
        ("answer_by", "total"),
        ("accept", "decline"),
    ),
    (N.COUNTER_OFFER, To.PARTNER): Must(said(wording.CHANGES_TITLE), ("total",), ("accept", "decline", "counter")),
    (N.PLEASE_PAY, To.CUSTOMER): Must(
        said(phrases.NOT_CONFIRMED, phrases.PAY_BY, wording.OUTSTANDING_LABEL), ("outstanding", "deadline"), ("pay",)
    ),
    (N.DECLINED, To.CUSTOMER): Must(said(wording.REASON_TITLE, phrases.ASK_AGAIN), (), ("ask_again",)),
    (N.WITHDRAWN, To.PARTNER): Must(said(wording.REASON_TITLE)),
    (N.BOOKED, To.CUSTOMER): Must(
        said(
            *(wording.TO_PARTNER_TITLE, wording.CONTACT_UNTIL, wording.VOUCHER_TITLE, wording.INSTRUCTION_TITLE),
            *(wording.TERMS_TITLE, wording.TIER_NONE, "The calendar entry is attached."),
        ),
        ("alias", "closed", "paid", "instruction_due"),
        ("voucher",),
    ),
    (N.ACCEPTANCE_WITHDRAWN, To.CUSTOMER): Must(
        said(
            "Please do not pay any more. The payment link in our earlier mail no longer works.",
            wording.REASON_TITLE,
        )
    ),
    (N.BOOKED_AND_PAID, To.PARTNER): Must(said(wording.TO_CUSTOMER_TITLE, "{paid} has been paid."), ("alias", "paid", "closed")),
    (N.PAYMENT_FAILED, To.CUSTOMER): Must(said(phrases.PAY_BY, buttons.PAY_AGAIN.label), ("deadline", "outstanding"), ("pay",)),
    (N.PAID_TOO_LATE, To.CUSTOMER): Must(said(phrases.REFUND_TIME), ("amount", "refund_days")),
    (N.PAID_TOO_LATE, To.PARTNER): Must(said(phrases.NOTHING_TO_DO), ("amount",)),
    (N.TERM_EXTENDED, To.CUSTOMER): Must(said("Your reservation is extended"), ("deadline", "old_deadline"), ("pay",)),
    (N.RELEASED, To.CUSTOMER): Must(
        said("Your reservation is released", buttons.RESERVE_AGAIN.label), ("old_deadline",), ("book_again",)
    ),
    (N.RELEASED, To.PARTNER): Must(said(phrases.FREE_AGAIN), ("old_deadline",)),
    (N.REQUEST_EXPIRED, To.CUSTOMER): Must(
        said("An expired request cannot be moved to another date.", buttons.ASK_AGAIN.label), (), ("ask_again",)
    ),
    (N.REQUEST_EXPIRED, To.PARTNER): Must(
        said("The request was not settled in time. It can no longer be accepted or moved to another date.")
    ),
    (N.RESCHEDULED, To.CUSTOMER): Must(said(wording.CHANGES_TITLE), ("alias", "closed")),
    (N.RESCHEDULED, To.PARTNER): Must(said(wording.CHANGES_TITLE), ("alias", "closed")),
    (N.ACTION_CHANGED, To.CUSTOMER): Must(
        said(wording.INSTRUCTION_DONE_TITLE, "The provider has confirmed that it is done."), (), ("voucher",)
    ),
    (N.CANCELLED, To.CUSTOMER): Must(
        said("As you wished, your booking was cancelled.", wording.REASON_TITLE, phrases.REFUND_TIME), ("amount", "paid", "rule")
    ),
    (N.CANCELLED, To.PARTNER): Must(
        said("The customer has cancelled the booking.", wording.REASON_TITLE), ("amount", "paid", "rule")
    ),
    (N.REFERRED_TO_PARTNER, To.CUSTOMER): Must(
        said("What the provider asked of you is done already, and binds you to the provider directly."), ("alias",)
    ),
    (N.REFUND_SENT, To.CUSTOMER): Must(said(phrases.REFUND_TIME, wording.REFUNDED_LABEL), ("amount", "paid", "refund_days")),
    (N.REFUND_SENT, To.PARTNER): Must(said(phrases.REFUND_TIME, wording.REFUNDED_LABEL), ("amount", "paid", "refund_days")),
    (N.REFUND_FAILED, To.PARTNER): Must(
        said("The balance of your payment account is too low for it.", "We try again by ourselves."),
        ("amount",),
        ("booking",),
    ),
    (N.REFUND_FAILED, To.OPERATOR): Must(said("The balance of the provider's payment account is too low for it."), ("amount",)),
    (N.COMPLETED, To.CUSTOMER): Must(said(buttons.REVIEW.label), ("alias", "closed")),
    (N.CONVERSATION_CLOSED, To.CUSTOMER): Must(
        said("The address of the provider for this booking no longer accepts messages."), ("closed",)
    ),
    (N.CONVERSATION_CLOSED, To.PARTNER): Must(
        said("The address of the customer for this booking no longer accepts messages."), ("closed",)
    ),
    (N.REQUEST_UNANSWERED, To.PARTNER): Must(LABELS, ("waited", "answer_by"), ("accept", "decline", "counter", "contact")),
    (N.UNPAID, To.CUSTOMER): Must(said(phrases.PAY_BY, buttons.PAY.label), ("outstanding", "deadline"), ("pay", "cancel")),
    (N.UNPAID, To.PARTNER): Must(
        said("What to do is your decision: you can write to the customer, go on waiting, or cancel."),
        ("outstanding", "deadline"),
        ("contact", "cancel"),
    ),
    (N.ACTION_OPEN, To.CUSTOMER): Must(said(wording.INSTRUCTION_TITLE), ("instruction_due",), ("voucher",)),
}
"""The fourth column of the catalogue."""


@EVERY_WAY
def test_a_mail_contains_what_the_catalogue_asks_of_it(says: Notification, to: To, language: Language) -> None:
    """SL-5, SL-6, SL-7, SL-10, SL-11, SL-15, SL-16, SL-18, SL-20, SL-22, SL-23, SL-24, SL-25, SL-29, SL-30, SL-31, OR-13, OR-15,
    OR-16, OR-17, OR-19, OR-36, OR-37, ST-2, ST-9, ST-15, ST-B2, ST-B5, SV-3, SV-5, SV-11, SV-13, SV-18, SV-19, SV-B4, GY-15,
    GY-17, GY-25, GY-26, GY-27."""
    letter, must = a_letter(says, to, language), MUST[says, to]
    voice, fields = voice_of(letter.matter), known_of(letter.matter)
    wanted = [*(voice.said(one) for one in must.sentences), *(fields[one] for one in must.fields)]
    for content in (one_line(letter.text), letter.shown):
        assert [one for one in wanted if one_line(one) not in content] == []
    for name in must.links:
        link = getattr(letter.matter.links, name)
        assert link.startswith("https://")
        assert link in letter.text.split()
        assert link in letter.links


@pytest.mark.parametrize("says", [N.ACTION_CHANGED, N.ACTION_OPEN])
@pytest.mark.parametrize("language", [Language.EN, Language.DE])
def test_nothing_is_said_of_a_voucher_where_none_can_be_looked_at(says: Notification, language: Language) -> None:
    """SV-18: what is done stands in the mail itself, and on the booking's page."""
    text = body(read(written(a_matter(says, To.CUSTOMER, language, links=links(), voucher=""))), "plain")
    assert not {"voucher", "gutschein"} & set(text.lower().replace(".", " ").split())
    assert links().booking in text.split()


@EACH
def test_what_was_written_stands_in_the_mail_as_it_was_written(says: Notification, to: To) -> None:
    """OR-37: beside "Reason", verbatim, escaped."""
    letter = a_letter(says, to, Language.EN)
    for text in filter(None, (letter.matter.reason, letter.matter.written)):
        for content in (one_line(letter.text), letter.shown):
            assert one_line(text) in content
        assert ("day &amp; the" in letter.page) is ("day & the" in text)


@pytest.mark.parametrize(("says", "to"), [one for one in EVERY if one[0] in {N.DECLINED, N.WITHDRAWN, N.CANCELLED}])
@pytest.mark.parametrize("language", [Language.EN, Language.PL])
def test_without_a_reason_there_is_no_line_for_it(says: Notification, to: To, language: Language) -> None:
    """OR-37"""
    matter = a_matter(says, to, language, reason=" \n ")
    text = body(read(written(matter)), "plain")
    assert voice_of(matter).said(wording.REASON_TITLE) + ":" not in text


def test_the_other_side_is_named_as_the_house_shows_names_and_not_at_all_without_one() -> None:
    """GW-40"""
    assert "Customer: Marta\n" in a_letter(N.BOOKED_AND_PAID, To.PARTNER, Language.EN).text
    nameless = body(read(written(a_matter(N.BOOKED_AND_PAID, To.PARTNER, other_name=""))), "plain")
    assert "Customer:" not in nameless


def test_only_who_is_elsewhere_gets_the_time_in_their_own_zone() -> None:
    customer = a_letter(N.BOOKED, To.CUSTOMER, Language.EN).text
    assert "In your time zone: Sunday, 21 June 2026, 12:00–14:30 (America/New_York, UTC−4)" in one_line(customer)
    assert "In your time zone" not in a_letter(N.BOOKED_AND_PAID, To.PARTNER, Language.EN).text


def test_the_review_is_asked_for_after_it_took_place_and_nowhere_else() -> None:
    """GY-27"""
    asked = {says for says, to in EVERY if "https://example.com/review" in a_letter(says, to, Language.EN).text}
    assert asked == {N.COMPLETED}


def test_the_terms_and_the_help_of_the_house_are_linked() -> None:
    """GY-28, SL-31: for providers, in their mails alone."""
    for says, to in EVERY:
        text = a_letter(says, to, Language.EN).text
        assert ("https://example.com/terms" in text) is (to is To.PARTNER)
        assert ("https://example.com/help" in text) is (to is To.PARTNER)


def test_an_alias_is_shown_from_the_confirmation_on_and_not_once_it_is_closed() -> None:
    """GY-6, GY-17"""
    showing = {says for says, to in EVERY if str(PARTNER) in a_letter(says, to, Language.EN).text and to is To.CUSTOMER}
    assert showing == {
        *(N.BOOKED, N.RESCHEDULED, N.ACTION_CHANGED, N.CANCELLED, N.REFERRED_TO_PARTNER, N.REFUND_SENT, N.COMPLETED),
        N.ACTION_OPEN,
    }


@pytest.mark.parametrize("language", Language)
def test_the_words_that_answer_a_request_by_mail_are_clear_words(language: Language) -> None:
    from relay.booking.answer import Accepts, Declines, clear_word

    text = voice_of(a_matter(N.NEW_REQUEST, To.PARTNER, language)).said(said(asking.BY_MAIL)[0])
    accept, decline = re.findall(r"[“„«]\s?(.+?)\s?[”“»]", text)
    assert isinstance(clear_word(accept), Accepts)
    assert clear_word(f"{decline} x y") == Declines("x y")


def test_a_mail_that_can_be_answered_says_so_and_any_other_that_it_cannot() -> None:
    for says, to in EVERY:
        letter = a_letter(says, to, Language.EN)
        assert ("You can reply to it" in one_line(letter.text)) is (letter.matter.answers_to is not None)
        assert ("Please do not reply to it" in one_line(letter.text)) is (letter.matter.answers_to is None)


def test_the_same_matter_gives_the_same_octets() -> None:
    """What is retried is the very same mail (invariant 8)."""
    assert written(a_matter(N.BOOKED, To.CUSTOMER)) == a_letter(N.BOOKED, To.CUSTOMER, Language.EN).raw


def known_of(matter: Matter) -> dict[str, str]:
    return known(matter, HOUSE, NOW)


def voice_of(matter: Matter) -> Voice:
    return Voice(matter, known_of(matter))


def test_where_nothing_is_to_be_said_there_is_no_gap() -> None:
    """Goods that cost nothing: neither a time nor a payment to tell of."""
    matter = a_matter(N.BOOKED, To.CUSTOMER)
    terms = replace(matter.booking.terms, lines=(), discounts=(), occasion=None)
    mail = read(written(replace(matter, booking=replace(matter.booking, terms=terms), account=None)))
    assert "\n\n\n" not in body(mail, "plain")
