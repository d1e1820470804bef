"""One accepted message as rows: what can be made of it without the database, in any thread, before the transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from relay.policy.reasons import Reason
from relay.store import blobs, evidence, rows, timeline
from relay.store.found import findings_text, removed_text
from relay.store.objects import Objects
from relay.store.questions import Place
from relay.store.rows import Row, micros
from relay.store.tables import State, detail_characters_max, path_characters_max
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.bounce import Intake
from relay.transit.crossing import Crossing, Fate, Passage, Searchable
from relay.transit.delivery import Delivery
from relay.transit.envelope import Envelope
from relay.values import DeliveryId, MessageId, MsgId, RealAddress, address_octets_max, ascii_domain

body_characters_max: Final = 256 * 1024
"""Of a message's text, as far as it is searched for."""
heading_characters_max: Final = 16 * 1024
"""The same of its subject, its people and its file names, each."""
_author_mark_octets: Final = 12


@dataclass(frozen=True, slots=True)
class Claimant:
    """The worker that begins deliveries in the transaction that writes them, and when its claim runs out."""

    worker: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Deliveries as rows, with their contents. `claimed` are those that the accepting worker begins at once."""

    blobs: tuple[Row, ...] = ()
    deliveries: tuple[Row, ...] = ()
    claimed: tuple[Delivery, ...] = ()

    def without(self, gone: Collection[DeliveryId]) -> Outgoing:
        """The same without some of its deliveries, whose contents nobody shares. Rows begin with their ids."""
        return Outgoing(
            tuple(row for row in self.blobs if row[0] not in gone),
            tuple(row for row in self.deliveries if row[0] not in gone),
            tuple(one for one in self.claimed if one.id not in gone),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """One recipient's share of a message as rows."""

    message: MessageId
    ordinal: int
    passage: Passage
    original: str | None
    """The writer's own Message-ID."""
    rendition: Row | None
    draft: Draft
    outgoing: Outgoing
    place: Place | None = None
    """Among the questions, for one whose writer nobody knows."""

    @property
    def row(self) -> Row:
        """The passage."""
        passage, rendition = self.passage, self.passage.rendition
        return (
            self.message,
            self.ordinal,
            passage.conversation,
            passage.writer.value,
            passage.fate.value,
            passage.reason,
            rows.text(passage.detail, detail_characters_max),
            findings_text(passage.findings),
            rendition_name(self.message, self.ordinal) if rendition is not None else None,
            self.original,
            rendition.message_id if rendition is not None else None,
            removed_text(rendition.removed if rendition is not None else ()),
            passage.automatic,
        )

    def as_copy(self, of: MessageId) -> Share:
        """The same, of a message that turns out to be a copy of `of`: kept, and not sent again (GW-31)."""
        return self._kept(Fate.DUPLICATE, Reason.DUPLICATE, f"same as {of}")

    def as_too_many(self) -> Share:
        """The same, of an automatic message beyond the day's budget: kept, and goes no further (GW-28)."""
        return self._kept(Fate.ABSORBED, Reason.LOOP, "the day's automatic answers were used up meanwhile")

    def _kept(self, fate: Fate, reason: Reason, detail: str) -> Share:
        """The same, of which nothing goes out."""
        gone = replace(self.passage, fate=fate, reason=reason.value, detail=detail)
        passage = replace(gone, rendition=None, deliveries=(), question=None)
        facts = {name: fact for name, fact in self.draft.facts.items() if name != "rendition"}
        facts |= {"fate": fate.value, "reason": reason.value, "deliveries": ()}
        return replace(self, passage=passage, rendition=None, draft=replace(self.draft, facts=facts), outgoing=Outgoing())

    def untold(self) -> Share:
        """The same, of which its writer is told nothing."""
        return self._with_fewer(self.passage.untold())

    def joined(self, place: Place) -> Share:
        """The same, waiting for the answer to a question in its `place`, which may be one that was asked before (GW-6)."""
        share = self if place.is_first else self._with_fewer(self.passage.unasked(place.why_not))
        return replace(share, place=place)

    def asked(self, at: datetime) -> Row:
        """The row about who wrote it, for one that waits for an answer. `at`: when it came."""
        passage, place = self.passage, self.place
        if passage.question is None or place is None:
            raise AssertionError("nobody is asked about a writer who is known")
        address = passage.question.address
        return (
            *(self.message, self.ordinal, passage.conversation, passage.writer.value),
            *(rows.text(one, address_octets_max) for one in (address.reveal(), address.key)),
            passage.question.network,
            *(place.digest, micros(at) if place.is_first else None, micros(place.until)),
        )

    def _with_fewer(self, passage: Passage) -> Share:
        """The same with fewer deliveries: those of `passage`."""
        kept = tuple(one.id for one in passage.deliveries)
        draft = replace(self.draft, facts={**self.draft.facts, "deliveries": kept})
        gone = {one.id for one in self.passage.deliveries} - set(kept)
        return replace(self, passage=passage, draft=draft, outgoing=self.outgoing.without(gone))


@dataclass(frozen=True, slots=True)
class Packed:
    """An accepted message as rows, ready to be written. `apart` is what goes out and belongs to no recipient's share."""

    message: Row
    raw: Row
    text: Row
    fingerprint: bytes
    received_at: datetime
    shares: tuple[Share, ...]
    apart: Outgoing
    at: datetime
    """When it is taken over."""

    @property
    def octets(self) -> int:
        """About what it adds to the transaction."""
        outgoing = (*self.apart.blobs, *(blob for share in self.shares for blob in share.outgoing.blobs))
        renditions = (share.rendition for share in self.shares if share.rendition is not None)
        return sum(len(one[4]) for one in (self.raw, *renditions, *outgoing) if isinstance(one[4], bytes))


def packed(crossing: Crossing, *, now: datetime, lease: timedelta, worker: str, objects: Objects | None = None) -> Packed:
    """`crossing` as rows. Touches no database; takes milliseconds per megabyte, most of it outside the interpreter's lock.

    With `objects`, what is large lies there when this returns, and is an orphan until the rows are committed. Raises Unavailable.
    """
    packing = _Packing(crossing.envelope, now, Claimant(worker, now + lease), objects)
    original = _id_text(crossing.original_id)
    shares = tuple(packing.share(ordinal, passage, original) for ordinal, passage in enumerate(crossing.passages))
    author = author_mark(crossing.author) if crossing.author is not None else None
    return packing.packed(crossing.searchable, original, crossing.fingerprint, shares, Outgoing(), author)


def packed_house_mail(intake: Intake, *, now: datetime, lease: timedelta, worker: str, objects: Objects | None = None) -> Packed:
    """The same of mail to the house itself: what hands it on is no recipient's share (GW-8)."""
    packing = _Packing(intake.envelope, now, Claimant(worker, now + lease), objects)
    shares = tuple(packing.share(ordinal, passage, None) for ordinal, passage in enumerate(intake.passages))
    fingerprint = blobs.sha256(intake.envelope.content)
    return packing.packed(intake.searchable, None, fingerprint, shares, packing.outgoing(intake.outgoing, None))


def author_mark(author: RealAddress) -> bytes:
    """What stands for the mailbox of a message's author where their messages are counted (GW-27)."""
    return hashlib.sha256(author.key.encode()).digest()[:_author_mark_octets]


def delivery_row(
    delivery: Delivery, passage: int | None, content: str, state: State, due_at: datetime, worker: str | None
) -> Row:
    """A delivery whose octets are kept under `content`."""
    return (
        delivery.id,
        delivery.message,
        passage,
        delivery.conversation,
        delivery.carries.value,
        delivery.return_path,
        delivery.recipient.reveal(),
        domain_of(delivery),
        content,
        state.value,
        micros(due_at),
        delivery.attempts,
        micros(delivery.accepted_at),
        worker,
    )


def domain_of(delivery: Delivery) -> str:
    """The recipient's domain, as the table has it."""
    return ascii_domain(delivery.recipient.reveal().rpartition("@")[2])


class _Packing:
    """Makes the rows of one message."""

    def __init__(self, envelope: Envelope, now: datetime, claimant: Claimant, objects: Objects | None) -> None:
        self._envelope = envelope
        self._now = now
        self._claimant = claimant
        self._salt = secrets.token_bytes(16)
        self._objects = objects
        self._source = blobs.Source(f"{envelope.id}.raw", envelope.content)
        self._raw, self._raw_sha256 = blobs.row(self._source.name, envelope.content, objects)

    def packed(
        self,
        searchable: Searchable,
        original: str | None,
        fingerprint: bytes,
        shares: tuple[Share, ...],
        apart: Outgoing,
        author: bytes | None = None,
    ) -> Packed:
        envelope = self._envelope
        message: Row = (
            envelope.id,
            micros(envelope.received_at),
            rows.text(envelope.return_path, path_characters_max),
            " ".join(str(alias) for alias in envelope.aliases),
            rows.text(envelope.client_ip, 64),
            rows.text(envelope.helo, 255),
            envelope.tls,
            envelope.smtputf8,
            evidence.written(envelope.evidence) if envelope.evidence is not None else None,
            len(envelope.content),
            original,
            fingerprint,
            author,
            self._salt,
            self._source.name,
        )
        text: Row = (
            envelope.id,
            rows.text(searchable.subject, heading_characters_max),
            rows.text(searchable.people, heading_characters_max),
            rows.text(searchable.body, body_characters_max),
            rows.text(searchable.files, heading_characters_max),
            True,
        )
        return Packed(message, self._raw, text, fingerprint, envelope.received_at, shares, apart, self._now)

    def share(self, ordinal: int, passage: Passage, original: str | None) -> Share:
        message = self._envelope.id
        facts: dict[str, Fact] = {
            "message": message,
            "writer": passage.writer.value,
            "fate": passage.fate.value,
            "reason": passage.reason,
            "size": len(self._envelope.content),
            "received": timeline.commitment(self._salt, self._raw_sha256),
            "deliveries": tuple(one.id for one in passage.deliveries),
        }
        rendition: Row | None = None
        if passage.rendition is not None:
            name = rendition_name(message, ordinal)
            rendition, sha256 = blobs.row(name, passage.rendition.content, self._objects, self._source)
            facts["rendition"] = timeline.commitment(self._salt, sha256)
        draft = Draft(passage.conversation, Kind.MESSAGE, facts)
        return Share(message, ordinal, passage, original, rendition, draft, self.outgoing(passage.deliveries, ordinal, passage))

    def outgoing(self, deliveries: Collection[Delivery], ordinal: int | None, passage: Passage | None = None) -> Outgoing:
        """`deliveries` of a share, or of none. What has the octets of its rendition shares their blob."""
        kept: list[Row] = []
        made: list[Row] = []
        claimed: list[Delivery] = []
        for one in deliveries:
            content = self._shared(one, ordinal, passage)
            if content is None:
                content = one.id
                kept.append(blobs.row(content, one.content, self._objects, self._source)[0])
            begun = replace(one, attempts=one.attempts + 1)
            made.append(delivery_row(begun, ordinal, content, State.DUE, self._claimant.until, self._claimant.worker))
            claimed.append(begun)
        return Outgoing(tuple(kept), tuple(made), tuple(claimed))

    def _shared(self, delivery: Delivery, ordinal: int | None, passage: Passage | None) -> str | None:
        if ordinal is None or passage is None or passage.rendition is None or passage.rendition.content != delivery.content:
            return None
        return rendition_name(self._envelope.id, ordinal)


def rendition_name(message: MessageId, ordinal: int) -> str:
    """Under which the octets of that recipient's rendition are kept."""
    return f"{message}.{ordinal}"


def _id_text(id_: MsgId | None) -> str | None:
    return rows.text(id_, path_characters_max) if id_ is not None else None
