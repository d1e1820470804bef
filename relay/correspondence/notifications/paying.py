"""What the mails say about money: to be paid, paid, too late, given back.

Accepting invites to pay, and nothing is confirmed before (SL-15, SL-16, SL-18); what is not paid is told to both sides, each
in a text of its own (SL-20, ST-B2); an acceptance that is withdrawn says so in time (SL-25). Reservations have words of their
own, with their deadline (ST-2, ST-9, ST-15), and what was released can be had again (ST-B5). A refund goes back where it came
from (SL-29, SL-30); one that failed says what helps (SL-B4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.booking.notification import Notification, To
from relay.correspondence.languages import marked as _
from relay.correspondence.notifications import buttons, phrases
from relay.correspondence.notifications import conditions as given
from relay.correspondence.notifications.wording import When, Wording

N = Notification

_BY_CARD: Final = When(
    given.can_be_paid_here, _("You pay by card on the page of {brand}. The provider never sees the data of your card.")
)
_KEPT: Final = When(given.still_has_its_place, _("Your place is still kept for you."))

WORDINGS: Final[dict[tuple[N, To], Wording]] = {
    (N.RESERVED, To.CUSTOMER): Wording(
        headlines=(_("Your reservation is made"),),
        happened=(
            _("What is listed below is reserved for you until {deadline}."),
            _("It is a reservation and not yet a purchase: nothing has been paid."),
        ),
        next=(
            phrases.FIRM_PURCHASE,
            phrases.NOT_NEEDED,
            phrases.RELEASED_IF_UNPAID,
        ),
        buttons=(buttons.PAY, buttons.RESERVATION, buttons.CANCEL_RESERVATION),
    ),
    (N.PLEASE_PAY, To.CUSTOMER): Wording(
        headlines=(_("Your request is accepted: please pay now"),),
        happened=(
            _("Good news: the provider can take your request. To book it, please pay {outstanding}."),
            phrases.NOT_CONFIRMED,
        ),
        next=(phrases.PAY_BY, _BY_CARD, phrases.CONFIRMATION_FOLLOWS),
        buttons=(buttons.PAY, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.ACCEPTANCE_WITHDRAWN, To.CUSTOMER): Wording(
        headlines=(_("Please do not pay: the provider cannot take your booking after all"),),
        happened=(
            _("We are sorry: the provider had accepted your request, and has to withdraw that now."),
            _("Please do not pay any more. The payment link in our earlier mail no longer works."),
            phrases.OWE_NOTHING,
        ),
        next=(phrases.ASK_AGAIN,),
        buttons=(buttons.ASK_AGAIN,),
    ),
    (N.PAYMENT_FAILED, To.CUSTOMER): Wording(
        headlines=(_("Your payment did not go through"),),
        happened=(_("The payment of {outstanding} was not completed."), _KEPT),
        next=(
            _("Please try again, perhaps with another card."),
            When(given.is_awaited, phrases.PAY_BY),
            When(given.is_awaited, phrases.NOT_CONFIRMED),
        ),
        buttons=(buttons.PAY_AGAIN, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.PAID_TOO_LATE, To.CUSTOMER): Wording(
        headlines=(_("Paid too late: you get your money back"),),
        happened=(
            _("Your payment of {amount} came in when this booking was closed already, so it could not be confirmed."),
            _("We refund the whole sum."),
        ),
        next=(phrases.REFUND_TIME, _("You can ask or book again, if there are places left.")),
        buttons=(buttons.ASK_AGAIN, buttons.BOOK_AGAIN),
    ),
    (N.PAID_TOO_LATE, To.PARTNER): Wording(
        headlines=(_("A late payment is refunded"),),
        happened=(
            _("The customer paid {amount} when this booking was closed already, so it was not confirmed."),
            _("We refund the whole sum to the customer."),
        ),
        next=(phrases.NOTHING_TO_DO,),
    ),
    (N.TERM_EXTENDED, To.CUSTOMER): Wording(
        headlines=(When(given.was_expired, _("Your booking is open again")), _("You have more time to pay")),
        happened=(
            When(given.was_expired, _("It had expired, and you can still have it.")),
            _("The new deadline for your payment is {deadline}."),
            _("It replaces the earlier one, {old_deadline}."),
        ),
        next=(phrases.PAY_BY, phrases.NOT_CONFIRMED, phrases.CONFIRMATION_FOLLOWS),
        buttons=(buttons.PAY, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.RELEASED, To.CUSTOMER): Wording(
        headlines=(_("Your booking was released"),),
        happened=(
            _("It was not paid by {old_deadline}, so we no longer keep what is listed below for you."),
            phrases.OWE_NOTHING,
        ),
        next=(_("You can book again, if there are places left."),),
        buttons=(buttons.BOOK_AGAIN, buttons.ASK_AGAIN),
    ),
    (N.RELEASED, To.PARTNER): Wording(
        headlines=(_("A booking that was not paid is released"),),
        happened=(_("The customer did not pay by {old_deadline}."), phrases.FREE_AGAIN),
        next=(_("The customer has been told. You do not have to do anything."),),
    ),
    (N.REFUND_SENT, To.CUSTOMER): Wording(
        headlines=(_("Your refund of {amount} is on its way"),),
        happened=(_("Of the {paid} that you paid, we have refunded {amount}."),),
        next=(phrases.REFUND_TIME,),
    ),
    (N.REFUND_SENT, To.PARTNER): Wording(
        headlines=(_("{amount} is refunded to the customer"),),
        happened=(_("Of the {paid} that the customer paid, {amount} is refunded."),),
        next=(
            phrases.REFUND_TIME,
            _("Fees of the platform and of the payment provider are not returned."),
        ),
    ),
    (N.REFUND_FAILED, To.PARTNER): Wording(
        headlines=(_("The refund of {amount} did not go through"),),
        happened=(
            When(given.lacks_balance, _("The balance of your payment account is too low for it.")),
            When(given.card_is_gone, _("The card with which it was paid takes no money any more.")),
            When(given.was_refused, _("The payment provider did not carry it out.")),
            _("The customer has not got the money yet."),
        ),
        next=(
            When(
                given.lacks_balance,
                _("Please top up the balance of your payment account. Otherwise the sum may be debited from your bank account."),
            ),
            When(given.lacks_balance, _("We try again by ourselves.")),
            When(given.card_is_gone, _("Please contact our support, so that the customer gets the money in another way.")),
            When(given.was_refused, _("Please try again, or contact our support.")),
        ),
    ),
    (N.REFUND_FAILED, To.OPERATOR): Wording(
        headlines=(_("The refund of {amount} did not go through"),),
        happened=(
            When(given.lacks_balance, _("The balance of the provider's payment account is too low for it.")),
            When(given.card_is_gone, _("The card with which it was paid takes no money any more.")),
            When(given.was_refused, _("The payment provider did not carry it out.")),
            _("The customer has not got the money yet."),
        ),
        next=(
            When(given.lacks_balance, _("The provider is asked to top up the balance. We try again by ourselves.")),
            When(given.card_is_gone, _("Please pay the customer in another way, and enter it in the ledger.")),
            When(given.was_refused, _("Please look into it at the payment provider, and try again.")),
        ),
    ),
    (N.UNPAID, To.CUSTOMER): Wording(
        headlines=(_("Reminder: your payment is still missing"),),
        happened=(
            _("{outstanding} is still to be paid for this booking."),
            When(given.is_awaited, phrases.NOT_CONFIRMED),
            _KEPT,
        ),
        next=(
            phrases.PAY_BY,
            phrases.RELEASED_IF_UNPAID,
            _("If you do not want it any more, please cancel it."),
            phrases.PAID_MEANWHILE,
        ),
        buttons=(buttons.PAY, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
    (N.UNPAID, To.PARTNER): Wording(
        headlines=(_("The customer has not paid yet"),),
        happened=(
            _("{outstanding} is still missing. We have reminded the customer."),
            When(given.is_awaited, phrases.NOT_CONFIRMED),
        ),
        next=(
            _("The customer has time until {deadline}."),
            _("What to do is your decision: you can write to the customer, go on waiting, or cancel."),
        ),
        buttons=(buttons.CONTACT_CUSTOMER, buttons.BOOKING, buttons.CANCEL_BOOKING),
    ),
}


RESERVATIONS: Final[dict[tuple[N, To], Wording]] = {
    (N.PAYMENT_FAILED, To.CUSTOMER): replace(
        WORDINGS[N.PAYMENT_FAILED, To.CUSTOMER],
        happened=(
            _("The payment of {outstanding} was not completed."),
            When(given.still_has_its_place, _("Your reservation still stands.")),
        ),
        next=(_("Please try again, perhaps with another card."), When(given.is_awaited, phrases.PAY_BY)),
        buttons=(buttons.PAY_AGAIN, buttons.RESERVATION, buttons.CANCEL_RESERVATION),
    ),
    (N.PAID_TOO_LATE, To.CUSTOMER): replace(
        WORDINGS[N.PAID_TOO_LATE, To.CUSTOMER],
        happened=(
            _("Your payment of {amount} came in when the reservation was released already, so it could not be confirmed."),
            _("We refund the whole sum."),
        ),
        next=(phrases.REFUND_TIME, _("You can reserve again, if there are places left.")),
        buttons=(buttons.RESERVE_AGAIN, buttons.RESERVATION),
    ),
    (N.TERM_EXTENDED, To.CUSTOMER): replace(
        WORDINGS[N.TERM_EXTENDED, To.CUSTOMER],
        headlines=(
            When(given.was_expired, _("Your reservation is active again")),
            _("Your reservation is extended"),
        ),
        happened=(
            When(given.was_expired, _("Your reservation had expired, and we have taken it up again.")),
            _("What is listed below is reserved for you until {deadline}."),
            _("It replaces the earlier one, {old_deadline}."),
        ),
        next=(phrases.FIRM_PURCHASE, phrases.CONFIRMATION_FOLLOWS),
        buttons=(buttons.PAY, buttons.RESERVATION, buttons.CANCEL_RESERVATION),
    ),
    (N.RELEASED, To.CUSTOMER): replace(
        WORDINGS[N.RELEASED, To.CUSTOMER],
        headlines=(_("Your reservation is released"),),
        happened=(
            _("It was not paid by {old_deadline}, so what is listed below is no longer reserved for you."),
            phrases.OWE_NOTHING,
        ),
        next=(_("You can reserve again, if there are places left."),),
        buttons=(buttons.RESERVE_AGAIN, buttons.RESERVATION),
    ),
    (N.RELEASED, To.PARTNER): replace(
        WORDINGS[N.RELEASED, To.PARTNER], headlines=(_("A reservation that was not paid is released"),)
    ),
    (N.UNPAID, To.CUSTOMER): replace(
        WORDINGS[N.UNPAID, To.CUSTOMER],
        headlines=(_("Reminder: your reservation is not paid yet"),),
        happened=(
            _("{outstanding} is still to be paid for this reservation."),
            When(given.is_awaited, _("It is a reservation and not yet a purchase.")),
        ),
        next=(
            phrases.FIRM_PURCHASE,
            phrases.RELEASED_IF_UNPAID,
            phrases.NOT_NEEDED,
            phrases.PAID_MEANWHILE,
        ),
        buttons=(buttons.PAY, buttons.RESERVATION, buttons.CANCEL_RESERVATION),
    ),
    (N.UNPAID, To.PARTNER): replace(
        WORDINGS[N.UNPAID, To.PARTNER],
        headlines=(_("A reservation is not paid yet"),),
        happened=(_("{outstanding} is still missing. We have reminded the customer."),),
        buttons=(buttons.CONTACT_CUSTOMER, buttons.RESERVATION, buttons.CANCEL_RESERVATION),
    ),
}
"""What is said otherwise about what was reserved (ST-9)."""
