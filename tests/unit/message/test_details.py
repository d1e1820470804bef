"""Contact details under each switch: texts, pages, links, subjects, calendars, attached texts (LEAK-24, LEAK-25, LEAK-31)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mails import a_mail, with_files
from support.masking import HER_ALIAS, HERS, HIS_ALIAS, a_masker
from support.world import CUSTOMER_ALIAS, DOMAIN, NOW, a_conversation

from relay.message.anonymise import Anonymised, anonymised
from relay.message.html import scrubbed_html
from relay.message.masked import Kind, Left
from relay.message.parse import parse
from relay.message.phrases import PHRASES
from relay.message.seal import Seal
from relay.message.terms import STANDARD, Style, Terms
from relay.message.treatment import RECORDED, Treatment, Treatments
from relay.values import Language, MessageId, MsgId

PHONE = "[phone number removed]"
IBAN = "[bank account removed]"
LINK = "[link removed]"
ACCOUNT = "PL61 1090 1014 0000 0712 1981 2874"

TEXTS = [
    ("ring +48 600 100 200.", f"ring {PHONE}.", Kind.PHONE),
    ("tel:+48600100200", f"tel:{PHONE}", Kind.PHONE),
    ("me: https://wa.me/48600100200", f"me: {LINK}", Kind.LINK),
    (f"pay to {ACCOUNT} please", f"pay to {IBAN} please", Kind.IBAN),
    ("see https://shop.example.org/a?b=1.", f"see {LINK}.", Kind.LINK),
    ("see www.shop.example.org/a, or", f"see {LINK}, or", Kind.LINK),
    ("join https://meet.example.net/j/1234567890?pwd=QUJD", f"join {LINK}", Kind.LINK),
    ("(HTTPS://SHOP.EXAMPLE.ORG)", f"({LINK})", Kind.LINK),
]
OURS = [
    "https://reply.example.com/x",
    "https://pages.reply.example.com/x",
    "https://support.example.org/help?x=600-100-200",
    "www.support.example.org",
]
HARMLESS = [
    f"{HER_ALIAS} and {HIS_ALIAS}",
    "2 @ 5 EUR, 10% off @ noon, @handle, user@host, git@github.com:a/b.git",
    "gmail.com is a provider; example.org too; v1.2.3; README.md",
    "48.8584° N, 2.2945° E at 10:30; ref. 12/345-A; 01.06.2026 10:30-12:00; 1 234 567,89 EUR; order 600 100 200",
    "GYG4K7Q2X9ABC, 4711-0815-2026, 4111 1111 1111 1111, PL61 1090 1014 0000 0712 1981 2875, Meeting ID: 837 4738 4738",
    "From: here to eternity\nFrom Monday on\n.dot\n..two",
    "👩‍💻 Ünïcödé \u200fעברית\u200f 漢字 кириллица\u00a0nbsp \u202aLRE\u202c a\u00adb",
    "code: x = a[i] @ b; def f(*args): return {'k': v}; 0x7f; 1e10; 127.0.0.1:8080",
    *OURS,
]
STAYING = [Treatment.KEEP, Treatment.MARK, Treatment.HOLD]


@pytest.mark.parametrize(("text", "expected", "kind"), TEXTS)
def test_what_is_masked_becomes_a_phrase_and_what_is_marked_is_only_told(text: str, expected: str, kind: Kind) -> None:
    masked = a_masker(details=Treatment.MASK).mask(text)
    if "wa.me" in text:
        expected, kind = expected.replace(LINK, PHONE), Kind.PHONE
    assert (masked.text, masked.removals) == (expected, (kind,))
    for treatment in STAYING:
        told = (Left(kind, treatment),) if treatment in RECORDED else ()
        stayed = a_masker(details=treatment).mask(text)
        assert (stayed.text, stayed.removals) == (text, told)


@pytest.mark.parametrize("treatment", Treatment)
@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_detail_is_harmed_and_told_under_no_switch(text: str, treatment: Treatment) -> None:
    """LEAK-31."""
    masked = a_masker(details=treatment, unknown=treatment).mask(text)
    assert (masked.text, masked.removals) == (text, ())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*HARMLESS, *(text for text, _, _ in TEXTS), f"x {HERS} y"]), min_size=1, max_size=5))
def test_masking_details_twice_is_masking_them_once_and_leaves_the_rest(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    masker = a_masker(details=Treatment.MASK)
    once = masker.mask(text).text
    assert masker.mask(once).text == once
    assert [piece for piece in pieces if piece in HARMLESS and piece not in once] == []
    for treatment in STAYING:
        assert a_masker(details=treatment).mask(text).text == text.replace(HERS, HER_ALIAS)


@pytest.mark.parametrize("language", Language)
def test_the_phrases_are_in_the_readers_language(language: Language) -> None:
    phrases = PHRASES[language]
    masked = a_masker(details=Treatment.MASK, language=language).mask(f"+48 600 100 200 {ACCOUNT}; https://a.example.org")
    assert masked.text == f"[{phrases.phone}] [{phrases.iban}]; [{phrases.link}]"


def test_a_link_that_is_cleaned_is_marked_too() -> None:
    masked = a_masker(details=Treatment.HOLD).mask(f"https://t.example.net/?u={HERS}&k=2")
    assert masked.text == "https://t.example.net/?k=2"
    assert masked.removals == (Kind.LINK, Left(Kind.LINK, Treatment.HOLD))


PAGES = [
    ("<p>ring +48 <b>600 <i>100</i></b> 200 now</p>", f"<p>ring {PHONE}<b><i></i></b> now</p>"),
    ('<a href="tel:+48600100200">call</a>', "<a>call</a>"),
    ('<a href="https://shop.example.org/x">shop</a>', "<a>shop</a>"),
    ('<a href="https://wa.me/48600100200">me</a>', "<a>me</a>"),
    ('<a href="https://shop.example.org/">https://shop.example.org/</a>', f"<a>{LINK}</a>"),
    (f"<td>{ACCOUNT[:9]}</td>".replace("td", "span") + ACCOUNT[9:], f"<span>{IBAN}</span>"),
    ('<a href="https://support.example.org/">help</a>', '<a href="https://support.example.org/">help</a>'),
    ('<p title="+48 600 100 200">x</p>', f'<p title="{PHONE}">x</p>'),
    ('<p style="margin:600px 100px 200px">x</p>', '<p style="margin:600px 100px 200px">x</p>'),
]


def body_of(page: str) -> str:
    found = re.search(r"<body>(.*)</body>", page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("page", "expected"), PAGES)
def test_pages_are_masked_across_elements_and_in_their_links(page: str, expected: str) -> None:
    """LEAK-44."""
    masked = scrubbed_html(page, a_masker(details=Treatment.MASK), {})
    assert body_of(masked.text) == expected
    for treatment in STAYING:
        stayed = scrubbed_html(page, a_masker(details=treatment), {})
        assert body_of(stayed.text) == page
        assert bool(stayed.removals) is (treatment in RECORDED and page != expected)
        assert all(isinstance(one, Left) for one in stayed.removals)


def crossed(content: bytes, treatments: Treatments) -> Anonymised:
    conversation = a_conversation()
    terms = Terms(
        conversation=conversation,
        writer=conversation.partner,
        reader=replace(conversation.customer, language=Language.EN),
        message_id=MsgId(f"m@{DOMAIN}"),
        in_reply_to=(),
        references=(),
        footer=("Help: https://example.com/support, +48 600 100 200",),
        hosts=(),
        automatic=False,
        trace=MessageId("m"),
        now=NOW,
    )
    return anonymised(parse(content), terms, Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), treatments=treatments))


INVITATION = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260601T103000Z\r\n"
    b"DESCRIPTION:ring +48 600 100 203\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
EVERYWHERE = with_files(
    a_mail(to=str(CUSTOMER_ALIAS), subject="Call +48 600 100 200", text="nothing\n"),
    ("+48 600 100 201.txt", b"name;phone\r\nx;+48 600 100 202\r\n"),
    ("invite.ics", INVITATION),
)


def test_subjects_files_their_names_and_calendars_follow_the_switch_and_our_footer_does_not() -> None:
    """LEAK-52, LEAK-66."""
    masked = crossed(EVERYWHERE, Treatments(phone_numbers=Treatment.MASK))
    assert re.findall(rb"\+48 600 100 20\d", masked.content) == [b"+48 600 100 200"]  # the footer's
    told = [(one.kind, one.place) for one in masked.removed if one.kind != "file name"]
    assert told == [("phone number", place) for place in ("application/octet-stream", "application/octet-stream", "Subject")]
    held = crossed(EVERYWHERE, Treatments(phone_numbers=Treatment.HOLD))
    places = ["application/octet-stream", "file name", "application/octet-stream", "Subject"]
    assert [(one.kind, one.place) for one in held.holding] == [("phone number", place) for place in places]
    assert crossed(EVERYWHERE, STANDARD).holding == ()
