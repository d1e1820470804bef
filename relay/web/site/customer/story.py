"""What happened to a booking, and to its money, in plain words for its customer. What concerns the partner alone is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.booking.booking import Actor
from relay.booking.ledger import Kind
from relay.booking.situation import Act
from relay.correspondence.languages import marked as _
from relay.web.booking_ports import Past

_ANY: Final = None
_YOU, _PROVIDER = Actor.CUSTOMER, Actor.PARTNER

_SAYS: Final[dict[tuple[Act, Actor | None], str]] = {
    (Act.REQUEST, _ANY): _("The request was sent."),
    (Act.RESERVE, _ANY): _("It was reserved."),
    (Act.CHECK_OUT, _ANY): _("It was chosen, to be paid at once."),
    (Act.CONTACT, _ANY): _("The provider wrote to you."),
    (Act.WRITE_BACK, _ANY): _("You wrote to the provider."),
    (Act.COUNTER, _PROVIDER): _("The provider offered other terms."),
    (Act.COUNTER, _YOU): _("You proposed other terms."),
    (Act.ACCEPT, _PROVIDER): _("The provider accepted."),
    (Act.ACCEPT, _YOU): _("You accepted."),
    (Act.BOOK, _ANY): _("The provider booked it."),
    (Act.DECLINE, _ANY): _("The provider declined."),
    (Act.WITHDRAW, _ANY): _("You withdrew the request."),
    (Act.TAKE_BACK, _ANY): _("The provider took the acceptance back."),
    (Act.PAID, _ANY): _("The payment came in."),
    (Act.TAKE_PAYMENT, _ANY): _("The payment was taken by hand."),
    (Act.PAYMENT_FAILED, _ANY): _("A payment did not go through."),
    (Act.EXTEND, _ANY): _("The time to pay was extended."),
    (Act.RELEASE, _ANY): _("It was not paid in time, and its place was released."),
    (Act.LAPSE, _ANY): _("There was no agreement in time: it expired."),
    (Act.REINSTATE, _ANY): _("It was taken up again."),
    (Act.PROPOSE, _PROVIDER): _("The provider proposed a change."),
    (Act.PROPOSE, _YOU): _("You proposed a change."),
    (Act.REFUSE, _PROVIDER): _("The provider refused the change."),
    (Act.REFUSE, _YOU): _("You refused the change."),
    (Act.RESCHEDULE, _ANY): _("Our support changed the booking."),
    (Act.ACTION_DONE, _ANY): _("What you had to do is confirmed as done."),
    (Act.ACTION_REOPENED, _ANY): _("What you have to do was marked as open again."),
    (Act.CANCEL, _YOU): _("You cancelled."),
    (Act.CANCEL, _PROVIDER): _("The provider cancelled."),
    (Act.CANCEL, _ANY): _("Our support cancelled."),
    (Act.REFER, _ANY): _("Our support asked you to turn to the provider."),
    (Act.REFUND, _ANY): _("A refund was started."),
    (Act.REDEEM, _ANY): _("It was redeemed."),
    (Act.UNDO_REDEEM, _ANY): _("The redemption was undone."),
    (Act.MARK_NO_SHOW, _ANY): _("It was noted that nobody came."),
    (Act.COMPLETE, _ANY): _("It took place."),
    (Act.CLOSE_CONVERSATION, _ANY): _("The time to write to one another ended."),
    (Act.REOPEN_CONVERSATION, _ANY): _("You can write to one another again."),
}
WRITTEN: Final = frozenset({Act.CONTACT.value, Act.WRITE_BACK.value})
"""What was said before any alias carried it."""

_ENDS: Final = frozenset({Act.DECLINE, Act.TAKE_BACK, Act.CANCEL})
"""What others end a booking with, and may say why."""

MONEY: Final = {
    Kind.STARTED: _("Payment begun"),
    Kind.FAILED: _("Payment not made"),
    Kind.PAID: _("Paid"),
    Kind.REFUND_STARTED: _("Refund under way"),
    Kind.REFUND_FAILED: _("Refund not made yet"),
    Kind.REFUNDED: _("Refunded"),
    Kind.DISPUTED: _("Taken back by your bank for now"),
    Kind.DISPUTE_WON: _("Your bank decided: it stays paid"),
    Kind.DISPUTE_LOST: _("Your bank decided: it stays taken back"),
}
"""What a line of the ledger says."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened. `said`: with what words of the other side, or of one's own."""

    at: datetime
    sentence: str
    said: str = field(default="", repr=False)


def ending(steps: Sequence[Past]) -> Told | None:
    """Why others ended it, in their words; None where they said nothing, and where the customer did it (OR-37)."""
    last = next((one for one in reversed(steps) if Act(one.act) in _ENDS), None)
    if last is None or last.actor is _YOU or not last.reason:
        return None
    return next(iter(story((last,))), None)


def story(steps: Sequence[Past]) -> tuple[Told, ...]:
    """The oldest first, without what was written: that stands with the messages."""
    found = []
    for one in steps:
        act = Act(one.act)
        sentence = _SAYS.get((act, one.actor)) or _SAYS.get((act, _ANY))
        if sentence is not None:
            found.append(Told(one.at, sentence, "" if one.act in WRITTEN else one.reason))
    return tuple(found)
