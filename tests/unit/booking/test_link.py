"""What a link allows, and how the form behind it is known."""

from __future__ import annotations

from dataclasses import fields

import pytest
from support.bookings import NOW, a_booking, a_situation

from relay.booking.booking import Stage
from relay.booking.lifecycle import possible
from relay.booking.link import ACTORS, REPEATED, Allows, Link, form_token, version_of
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.correspondence.notifications.matter import Links


def a_link(allows: Allows, to: To) -> Link:
    return Link(a_booking().id, to, "", allows, 1, NOW, None)


@pytest.mark.parametrize(
    ("allows", "to", "stage", "act"),
    [
        (Allows.ACCEPT, To.PARTNER, Stage.REQUESTED, Act.ACCEPT),
        (Allows.ACCEPT, To.PARTNER, Stage.CONFIRMED, None),
        (Allows.ACCEPT, To.CUSTOMER, Stage.REQUESTED, None),
        (Allows.ACCEPT, To.OPERATOR, Stage.REQUESTED, None),
        (Allows.DECLINE, To.PARTNER, Stage.REQUESTED, Act.DECLINE),
        (Allows.DECLINE, To.CUSTOMER, Stage.REQUESTED, Act.WITHDRAW),
        (Allows.COUNTER, To.PARTNER, Stage.REQUESTED, Act.COUNTER),
        (Allows.CANCEL, To.CUSTOMER, Stage.REQUESTED, Act.WITHDRAW),
        (Allows.CANCEL, To.CUSTOMER, Stage.CONFIRMED, Act.CANCEL),
        (Allows.CANCEL, To.PARTNER, Stage.AWAITING_PAYMENT, Act.TAKE_BACK),
        (Allows.CANCEL, To.PARTNER, Stage.CONFIRMED, Act.CANCEL),
        (Allows.CANCEL, To.PARTNER, Stage.REQUESTED, Act.DECLINE),
        (Allows.CANCEL, To.CUSTOMER, Stage.CANCELLED, None),
        (Allows.CONTACT, To.PARTNER, Stage.REQUESTED, Act.CONTACT),
        (Allows.BOOKING, To.CUSTOMER, Stage.REQUESTED, None),
    ],
)
def test_a_link_does_what_is_possible_to_its_person_and_nothing_else(
    allows: Allows, to: To, stage: Stage, act: Act | None
) -> None:
    """SL-14, SL-22, SL-25, T10, T11, T22."""
    situation = a_situation(a_booking(stage))
    assert a_link(allows, to).act(possible(situation, ACTORS[to])) is act


def test_mails_know_each_link_by_its_name() -> None:
    assert {one.value for one in Allows} <= {one.name for one in fields(Links)}


def test_nobody_acts_as_somebody_else_by_a_link() -> None:
    for to in To:
        for allows in Allows:
            acts = {a_link(allows, to).act([one]) for one in Act} - {None}
            if to is To.CUSTOMER:
                assert acts <= {Act.ACCEPT, Act.WITHDRAW, Act.COUNTER, Act.PROPOSE, Act.REFUSE, Act.CANCEL}
            if to is To.OPERATOR:
                assert not acts
            if allows in REPEATED:
                assert acts <= {Act.CONTACT}


def test_a_form_is_of_one_link_and_one_version_of_the_booking() -> None:
    token = form_token("secret", 3)
    assert version_of("secret", token, "3") == 3
    assert version_of("secret", token, "4") is None
    assert version_of("other", token, "3") is None


@pytest.mark.parametrize("version", ["", "-1", "3.0", "٣", "x", "9" * 30, "03 "])
def test_a_version_that_is_no_number_is_none(version: str) -> None:
    assert version_of("secret", form_token("secret", 3), version) is None


@pytest.mark.parametrize("token", ["", "é", "0" * 32, "x" * 100_000])
def test_a_token_that_is_not_of_the_form_is_none(token: str) -> None:
    assert version_of("secret", token, "3") is None
