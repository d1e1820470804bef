"""Beginning a session: whoever may sign in with an address, as whom, in which language, for how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from relay.store import accounts, memberships, sessions
from relay.store.accounts import Account
from relay.store.booking_tables import booking_customers
from relay.store.memberships import Member
from relay.store.sessions import Beginning
from relay.values import Language, NewId, NewSecret, RealAddress

LASTS: Final = timedelta(days=30)
LASTS_FOR_ACCOUNTS: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of whoever reads the mail of an address."""

    account: Account | None = None
    members: tuple[Member, ...] = ()
    customer: RealAddress | None = field(default=None, repr=False)
    """As it stands in their first booking; None where they have none."""
    customers_language: Language | None = None
    """Of their latest one."""

    @property
    def address(self) -> RealAddress | None:
        """The address as we know it: links go nowhere else, whatever `+tag` somebody asks with. None for a stranger."""
        if self.account is not None:
            return self.account.address
        return self.members[0].address if self.members else self.customer

    @property
    def language(self) -> Language | None:
        """In which they read."""
        if self.account is not None:
            return self.account.language
        return self.members[0].language if self.members else self.customers_language


def known(connection: Connection, address: RealAddress) -> Known:
    """Who reads the mail of `address`, by a few questions that an index answers."""
    theirs = select(booking_customers.c.address, booking_customers.c.language).where(booking_customers.c.key == address.key)
    first = connection.execute(theirs.order_by(booking_customers.c.booking).limit(1)).one_or_none()
    latest = connection.execute(theirs.order_by(booking_customers.c.booking.desc()).limit(1)).one_or_none()
    return Known(
        accounts.of_mailbox(connection, address.key),
        memberships.of(connection, address.key),
        RealAddress(first.address) if first is not None else None,
        Language(latest.language) if latest is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Doors:
    """Lets people in. `lasts_for_accounts`: sessions of those of the house are shorter."""

    new_id: NewId
    new_secret: NewSecret
    lasts: timedelta = LASTS
    lasts_for_accounts: timedelta = LASTS_FOR_ACCOUNTS

    def begin(
        self,
        connection: Connection,
        address: RealAddress,
        *,
        now: datetime,
        asked: Language = Language.EN,
        agent: str = "",
        as_account: bool = True,
    ) -> str:
        """The secret of a new session of whoever reads the mail of `address`. The caller has made sure that it is they.

        As somebody of the house, where they are and `as_account`. In the language in which we write to them; in `asked` where
        nothing is known of them.
        """
        found = known(connection, address)
        account = found.account if as_account else None
        lasts = self.lasts if account is None else min(self.lasts, self.lasts_for_accounts)
        beginning = Beginning(
            found.address or address,
            found.language or asked,
            now,
            lasts,
            account=account.id if account is not None else None,
            agent=agent,
        )
        return sessions.begin(connection, beginning, new_id=self.new_id, new_secret=self.new_secret)[1]
