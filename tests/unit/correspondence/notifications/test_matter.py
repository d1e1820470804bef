"""What a notification is about is checked when it is made (booking.md, "Notification catalogue")."""

from __future__ import annotations

from typing import Any

import pytest
from support.bookings import ROME, a_booking

from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode, Rules
from relay.correspondence.notifications.matter import ADDRESSED, Links, Matter, Obstacle, Product, Recipient, Vocabulary
from relay.values import Alias, Language, RealAddress

ALIAS = Alias("customer-12ab3456cd78", "reply.example.com")
TEN = Money(1_000, "EUR")


def a_matter(says: Notification, to: To, **more: Any) -> Matter:
    known: dict[str, Any] = {
        "recipient": Recipient(to, Language.EN, ALIAS),
        "booking": a_booking(),
        "rules": Rules(Mode.ON_REQUEST),
        "product": Product("Boat tour", ROME),
        "links": Links("https://example.com/b"),
    }
    return Matter(says, **{**known, **more})


def test_the_catalogue_says_whom_each_of_its_27_mails_is_for() -> None:
    assert set(ADDRESSED) == set(Notification)
    assert len(ADDRESSED) == 27


@pytest.mark.parametrize(
    ("says", "to"),
    [
        (Notification.NEW_REQUEST, To.CUSTOMER),
        (Notification.REQUEST_RECEIVED, To.PARTNER),
        (Notification.PLEASE_PAY, To.OPERATOR),
    ],
)
def test_a_mail_that_the_catalogue_does_not_have_cannot_be_made(says: Notification, to: To) -> None:
    with pytest.raises(ValueError, match=f"{says.value} is not for the {to.value}"):
        a_matter(says, to)


@pytest.mark.parametrize(
    ("says", "to", "missing", "known"),
    [
        (Notification.PARTNER_WRITES, To.CUSTOMER, "written", {}),
        (Notification.COUNTER_OFFER, To.CUSTOMER, "before", {}),
        (Notification.RESCHEDULED, To.PARTNER, "before", {}),
        (Notification.REFUND_SENT, To.CUSTOMER, "amount", {}),
        (Notification.REFUND_FAILED, To.OPERATOR, "amount", {"obstacle": Obstacle.BALANCE}),
        (Notification.REFUND_FAILED, To.PARTNER, "obstacle", {"amount": TEN}),
        (Notification.ACTION_OPEN, To.CUSTOMER, "instruction", {}),
    ],
)
def test_what_a_mail_is_about_has_to_be_there(says: Notification, to: To, missing: str, known: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=missing):
        a_matter(says, to, **known)


def test_a_partys_own_mailbox_is_not_shown_in_its_mail() -> None:
    theirs = RealAddress("marta@home.example")
    with pytest.raises(ValueError, match="alias"):
        a_matter(Notification.PLEASE_PAY, To.CUSTOMER, recipient=Recipient(To.CUSTOMER, Language.EN, theirs))
    operators = Recipient(To.OPERATOR, Language.EN, RealAddress("desk@house.example"))
    a_matter(Notification.REFUND_FAILED, To.OPERATOR, recipient=operators, amount=TEN, obstacle=Obstacle.OTHER)


@pytest.mark.parametrize("mode", Mode)
def test_only_what_is_paid_later_is_called_a_reservation(mode: Mode) -> None:
    """ST-9"""
    expected = Vocabulary.RESERVATION if mode is Mode.RESERVE else Vocabulary.BOOKING
    assert a_matter(Notification.PLEASE_PAY, To.CUSTOMER, rules=Rules(mode)).vocabulary is expected
