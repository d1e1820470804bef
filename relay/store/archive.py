"""One message with everything about it, and the trace of an id: what support and operators read (GY-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, or_, select

from relay.errors import NotFound
from relay.message.leaks import Finding
from relay.message.removal import HAPPENED, Removal, counted
from relay.store import blobs, evidence, posting, timeline
from relay.store.blobs import Lost
from relay.store.conversations import by_alias
from relay.store.found import findings_in, removed_in
from relay.store.posting import BookingMail
from relay.store.rows import Found, text
from relay.store.tables import attempts, deliveries, messages, passages, path_characters_max
from relay.store.timeline import Entry
from relay.store.tracked import TRACKED, Tracked, as_tracked
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause
from relay.transit.envelope import Envelope
from relay.values import Alias, ConversationId, DeliveryId, MessageId, MsgId, Role


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a delivery, or the bounce that came back. `outcome`: delivered, deferred, failed or bounced; `at` in UTC."""

    number: int
    at: datetime
    outcome: str
    cause: Cause | None
    code: int | None
    text: str = field(repr=False)
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class ArchivedDelivery:
    """A delivery with its attempts and the octets that were sent."""

    tracked: Tracked
    attempts: tuple[Attempt, ...]
    content: bytes | Lost = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArchivedPassage:
    """One recipient's share of a message, as it stands now."""

    ordinal: int
    conversation: ConversationId
    writer: Role
    fate: Fate
    reason: str | None
    detail: str = field(repr=False)
    findings: tuple[Finding, ...]
    rendition: bytes | Lost | None = field(repr=False)
    rendition_id: MsgId | None
    removed: tuple[Removal, ...]
    dropped_at: datetime | None


@dataclass(frozen=True, slots=True)
class ArchivedMessage:
    """All of one message. `timelines` holds that of each of its conversations, whole.

    `content` is as received, `size` octets; the `envelope` has it too, and nothing in its place where it is lost.
    """

    envelope: Envelope
    content: bytes | Lost = field(repr=False)
    size: int
    original_id: MsgId | None
    passages: tuple[ArchivedPassage, ...]
    deliveries: tuple[ArchivedDelivery, ...]
    timelines: tuple[tuple[Entry, ...], ...]

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with octets of it, or why they cannot be had now: one sentence each."""
        kept = [self.content, *(one.rendition for one in self.passages), *(one.content for one in self.deliveries)]
        return tuple(dict.fromkeys(str(one.trouble) for one in kept if isinstance(one, Lost)))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to what is traced, at `at` (UTC). `facts` holds no address; `text` may: it is for operators."""

    at: datetime
    kind: str
    facts: tuple[tuple[str, str], ...] = ()
    text: str = field(default="", repr=False)


def shown(connection: Connection, message: MessageId) -> ArchivedMessage:
    """Everything about `message`, as far as it is there: octets in trouble keep nothing else back. Raises NotFound."""
    row = connection.execute(select(messages).where(messages.c.id == message)).one_or_none()
    if row is None:
        raise NotFound(f"no message {message}")
    shares = connection.execute(select(passages).where(passages.c.message == message).order_by(passages.c.ordinal)).all()
    sent = connection.execute(
        TRACKED.add_columns(deliveries.c.content).where(deliveries.c.message == message).order_by(deliveries.c.id)
    ).all()
    octets = blobs.read_what_is_there(
        connection, {row.raw, *(one.rendition for one in shares if one.rendition), *(one.content for one in sent)}
    )
    made = _attempts(connection, [one.id for one in sent])
    content = octets[row.raw]
    return ArchivedMessage(
        envelope=envelope_of(row, b"" if isinstance(content, Lost) else content),
        content=content,
        size=row.size,
        original_id=row.original_id,
        passages=tuple(
            ArchivedPassage(
                ordinal=one.ordinal,
                conversation=one.conversation,
                writer=Role(one.writer),
                fate=Fate(one.fate),
                reason=one.reason,
                detail=one.detail,
                findings=findings_in(one.findings),
                rendition=octets[one.rendition] if one.rendition else None,
                rendition_id=one.rendition_id,
                removed=removed_in(one.removed),
                dropped_at=one.dropped_at,
            )
            for one in shares
        ),
        deliveries=tuple(ArchivedDelivery(as_tracked(one), made.get(one.id, ()), octets[one.content]) for one in sent),
        timelines=tuple(
            timeline.entries(connection, ConversationId(one)) for one in dict.fromkeys(one.conversation for one in shares)
        ),
    )


def delivery_shown(connection: Connection, delivery: DeliveryId) -> ArchivedDelivery:
    """One delivery with its attempts, whatever it carries. Raises NotFound."""
    row = connection.execute(TRACKED.add_columns(deliveries.c.content).where(deliveries.c.id == delivery)).one_or_none()
    if row is None:
        raise NotFound(f"no delivery {delivery}")
    octets = blobs.read_what_is_there(connection, {row.content})
    return ArchivedDelivery(as_tracked(row), _attempts(connection, [row.id]).get(row.id, ()), octets[row.content])


def envelope_of(row: Found, content: bytes) -> Envelope:
    """A row of `messages` with its octets, as the envelope that it came in."""
    return Envelope(
        id=MessageId(row.id),
        received_at=row.received_at,
        return_path=row.return_path,
        aliases=tuple(_alias(one) for one in row.aliases.split()),
        content=content,
        client_ip=row.client_ip,
        helo=row.helo,
        tls=row.tls,
        smtputf8=row.smtputf8,
        evidence=evidence.read(row.evidence) if row.evidence is not None else None,
    )


def trace(connection: Connection, id_: str) -> tuple[Event, ...]:
    """What happened, oldest first, to a message or to mail about a booking (by our id, a delivery's, or the Message-ID that a
    reader saw), or at an alias.

    Raises NotFound when `id_` is none of them.
    """
    bare = text(id_, path_characters_max).strip().strip("<>")
    if found := _messages_named(connection, bare):
        events = [event for message in found for event in _events_of(connection, message)]
        return tuple(sorted(events, key=lambda event: event.at))
    if (mail := posting.named(connection, bare)) is not None:
        return tuple(sorted(_events_of_mail(connection, mail), key=lambda event: event.at))
    conversation = by_alias(connection, _alias(bare)) if "@" in bare else None
    if conversation is None:
        raise NotFound(f"nothing is known of {bare!r}: a message, a delivery, a Message-ID or an alias is needed")
    return tuple(_of_entry(entry) for entry in timeline.entries(connection, conversation.id))


def _attempts(connection: Connection, of: Sequence[str]) -> dict[str, tuple[Attempt, ...]]:
    made: dict[str, tuple[Attempt, ...]] = {}
    rows = connection.execute(select(attempts).where(attempts.c.delivery.in_(of)).order_by(attempts.c.seq))
    for row in rows:
        cause = Cause(row.cause) if row.cause is not None else None
        one = Attempt(row.number, row.at, row.outcome, cause, row.code, row.text, row.in_doubt)
        made[row.delivery] = (*made.get(row.delivery, ()), one)
    return made


def _alias(written: str) -> Alias:
    local, _, domain = written.lower().rpartition("@")
    return Alias(local, domain)


def _messages_named(connection: Connection, name: str) -> list[MessageId]:
    """The messages that `name` is an id of: one, or with a Message-ID of the writer's own perhaps several."""
    found = connection.execute(
        select(messages.c.id)
        .where(
            or_(
                messages.c.id == name,
                messages.c.id.in_(select(deliveries.c.message).where(deliveries.c.id == name)),
                messages.c.id.in_(select(passages.c.message).where(passages.c.rendition_id == name)),
            )
        )
        .order_by(messages.c.seq)
    )
    return [MessageId(one) for one in found.scalars()]


def _events_of(connection: Connection, message: MessageId) -> list[Event]:
    """The entries that tell of `message` in its timelines, and what the receivers' servers said."""
    row = connection.execute(select(messages.c.received_at, messages.c.size).where(messages.c.id == message)).one()
    events = [Event(row.received_at, "received", (("message", message), ("size", str(row.size))))]
    shares = connection.execute(
        select(passages.c.conversation, passages.c.ordinal, passages.c.removed, passages.c.findings)
        .where(passages.c.message == message)
        .order_by(passages.c.ordinal)
    ).all()
    for share in shares:
        events += [_of_removal(row.received_at, share.ordinal, *each) for each in counted(removed_in(share.removed))]
        events += [
            Event(row.received_at, "found", (("message", message), *_of_finding(one))) for one in findings_in(share.findings)
        ]
    for conversation in dict.fromkeys(share.conversation for share in shares):
        entries = timeline.entries(connection, ConversationId(conversation))
        events += [_of_entry(entry) for entry in entries if entry.facts.get("message") == message]
    sent = connection.execute(select(deliveries.c.id).where(deliveries.c.message == message)).scalars().all()
    return events + _answers(connection, sent)


def _events_of_mail(connection: Connection, mail: BookingMail) -> list[Event]:
    """The same of mail about a booking."""
    about = (("notification", mail.id), ("says", mail.says.value), ("to", mail.to.value), ("version", str(mail.version)))
    events = [Event(mail.at, "caused", about)]
    entries = timeline.entries(connection, mail.conversation) if mail.conversation is not None else ()
    events += [
        _of_entry(entry)
        for entry in entries
        if entry.facts.get("notification") == mail.id or (mail.delivery and entry.facts.get("delivery") == mail.delivery)
    ]
    return events + _answers(connection, [mail.delivery] if mail.delivery is not None else [])


def _answers(connection: Connection, of: Sequence[str]) -> list[Event]:
    """What the receivers' servers said."""
    return [
        Event(one.at, "answer", (("delivery", DeliveryId(delivery)), ("code", str(one.code or "none"))), one.text)
        for delivery, made in _attempts(connection, of).items()
        for one in made
    ]


def _of_finding(one: Finding) -> tuple[tuple[str, str], ...]:
    return (("kind", one.kind.value), ("place", one.place), ("layer", one.layer))


def _of_removal(at: datetime, ordinal: int, removal: Removal, times: int) -> Event:
    """What was taken out of a recipient's rendition, or seen in it, and how often; never what it was."""
    facts = (("recipient", str(ordinal)), ("what", removal.kind), ("place", removal.place), ("count", str(times)))
    return Event(at, HAPPENED[removal.treatment], facts)


def _of_entry(entry: Entry) -> Event:
    facts = ((key, " ".join(value) if isinstance(value, list) else str(value)) for key, value in entry.facts.items())
    return Event(entry.at, entry.kind.value, tuple((key, value) for key, value in facts if value != "None"))
