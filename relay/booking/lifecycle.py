"""The lifecycle of a booking: every step there is, as one table (booking.md, T4 to T25), and nothing else.

A row says from which stages, by whom and on which conditions an act leads where, and what it causes. The first row that fits and
whose guards hold is the one; what happens outside the table is refused with the reason, and with what is possible instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from relay.booking import changes, guards
from relay.booking.booking import CLOSED, OPEN, Actor, Booking, Stage
from relay.booking.notification import Notification, To
from relay.booking.situation import Act, Situation, Wish
from relay.errors import Conflict

N, S, A = Notification, Stage, Actor


class Effect(Enum):
    """What a step causes outside the booking, in the same transaction (invariant 9)."""

    OPEN_CONVERSATION = "open the conversation"
    MOVE_CONVERSATION = "move the conversation's window"
    CLOSE_CONVERSATION = "close the conversation in its time"
    OFFER_PAYMENT = "offer the payment"
    ENTER_PAYMENT = "enter the payment into the ledger"
    END_PAYMENT = "end the payment that was offered"
    COMPUTE_REFUND = "refund by the cancellation's policy"
    REFUND = "refund what was asked for"
    REFUND_ALL = "refund all of it"
    INVITE = "send the calendar entry"
    CANCEL_INVITATION = "cancel the calendar entry"


@dataclass(frozen=True, slots=True)
class Mail:
    """A notification, and whom it is for."""

    says: Notification
    to: To


def _mails(says: Notification, *to: To) -> tuple[Mail, ...]:
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


class NotAllowed(Conflict):
    """A step that is not in the table, or not now. `why` is a sentence for whoever wanted it; `possible`, what they may do."""

    def __init__(self, wish: Wish, why: str, possible: tuple[Act, ...]) -> None:
        instead = f"; possible: {', '.join(one.value for one in possible)}" if possible else ""
        super().__init__(f"{wish.act.value}: {why}{instead}")
        self.why = why
        self.possible = possible


def stepped(of: Situation, wish: Wish) -> Step:
    """What `wish` comes to. Raises NotAllowed where it is not in the table, a guard objects, or what was written does not do."""
    rows = [row for row in TRANSITIONS if row.act is wish.act and of.booking.stage in row.sources]
    if not rows:
        raise NotAllowed(wish, f"not while it is {of.booking.stage.value}", possible(of, wish.actor))
    rows = [row for row in rows if wish.actor in row.actors]
    if not rows:
        raise NotAllowed(wish, f"not by the {wish.actor.value}", possible(of, wish.actor))
    objections = [_objection(row, of) for row in rows]
    row = next((row for row, objection in zip(rows, objections, strict=True) if objection is None), None)
    if row is None:
        raise NotAllowed(wish, objections[0] or "", possible(of, wish.actor))
    for check in row.checks:
        if (wrong := check(of, wish)) is not None:
            raise NotAllowed(wish, wrong, possible(of, wish.actor))
    stage = row.target or of.booking.stage
    booking = replace(row.change(of, wish), stage=stage, version=of.booking.version + 1)
    return Step(row.id, wish.act, wish.actor, wish.by, of.now, of.booking, booking, row.effects, row.mails, wish.reason.strip())


def possible(of: Situation, actor: Actor) -> tuple[Act, ...]:
    """What `actor` may do now, in the order of the table: buttons, menus and errors say the same."""
    acts = (
        row.act for row in TRANSITIONS if of.booking.stage in row.sources and actor in row.actors and _objection(row, of) is None
    )
    return tuple(dict.fromkeys(acts))


def _objection(row: Transition, of: Situation) -> str | None:
    return next((wrong for guard in row.guards if (wrong := guard(of)) is not None), None)


# The table

_IN_HAND: Final = OPEN | {S.AWAITING_PAYMENT}
_AGREED_ON: Final = frozenset({S.AWAITING_PAYMENT, S.CONFIRMED})
_REFUNDABLE: Final = frozenset(Stage) - {S.DRAFT}
_TOO_LATE: Final = CLOSED - {S.COMPLETED}
_DELIVERED: Final = frozenset({S.CONFIRMED, S.COMPLETED})
_BOTH: Final = (To.CUSTOMER, To.PARTNER)
_BOOKED: Final = (*_mails(N.BOOKED, To.CUSTOMER), *_mails(N.BOOKED_AND_PAID, To.PARTNER))
_BEGUN: Final = (Effect.OPEN_CONVERSATION, Effect.INVITE)


def _by(*actors: Actor) -> frozenset[Actor]:
    return frozenset(actors)


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


def _agreement(
    id_: str, act: Act, sources: frozenset[Stage], actor: Actor, conditions: tuple[Guard, ...], *checks: Check
) -> tuple[Transition, Transition]:
    """Both sides want it: it is to be paid first, or it is booked."""
    to_pay = Transition(
        *(id_, act, sources, _by(actor), S.AWAITING_PAYMENT),
        guards=(*conditions, guards.there_is_room, guards.has_to_be_paid_first),
        checks=checks,
        change=changes.to_be_paid,
        effects=(Effect.OFFER_PAYMENT,),
        mails=_mails(N.PLEASE_PAY, To.CUSTOMER),
    )
    booked = replace(
        to_pay,
        target=S.CONFIRMED,
        guards=(*conditions, guards.there_is_room),
        change=changes.booked,
        effects=_BEGUN,
        mails=_BOOKED,
    )
    return to_pay, booked


def _counter(actor: Actor, to: To, *conditions: Guard) -> Transition:
    """Other terms: the other side has the turn."""
    return Transition(
        *("T5", Act.COUNTER, OPEN if actor is A.PARTNER else _at(S.COUNTERED), _by(actor), S.COUNTERED),
        guards=(guards.is_custom, *conditions, guards.has_not_begun),
        checks=(guards.terms_are_new,),
        change=changes.terms_offered,
        mails=_mails(N.COUNTER_OFFER, to),
    )


def _release(actor: Actor, *conditions: Guard) -> Transition:
    return Transition(
        *("T16", Act.RELEASE, _at(S.AWAITING_PAYMENT), _by(actor), S.EXPIRED),
        guards=(guards.is_not_blocked, guards.is_not_being_paid, *conditions),
        change=changes.given_up,
        effects=(Effect.END_PAYMENT,),
        mails=_mails(N.RELEASED, *_BOTH),
    )


def _cancellation(actor: Actor, conditions: tuple[Guard, ...], check: Check) -> tuple[Transition, Transition]:
    """Before it is paid, and after it is confirmed."""
    unpaid = Transition(
        *("T22", Act.CANCEL, _at(S.AWAITING_PAYMENT), _by(actor), S.CANCELLED),
        guards=(guards.is_not_being_paid, *conditions),
        checks=(check,),
        change=changes.cancelled,
        effects=(Effect.END_PAYMENT, Effect.COMPUTE_REFUND),
        mails=_mails(N.CANCELLED, *_BOTH),
    )
    ends = (Effect.COMPUTE_REFUND, Effect.CANCEL_INVITATION, Effect.CLOSE_CONVERSATION)
    return unpaid, replace(unpaid, sources=_at(S.CONFIRMED), effects=ends)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition(
        *("T4", Act.CONTACT, _IN_HAND, _by(A.PARTNER)), change=changes.contacted, mails=_mails(N.PARTNER_WRITES, To.CUSTOMER)
    ),
    Transition(
        *("T4", Act.MARK_CONTACTED, _IN_HAND, _by(A.PARTNER)), guards=(guards.is_not_contacted,), change=changes.contacted
    ),
    _counter(A.PARTNER, To.CUSTOMER, guards.partner_has_the_turn),
    _counter(A.CUSTOMER, To.PARTNER, guards.customer_may_counter, guards.customer_has_the_turn),
    *_agreement(
        *("T6", Act.ACCEPT, OPEN, A.PARTNER, (guards.partner_has_the_turn, guards.terms_are_valid)), guards.version_is_that_read
    ),
    *_agreement(
        *("T7", Act.ACCEPT, _at(S.COUNTERED), A.CUSTOMER, (guards.customer_has_the_turn, guards.terms_are_valid)),
        guards.version_is_that_read,
    ),
    *_agreement(
        *("T8", Act.BOOK, _at(S.REQUESTED), A.PARTNER, (guards.is_on_request, guards.has_not_begun)), guards.terms_are_new
    ),
    Transition(
        *("T9", Act.DECLINE, OPEN, _by(A.PARTNER), S.DECLINED),
        checks=(guards.reason_suffices,),
        change=changes.given_up,
        mails=_mails(N.DECLINED, To.CUSTOMER),
    ),
    Transition(
        *("T10", Act.WITHDRAW, OPEN, _by(A.CUSTOMER), S.WITHDRAWN),
        checks=(guards.reason_fits,),
        change=changes.given_up,
        mails=_mails(N.WITHDRAWN, To.PARTNER),
    ),
    Transition(
        *("T11", Act.TAKE_BACK, _at(S.AWAITING_PAYMENT), _by(A.PARTNER), S.CANCELLED),
        guards=(guards.is_not_being_paid, guards.is_unpaid),
        checks=(guards.reason_fits,),
        change=changes.cancelled,
        effects=(Effect.END_PAYMENT,),
        mails=_mails(N.ACCEPTANCE_WITHDRAWN, To.CUSTOMER),
    ),
    Transition(
        *("T12", Act.PAID, _at(S.AWAITING_PAYMENT), _by(A.PAYMENTS), S.CONFIRMED),
        guards=(guards.is_covered,),
        change=changes.booked,
        effects=_BEGUN,
        mails=_BOOKED,
    ),
    Transition(*("T12", Act.PAID, _DELIVERED, _by(A.PAYMENTS)), mails=_mails(N.BOOKED_AND_PAID, To.PARTNER)),
    Transition(
        *("T12", Act.PAID, _at(S.EXPIRED), _by(A.PAYMENTS), S.CONFIRMED),
        guards=(guards.has_not_begun, guards.there_is_room, guards.is_covered),
        change=changes.booked,
        effects=_BEGUN,
        mails=_BOOKED,
    ),
    Transition(
        *("T12", Act.PAID, _TOO_LATE, _by(A.PAYMENTS)), effects=(Effect.REFUND_ALL,), mails=_mails(N.PAID_TOO_LATE, *_BOTH)
    ),
    Transition(
        *("T12", Act.TAKE_PAYMENT, _at(S.AWAITING_PAYMENT), _by(A.PARTNER, A.OPERATOR), S.CONFIRMED),
        guards=(guards.is_not_being_paid, guards.something_is_outstanding),
        checks=(guards.amount_is_outstanding,),
        change=changes.booked,
        effects=(Effect.ENTER_PAYMENT, Effect.END_PAYMENT, *_BEGUN),
        mails=_BOOKED,
    ),
    Transition(
        *("T12", Act.TAKE_PAYMENT, _DELIVERED, _by(A.PARTNER, A.OPERATOR)),
        guards=(guards.is_not_being_paid, guards.something_is_outstanding),
        checks=(guards.amount_is_outstanding,),
        effects=(Effect.ENTER_PAYMENT,),
        mails=_mails(N.BOOKED_AND_PAID, To.PARTNER),
    ),
    Transition(*("T13", Act.PAYMENT_FAILED, _AGREED_ON, _by(A.PAYMENTS)), mails=_mails(N.PAYMENT_FAILED, To.CUSTOMER)),
    Transition(
        *("T14", Act.EXTEND, _at(S.AWAITING_PAYMENT), _by(A.PARTNER, A.OPERATOR)),
        guards=(guards.has_not_begun,),
        checks=(guards.deadline_is_later,),
        change=changes.extended,
        mails=_mails(N.TERM_EXTENDED, To.CUSTOMER),
    ),
    Transition(
        *("T15", Act.BLOCK, _at(S.AWAITING_PAYMENT), _by(A.OPERATOR)),
        guards=(guards.is_not_blocked,),
        change=changes.release_blocked,
    ),
    Transition(
        *("T15", Act.UNBLOCK, _at(S.AWAITING_PAYMENT), _by(A.OPERATOR)),
        guards=(guards.is_blocked,),
        change=changes.release_blocked,
    ),
    _release(A.CLOCK, guards.clock_may_release),
    _release(A.OPERATOR),
    Transition(
        *("T17", Act.LAPSE, OPEN, _by(A.CLOCK), S.EXPIRED),
        guards=(guards.has_lapsed,),
        change=changes.given_up,
        mails=_mails(N.REQUEST_EXPIRED, *_BOTH),
    ),
    Transition(
        *("T19", Act.REINSTATE, _at(S.EXPIRED), _by(A.OPERATOR), S.AWAITING_PAYMENT),
        guards=(guards.is_reservation, guards.has_not_begun, guards.there_is_room),
        checks=(guards.deadline_is_later,),
        change=changes.extended,
        effects=(Effect.OFFER_PAYMENT,),
        mails=_mails(N.TERM_EXTENDED, To.CUSTOMER),
    ),
    Transition(
        *("T20", Act.RESCHEDULE, _at(S.CONFIRMED), _by(A.CUSTOMER, A.PARTNER, A.SUPPORT)),
        guards=(guards.is_not_over, guards.there_is_room_anew),
        checks=(guards.terms_are_new,),
        change=changes.rescheduled,
        effects=(Effect.MOVE_CONVERSATION, Effect.INVITE),
        mails=_mails(N.RESCHEDULED, *_BOTH),
    ),
    Transition(
        *("T21", Act.ACTION_DONE, _AGREED_ON, _by(A.PARTNER, A.SUPPORT)),
        guards=(guards.action_is_open,),
        change=changes.action_set,
        mails=_mails(N.ACTION_CHANGED, To.CUSTOMER),
    ),
    Transition(
        *("T21", Act.ACTION_REOPENED, _AGREED_ON, _by(A.PARTNER, A.SUPPORT)),
        guards=(guards.action_is_done,),
        change=changes.action_set,
        mails=_mails(N.ACTION_CHANGED, To.CUSTOMER),
    ),
    *_cancellation(A.CUSTOMER, (guards.customer_may_cancel, guards.has_not_begun), guards.reason_fits),
    *_cancellation(A.PARTNER, (guards.partner_may_cancel,), guards.reason_is_given),
    *_cancellation(A.SUPPORT, (guards.support_may_cancel,), guards.reason_fits),
    *_cancellation(A.OPERATOR, (), guards.reason_is_given),
    Transition(
        *("T22", Act.REFER, _AGREED_ON, _by(A.SUPPORT)),
        guards=(guards.action_is_done,),
        mails=_mails(N.REFERRED_TO_PARTNER, To.CUSTOMER),
    ),
    Transition(
        *("T23", Act.REFUND, _REFUNDABLE, _by(A.PARTNER, A.SUPPORT, A.OPERATOR)),
        guards=(guards.something_is_refundable,),
        checks=(guards.amount_is_refundable,),
        effects=(Effect.REFUND,),
    ),
    Transition(
        *("T24", Act.REDEEM, _at(S.CONFIRMED), _by(A.PARTNER, A.OPERATOR), S.COMPLETED),
        change=changes.redeemed,
        effects=(Effect.CLOSE_CONVERSATION,),
        mails=_mails(N.COMPLETED, To.CUSTOMER),
    ),
    Transition(
        *("T24", Act.COMPLETE, _at(S.CONFIRMED), _by(A.CLOCK), S.COMPLETED),
        guards=(guards.has_ended,),
        effects=(Effect.CLOSE_CONVERSATION,),
        mails=_mails(N.COMPLETED, To.CUSTOMER),
    ),
)
