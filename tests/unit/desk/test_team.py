"""Who acts for a partner, changed over a real database: the team hears of it in the same transaction (GW-5, GY-B5)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from support.archive import World
from support.catalogue import GARDA, GIULIA, MARCO
from support.world import DOMAIN, NOW

from relay.booking.offer import Mode, Rules
from relay.booking.partner import Partner, StaffId, StaffMember
from relay.correspondence.house import House
from relay.correspondence.team_changed import Change, What
from relay.desk.catalogue import Keeper
from relay.desk.team import TeamDesk, changes
from relay.errors import NotDone
from relay.store import blobs
from relay.store.bookings.catalogue import PARTNERS
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.store.tables import deliveries
from relay.values import Language, RealAddress
from relay.web.changing import replaced

NEWCOMER = RealAddress("stranger@elsewhere.example")


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    world = World(store.engine)
    two = replace(GARDA, addresses=(*GARDA.addresses, RealAddress("office@garda.example")))
    world.write(lambda connection: PARTNERS.add(connection, two, now=NOW, by="test"))
    return world


def a_desk(store: Store, world: World, woken: list[str]) -> TeamDesk:
    house = House("Example Travel", DOMAIN, "https://example.com/support")
    keeper = Keeper(Rules(Mode.INSTANT))
    return TeamDesk(
        *(store, keeper, house, "https://relay.example.com/", lambda content, at: content, world.new_id, lambda: NOW),
        lambda: woken.append("woken"),
    )


def mails(world: World) -> dict[str, str]:
    """What is under way, by its recipient."""

    def work(connection: Connection) -> dict[str, str]:
        rows = connection.execute(select(deliveries)).all()
        octets = blobs.read(connection, [row.content for row in rows])
        return {row.recipient: octets[row.content].decode() for row in rows}

    return world.read(work)


def words(mail: str) -> str:
    body = message_from_bytes(mail.encode(), policy=policy.default).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def test_every_address_that_the_team_had_before_hears_that_another_one_came(store: Store, world: World) -> None:
    woken: list[str] = []
    desk = a_desk(store, world, woken)

    def change(before: Partner) -> Partner:
        return replaced({"addresses": (*before.addresses, NEWCOMER)})(before)

    after = await desk.change("p1", change, "s2")
    assert NEWCOMER in after.addresses
    told = mails(world)
    assert set(told) == {"team@garda.example", "office@garda.example"}
    text = words(told["team@garda.example"])
    assert "stranger@elsewhere.example" in text
    assert "https://relay.example.com/partner/p1/team" in text
    assert woken == ["woken"]
    assert world.read(lambda connection: PARTNERS.history(connection, "p1"))[-1].by == "s2"


async def test_what_changes_nobodys_right_causes_no_mail(store: Store, world: World) -> None:
    woken: list[str] = []
    desk = a_desk(store, world, woken)
    spoken = replace(GIULIA, language=Language.DE)
    await desk.change("p1", replaced({"staff": (spoken, MARCO)}), "partner")
    assert (mails(world), woken) == ({}, [])


async def test_what_is_refused_changes_nothing_and_tells_nobody(store: Store, world: World) -> None:
    desk = a_desk(store, world, [])
    with pytest.raises(NotDone):
        await desk.change("p1", replaced({"addresses": ()}), "partner")
    assert mails(world) == {}
    assert len(world.read(lambda connection: PARTNERS.one(connection, "p1")).addresses) == 2


def test_what_came_and_went_is_told_by_name() -> None:
    luca = StaffMember(StaffId("s3"), "Luca", RealAddress("luca@garda.example"), Language.IT)
    leads = replace(GIULIA, sees_team=True)
    elsewhere = replace(MARCO, address=NEWCOMER)
    assert list(changes(GARDA, replace(GARDA, senders=(NEWCOMER,)))) == [
        Change(What.SENDER_ADDED, address=NEWCOMER),
        Change(What.SENDER_REMOVED, address=RealAddress("channel@system.example")),
    ]
    assert list(changes(GARDA, replace(GARDA, staff=(leads, luca)))) == [
        Change(What.SEES_TEAM, "Giulia Rossi"),
        Change(What.STAFF_ADDED, "Luca", luca.address),
        Change(What.STAFF_REMOVED, "Marco Rossi"),
    ]
    assert list(changes(GARDA, replace(GARDA, staff=(GIULIA, elsewhere)))) == [Change(What.STAFF_ADDED, "Marco Rossi", NEWCOMER)]
