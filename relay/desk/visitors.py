"""Who looks at a page: asked anew at each request, so that a right ends when it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from relay.store import accounts, memberships, sessions
from relay.store.booking_tables import booking_customers
from relay.store.sessions import Session
from relay.store.store import Store
from relay.values import Clock
from relay.web.site.viewer import Account, Membership, Office, Viewer, form_token_of

_OFFICES: Final = {office.value: office for office in Office}


@dataclass(frozen=True, slots=True)
class VisitorDesk:
    """relay.web.site.viewer.Visitors over the store."""

    store: Store
    clock: Clock

    async def viewer(self, secret: str) -> Viewer | None:
        now = self.clock()
        found = await self.store.read(lambda connection: _seen(connection, secret, now))
        if found is None:
            return None
        session, viewer = found
        if sessions.is_stale(session, now):
            await self.store.write(lambda connection: sessions.seen(connection, session, now))
        return viewer


def _seen(connection: Connection, secret: str, now: datetime) -> tuple[Session, Viewer] | None:
    """Four questions at most, each answered by an index."""
    session = sessions.known(connection, secret, now)
    if session is None:
        return None
    key = session.address.key
    booked = select(booking_customers.c.booking).where(booking_customers.c.key == key).limit(1)
    viewer = Viewer(
        session=session.id,
        address=session.address,
        language=session.language,
        form_token=form_token_of(secret),
        partners=tuple(Membership(one.partner, one.name, one.member, one.sees_team) for one in memberships.of(connection, key)),
        is_customer=connection.execute(booked).first() is not None,
        account=_account(connection, session),
    )
    return session, viewer


def _account(connection: Connection, session: Session) -> Account | None:
    """As whom of the house they signed in, if that still is their account."""
    if session.account is None:
        return None
    found = accounts.one(connection, session.account)
    if found.disabled_at is not None or found.address.key != session.address.key:
        return None
    # An office that this version does not know permits nothing here.
    return Account(found.id, found.name, frozenset(_OFFICES[word] for word in found.offices if word in _OFFICES))
