"""Tokens and accounts, as operators decide about them, over the store."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.world import NOW

from relay.desk.accounts import AccountDesk
from relay.desk.tokens import TokenDesk
from relay.errors import NotDone, NotFound
from relay.machine import NewIds
from relay.store import accounts, tokens
from relay.store.accounts import Account
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.values import Language, RealAddress


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    whole = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield whole
    await whole.close()


async def test_a_token_that_an_operator_makes_counts_until_it_is_revoked(store: Store) -> None:
    desk = TokenDesk(store, NewIds(), lambda: NOW, lambda count: b"x" * count)
    made, secret = await desk.create("a shop", ["queue:read"], "account eva")
    assert (await store.read(lambda c: tokens.known(c, secret))) is not None
    assert list(await desk.all()) == [made]
    await desk.revoke(made.id, "account eva")
    assert (await store.read(lambda c: tokens.known(c, secret))) is None
    assert (await desk.all())[0].revoked_at == NOW
    with pytest.raises(NotDone):
        await desk.create("", ["queue:read"], "account eva")
    with pytest.raises(NotFound):
        await desk.revoke("nothing", "account eva")


async def test_an_account_is_shown_without_its_address_and_disabled(store: Store) -> None:
    new = Account("anna", "Anna", RealAddress("anna@house.example"), frozenset({"support"}), Language.EN, NOW)
    await store.write(lambda connection: accounts.add(connection, new))
    desk = AccountDesk(store, lambda: NOW)
    [shown] = await desk.all()
    assert "house.example" not in repr(shown)
    await desk.disable("anna", "account eva")
    assert [one.disabled_at for one in await desk.all()] == [NOW]
    await desk.enable("anna", "account eva")
    assert [one.disabled_at for one in await desk.all()] == [None]
