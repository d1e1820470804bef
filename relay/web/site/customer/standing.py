"""Where a booking stands, in its customer's words, and what they are asked to do (OR-18, SV-20, ST-18).

Options are told from reservations (ST-20), and what was not paid in time from what was given up (ST-24).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from relay.booking.booking import Actor, Booking, HoldKind, RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.correspondence.languages import marked as _


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign in a word, what it is drawn like, and what the customer is asked to do; empty where they have nothing to do."""

    label: str
    kind: str = ""
    to_do: str = ""


_SAYS: Final = {
    Stage.DRAFT: Standing(_("Not sent")),
    Stage.REQUESTED: Standing(_("Waiting for an answer"), "warn"),
    Stage.COUNTERED: Standing(_("Waiting for an answer"), "warn"),
    Stage.AWAITING_PAYMENT: Standing(_("To be paid"), "warn", _("Pay")),
    Stage.CONFIRMED: Standing(_("Booked"), "good"),
    Stage.COMPLETED: Standing(_("Took place"), "good"),
    Stage.DECLINED: Standing(_("Declined")),
    Stage.WITHDRAWN: Standing(_("Withdrawn")),
    Stage.EXPIRED: Standing(_("Expired")),
    Stage.CANCELLED: Standing(_("Cancelled"), "bad"),
}
_OFFERED: Final = Standing(_("Other terms are offered"), "new", _("Answer the offer"))
_CHANGE: Final = Standing(_("A change is proposed"), "new", _("Answer the proposal"))
_IN_FLIGHT: Final = Standing(_("The payment is under way"), "warn")
_OVERDUE: Final = Standing(_("Payment overdue"), "bad", _("Pay"))
_RESERVED: Final = Standing(_("Reserved, not paid yet"), "warn", _("Pay or cancel"))
_OPTION: Final = Standing(_("Option, not paid yet"), "warn", _("Pay or cancel"))
_ACTION: Final = Standing(_("Booked, something is to be done"), "bad", _("Do what is required"))
_WAITS_FOR_CHANGE: Final = Standing(_("Booked, your change is looked at"), "good")


def standing(booking: Booking, payment: Payment, now: datetime) -> Standing:
    """How far it has come and whose move it is, from the same facts as the partner and support see it (SV-20)."""
    is_asked = booking.turn is Actor.CUSTOMER
    match booking.stage:
        case Stage.COUNTERED if is_asked:
            return _OFFERED
        case Stage.AWAITING_PAYMENT if payment is Payment.IN_FLIGHT:
            return _IN_FLIGHT
        case Stage.AWAITING_PAYMENT if booking.is_overdue(now) and not booking.is_checkout:
            return _OVERDUE
        case Stage.AWAITING_PAYMENT if booking.hold is not None and booking.hold.kind is HoldKind.OPTION:
            return _OPTION
        case Stage.AWAITING_PAYMENT if booking.hold is not None and booking.hold.kind is HoldKind.RESERVATION:
            return _RESERVED
        case Stage.CONFIRMED if booking.proposal is not None:
            return _CHANGE if is_asked else _WAITS_FOR_CHANGE
        case Stage.CONFIRMED if booking.action is RequiredAction.OPEN and not booking.has_begun(now):
            return _ACTION
        case _:
            return _SAYS[booking.stage]
