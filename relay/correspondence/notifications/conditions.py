"""What a sentence may depend on: questions about the matter of a notification."""

from __future__ import annotations

from collections.abc import Callable

from relay.booking.booking import CLOSED, OPEN, Actor, Cause, RequiredAction, Stage
from relay.booking.notification import Notification
from relay.booking.offer import DeadlinePolicy, Mode, Pay
from relay.correspondence.notifications.matter import Matter, Obstacle, Vocabulary

N = Notification
_HOUSE = frozenset({Actor.SUPPORT, Actor.OPERATOR})


def is_reservation(of: Matter) -> bool:
    """Its words are those of reserving (ST-9)."""
    return of.vocabulary is Vocabulary.RESERVATION


def is_custom(of: Matter) -> bool:
    return of.rules.mode is Mode.CUSTOM_REQUEST


def has_voucher(of: Matter) -> bool:
    """There is a voucher to be shown."""
    return bool(of.links.voucher)


def is_paid_first(of: Matter) -> bool:
    """Accepting asks for a payment, and the payment makes it firm (SL-18)."""
    return of.rules.pay is Pay.BEFORE_CONFIRMATION and of.booking.terms.total.minor > 0


def is_booked_at_once(of: Matter) -> bool:
    return not is_paid_first(of) and bool(of.booking.terms.lines)


def is_paid_on_site(of: Matter) -> bool:
    return of.rules.pay is Pay.ON_SITE and outstanding(of) > 0


def is_paid_later(of: Matter) -> bool:
    return of.rules.pay is not Pay.ON_SITE and outstanding(of) > 0


def outstanding(of: Matter) -> int:
    """What is still to be paid, in minor units."""
    paid = of.booking.paid_in(of.account).minor if of.account is not None else 0
    return max(of.booking.terms.total.minor - paid, 0)


def was_paid(of: Matter) -> bool:
    """Something came in, whatever became of it."""
    return of.account is not None and of.account.captured.minor > 0


def was_not_paid(of: Matter) -> bool:
    return not was_paid(of)


def gives_nothing_back(of: Matter) -> bool:
    """It was paid, and nothing of it goes back."""
    return was_paid(of) and (of.amount is None or not of.amount)


def still_has_its_place(of: Matter) -> bool:
    return of.booking.stage is Stage.AWAITING_PAYMENT and of.booking.has_room


def can_be_paid_here(of: Matter) -> bool:
    """The mail leads to the payment."""
    return bool(of.links.pay)


def is_awaited(of: Matter) -> bool:
    """It waits for its payment."""
    return of.booking.stage is Stage.AWAITING_PAYMENT


def is_released_if_unpaid(of: Matter) -> bool:
    """The clock takes its place away (ST-21)."""
    return of.rules.deadline_policy is DeadlinePolicy.FIRM and not of.booking.release_blocked


def is_open(of: Matter) -> bool:
    """It still waits for an answer."""
    return of.booking.stage in OPEN


def is_confirmed(of: Matter) -> bool:
    return of.booking.stage is Stage.CONFIRMED


def is_change_proposed(of: Matter) -> bool:
    """Other terms are proposed for what is confirmed (T20)."""
    return of.booking.proposal is not None


def was_confirmed(of: Matter) -> bool:
    """Already before this step."""
    return of.before is not None and of.before.stage in {Stage.CONFIRMED, Stage.COMPLETED}


def was_expired(of: Matter) -> bool:
    return of.before is not None and of.before.stage is Stage.EXPIRED


def had_no_place(of: Matter) -> bool:
    return of.before is None or not of.before.has_room


def had_a_place(of: Matter) -> bool:
    return not had_no_place(of)


def has_date(of: Matter) -> bool:
    """Goods have none (SL-8)."""
    return of.booking.terms.occasion is not None


def invites(of: Matter) -> bool:
    """A calendar entry comes with it: once it is confirmed, and whenever it moves (T12, T20). A later payment changes nothing."""
    is_new = of.says in {N.BOOKED, N.BOOKED_AND_PAID} and not was_confirmed(of)
    return has_date(of) and (is_new or of.says is N.RESCHEDULED)


def takes_invitation_back(of: Matter) -> bool:
    """The calendar entry of what was confirmed is cancelled (T22)."""
    return of.says is N.CANCELLED and has_date(of) and was_confirmed(of)


def has_moved(of: Matter) -> bool:
    """It takes place at another time."""
    return of.before is not None and of.before.terms.occasion != of.booking.terms.occasion


def action_is_done(of: Matter) -> bool:
    return of.booking.action is RequiredAction.DONE


def action_is_open(of: Matter) -> bool:
    return of.booking.action is RequiredAction.OPEN


def is_closed(of: Matter) -> bool:
    return of.booking.stage in CLOSED


def by_customer(of: Matter) -> bool:
    return of.by is Actor.CUSTOMER


def by_partner(of: Matter) -> bool:
    return of.by is Actor.PARTNER


def by_house(of: Matter) -> bool:
    return of.by in _HOUSE


def by_nobody(of: Matter) -> bool:
    """By itself, or it is not said by whom."""
    return not (by_customer(of) or by_partner(of) or by_house(of))


def is_because(*causes: Cause) -> Callable[[Matter], bool]:
    """The partner cancelled for one of `causes` (GY-B2)."""

    def holds(of: Matter) -> bool:
        return of.booking.cause in causes

    return holds


def lacks_balance(of: Matter) -> bool:
    """SL-B4"""
    return of.obstacle is Obstacle.BALANCE


def card_is_gone(of: Matter) -> bool:
    return of.obstacle is Obstacle.CARD


def was_refused(of: Matter) -> bool:
    return of.obstacle is Obstacle.OTHER
