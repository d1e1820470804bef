"""Stripe: payment on its hosted pages, refunds, and its signed messages, through its SDK.

The SDK brings 34 MB into a process, so it is imported when it is first needed (PERF-10); this module may be imported for nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from relay.errors import Forged, NotDone, RelayError, Unavailable
from relay.payments.cause import Cause
from relay.payments.happening import Message
from relay.payments.provider import Checkout, Ending, Failed, Order, Outcome, Pending, Refunded, Return
from relay.payments.stripe_amounts import stripes
from relay.payments.stripe_events import BOOKING, REFUND, Event, Refund, Refunds, Session, cause, messages

if TYPE_CHECKING:
    from stripe import StripeClient

Params = Mapping[str, object]
Answer = TypeVar("Answer", bound=BaseModel)

tolerance_s: Final = 300
"""A message that was signed longer ago is a copy that somebody kept."""
connect_s: Final = 5.0
answer_s: Final = 25.0
"""What one request is given. Stripe asks a bank before it answers, so it may take a while."""
tries_max: Final = 3
"""Of one call, in the same words."""
call_s: Final = 100.0
"""What a call is given, with all its tries and the waits between."""
calls_at_once: Final = 4
refunds_listed_max: Final = 100
"""Of one payment, when it is looked up whether a refund was made already."""
shortest: Final = timedelta(minutes=31)
"""Stripe lets a checkout end after 30 minutes at the earliest, by its own clock."""
longest: Final = timedelta(hours=23, minutes=59)
"""And after 24 hours at the latest."""


class _Refused(RelayError):
    """Stripe does not do what it was asked for, and has done nothing of it; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Stripe:
    """relay.payments.provider.Provider at Stripe. `key` is the account's secret key, `webhook_secret` that of the endpoint to
    which its messages are sent; `api_base` is another server, for tests."""

    name = "stripe"
    has_checkout = True

    def __init__(self, key: str, webhook_secret: str, api_base: str = "") -> None:
        self._key = key
        self._webhook_secret = webhook_secret
        self._api_base = api_base
        self._threads = ThreadPoolExecutor(calls_at_once, thread_name_prefix="stripe")

    def ends_at(self, now: datetime, wanted: datetime | None) -> datetime:
        latest = now + longest
        return latest if wanted is None else min(max(wanted, now + shortest), latest)

    async def start(self, order: Order) -> Checkout:
        try:
            asked = _wanted(order)
            session = await self._asked(Session, "post", "/v1/checkout/sessions", asked, f"relay-checkout-{order.key}")
        except (ValueError, _Refused) as why:
            raise NotDone(f"booking {order.booking}: the payment provider does not take this payment ({why})") from None
        if session.url is None or session.expires_at is None:
            raise Unavailable("stripe: a checkout without pages")
        return Checkout(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC))

    async def end(self, checkout: str) -> Ending:
        try:
            session = await self._asked(Session, "post", f"/v1/checkout/sessions/{checkout}/expire")
        except _Refused:
            # Only an open one expires; nor does an open one while a bank is asked.
            session = await self._looked_up(Session, f"/v1/checkout/sessions/{checkout}")
        if session.status == "expired":
            return Ending.ENDED
        return Ending.PAID if session.status == "complete" and session.payment_status != "unpaid" else Ending.BEING_PAID

    async def refund(self, wanted: Return) -> Outcome:
        if wanted.known_as:
            return _outcome(await self._looked_up(Refund, f"/v1/refunds/{wanted.known_as}"))
        if wanted.is_repeated and (made := await self._made(wanted)) is not None:
            return _outcome(made)
        about = {REFUND: wanted.id, BOOKING: wanted.booking}
        try:
            asked = {"payment_intent": wanted.payment, "amount": stripes(wanted.amount), "metadata": about}
            # To whoever asks with the same key Stripe repeats a failure too, for a day.
            refund = await self._asked(Refund, "post", "/v1/refunds", asked, f"relay-refund-{wanted.id}-{wanted.failures}")
        except _Refused as why:
            return Failed(cause(why.code))
        except ValueError:
            return Failed(Cause.REJECTED)
        return _outcome(refund)

    async def _made(self, wanted: Return) -> Refund | None:
        """That refund, if it was made already and has not failed: Stripe forgets the key of a request after a day."""
        asked = {"payment_intent": wanted.payment, "limit": refunds_listed_max}
        refunds = await self._looked_up(Refunds, "/v1/refunds", asked)
        made = (one for one in refunds.data if (one.metadata or {}).get(REFUND) == wanted.id)
        return next((one for one in made if not isinstance(_outcome(one), Failed)), None)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Message]:
        from stripe import SignatureVerificationError, WebhookSignature

        try:
            WebhookSignature.verify_header(body, headers.get("stripe-signature"), self._webhook_secret, tolerance_s)
        except (SignatureVerificationError, UnicodeDecodeError):
            raise Forged("stripe: a message with a signature that is missing, wrong or old") from None
        try:
            return messages(Event.model_validate(json.loads(body)))
        except (ValueError, RecursionError):
            raise Forged("stripe: a message that cannot be understood") from None

    async def close(self) -> None:
        """Take no more calls, and wait for those that are under way: what they were about to do is done then, or is not."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    async def _looked_up(self, model: type[Answer], path: str, params: Params | None = None) -> Answer:
        """What Stripe has there. Raises Unavailable, also where it has nothing: perhaps it is another account's."""
        try:
            return await self._asked(model, "get", path, params)
        except _Refused as why:
            raise Unavailable(f"stripe: {path.split('/')[2]} cannot be looked up ({why})") from None

    async def _asked(
        self, model: type[Answer], method: Literal["get", "post"], path: str, params: Params | None = None, key: str = ""
    ) -> Answer:
        """What Stripe answers. Raises _Refused, and Unavailable for "later"."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(call_s):
                return model.model_validate(
                    await loop.run_in_executor(self._threads, self._answer, method, path, params or {}, key)
                )
        except TimeoutError:
            raise Unavailable("stripe: no answer in time") from None
        except ValidationError:
            raise Unavailable("stripe: an answer that cannot be understood") from None

    def _answer(self, method: Literal["get", "post"], path: str, params: Params, key: str) -> object:
        """The same, blocking, as it came. The SDK tries again by itself, with the same key."""
        import stripe

        options = {"idempotency_key": key} if key else {}
        try:
            return self._client.raw_request(method, path, **params, **options).data
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as refused:
            raise _Refused(refused.code or type(refused).__name__) from None
        except stripe.StripeError as trouble:
            # Its own words may quote what it was sent; its class tells a wrong key from a server in trouble.
            raise Unavailable(f"stripe: {type(trouble).__name__}, HTTP status {trouble.http_status or 'none'}") from None

    @cached_property
    def _client(self) -> StripeClient:
        """The SDK, without what it tells Stripe of this machine by default, for which it also writes a file."""
        import stripe

        stripe.enable_telemetry = False
        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._api_base} if self._api_base else {},
            max_network_retries=tries_max - 1,
            http_client=stripe.RequestsClient(timeout=(connect_s, answer_s)),
        )


def _wanted(order: Order) -> Params:
    """A checkout as Stripe is asked for it. The payment carries the booking's reference too, for what is said about it alone."""
    about = {BOOKING: order.booking}
    price = {
        "currency": order.amount.currency.lower(),
        "unit_amount": stripes(order.amount),
        "product_data": {"name": order.description},
    }
    return {
        "mode": "payment",
        "client_reference_id": order.booking,
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": order.paid_url,
        "cancel_url": order.left_url,
        "expires_at": int(order.ends_at.timestamp()),
        "locale": order.language.value,
        "metadata": about,
        "payment_intent_data": {"metadata": about, "description": order.description},
    }


def _outcome(refund: Refund) -> Outcome:
    match refund.status:
        case "succeeded":
            return Refunded(refund.id)
        case "failed" | "canceled":
            return Failed(cause(refund.failure_reason or ""))
        case _:
            why = cause(refund.pending_reason or "")
            return Pending(refund.id, why if why is Cause.INSUFFICIENT_BALANCE else None)
