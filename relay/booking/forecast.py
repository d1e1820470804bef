"""What the clock will do to a booking, when and why, and for whom it waits meanwhile.

The timers of a booking are what this says, and so is the answer to "what happens next". Steps come at their instant. Reminders
keep quiet hours, and of several that are due at once only the last is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from relay.booking.booking import CLOSED, OPEN, Actor, Booking, Relay, RequiredAction, Stage
from relay.booking.ledger import Account, Payment
from relay.booking.notification import Notification, To
from relay.booking.offer import DeadlinePolicy, Rules
from relay.booking.reminders import Reminders
from relay.booking.situation import Act, Situation
from relay.booking.transition import Mail, mails

N = Notification


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that the clock will do at `at` (UTC): the step `act`, or the reminders `mails`, and `why`, as a sentence.

    `key` is the same however often it is forecast, and never that of something else about the booking: done once, it is done.
    """

    at: datetime
    key: str
    why: str
    act: Act | None = None
    mails: tuple[Mail, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whom an open booking waits, and what they have to do, as a sentence."""

    actor: Actor
    why: str


def coming(
    booking: Booking,
    rules: Rules,
    account: Account,
    told: Collection[str],
    reminders: Reminders,
    now: datetime,
    beside: Collection[Situation] = (),
) -> tuple[Coming, ...]:
    """Everything that the clock will do if nothing else happens, the nearest first; what is due already is first of all.

    `told` are the keys of the reminders that were sent; `beside`, the others that are held and released together with it (T16).
    """
    steps = _steps(booking, rules, _released_at(Situation(booking, rules, account, now), beside))
    last = min((one.at for one in steps if one.act in _END), default=None)
    said = _reminders(booking, account, reminders, now, told)
    return tuple(sorted((*steps, *(one for one in said if last is None or max(one.at, now) < last)), key=lambda one: one.at))


def waiting(booking: Booking, rules: Rules, account: Account, now: datetime) -> Waiting | None:
    """For whom the booking waits; None where the clock alone ends it, or it is closed.

    Lists say the same (relay.booking.selection.waits_for) as long as nothing is overdue and no payment is under way.
    """
    stage = booking.stage
    if stage in OPEN:
        if booking.turn is Actor.CUSTOMER:
            return Waiting(Actor.CUSTOMER, "The customer has to answer what was offered.")
        return Waiting(Actor.PARTNER, "The partner has to answer the request.")
    if stage is Stage.AWAITING_PAYMENT:
        return _waiting_for_payment(booking, rules, account, now)
    if stage is not Stage.CONFIRMED:
        return None
    if booking.proposal is not None and booking.turn is not None:
        return Waiting(booking.turn, f"The {booking.turn.value} has to answer the change that was proposed.")
    if booking.action is RequiredAction.OPEN and not booking.has_begun(now):
        return Waiting(Actor.CUSTOMER, "The customer has to do what is required before they go.")
    if booking.terms.occasion is None:
        return Waiting(Actor.PARTNER, "The partner has to deliver or redeem it: it has no date at which it would be over.")
    return None


def acts_by(booking: Booking, rules: Rules) -> datetime | None:
    """Until when whoever it waits for has to act, in UTC: answer, pay, or do what is required (ST-15, ST-19).

    None where nothing says so, and where nobody is waited for.
    """
    if booking.stage in OPEN:
        return booking.lapses_at(rules)
    if booking.stage is Stage.AWAITING_PAYMENT:
        return booking.deadline
    if booking.stage is not Stage.CONFIRMED:
        return None
    if booking.proposal is not None:
        starts = booking.proposal.occasion.starts_at if booking.proposal.occasion is not None else None
        return min((one for one in (booking.proposal.valid_until, starts) if one is not None), default=None)
    return booking.action_due if booking.action is RequiredAction.OPEN else None


def _waiting_for_payment(booking: Booking, rules: Rules, account: Account, now: datetime) -> Waiting:
    if account.payment(booking.terms.total) is Payment.IN_FLIGHT:
        return Waiting(Actor.PAYMENTS, "The payment provider has to say what became of the payment that is under way.")
    if booking.is_overdue(now) and booking.release_blocked:
        return Waiting(Actor.OPERATOR, "It is overdue, and an operator has blocked its release.")
    if booking.is_overdue(now) and rules.deadline_policy is DeadlinePolicy.FLEXIBLE:
        return Waiting(Actor.OPERATOR, "It is overdue, and an operator decides whether its place is kept.")
    if booking.is_overdue(now) and rules.deadline_policy is DeadlinePolicy.NONE:
        return Waiting(Actor.PARTNER, "It is overdue, and the partner decides what becomes of it.")
    return Waiting(Actor.CUSTOMER, "The customer has to pay.")


# Steps

_END: Final = frozenset({Act.LAPSE, Act.RELEASE, Act.COMPLETE, Act.REDEEM})
"""After which there is nothing left to be reminded of."""


def _released_at(of: Situation, beside: Collection[Situation]) -> datetime | None:
    """When the clock releases it: with all that it is held with, once each of them may be; never while one is blocked or paid."""
    together = [of, *(one for one in beside if one.booking.stage is Stage.AWAITING_PAYMENT)]
    if any(one.booking.release_blocked or one.payment is Payment.IN_FLIGHT for one in together):
        return None
    times = [one.booking.released_at(one.rules) for one in together]
    return max(at for at in times if at is not None) if None not in times else None


def _steps(booking: Booking, rules: Rules, released_at: datetime | None) -> list[Coming]:
    found: list[tuple[Act, datetime | None, str]] = []
    if booking.stage in OPEN:
        found.append((Act.LAPSE, booking.lapses_at(rules), "Nobody has answered until then, or its time begins: it expires."))
    if booking.stage is Stage.AWAITING_PAYMENT:
        why = "The time to pay ends." if booking.is_checkout else "Its firm deadline has passed, with the margin: it is released."
        found.append((Act.RELEASE, released_at, why))
    if booking.stage is Stage.CONFIRMED:
        occasion = booking.terms.occasion
        ends_at = occasion.ends_at if occasion is not None and booking.redeems_at(rules) is None else None
        found.append((Act.REDEEM, booking.redeems_at(rules), "It has come so far that it counts as redeemed."))
        found.append((Act.COMPLETE, ends_at, "What was booked ends."))
    if booking.relay is Relay.OPEN and booking.stage in CLOSED | {Stage.CONFIRMED}:
        found.append((Act.CLOSE_CONVERSATION, booking.relay_until, "From then on the two do not write to each other any more."))
    return [Coming(at, f"{act.value} {_stamp(at)}", why, act) for act, at, why in found if at is not None]


# Reminders


@dataclass(frozen=True, slots=True)
class _Series:
    """Reminders of one kind, at `times`."""

    says: Notification
    to: tuple[To, ...]
    times: tuple[datetime, ...]
    why: str


def _reminders(booking: Booking, account: Account, reminders: Reminders, now: datetime, told: Collection[str]) -> list[Coming]:
    """Those after the last that was sent; of those that are due, or fall together after quiet hours, only the last."""
    series = _series(booking, account, reminders)
    if series is None:
        return []
    found: dict[datetime, Coming] = {}
    for at in series.times:
        key = f"{series.says.value} {_stamp(at)}"
        moved = reminders.quiet.moved(at, booking.zone) if reminders.quiet is not None else at
        if key in told:
            found.clear()
        elif not booking.has_begun(max(moved, now)):
            found[max(moved, now)] = Coming(moved, key, series.why, mails=mails(series.says, *series.to))
    return list(found.values())


def _series(booking: Booking, account: Account, reminders: Reminders) -> _Series | None:
    if booking.stage in OPEN and reminders.to_partner and _partner_is_silent(booking):
        times = tuple(booking.since + after for after in reminders.unanswered)
        return _Series(N.REQUEST_UNANSWERED, (To.PARTNER,), times, "The partner has not answered.")
    if booking.stage is Stage.AWAITING_PAYMENT and not booking.is_checkout:
        is_paying = account.payment(booking.terms.total) is Payment.IN_FLIGHT
        to = (To.CUSTOMER, To.PARTNER) if reminders.to_partner else (To.CUSTOMER,)
        return None if is_paying else _Series(N.UNPAID, to, _of_payment(booking, reminders), "It is not paid.")
    if booking.stage is Stage.CONFIRMED and booking.action is RequiredAction.OPEN and booking.action_due is not None:
        since = booking.confirmed_at or booking.since
        times = tuple(at for before in reminders.before_action if (at := booking.action_due - before) > since)
        why = "The required action is open, and the time to do it ends soon."
        return _Series(N.ACTION_OPEN, (To.CUSTOMER,), times, why)
    return None


def _partner_is_silent(booking: Booking) -> bool:
    """Whoever has spoken with the customer has reacted (SL-11)."""
    is_contacted = booking.contacted_at is not None and booking.contacted_at >= booking.since
    return booking.turn is not Actor.CUSTOMER and not is_contacted


def _of_payment(booking: Booking, reminders: Reminders) -> tuple[datetime, ...]:
    """Some while after it was to be paid, and some while before its deadline (SL-20, ST-B2)."""
    times = {booking.since + after for after in reminders.unpaid}
    if booking.deadline is not None:
        times |= {at for before in reminders.before_deadline if (at := booking.deadline - before) > booking.since}
    return tuple(sorted(times))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
