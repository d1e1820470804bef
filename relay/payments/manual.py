"""Cash and transfers: people take the money and enter it, people give it back and say so (OR-B2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from relay.errors import Forged, NotDone
from relay.payments.happening import Message
from relay.payments.provider import Checkout, Ending, Order, Outcome, Pending, Return


class Manual:
    """relay.payments.provider.Provider without anybody outside: how to pay, the mail tells; each refund is a task for people."""

    name = "manual"
    has_checkout = False

    def ends_at(self, now: datetime, wanted: datetime | None) -> datetime:
        """Where there is nothing to begin, nothing ends later than asked."""
        return wanted or now

    async def start(self, order: Order) -> Checkout:
        raise NotDone(f"booking {order.booking}: there is nowhere to pay by oneself; it is paid as its mail says")

    async def end(self, checkout: str) -> Ending:  # noqa: ARG002 -- as the protocol has it
        """There never was one."""
        return Ending.ENDED

    async def refund(self, wanted: Return) -> Outcome:
        """Somebody has to do it, and to say so: until then it is pending."""
        return Pending(wanted.id)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Message]:  # noqa: ARG002 -- the same
        raise Forged("nobody outside takes payments for this house")

    async def close(self) -> None:
        """There is nothing to close."""
