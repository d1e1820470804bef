"""Systems that are told of what happens to bookings, and the secrets with which that is signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from relay.errors import Conflict, NotFound
from relay.store.catalogue_tables import id_characters_max
from relay.store.exchange_tables import endpoints, telling_attempts, tellings
from relay.store.rows import Found, text

endpoints_max: Final = 50
"""Endpoints of one house: each step is told to each of them."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go. `kinds` are those that it wants, all where it names none; `old_secret` signs until `rotated_until`."""

    id: str
    url: str
    kinds: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    rotated_until: datetime | None
    secret: str = field(repr=False)
    old_secret: str | None = field(repr=False, default=None)

    def wants(self, kind: str) -> bool:
        """Whether it is told of events of that kind."""
        return self.disabled_at is None and (not self.kinds or kind in self.kinds)

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that sign now, the present one first."""
        old = self.old_secret if self.rotated_until is not None and now < self.rotated_until else None
        return (self.secret, old) if old is not None else (self.secret,)


def add(connection: Connection, one: Endpoint) -> None:
    """Raises Conflict where there are too many."""
    if (connection.scalar(select(func.count()).select_from(endpoints)) or 0) >= endpoints_max:
        raise Conflict(f"there are {endpoints_max} endpoints already")
    connection.execute(
        insert(endpoints).values(id=one.id, url=one.url, secret=one.secret, kinds=" ".join(one.kinds), created_at=one.created_at)
    )


def listed(connection: Connection) -> tuple[Endpoint, ...]:
    """All of them, the oldest first."""
    return tuple(_endpoint(row) for row in connection.execute(select(endpoints).order_by(endpoints.c.id)))


def one(connection: Connection, id_: str) -> Endpoint:
    """Raises NotFound."""
    known = text(id_, id_characters_max + 1)
    row = connection.execute(select(endpoints).where(endpoints.c.id == known)).one_or_none()
    if row is None:
        raise NotFound(f"no endpoint {known}")
    return _endpoint(row)


def change(connection: Connection, id_: str, kinds: tuple[str, ...] | None, is_enabled: bool | None, now: datetime) -> Endpoint:
    """It, with what is given; None leaves it as it is. What happens while it is disabled is not told later. Raises NotFound."""
    before = one(connection, id_)
    disabled_at = before.disabled_at if is_enabled is None else None if is_enabled else before.disabled_at or now
    wanted = before.kinds if kinds is None else kinds
    connection.execute(
        update(endpoints).where(endpoints.c.id == before.id).values(kinds=" ".join(wanted), disabled_at=disabled_at)
    )
    return one(connection, id_)


def rotate(connection: Connection, id_: str, secret: str, until: datetime) -> Endpoint:
    """It, with `secret` in place of the one before, which signs too `until` then. Raises NotFound."""
    before = one(connection, id_)
    values = {"secret": secret, "old_secret": before.secret, "rotated_until": until}
    connection.execute(update(endpoints).where(endpoints.c.id == before.id).values(values))
    return one(connection, id_)


def remove(connection: Connection, id_: str) -> None:
    """With what it was told. Raises NotFound."""
    known = one(connection, id_).id
    connection.execute(delete(telling_attempts).where(telling_attempts.c.endpoint == known))
    connection.execute(delete(tellings).where(tellings.c.endpoint == known))
    connection.execute(delete(endpoints).where(endpoints.c.id == known))


def _endpoint(row: Found) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        kinds=tuple(row.kinds.split()),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        rotated_until=row.rotated_until,
        secret=row.secret,
        old_secret=row.old_secret,
    )
