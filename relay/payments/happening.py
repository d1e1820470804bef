"""What a payment provider says happened, and what it means for the ledger and the booking.

Providers say a thing several times, late, and in any order. So what counts is whether an entry adds something to the ledger: what
adds nothing causes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from relay.booking.ledger import Entry, Kind
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.payments.cause import Cause


@dataclass(frozen=True, slots=True)
class Happening:
    """Something about money, as a provider tells it. Time in UTC.

    `event` is the provider's name for it, never given twice. `payment` is the payment that it is about, and `about` what its
    entries in the ledger are tied together by: the payment, one try to pay, one refund, one dispute. `booking` is the reference
    that was given with the order, empty where the provider does not repeat it: then the payment tells.
    """

    event: str
    kind: Kind
    amount: Money
    at: datetime
    payment: str
    about: str
    booking: str = ""
    cause: Cause = Cause.REJECTED
    """Why a refund failed."""
    checkout: str = ""
    """The provider's name for the pages on which it was paid, where it says so."""
    refund: str = ""
    """The provider's name for the refund, of which there may have been an earlier try."""

    def entry(self, by: str) -> Entry:
        """As the ledger has it. `by` is the provider's name."""
        return Entry(self.kind, self.amount, self.at, self.event, self.about, by)

    @property
    def is_a_try(self) -> bool:
        """One try of a payment: whoever pays has been told, and may try again on the same page."""
        return self.kind is Kind.FAILED and self.about != self.payment


@dataclass(frozen=True, slots=True)
class CheckoutOver:
    """Nobody can pay at that checkout any more: its time is over, or we ended it."""

    event: str
    checkout: str
    at: datetime
    booking: str = ""


Message = Happening | CheckoutOver

_ACTS: Final = {Kind.PAID: Act.PAID, Kind.FAILED: Act.PAYMENT_FAILED}


def adds(entry: Entry, known: Sequence[Entry]) -> bool:
    """Whether the ledger comes to something else with `entry` than without, in this order or with what may still come."""
    return not any(one.event == entry.event or (one.about == entry.about and one.kind is entry.kind) for one in known)


def act_of(happening: Happening, known: Sequence[Entry]) -> Act | None:
    """The step of the booking that it leads to, beside the entry in its ledger; `known` are the entries before it (T12, T13).

    A payment that failed is one where the provider had said that it was under way, or a try on a page that nobody waits behind;
    once the money came in, what failed before is of no interest to anybody.
    """
    if not adds(happening.entry("provider"), known):
        return None
    kinds = {one.kind for one in known if one.about == happening.payment}
    if happening.kind is Kind.FAILED and (Kind.PAID in kinds or (Kind.STARTED in kinds) is happening.is_a_try):
        return None
    return _ACTS.get(happening.kind)
