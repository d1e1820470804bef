"""What happened to a booking: its steps, each chained to the one before by SHA-256, and the booking as it was after each.

A step names nobody and is never changed; the state beside it, with what people wrote, can be erased. A salted commitment in the
step proves the state, and tells nothing about it once the salt is erased (T26, invariant 11).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from relay.booking.booking import Actor, Booking, BookingId, Stage
from relay.booking.erasure import without_words
from relay.booking.lifecycle import Step
from relay.booking.terms import Terms
from relay.errors import Conflict, NotFound
from relay.store.booking_tables import booking_states, booking_steps
from relay.store.bookings.written import read, written
from relay.store.catalogue_tables import person_characters_max
from relay.store.rows import Found, micros, text

salt_octets: Final = 16
_BEGINNING: Final = bytes(32)
"""Stands where the hash of the step before the first would."""


@dataclass(frozen=True, slots=True)
class Past:
    """One step, with the booking's version after it. `at` is in UTC; `by` is a word, never an address."""

    version: int
    at: datetime
    transition: str
    act: str
    actor: Actor
    by: str
    reason: str
    stage: Stage


def append(connection: Connection, step: Step) -> None:
    """`step` at the end of its booking's history; the caller holds the booking's lock, or has just made it.

    Raises Conflict where the name of a person holds an address, for it stays for ever, and ValueError where a version of the
    terms is not what it was (invariant 10).
    """
    if "@" in step.by:
        raise Conflict("whoever does something is named by a word, for it stays for ever: not by a mail address")
    refuse_changed_terms(step.before.terms, step.booking.terms)
    booking = step.booking
    salt, state = secrets.token_bytes(salt_octets), written(booking)
    last = select(booking_steps.c.hash).where(booking_steps.c.booking == booking.id).order_by(booking_steps.c.version.desc())
    previous = connection.execute(last.limit(1)).scalar_one_or_none() or _BEGINNING
    told = {
        "booking": booking.id,
        "version": booking.version,
        "transition": step.transition,
        "act": step.act.value,
        "actor": step.actor.value,
        "person": text(step.by, person_characters_max) or "-",
        "stage": booking.stage.value,
        "commitment": commitment(salt, step.reason, state),
    }
    hashed = _hash(previous, micros(step.at), told)
    connection.execute(insert(booking_steps).values(**told, at=step.at, previous=previous, hash=hashed))
    connection.execute(
        insert(booking_states).values(booking=booking.id, version=booking.version, salt=salt, reason=step.reason, state=state)
    )


def refuse_changed_terms(before: Terms, after: Terms) -> None:
    """A version never changes, but for words that are erased, and the next follows the one before (SL-5). Raises ValueError."""
    if after not in {before, replace(before, note="")} and after.version != before.version + 1:
        raise ValueError(f"terms: version {before.version} does not change")


def past(connection: Connection, booking: BookingId) -> tuple[Past, ...]:
    """Everything that happened to it, the oldest first."""
    chosen = (
        select(booking_steps, booking_states.c.reason)
        .join_from(booking_steps, booking_states)
        .where(booking_steps.c.booking == booking)
        .order_by(booking_steps.c.version)
    )
    return tuple(
        Past(row.version, row.at, row.transition, row.act, Actor(row.actor), row.person, row.reason, Stage(row.stage))
        for row in connection.execute(chosen)
    )


def as_it_was(connection: Connection, booking: BookingId, version: int) -> Booking:
    """The booking of that version. Raises NotFound."""
    chosen = select(booking_states.c.state).where(booking_states.c.booking == booking, booking_states.c.version == version)
    state = connection.execute(chosen).scalar_one_or_none()
    if state is None:
        raise NotFound(f"no version {version} of that booking")
    return read(Booking, state)


def terms(connection: Connection, booking: BookingId) -> tuple[Terms, ...]:
    """Every version that was asked for, offered or agreed, the oldest first (SL-5)."""
    chosen = select(booking_states.c.state).where(booking_states.c.booking == booking).order_by(booking_states.c.version)
    by_version = {one.version: one for state in connection.execute(chosen).scalars() for one in [read(Booking, state).terms]}
    return tuple(by_version[version] for version in sorted(by_version))


def terms_that_changed(connection: Connection, booking: BookingId) -> int | None:
    """The first version of the terms that is not in each version of the booking what it was before; None where each is (SL-5).

    Words that are erased are not looked at. Raises Damaged.
    """
    chosen = select(booking_states.c.state).where(booking_states.c.booking == booking).order_by(booking_states.c.version)
    known: dict[int, Terms] = {}
    for state in connection.execute(chosen).scalars():
        agreed = without_words(read(Booking, state)).terms
        if known.setdefault(agreed.version, agreed) != agreed:
            return agreed.version
    return None


def verify(connection: Connection, booking: BookingId) -> int | None:
    """The first version whose step is missing or is not what was written, or whose state is not the one that it speaks of.

    None where all is as it was written. A state that was erased proves nothing any more, and is not looked at.
    """
    chosen = (
        select(booking_steps, booking_states.c.salt, booking_states.c.reason, booking_states.c.state)
        .outerjoin_from(booking_steps, booking_states)
        .where(booking_steps.c.booking == booking)
        .order_by(booking_steps.c.version)
    )
    previous, number = _BEGINNING, None
    for row in connection.execute(chosen):
        whole = number is None or row.version == number + 1
        if not whole or row.state is None or row.previous != previous or row.hash != _hash(previous, micros(row.at), _told(row)):
            return int(row.version) if whole or number is None else number + 1
        if row.salt is not None and row.commitment != commitment(row.salt, row.reason, row.state):
            return int(row.version)
        previous, number = row.hash, row.version
    return None


def erase(connection: Connection, booking: BookingId) -> None:
    """What people wrote goes out of every version, and with the salts the proof of what it was (T26)."""
    chosen = select(booking_states.c.version, booking_states.c.state).where(booking_states.c.booking == booking)
    for version, state in connection.execute(chosen).all():
        erased = written(without_words(read(Booking, state)))
        changed = update(booking_states).where(booking_states.c.booking == booking, booking_states.c.version == version)
        connection.execute(changed.values(salt=None, reason="", state=erased))


def commitment(salt: bytes, reason: str, state: str) -> bytes:
    """What a step says about the state after it."""
    return hashlib.sha256(salt + hashlib.sha256(_CANONICAL.encode([reason, state]).encode()).digest()).digest()


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_HASHED: Final = ("booking", "version", "transition", "act", "actor", "person", "stage", "commitment")


def _told(row: Found) -> dict[str, object]:
    return {name: row._mapping[name] for name in _HASHED}


def _hash(previous: bytes, at: int, told: dict[str, object]) -> bytes:
    fields = [at, *(value.hex() if isinstance(value, bytes) else value for value in (told[name] for name in _HASHED))]
    return hashlib.sha256(previous + _CANONICAL.encode(fields).encode()).digest()
