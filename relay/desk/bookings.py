"""Bookings, as they are asked for over HTTP, by links and by mail: begun, acted upon, looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from relay.booking.beginning import WAYS, again
from relay.booking.beginning import Order as Ordered
from relay.booking.booking import Actor, Booking
from relay.booking.catalogue import Listing
from relay.booking.forecast import Coming, Waiting, waiting
from relay.booking.ledger import Entry
from relay.booking.offer import Rules
from relay.booking.partner import StaffId
from relay.booking.selection import Counts, Filter, Order
from relay.booking.situation import Situation, Wish
from relay.booking.terms import Occasion, Terms
from relay.correspondence.languages import day, words
from relay.correspondence.link_form import ADVICE
from relay.correspondence.wording import GREETING
from relay.desk.booking_views import Views
from relay.desk.lifecycle import Lifecycle, seen
from relay.desk.repeats import kept
from relay.errors import Conflict, NotDone, NotFound, Unavailable
from relay.store.bookings import catalogue, history, ledger, lists, records, refunds
from relay.store.bookings.catalogue import SLOTS
from relay.store.bookings.checkouts import Begun, StillOpen
from relay.store.bookings.records import Customer, Record
from relay.store.exchange_tables import Refunding
from relay.store.store import Store
from relay.values import Clock
from relay.web.booking_ports import (
    Asked,
    BookingPage,
    Contact,
    Doing,
    Letter,
    NewTerms,
    Past,
    Returned,
    Shown,
    WrongWay,
)
from relay.web.once import Once

T = TypeVar("T")

exported_at_once: Final = 100
"""Bookings that are read in one piece of an export."""
tries_max: Final = 3
"""Of a step that payment pages were in the way of: somebody may open others meanwhile."""
looked_at: Final = 50
"""Slots, when other times are proposed."""
alternatives_max: Final = 3


class Stopping(Protocol):
    """Ends payment pages at the provider."""

    async def stop(self, pages: Begun) -> None:
        """Raises Conflict where it is too late, as somebody has paid or is paying, and Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class BookingDesk:
    """relay.web.booking_ports.Bookings over the store. `told` is called when mail may wait to be posted."""

    store: Store
    lifecycle: Lifecycle
    views: Views
    house: Rules
    payments: Stopping = field(repr=False)
    clock: Clock
    told: Callable[[], None] = field(repr=False)

    async def begin(self, asked: Asked, once: Once[Shown] | None) -> Shown:
        def work(connection: Connection, now: datetime) -> Shown:
            listing = catalogue.listing(connection, asked.variant, self.house)
            if listing.offer.id != asked.offer:
                raise NotFound(f"no variant {asked.variant} of offer {asked.offer}")
            if asked.expects is not None and asked.expects is not WAYS[listing.rules.mode]:
                raise WrongWay(WAYS[listing.rules.mode])
            return self._begun(connection, listing, self._ordered(connection, listing, asked), _customer(asked.customer), now)

        return await self._write(work, once)

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown:
        def work(connection: Connection, now: datetime) -> Shown:
            old = records.by_reference(connection, reference)
            if old.customer.address is None:
                raise Conflict("ask again: the customer's data are erased")
            listing = catalogue.listing(connection, old.booking.variant, self.house)
            slot = SLOTS.one(connection, asked.slot) if asked is not None and asked.slot is not None else None
            occasion = asked.occasion if asked is not None else None
            language = old.customer.language
            order = again(old.booking, listing, Actor.CUSTOMER, by, language, slot=slot, occasion=occasion)
            if asked is not None:
                order = replace(
                    order,
                    participants=asked.participants if asked.participants is not None else order.participants,
                    place=asked.place if asked.place is not None else order.place,
                    note=asked.note if asked.note is not None else order.note,
                )
            return self._begun(connection, listing, order, old.customer, now)

        return await self._write(work, once)

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        def work(connection: Connection, now: datetime) -> Shown:
            # The terms are those of the booking that steps: its lock comes first.
            record = records.locked_by_reference(connection, reference)
            wish = _wish(connection, record.booking, doing)
            self.lifecycle.act(connection, reference, wish, now=now, version=doing.version)
            return self.views.shown(connection, records.by_id(connection, record.booking.id), now)

        for _ in range(tries_max):
            try:
                return await self._write(work, once)
            except StillOpen as still:
                await self.payments.stop(still.pages)
        raise Unavailable("booking: payment pages are opened again and again")

    async def one(self, reference: str) -> Shown:
        return await self._read(reference, lambda connection, record: self.views.shown(connection, record, self.clock()))

    async def page(self, wanted: Filter, order: Order, limit: int, after: str | None) -> BookingPage:
        now = self.clock()

        def question(connection: Connection) -> BookingPage:
            found = lists.page(connection, wanted, now=now, order=order, limit=limit, after=after)
            return BookingPage(self.views.several(connection, found.items, now), found.next)

        return await self.store.read(question)

    async def counts(self, wanted: Filter) -> Counts:
        return await self.store.read(lambda connection: lists.counts(connection, wanted, now=self.clock()))

    async def all(self, wanted: Filter, order: Order) -> AsyncIterator[Shown]:
        after: str | None = None
        while True:
            page = await self.page(wanted, order, exported_at_once, after)
            for one in page.items:
                yield one
            if page.next is None:
                return
            after = page.next

    async def history(self, reference: str) -> Sequence[Past]:
        def question(connection: Connection, record: Record) -> Sequence[Past]:
            past = history.past(connection, record.booking.id)
            return [Past(one.version, one.at, one.transition, one.act, one.actor, one.by, one.reason, one.stage) for one in past]

        return await self._read(reference, question)

    async def terms(self, reference: str) -> Sequence[Terms]:
        return await self._read(reference, lambda connection, record: history.terms(connection, record.booking.id))

    async def forecast(self, reference: str) -> tuple[Waiting | None, Sequence[Coming]]:
        def question(connection: Connection, record: Record) -> tuple[Waiting | None, Sequence[Coming]]:
            now = self.clock()
            of = seen(connection, record, now)
            return waiting(record.booking, record.rules, of.account, now), self.lifecycle.coming(connection, record, now)

        return await self._read(reference, question)

    async def ledger(self, reference: str) -> Sequence[Entry]:
        return await self._read(reference, lambda connection, record: ledger.entries(connection, record.booking.id))

    async def refunds(self, reference: str) -> Sequence[Returned]:
        def question(connection: Connection, record: Record) -> Sequence[Returned]:
            return [
                Returned(
                    one.id,
                    one.amount,
                    one.state.value,
                    one.created_at,
                    one.ended_at,
                    one.cause,
                    one.due_at if one.state is Refunding.DUE else None,
                )
                for one in refunds.of_booking(connection, record.booking.id)
            ]

        return await self._read(reference, question)

    async def letter(self, reference: str, actor: Actor) -> Letter:
        """Filled with what the form of a contact needs (OR-24); the other side's words are for the mail to find."""

        def question(connection: Connection, record: Record) -> Letter:
            shown = self.views.shown(connection, record, self.clock())
            free = catalogue.stocks(connection, [record.booking.variant], starts_from=self.clock(), limit=looked_at)
            wanted = record.booking.terms
            others = (
                one.slot.occasion for one in free if one.free >= wanted.participants and one.slot.occasion != wanted.occasion
            )
            return _letter(shown, actor, tuple(islice(others, alternatives_max)))

        return await self._read(reference, question)

    async def situation(self, reference: str) -> Situation:
        """What is known about a booking now, for whoever is to decide."""
        return await self._read(reference, lambda connection, record: seen(connection, record, self.clock()))

    async def _write(self, work: Callable[[Connection, datetime], Shown], once: Once[Shown] | None) -> Shown:
        """What `work` comes to, committed, with the answer to the request that wanted it."""

        def whole(connection: Connection) -> Shown:
            now = self.clock()
            try:
                made = work(connection, now)
            except ValueError as wrong:
                raise NotDone(str(wrong)) from None
            return kept(connection, once, made, now=now)

        made = await self.store.write(whole)
        self.told()
        return made

    async def _read(self, reference: str, question: Callable[[Connection, Record], T]) -> T:
        return await self.store.read(lambda connection: question(connection, records.by_reference(connection, reference)))

    def _begun(self, connection: Connection, listing: Listing, order: Ordered, customer: Customer, now: datetime) -> Shown:
        """A time that is published counts its places however it was named (invariant 10); others are of one's own (SL-3)."""
        profiles = catalogue.profiles_of(connection, listing.variant.id)
        if order.slot is None and order.occasion is not None:
            slot = catalogue.slot_at(connection, listing.variant.id, order.occasion)
            order = replace(order, slot=slot, occasion=order.occasion if slot is None else None)
        record = self.lifecycle.begin(connection, listing, order, customer, now=now, profiles=profiles)
        return self.views.shown(connection, record, now)

    def _ordered(self, connection: Connection, listing: Listing, asked: Asked) -> Ordered:
        return Ordered(
            act=WAYS[listing.rules.mode],
            actor=asked.actor,
            by=asked.by,
            language=asked.customer.language,
            reach=asked.reach,
            slot=SLOTS.one(connection, asked.slot) if asked.slot is not None else None,
            occasion=asked.at,
            participants=asked.participants,
            choices=asked.choices,
            extras=asked.extras,
            place=asked.place,
            note=asked.note,
            assignee=StaffId(asked.staff) if asked.staff is not None else None,
            hold=asked.hold,
            composite=asked.composite,
        )


def _letter(shown: Shown, writer: Actor, alternatives: tuple[Occasion, ...]) -> Letter:
    """In the language of whoever reads it (OR-24); what is advised, in that of whoever writes (SL-24)."""
    reader, author = (shown.partner, shown.customer) if writer is Actor.CUSTOMER else (shown.customer, shown.partner)
    booking = shown.booking
    about = [f"{shown.offer_title}, {shown.variant_title}"]
    if (occasion := booking.terms.occasion) is not None:
        local = occasion.starts_at.astimezone(occasion.zone)
        about.append(f"{day(local.replace(tzinfo=UTC), reader.language)}, {local:%H:%M} ({occasion.zone.key})")
    text = "\n".join((words(reader.language).gettext(GREETING), "", *about, "", ""))
    advice = words(author.language).gettext(ADVICE)
    return Letter(reader.name, f"{shown.offer_title} ({booking.reference})", text, advice, alternatives)


def _customer(contact: Contact) -> Customer:
    return Customer(contact.name, contact.address, contact.language, contact.zone)


def _wish(connection: Connection, booking: Booking, doing: Doing) -> Wish:
    return Wish(
        act=doing.act,
        actor=doing.actor,
        by=doing.by,
        reason=doing.reason,
        terms=_terms(connection, booking, doing.terms) if doing.terms is not None else None,
        terms_version=doing.terms_version,
        until=doing.until,
        amount=doing.amount,
        assignee=StaffId(doing.staff) if doing.staff is not None else None,
        cause=doing.cause,
    )


def _terms(connection: Connection, booking: Booking, new: NewTerms) -> Terms:
    """The next version: what is given, and the rest as it is talked of. Raises ValueError, and NotFound for a slot."""
    base = booking.terms_in_question
    slot, occasion = base.slot, base.occasion
    if new.slot is not None:
        chosen = SLOTS.one(connection, new.slot)
        if chosen.variant != booking.variant:
            raise ValueError("slot: it is another variant's")
        slot, occasion = chosen.id, chosen.occasion
    elif new.occasion is not None and new.occasion != occasion:
        published = catalogue.slot_at(connection, booking.variant, new.occasion)
        slot, occasion = (published.id, published.occasion) if published is not None else (None, new.occasion)
    changed = {
        name: value
        for name in ("lines", "discounts", "participants", "options", "place", "note")
        if (value := getattr(new, name)) is not None
    }
    return replace(base, version=booking.terms_made + 1, slot=slot, occasion=occasion, valid_until=new.valid_until, **changed)
