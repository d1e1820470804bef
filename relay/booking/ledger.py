"""The ledger of a booking: what was paid and given back, entry by entry. Entries are added, never changed (invariant 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from relay.booking.money import Money


class Kind(Enum):
    """What an entry says. Amounts are above zero; the kind gives the direction."""

    STARTED = "started"
    """A payment is under way at the provider, which decides about it."""
    FAILED = "failed"
    """It came to nothing."""
    PAID = "paid"
    """The money is ours: a card, cash, a transfer."""
    REFUND_STARTED = "refund started"
    REFUND_FAILED = "refund failed"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    """The customer's bank took it back for now."""
    DISPUTE_WON = "dispute won"
    DISPUTE_LOST = "dispute lost"


class Payment(Enum):
    """What the ledger comes to, beside what is due."""

    NOTHING_DUE = "nothing due"
    UNPAID = "unpaid"
    IN_FLIGHT = "in flight"
    PAID = "paid"
    PART_REFUNDED = "part refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `event` is the provider's name for what happened, or that of whoever took the money: it is entered once, for ever
    (T12). `about` ties the entries of one payment, refund or dispute together; `at` is in UTC."""

    kind: Kind
    amount: Money
    at: datetime
    event: str
    about: str
    by: str

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("ledger: an amount above zero is needed")
        if not self.event or not self.about or not self.by:
            raise ValueError("ledger: event, payment and person have to be named")


@dataclass(frozen=True, slots=True)
class Account:
    """What the entries of one booking come to, all in one currency."""

    captured: Money
    """Paid in, whatever became of it later."""
    refunded: Money
    refunding: Money
    """Of refunds that were started and have not ended."""
    lost: Money
    """To disputes that were lost, or are open."""
    in_flight: bool
    disputed: bool

    @property
    def refundable(self) -> Money:
        """What may still be given back: never more than came in (T23)."""
        return self.captured - self.refunded - self.refunding - self.lost

    def payment(self, due: Money) -> Payment:
        """Where the payment of `due`, the total of the terms, stands."""
        if self.disputed:
            return Payment.DISPUTED
        if self.captured and self.refunded:
            return Payment.REFUNDED if self.refunded == self.captured else Payment.PART_REFUNDED
        if due <= self.captured - self.lost:
            return Payment.PAID if self.captured else Payment.NOTHING_DUE
        return Payment.IN_FLIGHT if self.in_flight else Payment.UNPAID


def account(entries: Iterable[Entry], currency: str) -> Account:
    """What `entries` come to, in any order that they arrived in: webhooks overtake one another.

    An event that stands twice counts once. Raises ValueError for an entry in another currency.
    """
    once = {entry.event: entry for entry in entries}
    of: dict[str, dict[Kind, Entry]] = {}
    for entry in once.values():
        of.setdefault(entry.about, {})[entry.kind] = entry
    zero = Money.zero(currency)
    captured = refunded = refunding = lost = zero
    in_flight = disputed = False
    for kinds in of.values():
        if Kind.PAID in kinds:
            captured += kinds[Kind.PAID].amount
        elif Kind.STARTED in kinds and Kind.FAILED not in kinds:
            in_flight = True
        if Kind.REFUND_FAILED in kinds:
            pass  # also one that was sent: a bank may give it back days later, and then it is ours again
        elif Kind.REFUNDED in kinds:
            refunded += kinds[Kind.REFUNDED].amount
        elif Kind.REFUND_STARTED in kinds:
            refunding += kinds[Kind.REFUND_STARTED].amount
        if Kind.DISPUTED in kinds and Kind.DISPUTE_WON not in kinds:
            lost += kinds[Kind.DISPUTED].amount
            disputed = disputed or Kind.DISPUTE_LOST not in kinds
    return Account(captured, refunded, refunding, lost, in_flight, disputed)
