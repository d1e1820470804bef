"""Those of the house who sign in, and which offices they hold. Nobody is deleted: histories name them by their id."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from relay.conversation import name_characters_max
from relay.errors import Conflict, NotDone, NotFound
from relay.store.people_tables import accounts, sessions
from relay.store.rows import Found
from relay.values import Language, RealAddress

accounts_max: Final = 10_000
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
_OFFICE: Final = re.compile(r"[a-z][a-z-]{0,29}")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the house. `offices` are words whose meaning is the pages'. Times are in UTC."""

    id: str
    name: str
    address: RealAddress
    offices: frozenset[str]
    language: Language
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an account; what is None stays."""

    name: str | None = None
    address: RealAddress | None = None
    offices: frozenset[str] | None = None
    language: Language | None = None


def add(connection: Connection, account: Account) -> None:
    """One more. Raises Conflict where its id or its mailbox is somebody's, and NotDone for what cannot be one."""
    if not _ID.fullmatch(account.id):
        raise NotDone("an account's id is 1 to 50 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or a digit")
    _check(account)
    if connection.execute(select(accounts.c.id).where(accounts.c.id == account.id)).first() is not None:
        raise Conflict(f"there is an account {account.id} already")
    _refuse_taken(connection, account)
    if len(connection.execute(select(accounts.c.id).limit(accounts_max)).all()) >= accounts_max:
        raise NotDone(f"there are {accounts_max} accounts")
    connection.execute(insert(accounts).values(id=account.id, created_at=account.created_at, **_columns(account)))


def change(connection: Connection, id_: str, change: Change) -> Account:
    """The account as it is afterwards. With another address, whoever is signed in with it has to do so anew.

    Raises NotFound, Conflict, NotDone.
    """
    before = one(connection, id_)
    after = Account(
        before.id,
        before.name if change.name is None else change.name,
        before.address if change.address is None else change.address,
        before.offices if change.offices is None else change.offices,
        before.language if change.language is None else change.language,
        before.created_at,
        before.disabled_at,
    )
    _check(after)
    _refuse_taken(connection, after)
    connection.execute(update(accounts).where(accounts.c.id == id_).values(_columns(after)))
    if after.address.key != before.address.key:
        connection.execute(delete(sessions).where(sessions.c.account == id_))
    return after


def disable(connection: Connection, id_: str, now: datetime) -> None:
    """Nobody signs in with it any more, and whoever did is signed out; again, nothing changes. Raises NotFound."""
    one(connection, id_)
    connection.execute(update(accounts).where(accounts.c.id == id_, accounts.c.disabled_at.is_(None)).values(disabled_at=now))
    connection.execute(delete(sessions).where(sessions.c.account == id_))


def enable(connection: Connection, id_: str) -> None:
    """It may sign in again. Raises NotFound."""
    one(connection, id_)
    connection.execute(update(accounts).where(accounts.c.id == id_).values(disabled_at=None))


def one(connection: Connection, id_: str) -> Account:
    """That account, disabled or not. Raises NotFound."""
    row = connection.execute(select(accounts).where(accounts.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound(f"no account {id_}")
    return _account(row)


def of_mailbox(connection: Connection, key: str) -> Account | None:
    """Whose mailbox has that key, if they may sign in."""
    row = connection.execute(select(accounts).where(accounts.c.key == key, accounts.c.disabled_at.is_(None))).one_or_none()
    return _account(row) if row is not None else None


def listed(connection: Connection) -> tuple[Account, ...]:
    """All accounts, disabled ones too, by id."""
    return tuple(_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.id)))


def offices_of(words: Collection[str]) -> frozenset[str]:
    """`words` as offices. Raises NotDone for none, and for what is no word."""
    if not words:
        raise NotDone("an account holds at least one office")
    for word in words:
        if not _OFFICE.fullmatch(word):
            raise NotDone(f"{word!r} is no office")
    return frozenset(words)


def _check(account: Account) -> None:
    if not 1 <= len(account.name) <= name_characters_max or not account.name.isprintable() or "@" in account.name:
        raise NotDone(f"an account needs a name of 1 to {name_characters_max} printable characters, which is no address")
    offices_of(account.offices)


def _refuse_taken(connection: Connection, account: Account) -> None:
    taken = select(accounts.c.id).where(accounts.c.key == account.address.key, accounts.c.id != account.id)
    if (other := connection.execute(taken).scalar_one_or_none()) is not None:
        raise Conflict(f"that address is of account {other}")


def _columns(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "address": account.address.reveal(),
        "key": account.address.key,
        "offices": " ".join(sorted(account.offices)),
        "language": account.language.value,
        "disabled_at": account.disabled_at,
    }


def _account(row: Found) -> Account:
    return Account(
        row.id,
        row.name,
        RealAddress(row.address),
        frozenset(row.offices.split()),
        Language(row.language),
        row.created_at,
        row.disabled_at,
    )
