"""What the mails say while something is asked for and answered: requests, offers, refusals.

The partner gets all that the customer entered, and is reminded of it (SL-10, SL-11, OR-19); the customer is asked to be patient
(OR-13, OR-15), gets other terms beside those before (SL-5), and hears why it was declined, with other times (SL-23, SL-24, OR-36,
OR-37).
"""

from __future__ import annotations

from typing import Final

from relay.booking.notification import Notification, To
from relay.correspondence.languages import marked as _
from relay.correspondence.notifications import buttons, phrases
from relay.correspondence.notifications import conditions as given
from relay.correspondence.notifications.wording import When, Wording

N = Notification

IN_TOUCH: Final = _("The provider will look at your request and get in touch with you. Please be patient.")
"""OR-13, OR-15: the page after sending says the same."""
_LAPSES: Final = _("Without an answer by {answer_by}, the request lapses by itself.")
_TO_PAY: Final = When(given.is_paid_first, _("If you accept, the customer is asked to pay. It is booked once the payment is in."))
_AT_ONCE: Final = When(given.is_booked_at_once, _("If you accept, it is booked at once."))
_SAY_WHY: Final = _(
    "If you cannot take it, please decline in time: say why, point to another date, and write to the customer in person."
)
BY_MAIL: Final = When(
    lambda of: of.answers_to is not None,
    _("You can also reply to this mail: write “accept” in the first line, or “decline:” and the reason."),
)
_ANSWERING: Final = (
    buttons.ACCEPT_REQUEST,
    buttons.DECLINE_REQUEST,
    buttons.OFFER_OTHER,
    buttons.CONTACT_CUSTOMER,
    buttons.REQUEST,
)
_VERSION: Final = _("Your answer counts for exactly these terms. Should they change, you are asked again.")

WORDINGS: Final[dict[tuple[N, To], Wording]] = {
    (N.NEW_REQUEST, To.PARTNER): Wording(
        headlines=(_("New request: can you take it?"),),
        happened=(
            _("A customer asks for what is listed below. It shows all that they entered."),
            When(given.had_no_place, _("Nothing is booked yet.")),
        ),
        next=(_LAPSES, _TO_PAY, _AT_ONCE, _SAY_WHY, BY_MAIL),
        buttons=_ANSWERING,
    ),
    (N.REQUEST_RECEIVED, To.CUSTOMER): Wording(
        headlines=(_("We have received your request"),),
        happened=(phrases.NOT_A_BOOKING, IN_TOUCH),
        next=(
            _("You get a mail from us as soon as the provider has answered."),
            _LAPSES,
            When(given.is_paid_first, _("You do not have to pay anything now.")),
        ),
        buttons=(buttons.REQUEST, buttons.WITHDRAW),
    ),
    (N.PARTNER_WRITES, To.CUSTOMER): Wording(
        headlines=(_("The provider has written to you"),),
        happened=(_("The provider has a message for you about your request."),),
        next=(
            _("Please answer on the page behind the button. Your answer goes to the provider; your address stays private."),
            When(given.is_open, _("Meanwhile your request stays open.")),
            When(given.is_open, _LAPSES),
        ),
        buttons=(buttons.ANSWER, buttons.REQUEST),
    ),
    (N.PARTNER_WRITES, To.PARTNER): Wording(
        headlines=(_("The customer has written to you"),),
        happened=(_("The customer has a message for you about the request."),),
        next=(When(given.is_open, _("The request still waits for your answer.")), When(given.is_open, _LAPSES)),
        buttons=(buttons.CONTACT_CUSTOMER, buttons.ACCEPT_REQUEST, buttons.DECLINE_REQUEST, buttons.REQUEST),
    ),
    (N.COUNTER_OFFER, To.CUSTOMER): Wording(
        headlines=(_("The provider offers you other terms"),),
        happened=(
            _("The provider can take your request on other terms. Please compare them with the ones before."),
            phrases.NOT_A_BOOKING,
        ),
        next=(
            _("The offer is valid until {answer_by}."),
            When(given.is_paid_first, _("If you accept, you are led to the payment of {total}.")),
            _VERSION,
            _("If you refuse the offer, the request is closed."),
        ),
        buttons=(buttons.ACCEPT_OFFER, buttons.REFUSE_OFFER, buttons.PROPOSE_OTHER, buttons.REQUEST),
    ),
    (N.COUNTER_OFFER, To.PARTNER): Wording(
        headlines=(_("The customer proposes other terms"),),
        happened=(
            _("The customer would like other terms than the ones that you offered. Please compare both."),
            _("Nothing is booked yet."),
        ),
        next=(phrases.PROPOSAL_VALID, _TO_PAY, _AT_ONCE, _VERSION, _SAY_WHY),
        buttons=_ANSWERING,
    ),
    (N.DECLINED, To.CUSTOMER): Wording(
        headlines=(_("The provider cannot take your request"),),
        happened=(_("We are sorry: the provider has declined your request."), phrases.OWE_NOTHING),
        next=(phrases.ASK_AGAIN,),
        buttons=(buttons.ASK_AGAIN, buttons.REQUEST),
    ),
    (N.WITHDRAWN, To.PARTNER): Wording(
        headlines=(_("The customer has withdrawn the request"),),
        happened=(
            _("The request is closed, and you do not have to answer it any more."),
            When(given.had_a_place, _("The place that was kept for it is free again.")),
        ),
        buttons=(buttons.REQUEST,),
    ),
    (N.REQUEST_EXPIRED, To.CUSTOMER): Wording(
        headlines=(_("Your request has expired"),),
        happened=(
            _("The provider has not accepted your request in time."),
            _("An expired request cannot be moved to another date."),
            phrases.OWE_NOTHING,
        ),
        next=(_("With a new request you can ask for another date. What you entered is filled in already."),),
        buttons=(buttons.ASK_AGAIN, buttons.REQUEST),
    ),
    (N.REQUEST_EXPIRED, To.PARTNER): Wording(
        headlines=(_("A request has expired"),),
        happened=(
            _("The request was not settled in time. It can no longer be accepted or moved to another date."),
            When(given.had_a_place, _("The place that was kept for it is free again.")),
        ),
        next=(_("The customer has been told, and can ask again with a new request."),),
        buttons=(buttons.REQUEST,),
    ),
    (N.REQUEST_UNANSWERED, To.PARTNER): Wording(
        headlines=(_("Reminder: a request is waiting for your answer"),),
        happened=(_("A customer has been waiting for your answer for {waited}."),),
        next=(_LAPSES, _TO_PAY, _AT_ONCE, _SAY_WHY, BY_MAIL),
        buttons=_ANSWERING,
    ),
}
