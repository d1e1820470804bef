"""Everything that judging a message for one recipient depends on: gathered by the edge, read by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from relay.conversation import Conversation, Party
from relay.policy.reasons import Reason
from relay.values import Alias, MessageId, Rate


class ThirdParties(Enum):
    """What happens to addresses in To and Cc that are no aliases (GW-24)."""

    STRIP = "strip"
    REFUSE = "refuse"


class Encrypted(Enum):
    """What happens to content that nobody can check (GW-46)."""

    REFUSE = "refuse"
    RELAY = "pass"


class Provenance(Enum):
    """How well it is known who wrote a message, for one conversation (GW-11, GW-12, GW-21)."""

    PROVEN = "proven"
    """A known address, and its domain stands for it: SPF or DKIM is aligned; or it was confirmed before."""
    STRANGER = "stranger"
    """An address that is nobody's here, and its domain stands for it: a party may write from a second mailbox (GW-6)."""
    WITHOUT_MEANS = "without_means"
    """A known address at a domain that has neither SPF nor DKIM, so nothing speaks for it and nothing against it (GW-12)."""
    DISOWNED = "disowned"
    """The domain says that it was not written there, and asks that such mail be refused (FAULT-76)."""
    UNPROVEN = "unproven"
    """Anything else: whoever it is may have written any address into From."""


unconfirmed_max: Final = 20
"""Messages that wait in one conversation for their writers to be confirmed; more are for later (GW-6, GW-12)."""
auto_replies_a_day_max: Final = 5
"""Automatic answers that pass in one conversation, of both its parties together (GW-28)."""


_A_WRITERS: Final = Rate(60, timedelta(hours=1))
_A_CONVERSATIONS: Final = Rate(120, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Rates:
    """How much is passed on, whatever it is (GW-27); None: as much as comes."""

    writer: Rate | None = _A_WRITERS
    """Messages of one writer, in all conversations together."""
    conversation: Rate | None = _A_CONVERSATIONS
    """Messages in one conversation, of both parties together."""


class Crowd(Enum):
    """Where there is more than a rate allows."""

    WRITER = "writer"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class LocalPolicy:
    """The figures and switches by which this marketplace judges. Sizes are decoded octets (GY-14)."""

    attachment_bytes_max: int = 10 * 1024 * 1024
    third_parties: ThirdParties = ThirdParties.STRIP
    encrypted: Encrypted = Encrypted.REFUSE
    received_fields_max: int = 25
    auto_replies_a_day_max: int = auto_replies_a_day_max
    unconfirmed_max: int = unconfirmed_max
    rates: Rates = Rates()
    put_off_for: timedelta = timedelta(hours=1)
    """How long a message beyond a rate is put off, before its writer is told that it does not pass."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message. `media_type` is what its content is, not what it says (FAULT-68); `size` is in decoded octets.

    `members` are the names inside, when it is an archive that could be listed; `locked`: a password keeps its content from
    being scanned; `overgrown`: it unpacks to more than anybody scans (FAULT-65).
    """

    name: str = field(repr=False)
    media_type: str
    size: int
    members: tuple[str, ...] = field(default=(), repr=False)
    locked: bool = False
    overgrown: bool = False


@dataclass(frozen=True, slots=True)
class Infection:
    """What the scanner found. The signature's name is for support, never for the writer (GW-26)."""

    signature: str
    files: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """One message, one recipient.

    `writer` is the party of `conversation` whose known address is the only author; None when nobody's is. With authentication
    off, a known address is taken for proof.
    """

    local_policy: LocalPolicy
    conversation: Conversation
    recipient: Party
    writer: Party | None
    provenance: Provenance
    authors: int
    """From fields, or mailboxes in the only one: one is required (GW-10)."""
    customers_shown: frozenset[Alias]
    """The customers' aliases in To and Cc together (GW-23)."""
    third_parties_shown: int
    attachments: tuple[Attachment, ...]
    infection: Infection | None
    received_fields: int
    ours_before: bool
    """It carries our own trace: we have relayed it already (GW-28)."""
    automatic: bool
    """An automatic answer: a vacation notice, a ticket robot (GW-47); or the same words in answer to each mail (CASE-59)."""
    automatic_today: int
    """Automatic answers that passed in this conversation in the 24 hours before."""
    crowd: Crowd | None
    """The rate that is used up without this message."""
    unconfirmed: int
    """Messages that wait in this conversation for their writers to be confirmed (GW-6, GW-12)."""
    put_off_at: datetime | None
    """When this message was put off for the first time, as far as that is remembered."""
    report: bool
    """Automatic mail that is about mail (a bounce, a receipt, a complaint) and goes no further (LEAK-80 to LEAK-83)."""
    encrypted_content: bool
    fragment: bool
    """The whole of it is one piece of a message, or says where its body lies (RFC 2046 §5.2.2, §5.2.3)."""
    duplicate_of: MessageId | None
    refused_before: Mapping[Reason, MessageId]
    """Copies of this very message that were refused, with a notice each, by the reason (GW-31, GW-52)."""

    @property
    def proven(self) -> bool:
        """Whether the author is who the From field says (GW-11)."""
        return self.provenance is Provenance.PROVEN


@dataclass(frozen=True, slots=True)
class Earlier:
    """Copies of a message that the same conversation has had: the first that is on its way, arrived or is held, and by reason the
    first that was refused."""

    taken: MessageId | None = None
    refused: Mapping[Reason, MessageId] = field(default_factory=dict)
