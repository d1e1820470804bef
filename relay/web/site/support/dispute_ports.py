"""What the dispute screen needs: everything that happened to a booking and its conversation, and each message in all its forms.

As in `relay.web.ports`: asynchronous, never blocking, Unavailable for "later", times in UTC. Texts are as they were delivered,
with addresses masked; octets as received are in `MessageSeen` alone, and the pages show them to who may see them, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from relay.conversation import Standing
from relay.message.removal import Removal
from relay.transit.crossing import Fate
from relay.transit.evidence import Evidence
from relay.values import Alias, Role

items_max: Final = 30
"""Of what happened, on one page."""
jumps_max: Final = 20
"""Links to one kind of what happened."""


@dataclass(frozen=True, slots=True)
class PartySeen:
    """A party: what the other side sees of the name, and the first letters of the addresses."""

    role: Role
    alias: Alias
    name: str
    language: str
    addresses: tuple[str, ...]
    is_reachable: bool
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt to deliver. `outcome`: delivered, deferred, failed or bounced. `said`: the receiver's own words, which often
    hold an address: for who may see those."""

    at: datetime
    outcome: str
    cause: str | None
    code: int | None
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SentSeen:
    """A mail of ours under way, or done. `carries` and `state` as relay.transit.delivery and relay.store.tables have them."""

    id: str
    carries: str
    state: str
    ordinal: int | None
    accepted_at: datetime
    tried: tuple[Tried, ...]

    @property
    def delivered_at(self) -> datetime | None:
        """When the receiver's server took it."""
        return next((one.at for one in self.tried if one.outcome == "delivered"), None)

    @property
    def delays(self) -> int:
        """Attempts that came to nothing yet."""
        return sum(one.outcome == "deferred" for one in self.tried)

    @property
    def has_failed(self) -> bool:
        return self.state == "failed" or any(one.outcome == "bounced" for one in self.tried)

    @property
    def is_held(self) -> bool:
        return self.state == "held"


@dataclass(frozen=True, slots=True)
class Stepped:
    """Somebody or something decided about a message."""

    at: datetime
    kind: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Written:
    """A message in a conversation, as one of its parties wrote it to the other.

    `text` is what is new in it, `quoted` what it repeats. `is_delivered_text`: they are what was delivered, else what was
    written, since nothing was delivered; both empty where nobody is to read them. `anchor` names it on its page.
    """

    at: datetime
    message: str
    ordinal: int
    writer: Role
    fate: Fate
    reason: str | None
    size: int
    subject: str = field(repr=False)
    text: str = field(repr=False)
    quoted: str = field(repr=False)
    is_delivered_text: bool
    files: tuple[str, ...] = field(repr=False)
    checks: tuple[str, ...]
    removed: tuple[tuple[Removal, int], ...]
    found: int
    """How many things the second reading found in it."""
    sent: tuple[SentSeen, ...]
    stepped: tuple[Stepped, ...]
    has_rendition: bool
    is_automatic: bool
    is_dropped: bool

    @property
    def anchor(self) -> str:
        return f"m-{self.message}-{self.ordinal}"

    @property
    def is_infected(self) -> bool:
        return self.reason == INFECTED

    @property
    def is_waiting(self) -> bool:
        """It stands in front of a person."""
        return self.fate is Fate.HELD and not self.is_dropped

    @property
    def crossing(self) -> SentSeen | None:
        """Its way to the other party."""
        return next((one for one in self.sent if one.carries == "rendition"), None)

    @property
    def notices(self) -> tuple[SentSeen, ...]:
        """What its writer was told about it."""
        return tuple(one for one in self.sent if one.carries in {"notice", "question"})


@dataclass(frozen=True, slots=True)
class Happened:
    """Anything else that happened. `kind` is one of the timeline's, or "step" for one of the booking's, which `says` then names.

    `party` is whom it is about. `sent`: the mail that it is."""

    at: datetime
    kind: str
    by: str
    says: str = ""
    party: Role | None = None
    because: str = field(default="", repr=False)
    sent: SentSeen | None = None
    until: datetime | None = None
    number: int = 0

    @property
    def anchor(self) -> str:
        return f"e-{self.number}"


@dataclass(frozen=True, slots=True)
class Jump:
    """A place in what happened: `before` is the page that holds it."""

    before: int
    anchor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """How the two wrote to one another. `first`: how long each took to answer the first time the other wrote; `silence`: the
    longest that one who was written to did not answer; `waits`: who has written last, and since when that stands unanswered."""

    passed: dict[Role, int]
    first: dict[Role, timedelta]
    silence: timedelta | None
    silent: Role | None
    last_from: Role | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldSeen:
    """A legal hold that keeps all this from being erased."""

    number: int
    owner: str
    review_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conversation with one page of what happened, the oldest first. Items are counted from 0; those of the page are
    [first, before) of `total`."""

    reference: str
    conversation: str
    parties: tuple[PartySeen, PartySeen]
    standing: Standing
    opens_at: datetime | None
    closes_at: datetime
    closed_at: datetime | None
    activity_end: datetime
    items: tuple[Written | Happened, ...]
    first: int
    before: int
    total: int
    blocked: tuple[Jump, ...]
    waiting: tuple[Jump, ...]
    failed: tuple[Jump, ...]
    unseen: tuple[Jump, ...]
    answered: Answered
    holds: tuple[HoldSeen, ...] = ()

    @property
    def looked_at(self) -> str:
        """What of the window somebody saw who is about to change it."""
        return f"{self.closes_at.isoformat()} {self.closed_at.isoformat() if self.closed_at else '-'}"


@dataclass(frozen=True, slots=True)
class ShareSeen:
    """One recipient's share of a message. `delivered` are the octets that cross, or would; None where none were made, or cannot
    be had now."""

    ordinal: int
    reference: str
    writer: Role
    fate: Fate
    reason: str | None
    detail: str = field(repr=False)
    removed: tuple[tuple[Removal, int], ...]
    found: tuple[tuple[str, str, str], ...]
    sent: tuple[SentSeen, ...]
    is_dropped: bool
    delivered: bytes | None = field(repr=False)

    @property
    def is_waiting(self) -> bool:
        return self.fate is Fate.HELD and not self.is_dropped


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A mail of ours about a message, to its writer."""

    sent: SentSeen
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """One message, whole. `original` is as received, None where it cannot be had now; everything named so is for SENIOR.

    `words` are those of the original with the addresses masked.
    """

    id: str
    received_at: datetime
    size: int
    tls: bool
    shares: tuple[ShareSeen, ...]
    notices: tuple[NoticeSeen, ...]
    evidence: Evidence | None
    subject: str = field(repr=False)
    words: str = field(repr=False)
    troubles: tuple[str, ...]
    original: bytes | None = field(repr=False)
    original_path: str = field(repr=False)
    original_host: str = field(repr=False)

    @property
    def is_infected(self) -> bool:
        """Nothing of it is shown or handed out."""
        return any(one.reason == INFECTED for one in self.shares)


INFECTED: Final = "virus"


class Sameness(Enum):
    """What a mail or a text that somebody shows us is, beside what we have."""

    IDENTICAL = "identical"
    """Octet for octet."""
    AS_SIGNED = "as signed"
    """All that we signed is as we sent it; servers on the way have added lines of theirs."""
    BODY_EQUAL = "body equal"
    """The words are the same; what is around them is not."""
    DIFFERS = "differs"
    NOT_OURS = "not ours"


class Which(Enum):
    """Of which form of a message it is."""

    DELIVERED = "delivered"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, and on which side it stands: both where it is the same."""

    here: str = field(repr=False)
    ours: str = field(repr=False)

    @property
    def is_same(self) -> bool:
        return self.here == self.ours


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison came to. `differences` are lines, masked; `headers` the names of the fields that are not as they were."""

    sameness: Sameness
    which: Which | None = None
    message: str = ""
    reference: str = ""
    at: datetime | None = None
    differences: tuple[Span, ...] = ()
    headers: tuple[str, ...] = ()


class Disputes(Protocol):
    """What happened, for who decides about it. Everything raises NotFound."""

    async def one(self, reference: str, before: int | None = None, since: datetime | None = None) -> Dispute:
        """The items that end right before the item number `before`; the newest without it. What came after `since` is unseen."""
        ...

    async def place(self, reference: str, message: str) -> Jump:
        """Where that message stands."""
        ...

    async def message(self, message: str) -> MessageSeen: ...

    async def addresses(self, reference: str, role: Role) -> Sequence[str]:
        """The real addresses of a party: for who may see them, with a reason, once."""
        ...

    async def compare(self, content: bytes, reference: str) -> Compared:
        """A mail, beside the message that it says to be, or the messages of that booking. Raises NotFound for no such booking."""
        ...

    async def compare_text(self, text: str, reference: str) -> Compared:
        """A text, beside the messages of that booking."""
        ...

    async def with_hash(self, sha256: str, reference: str) -> Compared:
        """Whether a message of that booking, as received or as delivered, has that SHA-256."""
        ...
