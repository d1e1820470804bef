"""The marks of a message: the words by which the search index knows its properties, such as `by:customer` (AR-2)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.store.booking_tables import bookings
from relay.store.days import named
from relay.store.found import removed_in
from relay.store.rows import Found
from relay.store.support_tables import cases
from relay.store.tables import attempts, blobs, conversations, deliveries, messages, parties, passages, texts
from relay.store.terms import ANY, id_mark, mark
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries


@dataclass(slots=True)
class Standing:
    """What is to be known of a stale message: the marks that the index has of it, and those that are its own now."""

    marks: str | None
    now: set[str] = field(default_factory=set)


def standing(connection: Connection, ids: Collection[str]) -> dict[str, Standing]:
    """Of each of `ids` that is still stale."""
    found: dict[str, Standing] = {}
    for row in connection.execute(_STANDING, {"messages": ids}):
        one = found.get(row.message)
        if one is None:
            one = found[row.message] = Standing(row.marks, {ANY, *_of_message(row)})
        if row.writer is not None:
            one.now.update(_of_share(row))
    for tried in connection.execute(_TRIED, {"messages": list(found)}) if found else ():
        found[tried.message].now.update(_of_attempt(tried))
    for case in connection.execute(_DISPUTED, {"messages": list(found)}) if found else ():
        found[case.message].now.update(_of_case(case))
    return found


def kinds(row: Found) -> frozenset[str]:
    """The marks that follow from the texts of a message: which files it has, and whether it has links."""
    marks = {mark("type", ending) for ending in _ENDING.findall(row.files)}
    if row.files:
        marks.add(mark("has", "attachment"))
    if _LINK.search(row.body):
        marks.add(mark("has", "link"))
    return frozenset(marks)


def _of_message(row: Found) -> Iterable[str]:
    """The marks that follow from how a message came."""
    yield mark("size", str(row.size.bit_length()))
    yield id_mark("sha256", row.sha256.hex())
    if row.original_id is not None:
        yield id_mark("mid", row.original_id)
    for alias in row.aliases.split():
        yield mark("alias", alias.partition("@")[0])
    if row.evidence is not None:
        evidence = json.loads(row.evidence)
        yield mark("auth", evidence["alignment"])
        for check in evidence["checks"]:
            method, _, rest = check.partition(" ")
            yield mark("auth", f"{method}={rest.partition(' ')[0]}")


def _of_share(row: Found) -> Iterable[str]:
    """The marks that follow from one recipient's share of a message."""
    yield mark("booking", row.reference)
    yield mark("conv", row.conversation)
    yield mark("by", row.writer)
    yield mark("fate", row.fate)
    if row.reason is not None:
        yield mark("reason", row.reason)
    if row.fate == Fate.HELD.value and row.dropped_at is None:
        yield mark("hold", "yes")
    if row.rendition_id is not None:
        yield id_mark("mid", row.rendition_id)
    if row.rendition_sha256 is not None:
        yield id_mark("sha256", row.rendition_sha256.hex())
    if row.activity_end is not None:
        for span in named(row.activity_end):
            yield mark("activity", span)
    if row.language is not None:
        yield mark("lang", row.language)
    if row.partner is not None:
        yield mark("provider", row.partner)
        yield mark("product", row.offer)
    for removal in removed_in(row.removed):
        yield mark("hid", removal.kind)


def _of_attempt(row: Found) -> Iterable[str]:
    """The marks that follow from an attempt to deliver that came to nothing."""
    yield mark("event", _CAME_TO[row.outcome])
    if row.code is not None:
        yield mark("code", str(row.code))


def _of_case(row: Found) -> Iterable[str]:
    """The marks that follow from a case about the booking of a message, as it is now."""
    yield mark("case", str(row.number))
    yield mark("is", row.state)
    yield mark("assigned", row.owner)
    for label in filter(None, row.labels.split("\n")):
        yield mark("label", label)


_CAME_TO: Final = {"deferred": "delayed", "failed": "failed", "bounced": "bounced"}
_LINK: Final = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.([^.\s]{1,10})\s*$", re.MULTILINE)
_rendition: Final = blobs.alias("rendition")
_STANDING: Final = (
    select(
        *(texts.c.message, texts.c.marks, passages.c.conversation, passages.c.writer, passages.c.fate, passages.c.reason),
        *(passages.c.removed, passages.c.rendition_id, passages.c.dropped_at, conversations.c.reference),
        conversations.c.activity_end,
        *(messages.c.size, messages.c.aliases, messages.c.original_id, messages.c.evidence, bookings.c.partner, bookings.c.offer),
        parties.c.language,
        blobs.c.sha256,
        _rendition.c.sha256.label("rendition_sha256"),
    )
    .join_from(texts, messages, messages.c.id == texts.c.message)
    .join(blobs, blobs.c.id == messages.c.raw)
    .join(passages, passages.c.message == texts.c.message, isouter=True)
    .outerjoin(_rendition, _rendition.c.id == passages.c.rendition)
    .outerjoin(conversations, conversations.c.id == passages.c.conversation)
    .outerjoin(parties, (parties.c.conversation == passages.c.conversation) & (parties.c.role == passages.c.writer))
    .outerjoin(bookings, bookings.c.reference == conversations.c.reference)
    .where(texts.c.stale, texts.c.message.in_(bindparam("messages", expanding=True)))
)
_TRIED: Final = (
    select(deliveries.c.message, attempts.c.outcome, attempts.c.code)
    .join_from(deliveries, attempts, attempts.c.delivery == deliveries.c.id)
    .where(
        deliveries.c.message.in_(bindparam("messages", expanding=True)),
        deliveries.c.carries == Carries.RENDITION.value,
        attempts.c.outcome != "delivered",
    )
)
_DISPUTED: Final = (
    select(passages.c.message, cases.c.number, cases.c.state, cases.c.owner, cases.c.labels)
    .join_from(passages, conversations, conversations.c.id == passages.c.conversation)
    .join(cases, cases.c.reference == conversations.c.reference)
    .where(passages.c.message.in_(bindparam("messages", expanding=True)))
)
