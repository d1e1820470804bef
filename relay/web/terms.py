"""Terms and money as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from relay.booking.money import BASIS, Money, minor_max
from relay.booking.terms import Discount, Line, Occasion, Terms, lines_max, participants_max, quantity_max
from relay.booking.texts import checked_line, line_characters_max, text_characters_max
from relay.conversation import checked_instant
from relay.masking import masked
from relay.web.booking_ports import NewTerms

zone_characters_max = 60


def zone_named(name: str) -> ZoneInfo:
    """Raises ValueError for what is no time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("time_zone: there is no such time zone; write for example Europe/Rome") from None


def _within_our_years(at: datetime) -> datetime:
    return checked_instant(at, "time")


def _a_line(text: str) -> str:
    checked_line("text", text)
    return text


Instant = Annotated[AwareDatetime, AfterValidator(_within_our_years)]
"""ISO 8601 with an offset, in years that we count in."""
Id = Annotated[str, Field(min_length=1, max_length=100, pattern="^[A-Za-z0-9][A-Za-z0-9._~-]*$")]
"""The house's own name of something in the catalogue: it stands in paths as it is."""
ShortText = Annotated[str, Field(max_length=line_characters_max)]
Title = Annotated[ShortText, AfterValidator(_a_line)]
"""A line that says something."""
LongText = Annotated[str, Field(max_length=text_characters_max)]


class Given(BaseModel):
    """What a request carries: a field that nobody knows is wrong, for it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class GivenMoney(Given):
    """An amount, in the smallest unit of its currency: 9000 EUR cents are 90.00 EUR."""

    minor: int = Field(ge=0, le=minor_max)
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217.")

    def money(self) -> Money:
        return Money(self.minor, self.currency)


class ShownMoney(BaseModel):
    """An amount of one currency."""

    minor: int = Field(description="In the smallest unit of the currency: 9000.")
    currency: str
    text: str = Field(description="For machines and people alike: 90.00 EUR.")

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(minor=money.minor, currency=money.currency, text=str(money))


class GivenOccasion(Given):
    """When it takes place."""

    starts_at: Instant
    ends_at: Instant
    time_zone: str = Field(max_length=zone_characters_max, description="Of the activity.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.occasion()
        return self

    def occasion(self) -> Occasion:
        return Occasion(self.starts_at, self.ends_at, zone_named(self.time_zone))


class ShownOccasion(BaseModel):
    """When it takes place. Times are in UTC, `time_zone` is the activity's."""

    starts_at: datetime
    ends_at: datetime = Field(description="The interval is half-open.")
    time_zone: str

    @classmethod
    def of(cls, occasion: Occasion | None) -> Self | None:
        if occasion is None:
            return None
        return cls(starts_at=occasion.starts_at, ends_at=occasion.ends_at, time_zone=occasion.zone.key)


class GivenLine(Given):
    """So many of something, at a price each."""

    text: Title
    quantity: int = Field(default=1, ge=1, le=quantity_max)
    unit: GivenMoney
    is_extra: bool = Field(default=True, description="Not of the price list (SL-6).")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.line()
        return self

    def line(self) -> Line:
        return Line(self.text, self.quantity, self.unit.money(), self.is_extra)


class GivenDiscount(Given):
    """Either an amount, or hundredths of a percent of all lines together (SL-7)."""

    text: Title
    amount: GivenMoney | None = None
    basis_points: int | None = Field(default=None, ge=1, le=BASIS, description="1000 are ten percent.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.discount()
        return self

    def discount(self) -> Discount:
        return Discount(self.text, self.amount.money() if self.amount is not None else None, self.basis_points)


class GivenTerms(Given):
    """Other terms than the present ones; what is left out stays as it is."""

    occasion: GivenOccasion | None = None
    slot: Id | None = Field(default=None, description="A published one, in place of `occasion`.")
    lines: list[GivenLine] | None = Field(default=None, max_length=lines_max, description="All of them, extras too (SL-6).")
    discounts: list[GivenDiscount] | None = Field(default=None, max_length=lines_max)
    participants: int | None = Field(default=None, ge=1, le=participants_max)
    options: list[Title] | None = Field(default=None, max_length=lines_max)
    place: ShortText | None = None
    note: LongText | None = None
    valid_until: Instant | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.occasion is not None and self.slot is not None:
            raise ValueError("either an occasion or a slot, not both")
        return self

    def terms(self) -> NewTerms:
        return NewTerms(
            occasion=self.occasion.occasion() if self.occasion is not None else None,
            slot=self.slot,
            lines=tuple(one.line() for one in self.lines) if self.lines is not None else None,
            discounts=tuple(one.discount() for one in self.discounts) if self.discounts is not None else None,
            participants=self.participants,
            options=tuple(self.options) if self.options is not None else None,
            place=self.place,
            note=self.note,
            valid_until=self.valid_until,
        )


class ShownLine(BaseModel):
    """So many of something, at a price each."""

    text: str
    quantity: int
    unit: ShownMoney
    amount: ShownMoney
    is_extra: bool = Field(description="Not of the price list.")


class ShownDiscount(BaseModel):
    """What is taken off."""

    text: str
    basis_points: int | None
    amount: ShownMoney = Field(description="What it takes off.")


class ShownTerms(BaseModel):
    """One version of what is asked for, offered or agreed; it never changes (SL-5). Mail addresses in texts are masked."""

    version: int
    occasion: ShownOccasion | None = Field(description="Null for goods without a date, or where it is left open.")
    participants: int
    lines: list[ShownLine]
    discounts: list[ShownDiscount]
    options: list[str]
    place: str
    note: str
    valid_until: datetime | None
    subtotal: ShownMoney = Field(description="Before discounts.")
    total: ShownMoney

    @classmethod
    def of(cls, terms: Terms) -> Self:
        subtotal = terms.subtotal
        return cls(
            version=terms.version,
            occasion=ShownOccasion.of(terms.occasion),
            participants=terms.participants,
            lines=[
                ShownLine(
                    text=masked(one.text),
                    quantity=one.quantity,
                    unit=ShownMoney.of(one.unit),
                    amount=ShownMoney.of(one.amount),
                    is_extra=one.is_extra,
                )
                for one in terms.lines
            ],
            discounts=[
                ShownDiscount(text=masked(one.text), basis_points=one.basis_points, amount=ShownMoney.of(one.amount(subtotal)))
                for one in terms.discounts
            ],
            options=[masked(one) for one in terms.options],
            place=masked(terms.place),
            note=masked(terms.note),
            valid_until=terms.valid_until,
            subtotal=ShownMoney.of(subtotal),
            total=ShownMoney.of(terms.total),
        )
