"""A conversation gathered for a bundle: entries with their proofs, messages with what was decided and sent (AR-1 export)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select

from relay.conversation import Conversation
from relay.errors import Conflict
from relay.masking import masked
from relay.message.removal import counted
from relay.policy.reasons import Reason
from relay.record.contents import BundledMessage, Contents, Crossed, Json, Profile, ProvenEntry
from relay.record.tree import directed
from relay.store import access_log, archive, record
from relay.store.archive import ArchivedMessage, ArchivedPassage
from relay.store.blobs import Lost
from relay.store.conversations import by_reference
from relay.store.rows import Found, micros
from relay.store.tables import messages, passages, timeline
from relay.store.timeline import hashed_octets
from relay.transit.evidence import Evidence
from relay.values import MessageId

_INFECTED: Final = "the virus scan found something in it: its octets are kept, and not in this bundle"
_FOR_THE_HOUSE: Final = "as it was received is not shown in this bundle"
_REVEALING: Final = "as it was delivered it names a real address, so it is not in this bundle"


@dataclass(frozen=True, slots=True)
class Making:
    """For whom a bundle is made, when, and by which key the record is signed. `house` and `domain` are ours."""

    profile: Profile
    at: datetime
    house: str
    domain: str
    key: bytes
    fingerprint: str


def contents(connection: Connection, reference: str, making: Making) -> Contents:
    """All of the conversation of the booking `reference`. Raises NotFound, and Conflict while entries of it have no leaf below a
    signed head yet."""
    conversation = by_reference(connection, reference)
    head = record.last_head(connection)
    if head is None or head.key != making.fingerprint:
        raise Conflict("the record was not signed yet by this key: `relay archive record --sign`")
    entries = _entries(connection, conversation, head.head.size)
    told = {str(one): number for number, one in _told(entries)}
    gathered = [
        _message(archive.shown(connection, MessageId(row.id)), row.salt, conversation, told[row.id], making)
        for row in _messages(connection, conversation)
        if row.id in told
    ]
    access = access_log.listed(connection, object_=reference, limit=access_log.listed_max)
    return Contents(
        reference=reference,
        conversation=conversation.id,
        profile=making.profile,
        at=making.at,
        house=making.house,
        head=head.head,
        head_signature=head.signature,
        key=making.key,
        fingerprint=making.fingerprint,
        entries=entries,
        messages=tuple(gathered),
        access=tuple({"at": _at(one.at), "by": one.account, "what": one.what.value, "reason": one.reason} for one in access),
    )


def _entries(connection: Connection, conversation: Conversation, size: int) -> tuple[ProvenEntry, ...]:
    rows = connection.execute(select(timeline).where(timeline.c.conversation == conversation.id).order_by(timeline.c.seq)).all()
    leaves = {json.loads(one.leaf)["entry"]: one for one in record.proven(connection, conversation.id, size)}
    if len(leaves) < len(rows):
        raise Conflict("entries of it are not under a signed head yet: `relay archive record --sign`")
    return tuple(
        ProvenEntry(
            entry=row.seq,
            octets=hashed_octets(conversation.id, row.seq, micros(row.at), row.kind, row.facts),
            previous=row.previous,
            leaf=leaves[row.seq].leaf,
            number=leaves[row.seq].number,
            path=directed(leaves[row.seq].number, size, leaves[row.seq].path),
        )
        for row in rows
    )


def _told(entries: tuple[ProvenEntry, ...]) -> Iterator[tuple[int, str]]:
    """The entry that told first of each message."""
    seen: set[str] = set()
    for entry in entries:
        _, _, _, kind, facts = json.loads(entry.octets)
        message = json.loads(facts).get("message")
        if kind == "message" and message is not None and message not in seen:
            seen.add(message)
            yield entry.entry, message


def _messages(connection: Connection, conversation: Conversation) -> list[Found]:
    chosen = (
        select(messages.c.id, messages.c.salt)
        .join_from(passages, messages, messages.c.id == passages.c.message)
        .where(passages.c.conversation == conversation.id)
        .order_by(messages.c.seq)
        .distinct()
    )
    return list({row.id: row for row in connection.execute(chosen.add_columns(messages.c.seq))}.values())


def _message(found: ArchivedMessage, salt: bytes, conversation: Conversation, entry: int, making: Making) -> BundledMessage:
    share = next(one for one in found.passages if one.conversation == conversation.id)
    is_for_house = making.profile.party is None
    content = found.content
    withheld, raw = "", content if isinstance(content, bytes) and is_for_house else None
    if isinstance(content, Lost):
        withheld = f"as it was received it cannot be had: {content.trouble}"
    elif share.reason == Reason.VIRUS.value:
        withheld, raw = _INFECTED, None
    elif not is_for_house:
        withheld = _FOR_THE_HOUSE
    crossed = _crossed(share, raw is None and share.reason == Reason.VIRUS.value)
    if crossed and not is_for_house and _names_somebody(crossed[0].content, conversation):
        withheld, crossed = _REVEALING, ()
    return BundledMessage(
        id=found.envelope.id,
        at=found.envelope.received_at,
        writer=share.writer,
        entry=entry,
        salt=salt,
        raw=raw,
        withheld=withheld,
        crossed=crossed,
        verdicts=_verdicts(found, share, making),
        events=tuple(_events(found, conversation, making)),
        dns=_dns(found.envelope.evidence) if is_for_house else [],
    )


def _crossed(share: ArchivedPassage, is_infected: bool) -> tuple[Crossed, ...]:
    if not isinstance(share.rendition, bytes) or is_infected:
        return ()
    return (Crossed(share.ordinal, share.writer.other, share.rendition),)


def _names_somebody(content: bytes, conversation: Conversation) -> bool:
    """Whether a known address of either party stands in it: it does where `policy.to_header` is "real"."""
    lowered = content.lower()
    return any(address.reveal().lower().encode() in lowered for party in conversation.parties() for address in party.addresses)


def _verdicts(found: ArchivedMessage, share: ArchivedPassage, making: Making) -> Mapping[str, Json]:
    verdicts: dict[str, Json] = {
        "at": _at(found.envelope.received_at),
        "fate": share.fate.value,
        "findings": [{"kind": one.kind.value, "layer": one.layer, "place": one.place} for one in share.findings],
        "reason": share.reason,
        "removed": [
            {"count": times, "kind": one.kind, "place": one.place, "treatment": one.treatment.value}
            for one, times in counted(share.removed)
        ],
        "size": found.size,
        "writer": share.writer.value,
    }
    if making.profile.party is None:
        envelope, evidence = found.envelope, found.envelope.evidence
        verdicts |= {
            "authentication": list(evidence.checks) if evidence is not None else None,
            "alignment": evidence.alignment.value if evidence is not None else None,
            "detail": share.detail,
            "envelope": {
                "helo": envelope.helo,
                "ip": envelope.client_ip,
                "recipients": [str(one) for one in envelope.aliases],
                "return_path": envelope.return_path,
                "tls": envelope.tls,
            },
        }
    return verdicts


def _events(found: ArchivedMessage, conversation: Conversation, making: Making) -> Iterator[Mapping[str, Json]]:
    """What the timeline tells of the message, and what the receivers' servers said of each attempt."""
    events: list[dict[str, Json]] = [
        {"at": _at(entry.at), "entry": entry.number, "kind": entry.kind.value, "told": _sentence(entry.kind.value, entry.facts)}
        for entries in found.timelines
        for entry in entries
        if entry.conversation == conversation.id and entry.facts.get("message") == found.envelope.id
    ]
    for delivery in found.deliveries:
        if delivery.tracked.conversation == conversation.id:
            for one in delivery.attempts:
                event: dict[str, Json] = {"at": _at(one.at), "carries": delivery.tracked.carries.value, "code": one.code}
                if making.profile.party is None:
                    event |= {"delivery": delivery.tracked.id, "said": one.text}
                events.append({**event, "kind": one.outcome, "number": one.number, "told": ""})
    yield from sorted(events, key=lambda one: str(one["at"]))


def _sentence(kind: str, facts: Mapping[str, object]) -> str:
    told = (str(facts[name]) for name in ("carries", "fate", "reason") if facts.get(name))
    return masked(f"{kind} {', '.join(told)}".strip())


def _dns(evidence: Evidence | None) -> list[Json]:
    if evidence is None:
        return []
    return [
        {
            "name": one.query.name,
            "outcome": one.answer.outcome.value,
            "records": list(one.answer.records),
            "secure": one.answer.secure,
            "type": one.query.type.value,
        }
        for one in evidence.asked
    ]


def _at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
