"""What is known when somebody acts on a booking, and what they want."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from relay.booking.booking import Actor, Booking
from relay.booking.ledger import Account, Payment
from relay.booking.money import Money
from relay.booking.offer import Rules
from relay.booking.terms import Terms


class Act(Enum):
    """What can be done, by people, the clock, and the payment provider."""

    CONTACT = "contact"
    MARK_CONTACTED = "mark as contacted"
    COUNTER = "counter"
    ACCEPT = "accept"
    BOOK = "book"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take back the acceptance"
    PAID = "paid"
    """All of it came in, says the payment provider; the ledger has it already."""
    TAKE_PAYMENT = "take the payment"
    """In cash, or seen in the bank account."""
    PAYMENT_FAILED = "payment failed"
    EXTEND = "extend the deadline"
    BLOCK = "block the release"
    UNBLOCK = "unblock the release"
    RELEASE = "release"
    LAPSE = "lapse"
    REINSTATE = "reinstate"
    RESCHEDULE = "reschedule"
    ACTION_DONE = "required action done"
    ACTION_REOPENED = "required action open again"
    CANCEL = "cancel"
    REFER = "refer to the partner"
    REFUND = "refund"
    REDEEM = "redeem"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Situation:
    """A booking, with what its rules, the ledger, the capacity and the clock say at `now` (UTC)."""

    booking: Booking
    rules: Rules
    account: Account
    now: datetime
    room: bool = True
    """Whether there is capacity for what is wanted, looked up in the transaction that takes it."""

    @property
    def due(self) -> Money:
        """What the terms cost, all together."""
        return self.booking.terms.total

    @property
    def outstanding(self) -> Money:
        """What is due and has not come in; zero or less where all has."""
        return self.due - self.account.captured

    @property
    def payment(self) -> Payment:
        return self.account.payment(self.due)


@dataclass(frozen=True, slots=True)
class Wish:
    """What `actor` wants done. `by` names the person for the history; which of the others counts depends on `act`."""

    act: Act
    actor: Actor
    by: str
    reason: str = ""
    terms: Terms | None = None
    """Those that are offered, or as which it is booked."""
    terms_version: int | None = None
    """The version that is accepted: exactly the one that was read (SL-5)."""
    until: datetime | None = None
    amount: Money | None = None
