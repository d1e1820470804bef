"""Who looks at a page is asked anew at each request, by the address they signed in with."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from support.archive import World
from support.bookkeeping import SHOWN, ZOFIA, Office
from support.catalogue import GARDA, GIULIA
from support.world import NOW

from relay.desk.sessions import Doors
from relay.desk.visitors import VisitorDesk
from relay.store import accounts
from relay.store.accounts import Account
from relay.store.bookings import records
from relay.store.bookings.catalogue import PARTNERS
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.values import Language, RealAddress
from relay.web.site import viewer
from relay.web.site.viewer import Viewer, form_token_of

EVA = Account("eva", "Eva Lang", RealAddress("eva@house.example"), frozenset({"support", "of-another-version"}), Language.DE, NOW)
CUSTOMER = ZOFIA.address
assert CUSTOMER is not None


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(migrated, tmp_path / "relay.db")
    store = Store(open_engine(f"sqlite:///{file}"))
    yield store
    await store.close()


class Scene:
    """A house with a partner, a booking and somebody of support, and a clock that is moved."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        numbers = count(1)
        self.doors = Doors(lambda: f"session-{next(numbers)}", lambda: f"secret-{next(numbers)}")
        self.desk = VisitorDesk(store, lambda: self.now)
        self.world = World(store.engine)
        office = Office(self.world)
        step = office.first_step()
        self.world.write(lambda connection: records.add(connection, step, office.listing.rules, ZOFIA, shown=SHOWN))
        self.booking = step.booking.id
        self.world.write(lambda connection: accounts.add(connection, EVA))

    def begin(self, address: RealAddress, *, as_account: bool = True, asked: Language = Language.FR) -> str:
        def work(connection: Connection) -> str:
            return self.doors.begin(connection, address, now=self.now, asked=asked, as_account=as_account)

        return self.world.write(work)

    async def sees(self, address: RealAddress, **more: bool) -> Viewer:
        secret = self.begin(address, **more)
        found = await self.desk.viewer(secret)
        assert found is not None
        assert found.form_token == form_token_of(secret)
        return found


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def test_a_customer_is_known_by_their_booking(scene: Scene) -> None:
    found = await scene.sees(CUSTOMER)
    assert (found.is_customer, found.partners, found.account, found.language) == (True, (), None, ZOFIA.language)


async def test_the_staff_of_a_partner_are_known_as_themselves(scene: Scene) -> None:
    """OR-3"""
    found = await scene.sees(RealAddress("Giulia@garda.example"))
    membership = found.membership(GARDA.id)
    assert membership is not None
    assert (membership.name, membership.member, membership.sees_team) == ("Garda Boats", GIULIA.id, False)
    assert (found.is_customer, found.account, found.language) == (False, None, Language.IT)


async def test_somebody_of_the_house_holds_the_offices_that_this_version_knows(scene: Scene) -> None:
    found = await scene.sees(EVA.address)
    assert found.account == viewer.Account("eva", "Eva Lang", frozenset({viewer.Office.SUPPORT}))
    assert found.language is Language.DE


async def test_whoever_is_not_to_sign_in_as_the_house_by_this_way_does_not(scene: Scene) -> None:
    assert (await scene.sees(EVA.address, as_account=False)).account is None


async def test_of_a_stranger_nothing_is_known_but_their_language(scene: Scene) -> None:
    found = await scene.sees(RealAddress("eve@evil.example"))
    assert (found.partners, found.is_customer, found.account, found.language) == ((), False, None, Language.FR)


async def test_a_right_ends_with_the_next_page(scene: Scene) -> None:
    giulia, eva, zofia = (scene.begin(one) for one in (GIULIA.address, EVA.address, CUSTOMER))
    without = replace(GARDA, staff=())
    scene.world.write(lambda connection: PARTNERS.put(connection, without, now=NOW, by="test"))
    scene.world.write(lambda connection: accounts.disable(connection, "eva", NOW))
    scene.world.write(lambda connection: records.erase(connection, scene.booking, NOW))
    found = await scene.desk.viewer(giulia)
    assert found is not None
    assert found.partners == ()
    assert await scene.desk.viewer(eva) is None
    assert await scene.desk.viewer(zofia) is None


@pytest.mark.parametrize(
    ("address", "lasts"),
    [(CUSTOMER, timedelta(days=30)), (GIULIA.address, timedelta(days=30)), (EVA.address, timedelta(hours=12))],
)
async def test_a_session_ends_after_its_time(scene: Scene, address: RealAddress, lasts: timedelta) -> None:
    secret = scene.begin(address)
    scene.now = NOW + lasts - timedelta(seconds=1)
    assert await scene.desk.viewer(secret) is not None
    scene.now = NOW + lasts
    assert await scene.desk.viewer(secret) is None


async def test_looking_at_pages_is_written_down_once_a_minute_at_most(scene: Scene) -> None:
    secret, wrote = scene.begin(CUSTOMER), list[datetime]()

    def statement(*told: object) -> None:
        if str(told[2]).startswith("UPDATE sessions"):
            wrote.append(scene.now)

    event.listen(scene.store.engine, "before_cursor_execute", statement)
    for seconds in (0, 59, 60, 61, 119, 120):
        scene.now = NOW + timedelta(seconds=seconds)
        assert await scene.desk.viewer(secret) is not None
    assert wrote == [NOW + timedelta(seconds=60), NOW + timedelta(seconds=120)]


async def test_who_looks_is_found_by_few_questions_that_indexes_answer(scene: Scene) -> None:
    secret, asked = scene.begin(EVA.address), list[tuple[str, object]]()
    event.listen(scene.store.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    assert await scene.desk.viewer(secret) is not None
    questions = [one for one in asked if one[0].lstrip().startswith("SELECT")]
    assert 1 <= len(questions) <= 4
    for statement, parameters in questions:
        plan = scene.world.read(
            lambda connection, s=statement, p=parameters: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p).all()
        )
        assert plan
        assert all("SEARCH" in row[3] or "TEMP B-TREE" in row[3] for row in plan), (statement, plan)
