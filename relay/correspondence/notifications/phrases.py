"""Sentences that several notifications share."""

from __future__ import annotations

from typing import Final

from relay.correspondence.languages import marked as _
from relay.correspondence.notifications import conditions as given
from relay.correspondence.notifications.wording import When

NOT_A_BOOKING: Final = _("This is not a booking yet.")
NOT_CONFIRMED: Final = _("It is not confirmed until it is paid.")
PAY_BY: Final = _("Please pay by {deadline}.")
CONFIRMATION_FOLLOWS: Final = _("As soon as the payment is in, we send you the confirmation.")
FIRM_PURCHASE: Final = _("To make the reservation a firm purchase, please pay by {deadline}.")
"""ST-12"""
NOT_NEEDED: Final = _("If you do not need the reservation any more, please cancel it, so that others can have the place.")
RELEASED_IF_UNPAID: Final = When(given.is_released_if_unpaid, _("What is not paid in time is released."))
REFUND_TIME: Final = _(
    "It goes back to the same card or account with which it was paid, and usually arrives within {refund_days} working days."
)
"""SL-29, SL-30"""
OWE_NOTHING: Final = When(given.was_not_paid, _("You have not paid anything, and you owe nothing."))
FREE_AGAIN: Final = _("The place is free again.")
ASK_AGAIN: Final = _("You can ask again, for example for another date.")
WRITE_TO_PARTNER: Final = _("You can write to the provider until {closed}.")
WRITE_TO_CUSTOMER: Final = _("You can write to the customer until {closed}.")
PROPOSAL_VALID: Final = _("The proposal is valid until {answer_by}.")
NOTHING_TO_DO: Final = _("You do not have to do anything.")
PAID_MEANWHILE: Final = _("If you have paid meanwhile, there is nothing left to do.")
