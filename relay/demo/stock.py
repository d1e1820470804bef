"""What the demonstration shows: offers, and a booking in each of the stages that somebody has to do something about.

All of it goes through the booking core, as in a marketplace; nothing is written past it. What a visitor does with the bookings
stays done; when the activity of the one about which the two write to each other comes near, all are made anew for later dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Stage
from relay.booking.catalogue import Offer, OfferId, OfferKind, Price, PriceKey, Slot, Variant, VariantId
from relay.booking.deadlines import Term
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Mode, Switches
from relay.booking.partner import Partner, PartnerId, PaymentAccount, StaffId, StaffMember, Tier
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act
from relay.booking.terms import Choice, Line, Occasion, SlotId
from relay.booking.texts import Text, Texts
from relay.demo.people import GIULIA, MARCO, TOM, ZOFIA
from relay.errors import NotFound
from relay.values import Clock, Language, RealAddress
from relay.web.booking_ports import Asked, Bookings, Contact, Doing, NewTerms, Shown
from relay.web.catalogue_ports import Catalogue

BY: Final = "demonstration"
PARTNER: Final = PartnerId("alpine-tours")
ZONE: Final = ZoneInfo("Europe/Rome")
soon: Final = timedelta(days=7)
"""Before its activity comes this near, the bookings are made anew."""
first_day: Final = timedelta(days=30)
days: Final = 14
"""On so many something can be had."""
hour: Final = 8
"""In UTC."""
lasts: Final = timedelta(hours=3)
capacity: Final = 12


def _said(english: str, italian: str = "") -> Texts:
    return Texts((Text(Language.EN, english), *([Text(Language.IT, italian)] if italian else [])))


def _price(key: str, title: Texts, minor: int, people: int = 1) -> Price:
    return Price(PriceKey(key), title, Money(minor, "EUR"), people)


_ADULT: Final = _price("adult", _said("Adult", "Adulto"), 4_500)
_CHILD: Final = _price("child", _said("Child", "Bambino"), 2_000)
_PICNIC: Final = _price("picnic", _said("Picnic", "Cestino"), 1_500, 0)

_PARTNER: Final = Partner(
    id=PARTNER,
    name="Alpine Tours",
    languages=(Language.EN, Language.IT),
    zone=ZONE,
    addresses=(RealAddress(MARCO.address),),
    tier=Tier.GOLD,
    account=PaymentAccount.ACTIVE,
    staff=(StaffMember(StaffId("giulia"), GIULIA[0], RealAddress(GIULIA[1]), Language.EN, sees_team=True),),
)


def _offer(id_: str, title: Texts, **more: object) -> Offer:
    about = {"place": "Harbour of Riva", "kind": OfferKind.ONE_DAY, **more}
    return Offer(id=OfferId(id_), partner=PARTNER, title=title, zone=ZONE, currency="EUR", **about)  # type: ignore[arg-type]  # as given above and below


def _variant(offer: str, id_: str, title: Texts, mode: Mode, **switches: object) -> Variant:
    said = Switches(mode=mode, **switches)  # type: ignore[arg-type]  # as given below
    return Variant(VariantId(id_), OfferId(offer), title, (_ADULT, _CHILD), (_PICNIC,), lasts, 12, said)


_OFFERS: Final = (
    _offer("lake", _said("Boat tour on the lake", "Giro in barca sul lago")),
    _offer(
        "sailing",
        _said("Sailing lesson", "Lezione di vela"),
        requirement=Requirement(RequirementKind.SIGN, _said("Sign the safety form that you get by mail."), timedelta(days=2)),
        how_to_redeem=_said("Show the voucher at the harbour."),
    ),
    _offer("gift", _said("A gift for lake lovers", "Un regalo"), kind=OfferKind.GOODS),
)
_VARIANTS: Final = (
    _variant("lake", "morning", _said("In the morning", "Di mattina"), Mode.INSTANT),
    _variant("lake", "sunset", _said("At sunset", "Al tramonto"), Mode.ON_REQUEST),
    _variant("lake", "own", _said("A tour of your own", "Su misura"), Mode.CUSTOM_REQUEST, customer_may_counter=True),
    _variant(
        *("lake", "harvest", _said("Harvest evening", "Sera della vendemmia"), Mode.RESERVE),
        deadline_policy=DeadlinePolicy.FLEXIBLE,
        term=Term(days_after=3, days_before=2),
        may_be_reinstated=True,
    ),
    # Overdue as soon as it is reserved, so that an operator has something to decide about.
    _variant(
        *("lake", "festival", _said("Festival night", "Notte della festa"), Mode.RESERVE),
        deadline_policy=DeadlinePolicy.FLEXIBLE,
        term=Term(days_after=0),
        may_be_reinstated=True,
    ),
    _variant("sailing", "lesson", _said("Two hours"), Mode.INSTANT),
    _variant("gift", "voucher", _said("Voucher for two"), Mode.VOUCHER),
)
_ON_SOME_DAYS: Final = ("morning", "sunset", "harvest", "festival", "lesson")
_OFFER_OF: Final[Mapping[str, str]] = {str(one.id): str(one.offer) for one in _VARIANTS}


@dataclass(frozen=True, slots=True)
class Stock:
    """Lays the demonstration out."""

    catalogue: Catalogue
    bookings: Bookings
    clock: Clock

    async def laid_out(self) -> str:
        """The reference of the booking about which the two write to each other; everything else is there too."""
        try:
            await self.catalogue.partners.one(PARTNER)
        except NotFound:
            await self.catalogue.add(_PARTNER, *_OFFERS, *_VARIANTS, by=BY)
        confirmed = Filter(partner=PARTNER, variant="morning", stages=frozenset({Stage.CONFIRMED}))
        for one in (await self.bookings.page(confirmed, Order.NEWEST, 10, None)).items:
            occasion = one.booking.terms.occasion
            if occasion is not None and occasion.starts_at - self.clock() > soon:
                return one.booking.reference
        await self._slots()
        return await self._bookings()

    def _occasion(self, day: int) -> Occasion:
        first = (self.clock() + first_day).replace(hour=hour, minute=0, second=0, microsecond=0)
        starts = first + timedelta(days=day)
        return Occasion(starts, starts + lasts, ZONE)

    def _slot(self, variant: str, day: int) -> str:
        return f"{variant}-{self._occasion(day).starts_at:%Y-%m-%d}"

    async def _slots(self) -> None:
        """Those that a run before has not added."""
        for variant in _ON_SOME_DAYS:
            there = {one.slot.id for one in await self.catalogue.slots(variant, self.clock(), 200, None)}
            slots = [
                Slot(SlotId(self._slot(variant, day)), VariantId(variant), self._occasion(day), capacity) for day in range(days)
            ]
            new = [one for one in slots if one.id not in there]
            if new:
                await self.catalogue.add(*new, by=BY)

    async def _bookings(self) -> str:
        confirmed = await self._begun("morning", day=2)
        await self._paid(confirmed)
        await self._paid(await self._begun("lesson", day=5))
        await self._paid(await self._begun("voucher"))
        await self._begun("sunset", day=3, note="We are bringing a small dog. Is that all right?")
        await self._begun("sunset", day=8, of=TOM)
        await self._begun("own", day=9, of=TOM, note="A birthday, with a cake on board if you can.")
        await self._begun("harvest", day=6)
        await self._begun("festival", day=7, of=TOM)
        countered = await self._begun("own", day=4, note="We would like to see the castle.")
        lines = (
            Line("Adult", 2, Money(4_500, "EUR")),
            Line("Guide at the castle", 1, Money(3_000, "EUR"), is_extra=True),
        )
        offer = NewTerms(lines=lines, note="With a guide, who waits at the landing.")
        await self._act(countered, Act.COUNTER, Actor.PARTNER, terms=offer, reason="With a guide for the castle.")
        agreed = await self._begun("sunset", day=10)
        await self._act(agreed, Act.ACCEPT, Actor.PARTNER, terms_version=agreed.booking.terms.version)
        return confirmed.booking.reference

    async def _begun(self, variant: str, *, day: int | None = None, of: tuple[str, str] | None = None, note: str = "") -> Shown:
        name, address = of or (ZOFIA.name, ZOFIA.address)
        is_dated = variant in _ON_SOME_DAYS
        return await self.bookings.begin(
            Asked(
                offer=_OFFER_OF[variant],
                variant=variant,
                customer=Contact(name, RealAddress(address), Language.EN, ZONE),
                actor=Actor.CUSTOMER,
                by=BY,
                slot=self._slot(variant, day) if is_dated and day is not None else None,
                at=self._occasion(day) if not is_dated and day is not None else None,
                participants=2,
                choices=(Choice("adult", 2),),
                note=note,
            ),
            None,
        )

    async def _paid(self, one: Shown) -> None:
        await self._act(one, Act.TAKE_PAYMENT, Actor.OPERATOR, amount=one.booking.terms.total)

    async def _act(self, one: Shown, act: Act, actor: Actor, **more: object) -> None:
        await self.bookings.act(one.booking.reference, Doing(act, actor, BY, **more), None)  # type: ignore[arg-type]  # as given above
