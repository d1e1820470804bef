"""Answers by mail: archived with the mail that says them, carried out when they can be taken back no more."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from relay.booking.booking import BookingId
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.booking.terms import Occasion
from relay.errors import NotFound
from relay.store import accepting
from relay.store.booking_tables import bookings
from relay.store.exchange_tables import answer_characters_max, booking_answers
from relay.store.packing import Packed
from relay.store.rows import Found
from relay.store.rows import text as column_text
from relay.store.tables import passages
from relay.transit.answer import Answer, AnswerId, Ended
from relay.transit.crossing import Fate
from relay.transit.delivery import Delivery
from relay.transit.question import digest_of
from relay.values import MessageId


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it stands, with the reference of its booking. Times in UTC."""

    answer: Answer
    reference: str
    ended: Ended | None
    ended_at: datetime | None


def accept(connection: Connection, packed: Packed, answer: Answer | None) -> tuple[Delivery, ...]:
    """Writes the mail and what it says, in one transaction; of a mail that was taken over before, nothing is said again."""
    claimed = accepting.write(connection, packed)
    if answer is None or not _is_taken(connection, answer.message):
        return claimed
    occasion = answer.occasion
    row = {
        "id": answer.id,
        "booking": answer.booking,
        "addressee": answer.to.value,
        "message": answer.message,
        "act": answer.act.value,
        "words": column_text(answer.text, answer_characters_max),
        "starts_at": occasion.starts_at if occasion is not None else None,
        "ends_at": occasion.ends_at if occasion is not None else None,
        "zone": occasion.zone.key if occasion is not None else None,
        "terms_version": answer.terms_version,
        "received_at": answer.received_at,
        "due_at": answer.due_at,
        "undo": answer.undo,
    }
    # What somebody says last counts: an answer that still waits is replaced by the next.
    if not answer.is_message:
        waits = (
            (booking_answers.c.booking == answer.booking)
            & (booking_answers.c.addressee == answer.to.value)
            & booking_answers.c.ended_at.is_(None)
            & booking_answers.c.undo.is_not(None)
        )
        connection.execute(update(booking_answers).where(waits).values(ended=Ended.UNDONE.value, ended_at=answer.received_at))
    connection.execute(insert(booking_answers).values(row))
    return claimed


def due(connection: Connection, now: datetime, limit: int) -> tuple[Kept, ...]:
    """At most `limit` that are to be carried out, the oldest first."""
    waiting = _ALL.where(booking_answers.c.ended_at.is_(None), booking_answers.c.due_at <= now)
    rows = connection.execute(waiting.order_by(booking_answers.c.due_at, booking_answers.c.id).limit(limit))
    return tuple(map(_kept, rows))


def by_secret(connection: Connection, secret: str) -> Kept:
    """That which `secret` takes back. Raises NotFound for none."""
    digest = digest_of(secret)
    row = connection.execute(_ALL.where(booking_answers.c.undo == digest)).first()
    if row is None or not hmac.compare_digest(row.undo, digest):
        raise NotFound("there is no such answer")
    return _kept(row)


def end(connection: Connection, id_: AnswerId, how: Ended, now: datetime) -> bool:
    """Whether it was this call that ended it; what has ended stays as it is. Taking it back is too late once it is due."""
    open_ = update(booking_answers).where(booking_answers.c.id == id_, booking_answers.c.ended_at.is_(None))
    if how is Ended.UNDONE:
        open_ = open_.where(booking_answers.c.due_at > now)
    return connection.execute(open_.values(ended=how.value, ended_at=now)).rowcount == 1


_ALL: Final = select(booking_answers, bookings.c.reference).join(bookings)


def _is_taken(connection: Connection, message: MessageId) -> bool:
    question = select(passages.c.message).where(passages.c.message == message, passages.c.fate == Fate.TAKEN.value)
    return connection.execute(question).first() is not None


def _kept(row: Found) -> Kept:
    is_timed = row.starts_at is not None
    return Kept(
        Answer(
            id=AnswerId(row.id),
            booking=BookingId(row.booking),
            to=To(row.addressee),
            message=MessageId(row.message),
            act=Act(row.act),
            text=row.words,
            occasion=Occasion(row.starts_at, row.ends_at, ZoneInfo(row.zone)) if is_timed else None,
            terms_version=row.terms_version,
            received_at=row.received_at,
            due_at=row.due_at,
            undo=row.undo,
        ),
        row.reference,
        Ended(row.ended) if row.ended is not None else None,
        row.ended_at,
    )
