"""Whoever asks to sign in and is known gets a link, at the address we know; whoever is not known gets nothing."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from support.archive import World
from support.bookkeeping import SHOWN, ZOFIA, Office
from support.catalogue import GARDA, GIULIA
from support.mails import text_of
from support.patience import patience_s
from support.sending import claimed
from support.world import DOMAIN, NOW

from relay.app.inviting import Inviting, keep_inviting
from relay.correspondence.house import House
from relay.desk.sessions import Doors
from relay.desk.sign_in import SignInDesk
from relay.desk.visitors import VisitorDesk
from relay.store import accounts
from relay.store.accounts import Account
from relay.store.audit import unaccounted
from relay.store.bookings import records
from relay.store.engine import open_engine
from relay.store.sign_in_links import Rates
from relay.store.store import Store
from relay.transit.delivery import Carries, Delivery
from relay.values import Language, RealAddress
from relay.web.site.sign_in.ports import Wish

EVA = Account("eva", "Eva Lang", RealAddress("eva@house.example"), frozenset({"support"}), Language.DE, NOW)
QUARTER = timedelta(minutes=15)


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(migrated, tmp_path / "relay.db")
    store = Store(open_engine(f"sqlite:///{file}"))
    yield store
    await store.close()


class Scene:
    """A house with a partner, a booking and somebody of support; a clock that is moved, and what went out."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.world = store, NOW, World(store.engine)
        self.woken = 0
        numbers = count(1)
        self.inviting = Inviting(
            store=store,
            house=House("Example Travel", DOMAIN, "https://example.com/support"),
            pages="https://relay.example.com/",
            lasts=QUARTER,
            sign=lambda content, at: b"Signed: yes\r\n" + content,
            new_id=self.world.new_id,
            new_secret=lambda: f"secret-{next(numbers)}",
            clock=self.clock,
            sent=self.wake,
        )
        self.desk = self.desk_for(as_account=True)
        office = Office(self.world)
        step = office.first_step()
        self.world.write(lambda connection: records.add(connection, step, office.listing.rules, ZOFIA, shown=SHOWN))
        self.world.write(lambda connection: accounts.add(connection, EVA))

    def desk_for(self, *, as_account: bool) -> SignInDesk:
        numbers = count(1)
        doors = Doors(self.world.new_id, lambda: f"session-secret-{next(numbers)}")
        visitors = VisitorDesk(self.store, self.clock)
        rates = Rates(None, None)
        return SignInDesk(self.store, doors, visitors, rates, self.world.new_id, self.clock, self.inviting.wake, as_account)

    def clock(self) -> datetime:
        return self.now

    def wake(self) -> None:
        self.woken += 1

    async def asked(self, address: str, next_: str = "") -> list[Delivery]:
        """What goes out when somebody asks with `address`."""
        assert await self.desk.ask(Wish(RealAddress(address), next_, "local", Language.FR))
        assert await self.inviting.write_some() == 1
        return claimed(self.world, at=self.now)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def link_in(delivery: Delivery) -> str:
    found = re.search(r"https://relay\.example\.com/sign-in/(\S+)", text_of(delivery.content))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("asked", "known", "language"),
    [
        ("zofia@poczta.example", "zofia@poczta.example", "pl"),
        ("ZOFIA+mine@poczta.example", "zofia@poczta.example", "pl"),
        ("team@garda.example", "team@garda.example", "it"),
        ("Giulia@garda.example", "giulia@garda.example", "it"),
        ("eva@house.example", "eva@house.example", "de"),
    ],
)
async def test_the_link_goes_to_the_address_that_we_know_in_its_language(
    scene: Scene, asked: str, known: str, language: str
) -> None:
    (sent,) = await scene.asked(asked)
    assert (sent.carries, sent.recipient, sent.return_path, sent.message) == (Carries.SIGN_IN, RealAddress(known), "", None)
    assert sent.content.startswith(b"Signed: yes\r\n")
    assert f"Content-Language: {language}\r\n".encode() in sent.content
    assert scene.woken == 1
    assert [one for one in scene.world.read(lambda connection: unaccounted(connection, NOW)) if "places" not in one.problem] == []


@pytest.mark.parametrize("stranger", ["eve@evil.example", "channel@system.example", "zofia@poczta.example.evil.example"])
async def test_nothing_goes_to_anybody_else(scene: Scene, stranger: str) -> None:
    assert await scene.asked(stranger) == []
    assert scene.woken == 0
    assert await scene.inviting.write_some() == 0


async def test_who_is_disabled_or_erased_is_nobody(scene: Scene) -> None:
    scene.world.write(lambda connection: accounts.disable(connection, "eva", NOW))
    assert await scene.asked("eva@house.example") == []


async def test_by_the_link_somebody_is_in_once_and_led_on(scene: Scene) -> None:
    (sent,) = await scene.asked("giulia@garda.example", "/partner/p1?tab=active")
    secret = link_in(sent)
    assert await scene.desk.invited(secret) == GIULIA.address
    inside = await scene.desk.enter(secret, "Firefox on Linux")
    assert inside is not None
    assert inside.next == "/partner/p1?tab=active"
    assert [one.partner for one in inside.viewer.partners] == [GARDA.id]
    assert await scene.desk.enter(secret, "Firefox on Linux") is None
    assert await scene.desk.invited(secret) is None
    (place,) = await scene.desk.places(inside.viewer)
    assert (place.agent, place.is_here, place.is_of_house) == ("Firefox on Linux", True, False)
    await scene.desk.leave(inside.secret)
    assert await scene.desk.visitors.viewer(inside.secret) is None


async def test_a_link_that_could_not_be_written_in_time_is_not_written_later(scene: Scene) -> None:
    """Nobody is told a day later to sign in at once."""
    assert await scene.desk.ask(Wish(EVA.address, "", "local", Language.EN))
    scene.now = NOW + QUARTER
    assert await scene.inviting.write_some() == 1
    assert claimed(scene.world, at=scene.now) == []


async def test_people_of_the_house_come_in_otherwise_where_it_says_so(scene: Scene) -> None:
    scene.inviting = replace(scene.inviting, of_accounts=False)
    scene.desk = scene.desk_for(as_account=False)
    assert await scene.asked("eva@house.example") == []
    (sent,) = await scene.asked("zofia@poczta.example")
    inside = await scene.desk.enter(link_in(sent), "")
    assert inside is not None
    assert inside.viewer.account is None


async def test_whoever_asks_does_not_wait_for_the_next_look(scene: Scene) -> None:
    keeping = asyncio.create_task(keep_inviting(scene.inviting))
    async with asyncio.timeout(patience_s):
        await asyncio.sleep(0)
        assert await scene.desk.ask(Wish(GIULIA.address, "", "local", Language.EN))
        while not scene.woken:
            await asyncio.sleep(0.01)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert len(claimed(scene.world, at=NOW)) == 1
