"""A customer's own bookings: whose they are is looked at first, then they are read and acted upon as a party (ST-11, ST-16)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sqlalchemy import Connection

from relay.booking.booking import PAYABLE, Actor, Booking, Relay, Stage
from relay.booking.forecast import acts_by
from relay.booking.ledger import Payment
from relay.booking.notification import Notification, To
from relay.booking.refunds import owed
from relay.booking.selection import Counts, Filter, Order
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Terms
from relay.booking.transition import Effect
from relay.correspondence.notifications.matter import Guide, Links, Matter, Product, Recipient
from relay.desk.go_between import GoBetween, terms_passed_on
from relay.desk.links import Checkouts
from relay.errors import Conflict, NotFound
from relay.store.bookings import ledger, lists, records
from relay.store.bookings.catalogue import OFFERS, VARIANTS
from relay.store.bookings.records import Record
from relay.store.store import Store
from relay.transit.answer import WRITES
from relay.values import Alias, Clock, Language, RealAddress, Role
from relay.web.booking_ports import Doing, NewTerms, Returned, Shown, Stale
from relay.web.once import Once, Repeated, Repeats
from relay.web.party_ports import Parties
from relay.web.site.customer.ports import OwnBooking, OwnPage, OwnRow, Receipt, Told

_BY: Final = "customer"
"""For the history: never a name or an address."""
_OWNER: Final = "page"
"""For whom the booking desk keeps that a form was sent."""


class Core(Protocol):
    """The booking desk, beside what it does as a party asks. Raises as `relay.web.booking_ports.Bookings` says."""

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown: ...

    async def refunds(self, reference: str) -> Sequence[Returned]: ...


@dataclass(frozen=True, slots=True)
class OwnBookingDesk:
    """relay.web.site.customer.ports.OwnBookings. `checkouts` is None where nobody pays by themselves; `provider` is what the
    ledger calls the one on whose pages they pay."""

    store: Store
    core: Core
    parties: Parties
    checkouts: Checkouts | None
    go_between: GoBetween
    repeats: Repeats
    guide: Guide
    domain: str
    clock: Clock
    provider: str = ""

    async def page(
        self, customer: RealAddress, language: Language, wanted: Filter, order: Order, limit: int, after: str | None
    ) -> OwnPage:
        now, wanted = self.clock(), replace(wanted, customer=customer)

        def question(connection: Connection) -> OwnPage:
            found = lists.page(connection, wanted, now=now, order=order, limit=limit, after=after)
            offers = OFFERS.as_they_were(connection, [(one.booking.offer, one.offer_version) for one in found.items])
            variants = VARIANTS.as_they_were(connection, [(one.booking.variant, one.variant_version) for one in found.items])

            def row(one: Record) -> OwnRow:
                offer = offers[one.booking.offer, one.offer_version].title.read_in(language)
                variant = variants[one.booking.variant, one.variant_version].title.read_in(language)
                is_due = one.booking.stage is Stage.AWAITING_PAYMENT and one.payment is Payment.UNPAID
                pays = self.checkouts is not None and is_due
                return OwnRow(one.booking, one.payment, offer, variant, acts_by(one.booking, one.rules), pays)

            return OwnPage(tuple(row(one) for one in found.items), found.next)

        return await self.store.read(question)

    async def counts(self, customer: RealAddress) -> Counts:
        now = self.clock()
        return await self.store.read(lambda connection: lists.counts(connection, Filter(customer=customer), now=now))

    async def one(self, customer: RealAddress, language: Language, reference: str) -> OwnBooking:
        record = await self._own(customer, reference)
        shown = await self.parties.one(reference, Role.CUSTOMER)
        situation = await self.parties.situation(reference)
        versions = await self.parties.terms(reference, Role.CUSTOMER) if shown.booking.stage is Stage.COUNTERED else ()
        steps = await self.parties.history(reference, Role.CUSTOMER)

        def question(connection: Connection) -> OwnBooking:
            matter = self._matter(connection, record, shown, situation, versions, language)
            missing = situation.outstanding.minor > 0 and shown.booking.stage in PAYABLE and not situation.account.in_flight
            entries = ledger.entries(connection, record.booking.id)
            return OwnBooking(
                shown=replace(shown, offer_title=matter.product.offer, variant_title=matter.product.variant),
                matter=matter,
                steps=steps,
                receipts=[Receipt(one.kind, one.amount, one.at, is_online=one.by == self.provider) for one in entries],
                refunds=refunds,
                pays_online=self.checkouts is not None and missing,
            )

        refunds = await self.core.refunds(reference)
        return await self.store.read(question)

    async def act(self, customer: RealAddress, reference: str, told: Told) -> None:
        await self._own(customer, reference)
        doing = Doing(
            told.act,
            Actor.CUSTOMER,
            _BY,
            version=told.version,
            reason=told.text,
            terms=told.terms,
            terms_version=told.terms_version,
        )
        await self.parties.act(reference, Role.CUSTOMER, doing)

    async def write(self, customer: RealAddress, reference: str, text: str) -> None:
        await self._own(customer, reference)
        await self.parties.act(reference, Role.CUSTOMER, Doing(WRITES[To.CUSTOMER], Actor.CUSTOMER, _BY, reason=text))

    async def ask_again(self, customer: RealAddress, reference: str, terms: NewTerms, key: str) -> str:
        await self._own(customer, reference)
        digest = hashlib.sha256(f"ask again {reference} {key}".encode()).digest()
        once: Once[Shown] = Once(_OWNER, digest.hex(), digest, lambda shown: shown.booking.reference)
        made = await self.repeats.of(once)
        if made is None:
            passed = await terms_passed_on(self.go_between, reference, To.CUSTOMER, terms)
            try:
                made = (await self.core.ask_again(reference, passed, _BY, once)).booking.reference
            except Repeated:
                made = await self.repeats.of(once)
        if made is None:
            raise Conflict("ask again: it was carried out meanwhile")
        return made

    async def pay(self, customer: RealAddress, reference: str, version: int) -> str:
        record = await self._own(customer, reference)
        if record.booking.version != version:
            raise Stale(reference, record.booking.version)
        if self.checkouts is None:
            raise Conflict("there is nowhere to pay by oneself")
        return await self.checkouts.checkout(reference)

    async def _own(self, customer: RealAddress, reference: str) -> Record:
        """Raises NotFound for what is not theirs."""
        record = await self.store.read(lambda connection: records.by_reference(connection, reference))
        if record.customer.address is None or record.customer.address.key != customer.key:
            raise NotFound(f"booking {reference} is not theirs")
        return record

    def _matter(
        self,
        connection: Connection,
        record: Record,
        shown: Shown,
        situation: Situation,
        versions: Sequence[Terms],
        language: Language,
    ) -> Matter:
        """What a mail to the customer would say of it, in `language`."""
        booking = shown.booking
        offer, variant = records.bought(connection, record)
        cancels = Act.CANCEL in shown.possible[Actor.CUSTOMER]
        return Matter(
            says=Notification.REQUEST_RECEIVED,
            recipient=Recipient(
                To.CUSTOMER, language, shown.customer.alias or Alias("noreply", self.domain), record.customer.zone
            ),
            booking=booking,
            rules=record.rules,
            product=Product(
                offer.title.read_in(language), booking.zone, variant.title.read_in(language), variant.duration or "", offer.place
            ),
            links=Links(),
            guide=self.guide,
            before=_before(booking, versions),
            other_name=shown.partner.name,
            other_alias=shown.partner.alias if booking.relay is Relay.OPEN else None,
            account=situation.account,
            amount=owed(situation, Effect.COMPUTE_REFUND, Wish(Act.CANCEL, Actor.CUSTOMER, _BY)) if cancels else None,
            # Whoever redeems it looks the booking up: its reference is what the voucher says (SV-B1).
            voucher=booking.reference,
        )


def _before(booking: Booking, versions: Sequence[Terms]) -> Booking | None:
    """With what it is compared where other terms were offered; a change that is proposed, with the booking itself (SL-5)."""
    if booking.proposal is not None or booking.stage is not Stage.COUNTERED:
        return None
    earlier = [one for one in versions if one.version < booking.terms.version]
    return replace(booking, terms=earlier[-1]) if earlier else None
