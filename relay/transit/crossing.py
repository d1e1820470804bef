"""What one accepted message puts into the world: all of it is written in one transaction, before the 250 (invariant 3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import Final

from relay.message.leaks import Finding
from relay.message.removal import Removal
from relay.transit.delivery import Carries, Delivery
from relay.transit.envelope import Envelope
from relay.transit.question import Question
from relay.values import ConversationId, MsgId, RealAddress, Role

resent_within: Final = timedelta(days=5)
"""How far apart two equal messages of one conversation are one that was sent again: senders' queues give up then (GW-31)."""
back_resent_within: Final = timedelta(hours=1)
"""The same where the first came back: its writer was told, and may try again. So soon it is a server that had no answer to the
first, and a second notice would say nothing new (FAULT-52, FAULT-91)."""


class Fate(Enum):
    """What became of a message for one recipient. Each is visible to somebody (invariant 4)."""

    PASSED = "passed"
    """A rendition is under way."""
    REFUSED = "refused"
    """A notice to its writer is under way."""
    HELD = "held"
    """It stands in front of a person, who releases, returns or drops it. Nothing of it is under way."""
    UNCLAIMED = "unclaimed"
    """It was held, and the party who may have written it said no, or nothing (GW-6). Archived, and nobody is told."""
    DUPLICATE = "duplicate"
    """The same message was taken over before; this copy is not sent again (GW-31)."""
    TAKEN = "taken"
    """It was an answer about the booking: what becomes of it stands there, and its writer has a receipt. Archived."""
    ABSORBED = "absorbed"
    """Automatic mail that goes no further and is not answered: a loop, a bounce, a receipt (GW-28, GW-53). Archived."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A message as one recipient gets it, signed and final."""

    content: bytes = field(repr=False)
    message_id: MsgId
    removed: tuple[Removal, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """One recipient's share of a message: who wrote to whom in which conversation, what was decided, what goes out.

    `reason` is the value of a `policy.Reason` unless the fate is PASSED; `detail` is for support, never for a party.
    `findings` are what the second reading found in the rendition: it is held then. `rendition` is there when one was made, also
    when it is held. `deliveries` holds the delivery of one that passed, with its hint if there is one, or the notice's.
    `automatic`: nobody wrote it by hand (RFC 3834), so it counts towards the conversation's budget of those (GW-28).
    `question` is there when it is not known who wrote it: `writer` is then the party who may have, and is asked by a delivery.
    """

    conversation: ConversationId
    reference: str
    writer: Role
    fate: Fate
    reason: str | None = None
    detail: str = field(default="", repr=False)
    findings: tuple[Finding, ...] = ()
    rendition: Rendition | None = None
    deliveries: tuple[Delivery, ...] = ()
    automatic: bool = False
    question: Question | None = None

    @property
    def hint(self) -> Delivery | None:
        """What tells the writer of a share that passed what was taken out of it."""
        notices = (one for one in self.deliveries if one.carries is Carries.NOTICE)
        return next(notices, None) if self.fate is Fate.PASSED else None

    def untold(self) -> Passage:
        """The same, of which its writer is told nothing."""
        return replace(self, deliveries=tuple(one for one in self.deliveries if one.carries is not Carries.NOTICE))

    def unasked(self, detail: str) -> Passage:
        """The same, with which no question goes out; `detail` for an operator."""
        question = replace(self.question, digest=None) if self.question is not None else None
        deliveries = tuple(one for one in self.deliveries if one.carries is not Carries.QUESTION)
        return replace(self, detail=detail, question=question, deliveries=deliveries)


@dataclass(frozen=True, slots=True)
class Searchable:
    """The words by which support finds a message: decoded, as text."""

    subject: str = field(repr=False)
    people: str = field(repr=False)
    """The From, To and Cc fields, decoded."""
    body: str = field(repr=False)
    files: str = field(repr=False)
    """Attachment names, one a line."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One accepted message with all that it causes.

    `original_id` is the writer's own Message-ID, for threads (GW-41). `fingerprint` is a SHA-256 over writer, Message-ID and
    content: two equal ones in a conversation within `resent_within` are a resent message (GW-31). `author` is who was proven to
    have written it: the messages of each are counted (GW-27).
    """

    envelope: Envelope
    searchable: Searchable
    original_id: MsgId | None
    fingerprint: bytes = field(repr=False)
    passages: tuple[Passage, ...]
    author: RealAddress | None = None

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        return tuple(delivery for passage in self.passages for delivery in passage.deliveries)
