"""The question to a party: the mail, and the page behind its link (GW-6, GW-12, GW-52, GW-53)."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS, a_conversation, a_party

from relay.correspondence.house import House
from relay.correspondence.question import Matter, Sheet, no_such_question, question_letter, question_page
from relay.transit.question import Doubt
from relay.values import Language, MessageId, MsgId, RealAddress, Role

BRAND = House("Example Travel", DOMAIN, "https://example.com/support")
STRANGER = RealAddress("x@second.example")
LINK = "https://relay.example.com/questions/" + "s" * 43


def a_matter(language: Language = Language.EN, address: RealAddress = STRANGER, doubt: Doubt = Doubt.UNKNOWN) -> Matter:
    party = a_party(Role.PARTNER, language=language)
    return Matter(party, a_conversation(partner=party), address, doubt, MessageId("m1"), NOW, LINK)


def written(matter: Matter) -> EmailMessage:
    octets = question_letter(matter, BRAND, now=NOW, message_id=MsgId(f"id1@{DOMAIN}"))
    assert octets.isascii()
    assert octets.replace(b"\r\n", b"").count(b"\n") == 0
    mail = message_from_bytes(octets, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content if kind == "plain" else LexborHTMLParser(content).body.text()  # type: ignore[union-attr]  # a page has one


def test_a_question_goes_to_the_alias_of_the_party_and_asks_for_no_automatic_answer() -> None:
    """GW-53, RFC 3834"""
    mail = written(a_matter())
    matter = a_matter()
    assert mail["To"].addresses[0].addr_spec == str(matter.party.alias)
    assert mail["From"].addresses[0].addr_spec == f"noreply@{DOMAIN}"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert (mail["In-Reply-To"], mail["Reply-To"], mail["Message-ID"]) == (None, None, f"<id1@{DOMAIN}>")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_names_who_wrote_on_which_booking_until_when_to_answer_and_nobody_else(language: Language, kind: str) -> None:
    """GW-6, LEAK-86"""
    matter = a_matter(language)
    text = text_of(written(matter), kind)
    for word in (STRANGER.reveal(), matter.conversation.reference, "2026, 12:00 UTC", "m1"):
        assert word in text, word
    whole = question_letter(matter, BRAND, now=NOW, message_id=MsgId(f"id1@{DOMAIN}")).decode()
    assert not [word for word in (PARTNER_ADDRESS, CUSTOMER_ADDRESS, "Zofia", "Kowalska") if word in whole + text]
    body = written(matter).get_body((kind,))
    assert body is not None
    assert LINK in body.get_content()


def test_in_english_it_asks_in_these_words() -> None:
    """GW-6"""
    said = " ".join(text_of(written(a_matter())).split())
    assert "Somebody wrote from x@second.example on booking GYG4K7Q2X9ABC. Is it you?" in said
    assert "until 4 June 2026, 12:00 UTC" in said


@pytest.mark.parametrize(
    ("doubt", "is_known", "is_kept"),
    [
        (Doubt.UNKNOWN, False, True),
        (Doubt.FROM_ELSEWHERE, True, True),
        (Doubt.FROM_ANYWHERE, True, False),
    ],
)
def test_it_says_why_it_asks_and_promises_to_remember_only_what_will_be(doubt: Doubt, is_known: bool, is_kept: bool) -> None:
    """GW-6, GW-12: where nobody sees where mail comes from, a yes is about one message."""
    matter = a_matter(address=RealAddress(PARTNER_ADDRESS), doubt=doubt)
    said = " ".join(text_of(written(matter)).split())
    page = question_page(Sheet.OPEN, matter, "")
    assert ("its domain offers no means to check" in said) is is_known
    assert ("recognise you the next time" in said) is is_kept
    assert ("We ask about each message" in said) is not is_kept
    assert (page.yes_explained != "We send the message now.") is is_kept
    # An address that others misuse is theirs all the same.
    assert bool(page.stop_asking) is not is_known


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("<b>@x.example".replace("<", "_").replace(">", "_"), "_b_@x.example"),
        ("ann\u202eelpmaxe@x.example", "annelpmaxe@x.example"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("a" * 150 + "@x.example", "a" * 99 + "\u2026"),
    ],
)
def test_a_hostile_address_stays_one_short_word(address: str, shown: str) -> None:
    """LEAK-8: no turned reading direction, no look-alike domain."""
    page = question_page(Sheet.OPEN, a_matter(address=RealAddress(address)), "")
    assert page.rows[0][1] == shown


@pytest.mark.parametrize("language", Language)
def test_the_page_offers_two_answers_while_the_question_is_open_and_none_afterwards(language: Language) -> None:
    pages = {sheet: question_page(sheet, a_matter(language), "Hello") for sheet in Sheet if sheet is not Sheet.UNKNOWN}
    assert [sheet for sheet, page in pages.items() if page.yes or page.no] == [Sheet.OPEN]
    assert all(page.language == language.value and page.headline and page.sentences for page in pages.values())
    assert len({page.headline for page in pages.values()}) == len(pages)
    assert no_such_question(language).rows == ()


def test_the_page_shows_the_subject_made_fit_and_the_mail_does_not() -> None:
    subject = "Pay\r\nBcc: all@x.example https://evil.example"
    rows = question_page(Sheet.OPEN, a_matter(), subject).rows
    assert rows[1][1] == "Pay Bcc: \u2026 https://evil.example"
    assert question_page(Sheet.OPEN, replace(a_matter()), "").rows[1][1] == "(no subject)"
