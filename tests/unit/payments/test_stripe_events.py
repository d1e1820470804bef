"""What Stripe's messages say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.payments.happening import Happening
from relay.payments.stripe_events import EVENTS, Event, messages

CREATED = int(datetime(2026, 6, 1, 9, tzinfo=UTC).timestamp())


def an_event(kind: str, about: dict[str, Any], **more: Any) -> Event:
    return Event.model_validate(
        {"id": "evt_1", "object": "event", "type": kind, "created": CREATED, "data": {"object": about}, **more}
    )


OURS = {"relay_booking": "BOAT-1"}
SESSION = {"id": "cs_1", "payment_intent": "pi_1", "amount_total": 9_000, "currency": "eur", "payment_status": "paid"}
INTENT = {"id": "pi_1", "amount": 9_000, "amount_received": 9_000, "currency": "eur"}
REFUND = {"id": "re_1", "amount": 500, "currency": "eur", "payment_intent": "pi_1", "status": "succeeded"}
DISPUTE = {"id": "du_1", "amount": 9_000, "currency": "eur", "payment_intent": "pi_1", "status": "needs_response"}


@pytest.mark.parametrize(
    ("kind", "about", "says"),
    [
        ("checkout.session.completed", SESSION | {"metadata": OURS}, [(Kind.PAID, "pi_1", "BOAT-1")]),
        (
            "checkout.session.completed",
            SESSION | {"metadata": OURS, "payment_status": "unpaid"},
            [(Kind.STARTED, "pi_1", "BOAT-1")],
        ),
        ("checkout.session.completed", SESSION | {"metadata": OURS, "payment_status": "no_payment_required"}, []),
        (
            "checkout.session.async_payment_failed",
            SESSION | {"metadata": OURS},
            [(Kind.STARTED, "pi_1", "BOAT-1"), (Kind.FAILED, "pi_1", "BOAT-1")],
        ),
        ("payment_intent.succeeded", INTENT | {"metadata": OURS}, [(Kind.PAID, "pi_1", "BOAT-1")]),
        ("payment_intent.processing", INTENT | {"metadata": OURS}, [(Kind.STARTED, "pi_1", "BOAT-1")]),
        (
            "payment_intent.payment_failed",
            INTENT | {"metadata": OURS, "latest_charge": "ch_1"},
            [(Kind.FAILED, "ch_1", "BOAT-1")],
        ),
        ("payment_intent.payment_failed", INTENT | {"metadata": OURS}, [(Kind.FAILED, "evt_1", "BOAT-1")]),
        # What belongs to it may stand there whole.
        (
            "payment_intent.payment_failed",
            INTENT | {"metadata": OURS, "latest_charge": {"id": "ch_1"}},
            [(Kind.FAILED, "ch_1", "BOAT-1")],
        ),
        ("payment_intent.canceled", INTENT | {"metadata": OURS}, [(Kind.FAILED, "pi_1", "BOAT-1")]),
        ("refund.created", REFUND | {"metadata": OURS | {"relay_refund": "r1"}}, [(Kind.REFUNDED, "r1", "BOAT-1")]),
        ("refund.updated", REFUND | {"status": "pending"}, [(Kind.REFUND_STARTED, "re_1", "")]),
        ("charge.refund.updated", REFUND | {"status": "requires_action"}, [(Kind.REFUND_STARTED, "re_1", "")]),
        ("refund.failed", REFUND | {"status": "failed"}, [(Kind.REFUND_FAILED, "re_1", "")]),
        ("refund.updated", REFUND | {"status": "canceled"}, [(Kind.REFUND_FAILED, "re_1", "")]),
        (
            "charge.refunded",
            {"id": "ch_1", "refunds": {"data": [REFUND, REFUND | {"id": "re_2"}]}},
            [(Kind.REFUNDED, "re_1", ""), (Kind.REFUNDED, "re_2", "")],
        ),
        ("charge.refunded", {"id": "ch_1"}, []),
        ("charge.dispute.created", DISPUTE, [(Kind.DISPUTED, "du_1", "")]),
        ("charge.dispute.created", DISPUTE | {"status": "warning_needs_response"}, []),
        ("charge.dispute.funds_withdrawn", DISPUTE, [(Kind.DISPUTED, "du_1", "")]),
        ("charge.dispute.funds_reinstated", DISPUTE | {"status": "won"}, [(Kind.DISPUTE_WON, "du_1", "")]),
        ("charge.dispute.closed", DISPUTE | {"status": "won"}, [(Kind.DISPUTE_WON, "du_1", "")]),
        ("charge.dispute.closed", DISPUTE | {"status": "lost"}, [(Kind.DISPUTE_LOST, "du_1", "")]),
        ("charge.dispute.closed", DISPUTE | {"status": "warning_closed"}, []),
    ],
)
def test_an_event_says(kind: str, about: dict[str, Any], says: list[tuple[Kind, str, str]]) -> None:
    told = messages(an_event(kind, about))
    assert all(isinstance(one, Happening) and one.payment == "pi_1" and one.at.timestamp() == CREATED for one in told)
    assert [(one.kind, one.about, one.booking) for one in told if isinstance(one, Happening)] == says
    assert len({one.event for one in told}) == len(told)


def test_a_payment_is_worth_what_came_in() -> None:
    [told] = messages(an_event("payment_intent.succeeded", INTENT | {"metadata": OURS, "amount_received": 4_000}))
    assert isinstance(told, Happening)
    assert told.amount == Money(4_000, "EUR")


@pytest.mark.parametrize("kind", EVENTS)
def test_what_is_sold_without_a_booking_of_ours_is_nothing_to_us(kind: str) -> None:
    """The house may sell other things through the same account; a refund or dispute of those has no payment of ours."""
    other = {**SESSION, "amount": 9_000, "status": "x", "payment_intent": None}
    assert list(messages(an_event(kind, other))) == []


@pytest.mark.parametrize("kind", ["customer.created", "payout.paid", ""])
def test_events_of_other_types_are_nothing_to_us(kind: str) -> None:
    assert list(messages(an_event(kind, {}))) == []


def test_an_event_of_somebody_elses_account_is_not_believed() -> None:
    """Whoever has a connected account names in there what booking they like."""
    assert list(messages(an_event("payment_intent.succeeded", INTENT | {"metadata": OURS}, account="acct_1"))) == []


@pytest.mark.parametrize(
    "about",
    [
        INTENT | {"metadata": OURS, "amount_received": "lots"},
        INTENT | {"metadata": OURS, "currency": "euro"},
        {"metadata": OURS},
    ],
)
def test_an_object_that_is_not_as_it_has_to_be_is_an_error(about: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        messages(an_event("payment_intent.succeeded", about))
