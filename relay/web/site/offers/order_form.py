"""The form by which somebody orders, read: an order, or what is wrong, by field (SL-3, SL-4, OR-17, OR-26)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from relay.booking.beginning import WAYS
from relay.booking.booking import Actor
from relay.booking.catalogue import Listing, OfferKind, Price
from relay.booking.money import Money
from relay.booking.offer import Mode, Reach
from relay.booking.situation import Act
from relay.booking.terms import Choice, Line, Occasion, participants_max, quantity_max
from relay.booking.texts import line_characters_max, text_characters_max
from relay.conversation import name_characters_max
from relay.correspondence.languages import marked as _
from relay.values import Language, RealAddress
from relay.web.booking_ports import Asked, Contact
from relay.web.link_terms import instant_entered
from relay.web.site.forms import Entered
from relay.web.terms import zone_named

T = TypeVar("T")

extras_shown: Final = 3
"""Lines for what is not of the price list."""
BY: Final = "page"
"""For the history: never a name or an address."""
default_duration: Final = timedelta(hours=1)

NAME: Final = _("Please enter your name, without special characters.")
ADDRESS: Final = _("Please enter your mail address.")
ZONE: Final = _("There is no such time zone; write for example Europe/Rome, or leave it empty.")
SLOT: Final = _("Please choose one of the times.")
DATE: Final = _("Please enter a date and time at which it begins, and a later one at which it ends.")
DAY: Final = _("It is of one day: please let it end within 24 hours.")
NUMBER: Final = _("Please enter a whole number, from 1 on.")
TOO_MANY: Final = _("That is more than can be taken.")
QUANTITY: Final = _("Please enter whole numbers.")
CHOOSE: Final = _("Please choose at least one.")
STAFF: Final = _("Please choose who it is to be.")
WHAT: Final = _("Please say what you wish, in one line each.")
LONG: Final = _("That is too long.")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent. `asked` is None where something is wrong; `wrong` says what, in English, by the name of the field."""

    asked: Asked | None
    wrong: dict[str, str]
    total: Money | None = None
    """Of what was chosen of the price list."""


@dataclass(slots=True)
class _Reading:
    """Takes one field after the other, and notes what is wrong."""

    sent: Entered
    wrong: dict[str, str] = field(default_factory=dict)

    def taken(self, name: str, sentence: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except ValueError:
            self.wrong.setdefault(name, sentence)
            return otherwise

    def quantity(self, named: str, name: str, otherwise: int) -> int:
        """The number in the field `name`; what is wrong with it stands at `named`."""
        return self.taken(named, QUANTITY, lambda: _quantity(self.sent, name), otherwise)

    def text(self, name: str, most: int) -> str:
        text = self.sent.text(name)
        if len(text) > most:
            self.wrong[name] = LONG
        return text[:most]


def order(sent: Entered, listing: Listing, known: RealAddress | None, language: Language) -> Sent:
    """The order in `sent`. `known` is whoever has signed in: their address is taken, and none that is entered."""
    reading, is_asked_for = _Reading(sent), WAYS[listing.rules.mode] is Act.REQUEST
    choices = tuple(_choices(reading, listing))
    people = sum(listing.price(one.key).people * one.quantity for one in choices)
    participants = people or reading.taken("participants", NUMBER, lambda: _participants(sent), 1)
    if participants > min(listing.variant.participants_max, participants_max):
        reading.wrong["participants"] = TOO_MANY
    if not choices and listing.variant.prices and not is_asked_for:
        reading.wrong["price"] = CHOOSE
    slot, at = _when(reading, listing, is_asked_for=is_asked_for)
    staff = sent.line("staff") or None
    if staff is None and not listing.offer.any_staff:
        reading.wrong["staff"] = STAFF
    contact = _contact(reading, known, language)
    extras = tuple(_extras(reading, listing.offer.currency)) if is_asked_for else ()
    place = reading.text("place", line_characters_max) if is_asked_for else ""
    note = reading.text("note", text_characters_max)
    if reading.wrong or contact is None:
        return Sent(None, reading.wrong)
    asked = Asked(
        offer=listing.offer.id,
        variant=listing.variant.id,
        customer=contact,
        actor=Actor.CUSTOMER,
        by=BY,
        expects=WAYS[listing.rules.mode],
        reach=Reach(),
        slot=slot,
        at=at,
        participants=participants,
        choices=choices,
        extras=extras,
        place=" ".join(place.split()),
        note=note,
        staff=staff,
    )
    sums = (listing.price(one.key).unit * one.quantity for one in choices)
    return Sent(asked, {}, Money.total(sums, listing.offer.currency))


def lines_of(listing: Listing) -> Iterator[tuple[str, Price]]:
    """The fields of the price list and of the options, by their place: a key may be anything."""
    for number, price in enumerate(listing.variant.prices):
        yield f"price{number}", price
    for number, price in enumerate(listing.variant.options):
        yield f"option{number}", price


def _choices(reading: _Reading, listing: Listing) -> Iterator[Choice]:
    for name, price in lines_of(listing):
        quantity = reading.quantity(name, name, 0)
        if quantity:
            yield Choice(price.key, quantity)


def _extras(reading: _Reading, currency: str) -> Iterator[Line]:
    """What is of no price list has no price yet: that is the partner's to say (SL-4)."""
    for number in range(extras_shown):
        what = reading.sent.line(f"extra{number}")
        if not what:
            continue
        quantity = reading.quantity(f"extra{number}", f"extras{number}", 1)
        if len(what) > line_characters_max:
            reading.wrong[f"extra{number}"] = LONG
        else:
            yield Line(what, quantity or 1, Money.zero(currency), is_extra=True)


def _when(reading: _Reading, listing: Listing, *, is_asked_for: bool) -> tuple[str | None, Occasion | None]:
    """A published time, or one of the customer's own; neither for goods, and where it is left open."""
    if listing.offer.kind is OfferKind.GOODS:
        return None, None
    slot = reading.sent.line("slot") or None
    if slot is not None:
        return slot, None
    if not is_asked_for:
        if listing.rules.mode is not Mode.VOUCHER:
            reading.wrong["slot"] = SLOT
        return None, None
    zone, given = listing.offer.zone, (reading.sent.line("begins"), reading.sent.line("ends"))
    if not any(given):
        return None, None
    return None, reading.taken("begins", DATE, lambda: _occasion(reading, *given, listing, zone), None)


def _occasion(reading: _Reading, begins: str, ends: str, listing: Listing, zone: ZoneInfo) -> Occasion | None:
    starts_at, ends_at = instant_entered(begins, zone), instant_entered(ends, zone)
    if starts_at is None:
        raise ValueError("date: it begins some time")
    occasion = Occasion(starts_at, ends_at or starts_at + (listing.variant.duration or default_duration), zone)
    if listing.offer.kind is OfferKind.ONE_DAY and occasion.ends_at - occasion.starts_at > timedelta(days=1):
        reading.wrong["begins"] = DAY
    return occasion


def _contact(reading: _Reading, known: RealAddress | None, language: Language) -> Contact | None:
    sent, name = reading.sent, reading.sent.line("name")
    if not name or len(name) > name_characters_max:
        reading.wrong["name"] = NAME
    address = known or reading.taken("address", ADDRESS, lambda: RealAddress(sent.line("address")), None)
    chosen = reading.taken("language", NUMBER, lambda: Language(sent.line("language") or language.value), language)
    zone = reading.taken("zone", ZONE, lambda: zone_named(sent.line("zone")) if sent.line("zone") else None, None)
    return Contact(name, address, chosen, zone) if address is not None else None


def _quantity(sent: Entered, name: str) -> int:
    number = sent.whole(name) or 0
    if not 0 <= number <= quantity_max:
        raise ValueError(f"{name}: too many")
    return number


def _participants(sent: Entered) -> int:
    number = sent.whole("participants")
    if number is None:
        return 1
    if number < 1:
        raise ValueError("participants: one at least")
    return number


def is_in_reach(listing: Listing, starts_at: datetime, now: datetime) -> bool:
    """Whether it is neither too near nor too far ahead to be booked by oneself (SV-B5)."""
    ahead, rules = starts_at - now, listing.rules
    return ahead >= rules.lead_time and (rules.horizon is None or ahead <= rules.horizon)
