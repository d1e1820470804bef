"""Searches that somebody of the house keeps, each under a name of its own (AR-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from relay.errors import Conflict
from relay.store.support_tables import saved_searches

kept_max: Final = 100
"""Searches of one account."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name."""

    name: str
    query: str = field(repr=False)


def of_account(connection: Connection, account: str) -> tuple[SavedSearch, ...]:
    """Those of `account`, in the order of their names."""
    kept = select(saved_searches.c.name, saved_searches.c.query).where(saved_searches.c.account == account)
    return tuple(SavedSearch(*row) for row in connection.execute(kept.order_by(saved_searches.c.name).limit(kept_max)))


def keep(connection: Connection, account: str, search: SavedSearch, now: datetime) -> None:
    """Keeps it, in place of one of the same name. Raises Conflict where `account` keeps as many as there may be."""
    here = (saved_searches.c.account == account) & (saved_searches.c.name == search.name)
    if connection.execute(update(saved_searches).where(here).values(query=search.query, at=now)).rowcount:
        return
    count = select(func.count()).select_from(saved_searches).where(saved_searches.c.account == account)
    if connection.execute(count).scalar_one() >= kept_max:
        raise Conflict(f"at most {kept_max} searches are kept")
    connection.execute(insert(saved_searches).values(account=account, name=search.name, query=search.query, at=now))


def forget(connection: Connection, account: str, name: str) -> None:
    """It is kept no longer, if it was."""
    here = (saved_searches.c.account == account) & (saved_searches.c.name == name)
    connection.execute(delete(saved_searches).where(here))
