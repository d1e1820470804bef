"""What was answered to requests that may come again: written in the transaction that carries them out (Idempotency-Key)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from relay.store.exchange_tables import idempotency_keys
from relay.store.rows import insert_once

kept_for: Final = timedelta(days=2)
"""How long an answer is kept at least: who has not asked again in a day has given up."""
forgotten_max: Final = 1_000
"""Answers that are forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered. `digest`: the SHA-256 of the request."""

    digest: bytes
    answer: str


def keep(connection: Connection, caller: str, key: str, answered: Answered, *, now: datetime) -> bool:
    """Whether it was kept: not, where that caller has an answer by that key already, and this request must come to nothing.

    Another transaction that is about to keep one is waited for.
    """
    values = {"caller": caller, "key": key, "digest": answered.digest, "answer": answered.answer, "at": now}
    return insert_once(connection, idempotency_keys, values)


def kept(connection: Connection, caller: str, key: str) -> Answered | None:
    """What that caller was answered by that key; None where nothing was carried out, or it was forgotten."""
    chosen = select(idempotency_keys.c.digest, idempotency_keys.c.answer)
    row = connection.execute(chosen.where(idempotency_keys.c.caller == caller, idempotency_keys.c.key == key)).one_or_none()
    return Answered(bytes(row.digest), row.answer) if row is not None else None


def forget(connection: Connection, now: datetime) -> int:
    """Forgets what is older than `kept_for`, a thousand at most; how many."""
    old = select(idempotency_keys.c.caller, idempotency_keys.c.key).where(idempotency_keys.c.at < now - kept_for)
    rows = connection.execute(old.order_by(idempotency_keys.c.at).limit(forgotten_max)).all()
    for caller, key in rows:
        connection.execute(delete(idempotency_keys).where(idempotency_keys.c.caller == caller, idempotency_keys.c.key == key))
    return len(rows)
