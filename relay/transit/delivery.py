"""A delivery: finished octets under way to one mailbox, and what an attempt can come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from relay.message.causes import Cause
from relay.values import ConversationId, DeliveryId, MessageId, RealAddress

__all__ = ["Carries", "Cause", "Deferred", "Delivered", "Delivery", "Failed", "Outcome", "house_letter", "notices_a_day_max"]

notices_a_day_max: Final = 50
"""To one writer about one conversation; what lies above is told by SMTP replies and the timeline alone (GW-52)."""


class Carries(Enum):
    """What the octets of a delivery are."""

    RENDITION = "rendition"
    """A party's message, as the other party gets it."""
    NOTICE = "notice"
    """Mail of ours about a message, to its writer. Nothing is ever sent about a notice (GW-53)."""
    QUESTION = "question"
    """Mail of ours to the party who may have written a message: is it you (GW-6)? Nothing is ever sent about it either."""
    OPERATOR = "operator"
    """Mail to a role address, handed on to the operators (GW-8); and what they have to hear of."""
    NOTIFICATION = "notification"
    """Mail of ours about a booking, which no message caused. Nothing is ever sent about it: the house hears of it instead."""
    SIGN_IN = "sign_in"
    """Mail of the house about no conversation: a link by which somebody signs in, or says that an order is theirs, who asked for
    it and can ask again; or that others act for a partner now. Nobody hears of one that did not arrive."""

    @property
    def is_to_writer(self) -> bool:
        """Whether it goes to the writer of the message, known or supposed."""
        return self in {Carries.NOTICE, Carries.QUESTION}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One rendition or notice on its way to one mailbox. The content is signed and final: every attempt sends the same octets.

    `message` is the message as received that caused it; None for mail about a booking. `attempts` counts those already begun,
    this one included once claimed. `delay_told`: the writer already has the notice that it takes longer (GW-50). `insisted`: an
    operator wants this attempt made, even where the destination is being left alone.
    """

    id: DeliveryId
    message: MessageId | None
    conversation: ConversationId | None
    carries: Carries
    return_path: str = field(repr=False)
    recipient: RealAddress
    content: bytes = field(repr=False)
    accepted_at: datetime
    attempts: int = 0
    delay_told: bool = False
    insisted: bool = False


def house_letter(content: bytes, recipient: RealAddress, id_: DeliveryId, now: datetime) -> Delivery:
    """A mail of the house about no conversation, signed already: a link that somebody asked for, or news of a team.

    With the null return path: what comes back would say nothing that anybody waits for.
    """
    return Delivery(
        id=id_,
        message=None,
        conversation=None,
        carries=Carries.SIGN_IN,
        return_path="",
        recipient=recipient,
        content=content,
        accepted_at=now,
    )


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took it over (2xx after the final dot). `text` is its reply, for operators only, never for a party."""

    code: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: a 4xx, or no answer. `in_doubt`: the connection ended after the final dot was sent, so the receiver may
    have it; the next attempt sends the same Message-ID (invariant 8)."""

    cause: Cause
    code: int | None
    text: str = field(repr=False)
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Never: a 5xx, a bounce, or the queue lifetime is over."""

    cause: Cause
    code: int | None
    text: str = field(repr=False)

    @property
    def is_hard(self) -> bool:
        """Whether it is the address that will never do: not the message, nor a state that passes (GW-54)."""
        is_for_good = (self.code is None or self.code >= 500) and not self.text.startswith("4.")
        return self.cause is Cause.ADDRESS_WRONG and is_for_good


Outcome = Delivered | Deferred | Failed
