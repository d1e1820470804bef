"""Terms: what is asked for, offered or agreed. A version never changes; whoever wants something else makes the next (SL-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NewType
from zoneinfo import ZoneInfo

from relay.booking.money import BASIS, Money
from relay.booking.texts import checked_line, line_characters_max, text_characters_max

SlotId = NewType("SlotId", str)

lines_max: Final = 100
quantity_max: Final = 100_000
participants_max: Final = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something at a price each; `is_extra`: it is not of the price list (SL-4, SL-6)."""

    text: str
    quantity: int
    unit: Money
    is_extra: bool = False

    def __post_init__(self) -> None:
        checked_line("line", self.text)
        if not 1 <= self.quantity <= quantity_max:
            raise ValueError(f"line: a quantity of 1 to {quantity_max} is needed")
        if self.unit.minor < 0:
            raise ValueError("line: a price below zero is a discount")

    @property
    def amount(self) -> Money:
        return self.unit * self.quantity


@dataclass(frozen=True, slots=True)
class Choice:
    """So many of a line of the price list, or of an option, by its key."""

    key: str
    quantity: int = 1

    def __post_init__(self) -> None:
        checked_line("price", self.key)
        if not 1 <= self.quantity <= quantity_max:
            raise ValueError(f"quantity: 1 to {quantity_max} are needed")


@dataclass(frozen=True, slots=True)
class Discount:
    """A fixed amount less, or so many basis points of all lines together (SL-7): one of the two."""

    text: str
    fixed: Money | None = None
    basis_points: int | None = None

    def __post_init__(self) -> None:
        checked_line("discount", self.text)
        if (self.fixed is None) == (self.basis_points is None):
            raise ValueError("discount: either an amount or a percentage is needed")
        if self.fixed is not None and self.fixed.minor <= 0:
            raise ValueError("discount: an amount above zero is needed")
        if self.basis_points is not None and not 0 < self.basis_points <= BASIS:
            raise ValueError("discount: a percentage above 0, and at most 100, is needed")

    def amount(self, subtotal: Money) -> Money:
        """What it takes off, above zero."""
        return self.fixed if self.fixed is not None else subtotal.share(self.basis_points or 0)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When it takes place: half-open, [starts_at, ends_at), in UTC; `zone` is the activity's.

    One that lasts several days ends on its last (SL-8). Raises ValueError where it ends before it starts.
    """

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("date: a time zone is needed")
        if self.ends_at <= self.starts_at:
            raise ValueError("date: it has to end after it starts")
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))

    def overlaps(self, other: Occasion) -> bool:
        """Whether some instant is in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Terms:
    """One version: what, when, for how many, at what price, and until when it may be accepted.

    `occasion` is None for goods without a date (SL-8), and where the customer leaves it open. `version` counts from 1. Raises
    ValueError that names what is wrong, a total below zero among it (SL-7).
    """

    version: int
    currency: str
    lines: tuple[Line, ...] = ()
    discounts: tuple[Discount, ...] = ()
    occasion: Occasion | None = None
    participants: int = 1
    options: tuple[str, ...] = ()
    """What was chosen with it, in the words of the offer (OR-17)."""
    choices: tuple[Choice, ...] = ()
    """What `lines` and `options` were made of, as far as it is of the price list: so it can be asked for again (T18)."""
    slot: SlotId | None = None
    """The published one that `occasion` is; None for a date of the customer's own (SL-3), and for goods."""
    place: str = ""
    note: str = ""
    """The customer's wishes, or what the partner says about this version (SL-4)."""
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        if self.version < 1:
            raise ValueError("terms: versions count from 1")
        if max(map(len, (self.lines, self.discounts, self.options, self.choices))) > lines_max:
            raise ValueError(f"terms: at most {lines_max} lines, discounts, options and choices each")
        if self.slot is not None and self.occasion is None:
            raise ValueError("date: a slot has one")
        if not 1 <= self.participants <= participants_max:
            raise ValueError(f"participants: 1 to {participants_max} are needed")
        for option in self.options:
            checked_line("option", option)
        if len(self.place) > line_characters_max:
            raise ValueError(f"place: at most {line_characters_max} characters")
        if len(self.note) > text_characters_max:
            raise ValueError(f"note: at most {text_characters_max} characters")
        if self.total.minor < 0:
            raise ValueError("discount: it takes off more than all lines come to")

    @property
    def subtotal(self) -> Money:
        """All lines together, before discounts. Raises ValueError where one is of another currency."""
        return Money.total((line.amount for line in self.lines), self.currency)

    @property
    def taken_off(self) -> Money:
        """All discounts together; a percentage is one of the subtotal, whatever else is taken off."""
        subtotal = self.subtotal
        return Money.total((one.amount(subtotal) for one in self.discounts), self.currency)

    @property
    def total(self) -> Money:
        return self.subtotal - self.taken_off

    def is_valid(self, now: datetime) -> bool:
        """Whether it may still be accepted: not past its date, and what it is about has not begun (OR-34)."""
        has_begun = self.occasion is not None and now >= self.occasion.starts_at
        return not has_begun and (self.valid_until is None or now < self.valid_until)
