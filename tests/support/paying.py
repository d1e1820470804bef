"""A payment provider in memory: what people do there are methods, and it tells what it is told to tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.errors import NotDone
from relay.payments.happening import CheckoutOver, Happening, Message
from relay.payments.provider import Checkout, Ending, Order, Outcome, Refunded, Return
from support.bookings import NOW


@dataclass
class Till:
    """relay.payments.provider.Provider. `outcomes` are what refunds come to, one after the other, else they are made; `troubles`
    are raised before anything is done. `says` is what a message with that body tells."""

    name: str = "till"
    has_checkout: bool = True
    outcomes: deque[Outcome] = field(default_factory=deque)
    troubles: deque[Exception] = field(default_factory=deque)
    orders: dict[str, Order] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    returns: list[Return] = field(default_factory=list)
    says: dict[bytes, Sequence[Message]] = field(default_factory=dict)
    refuses: bool = False
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def ends_at(self, now: datetime, wanted: datetime | None) -> datetime:
        return min(wanted or now + timedelta(days=1), now + timedelta(days=1))

    async def start(self, order: Order) -> Checkout:
        self._stumble()
        if self.refuses:
            raise NotDone(f"booking {order.booking}: the provider does not take this payment")
        assert self.orders.setdefault(order.key, order) == order
        return Checkout(f"cs_{order.key}", f"https://till.example/{order.key}", order.ends_at)

    async def end(self, checkout: str) -> Ending:
        self._stumble()
        return self.endings.setdefault(checkout, Ending.ENDED)

    async def refund(self, wanted: Return) -> Outcome:
        self._stumble()
        self.returns.append(wanted)
        return self.outcomes.popleft() if self.outcomes else Refunded(f"re_{wanted.id}")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Message]:
        return self.says[body]

    async def close(self) -> None: ...

    def tells(self, *messages: Message) -> bytes:
        """The body of a message that says so."""
        body = b"%d" % next(self._numbers)
        self.says[body] = messages
        return body

    def _stumble(self) -> None:
        if self.troubles:
            raise self.troubles.popleft()


def happened(kind: Kind, minor: int = 9_000, *, event: str = "", about: str = "pi_1", **more: str) -> Happening:
    """Something about the payment pi_1 of the boat tour."""
    known = {"booking": "BOAT-1", **more}
    return Happening(event or f"{about} {kind.value}", kind, Money(minor, "EUR"), NOW, "pi_1", about, **known)  # type: ignore[arg-type]


def over(checkout: str) -> CheckoutOver:
    """Nobody can pay there any more."""
    return CheckoutOver(f"evt {checkout}", checkout, NOW, "BOAT-1")
