"""The receipt for an answer by mail, and the page that takes it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.reading import body, one_line, read
from support.renditions import HOUSE
from support.world import CUSTOMER_ADDRESS, NOW, PARTNER_ADDRESS, a_conversation, a_party

from relay.booking.situation import Act
from relay.correspondence.languages import moment
from relay.correspondence.link_page import LinkPage
from relay.correspondence.receipt import READ_AS, Receipt, Says, receipt, undo_page
from relay.values import Language, MessageId, MsgId, Role

UNDO = "https://relay.example.com/answers/q0Zk3J9vS1o2b7_yXcR4tUeWnMaLpDfG"
DUE = NOW + timedelta(minutes=15)


def letter(
    says: Says, language: Language = Language.EN, act: Act | None = None, subject: str = "Re: A new request", undo: str = ""
) -> bytes:
    writer = a_party(Role.PARTNER, language=language)
    of = Receipt(
        says, writer, a_conversation(partner=writer), MessageId("m1"), subject, NOW, act, DUE, undo, MsgId("one@tours.example")
    )
    return receipt(of, HOUSE, now=NOW, message_id=MsgId("r1@reply.example.com"))


@pytest.mark.parametrize("says", Says)
@pytest.mark.parametrize("language", Language)
def test_a_receipt_is_a_whole_mail_in_the_writers_language_that_tells_nobody(says: Says, language: Language) -> None:
    act = Act.ACCEPT if says in {Says.WAITS, Says.AT_ONCE} else None
    content = letter(says, language, act)
    mail = read(content)
    assert mail["Content-Language"] == language.value
    assert (mail["Auto-Submitted"], mail["In-Reply-To"]) == ("auto-replied", "<one@tours.example>")
    assert content.isascii()
    for address in (PARTNER_ADDRESS, CUSTOMER_ADDRESS):
        assert address not in content.decode("ascii")
    assert "{" not in body(mail, "plain")
    assert "GYG" in body(mail, "plain") or "m1" in body(mail, "plain")


@pytest.mark.parametrize("act", READ_AS)
def test_it_says_what_was_read_when_it_is_carried_out_and_how_to_take_it_back(act: Act) -> None:
    text = one_line(body(read(letter(Says.WAITS, act=act, undo=UNDO)), "plain"))
    assert moment(DUE, Language.EN) in text
    assert UNDO in text
    assert UNDO in body(read(letter(Says.WAITS, act=act, undo=UNDO)), "html")


def test_what_the_writer_put_into_the_subject_stays_text() -> None:
    content = letter(Says.NOTHING, subject="x\r\nBcc: evil@example.com\r\n<script>alert(1)</script> me@tours.example")
    mail = read(content)
    assert mail["Bcc"] is None
    assert "<script" not in body(mail, "html")
    assert "me@tours.example" not in content.decode("ascii")


@pytest.mark.parametrize("language", Language)
def test_the_page_asks_while_it_is_open_and_tells_how_it_ended_afterwards(language: Language) -> None:
    def page(*, is_open: bool, is_undone: bool = False) -> LinkPage:
        return undo_page(Act.ACCEPT, DUE, language, is_open=is_open, is_undone=is_undone, token="t", version=1)

    asks, undone, late = page(is_open=True), page(is_open=False, is_undone=True), page(is_open=False)
    assert asks.form is not None
    assert {undone.form, late.form} == {None}
    assert len({one.headline for one in (asks, undone, late)}) == 3
