"""Those of the house: added, changed, disabled, and never two with one mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.archive import World
from support.world import NOW

from relay.errors import Conflict, NotDone, NotFound
from relay.store import accounts, sessions
from relay.store.accounts import Account, Change
from relay.store.sessions import Beginning
from relay.values import Language, RealAddress

EVA = Account("eva", "Eva Lang", RealAddress("eva@house.example"), frozenset({"support", "senior"}), Language.DE, NOW)


@pytest.fixture
def eva(world: World) -> Account:
    world.write(lambda connection: accounts.add(connection, EVA))
    return EVA


def signed_in(world: World, account: Account) -> str:
    new = Beginning(account.address, account.language, NOW, timedelta(hours=12), account=account.id)
    begun = world.write(
        lambda connection: sessions.begin(connection, new, new_id=world.new_id, new_secret=lambda: f"secret of {account.id}")
    )
    return begun[1]


def is_signed_in(world: World, secret: str) -> bool:
    return world.read(lambda connection: sessions.known(connection, secret, NOW)) is not None


def test_an_account_is_found_by_its_id_and_its_mailbox(world: World, eva: Account) -> None:
    assert world.read(lambda connection: accounts.one(connection, "eva")) == eva
    key = RealAddress("EVA+relay@house.example").key
    assert world.read(lambda connection: accounts.of_mailbox(connection, key)) == eva
    with pytest.raises(NotFound):
        world.read(lambda connection: accounts.one(connection, "adam"))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(EVA, id="eva@house.example"),
        replace(EVA, id=""),
        replace(EVA, id="Eva"),
        replace(EVA, name=""),
        replace(EVA, name="eva@house.example"),
        replace(EVA, name="Eva\nLang"),
        replace(EVA, offices=frozenset()),
        replace(EVA, offices=frozenset({"Support office"})),
    ],
)
def test_what_cannot_be_an_account_is_not_one(world: World, wrong: Account) -> None:
    """Histories name people of the house by their ids, so none looks like an address (invariant 1)."""
    with pytest.raises(NotDone):
        world.write(lambda connection: accounts.add(connection, wrong))


@pytest.mark.usefixtures("eva")
def test_neither_an_id_nor_a_mailbox_is_two_accounts(world: World) -> None:
    for other in (replace(EVA, address=RealAddress("eve@house.example")), replace(EVA, id="eva2")):
        with pytest.raises(Conflict):
            world.write(lambda connection, other=other: accounts.add(connection, other))
    world.write(lambda connection: accounts.add(connection, replace(EVA, id="adam", address=RealAddress("adam@house.example"))))
    with pytest.raises(Conflict):
        world.write(lambda connection: accounts.change(connection, "adam", Change(address=RealAddress("Eva@house.example"))))


def test_what_changes_is_there_at_once_and_the_rest_stays(world: World, eva: Account) -> None:
    secret = signed_in(world, eva)
    after = world.write(lambda connection: accounts.change(connection, "eva", Change(offices=frozenset({"auditor"}))))
    assert after == replace(eva, offices=frozenset({"auditor"}))
    assert is_signed_in(world, secret)
    world.write(lambda connection: accounts.change(connection, "eva", Change(address=RealAddress("lang@house.example"))))
    assert not is_signed_in(world, secret)


def test_who_is_disabled_is_signed_out_and_does_not_come_in_again(world: World, eva: Account) -> None:
    secret = signed_in(world, eva)
    for at in (NOW, NOW + timedelta(days=1)):
        world.write(lambda connection, at=at: accounts.disable(connection, "eva", at))
    assert not is_signed_in(world, secret)
    assert world.read(lambda connection: accounts.of_mailbox(connection, eva.address.key)) is None
    assert world.read(accounts.listed) == (replace(eva, disabled_at=NOW),)
    world.write(lambda connection: accounts.enable(connection, "eva"))
    assert world.read(lambda connection: accounts.of_mailbox(connection, eva.address.key)) == eva
