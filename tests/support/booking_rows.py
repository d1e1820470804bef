"""A booking in the database, for what hangs on one and does not care how it came about: goods that were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from relay.booking.beginning import Order, begun
from relay.booking.booking import Actor, BookingId
from relay.booking.catalogue import OfferKind
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act
from relay.booking.terms import Choice
from relay.store.bookings import records
from relay.store.bookings.catalogue import OFFERS, PARTNERS, VARIANTS, listing
from relay.store.bookings.records import Customer
from relay.values import Language, RealAddress
from support.bookings import VARIANT
from support.catalogue import ADULT, BOAT, GARDA, MORNING
from support.world import CUSTOMER_ADDRESS, NOW

ROW: Final = BookingId("b1")
_HOUSE: Final = Rules(Mode.CUSTOM_REQUEST)
_ZOFIA: Final = Customer("Zofia Kowalska", RealAddress(CUSTOMER_ADDRESS), Language.PL)


def a_booking_row(connection: Connection, id_: BookingId = ROW, reference: str = "BOAT-1") -> BookingId:
    """Writes the booking, and with the first one the catalogue. The clock does nothing to it, and it needs no place."""
    if id_ == ROW:
        PARTNERS.add(connection, GARDA, now=NOW, by="operator")
        OFFERS.add(connection, replace(BOAT, kind=OfferKind.GOODS), now=NOW, by="operator")
        VARIANTS.add(connection, MORNING, now=NOW, by="operator")
    known = listing(connection, VARIANT, _HOUSE)
    order = Order(Act.REQUEST, Actor.CUSTOMER, "customer", Language.PL, choices=(Choice(ADULT.key),))
    step = begun(known, order, id_, reference, now=NOW, room=True)
    records.add(connection, step, known.rules, _ZOFIA, shown="Zofia")
    return id_
