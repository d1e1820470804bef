"""What the pages behind links say: by what is done, and by whom."""

from __future__ import annotations

from typing import Final

from relay.booking.booking import Actor, Cause, Stage
from relay.booking.link import Allows
from relay.booking.situation import Act
from relay.correspondence.languages import marked as _

_PARTNER, _CUSTOMER = Actor.PARTNER, Actor.CUSTOMER

HEADLINES: Final = {
    (Act.ACCEPT, _PARTNER): _("Accept this request?"),
    (Act.ACCEPT, _CUSTOMER): _("Accept this offer?"),
    (Act.DECLINE, _PARTNER): _("Decline this request?"),
    (Act.WITHDRAW, _CUSTOMER): _("Withdraw your request?"),
    (Act.COUNTER, _PARTNER): _("Offer other terms to the customer"),
    (Act.COUNTER, _CUSTOMER): _("Propose other terms to the provider"),
    (Act.TAKE_BACK, _PARTNER): _("Take your acceptance back?"),
    (Act.PROPOSE, _PARTNER): _("Propose a change to the customer"),
    (Act.PROPOSE, _CUSTOMER): _("Propose a change to the provider"),
    (Act.REFUSE, _PARTNER): _("Refuse the change?"),
    (Act.REFUSE, _CUSTOMER): _("Refuse the change?"),
    (Act.CANCEL, _PARTNER): _("Cancel this booking?"),
    (Act.CANCEL, _CUSTOMER): _("Cancel your booking?"),
}

SHOWN_HEADLINES: Final = {
    Allows.BOOKING: _("The booking"),
    Allows.ACCEPT: _("The booking"),
    Allows.DECLINE: _("The booking"),
    Allows.COUNTER: _("The booking"),
    Allows.CANCEL: _("The booking"),
    Allows.CONTACT: _("Write to the customer about this booking"),
    Allows.ANSWER: _("Write to the provider about this booking"),
    Allows.PAY: _("Pay for this booking"),
    Allows.ASK_AGAIN: _("Ask for it again?"),
}
"""Where nothing is decided."""

EXPLAINED: Final[dict[tuple[Act | Allows, Actor], tuple[str, str]]] = {
    (Act.ACCEPT, _PARTNER): (
        _("The customer gets a mail with the way to pay {total}. The booking is firm once it is paid."),
        _("The booking is firm at once, and both of you get a mail."),
    ),
    (Act.ACCEPT, _CUSTOMER): (
        _("You then get the way to pay {total}. The booking is firm once it is paid."),
        _("The booking is firm at once, and both sides get a mail."),
    ),
    (Act.DECLINE, _PARTNER): (_("The request is closed, and the customer gets a mail with your reason."), ""),
    (Act.WITHDRAW, _CUSTOMER): (_("The request is closed, and the provider gets a mail. You owe nothing."), ""),
    (Act.COUNTER, _PARTNER): (_("The customer gets these terms in a mail, and accepts or refuses exactly them."), ""),
    (Act.COUNTER, _CUSTOMER): (_("The provider gets these terms in a mail, and accepts or refuses exactly them."), ""),
    (Act.PROPOSE, _PARTNER): (
        _("The customer gets these terms in a mail. Until they accept them, the booking stays as it is."),
        "",
    ),
    (Act.PROPOSE, _CUSTOMER): (
        _("The provider gets these terms in a mail. Until they accept them, the booking stays as it is."),
        "",
    ),
    (Act.REFUSE, _PARTNER): (_("The booking stays as it is."), ""),
    (Act.REFUSE, _CUSTOMER): (_("The booking stays as it is."), ""),
    (Act.TAKE_BACK, _PARTNER): (_("From now on the customer cannot pay any more, and gets a mail with your reason."), ""),
    (Act.CANCEL, _PARTNER): (_("The booking ends, its place is free again, and both sides get a mail with your reason."), ""),
    (Act.CANCEL, _CUSTOMER): (_("The booking ends, its place is free again, and both sides get a mail."), ""),
    (Allows.CONTACT, _PARTNER): (_("The customer gets your text in a mail from us, and can answer."), ""),
    (Allows.ANSWER, _CUSTOMER): (_("The provider gets your text in a mail from us, and can answer."), ""),
    (Allows.PAY, _CUSTOMER): (_("You pay {outstanding} on the page of our payment provider. We never see your card."), ""),
    (Allows.ASK_AGAIN, _CUSTOMER): (_("The provider gets a new request with the same data. The old one stays as it is."), ""),
}
"""Exactly what the button does; the second sentence is for what need not be paid first."""

ACCEPT_CHANGE: Final = (_("Accept the change?"), _("The booking is changed at once, and both sides get a mail."))

CAUSES: Final = {
    Cause.OPERATIONAL: _("We cannot carry it out"),
    Cause.FORCE_MAJEURE: _("Force majeure that befell everybody there, such as weather or strikes"),
    Cause.ISOLATED: _("Force majeure that befell us alone; please say what"),
    Cause.CUSTOMER_ASKED: _("The customer asked for it, and gets all of it back"),
    Cause.CUSTOMER_ASKED_BY_POLICY: _("The customer asked for it, and gets back what the terms say"),
}

DONE: Final = {
    Allows.BOOKING: _("The booking"),
    Allows.ACCEPT: _("You have accepted"),
    Allows.DECLINE: _("You have declined"),
    Allows.COUNTER: _("You have offered other terms"),
    Allows.CONTACT: _("You have written"),
    Allows.ANSWER: _("You have written"),
    Allows.PAY: _("You have paid"),
    Allows.CANCEL: _("You have cancelled"),
    Allows.ASK_AGAIN: _("You have asked again"),
}

STAGES: Final = {
    Stage.DRAFT: _("begun, and not sent"),
    Stage.REQUESTED: _("asked for, and not answered yet"),
    Stage.COUNTERED: _("other terms are offered, and not answered yet"),
    Stage.AWAITING_PAYMENT: _("agreed on, and not paid yet"),
    Stage.CONFIRMED: _("booked"),
    Stage.COMPLETED: _("took place"),
    Stage.DECLINED: _("declined"),
    Stage.WITHDRAWN: _("withdrawn"),
    Stage.EXPIRED: _("expired"),
    Stage.CANCELLED: _("cancelled"),
}

SAY_WHY: Final = _("Please say why.")
WRITE_SOMETHING: Final = _("Please write something.")
PLEASE_CHECK: Final = _("This could not be done as it was entered. Please check dates, numbers and prices.")
TELLS_YOU: Final = _("Your text tells who or where you are in a way that cannot be taken out. Please write it differently.")
WRITTEN_OFTEN: Final = _("You have written often today. Please write again tomorrow.")
