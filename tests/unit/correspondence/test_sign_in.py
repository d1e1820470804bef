"""The mail with a link to sign in: to the known address alone, in its reader's language."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.world import DOMAIN, NOW

from relay.correspondence.house import House
from relay.correspondence.sign_in import Invitation, sign_in_letter
from relay.values import Language, MsgId, RealAddress

HOUSE = House("Example Travel", DOMAIN, "https://example.com/support")
LINK = "https://relay.example.com/sign-in/" + "s" * 43
ZOFIA = RealAddress("zofia@poczta.example")


def written(language: Language = Language.EN) -> EmailMessage:
    invitation = Invitation(ZOFIA, language, NOW, NOW + timedelta(minutes=15), LINK)
    octets = sign_in_letter(invitation, HOUSE, now=NOW, message_id=MsgId(f"id1@{DOMAIN}"))
    assert octets.isascii()
    assert octets.replace(b"\r\n", b"").count(b"\n") == 0
    mail = message_from_bytes(octets, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_it_goes_to_its_reader_and_asks_for_no_automatic_answer() -> None:
    """RFC 3834"""
    mail = written()
    assert mail["To"].addresses[0].addr_spec == ZOFIA.reveal()
    assert mail["From"].addresses[0].addr_spec == f"noreply@{DOMAIN}"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert (mail["Subject"], mail["Message-ID"]) == ("Your link to sign in", f"<id1@{DOMAIN}>")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_forms_hold_the_link_and_say_until_when_it_works(language: Language, kind: str) -> None:
    mail = written(language)
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    assert content.count(LINK) >= 1
    text = content if kind == "plain" else LexborHTMLParser(content).body.text()  # type: ignore[union-attr]  it has one
    assert "12:15 UTC" in " ".join(text.split())
    assert mail["Content-Language"] == language.value


def test_each_language_has_its_own_words() -> None:
    assert len({written(language)["Subject"] for language in Language}) == len(Language)
