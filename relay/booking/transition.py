"""A row of the lifecycle's table, and what a step by it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from relay.booking import changes
from relay.booking.booking import Actor, Booking, Stage
from relay.booking.notification import Notification, To
from relay.booking.situation import Act, Situation, Wish


class Effect(Enum):
    """What a step causes outside the booking, in the same transaction (invariant 9)."""

    PREPARE_CONVERSATION = "make the aliases, and let nothing pass yet"
    OPEN_CONVERSATION = "open the conversation"
    MOVE_CONVERSATION = "move the conversation's window"
    CLOSE_CONVERSATION = "close the conversation in its time"
    END_CONVERSATION = "close the conversation now"
    REOPEN_CONVERSATION = "open the conversation again"
    OFFER_PAYMENT = "offer the payment"
    ENTER_PAYMENT = "enter the payment into the ledger"
    END_PAYMENT = "end the payment that was offered"
    COMPUTE_REFUND = "refund by the cancellation's policy"
    REFUND = "refund what was asked for"
    REFUND_ALL = "refund all of it"
    REFUND_SURPLUS = "refund what came in beyond what is due, if anything did"
    ERASE = "erase the customer, and what people wrote"
    INVITE = "send the calendar entry"
    CANCEL_INVITATION = "cancel the calendar entry"


@dataclass(frozen=True, slots=True)
class Mail:
    """A notification, and whom it is for."""

    says: Notification
    to: To


def mails(says: Notification, *to: To) -> tuple[Mail, ...]:
    """The same for each of `to`."""
    return tuple(Mail(says, one) for one in to)


Guard = Callable[[Situation], str | None]
Check = Callable[[Situation, Wish], str | None]
Change = Callable[[Situation, Wish], Booking]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. `target` is None where the stage stays; `change` is what else becomes of the booking."""

    id: str
    act: Act
    sources: frozenset[Stage]
    actors: frozenset[Actor]
    target: Stage | None = None
    guards: tuple[Guard, ...] = ()
    checks: tuple[Check, ...] = ()
    change: Change = changes.nothing
    effects: tuple[Effect, ...] = ()
    mails: tuple[Mail, ...] = ()
    in_menu: bool = True
    """Whether it is one of the things that somebody chooses between; to look at a booking is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an act comes to: the booking afterwards, and what has to happen with it."""

    transition: str
    act: Act
    actor: Actor
    by: str
    at: datetime
    before: Booking
    booking: Booking
    effects: tuple[Effect, ...]
    mails: tuple[Mail, ...]
    reason: str
