"""The booking core behind the HTTP side, in memory: the real lifecycle on bookings in a dictionary."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Generic, TypeVar

from relay.booking.booking import Actor, Booking, BookingId, RequiredAction, Stage
from relay.booking.catalogue import Listing, Offer, Slot, Stock, Variant
from relay.booking.forecast import Coming, Waiting, coming, waiting
from relay.booking.ledger import Entry, Kind, account
from relay.booking.lifecycle import possible, stepped
from relay.booking.money import Money
from relay.booking.offer import Mode, Rules
from relay.booking.partner import Partner, StaffId
from relay.booking.profile import Profile, checked_profile
from relay.booking.reminders import Reminders
from relay.booking.selection import TAB, Counts, Filter, Order, Tab, waits_for
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Terms
from relay.errors import Conflict, NotFound
from relay.values import Alias, Language
from relay.web.batch_ports import Announcement, Batch, Foreseen, Outcome, Release, batch_max
from relay.web.booking_ports import (
    Asked,
    BookingPage,
    Doing,
    Letter,
    NewTerms,
    Past,
    Returned,
    Shown,
    ShownParty,
    Stale,
    WrongWay,
)
from relay.web.catalogue_ports import Catalogued, Dated, Offered
from relay.web.once import KeyReused, Once, Repeated
from relay.web.webhook_ports import Endpoint, Sending, Sent, Try
from support.bookings import NOW, ROME, terms
from support.catalogue import BOAT, GARDA, MORNING, SLOT
from support.world import DOMAIN

T = TypeVar("T")


@dataclass
class FakeRepeats:
    """relay.web.once.Repeats in memory."""

    kept: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)

    async def of(self, once: Once[Any]) -> str | None:
        known = self.kept.get((once.owner, once.key))
        if known is not None and known[0] != once.digest:
            raise KeyReused("this key was used for another request")
        return known[1] if known is not None else None

    def keep(self, once: Once[T] | None, outcome: T) -> T:
        if once is not None:
            if (once.owner, once.key) in self.kept:
                raise Repeated("it was carried out meanwhile")
            self.kept[once.owner, once.key] = (once.digest, once.answer(outcome))
        return outcome


@dataclass
class FakeBookings:
    """relay.web.booking_ports.Bookings and relay.web.batch_ports.Batches in memory."""

    now: datetime = NOW
    rules: Rules = field(default_factory=lambda: Rules(Mode.ON_REQUEST))
    repeats: FakeRepeats = field(default_factory=FakeRepeats)
    kept: dict[str, Booking] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    steps: dict[str, list[Past]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    wanted: list[Filter] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    announced: list[Announcement] = field(default_factory=list)
    stopped: list[Batch] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    customer: str = "Zofia"
    numbers: count[int] = field(default_factory=lambda: count(1))

    def put(self, stage: Stage = Stage.REQUESTED, *entries: Entry, **more: Any) -> Booking:
        """A booking that is there already."""
        number = next(self.numbers)
        known: dict[str, Any] = {
            "id": BookingId(f"{number:026d}"),
            "reference": f"BOAT{number}",
            "partner": GARDA.id,
            "offer": BOAT.id,
            "variant": MORNING.id,
            "stage": stage,
            "terms": terms(),
            "created_at": self.now,
            "zone": ROME,
            "since": self.now,
            **more,
        }
        booking = Booking(**known)
        self.kept[booking.reference], self.entries[booking.reference] = booking, list(entries)
        self.steps[booking.reference] = []
        return booking

    async def begin(self, asked: Asked, once: Once[Shown] | None) -> Shown:
        if asked.offer != BOAT.id or asked.variant != MORNING.id:
            raise NotFound(f"there is no variant {asked.variant} of an offer {asked.offer}")
        act = {Mode.INSTANT: Act.CHECK_OUT, Mode.RESERVE: Act.RESERVE}.get(self.rules.mode, Act.REQUEST)
        if asked.expects not in {None, act}:
            raise WrongWay(act)
        self.asked.append(asked)
        wanted = replace(terms(), participants=asked.participants, note=asked.note, choices=asked.choices)
        stage = Stage.REQUESTED if act is Act.REQUEST else Stage.AWAITING_PAYMENT
        booking = self.put(stage, terms=wanted, reach=asked.reach, assignee=StaffId(asked.staff) if asked.staff else None)
        return self.repeats.keep(once, self.shown(booking))

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        before = self._found(reference)
        if doing.version not in {None, before.version}:
            raise Stale(reference, before.version)
        wish = Wish(
            doing.act,
            doing.actor,
            doing.by,
            doing.reason,
            _next(before.terms, doing.terms),
            doing.terms_version,
            doing.until,
            doing.amount,
            assignee=StaffId(doing.staff) if doing.staff else None,
            cause=doing.cause,
        )
        step = stepped(self._situation(before), wish)
        if doing.act is Act.REFUND and doing.amount is not None:
            self.entries[reference].append(self._entry(Kind.REFUND_STARTED, doing.amount))
        self.kept[reference] = step.booking
        after = step.booking
        past = Past(after.version, step.at, step.transition, step.act.value, step.actor, step.by, step.reason, after.stage)
        self.steps[reference].append(past)
        return self.repeats.keep(once, self.shown(step.booking))

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown:
        old = self._found(reference)
        if TAB[old.stage] not in {Tab.EXPIRED, Tab.ENDED}:
            raise Conflict(f"booking {reference} is not closed")
        wanted = _next(replace(old.terms, version=1), asked)
        booking = self.put(
            parent=old.id, terms=replace(wanted, version=1) if wanted is not None else replace(old.terms, version=1)
        )
        return self.repeats.keep(once, self.shown(booking))

    async def one(self, reference: str) -> Shown:
        return self.shown(self._found(reference))

    async def page(self, wanted: Filter, order: Order, limit: int, after: str | None) -> BookingPage:
        found = [one for one in self._narrowed(wanted) if after is None or one.id < after][:limit]
        return BookingPage(tuple(self.shown(one) for one in found), found[-1].id if len(found) == limit else None)

    async def counts(self, wanted: Filter) -> Counts:
        found = self._narrowed(replace(wanted, expired=True))
        return Counts(
            tabs={tab: sum(TAB[one.stage] is tab for one in found) for tab in Tab},
            stages={stage: sum(one.stage is stage for one in found) for stage in Stage},
            actions={action: sum(one.action is action for one in found) for action in RequiredAction},
            unseen=sum(one.seen_at is None and one.stage is Stage.REQUESTED for one in found),
            not_contacted=sum(one.contacted_at is None and one.stage is Stage.REQUESTED for one in found),
            overdue=sum(one.is_overdue(self.now) for one in found),
            waits_for={actor: sum(waits_for(one) is actor for one in found) for actor in (Actor.CUSTOMER, Actor.PARTNER)},
        )

    async def all(self, wanted: Filter, order: Order) -> AsyncIterator[Shown]:
        for one in self._narrowed(wanted):
            yield self.shown(one)

    async def history(self, reference: str) -> Sequence[Past]:
        self._found(reference)
        return self.steps[reference]

    async def terms(self, reference: str) -> Sequence[Terms]:
        return [self._found(reference).terms]

    async def forecast(self, reference: str) -> tuple[Waiting | None, Sequence[Coming]]:
        booking = self._found(reference)
        of = (booking, self.rules, account(self.entries[reference], booking.terms.currency))
        return waiting(*of, self.now), coming(*of, (), Reminders(), self.now)

    async def ledger(self, reference: str) -> Sequence[Entry]:
        self._found(reference)
        return self.entries[reference]

    async def refunds(self, reference: str) -> Sequence[Returned]:
        self._found(reference)
        return self.returned

    async def letter(self, reference: str, actor: Actor) -> Letter:
        booking = self._found(reference)
        others = (booking.terms.occasion,) if booking.terms.occasion is not None else ()
        return Letter("Zofia", "Your request", "Hello Zofia,", "Say why, and name another date.", others)

    async def releasable(self, wanted: Filter) -> Sequence[Shown]:
        self.wanted.append(wanted)
        return [self.shown(one) for one in self.kept.values() if one.stage is Stage.AWAITING_PAYMENT][:batch_max]

    async def foreseen(self, ticks: Release, by: str) -> Sequence[Foreseen]:
        wishes = [(one, Wish(Act.RELEASE, Actor.OPERATOR, by)) for one in ticks.release]
        wishes += [(one, Wish(Act.EXTEND, Actor.OPERATOR, by, until=until)) for one, until in ticks.keep]
        found = []
        for reference, wish in wishes:
            try:
                stepped(self._situation(self._found(reference)), wish)
            except (Conflict, NotFound) as why:
                found.append(Foreseen(reference, wish.act, done=False, why=str(why)))
            else:
                found.append(Foreseen(reference, wish.act, done=True))
        return [*found, *(Foreseen(one, None, done=True) for one in ticks.remind)]

    async def release(self, ticks: Release, by: str, once: Once[Sequence[Outcome]] | None) -> Sequence[Outcome]:
        seen = ticks.versions.get
        outcomes = [await self._tried(one, Doing(Act.RELEASE, Actor.OPERATOR, by, seen(one))) for one in ticks.release]
        outcomes += [await self._tried(one, Doing(Act.EXTEND, Actor.OPERATOR, by, until=until)) for one, until in ticks.keep]
        self.reminded += ticks.remind
        return self.repeats.keep(once, outcomes + [Outcome(one, done=True) for one in ticks.remind])

    async def cancellable(self, batch: Batch, actor: Actor) -> Sequence[Shown]:
        return [self.shown(one) for one in self.kept.values() if self._is_in(one, batch)]

    async def cancel_all(
        self, batch: Batch, references: Sequence[str], actor: Actor, by: str, reason: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        self.stopped += [batch] if batch.stop_selling else []
        doing = Doing(Act.CANCEL, actor, by, reason=reason)
        return self.repeats.keep(once, [await self._tried(one, doing) for one in references])

    async def announce(
        self, announcement: Announcement, actor: Actor, by: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        self.announced.append(announcement)
        told = [one.reference for one in self.kept.values() if one.stage is Stage.CONFIRMED]
        return self.repeats.keep(once, [Outcome(one, done=True) for one in told])

    def shown(self, booking: Booking) -> Shown:
        people = (Actor.CUSTOMER, Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR)
        return Shown(
            booking=booking,
            offer_title="Boat tour",
            variant_title="In the morning",
            partner=ShownParty("Garda Boats", Alias("local-partner-0a630abbf095", DOMAIN), Language.IT),
            customer=ShownParty(self.customer, Alias("customer-e338ccb578a9", DOMAIN), Language.PL),
            account=account(self.entries[booking.reference], booking.terms.currency),
            possible={actor: possible(self._situation(booking), actor) for actor in people},
            parent=next((one.reference for one in self.kept.values() if one.id == booking.parent), None),
        )

    async def _tried(self, reference: str, doing: Doing) -> Outcome:
        try:
            await self.act(reference, doing, None)
        except (Conflict, NotFound) as why:
            return Outcome(reference, done=False, why=str(why))
        return Outcome(reference, done=True)

    def _narrowed(self, wanted: Filter) -> list[Booking]:
        self.wanted.append(wanted)
        found = sorted(self.kept.values(), key=lambda one: one.id, reverse=True)
        if wanted.references:
            return [one for one in found if one.reference in wanted.references]
        hidden = set() if wanted.expired or wanted.tabs or wanted.stages else {Stage.EXPIRED}
        return [
            one
            for one in found
            if one.stage not in hidden
            and (not wanted.tabs or TAB[one.stage] in wanted.tabs)
            and (not wanted.stages or one.stage in wanted.stages)
            and (not wanted.actions or one.action in wanted.actions)
            and wanted.offer in {None, one.offer}
            and wanted.variant in {None, one.variant}
        ]

    def _is_in(self, booking: Booking, batch: Batch) -> bool:
        at = booking.terms.occasion
        return booking.offer == batch.offer and at is not None and batch.starts_from <= at.starts_at < batch.starts_before

    def _found(self, reference: str) -> Booking:
        if reference not in self.kept:
            raise NotFound(f"there is no booking {reference}")
        return self.kept[reference]

    def _situation(self, booking: Booking) -> Situation:
        return Situation(booking, self.rules, account(self.entries[booking.reference], booking.terms.currency), self.now)

    def _entry(self, kind: Kind, amount: Money) -> Entry:
        event = f"evt{next(self.numbers)}"
        return Entry(kind, amount, self.now, event, event, "token id-all")


def _next(before: Terms, new: NewTerms | None) -> Terms | None:
    if new is None:
        return None
    given = {
        name: value
        for name in ("occasion", "lines", "discounts", "participants", "options", "place", "note", "valid_until")
        if (value := getattr(new, name)) is not None
    }
    return replace(before, version=before.version + 1, **given)


@dataclass
class FakeShelf(Generic[T]):
    """relay.web.catalogue_ports.Shelf in memory. `of` is the field by which one belongs to something."""

    kept: dict[str, T]
    of: str = ""
    by: list[str] = field(default_factory=list)

    async def one(self, id_: str) -> T:
        if id_ not in self.kept:
            raise NotFound(f"there is no {id_}")
        return self.kept[id_]

    async def page(self, of: str | None, limit: int, after: str | None) -> Sequence[T]:
        wanted = sorted((id_, one) for id_, one in self.kept.items() if of is None or of in getattr(one, self.of))  # type: ignore[type-var]
        return [one for id_, one in wanted if after is None or id_ > after][:limit]

    async def change(self, id_: str, change: Callable[[T], T], by: str) -> T:
        self.by.append(by)
        self.kept[id_] = change(await self.one(id_))
        return self.kept[id_]


@dataclass
class FakeCatalogue:
    """relay.web.catalogue_ports.Catalogue in memory, with the boat tour."""

    partners: FakeShelf[Partner] = field(default_factory=lambda: FakeShelf({GARDA.id: GARDA}))
    offers: FakeShelf[Offer] = field(default_factory=lambda: FakeShelf({BOAT.id: BOAT}, "partner"))
    variants: FakeShelf[Variant] = field(default_factory=lambda: FakeShelf({MORNING.id: MORNING}, "offer"))
    profiles: FakeShelf[Profile] = field(default_factory=lambda: FakeShelf({}, "variants"))
    stocks: dict[str, Stock] = field(default_factory=lambda: {SLOT.id: Stock(SLOT, 2)})

    async def add(self, *new: Catalogued, by: str) -> None:
        for one in new:
            match one:
                case Partner():
                    self._new(self.partners, one)
                case Offer():
                    await self.partners.one(one.partner)
                    self._new(self.offers, one)
                case Variant():
                    await self.offers.one(one.offer)
                    self._new(self.variants, one)
                    listing = await self.listing(one.id)
                    if listing.missing is not None:
                        raise Conflict(f"the partner lacks {listing.missing}")
                case Profile():
                    checked_profile(one, self.profiles.kept.values())
                    self._new(self.profiles, one)
                case Slot():
                    await self.variants.one(one.variant)
                    self.stocks[one.id] = Stock(one, 0)

    async def listing(self, variant: str) -> Listing:
        found = await self.variants.one(variant)
        offer = await self.offers.one(found.offer)
        return Listing(await self.partners.one(offer.partner), offer, found, Rules(Mode.INSTANT))

    @property
    def house(self) -> Rules:
        return Rules(Mode.INSTANT)

    async def offered(self, partner: str, limit: int, after: str | None) -> Sequence[Offered]:
        found = await self.offers.page(partner, limit, after)
        return [
            Offered(one, tuple([await self.listing(each.id) for each in await self.variants.page(one.id, limit, None)]))
            for one in found
        ]

    async def slots(self, variant: str, starts_from: datetime | None, limit: int, after: str | None) -> Sequence[Stock]:
        await self.variants.one(variant)
        found = sorted((one for one in self.stocks.values() if one.slot.variant == variant), key=lambda one: one.slot.id)
        return [one for one in found if after is None or one.slot.id > after][:limit]

    async def slots_of(self, partner: str, starts_before: datetime, ends_after: datetime, limit: int) -> Sequence[Dated]:
        found = sorted(self.stocks.values(), key=lambda one: one.slot.occasion.starts_at)
        listed = [(one, await self.listing(one.slot.variant)) for one in found]
        return [
            Dated(one, listing.variant, listing.offer)
            for one, listing in listed
            if listing.partner.id == partner
            and one.slot.occasion.starts_at < starts_before
            and one.slot.occasion.ends_at > ends_after
        ][:limit]

    async def change_slot(self, id_: str, capacity: int | None, is_closed: bool | None, by: str) -> Stock:
        if id_ not in self.stocks:
            raise NotFound(f"there is no slot {id_}")
        before = self.stocks[id_]
        if capacity is not None and capacity < before.taken:
            raise Conflict(f"{before.taken} places of it are taken")
        slot = replace(
            before.slot,
            capacity=before.slot.capacity if capacity is None else capacity,
            is_closed=before.slot.is_closed if is_closed is None else is_closed,
        )
        self.stocks[id_] = Stock(slot, before.taken)
        return self.stocks[id_]

    def _new(self, shelf: FakeShelf[Any], one: Any) -> None:
        if one.id in shelf.kept:
            raise Conflict(f"there is one of the id {one.id} already")
        shelf.kept[one.id] = one


@dataclass
class FakeWebhooks:
    """relay.web.webhook_ports.Webhooks in memory."""

    kept: dict[str, Endpoint] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    async def add(self, url: str, events: Sequence[str], by: str) -> tuple[Endpoint, str]:
        endpoint = Endpoint(f"e{len(self.kept) + 1}", url, tuple(events), is_enabled=True, created_at=NOW, rotated_until=None)
        self.kept[endpoint.id] = endpoint
        return endpoint, "whsec_c2VjcmV0"

    async def all(self) -> Sequence[Endpoint]:
        return list(self.kept.values())

    async def one(self, id_: str) -> Endpoint:
        if id_ not in self.kept:
            raise NotFound(f"there is no endpoint {id_}")
        return self.kept[id_]

    async def change(self, id_: str, events: Sequence[str] | None, is_enabled: bool | None, by: str) -> Endpoint:
        before = await self.one(id_)
        self.kept[id_] = replace(
            before,
            events=before.events if events is None else tuple(events),
            is_enabled=before.is_enabled if is_enabled is None else is_enabled,
        )
        return self.kept[id_]

    async def remove(self, id_: str, by: str) -> None:
        del self.kept[(await self.one(id_)).id]

    async def rotate(self, id_: str, by: str) -> tuple[Endpoint, str]:
        self.kept[id_] = replace(await self.one(id_), rotated_until=NOW + timedelta(days=1))
        return self.kept[id_], "whsec_YW5vdGhlcg=="

    async def log(self, id_: str, state: Sending | None, limit: int, after: str | None) -> Sequence[Sent]:
        await self.one(id_)
        return [one for one in self.sent if state in {None, one.state}][:limit]

    async def redeliver(self, id_: str, sent: str, by: str) -> Sent:
        await self.one(id_)
        found = next((one for one in self.sent if one.id == sent), None)
        if found is None:
            raise NotFound(f"there is nothing sent by the id {sent}")
        return replace(found, state=Sending.DUE, next_at=NOW)


A_TRY = Sent("s1", "s1", "booking.confirmed", "BOAT1", NOW, Sending.FAILED, None, (Try(NOW, 500, ""), Try(NOW, None, "timeout")))


@dataclass
class FakeBookingSide:
    """All that the HTTP side asks of the booking core."""

    bookings: FakeBookings = field(default_factory=FakeBookings)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)

    @property
    def batches(self) -> FakeBookings:
        return self.bookings

    @property
    def repeats(self) -> FakeRepeats:
        return self.bookings.repeats
