"""What the second reading is told about the two who write to each other (LEAK-22, invariant 2)."""

from __future__ import annotations

import pytest
from support.renditions import STYLE, rendered, terms_of
from support.world import DOMAIN, a_conversation, a_party

from relay.conversation import Conversation
from relay.message.leaks import leaks
from relay.message.parse import parse
from relay.values import Role

LETTER = b"Subject: x\r\n\r\nSee www.alpine-tours.example, or https://help.%s/.\r\n" % DOMAIN.encode()


def who_writes_from(address: str) -> Conversation:
    return a_conversation(partner=a_party(Role.PARTNER, addresses=(address,)))


@pytest.mark.parametrize("role", Role)
def test_both_readings_know_the_domain_above_the_one_that_somebody_writes_from(role: Role) -> None:
    mail = parse(LETTER)
    terms = terms_of(mail, writer=role, conversation=who_writes_from("marco@staff.alpine-tours.example"), footer=())
    assert leaks(LETTER, terms.watched(STYLE), allowed=())
    crossed = rendered(mail, terms)
    assert b"alpine-tours" not in crossed.content
    assert crossed.findings == ()


def test_a_house_whose_staff_write_may_still_be_named() -> None:
    mail = parse(LETTER.replace(b"www.alpine-tours.example", b"this"))
    crossed = rendered(mail, terms_of(mail, conversation=who_writes_from(f"tester@staff.{DOMAIN}")))
    assert f"https://help.{DOMAIN}/".encode() in crossed.content
    assert crossed.findings == ()
