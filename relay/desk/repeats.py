"""What was answered to requests that may come again, as the HTTP side asks for it, and as what carries them out keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from relay.store.bookings import repeats
from relay.store.bookings.repeats import Answered
from relay.store.store import Store
from relay.web.once import KeyReused, Once, Repeated

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RepeatDesk:
    """relay.web.once.Repeats over the store."""

    store: Store

    async def of(self, once: Once[Any]) -> str | None:
        """What that request was answered; None when it was not carried out. Raises KeyReused."""
        return await self.store.read(lambda connection: answered(connection, once))


def answered(connection: Connection, once: Once[Any]) -> str | None:
    """What that request was answered; None when it was not carried out. Raises KeyReused."""
    known = repeats.kept(connection, once.owner, once.key)
    if known is not None and known.digest != once.digest:
        raise KeyReused("this Idempotency-Key was used for another request")
    return known.answer if known is not None else None


def kept(connection: Connection, once: Once[T] | None, outcome: T, *, now: datetime) -> T:
    """`outcome`, once its answer is kept in this transaction, where the request may come again.

    Raises Repeated, and KeyReused, where another one with the same key was faster: then nothing of this transaction may stand.
    """
    if once is not None and not repeats.keep(
        connection, once.owner, once.key, Answered(once.digest, once.answer(outcome)), now=now
    ):
        answered(connection, once)
        raise Repeated("this request was carried out meanwhile")
    return outcome
