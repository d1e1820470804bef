"""What a notification is about: everything that it may say. What is not in here cannot stand in the mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Booking
from relay.booking.ledger import Account
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode, Rules
from relay.booking.terms import Terms
from relay.values import Alias, Language, RealAddress

N = Notification


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail. `address` stands in its To field: the recipient's own alias, an operator's own mailbox.

    `zone` is where the recipient is, if they have said so: times are told in it as well.
    """

    to: To
    language: Language
    address: Alias | RealAddress
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What is booked, in the words of its offer, in the recipient's language where the offer has it. `zone` is the activity's.

    `duration`, where it is given, is told instead of the time from start to end.
    """

    offer: str
    zone: ZoneInfo
    variant: str = ""
    duration: str | timedelta = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the recipient can go from the mail. `booking`, the page of this booking, each party has always, and an operator, who
    looks at bookings otherwise, never; the others are there where they are possible now. They hold secrets, so they stand in the
    mail alone and in no calendar entry, log or exception."""

    booking: str = field(default="", repr=False)
    accept: str = field(default="", repr=False)
    """Of the request, to a partner; of what was offered, to whoever has the turn."""
    decline: str = field(default="", repr=False)
    counter: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)
    """The form in which the customer answers what a partner wrote: before the booking is confirmed no alias does (GY-6)."""
    pay: str = field(default="", repr=False)
    """Leads to the checkout of this booking: the first time, again after a failure, and after a reminder (SL-16)."""
    cancel: str = field(default="", repr=False)
    ask_again: str = field(default="", repr=False)
    """A new request with the data of this one (OR-35)."""
    book_again: str = field(default="", repr=False)
    """The offer itself, for those who reserved without asking (ST-B5); empty where nobody shows it on a page."""
    voucher: str = field(default="", repr=False)
    """The voucher; empty where nobody shows it on a page."""


@dataclass(frozen=True, slots=True)
class Guide:
    """What the house tells: help and terms for its partners (SL-31, GY-28), where customers say how it was (GY-27), and how many
    working days a refund takes, from and to (SL-29). A page that there is not is an empty text.

    `pays_online`: customers pay by themselves at the payment provider; where they do not, `how_to_pay` is the house's own text
    about it (OR-B2).
    """

    help_url: str = ""
    terms_url: str = ""
    review_url: str = ""
    refund_days: tuple[int, int] = (5, 10)
    pays_online: bool = True
    how_to_pay: str = ""


class Obstacle(Enum):
    """Why a refund did not go through (SL-B4). What the payment provider said is not quoted to anybody."""

    BALANCE = "insufficient balance"
    CARD = "the card takes no money any more"
    OTHER = "the payment provider refused it"


class Vocabulary(Enum):
    """Which words a mail uses: those of booking and buying, or those of reserving (ST-9)."""

    BOOKING = "booking"
    RESERVATION = "reservation"


ADDRESSED: Final[dict[Notification, tuple[To, ...]]] = {
    N.NEW_REQUEST: (To.PARTNER,),
    N.REQUEST_RECEIVED: (To.CUSTOMER,),
    N.RESERVED: (To.CUSTOMER,),
    N.PARTNER_WRITES: (To.CUSTOMER, To.PARTNER),
    N.COUNTER_OFFER: (To.CUSTOMER, To.PARTNER),
    N.PLEASE_PAY: (To.CUSTOMER,),
    N.DECLINED: (To.CUSTOMER,),
    N.WITHDRAWN: (To.PARTNER,),
    N.BOOKED: (To.CUSTOMER,),
    N.ACCEPTANCE_WITHDRAWN: (To.CUSTOMER,),
    N.BOOKED_AND_PAID: (To.PARTNER,),
    N.PAYMENT_FAILED: (To.CUSTOMER,),
    N.PAID_TOO_LATE: (To.CUSTOMER, To.PARTNER),
    N.TERM_EXTENDED: (To.CUSTOMER,),
    N.RELEASED: (To.CUSTOMER, To.PARTNER),
    N.REQUEST_EXPIRED: (To.CUSTOMER, To.PARTNER),
    N.RESCHEDULED: (To.CUSTOMER, To.PARTNER),
    N.ACTION_CHANGED: (To.CUSTOMER,),
    N.CANCELLED: (To.CUSTOMER, To.PARTNER),
    N.REFERRED_TO_PARTNER: (To.CUSTOMER,),
    N.REFUND_SENT: (To.CUSTOMER, To.PARTNER),
    N.REFUND_FAILED: (To.PARTNER, To.OPERATOR),
    N.COMPLETED: (To.CUSTOMER,),
    N.CONVERSATION_CLOSED: (To.CUSTOMER, To.PARTNER),
    N.REQUEST_UNANSWERED: (To.PARTNER,),
    N.UNPAID: (To.CUSTOMER, To.PARTNER),
    N.ACTION_OPEN: (To.CUSTOMER,),
}
"""Whom each notification is for: the catalogue's third column."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One notification to one recipient. Checked when made: raises ValueError where the catalogue has no such mail, or what it is
    about is missing.

    `booking` is the booking as of the step that caused the mail, `before` as it was before that step. What people wrote (notes,
    reasons, `written`) is hostile, and made fit when it is shown; identifiers of a party whom only the caller knows, such as a
    phone number, are taken out before. All times are aware.
    """

    says: Notification
    recipient: Recipient
    booking: Booking
    rules: Rules
    product: Product
    links: Links
    guide: Guide = field(default_factory=Guide)
    before: Booking | None = None
    other_name: str = ""
    """Of the other party, as the house shows names; empty for none (GW-40)."""
    other_alias: Alias | None = None
    """At which the other party is reached, from the confirmation on (GY-6, GY-17)."""
    answers_to: Alias | None = None
    """Where an answer to this mail goes, if it can be answered."""
    organiser: Alias | None = None
    """Who a calendar answer goes to; without one, the calendar entry asks for none."""
    account: Account | None = None
    """What the ledger comes to after the step."""
    amount: Money | None = None
    """What this mail is about: paid, or given back."""
    obstacle: Obstacle | None = None
    by: Actor | None = None
    """Who did it."""
    reason: str = field(default="", repr=False)
    """Why, as it was written; whoever declines names other times in it (SL-24)."""
    written: str = field(default="", repr=False)
    """What the partner writes to the customer (OR-24)."""
    voucher: str = field(default="", repr=False)
    """The code on the voucher."""

    def __post_init__(self) -> None:
        if self.recipient.to not in ADDRESSED[self.says]:
            raise ValueError(f"{self.says.value} is not for the {self.recipient.to.value}")
        if self.recipient.to is not To.OPERATOR and not isinstance(self.recipient.address, Alias):
            raise ValueError("address: mail about a booking shows a party's alias")
        for name, is_there in _NEEDED.get(self.says, {}).items():
            if not is_there(self):
                raise ValueError(f"{name}: {self.says.value} tells of it")

    @property
    def compared(self) -> tuple[Terms, Terms] | None:
        """The terms before and after: as they are and as they would be where a change is proposed, else before the step and
        now."""
        if self.booking.proposal is not None:
            return self.booking.terms, self.booking.proposal
        return (self.before.terms, self.booking.terms) if self.before is not None else None

    @property
    def instruction(self) -> str:
        """What the customer has to do before they go, in the recipient's language where the offer has it (SV-3)."""
        required = self.booking.requirement
        return required.instruction.read_in(self.recipient.language) if required is not None else ""

    @property
    def answer_by(self) -> datetime | None:
        """When what was asked for, offered or proposed lapses without an answer."""
        if self.booking.proposal is not None:
            return self.booking.proposal.valid_until
        return self.booking.lapses_at(self.rules)

    @property
    def vocabulary(self) -> Vocabulary:
        """A reservation is paid later; everything else is booked (ST-9)."""
        return Vocabulary.RESERVATION if self.rules.mode is Mode.RESERVE else Vocabulary.BOOKING


_NEEDED: Final[dict[Notification, dict[str, Callable[[Matter], bool]]]] = {
    N.PARTNER_WRITES: {"written": lambda matter: bool(matter.written.strip())},
    N.COUNTER_OFFER: {"before": lambda matter: matter.compared is not None},
    N.RESCHEDULED: {"before": lambda matter: matter.compared is not None},
    N.REFUND_SENT: {"amount": lambda matter: matter.amount is not None},
    N.REFUND_FAILED: {
        "amount": lambda matter: matter.amount is not None,
        "obstacle": lambda matter: matter.obstacle is not None,
    },
    N.ACTION_OPEN: {"instruction": lambda matter: bool(matter.instruction.strip())},
}
"""What a mail is about, and cannot do without."""
