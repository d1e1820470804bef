"""What every payment provider does: it takes a payment on pages of its own, and gives back what was paid, to where it came from.

No method names a destination for money: a refund goes to the payment that it is of, and nowhere else (SL-30).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from relay.booking.money import Money
from relay.payments.cause import Cause
from relay.payments.happening import Message
from relay.values import Language

description_characters_max: Final = 200
key_characters_max: Final = 200


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that is asked for. Times in UTC.

    `description` is shown to whoever pays, and stays with the provider: what was booked, and nothing of a person. They come back
    to `paid_url` when they have paid, to `left_url` when they have not. The same `key` stands for the same order: whoever sends
    it again, because the answer was lost, gets the same checkout. Raises ValueError for what no provider takes.
    """

    key: str
    booking: str
    """Its reference."""
    amount: Money
    description: str
    paid_url: str
    left_url: str
    ends_at: datetime
    """One of `Provider.ends_at`: otherwise the provider may refuse it."""
    language: Language

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("checkout: an amount above zero is needed")
        if not 0 < len(self.key) <= key_characters_max or not self.booking:
            raise ValueError("checkout: a key and a booking are needed")
        if not 0 < len(self.description) <= description_characters_max:
            raise ValueError(f"checkout: a description of 1 to {description_characters_max} characters is needed")


@dataclass(frozen=True, slots=True)
class Checkout:
    """Pages on which one order is paid, once, until `ends_at` (UTC)."""

    id: str
    url: str
    ends_at: datetime


class Ending(Enum):
    """What became of a checkout that was to end (T11)."""

    ENDED = "ended"
    """Nobody can pay there any more, and nobody has."""
    BEING_PAID = "being paid"
    """Too late: the provider decides about a payment."""
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Return:
    """A refund that is asked for: `amount` of `payment`, which the provider named. `id` is ours, and stands for it for ever.

    `failures`: how often the provider said that it failed, which it would repeat to whoever asks in the same words.
    `is_repeated`: an answer may have been lost, so that it may have been made already. `known_as`: the provider has taken it on
    under that name, and is only asked what came of it.
    """

    id: str
    booking: str
    payment: str
    amount: Money
    failures: int = 0
    is_repeated: bool = False
    known_as: str = ""

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("refund: an amount above zero is needed")
        if not self.id or not self.payment:
            raise ValueError("refund: a name and a payment are needed")


@dataclass(frozen=True, slots=True)
class Refunded:
    """It is on its way to where the money came from. `id` is the provider's name for it."""

    id: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider has taken it on and says later what came of it. `why` where that takes somebody's doing (SL-B4)."""

    id: str
    why: Cause | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing has gone back."""

    cause: Cause


Outcome = Refunded | Pending | Failed


class Provider(Protocol):
    """Somebody who takes payments. Every asynchronous method blocks nobody, ends within a bounded time, and raises Unavailable
    for "later": then it is not known whether it was done, and to ask again in the same words does no harm."""

    @property
    def name(self) -> str:
        """As the settings call it."""
        ...

    @property
    def has_checkout(self) -> bool:
        """Whether customers pay there by themselves; else people take the money (OR-B2)."""
        ...

    def ends_at(self, now: datetime, wanted: datetime | None) -> datetime:
        """When a checkout that begins now can end: as near to `wanted` as the provider lets it, or as late as it does."""
        ...

    async def start(self, order: Order) -> Checkout:
        """Pages on which `order` can be paid. Raises NotDone where the provider refuses it, for example for its currency."""
        ...

    async def end(self, checkout: str) -> Ending:
        """Let nobody pay there any more, if nobody has (SL-25). One that ended before has ended."""
        ...

    async def refund(self, wanted: Return) -> Outcome:
        """Give back, to where the money came from and nowhere else (SL-30)."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Message]:
        """What a message of the provider's says; nothing where it is about what does not concern us. `headers` in lower case.

        Raises Forged for one that is not the provider's, too old, or not to be understood.
        """
        ...

    async def close(self) -> None:
        """Ask for nothing more; on return nothing is under way."""
        ...
