"""The outbox of refunds: each is asked for by one worker at a time, until it has an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.bookings import NOW
from support.bookkeeping import Office

from relay.booking.booking import Booking
from relay.booking.money import Money
from relay.errors import NotFound
from relay.store.bookings import refunds
from relay.store.bookings.refunds import Refund
from relay.store.exchange_tables import Refunding

LEASE = timedelta(minutes=5)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def refund(office: Office) -> Refund:
    booking: Booking = office.begun()
    one = Refund("r1", booking.id, "pay-1", Money(4_500, "EUR"), NOW, NOW)
    office.world.write(lambda connection: refunds.add(connection, one))
    return one


def found(office: Office) -> Refund:
    return office.world.read(lambda connection: refunds.one(connection, "r1"))


def claimed(office: Office, now: object = NOW) -> tuple[Refund, ...]:
    return office.world.write(lambda connection: refunds.claim(connection, now, LEASE, 10))  # type: ignore[arg-type]


def test_a_refund_is_claimed_once_within_its_lease(office: Office, refund: Refund) -> None:
    assert claimed(office, NOW - LEASE) == ()
    assert claimed(office) == (replace(refund, due_at=NOW + LEASE, attempts=1),)
    assert claimed(office) == ()
    [again] = claimed(office, NOW + LEASE)
    assert again.attempts == 2


def test_a_refund_that_was_sent_is_never_claimed_again(office: Office, refund: Refund) -> None:
    office.world.write(lambda connection: refunds.sent(connection, "r1", "re_1", LATER))
    assert claimed(office, LATER) == ()
    assert found(office) == replace(refund, state=Refunding.SENT, provider_id="re_1", ended_at=LATER)


def test_a_refund_that_the_provider_has_taken_on_waits_for_its_word(office: Office, refund: Refund) -> None:
    """SL-B4"""
    day_after = LATER + timedelta(days=1)
    office.world.write(lambda connection: refunds.pending(connection, "r1", "re_1", "insufficient balance", day_after))
    assert claimed(office, LATER) == ()
    waits = replace(refund, state=Refunding.PENDING, provider_id="re_1", cause="insufficient balance", due_at=day_after)
    assert found(office) == waits
    assert claimed(office, day_after) == (replace(waits, due_at=day_after + LEASE, attempts=1),)


@pytest.mark.parametrize(("again_at", "state"), [(LATER, Refunding.DUE), (None, Refunding.FAILED)])
def test_a_refund_that_failed_is_asked_for_again_or_has_an_end(
    office: Office, refund: Refund, again_at: object, state: Refunding
) -> None:
    office.world.write(lambda connection: refunds.failed(connection, "r1", "not taken", NOW, again_at))  # type: ignore[arg-type]
    one = found(office)
    assert (one.state, one.cause, one.failures) == (state, "not taken", 1)
    assert (one.ended_at is None) is (again_at is not None)
    assert len(claimed(office, LATER)) == (1 if again_at is not None else 0)


def test_a_refund_of_which_nobody_knows_is_put_off(office: Office, refund: Refund) -> None:
    office.world.write(lambda connection: refunds.put_off(connection, "r1", LATER))
    assert claimed(office) == ()
    assert found(office) == replace(refund, due_at=LATER)


def test_what_went_back_of_each_payment_is_told(office: Office, refund: Refund) -> None:
    """T23"""
    for id_, payment in (("r2", "pay-1"), ("r3", "pay-2"), ("r4", "pay-2")):
        one = replace(refund, id=id_, payment=payment)
        office.world.write(lambda connection, one=one: refunds.add(connection, one))
    office.world.write(lambda connection: refunds.failed(connection, "r4", "rejected", NOW, None))
    given = office.world.read(lambda connection: refunds.given_back(connection, refund.booking))
    assert given == {"pay-1": Money(9_000, "EUR"), "pay-2": Money(4_500, "EUR")}
    assert len(office.world.read(lambda connection: refunds.of_booking(connection, refund.booking))) == 4


def test_a_refund_that_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound, match="no refund r1"):
        found(office)
