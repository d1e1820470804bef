"""Why a refund fails."""

from __future__ import annotations

from enum import Enum


class Cause(Enum):
    """Why a refund failed."""

    INSUFFICIENT_BALANCE = "insufficient balance"
    """There is less at the provider than is to go back; it has to be topped up (SL-B4)."""
    DISPUTED = "disputed"
    """The customer's bank has taken it back already, or is about to."""
    NOT_TAKEN = "not taken"
    """The card or account that paid takes nothing any more."""
    ALREADY_RETURNED = "already returned"
    """Less of the payment is left than that."""
    REJECTED = "rejected"
    """The provider does not do it, for a reason of its own."""

    @property
    def may_pass(self) -> bool:
        """Whether it may succeed later, with nothing changed by us."""
        return self is Cause.INSUFFICIENT_BALANCE
