"""What support may do about a booking and its conversation, and which of it is possible now (SV-5, GY-26, T25).

What is possible says the booking's lifecycle, or the conversation's standing; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.booking.booking import Actor, Stage
from relay.booking.situation import Act
from relay.conversation import Standing
from relay.correspondence.languages import marked as _
from relay.values import Role
from relay.web.booking_ports import Shown
from relay.web.site.support.dispute_ports import Dispute

_CANCELLABLE: Final = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Deed:
    """`word` stands in addresses, `label` on buttons, `says` on its page: what it will do. `act` is the booking's, where it is
    one. `needs`: what its form asks for."""

    word: str
    label: str
    says: str
    told: str
    act: Act | None = None
    needs: tuple[str, ...] = ()
    is_grave: bool = False


ACTS: Final = (
    Deed(
        *("extend", _("Extend the window"), _("The two may write to each other until the time below. Nobody gets a mail.")),
        told=_("The window is extended."),
        needs=("until",),
    ),
    Deed(
        *("close", _("Close the conversation")),
        says=_("Nothing that they write passes any more. Both get a mail that says so where there is a booking."),
        told=_("The conversation is closed."),
        act=Act.CLOSE_CONVERSATION,
        needs=("reason",),
        is_grave=True,
    ),
    Deed(
        *("reopen", _("Open it again"), _("The two may write to each other again, until the time below. Nobody gets a mail.")),
        told=_("The conversation is open again."),
        act=Act.REOPEN_CONVERSATION,
        needs=("until",),
    ),
    Deed(
        *("resume-partner", _("Let mail to the provider pass again")),
        says=_("They reported mail as abuse, so none goes to them. After this it does again."),
        told=_("Mail goes to the provider again."),
    ),
    Deed(
        *("resume-customer", _("Let mail to the customer pass again")),
        says=_("They reported mail as abuse, so none goes to them. After this it does again."),
        told=_("Mail goes to the customer again."),
    ),
    Deed(
        *("cancel", _("Cancel the booking")),
        says=_("The booking ends, its place is free, and both get a mail. What goes back to the customer is as its terms say."),
        told=_("The booking is cancelled. Both get a mail."),
        act=Act.CANCEL,
        needs=("reason",),
        is_grave=True,
    ),
    Deed(
        *("refund", _("Refund"), _("The amount below goes back to where the payment came from, and nowhere else.")),
        told=_("The refund is under way."),
        act=Act.REFUND,
        needs=("amount", "reason"),
        is_grave=True,
    ),
    Deed(
        *("refer", _("Refer the customer to the provider")),
        says=_(
            "The customer gets a mail that says why support cannot cancel, with the address at which they reach the provider."
        ),
        told=_("The customer gets a mail with the provider's address here."),
        act=Act.REFER,
    ),
)
BY_WORD: Final = {one.word: one for one in ACTS}


def possible(of: Dispute, booking: Shown | None) -> tuple[Deed, ...]:
    """What may be done now. Cancelling is offered whenever a booking is one that is cancelled: its page says why not (SV-5)."""
    return tuple(one for one in ACTS if is_possible(one, of, booking))


def is_possible(one: Deed, of: Dispute, booking: Shown | None) -> bool:
    may = booking.possible.get(Actor.SUPPORT, ()) if booking is not None else ()
    match one.word:
        case "extend":
            return of.standing in {Standing.OPEN, Standing.OVER}
        case "close":
            return of.standing in {Standing.OPEN, Standing.OVER, Standing.PENDING} if booking is None else one.act in may
        case "reopen":
            return of.standing in {Standing.CLOSED, Standing.OVER} if booking is None else one.act in may
        case "resume-partner" | "resume-customer":
            role = Role.PARTNER if one.word == "resume-partner" else Role.CUSTOMER
            return any(party.role is role and party.suspended_at is not None for party in of.parties)
        case "cancel":
            return booking is not None and booking.booking.stage in _CANCELLABLE
        case _:
            return one.act in may
