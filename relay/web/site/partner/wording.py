"""Sentences of the pages about a partner's bookings: what happened, what comes, and why something is not possible."""

from __future__ import annotations

from typing import Final

from relay.booking.booking import Actor
from relay.booking.situation import Act
from relay.correspondence.languages import marked as _

ACTORS: Final = {
    Actor.CUSTOMER: _("The customer"),
    Actor.PARTNER: _("You"),
    Actor.SUPPORT: _("Our support"),
    Actor.OPERATOR: _("Our house"),
    Actor.CLOCK: _("By itself"),
    Actor.PAYMENTS: _("The payment provider"),
}

HAPPENED: Final = {
    Act.REQUEST: _("Asked for it"),
    Act.RESERVE: _("Reserved it"),
    Act.CHECK_OUT: _("Began to pay"),
    Act.SEE: _("Looked at it for the first time"),
    Act.ASSIGN: _("Assigned it"),
    Act.CONTACT: _("Wrote to the customer"),
    Act.MARK_CONTACTED: _("Marked it as contacted"),
    Act.WRITE_BACK: _("Wrote to the provider"),
    Act.COUNTER: _("Offered other terms"),
    Act.ACCEPT: _("Accepted"),
    Act.BOOK: _("Booked it"),
    Act.DECLINE: _("Declined"),
    Act.WITHDRAW: _("Withdrew it"),
    Act.TAKE_BACK: _("Took the acceptance back"),
    Act.PAID: _("Paid"),
    Act.TAKE_PAYMENT: _("Entered a payment"),
    Act.PAYMENT_FAILED: _("A payment failed"),
    Act.EXTEND: _("Extended the time to pay"),
    Act.BLOCK: _("Kept it from being released"),
    Act.UNBLOCK: _("Let it be released again"),
    Act.RELEASE: _("Released, for it was not paid"),
    Act.LAPSE: _("Expired without an answer"),
    Act.REINSTATE: _("Took it up again"),
    Act.PROPOSE: _("Proposed a change"),
    Act.REFUSE: _("Refused the change"),
    Act.RESCHEDULE: _("Changed it"),
    Act.ACTION_DONE: _("Marked the required action as done"),
    Act.ACTION_REOPENED: _("Marked the required action as not done"),
    Act.CANCEL: _("Cancelled"),
    Act.REFER: _("Referred the customer to you"),
    Act.REFUND: _("Gave money back"),
    Act.REDEEM: _("Redeemed"),
    Act.UNDO_REDEEM: _("Took the redemption back"),
    Act.MARK_NO_SHOW: _("Marked the customer as not having come"),
    Act.COMPLETE: _("It took place"),
    Act.CLOSE_CONVERSATION: _("Ended the conversation"),
    Act.REOPEN_CONVERSATION: _("Opened the conversation again"),
    Act.ERASE: _("Erased what people wrote"),
    Act.NOT_REACHED: _("Mail did not arrive"),
}

FORECAST: Final = (
    _("The customer has to answer what was offered."),
    _("The partner has to answer the request."),
    _("The customer has to answer the change that was proposed."),
    _("The partner has to answer the change that was proposed."),
    _("The customer has to do what is required before they go."),
    _("The partner has to deliver or redeem it: it has no date at which it would be over."),
    _("The payment provider has to say what became of the payment that is under way."),
    _("It is overdue, and an operator has blocked its release."),
    _("It is overdue, and an operator decides whether its place is kept."),
    _("It is overdue, and the partner decides what becomes of it."),
    _("The customer has to pay."),
    _("Nobody has answered until then, or its time begins: it expires."),
    _("The time to pay ends."),
    _("Its firm deadline has passed, with the margin: it is released."),
    _("It has come so far that it counts as redeemed."),
    _("What was booked ends."),
    _("From then on the two do not write to each other any more."),
    _("The partner has not answered."),
    _("It is not paid."),
    _("The required action is open, and the time to do it ends soon."),
)
"""What relay.booking.forecast says: it writes English, and the catalogues have to know."""

TO_THE_PARTNER: Final = {
    "The partner has to answer the request.": _("You have to answer the request."),
    "The partner has to answer the change that was proposed.": _("You have to answer the change that was proposed."),
    "The partner has not answered.": _("You have not answered."),
}
"""The same where it is the reader who is meant."""

REMINDED: Final = _("Where it is still so by then, a reminder goes out.")

REFUND_CAUSES: Final = {
    "insufficient balance": _("Your balance at the payment provider is too low: please top it up."),
    "disputed": _("The customer's bank has taken the money back already."),
    "not taken": _("The card or account that paid takes nothing any more."),
    "already returned": _("Less of the payment is left than that."),
    "rejected": _("The payment provider did not take it."),
}
"""By the cause that the bookkeeper wrote down (SL-B4)."""

CHANGED: Final = _("Somebody changed this booking since you looked at it. Nothing was done; look at it as it is now.")
NOT_POSSIBLE: Final = _("This is not possible now, and nothing was done.")
WHY: Final = {
    "there_is_room": _("There is no place left at that time."),
    "there_is_room_anew": _("There is no place left at that time."),
    "has_not_begun": _("Its time has begun."),
    "is_not_over": _("It is over."),
    "terms_are_valid": _("What was offered is not valid any more. Offer it anew."),
    "proposal_is_valid": _("What was proposed is not valid any more. Propose it anew."),
    "partner_has_the_turn": _("Other terms were offered, and the customer has to answer them first."),
    "partner_may_propose": _("The customer has proposed a change, which has to be answered first."),
    "is_not_contacted": _("The customer was contacted already."),
    "is_not_being_paid": _("A payment is under way. It has to end first."),
    "is_unpaid": _("It is paid, or being paid. It can be cancelled and refunded."),
    "partner_may_cancel": _("This offer's bookings are not cancelled by you once they are paid. Our support can help."),
    "something_is_refundable": _("There is nothing left to be given back."),
    "something_is_outstanding": _("There is nothing left to be paid."),
    "has_arrived": _("Its day has not come. It is redeemed when they arrive."),
    "is_valid_still": _("It is not valid any more."),
    "has_begun": _("It has not begun."),
    "was_not_had": _("It was redeemed, or marked already."),
    "action_is_open": _("The required action is done already."),
    "action_is_done": _("The required action is open already."),
    "reason_suffices": _("Please say why."),
    "reason_is_given": _("Please say why."),
    "reason_fits": _("This text is too long."),
    "cause_is_given": _("Please choose a cause, and say what happened where it befell you alone."),
    "deadline_is_later": _("A time to come is needed, and not after the start."),
    "terms_are_new": _("These terms would not be valid: look at the date, and until when they are offered."),
    "version_is_that_read": _("The terms have changed since you looked. Read them again."),
    "amount_is_refundable": _("An amount above zero is needed, and no more than what is left of what was paid."),
    "amount_is_outstanding": _("All that is due has to be entered at once."),
    "assignee_is_another": _("It is theirs already."),
}
"""Why the lifecycle refused, by the guard or check that did not hold; what is not here is told by `NOT_POSSIBLE` alone."""
AT_THE_FORM: Final = frozenset(
    {
        "reason_suffices",
        "reason_is_given",
        "reason_fits",
        "cause_is_given",
        "deadline_is_later",
        "terms_are_new",
        "amount_is_refundable",
        "amount_is_outstanding",
        "assignee_is_another",
        "there_is_room",
        "there_is_room_anew",
    }
)
"""What whoever fills in the form can mend: it is shown again, with all that was entered."""
LOOK_AGAIN: Final = _(
    "Somebody changed this booking since you looked at it. Nothing was sent; check your entries against it as it is now."
)
