"""Links by which somebody signs in: asked for, written to whoever is known, used once.

Asking writes down the same for an address that is known and for one that is not, and takes the same: nobody learns from it
whom we know. Of the secret in a link a digest alone is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update
from sqlalchemy import text as sql

from relay.store.digests import digest_of, is_same
from relay.store.people_tables import IS_NOT_WRITTEN, network_characters_max, next_characters_max, sign_in_links
from relay.store.rows import Found, text
from relay.transit.network import is_told
from relay.values import Language, Rate, RealAddress

counts_for: Final = timedelta(days=2)
"""How long what was asked is remembered; no rate looks back further."""
waiting_max: Final = 1_000
"""Wishes that are not written yet; more are not taken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody in `network` wants to sign in with `address`, and afterwards to look at `next`, a path of ours, or at nothing in
    particular. `language`: the browser's. `at` in UTC."""

    id: str
    address: RealAddress = field(repr=False)
    network: str = field(repr=False)
    language: Language
    next: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a link may be asked for; None: as often as anybody likes."""

    address: Rate | None
    network: Rate | None


def ask(connection: Connection, wish: Wish, rates: Rates) -> bool:
    """Whether the wish is taken: not where its network, or everybody together, have asked too often.

    For one address no more than its rate are written down; to whoever asks it looks the same.
    """
    connection.execute(delete(sign_in_links).where(sign_in_links.c.created_at <= wish.at - counts_for))
    waits = select(func.count()).select_from(select(sign_in_links.c.id).where(sql(IS_NOT_WRITTEN)).limit(waiting_max).subquery())
    if connection.execute(waits).scalar_one() >= waiting_max:
        return False
    if is_told(wish.network) and _is_used_up(connection, rates.network, sign_in_links.c.network == wish.network, wish.at):
        return False
    if _is_used_up(connection, rates.address, sign_in_links.c.key == wish.address.key, wish.at):
        return True
    connection.execute(
        insert(sign_in_links).values(
            id=wish.id,
            address=wish.address.reveal(),
            key=wish.address.key,
            network=text(wish.network, network_characters_max),
            language=wish.language.value,
            next=text(wish.next, next_characters_max),
            created_at=wish.at,
        )
    )
    return True


def waiting(connection: Connection, limit: int) -> tuple[Wish, ...]:
    """At most `limit` wishes that nobody has decided, the oldest first."""
    chosen = select(sign_in_links).where(sql(IS_NOT_WRITTEN)).order_by(sign_in_links.c.id).limit(limit)
    return tuple(_wish(row) for row in connection.execute(chosen))


def refuse(connection: Connection, wish: Wish, now: datetime) -> None:
    """Nobody is written to: the address is not known."""
    connection.execute(_OF_WISH.values(written_at=now), {"of": wish.id})


def write(connection: Connection, wish: Wish, secret: str, now: datetime, lasts: timedelta) -> bool:
    """There is a link with that secret from now on. False where somebody was quicker."""
    mark = _OF_WISH.values(written_at=now, digest=digest_of(secret), ends_at=now + lasts)
    return connection.execute(mark, {"of": wish.id}).rowcount == 1


def invited(connection: Connection, secret: str, now: datetime) -> RealAddress | None:
    """With which address somebody asked for the link of that secret, while they can sign in by it."""
    row = _open(connection, secret, now)
    return RealAddress(row.address) if row is not None else None


def use(connection: Connection, secret: str, now: datetime) -> Wish | None:
    """What was wished, once: the link is dead from now on, with all others of the same mailbox. None for a dead one."""
    row = _open(connection, secret, now)
    if row is None:
        return None
    unused = update(sign_in_links).where(sign_in_links.c.used_at.is_(None), sign_in_links.c.digest.is_not(None))
    if not connection.execute(unused.where(sign_in_links.c.id == row.id).values(used_at=now)).rowcount:
        return None
    connection.execute(unused.where(sign_in_links.c.key == row.key).values(used_at=now))
    return _wish(row)


def forget_mailbox(connection: Connection, key: str) -> None:
    """Nothing is known any more of what was asked with that mailbox."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.key == key))


def forget_all(connection: Connection) -> None:
    connection.execute(delete(sign_in_links))


_OF_WISH: Final = update(sign_in_links).where(sign_in_links.c.id == bindparam("of"), sign_in_links.c.written_at.is_(None))


def _is_used_up(connection: Connection, rate: Rate | None, whose: ColumnElement[bool], now: datetime) -> bool:
    if rate is None:
        return False
    lately: Sequence[object] = connection.execute(
        select(sign_in_links.c.id).where(whose, sign_in_links.c.created_at > now - rate.span).limit(rate.count)
    ).all()
    return len(lately) >= rate.count


def _open(connection: Connection, secret: str, now: datetime) -> Found | None:
    """What it takes tells nothing of any secret."""
    digest = digest_of(secret)
    row = connection.execute(select(sign_in_links).where(sign_in_links.c.digest == digest)).one_or_none()
    if not is_same(row.digest if row is not None else None, digest) or row is None:
        return None
    return row if row.used_at is None and now < row.ends_at else None


def _wish(row: Found) -> Wish:
    return Wish(row.id, RealAddress(row.address), row.network, Language(row.language), row.next, row.created_at)
