"""Bookings: made, found, written by compare-and-swap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select
from support.bookings import NOW, OFFER, VARIANT
from support.bookkeeping import SHOWN, ZOFIA, Office
from support.catalogue import MORNING

from relay.booking.booking import Actor, BookingId, Stage
from relay.booking.ledger import Payment
from relay.booking.situation import Act
from relay.errors import Conflict, NotFound
from relay.store.booking_tables import bookings
from relay.store.bookings import records
from relay.store.bookings.catalogue import OFFERS, VARIANTS


def test_a_booking_is_found_as_it_began(office: Office) -> None:
    booking = office.begun()
    record = office.world.read(lambda connection: records.by_reference(connection, "BOAT-1"))
    assert record.booking == booking
    assert record.customer == ZOFIA
    assert record.rules == office.listing.rules
    assert record.payment is Payment.UNPAID
    assert office.world.read(lambda connection: records.by_id(connection, booking.id)) == record
    assert office.world.read(lambda connection: records.of_ids(connection, [BookingId("none"), booking.id])) == (record,)


def test_its_columns_are_those_of_the_booking(office: Office) -> None:
    booking = office.begun()
    row = office.world.read(lambda connection: connection.execute(select(bookings)).one())
    assert (row.stage, row.version, row.starts_at) == (booking.stage.value, 1, booking.terms.occasion.starts_at)  # type: ignore[union-attr]
    assert (row.deadline, row.hold, row.keeping) == (booking.deadline, "reservation", "held")
    assert (row.total, row.currency, row.waits_for) == (9_000, "EUR", "customer")


def test_what_was_bought_stays_what_it_was(office: Office) -> None:
    """SV-12"""
    booking = office.begun()

    def change(connection: Connection) -> None:
        OFFERS.put(connection, replace(office_offer, place="Pier 3"), now=NOW, by="operator")
        VARIANTS.put(connection, replace(MORNING, participants_max=2), now=NOW, by="operator")

    office_offer = office.world.read(lambda connection: OFFERS.one(connection, OFFER))
    office.world.write(change)
    record = office.world.read(lambda connection: records.by_id(connection, booking.id))
    offer, variant = office.world.read(lambda connection: records.bought(connection, record))
    assert (offer, variant) == (office_offer, MORNING)
    assert office.world.read(lambda connection: VARIANTS.one(connection, VARIANT)).participants_max == 2


def test_a_reference_is_given_once(office: Office) -> None:
    office.begun()
    step, rules = office.first_step(), office.listing.rules
    with pytest.raises(Conflict, match="a booking BOAT-1 already"):
        office.world.write(lambda connection: records.add(connection, step, rules, ZOFIA, shown=SHOWN))


def test_a_customer_who_cannot_be_reached_books_nothing(office: Office) -> None:
    step, rules = office.first_step(), office.listing.rules
    with pytest.raises(ValueError, match="cannot be reached"):
        office.world.write(lambda connection: records.add(connection, step, rules, replace(ZOFIA, address=None), shown=""))


def test_a_step_is_written_with_the_next_version(office: Office) -> None:
    booking = office.begun()
    after = office.stepped(booking, Act.CANCEL, Actor.CUSTOMER, reason="rain", now=NOW + timedelta(hours=1))
    assert (after.stage, after.version) == (Stage.CANCELLED, 2)
    assert office.world.read(lambda connection: records.by_id(connection, booking.id)).booking == after


def test_of_two_steps_from_one_version_the_second_is_refused(office: Office) -> None:
    booking = office.begun()
    steps = [
        office.world.write(lambda connection, act=act: office.step(connection, booking.id, act, Actor.OPERATOR))
        for act in (Act.BLOCK, Act.RELEASE)
    ]
    office.world.write(lambda connection: records.stepped(connection, steps[0]))
    with pytest.raises(Conflict, match="booking BOAT-1 has changed since it was looked at"):
        office.world.write(lambda connection: records.stepped(connection, steps[1]))
    assert office.world.read(lambda connection: records.by_id(connection, booking.id)).booking == steps[0].booking


@pytest.mark.parametrize("reference", ["BOAT-2", "", "x\x00y", "\ud800", "B" * 1000])
def test_a_booking_that_is_not_there_is_not_found(office: Office, reference: str) -> None:
    for question in (records.by_reference, records.locked_by_reference):
        with pytest.raises(NotFound):
            office.world.write(lambda connection, question=question: question(connection, reference))
    with pytest.raises(NotFound):
        office.world.write(lambda connection: records.locked(connection, BookingId("none")))


def test_those_that_belong_together_are_found_together(office: Office) -> None:
    """T16"""
    several = [office.begun(f"BOAT-{number}", composite="TRIP") for number in (1, 2)]
    office.begun("BOAT-3")
    found = office.world.write(lambda connection: records.composite(connection, "TRIP"))
    assert [one.booking for one in found] == several
    assert office.world.write(lambda connection: records.composite(connection, "")) == ()


def test_of_an_erased_customer_nothing_is_left_but_the_books(office: Office) -> None:
    """T26"""
    booking = office.begun(note="My grandmother turns 80")
    office.stepped(booking, Act.CANCEL, Actor.CUSTOMER, reason="She fell ill")
    office.world.write(lambda connection: records.erase(connection, booking.id, NOW))
    record = office.world.read(lambda connection: records.by_id(connection, booking.id))
    assert record.customer == replace(ZOFIA, name="", address=None, zone=None, erased_at=NOW)
    assert record.booking.terms.total == booking.terms.total
