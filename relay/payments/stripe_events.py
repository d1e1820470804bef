"""What Stripe's messages say: a table from the type of an event to what it is for us.

Stripe says most things twice, about the checkout and about the payment, and in no order. Both become the same entry, which counts
once. What belongs to no booking of ours (the house may sell other things through the same account) becomes nothing.
Source: https://docs.stripe.com/api/events/types
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from relay.booking.ledger import Kind
from relay.payments.cause import Cause
from relay.payments.happening import CheckoutOver, Happening, Message
from relay.payments.stripe_amounts import ours

BOOKING: Final = "relay_booking"
"""Under which name the reference stands in the metadata of what we make."""
REFUND: Final = "relay_refund"
"""The same of a refund's own id."""

_CAUSES: Final[Mapping[str, Cause]] = {
    "balance_insufficient": Cause.INSUFFICIENT_BALANCE,
    "insufficient_funds": Cause.INSUFFICIENT_BALANCE,
    "charge_disputed": Cause.DISPUTED,
    "charge_for_pending_refund_disputed": Cause.DISPUTED,
    "refund_disputed_payment": Cause.DISPUTED,
    "lost_or_stolen_card": Cause.NOT_TAKEN,
    "expired_or_canceled_card": Cause.NOT_TAKEN,
    "declined": Cause.NOT_TAKEN,
    "charge_already_refunded": Cause.ALREADY_RETURNED,
    "amount_too_large": Cause.ALREADY_RETURNED,
}
"""Codes of errors, and reasons for which a refund failed later; what is not named here is REJECTED."""


def cause(word: str) -> Cause:
    """What Stripe's word for why a refund failed, or waits, is for us."""
    return _CAUSES.get(word, Cause.REJECTED)


Id = Annotated[str, Field(min_length=1, max_length=255)]
Metadata = dict[str, str]
minor_units_max: Final = 10**12
"""Stripe takes no amount of more than twelve digits."""
Amount = Annotated[int, Field(ge=0, le=minor_units_max)]
Second = Annotated[int, Field(ge=0, le=32_503_680_000)]
"""Since 1970, before the year 3000."""


def _named(given: object) -> object:
    """Another object stands there by its id, or whole."""
    return given.get("id") if isinstance(given, dict) else given


Named = Annotated[str | None, BeforeValidator(_named)]


class _Object(BaseModel):
    """One of Stripe's objects, as far as it is of interest; what else is in there differs from version to version of the API."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Data(_Object):
    object: dict[str, object]


class Event(_Object):
    """The envelope."""

    id: Id
    object: Literal["event"]
    type: str
    created: Second
    data: _Data
    account: str | None = None
    """Whose it is, where it is not the house's own: others may name in there what booking they like."""

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


class Session(_Object):
    """A checkout."""

    id: Id
    status: str | None = None
    payment_status: str | None = None
    payment_intent: Named = None
    url: str | None = None
    expires_at: Second | None = None
    amount_total: Amount | None = None
    currency: str | None = None
    metadata: Metadata | None = None


class _Intent(_Object):
    id: Id
    amount: Amount
    amount_received: Amount | None = None
    currency: str
    latest_charge: Named = None
    metadata: Metadata = {}


class Refund(_Object):
    """Money on its way back."""

    id: Id
    amount: Amount
    currency: str
    status: str | None = None
    payment_intent: Named = None
    failure_reason: str | None = None
    pending_reason: str | None = None
    metadata: Metadata | None = None


class Refunds(_Object):
    """Those of one payment."""

    data: list[Refund] = []


class _Charge(_Object):
    refunds: Refunds | None = None
    """Only in old versions of the API; since, each refund has events of its own."""


class _Dispute(_Object):
    id: Id
    amount: Amount
    currency: str
    status: str
    payment_intent: Named = None


def messages(event: Event) -> Sequence[Message]:
    """What `event` says. Raises ValueError where an object is not as its type has to be."""
    reading = _READINGS.get(event.type)
    return reading(event, event.data.object) if reading is not None and not event.account else ()


Reading = Callable[[Event, Mapping[str, object]], Sequence[Message]]


def _session(*kinds: Kind) -> Reading:
    """The payment behind a checkout: it says these, one after the other."""

    def read(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
        session = Session.model_validate(given)
        booking, payment = (session.metadata or {}).get(BOOKING, ""), session.payment_intent
        if not booking or payment is None or not session.amount_total or session.currency is None:
            return ()
        amount = ours(session.amount_total, session.currency)
        names = [event.id, *(f"{event.id}/{more}" for more in range(1, len(kinds)))]
        return [
            Happening(name, kind, amount, event.at, payment, payment, booking, checkout=session.id)
            for name, kind in zip(names, kinds, strict=True)
        ]

    return read


def _completed(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
    """Some ways to pay are decided days later: then the checkout is complete, and not paid."""
    kind = {"paid": Kind.PAID, "unpaid": Kind.STARTED}.get(Session.model_validate(given).payment_status or "")
    return _session(kind)(event, given) if kind is not None else ()


def _over(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
    session = Session.model_validate(given)
    booking = (session.metadata or {}).get(BOOKING, "")
    return (CheckoutOver(event.id, session.id, event.at, booking),) if booking else ()


def _intent(kind: Kind) -> Reading:
    def read(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
        intent = _Intent.model_validate(given)
        booking = intent.metadata.get(BOOKING, "")
        received = kind is Kind.PAID and intent.amount_received is not None
        amount = intent.amount_received if received else intent.amount
        if not booking or not amount:
            return ()
        return (Happening(event.id, kind, ours(amount, intent.currency), event.at, intent.id, intent.id, booking),)

    return read


def _try_failed(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
    """A card that was refused, while its owner looks on."""
    intent = _Intent.model_validate(given)
    booking = intent.metadata.get(BOOKING, "")
    if not booking or not intent.amount:
        return ()
    amount, about = ours(intent.amount, intent.currency), intent.latest_charge or event.id
    return (Happening(event.id, Kind.FAILED, amount, event.at, intent.id, about, booking),)


_REFUNDS: Final = {
    "pending": Kind.REFUND_STARTED,
    "requires_action": Kind.REFUND_STARTED,
    "succeeded": Kind.REFUNDED,
    "failed": Kind.REFUND_FAILED,
    "canceled": Kind.REFUND_FAILED,
}
"""What the state of a refund is for the ledger."""


def _refund(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
    return _refunded(event, event.id, Refund.model_validate(given))


def _refunded(event: Event, name: str, refund: Refund) -> Sequence[Message]:
    kind = _REFUNDS.get(refund.status or "")
    if kind is None or refund.payment_intent is None or not refund.amount:
        return ()
    metadata = refund.metadata or {}
    about, booking = metadata.get(REFUND, refund.id), metadata.get(BOOKING, "")
    amount, why = ours(refund.amount, refund.currency), cause(refund.failure_reason or "")
    return (Happening(name, kind, amount, event.at, refund.payment_intent, about, booking, why, refund=refund.id),)


def _charge_refunded(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
    refunds = _Charge.model_validate(given).refunds
    found = [_refunded(event, f"{event.id}/{one.id}", one) for one in (refunds.data if refunds is not None else ())]
    return [one for several in found for one in several]


def _dispute(kind: Kind | None) -> Reading:
    """An enquiry, whose states begin with "warning", takes no money yet."""

    def read(event: Event, given: Mapping[str, object]) -> Sequence[Message]:
        dispute = _Dispute.model_validate(given)
        told = kind or {"won": Kind.DISPUTE_WON, "lost": Kind.DISPUTE_LOST}.get(dispute.status)
        if told is None or dispute.payment_intent is None or dispute.status.startswith("warning_") or not dispute.amount:
            return ()
        amount = ours(dispute.amount, dispute.currency)
        return (Happening(event.id, told, amount, event.at, dispute.payment_intent, dispute.id),)

    return read


_READINGS: Final[Mapping[str, Reading]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _session(Kind.PAID),
    # It had begun, also where nobody has said so yet.
    "checkout.session.async_payment_failed": _session(Kind.STARTED, Kind.FAILED),
    "checkout.session.expired": _over,
    "payment_intent.processing": _intent(Kind.STARTED),
    "payment_intent.succeeded": _intent(Kind.PAID),
    "payment_intent.payment_failed": _try_failed,
    "payment_intent.canceled": _intent(Kind.FAILED),
    "charge.refunded": _charge_refunded,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute(Kind.DISPUTED),
    "charge.dispute.funds_withdrawn": _dispute(Kind.DISPUTED),
    "charge.dispute.funds_reinstated": _dispute(Kind.DISPUTE_WON),
    "charge.dispute.closed": _dispute(None),
}
"""By the type of the event; of other types we want to know nothing."""

EVENTS: Final = tuple(_READINGS)
"""What the endpoint at Stripe has to be told to send."""
