"""What can be booked: an offer of a partner's, its variants with their price lists, and the slots at which there is room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NewType
from zoneinfo import ZoneInfo

from relay.booking.money import Money
from relay.booking.offer import Rules, Switches
from relay.booking.partner import Partner, PartnerId
from relay.booking.requirement import Requirement
from relay.booking.terms import Occasion, SlotId, participants_max
from relay.booking.texts import Texts, checked_line, checked_title, line_characters_max, text_characters_max

OfferId = NewType("OfferId", str)
VariantId = NewType("VariantId", str)
PriceKey = NewType("PriceKey", str)
"""Names a line of a variant's price list, or an option, for whoever chooses it; never shown."""

prices_max: Final = 50
capacity_max: Final = 1_000_000
duration_max: Final = timedelta(days=366)
one_day: Final = timedelta(hours=24)
"""What begins in the evening and ends at night is of one day still."""


class OfferKind(Enum):
    """How it lies in time (SL-8)."""

    ONE_DAY = "one day"
    SEVERAL_DAYS = "several days"
    GOODS = "goods"
    """Without a date: goods, services, vouchers."""


@dataclass(frozen=True, slots=True)
class Price:
    """A line of the price list, or an option with its price, which may be nothing (OR-17)."""

    key: PriceKey
    title: Texts
    unit: Money
    people: int = 0
    """How many may come on one of it: 1 for an adult, 4 for a family, none for a bottle of wine."""

    def __post_init__(self) -> None:
        checked_line("price", self.key)
        if not 0 <= self.people <= participants_max:
            raise ValueError(f"price: it is for 0 to {participants_max} people")
        checked_title("price", self.title)
        if self.unit.minor < 0:
            raise ValueError("price: it cannot be below zero")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to have an offer: its prices, and its own switches over the offer's (OR-10)."""

    id: VariantId
    offer: OfferId
    title: Texts
    prices: tuple[Price, ...] = ()
    """Whoever books directly chooses of these."""
    options: tuple[Price, ...] = ()
    """What can be had with it."""
    duration: timedelta | None = None
    """Of what is booked for a date of the customer's own (SL-3)."""
    participants_max: int = participants_max
    switches: Switches = field(default_factory=Switches)
    requirement: Requirement | None = None
    """In place of the offer's."""
    is_closed: bool = False

    def __post_init__(self) -> None:
        checked_title("variant", self.title)
        if len(self.prices) > prices_max or len(self.options) > prices_max:
            raise ValueError(f"prices: at most {prices_max}, and as many options")
        keys = [one.key for one in (*self.prices, *self.options)]
        if len(set(keys)) < len(keys):
            raise ValueError("prices: a key stands twice")
        if self.duration is not None and not timedelta() < self.duration <= duration_max:
            raise ValueError(f"duration: above nothing, and at most {duration_max.days} days")
        if not 1 <= self.participants_max <= participants_max:
            raise ValueError(f"participants: 1 to {participants_max} are needed")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a partner offers, in whatever variants. Raises ValueError that names what is wrong."""

    id: OfferId
    partner: PartnerId
    title: Texts
    kind: OfferKind
    zone: ZoneInfo
    """Of the activity."""
    currency: str
    place: str = ""
    promotion: str = ""
    """The house's number of it (SV-7)."""
    switches: Switches = field(default_factory=Switches)
    requirement: Requirement | None = None
    how_to_redeem: Texts | None = None
    """SV-12"""
    staff_note: str = ""
    """For the partner's staff alone (OR-7)."""
    any_staff: bool = True
    """Whether a customer may leave open who it is to be (OR-27)."""
    valid_until: datetime | None = None
    """Until when goods and vouchers can be had (SV-B2)."""
    is_closed: bool = False
    """By hand: nothing more of it is sold (SL-B6)."""

    def __post_init__(self) -> None:
        checked_title("offer", self.title)
        Money.zero(self.currency)
        if len(self.place) > line_characters_max or len(self.promotion) > line_characters_max:
            raise ValueError(f"place, promotion: at most {line_characters_max} characters")
        if len(self.staff_note) > text_characters_max:
            raise ValueError(f"staff note: at most {text_characters_max} characters")
        if self.valid_until is not None and self.valid_until.tzinfo is None:
            raise ValueError("valid until: a time zone is needed")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which there is room for `capacity` of a variant. What is taken of it the store knows."""

    id: SlotId
    variant: VariantId
    occasion: Occasion
    capacity: int
    is_closed: bool = False
    """Nothing more is sold of it (GY-B4)."""

    def __post_init__(self) -> None:
        if not 0 <= self.capacity <= capacity_max:
            raise ValueError(f"capacity: 0 to {capacity_max} are needed")


@dataclass(frozen=True, slots=True)
class Stock:
    """A slot, and how many of its places are taken (ST-4)."""

    slot: Slot
    taken: int

    @property
    def free(self) -> int:
        """How many more can be sold."""
        return 0 if self.slot.is_closed else self.slot.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Listing:
    """A variant with all that stands above it. `house`: the organisation's defaults.

    Raises ValueError where they do not belong together, a price is of another currency than the offer, or the partner lacks what
    the variant's mode asks for, which is named (SL-2).
    """

    partner: Partner
    offer: Offer
    variant: Variant
    house: Rules

    def __post_init__(self) -> None:
        if self.offer.partner != self.partner.id or self.variant.offer != self.offer.id:
            raise ValueError("listing: partner, offer and variant do not belong together")
        if any(one.unit.currency != self.offer.currency for one in (*self.variant.prices, *self.variant.options)):
            raise ValueError(f"prices: all have to be in {self.offer.currency}")

    @property
    def rules(self) -> Rules:
        """What holds: the variant's switches over the offer's over the house's (OR-10, SL-9)."""
        return self.variant.switches.over(self.offer.switches.over(self.house))

    @property
    def requirement(self) -> Requirement | None:
        """What is copied to a booking (SV-2)."""
        return self.variant.requirement or self.offer.requirement

    @property
    def is_closed(self) -> bool:
        return self.offer.is_closed or self.variant.is_closed

    def price(self, key: str) -> Price:
        """The line of the price list, or the option, of that key. Raises ValueError where there is none (any more)."""
        for one in (*self.variant.prices, *self.variant.options):
            if one.key == key:
                return one
        raise ValueError(f"price: {key!r} is not of the price list")

    @property
    def missing(self) -> str | None:
        """What the partner lacks for the variant's mode, named; None where nothing (SL-2).

        A switch is not turned on while something is missing. Where it goes missing later no new request comes in, and what was
        asked for goes on.
        """
        return self.partner.missing_for(self.rules.mode)
