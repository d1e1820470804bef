"""Where somebody is signed in. Of the secret in their browser a digest alone is kept; what has ended is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from relay.errors import NotFound
from relay.store.digests import digest_of, is_same
from relay.store.people_tables import agent_characters_max, sessions
from relay.store.rows import Found, text
from relay.values import Language, NewId, NewSecret, RealAddress

seen_every: Final = timedelta(minutes=1)
"""How exactly it is known when somebody last looked at a page: not every page is worth a write."""
sessions_max: Final = 50
"""Of one mailbox; the one that was used last the longest time ago ends first."""
listed_max: Final = 500


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in with `address`, as `account` of the house or as nobody of it. `agent`: words for their browser. Times
    are in UTC."""

    id: str
    address: RealAddress = field(repr=False)
    account: str | None
    language: Language
    agent: str
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a session that begins."""

    address: RealAddress
    language: Language
    now: datetime
    lasts: timedelta
    account: str | None = None
    agent: str = ""


def begin(connection: Connection, new: Beginning, *, new_id: NewId, new_secret: NewSecret) -> tuple[Session, str]:
    """A new session and its secret, which is told this once and is not kept."""
    connection.execute(delete(sessions).where(sessions.c.ends_at <= new.now))
    _end_the_oldest(connection, new.address.key)
    secret, agent = new_secret(), text(new.agent, agent_characters_max)
    session = Session(new_id(), new.address, new.account, new.language, agent, new.now, new.now, new.now + new.lasts)
    connection.execute(
        insert(sessions).values(
            id=session.id,
            digest=digest_of(secret),
            address=new.address.reveal(),
            key=new.address.key,
            account=new.account,
            language=new.language.value,
            agent=agent,
            created_at=new.now,
            last_seen_at=new.now,
            ends_at=session.ends_at,
        )
    )
    return session, secret


def known(connection: Connection, secret: str, now: datetime) -> Session | None:
    """The session of that secret, if it has not ended. What it took tells nothing of any secret."""
    digest = digest_of(secret)
    row = connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
    if not is_same(row.digest if row is not None else None, digest) or row is None or row.ends_at <= now:
        return None
    return _session(row)


def seen(connection: Connection, session: Session, now: datetime) -> None:
    """Notes that somebody looked at a page; worth calling when `is_stale` says so."""
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(last_seen_at=now))


def is_stale(session: Session, now: datetime) -> bool:
    """Whether what is noted lies `seen_every` or more back."""
    return now - session.last_seen_at >= seen_every


def speaks(connection: Connection, id_: str, language: Language) -> None:
    """Pages are shown in `language` in that session from now on."""
    connection.execute(update(sessions).where(sessions.c.id == id_).values(language=language.value))


def of_mailbox(connection: Connection, key: str, now: datetime) -> tuple[Session, ...]:
    """Where the owner of the mailbox of that key is signed in, the one used last first."""
    return _listed(connection, sessions.c.key == key, sessions.c.ends_at > now)


def of_account(connection: Connection, account: str, now: datetime) -> tuple[Session, ...]:
    """Where that account is signed in, the same way."""
    return _listed(connection, sessions.c.account == account, sessions.c.ends_at > now)


def all_of_the_house(connection: Connection, now: datetime) -> tuple[Session, ...]:
    """Where accounts are signed in, the same way; at most `listed_max`."""
    return _listed(connection, sessions.c.account.is_not(None), sessions.c.ends_at > now)


def end(connection: Connection, id_: str, *, key: str | None = None) -> None:
    """It counts no more. Raises NotFound, also where it is not of the mailbox of `key`."""
    whose: Sequence[ColumnElement[bool]] = () if key is None else (sessions.c.key == key,)
    if not connection.execute(delete(sessions).where(sessions.c.id == id_, *whose)).rowcount:
        raise NotFound(f"no session {id_}")


def end_all(connection: Connection, key: str, *, but: str = "") -> int:
    """Those of the mailbox of that key end, all or all `but` one; how many that was."""
    return connection.execute(delete(sessions).where(sessions.c.key == key, sessions.c.id != but)).rowcount


def end_everybodys(connection: Connection) -> int:
    """Whoever is signed in has to do so anew; how many sessions that was."""
    return connection.execute(delete(sessions)).rowcount


def _end_the_oldest(connection: Connection, key: str) -> None:
    kept = select(sessions.c.id).where(sessions.c.key == key).order_by(sessions.c.last_seen_at.desc(), sessions.c.id)
    ids = connection.execute(kept.offset(sessions_max - 1).limit(sessions_max)).scalars().all()
    if ids:
        connection.execute(delete(sessions).where(sessions.c.id.in_(ids)))


def _listed(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Session, ...]:
    chosen = select(sessions).where(*conditions).order_by(sessions.c.last_seen_at.desc(), sessions.c.id).limit(listed_max)
    return tuple(_session(row) for row in connection.execute(chosen))


def _session(row: Found) -> Session:
    return Session(
        row.id,
        RealAddress(row.address),
        row.account,
        Language(row.language),
        row.agent,
        row.created_at,
        row.last_seen_at,
        row.ends_at,
    )
