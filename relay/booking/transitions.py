"""Every step there is in the life of a booking, as one table (booking.md, T1 to T26; GW-54), and nothing else.

A row says from which stages, by whom and on which conditions an act leads where, and what it causes. What is meant to be tried
first stands first. The cells that every row has (id, act, from, by, to) stand in one line, unpacked; the others are named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.booking import changes, checks, guards
from relay.booking.booking import CLOSED, OPEN, Actor, Stage
from relay.booking.notification import Notification, To
from relay.booking.situation import Act
from relay.booking.transition import Check, Effect, Guard, Transition, mails

N, S, A = Notification, Stage, Actor

_IN_HAND: Final = OPEN | {S.AWAITING_PAYMENT}
_AGREED_ON: Final = frozenset({S.AWAITING_PAYMENT, S.CONFIRMED})
_MADE: Final = frozenset(Stage) - {S.DRAFT}
_TOO_LATE: Final = CLOSED - {S.COMPLETED}
_DELIVERED: Final = frozenset({S.CONFIRMED, S.COMPLETED})
_WRITING: Final = _DELIVERED | {S.CANCELLED}
_BOTH: Final = (To.CUSTOMER, To.PARTNER)
_BOOKED: Final = (*mails(N.BOOKED, To.CUSTOMER), *mails(N.BOOKED_AND_PAID, To.PARTNER))
_BEGUN: Final = (Effect.OPEN_CONVERSATION, Effect.INVITE)
_MOVED: Final = (Effect.MOVE_CONVERSATION, Effect.INVITE)
_ASKED: Final = ((A.CUSTOMER, guards.change_waits_for_customer), (A.PARTNER, guards.change_waits_for_partner))
"""Who may have to answer a change that the other side proposed."""
_HOUSE: Final = frozenset({A.SUPPORT, A.OPERATOR})
_PEOPLE: Final = _HOUSE | {A.CUSTOMER, A.PARTNER}


def _by(*actors: Actor) -> frozenset[Actor]:
    return frozenset(actors)


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


def _beginning(act: Act, *ways: Guard) -> tuple[Transition, Transition]:
    """Reserved or bought at once: it is to be paid until the deadline, or there is nothing to be paid before (T2, T3)."""
    to_pay = Transition(
        *("T2" if act is Act.RESERVE else "T3", act, _at(S.DRAFT), _PEOPLE, S.AWAITING_PAYMENT),
        guards=(*ways, guards.is_sold, guards.has_not_begun, guards.there_is_room, guards.has_to_be_paid_first),
        change=changes.to_be_paid if act is Act.RESERVE else changes.checked_out,
        effects=(Effect.PREPARE_CONVERSATION, Effect.OFFER_PAYMENT),
        mails=mails(N.RESERVED, To.CUSTOMER) if act is Act.RESERVE else (),
    )
    booked = replace(
        to_pay,
        target=S.CONFIRMED,
        guards=to_pay.guards[:-1],
        change=changes.booked,
        effects=(Effect.PREPARE_CONVERSATION, *_BEGUN),
        mails=_BOOKED,
    )
    return to_pay, booked


def _request(id_: str, *conditions: Guard) -> Transition:
    """Asked for: the partner answers (T1, T18)."""
    return Transition(
        *(id_, Act.REQUEST, _at(S.DRAFT), _PEOPLE, S.REQUESTED),
        guards=(guards.is_asked_for, guards.is_sold, guards.has_not_begun, guards.there_is_room_if_it_holds, *conditions),
        change=changes.requested,
        effects=(Effect.PREPARE_CONVERSATION,),
        mails=(*mails(N.NEW_REQUEST, To.PARTNER), *mails(N.REQUEST_RECEIVED, To.CUSTOMER)),
    )


def _agreement(
    id_: str, act: Act, sources: frozenset[Stage], actor: Actor, conditions: tuple[Guard, ...], check: Check
) -> tuple[Transition, Transition]:
    """Both sides want it: it is to be paid first, or it is booked."""
    to_pay = Transition(
        *(id_, act, sources, _by(actor), S.AWAITING_PAYMENT),
        guards=(*conditions, guards.there_is_room, guards.has_to_be_paid_first),
        checks=(check,),
        change=changes.to_be_paid,
        effects=(Effect.OFFER_PAYMENT,),
        mails=mails(N.PLEASE_PAY, To.CUSTOMER),
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
        checks=(checks.terms_are_new,),
        change=changes.terms_offered,
        mails=mails(N.COUNTER_OFFER, to),
    )


def _release(actor: Actor, *conditions: Guard) -> Transition:
    return Transition(
        *("T16", Act.RELEASE, _at(S.AWAITING_PAYMENT), _by(actor), S.EXPIRED),
        guards=(*conditions, guards.is_not_blocked, guards.is_not_being_paid),
        change=changes.given_up,
        effects=(Effect.END_PAYMENT, Effect.COMPUTE_REFUND),
        mails=mails(N.RELEASED, *_BOTH),
    )


def _cancellation(actor: Actor, conditions: tuple[Guard, ...], check: Check) -> tuple[Transition, ...]:
    """While somebody is at the checkout, of whom the partner has not heard; before it is paid; and after it is confirmed."""
    unpaid = Transition(
        *("T22", Act.CANCEL, _at(S.AWAITING_PAYMENT), _by(actor), S.CANCELLED),
        guards=(guards.is_not_being_paid, *conditions),
        checks=(check,),
        change=changes.cancelled,
        effects=(Effect.END_PAYMENT, Effect.COMPUTE_REFUND),
        mails=mails(N.CANCELLED, *_BOTH),
    )
    ends = (Effect.COMPUTE_REFUND, Effect.CANCEL_INVITATION, Effect.CLOSE_CONVERSATION)
    left = replace(unpaid, guards=(*unpaid.guards, guards.is_at_checkout), mails=mails(N.CANCELLED, To.CUSTOMER))
    return left, unpaid, replace(unpaid, sources=_at(S.CONFIRMED), effects=ends)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    _request("T18", guards.is_asked_again),
    _request("T1"),
    *_beginning(Act.RESERVE, guards.is_reserved),
    *_beginning(Act.CHECK_OUT, guards.is_instant),
    Transition(*("T4", Act.SEE, _IN_HAND, _by(A.PARTNER)), guards=(guards.is_unseen,), change=changes.seen, in_menu=False),
    Transition(
        *("T4", Act.ASSIGN, _IN_HAND | {S.CONFIRMED}, _by(A.PARTNER, A.SUPPORT, A.OPERATOR)),
        checks=(checks.assignee_is_another,),
        change=changes.assigned,
        in_menu=False,
    ),
    # OR-22: contact, mark as contacted, book, refuse; accept beside them (OR-4, SL-14).
    Transition(
        # OR-6
        *("T4", Act.CONTACT, _IN_HAND, _by(A.PARTNER)),
        change=changes.contacted,
        mails=mails(N.PARTNER_WRITES, To.CUSTOMER),
    ),
    Transition(
        *("T4", Act.MARK_CONTACTED, _IN_HAND, _by(A.PARTNER)), guards=(guards.is_not_contacted,), change=changes.contacted
    ),
    Transition(*("T4", Act.WRITE_BACK, _IN_HAND, _by(A.CUSTOMER)), mails=mails(N.PARTNER_WRITES, To.PARTNER)),
    _counter(A.PARTNER, To.CUSTOMER, guards.partner_has_the_turn),
    _counter(A.CUSTOMER, To.PARTNER, guards.customer_may_counter, guards.customer_has_the_turn),
    *_agreement(
        *("T6", Act.ACCEPT, OPEN, A.PARTNER, (guards.partner_has_the_turn, guards.terms_are_valid)), checks.version_is_that_read
    ),
    *_agreement(
        *("T7", Act.ACCEPT, _at(S.COUNTERED), A.CUSTOMER, (guards.customer_has_the_turn, guards.terms_are_valid)),
        checks.version_is_that_read,
    ),
    *_agreement(
        *("T8", Act.BOOK, _at(S.REQUESTED), A.PARTNER, (guards.is_on_request, guards.has_not_begun, guards.there_is_room_anew)),
        checks.terms_are_new,
    ),
    # OR-5, SL-14
    Transition(
        *("T9", Act.DECLINE, OPEN, _by(A.PARTNER), S.DECLINED),
        checks=(checks.reason_suffices,),
        change=changes.given_up,
        mails=mails(N.DECLINED, To.CUSTOMER),
    ),
    Transition(
        *("T10", Act.WITHDRAW, OPEN, _by(A.CUSTOMER), S.WITHDRAWN),
        checks=(checks.reason_fits,),
        change=changes.given_up,
        mails=mails(N.WITHDRAWN, To.PARTNER),
    ),
    Transition(
        *("T11", Act.TAKE_BACK, _at(S.AWAITING_PAYMENT), _by(A.PARTNER), S.CANCELLED),
        guards=(guards.is_not_being_paid, guards.is_unpaid),
        checks=(checks.reason_fits,),
        change=changes.cancelled,
        effects=(Effect.END_PAYMENT, Effect.COMPUTE_REFUND),
        mails=mails(N.ACCEPTANCE_WITHDRAWN, To.CUSTOMER),
    ),
    Transition(
        *("T12", Act.PAID, _at(S.AWAITING_PAYMENT), _by(A.PAYMENTS), S.CONFIRMED),
        guards=(guards.is_covered,),
        change=changes.booked,
        effects=(*_BEGUN, Effect.REFUND_SURPLUS),
        mails=_BOOKED,
    ),
    Transition(
        *("T12", Act.PAID, _DELIVERED, _by(A.PAYMENTS)),
        guards=(guards.too_much_came_in,),
        effects=(Effect.REFUND_SURPLUS,),
    ),
    Transition(*("T12", Act.PAID, _DELIVERED, _by(A.PAYMENTS)), mails=mails(N.BOOKED_AND_PAID, To.PARTNER)),
    Transition(
        *("T12", Act.PAID, _at(S.EXPIRED), _by(A.PAYMENTS), S.CONFIRMED),
        guards=(guards.has_not_begun, guards.there_is_room, guards.is_covered),
        change=changes.booked,
        effects=(*_BEGUN, Effect.REFUND_SURPLUS),
        mails=_BOOKED,
    ),
    Transition(
        *("T12", Act.PAID, _TOO_LATE, _by(A.PAYMENTS)), effects=(Effect.REFUND_ALL,), mails=mails(N.PAID_TOO_LATE, *_BOTH)
    ),
    Transition(
        *("T12", Act.TAKE_PAYMENT, _at(S.AWAITING_PAYMENT), _by(A.PARTNER, A.OPERATOR), S.CONFIRMED),
        guards=(guards.is_not_being_paid, guards.something_is_outstanding),
        checks=(checks.amount_is_outstanding,),
        change=changes.booked,
        effects=(Effect.ENTER_PAYMENT, Effect.END_PAYMENT, *_BEGUN),
        mails=_BOOKED,
    ),
    Transition(
        *("T12", Act.TAKE_PAYMENT, _DELIVERED, _by(A.PARTNER, A.OPERATOR)),
        guards=(guards.is_not_being_paid, guards.something_is_outstanding),
        checks=(checks.amount_is_outstanding,),
        effects=(Effect.ENTER_PAYMENT,),
        mails=mails(N.BOOKED_AND_PAID, To.PARTNER),
    ),
    Transition(*("T13", Act.PAYMENT_FAILED, _AGREED_ON, _by(A.PAYMENTS)), mails=mails(N.PAYMENT_FAILED, To.CUSTOMER)),
    Transition(
        *("T14", Act.EXTEND, _at(S.AWAITING_PAYMENT), _by(A.PARTNER, A.OPERATOR)),
        guards=(guards.has_not_begun,),
        checks=(checks.deadline_is_later,),
        change=changes.extended,
        mails=mails(N.TERM_EXTENDED, To.CUSTOMER),
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
    replace(_release(A.CLOCK, guards.checkout_has_ended), mails=()),
    _release(A.OPERATOR),
    Transition(
        *("T17", Act.LAPSE, OPEN, _by(A.CLOCK), S.EXPIRED),
        guards=(guards.has_lapsed,),
        change=changes.given_up,
        mails=mails(N.REQUEST_EXPIRED, *_BOTH),
    ),
    Transition(
        *("T19", Act.REINSTATE, _at(S.EXPIRED), _by(A.OPERATOR), S.AWAITING_PAYMENT),
        guards=(guards.is_reservation, guards.has_not_begun, guards.there_is_room),
        checks=(checks.deadline_is_later,),
        change=changes.extended,
        effects=(Effect.OFFER_PAYMENT,),
        mails=mails(N.TERM_EXTENDED, To.CUSTOMER),
    ),
    # GY-B3: another date is offered, and the other side answers.
    *(
        Transition(
            *("T20", Act.PROPOSE, _at(S.CONFIRMED), _by(actor)),
            guards=(guards.is_not_over, may),
            checks=(checks.terms_are_new,),
            change=changes.proposed,
            mails=mails(N.COUNTER_OFFER, to),
        )
        for actor, to, may in (
            (A.CUSTOMER, To.PARTNER, guards.customer_may_propose),
            (A.PARTNER, To.CUSTOMER, guards.partner_may_propose),
        )
    ),
    *(
        Transition(
            *("T20", Act.ACCEPT, _at(S.CONFIRMED), _by(actor)),
            guards=(guards.is_not_over, turn, guards.proposal_is_valid, guards.there_is_room_anew),
            checks=(checks.version_is_that_read,),
            change=changes.rescheduled,
            effects=_MOVED,
            mails=mails(N.RESCHEDULED, *_BOTH),
        )
        for actor, turn in _ASKED
    ),
    *(
        Transition(*("T20", Act.REFUSE, _at(S.CONFIRMED), _by(actor)), guards=(turn,), change=changes.refused)
        for actor, turn in _ASKED
    ),
    Transition(
        *("T20", Act.RESCHEDULE, _at(S.CONFIRMED), _HOUSE),
        guards=(guards.is_not_over, guards.there_is_room_anew),
        checks=(checks.terms_are_new,),
        change=changes.rescheduled,
        effects=_MOVED,
        mails=mails(N.RESCHEDULED, *_BOTH),
    ),
    Transition(
        *("T21", Act.ACTION_DONE, _AGREED_ON, _by(A.PARTNER, A.SUPPORT)),
        guards=(guards.action_is_open,),
        change=changes.action_set,
        mails=mails(N.ACTION_CHANGED, To.CUSTOMER),
    ),
    Transition(
        *("T21", Act.ACTION_REOPENED, _AGREED_ON, _by(A.PARTNER, A.SUPPORT)),
        guards=(guards.action_is_done,),
        change=changes.action_set,
        mails=mails(N.ACTION_CHANGED, To.CUSTOMER),
    ),
    # ST-13, SV-6: while it waits for its payment, and support while the required action is open.
    *_cancellation(A.CUSTOMER, (guards.customer_may_cancel, guards.has_not_begun), checks.reason_fits),
    *_cancellation(A.PARTNER, (guards.partner_may_cancel,), checks.cause_is_given),
    *_cancellation(A.SUPPORT, (guards.support_may_cancel,), checks.reason_fits),
    *_cancellation(A.OPERATOR, (), checks.reason_is_given),
    Transition(
        *("T22", Act.REFER, _AGREED_ON, _by(A.SUPPORT)),
        guards=(guards.action_is_done,),
        mails=mails(N.REFERRED_TO_PARTNER, To.CUSTOMER),
    ),
    Transition(
        *("T23", Act.REFUND, _MADE, _by(A.PARTNER, A.SUPPORT, A.OPERATOR)),
        guards=(guards.something_is_refundable,),
        checks=(checks.amount_is_refundable,),
        effects=(Effect.REFUND,),
    ),
    Transition(
        *("T24", Act.REDEEM, _at(S.CONFIRMED), _by(A.PARTNER, A.OPERATOR), S.COMPLETED),
        guards=(guards.has_arrived, guards.is_valid_still),
        change=changes.redeemed,
        effects=(Effect.CLOSE_CONVERSATION,),
        mails=mails(N.COMPLETED, To.CUSTOMER),
    ),
    Transition(
        *("T24", Act.REDEEM, _at(S.CONFIRMED), _by(A.CLOCK), S.COMPLETED),
        guards=(guards.redeems_itself,),
        change=changes.redeemed,
        effects=(Effect.CLOSE_CONVERSATION,),
        mails=mails(N.COMPLETED, To.CUSTOMER),
    ),
    Transition(
        *("T24", Act.UNDO_REDEEM, _at(S.COMPLETED), _HOUSE, S.CONFIRMED),
        guards=(guards.is_redeemed,),
        checks=(checks.reason_fits,),
        change=changes.not_redeemed,
        effects=(Effect.MOVE_CONVERSATION,),
    ),
    Transition(
        *("T24", Act.MARK_NO_SHOW, _DELIVERED, _by(A.PARTNER, A.SUPPORT, A.OPERATOR)),
        guards=(guards.has_begun, guards.was_not_had),
        change=changes.no_show,
    ),
    Transition(
        *("T24", Act.COMPLETE, _at(S.CONFIRMED), _by(A.CLOCK), S.COMPLETED),
        guards=(guards.has_ended,),
        change=changes.completed,
        effects=(Effect.CLOSE_CONVERSATION,),
        mails=mails(N.COMPLETED, To.CUSTOMER),
    ),
    Transition(
        *("T25", Act.CLOSE_CONVERSATION, _WRITING, _by(A.CLOCK)),
        guards=(guards.conversation_is_open, guards.window_has_passed),
        change=changes.conversation_closed,
    ),
    Transition(
        *("T25", Act.CLOSE_CONVERSATION, _WRITING, _by(A.SUPPORT)),
        guards=(guards.conversation_is_open,),
        checks=(checks.reason_fits,),
        change=changes.conversation_closed,
        effects=(Effect.END_CONVERSATION,),
        mails=mails(N.CONVERSATION_CLOSED, *_BOTH),
    ),
    Transition(
        *("T25", Act.REOPEN_CONVERSATION, _WRITING, _by(A.SUPPORT)),
        guards=(guards.conversation_is_closed,),
        checks=(checks.end_is_to_come,),
        change=changes.conversation_reopened,
        effects=(Effect.REOPEN_CONVERSATION,),
    ),
    Transition(
        *("T26", Act.ERASE, CLOSED, _by(A.OPERATOR, A.CUSTOMER)),
        guards=(guards.is_not_erased, guards.nothing_is_disputed, guards.no_refund_is_under_way, guards.retention_is_over),
        change=changes.erased,
        effects=(Effect.ERASE,),
    ),
    Transition(*("GW-54", Act.NOT_REACHED, _MADE, _by(A.CLOCK)), guards=(guards.is_not_erased,), in_menu=False),
)
