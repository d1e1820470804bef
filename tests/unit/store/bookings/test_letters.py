"""When the people in a booking are erased, what was written to them and about them goes, and that it was sent stays (T26)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import Connection, insert, select, update
from support.bookings import NOW, paid
from support.bookkeeping import ZOFIA, Office
from support.world import DOMAIN

from relay.booking.booking import Actor, Booking
from relay.booking.notification import Notification, To
from relay.booking.situation import Act
from relay.errors import Conflict
from relay.store import audit, posting
from relay.store.bookings import ledger, notifications, records
from relay.store.bookings.notifications import Waiting
from relay.store.columns import metadata
from relay.store.exchange_tables import events
from relay.store.tables import State, attempts, deliveries
from relay.transit.delivery import Carries, Delivery
from relay.values import DeliveryId, RealAddress

ADDRESS = "zofia@poczta.example"
WISH, WHY = "My grandmother turns 80", "She fell ill"
LETTER = b"Subject: Your booking\r\n\r\nDear Zofia Kowalska, you wrote: My grandmother turns 80\r\n"
TO: Mapping[str, str] = {"n1": ADDRESS, "n2": "team@garda.example"}


@pytest.fixture
def booking(office: Office) -> Booking:
    """One that is over, and that both sides were told of."""
    booking = office.begun(note=WISH)
    office.world.write(lambda connection: ledger.enter(connection, booking.id, paid()))
    office.stepped(booking, Act.CANCEL, Actor.CUSTOMER, reason=WHY)

    def tell(connection: Connection) -> None:
        for id_, to in (("n1", To.CUSTOMER), ("n2", To.PARTNER)):
            says = Waiting(id_, booking.id, 2, Notification.CANCELLED, to, NOW, f"2.{to.value}", {"reason": WHY})
            notifications.add(connection, says)
        for mail in posting.waiting(connection, NOW, 10):
            delivery = DeliveryId(f"d{mail.id}")
            path = f"bounce-{delivery}-2-3@{DOMAIN}"
            letter = Delivery(delivery, None, None, Carries.NOTIFICATION, path, RealAddress(TO[mail.id]), LETTER, NOW)
            posting.post(connection, mail, letter, NOW)
            told = {"delivery": delivery, "number": 1, "at": NOW, "outcome": "delivered", "in_doubt": False}
            connection.execute(insert(attempts).values(**told, code=250, text=f"<{TO[mail.id]}> queued"))
        event = {"id": "e1", "booking": booking.id, "version": 2, "kind": "cancel", "at": NOW, "payload": f'"{WHY}"'}
        connection.execute(insert(events).values(event))

    office.world.write(tell)
    return booking


def delivered(connection: Connection) -> None:
    for id_, to in TO.items():
        ended = {"state": State.DELIVERED.value, "last_code": 250, "last_text": f"<{to}> queued"}
        connection.execute(update(deliveries).where(deliveries.c.id == f"d{id_}").values(ended))


def everything(office: Office) -> str:
    """All that the database holds, of every table."""
    tables = metadata.tables.values()
    return "".join(repr(office.world.read(lambda connection, one=one: connection.execute(select(one)).all())) for one in tables)


def test_nothing_of_the_customer_is_left_anywhere(office: Office, booking: Booking) -> None:
    words = (ADDRESS, "Kowalska", "Zofia", "zofia", WISH, WHY)
    office.world.write(delivered)
    assert [one for one in words if one not in everything(office)] == []
    office.world.write(lambda connection: records.erase(connection, booking.id, NOW))
    assert [one for one in words if one in everything(office)] == []


def test_that_it_was_sent_and_paid_stays(office: Office, booking: Booking) -> None:
    office.world.write(delivered)
    office.world.write(lambda connection: records.erase(connection, booking.id, NOW))
    told = office.world.read(lambda connection: notifications.of_booking(connection, booking.id))
    assert [(one.notification.says, one.delivery) for one in told] == [(Notification.CANCELLED, f"dn{one}") for one in (1, 2)]
    kept = office.world.read(lambda connection: connection.execute(select(deliveries).order_by(deliveries.c.id)).all())
    assert [(one.recipient, one.state) for one in kept] == [
        ("nobody@erased.invalid", "delivered"),
        ("team@garda.example", "delivered"),
    ]
    assert office.world.read(lambda connection: ledger.entries(connection, booking.id)) == (paid(),)
    findings = office.world.read(lambda connection: audit.unaccounted(connection, NOW))
    assert [one.problem for one in findings if "nothing will" not in one.problem] == []


def test_nothing_is_erased_while_mail_is_under_way(office: Office, booking: Booking) -> None:
    before = everything(office)
    with pytest.raises(Conflict, match="mail about it is under way"):
        office.world.write(lambda connection: records.erase(connection, booking.id, NOW))
    assert everything(office) == before


def test_of_others_nothing_is_lost(office: Office, booking: Booking) -> None:
    other = office.begun("BOAT-2", note=WISH)
    office.world.write(delivered)
    before = office.world.read(lambda connection: records.by_id(connection, other.id))
    office.world.write(lambda connection: records.erase(connection, booking.id, NOW))
    assert office.world.read(lambda connection: records.by_id(connection, other.id)) == before
    assert before.customer == ZOFIA
