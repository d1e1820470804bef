"""What happened to a booking: append-only, hash-chained, naming nobody (invariants 10 and 11, T26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from support.bookings import NOW, paid
from support.bookkeeping import Office

from relay.booking.booking import Actor, Booking, BookingId, Stage
from relay.booking.offer import Mode
from relay.booking.situation import Act
from relay.errors import Conflict, NotFound, Unavailable
from relay.store.booking_tables import booking_states, booking_steps, ledger
from relay.store.bookings import history, records
from relay.store.bookings import ledger as entries
from relay.store.catalogue_tables import catalogue_changes

LATER = NOW + timedelta(hours=1)
WISH = "My grandmother turns 80"
WHY = "She fell ill"


@pytest.fixture
def booking(office: Office) -> Booking:
    """One that was reserved with a wish, looked after, and cancelled with a reason."""
    first = office.begun(note=WISH)
    office.stepped(first, Act.BLOCK, Actor.OPERATOR, by="token-1")
    return office.stepped(first, Act.CANCEL, Actor.CUSTOMER, reason=WHY, now=LATER)


def test_the_past_is_told_in_its_order(office: Office, booking: Booking) -> None:
    past = office.world.read(lambda connection: history.past(connection, booking.id))
    assert [(one.version, one.transition, one.act, one.by, one.reason, one.stage) for one in past] == [
        (1, "T2", "reserve", "customer", "", Stage.AWAITING_PAYMENT),
        (2, "T15", "block the release", "token-1", "", Stage.AWAITING_PAYMENT),
        (3, "T22", "cancel", "customer", WHY, Stage.CANCELLED),
    ]
    assert (past[-1].at, past[-1].actor) == (LATER, Actor.CUSTOMER)


def test_any_version_can_be_had_again(office: Office, booking: Booking) -> None:
    before = office.world.read(lambda connection: history.as_it_was(connection, booking.id, 2))
    assert (before.stage, before.release_blocked, before.version) == (Stage.AWAITING_PAYMENT, True, 2)
    assert office.world.read(lambda connection: history.as_it_was(connection, booking.id, 3)) == booking
    with pytest.raises(NotFound, match="no version 4"):
        office.world.read(lambda connection: history.as_it_was(connection, booking.id, 4))


def test_every_version_of_the_terms_can_be_had_again(office: Office) -> None:
    """SL-5"""
    first = office.begun()
    office.stepped(first, Act.RELEASE, Actor.OPERATOR)
    assert office.world.read(lambda connection: history.terms(connection, first.id)) == (first.terms,)


def test_a_version_of_the_terms_never_changes(office: Office) -> None:
    """Invariant 10"""
    first = office.begun()
    step = office.world.write(lambda connection: office.step(connection, first.id, Act.BLOCK, Actor.OPERATOR))
    cheaper = replace(step.booking.terms, lines=())
    for terms in (cheaper, replace(cheaper, version=3)):
        forged = replace(step, booking=replace(step.booking, terms=terms))
        with pytest.raises(ValueError, match="terms: version 1 does not change"):
            office.world.write(lambda connection, forged=forged: records.stepped(connection, forged))


def test_whoever_acts_is_no_address(office: Office) -> None:
    first = office.begun()
    with pytest.raises(Conflict, match="by a word"):
        office.stepped(first, Act.BLOCK, Actor.OPERATOR, by="ops@house.example")


def test_a_history_that_nobody_touched_is_whole(office: Office, booking: Booking) -> None:
    assert office.world.read(lambda connection: history.verify(connection, booking.id)) is None
    assert office.world.read(lambda connection: history.verify(connection, BookingId("none"))) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE booking_steps SET act = 'release' WHERE version = 2", 2),
        ("UPDATE booking_steps SET person = 'token-2' WHERE version = 2", 2),
        ("UPDATE booking_steps SET at = at + 1 WHERE version = 3", 3),
        ("UPDATE booking_steps SET stage = 'confirmed' WHERE version = 3", 3),
        ("UPDATE booking_steps SET hash = previous WHERE version = 1", 1),
        ("UPDATE booking_states SET state = replace(state, '9000', '1') WHERE version = 1", 1),
        ("UPDATE booking_states SET reason = 'no reason' WHERE version = 3", 3),
        ("DELETE FROM booking_states WHERE version = 2", 2),
        ("DELETE FROM booking_steps WHERE version = 2", 2),
    ],
)
def test_the_first_step_that_is_not_what_was_written_is_found(
    office: Office, booking: Booking, statement: str, broken: int
) -> None:
    office.world.tamper(statement)
    assert office.world.read(lambda connection: history.verify(connection, booking.id)) == broken


@pytest.mark.parametrize("table", [booking_steps, ledger, catalogue_changes], ids=lambda table: str(table.name))
@pytest.mark.parametrize("statement", ["UPDATE {} SET person = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_was_done(
    office: Office, booking: Booking, table: object, statement: str
) -> None:
    """Invariants 10 and 11"""
    office.world.write(lambda connection: entries.enter(connection, booking.id, paid()))
    with pytest.raises(Unavailable, match=r"append-only|P0001"):
        office.world.write(lambda connection: connection.execute(text(statement.format(table))))


def test_of_what_people_wrote_nothing_is_left_when_it_is_erased(office: Office, booking: Booking) -> None:
    """T26: the chain stays whole, and what was erased is not to be guessed from it."""
    before = office.world.read(lambda connection: connection.execute(select(booking_steps)).all())
    office.world.write(lambda connection: records.erase(connection, booking.id, LATER))
    states = office.world.read(lambda connection: connection.execute(select(booking_states)).all())
    assert [row for row in states if WISH in row.state or WHY in row.state or row.reason or row.salt] == []
    assert office.world.read(lambda connection: connection.execute(select(booking_steps)).all()) == before
    assert office.world.read(lambda connection: history.verify(connection, booking.id)) is None
    office.world.tamper("UPDATE booking_steps SET stage = 'confirmed' WHERE version = 3")
    assert office.world.read(lambda connection: history.verify(connection, booking.id)) == 3


def test_the_step_of_an_erasure_is_in_the_history(office: Office, booking: Booking) -> None:
    """T26"""
    much_later = NOW + timedelta(days=4 * 365)
    office.stepped(booking, Act.ERASE, Actor.OPERATOR, now=much_later)
    office.world.write(lambda connection: records.erase(connection, booking.id, much_later))
    record = office.world.read(lambda connection: records.by_id(connection, booking.id))
    assert record.booking.erased_at == much_later
    assert office.world.read(lambda connection: history.verify(connection, booking.id)) is None


def test_an_agreement_on_other_terms_is_the_next_version(office: Office) -> None:
    assert office.listing.rules.mode is Mode.RESERVE
    before = office.begun().terms
    history.refuse_changed_terms(before, replace(before, version=2, lines=()))
    history.refuse_changed_terms(before, before)
