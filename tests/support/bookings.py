"""A booking of a boat tour, wherever it stands, and what is known about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Booking, BookingId, Stage
from relay.booking.catalogue import OfferId, VariantId
from relay.booking.ledger import Entry, Kind, account
from relay.booking.money import Money
from relay.booking.offer import Mode, Rules
from relay.booking.partner import PartnerId
from relay.booking.situation import Situation
from relay.booking.terms import Line, Occasion, Terms

ROME: Final = ZoneInfo("Europe/Rome")
NOW: Final = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
STARTS: Final = NOW + timedelta(days=20)
TOUR: Final = Occasion(STARTS, STARTS + timedelta(hours=3), ROME)
PARTNER: Final = PartnerId("p1")
OFFER: Final = OfferId("o1")
VARIANT: Final = VariantId("v1")
PRICE: Final = Money(9_000, "EUR")


def terms(version: int = 1, *, price: Money = PRICE, occasion: Occasion | None = TOUR, **more: Any) -> Terms:
    lines = (Line("Boat tour", 1, price),) if price else ()
    return Terms(version, price.currency, lines, occasion=occasion, **more)


def paid(minor: int = PRICE.minor, event: str = "evt1") -> Entry:
    return Entry(Kind.PAID, Money(minor, "EUR"), NOW, event, event, "payments")


def a_booking(stage: Stage = Stage.REQUESTED, **more: Any) -> Booking:
    known: dict[str, Any] = {"terms": terms(), "created_at": NOW, "since": NOW, "zone": ROME, **more}
    return Booking(BookingId("b1"), "BOAT-1", PARTNER, OFFER, VARIANT, stage, **known)


def a_situation(
    booking: Booking | None = None,
    *entries: Entry,
    rules: Rules | None = None,
    now: datetime = NOW,
    room: bool = True,
    **switches: Any,
) -> Situation:
    rules = rules or Rules(**{"mode": Mode.CUSTOM_REQUEST, **switches})
    booking = booking or a_booking()
    return Situation(booking, rules, account(entries, booking.terms.currency), now, room)
