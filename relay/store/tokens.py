"""Who may use the HTTP API: bearer tokens, of which only a hash is kept (RFC 6750)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from relay.errors import NotDone, NotFound
from relay.store.digests import digest_of, is_same
from relay.store.rows import Found
from relay.store.tables import tokens
from relay.values import NewId

secret_octets: Final = 32
used_every: Final = timedelta(minutes=1)
"""How exactly it is known when a token was last used: not every request is worth a write."""

_PREFIX: Final = "relay_"
"""Lets scanners of published code recognise what should not have been published."""
_SCOPE: Final = re.compile(r"[a-z][a-z0-9:._-]{0,49}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. Times are in UTC."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create(
    connection: Connection,
    name: str,
    scopes: Collection[str],
    *,
    now: datetime,
    new_id: NewId,
    random: Callable[[int], bytes],
) -> tuple[Token, str]:
    """A new token and its text, which is told this once and is not kept. `random` draws octets from a secure source.

    Raises NotDone for a name or scope that cannot be one.
    """
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise NotDone("a token needs a name of 1 to 200 printable characters")
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise NotDone(f"{scope!r} is no scope")
    if not scopes:
        raise NotDone("a token needs a scope")
    secret = _PREFIX + random(secret_octets).hex()
    token = Token(new_id(), name, frozenset(scopes), now, None, None)
    connection.execute(
        insert(tokens).values(id=token.id, name=name, digest=digest_of(secret), scopes=" ".join(sorted(scopes)), created_at=now)
    )
    return token, secret


def known(connection: Connection, secret: str) -> Token | None:
    """The token whose text is `secret`, if it was not revoked, whatever its scopes. What it took tells nothing of any secret."""
    digest = digest_of(secret)
    row = connection.execute(select(tokens).where(tokens.c.digest == digest)).one_or_none()
    if not is_same(row.digest if row is not None else None, digest) or row is None:
        return None
    token = _token(row)
    return token if token.revoked_at is None else None


def used(connection: Connection, token: Token, now: datetime) -> None:
    """Notes that `token` was used; worth calling when `is_stale` says so."""
    connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))


def is_stale(token: Token, now: datetime) -> bool:
    """Whether the last use that is noted lies `used_every` or more back."""
    return token.last_used_at is None or now - token.last_used_at >= used_every


def listed(connection: Connection) -> tuple[Token, ...]:
    """All tokens, revoked ones too, the oldest first."""
    return tuple(_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.id)))


def revoke(connection: Connection, id_: str, now: datetime) -> None:
    """It is worth nothing from now on; again, nothing changes. Raises NotFound."""
    if connection.execute(select(tokens.c.id).where(tokens.c.id == id_)).first() is None:
        raise NotFound(f"no token {id_}")
    connection.execute(update(tokens).where(tokens.c.id == id_, tokens.c.revoked_at.is_(None)).values(revoked_at=now))


def _token(row: Found) -> Token:
    return Token(row.id, row.name, frozenset(row.scopes.split()), row.created_at, row.last_used_at, row.revoked_at)
