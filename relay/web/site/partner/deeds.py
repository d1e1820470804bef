"""What a partner can do with a booking, as menus and buttons name it: each row of the table is one act of the lifecycle.

Which of them are there is never decided here: what is possible now says the lifecycle (OR-22, SL-14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.booking.situation import Act
from relay.correspondence.languages import marked as _


@dataclass(frozen=True, slots=True)
class Deed:
    """`word` stands in addresses, `label` in menus and on the button, `told` on the page afterwards. `is_at_once`: no form is
    needed; `is_grave`: it ends something, or gives money away."""

    word: str
    act: Act
    label: str
    title: str = ""
    told: str = ""
    is_at_once: bool = False
    is_grave: bool = False
    is_main: bool = False


DEEDS: Final = (
    # OR-22: these four, in this order, for what is on request; what else a booking allows stands behind them.
    Deed("contact", Act.CONTACT, _("Contact the customer"), _("Write to the customer"), _("Your message is on its way.")),
    Deed(
        *("mark-contacted", Act.MARK_CONTACTED, _("Mark as contacted"), ""),
        told=_("Marked as contacted. No mail was sent."),
        is_at_once=True,
    ),
    Deed("book", Act.BOOK, _("Book"), _("Book this request"), _("It is booked, and the customer gets a mail."), is_main=True),
    Deed("accept", Act.ACCEPT, _("Accept"), _("Accept this request?"), _("Accepted. The customer gets a mail."), is_main=True),
    Deed(
        *("offer", Act.COUNTER, _("Offer other terms"), _("Offer other terms to the customer")),
        told=_("Your offer is on its way to the customer."),
    ),
    Deed(
        *("decline", Act.DECLINE, _("Decline"), _("Decline this request?"), _("Declined. The customer gets a mail.")),
        is_grave=True,
    ),
    Deed(
        *("propose", Act.PROPOSE, _("Propose a change"), _("Propose a change to the customer")),
        told=_("Your proposal is on its way to the customer."),
    ),
    Deed(
        *("refuse", Act.REFUSE, _("Refuse the change"), _("Refuse the change?")),
        told=_("Refused. The booking stays as it is."),
        is_grave=True,
    ),
    Deed(
        *("extend", Act.EXTEND, _("Extend the time to pay"), _("Extend the time to pay")),
        told=_("The time to pay is extended, and the customer gets a mail."),
    ),
    Deed("take-payment", Act.TAKE_PAYMENT, _("Enter a payment"), _("Enter a payment"), _("The payment is entered.")),
    Deed(
        *("action-done", Act.ACTION_DONE, _("Required action done"), "", _("Marked as done. The customer gets a mail.")),
        is_at_once=True,
    ),
    Deed(
        *(
            "action-open",
            Act.ACTION_REOPENED,
            _("Required action not done"),
            "",
            _("It is open again. The customer gets a mail."),
        ),
        is_at_once=True,
    ),
    Deed("redeem", Act.REDEEM, _("Redeem"), _("Redeem this booking?"), _("It is redeemed.")),
    Deed("no-show", Act.MARK_NO_SHOW, _("Mark as no-show"), _("The customer did not come?"), _("Marked as no-show.")),
    Deed(
        *("take-back", Act.TAKE_BACK, _("Take the acceptance back"), _("Take your acceptance back?")),
        told=_("Taken back. The customer cannot pay any more, and gets a mail."),
        is_grave=True,
    ),
    Deed(
        *("cancel", Act.CANCEL, _("Cancel the booking"), _("Cancel this booking?"), _("Cancelled. Both sides get a mail.")),
        is_grave=True,
    ),
    Deed("refund", Act.REFUND, _("Refund"), _("Give money back"), _("The refund is under way."), is_grave=True),
)
ASSIGN: Final = Deed("assign", Act.ASSIGN, _("Assign"), _("Who takes it on?"), _("It is assigned."))
"""It stands beside the name of whoever it is assigned to, not in menus (OR-27)."""
BY_WORD: Final = {one.word: one for one in (*DEEDS, ASSIGN)}
BY_ACT: Final = {one.act: one for one in DEEDS}
_IN_THE_ROW: Final = frozenset({Act.ACTION_DONE, Act.ACTION_REOPENED})
"""Beside the booking, one click each (SV-14): no menu has them too."""


def menu(possible: Sequence[Act]) -> tuple[Deed, ...]:
    """The entries for what is possible: who can book with a form needs no second way to say yes."""
    left_out = _IN_THE_ROW | ({Act.ACCEPT} if Act.BOOK in possible else set())
    return tuple(one for one in DEEDS if one.act in possible and one.act not in left_out)
