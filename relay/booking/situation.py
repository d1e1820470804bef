"""What is known when somebody acts on a booking, and what they want."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from relay.booking.booking import Actor, Booking, Cause, HoldKind
from relay.booking.ledger import Account, Payment
from relay.booking.money import Money
from relay.booking.offer import Rules
from relay.booking.partner import StaffId
from relay.booking.terms import Terms


class Act(Enum):
    """What can be done, by people, the clock, and the payment provider."""

    REQUEST = "request"
    RESERVE = "reserve"
    CHECK_OUT = "check out"
    SEE = "see"
    ASSIGN = "assign"
    CONTACT = "contact"
    MARK_CONTACTED = "mark as contacted"
    WRITE_BACK = "write back"
    """The customer answers what the partner wrote, while no alias does yet (GY-6)."""
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
    PROPOSE = "propose a change"
    REFUSE = "refuse the change"
    RESCHEDULE = "reschedule"
    ACTION_DONE = "required action done"
    ACTION_REOPENED = "required action open again"
    CANCEL = "cancel"
    REFER = "refer to the partner"
    REFUND = "refund"
    REDEEM = "redeem"
    UNDO_REDEEM = "undo the redemption"
    MARK_NO_SHOW = "mark as no-show"
    COMPLETE = "complete"
    CLOSE_CONVERSATION = "close the conversation"
    REOPEN_CONVERSATION = "reopen the conversation"
    ERASE = "erase"
    NOT_REACHED = "not reached"
    """Mail did not get to a party: whoever looks at the booking has to know (GW-54)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A booking, with what its rules, the ledger, the capacity and the clock say at `now` (UTC)."""

    booking: Booking
    rules: Rules
    account: Account
    now: datetime
    room: bool = True
    """Whether there is capacity for what is wanted, what the booking holds itself aside; looked up in the transaction that takes
    it."""
    unsold: str = ""
    """Why the catalogue lets nobody begin this booking, as a sentence (relay.booking.beginning); empty where it does."""

    @property
    def due(self) -> Money:
        """What the terms cost, all together."""
        return self.booking.terms.total

    @property
    def outstanding(self) -> Money:
        """What is due and has not come in; zero or less where all has."""
        return self.due - self.booking.paid_in(self.account)

    @property
    def surplus(self) -> Money:
        """What came in beyond what is due, and was not given back; zero where nothing did."""
        return max(self.account.refundable - self.due, Money.zero(self.due.currency))

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
    hold: HoldKind | None = None
    """An option, where it shall not be a reservation (ST-20)."""
    assignee: StaffId | None = None
    """Who of the staff takes it on; None leaves it as it is, but gives it back to the team where it is assigned (OR-27)."""
    cause: Cause | None = None
