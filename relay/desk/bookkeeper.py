"""What happened to money, entered into the ledger of its booking, with all that follows, in one transaction (invariant 9).

It makes no difference who tells it, the payment provider, the worker that asked for a refund, or somebody who gave back cash; nor
how often, nor in which order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.booking.booking import Actor, BookingId
from relay.booking.ledger import Kind
from relay.booking.lifecycle import Mail, NotAllowed
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.situation import Wish
from relay.desk.lifecycle import Lifecycle
from relay.errors import NotFound, Unavailable
from relay.payments.cause import Cause
from relay.payments.happening import CheckoutOver, Happening, Message, act_of, adds
from relay.store.bookings import checkouts, ledger, payment_events, records, refunds
from relay.store.bookings.records import Record
from relay.store.bookings.refunds import Refund
from relay.store.exchange_tables import Checkout, Refunding
from relay.values import Clock

log = structlog.get_logger("relay.payments")

again_after: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(days=1),
)
"""When a refund is asked for again; then daily."""
failures_max: Final = 20
"""How often the provider may say that it cannot now, over two weeks; then people have to look after it (SL-B4)."""

known_within: Final = timedelta(hours=1)
"""What is told about a payment may overtake the payment itself by so much; later, it is somebody else's."""

_TOLD_OF_REFUND: Final = (To.CUSTOMER, To.PARTNER)
_TOLD_OF_FAILURE: Final = (To.PARTNER, To.OPERATOR)


def again_in(times: int) -> timedelta:
    """How long to wait after having asked so many times, once at least."""
    return again_after[min(times, len(again_after)) - 1]


@dataclass(frozen=True, slots=True)
class Bookkeeper:
    """Enters what happened. Its methods are parts of a transaction of the caller's."""

    lifecycle: Lifecycle
    clock: Clock

    def told(self, connection: Connection, message: Message, by: str) -> None:
        """What the provider called `by` says, if it has not said it before (T12).

        Raises Unavailable where that is to be told again: it is about a payment that was not told yet.
        """
        now = self.clock()
        if isinstance(message, CheckoutOver):
            checkouts.ended_at_provider(connection, message.checkout, Checkout.ENDED, now)
            payment_events.note(connection, message.event, "checkout over", None, "ended", now)
            return
        booking = _booking_of(connection, message)
        if booking is None:
            if not message.booking and now < message.at + known_within:
                raise Unavailable("a message about a payment that nobody has heard of yet")
            if payment_events.note(connection, message.event, message.kind.value, None, "of no booking", now):
                log.warning("payments.unknown", event_id=message.event, kind=message.kind.value)
            return
        record = records.locked(connection, booking)
        if payment_events.is_known(connection, message.event):
            return
        outcome = self.enter(connection, record, message, by)
        payment_events.note(connection, message.event, message.kind.value, booking, outcome, now)

    def enter(self, connection: Connection, record: Record, happening: Happening, by: str) -> str:
        """Enters it, for a booking whose lock is held, and says in a few words what came of it."""
        booking = record.booking
        if happening.amount.currency != booking.terms.currency:
            log.error("payments.misfit", booking=booking.reference, event_id=happening.event)
            return f"paid in {happening.amount.currency}"
        if happening.checkout:
            # Whatever the bank says in the end: those pages take nothing more.
            state = Checkout.PAID if happening.kind is Kind.PAID else Checkout.ENDED
            checkouts.ended_at_provider(connection, happening.checkout, state, self.clock())
        known, entry = ledger.entries(connection, booking.id), happening.entry(by)
        if not adds(entry, known):
            return "known"
        if happening.kind in _OF_REFUNDS and (stale := self._refund_told(connection, record, happening)):
            return stale
        ledger.enter(connection, booking.id, entry)
        if happening.kind is Kind.DISPUTED:
            log.warning("payments.disputed", booking=booking.reference, amount=str(happening.amount))
        act = act_of(happening, known)
        if act is None:
            return "entered"
        wish = Wish(act, Actor.PAYMENTS, by, amount=happening.amount)
        try:
            with connection.begin_nested():
                step = self.lifecycle.act(connection, booking.reference, wish, now=self.clock())
        except NotAllowed as why:
            # The money is there all the same: less than is due, for example.
            log.warning("payments.no_step", booking=booking.reference, why=why.why)
            return f"entered; no step: {why.why}"
        return step.transition

    def waits(self, connection: Connection, record: Record, refund: Refund, cause: Cause) -> None:
        """Somebody has to see to it that `refund` can be made: they are told once (SL-B4, N22)."""
        self._tell_failure(connection, record, refund.id, refund.amount, cause, "waits")

    def _refund_told(self, connection: Connection, record: Record, happening: Happening) -> str:
        """Brings our row of the refund up to date, and tells of it; or says why nothing is to be entered."""
        now, refund = self.clock(), _refund(connection, happening.about)
        if refund is not None and refund.provider_id and happening.refund not in {"", refund.provider_id}:
            return "an earlier try of that refund"
        if happening.kind is Kind.REFUNDED:
            if refund is not None:
                refunds.sent(connection, refund.id, happening.refund or refund.id, now)
            for to in _TOLD_OF_REFUND:
                mail = Mail(Notification.REFUND_SENT, to)
                self._notify(connection, record, mail, f"{happening.about}.{to.value}", happening.amount)
        elif happening.kind is Kind.REFUND_FAILED:
            if refund is not None and happening.cause.may_pass and refund.failures < failures_max:
                return self._asked_again(connection, record, refund, happening)
            if refund is not None:
                refunds.failed(connection, refund.id, happening.cause.value, now, None)
            log.error("refunds.given_up", booking=record.booking.reference, cause=happening.cause.value)
            self._tell_failure(connection, record, happening.about, happening.amount, happening.cause, "given up")
        return ""

    def _asked_again(self, connection: Connection, record: Record, refund: Refund, happening: Happening) -> str:
        """The same refund, in a while. Of a failure that the provider tells several times, the first counts."""
        if refund.state is not Refunding.DUE or not happening.refund:
            now = self.clock()
            refunds.failed(connection, refund.id, happening.cause.value, now, now + again_in(refund.failures + 1))
            self.waits(connection, record, refund, happening.cause)
        return "again later"

    def _tell_failure(self, connection: Connection, record: Record, about: str, amount: Money, cause: Cause, word: str) -> None:
        for to in _TOLD_OF_FAILURE:
            mail, key = Mail(Notification.REFUND_FAILED, to), f"{about}.{word}.{to.value}"
            self._notify(connection, record, mail, key, amount, cause=cause.value)

    def _notify(self, connection: Connection, record: Record, mail: Mail, key: str, amount: Money, **detail: str) -> None:
        told = {"amount": str(amount.minor), "currency": amount.currency, **detail}
        self.lifecycle.notify(connection, record, mail, f"{mail.says.value}.{key}", self.clock(), **told)


_OF_REFUNDS: Final = frozenset({Kind.REFUND_STARTED, Kind.REFUNDED, Kind.REFUND_FAILED})


def _booking_of(connection: Connection, happening: Happening) -> BookingId | None:
    """By the reference that was given with the order; else by the payment."""
    if happening.booking:
        try:
            return records.by_reference(connection, happening.booking).booking.id
        except NotFound:
            return None
    return ledger.booking_about(connection, happening.payment)


def _refund(connection: Connection, id_: str) -> Refund | None:
    try:
        return refunds.one(connection, id_)
    except NotFound:
        return None
