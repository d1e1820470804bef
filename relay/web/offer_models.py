"""Offers, variants and slots as the API takes and shows them."""

# pyright: reportIncompatibleVariableOverride=false, reportGeneralTypeIssues=false
# What is new needs fields that a change may leave out; nobody assigns them, which is all that would be unsafe.

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from relay.booking.catalogue import (
    Listing,
    Offer,
    OfferId,
    Price,
    PriceKey,
    Slot,
    Stock,
    Variant,
    VariantId,
    capacity_max,
    prices_max,
)
from relay.booking.partner import PartnerId
from relay.booking.requirement import Requirement
from relay.booking.terms import SlotId, participants_max
from relay.masking import masked
from relay.values import Language, NewId
from relay.web.changing import GivenTexts, texts, told
from relay.web.switches import GivenSwitches
from relay.web.terms import (
    Given,
    GivenMoney,
    GivenOccasion,
    Id,
    Instant,
    LongText,
    ShortText,
    ShownMoney,
    ShownOccasion,
    zone_characters_max,
    zone_named,
)
from relay.web.words import OfferKindWord, RequirementWord

batch_max = 100


class GivenRequirement(Given):
    """What the customer has to do before they go (SV-2, SV-3)."""

    kind: RequirementWord
    instruction: GivenTexts
    before_start: timedelta | None = Field(default=None, description="Until how long before the start (SV-13).")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.requirement()
        return self

    def requirement(self) -> Requirement:
        return Requirement(self.kind, texts(self.instruction), self.before_start)


class ShownRequirement(BaseModel):
    """What the customer has to do before they go."""

    kind: RequirementWord
    instruction: dict[Language, str]
    before_start: timedelta | None

    @classmethod
    def of(cls, one: Requirement | None) -> Self | None:
        if one is None:
            return None
        return cls(kind=one.kind, instruction=told(one.instruction), before_start=one.before_start)


class GivenPrice(Given):
    """A line of the price list, or an option."""

    key: Id = Field(description="Names it for whoever chooses it.")
    title: GivenTexts
    unit: GivenMoney
    people: int = Field(default=0, ge=0, le=participants_max, description="How many may come on one of it: 4 on a family's.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.price()
        return self

    def price(self) -> Price:
        return Price(PriceKey(self.key), texts(self.title), self.unit.money(), self.people)


class ShownPrice(BaseModel):
    """A line of the price list, or an option."""

    key: str
    title: dict[Language, str]
    unit: ShownMoney
    people: int

    @classmethod
    def of(cls, one: Price) -> Self:
        return cls(key=one.key, title=told(one.title), unit=ShownMoney.of(one.unit), people=one.people)


class VariantChange(Given):
    """What becomes of a variant; what is left out stays as it is."""

    title: GivenTexts | None = None
    prices: list[GivenPrice] | None = Field(default=None, max_length=prices_max)
    options: list[GivenPrice] | None = Field(default=None, max_length=prices_max)
    duration: timedelta | None = Field(default=None, description="Of what is booked for a date of the customer's own (SL-3).")
    participants_max: int | None = Field(default=None, ge=1, le=participants_max)
    switches: GivenSwitches | None = Field(default=None, description="Over the offer's (OR-10); all of them.")
    required_action: GivenRequirement | None = Field(default=None, description="In place of the offer's.")
    is_closed: bool | None = None

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.changes()
        return self

    def changes(self) -> dict[str, Any]:  # fields of a dataclass, by name
        """What is given, as fields of a Variant. Raises ValueError."""
        plain = {name: getattr(self, name) for name in ("duration", "participants_max", "is_closed")}
        given: dict[str, Any] = {name: value for name, value in plain.items() if value is not None}
        if self.title is not None:
            given["title"] = texts(self.title)
        if self.prices is not None:
            given["prices"] = tuple(one.price() for one in self.prices)
        if self.options is not None:
            given["options"] = tuple(one.price() for one in self.options)
        if self.switches is not None:
            given["switches"] = self.switches.switches()
        if self.required_action is not None:
            given["requirement"] = self.required_action.requirement()
        return given


class NewVariant(VariantChange):
    """One way to have an offer."""

    id: Id
    title: GivenTexts

    @model_validator(mode="after")
    def _makes_a_variant(self) -> Self:
        self.variant("any")
        return self

    def variant(self, offer: str) -> Variant:
        return Variant(id=VariantId(self.id), offer=OfferId(offer), **self.changes())


class OfferChange(Given):
    """What becomes of an offer; what is left out stays as it is. Bookings that are made already keep what they were made with."""

    title: GivenTexts | None = None
    place: ShortText | None = None
    promotion: ShortText | None = Field(default=None, description="The house's number of it (SV-7).")
    switches: GivenSwitches | None = Field(default=None, description="Over the house's; all of them.")
    required_action: GivenRequirement | None = Field(default=None, description="For bookings from now on (SV-12).")
    how_to_redeem: GivenTexts | None = None
    staff_note: LongText | None = Field(default=None, description="For the partner's staff alone (OR-7).")
    any_staff: bool | None = Field(default=None, description="Whether a customer may leave open who it is to be (OR-27).")
    valid_until: Instant | None = Field(default=None, description="Until when goods and vouchers can be had.")
    is_closed: bool | None = Field(default=None, description="Nothing more of it is sold (SL-B6).")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.changes()
        return self

    def changes(self) -> dict[str, Any]:  # fields of a dataclass, by name
        """What is given, as fields of an Offer. Raises ValueError."""
        plain = ("place", "promotion", "staff_note", "any_staff", "valid_until", "is_closed")
        given: dict[str, Any] = {name: value for name in plain if (value := getattr(self, name)) is not None}
        if self.title is not None:
            given["title"] = texts(self.title)
        if self.switches is not None:
            given["switches"] = self.switches.switches()
        if self.required_action is not None:
            given["requirement"] = self.required_action.requirement()
        if self.how_to_redeem is not None:
            given["how_to_redeem"] = texts(self.how_to_redeem)
        return given


class NewOffer(OfferChange):
    """An offer, with variants and their slots where they are known already: all of it is added, or nothing."""

    id: Id
    partner: Id
    title: GivenTexts
    kind: OfferKindWord = Field(description="How it lies in time (SL-8).")
    time_zone: str = Field(max_length=zone_characters_max, description="Of the activity.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217; of all its prices.")
    variants: list[NewVariant] = Field(default=[], max_length=batch_max)

    @model_validator(mode="after")
    def _makes_an_offer(self) -> Self:
        offer = self.offer()
        for one in self.variants:
            prices = (*(one.prices or ()), *(one.options or ()))
            if any(price.unit.currency != offer.currency for price in prices):
                raise ValueError(f"prices: all have to be in {offer.currency}")
        return self

    def offer(self) -> Offer:
        return Offer(
            id=OfferId(self.id),
            partner=PartnerId(self.partner),
            kind=self.kind,
            zone=zone_named(self.time_zone),
            currency=self.currency,
            **self.changes(),
        )

    def parts(self) -> tuple[Variant, ...]:
        return tuple(one.variant(self.id) for one in self.variants)


class ShownVariant(BaseModel):
    """One way to have an offer. `rules` are its switches over the offer's, over the house's."""

    id: str
    offer: str
    title: dict[Language, str]
    prices: list[ShownPrice]
    options: list[ShownPrice]
    duration: timedelta | None
    participants_max: int
    switches: GivenSwitches
    rules: GivenSwitches = Field(description="What holds.")
    required_action: ShownRequirement | None = Field(description="What holds: its own, or the offer's.")
    is_closed: bool = Field(description="Itself, or with its offer.")
    lacks: str | None = Field(description="What the partner lacks for this mode; nothing new is booked meanwhile (SL-2).")

    @classmethod
    def of(cls, listing: Listing) -> Self:
        one = listing.variant
        return cls(
            id=one.id,
            offer=one.offer,
            title=told(one.title),
            prices=[ShownPrice.of(price) for price in one.prices],
            options=[ShownPrice.of(price) for price in one.options],
            duration=one.duration,
            participants_max=one.participants_max,
            switches=GivenSwitches.of(one.switches),
            rules=GivenSwitches.of(listing.rules),
            required_action=ShownRequirement.of(listing.requirement),
            is_closed=listing.is_closed,
            lacks=listing.missing,
        )


class ShownOffer(BaseModel):
    """What a partner offers."""

    id: str
    partner: str
    title: dict[Language, str]
    kind: OfferKindWord
    time_zone: str
    currency: str
    place: str
    promotion: str
    switches: GivenSwitches
    required_action: ShownRequirement | None
    how_to_redeem: dict[Language, str] | None
    staff_note: str
    any_staff: bool
    valid_until: datetime | None
    is_closed: bool

    @classmethod
    def of(cls, one: Offer) -> Self:
        return cls(
            id=one.id,
            partner=one.partner,
            title=told(one.title),
            kind=one.kind,
            time_zone=one.zone.key,
            currency=one.currency,
            place=masked(one.place),
            promotion=one.promotion,
            switches=GivenSwitches.of(one.switches),
            required_action=ShownRequirement.of(one.requirement),
            how_to_redeem=told(one.how_to_redeem) if one.how_to_redeem is not None else None,
            staff_note=masked(one.staff_note),
            any_staff=one.any_staff,
            valid_until=one.valid_until,
            is_closed=one.is_closed,
        )


class NewSlot(Given):
    """A time at which there is room."""

    id: Id | None = Field(default=None, description="Ours, where it is left out.")
    occasion: GivenOccasion
    capacity: int = Field(ge=0, le=capacity_max)

    def slot(self, variant: str, new_id: NewId) -> Slot:
        return Slot(SlotId(self.id or new_id()), VariantId(variant), self.occasion.occasion(), self.capacity)


class NewSlots(Given):
    """Times at which there is room: all of them are added, or none."""

    slots: list[NewSlot] = Field(min_length=1, max_length=batch_max)


class SlotChange(Given):
    """What becomes of a slot; what is left out stays as it is."""

    capacity: int | None = Field(default=None, ge=0, le=capacity_max, description="Not less than is taken.")
    is_closed: bool | None = Field(default=None, description="Nothing more is sold of it.")


class ShownSlot(BaseModel):
    """A time at which there is room (ST-4)."""

    id: str
    variant: str
    occasion: ShownOccasion | None
    capacity: int
    taken: int
    is_closed: bool

    @classmethod
    def of(cls, stock: Stock) -> Self:
        slot = stock.slot
        return cls(
            id=slot.id,
            variant=slot.variant,
            occasion=ShownOccasion.of(slot.occasion),
            capacity=slot.capacity,
            taken=stock.taken,
            is_closed=slot.is_closed,
        )
