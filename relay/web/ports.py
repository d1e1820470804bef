"""What the HTTP side needs of the rest of the house: who may do what, conversations, the archive, the queue, questions to
parties, the sandbox.

All methods are asynchronous and must not block the loop; implementations over a database answer from a bounded number of
threads. All raise relay.errors.Unavailable for "later". Times are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from relay.conversation import Conversation, KnownDomain, Opening, Party, Standing
from relay.message.removal import Removal
from relay.transit.alarm import Alert
from relay.transit.question import Doubt, Response
from relay.values import Alias, ConversationId, MessageId, RealAddress, Role
from relay.web.scopes import Scope

Check = Callable[[], Awaitable[None]]
"""Asks a part that we depend on whether it works; raises when it does not."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who sent a token. `name` is what its maker called it."""

    id: str
    name: str
    scopes: frozenset[Scope]


class Access(Protocol):
    """Knows the tokens."""

    async def bearer(self, secret: str) -> Bearer | None:
        """Whose token `secret` is; None for none that counts. How long it takes must tell nothing of any secret."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that was asked for. `new`: it did not exist before."""

    conversation: Conversation
    new: bool


class Conversations(Protocol):
    """Conversations, by their booking's reference. `by` stands in the timeline: a word, never an address."""

    async def open(self, opening: Opening, by: str) -> Opened:
        """The conversation that `opening` describes, made when there is none. Raises Conflict when that booking has another."""
        ...

    async def one(self, reference: str) -> Conversation:
        """Raises NotFound."""
        ...

    async def page(self, standing: Standing | None, limit: int, after: ConversationId | None) -> Sequence[Conversation]:
        """At most `limit`, the newest first, those before `after`."""
        ...

    async def confirm(self, reference: str, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it was confirmed before or is closed."""
        ...

    async def close(self, reference: str, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it is closed."""
        ...

    async def extend(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        """Raises NotFound, and Conflict unless `closes_at` is later than now and than the present end."""
        ...

    async def move(self, reference: str, activity_end: datetime, by: str) -> Conversation:
        """The activity ends at another time, and the window with it. Raises NotFound."""
        ...

    async def reopen(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        """Raises NotFound, and Conflict unless it is closed or over and `closes_at` lies in the future."""
        ...

    async def add_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it is the other party's or cannot be one."""
        ...

    async def remove_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it is not known, or the only one."""
        ...

    async def add_domain(self, reference: str, role: Role, domain: KnownDomain, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it is not the party's alone."""
        ...

    async def remove_domain(self, reference: str, role: Role, name: str, by: str) -> Conversation:
        """Raises NotFound, and Conflict when it is not known."""
        ...

    async def resume(self, reference: str, role: Role, by: str) -> Conversation:
        """Mail goes to that party again. Raises NotFound, and Conflict when it was not stopped."""
        ...


@dataclass(frozen=True, slots=True)
class FoundShare:
    """To whom a message went in which conversation, and what became of it."""

    reference: str
    writer: Role
    fate: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that a search found, with its addresses masked."""

    message: str
    received_at: datetime
    shares: tuple[FoundShare, ...]
    subject: str = field(repr=False)
    snippet: str = field(repr=False)
    files: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """One attempt of a delivery. The receiver's own words stay out: they often hold the address."""

    at: datetime
    outcome: str
    cause: str | None
    code: int | None


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """A rendition or notice under way, or done."""

    id: str
    carries: str
    state: str
    attempts: tuple[ShownAttempt, ...]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """What the second reading found in a rendition. None of the three holds anything from the message."""

    kind: str
    place: str
    layer: str


@dataclass(frozen=True, slots=True)
class ShownShare:
    """One recipient's share of a message."""

    number: int
    writer: Role
    fate: str
    reason: str | None
    findings: tuple[ShownFinding, ...]
    removed: tuple[tuple[Removal, int], ...]
    """What was taken out of the rendition, or seen in it and left, and how often."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """Everything about one message, but its content and addresses."""

    message: str
    received_at: datetime
    size: int
    aliases: tuple[Alias, ...]
    shares: tuple[ShownShare, ...]
    deliveries: tuple[ShownDelivery, ...]
    troubles: tuple[str, ...] = ()
    """What is wrong with its octets, or why they cannot be had now."""


class Archive(Protocol):
    """What was written, and what came of it."""

    async def search(self, query: str, limit: int) -> Sequence[FoundMessage]:
        """The newest messages that `query` describes. Raises NotDone, with a sentence, when it cannot be read."""
        ...

    async def message(self, message: str) -> ShownMessage:
        """Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Queued:
    """Something under way, or waiting for a decision. `id` names it in every step; `next_at` is None while it is held.

    `message` is the one that caused it; None for mail about a booking.

    `accepted_at`: when the delivery began, or when the message came that is held. `detail` is for operators; no address in it.
    """

    id: str
    message: str | None
    carries: str
    state: str
    accepted_at: datetime
    attempts: int
    next_at: datetime | None
    reason: str | None
    detail: str
    findings: tuple[ShownFinding, ...]
    can_be_released: bool
    last_code: int | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some of the queue. `next` is where the next page begins; None on the last."""

    items: tuple[Queued, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which part of the queue; what is empty narrows nothing. `state` is due or held, `carries` as Queued has it."""

    state: str = ""
    carries: str = ""
    domain: str = ""
    reference: str = ""
    """Of a booking's conversation."""


EVERYTHING: Final = Narrowed()


class Queue(Protocol):
    """What is under way, and stepping in. Each step raises NotFound, and Conflict where it is not possible."""

    async def page(self, limit: int, after: str | None, narrowed: Narrowed = EVERYTHING) -> QueuePage:
        """Deliveries that are due or held, the oldest first, at most `limit`.

        On the first page what waits for a decision and has no delivery yet stands before them; it stands in no domain's queue
        and in no booking's. Raises NotFound for a booking that has no conversation, and NotDone for a state or load that there
        is not.
        """
        ...

    async def one(self, id_: str) -> Queued:
        """What `id_` names. Raises NotFound, also for a share of a message that is not held."""
        ...

    async def retry(self, id_: str, by: str, *, confirmed: bool = False) -> None: ...

    async def hold(self, id_: str, by: str) -> None: ...

    async def release(self, id_: str, by: str, *, without_attachments: bool = False) -> None: ...

    async def return_(self, id_: str, by: str, because: str = "") -> None: ...

    async def drop(self, id_: str, by: str, because: str) -> None: ...


class Alerts(Protocol):
    """What somebody at the house has to hear of."""

    async def page(self, limit: int, after: int) -> Sequence[Alert]:
        """At most `limit`, the oldest first, those after the number `after`."""
        ...


paid_path: Final = "/payments/made"
left_path: Final = "/payments/left"
"""Where people come back to from a payment provider's pages."""


class PaymentMessages(Protocol):
    """Takes what payment providers send."""

    async def take(self, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
        """On return it is stored, or was before, or is nothing to us. `headers` in lower case.

        Raises NotFound for a provider who is none of ours, and Forged for a message that is not theirs.
        """
        ...


class QuestionIs(Enum):
    """How a question to a party stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    OVER = "over"
    """It is too late, or somebody has decided otherwise."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Whether `party` wrote from `address`. The page alone shows the address, to that party."""

    is_: QuestionIs
    conversation: Conversation
    party: Party
    address: RealAddress
    doubt: Doubt
    message: MessageId
    subject: str = field(repr=False)
    received_at: datetime


class Questions(Protocol):
    """Questions to parties, by the secret in the link that they got (GW-6)."""

    async def asked(self, secret: str) -> OpenQuestion:
        """Changes nothing. Raises NotFound."""
        ...

    async def answer(self, secret: str, response: Response, *, stop_asking: bool) -> OpenQuestion:
        """As it stands after the answer; one that is not open stays as it is.

        Raises NotFound, and Conflict when the address cannot be that party's.
        """
        ...
