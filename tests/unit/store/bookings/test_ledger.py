"""The ledger: entered once, told by what it comes to (invariant 10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bookings import NOW, PRICE, paid
from support.bookkeeping import Office

import relay.store.bookings
from relay.booking.booking import Booking
from relay.booking.ledger import Entry, Kind, Payment
from relay.booking.money import Money
from relay.store.bookings import ledger, records


@pytest.fixture
def booking(office: Office) -> Booking:
    return office.begun()


def payment_of(office: Office, booking: Booking) -> Payment:
    return office.world.read(lambda connection: records.by_id(connection, booking.id)).payment


def entered(office: Office, booking: Booking, entry: Entry) -> bool:
    return office.world.write(lambda connection: ledger.enter(connection, booking.id, entry))


def test_an_event_is_entered_once_for_ever(office: Office, booking: Booking) -> None:
    """T12"""
    other = office.begun("BOAT-2")
    assert entered(office, booking, paid())
    assert not entered(office, booking, paid())
    assert not entered(office, other, paid())
    assert office.world.read(lambda connection: ledger.entries(connection, booking.id)) == (paid(),)
    assert office.world.read(lambda connection: ledger.entries(connection, other.id)) == ()


def test_a_booking_tells_what_its_ledger_comes_to(office: Office, booking: Booking) -> None:
    assert payment_of(office, booking) is Payment.UNPAID
    entered(office, booking, Entry(Kind.STARTED, PRICE, NOW, "e1", "pay-1", "stripe"))
    assert payment_of(office, booking) is Payment.IN_FLIGHT
    entered(office, booking, Entry(Kind.PAID, PRICE, NOW, "e2", "pay-1", "stripe"))
    assert payment_of(office, booking) is Payment.PAID
    entered(office, booking, Entry(Kind.REFUNDED, Money(1, "EUR"), NOW, "e3", "back-1", "stripe"))
    assert payment_of(office, booking) is Payment.PART_REFUNDED


def test_a_payment_is_found_by_what_it_is_called(office: Office, booking: Booking) -> None:
    entered(office, booking, Entry(Kind.PAID, PRICE, NOW, "e2", "pay-1", "stripe"))
    assert office.world.read(lambda connection: ledger.booking_about(connection, "pay-1")) == booking.id
    assert office.world.read(lambda connection: ledger.booking_about(connection, "pay-2")) is None


def test_many_ledgers_are_reckoned_at_once(office: Office, booking: Booking) -> None:
    other = office.begun("BOAT-2")
    entered(office, booking, paid())
    both = [(one.id, "EUR") for one in (booking, other)]
    accounts = office.world.read(lambda connection: ledger.accounts(connection, both))
    assert (accounts[booking.id].captured, accounts[other.id].captured) == (PRICE, Money.zero("EUR"))


@pytest.mark.parametrize("table", ["ledger", "booking_steps", "catalogue_changes"])
def test_no_statement_changes_or_deletes_what_was_done(table: str) -> None:
    """Invariant 10"""
    [folder] = relay.store.bookings.__path__
    code = "".join(path.read_text(encoding="utf-8") for path in Path(folder).parent.rglob("*.py"))
    assert [f"{verb}({table})" for verb in ("update", "delete") if f"{verb}({table})" in code] == []
