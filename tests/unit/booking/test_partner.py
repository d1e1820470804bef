from __future__ import annotations

from dataclasses import replace

import pytest
from support.catalogue import GARDA, GIULIA, MARCO

from relay.booking.partner import StaffId
from relay.values import Language


def test_mail_about_a_booking_reaches_whoever_it_is_assigned_to_else_the_team() -> None:
    """OR-19"""
    assert GARDA.handlers(GIULIA.id) == (GIULIA.address,)
    assert GARDA.handlers(None) == GARDA.handlers(StaffId("left")) == GARDA.addresses


def test_where_nobody_handles_it_any_more_the_team_does_and_then_whoever_sees_all_of_it() -> None:
    """OR-3, GW-54"""
    assert GARDA.stand_ins(GIULIA.id) == (*GARDA.addresses, MARCO.address)
    assert GARDA.stand_ins(MARCO.id) == GARDA.addresses
    assert GARDA.stand_ins(None) == (MARCO.address,)


def test_a_partner_s_first_language_is_theirs() -> None:
    assert GARDA.language is Language.IT


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda: replace(GARDA, addresses=()), "addresses"),
        (lambda: replace(GARDA, languages=()), "languages"),
        (lambda: replace(GARDA, languages=(Language.IT, Language.IT)), "languages"),
        (lambda: replace(GARDA, staff=(GIULIA, GIULIA)), "stands twice"),
        (lambda: replace(GARDA, staff=tuple(replace(GIULIA, id=StaffId(str(n))) for n in range(501))), "at most 500"),
        (lambda: replace(GARDA, name=" "), "partner"),
        (lambda: replace(GIULIA, name="a\r\nBcc: x"), "staff"),
    ],
)
def test_a_partner_whom_nobody_could_reach_is_refused(made: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        made()  # type: ignore[operator]  # a table of makers
