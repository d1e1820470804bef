"""Mail about bookings is posted: each once, whatever breaks, and whoever else posts (invariants 4, 8 and 9)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, insert, select
from structlog.testing import capture_logs
from support.archive import World
from support.booked import written_down
from support.letters import PATHS, PlayedLetters, a_poster
from support.patience import patience_s
from support.sending import FAILED, claimed, recorded
from support.world import DOMAIN, NOW, PARTNER_ADDRESS

from relay.app import posting as app_posting
from relay.app.posting import at_once, keep_posting
from relay.errors import Conflict, Damaged, Unavailable
from relay.store import alerts, posting
from relay.store.audit import unaccounted, unposted_after
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.store.tables import aliases
from relay.store.tally import End, tally_of_mail
from relay.transit.alarm import Alarm
from relay.transit.delivery import Carries
from relay.values import RealAddress

T = TypeVar("T")
SECOND = RealAddress("office@alpine-tours.example")


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "relay.db"
    shutil.copy(migrated, path)
    store = Store(open_engine(f"sqlite:///{path}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


def ends(world: World) -> dict[End, int]:
    """How many mails came to what; nothing may be unaccounted for, also after the time in which posting is to be done."""
    assert world.read(lambda connection: unaccounted(connection, NOW + unposted_after / 2)) == ()
    return dict(world.read(tally_of_mail))


def raised(world: World) -> list[Alarm]:
    return [one.alarm for one in world.read(alerts.listed)]


async def test_what_waits_is_written_signed_and_due_with_a_return_path_of_its_own(store: Store, world: World) -> None:
    """Invariant 9, GW-42, GW-45"""
    conversation = world.opened()
    mail = written_down(world)
    woken: list[bool] = []
    assert await a_poster(store, PlayedLetters(), world.new_id, lambda: woken.append(True)).post_some() == 1
    (due,) = claimed(world, at=NOW)
    assert (due.carries, due.message, due.conversation) == (Carries.NOTIFICATION, None, conversation.id)
    assert due.recipient == RealAddress(PARTNER_ADDRESS)
    assert due.content.startswith(f"Signed: yes\r\nMessage-ID: <{mail.id}@{DOMAIN}>\r\n".encode())
    assert PATHS.read(due.return_path.partition("@")[0], NOW) == due.id
    assert woken == [True]
    assert ends(world) == {End.DUE: 1}


async def test_where_nothing_waits_nothing_is_written_and_nobody_is_woken(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_down(world, at=NOW + timedelta(hours=1))

    async def write(*_: object) -> None:
        raise AssertionError("idle costs nothing")

    monkeypatch.setattr(store, "write", write)
    woken: list[bool] = []
    assert await a_poster(store, PlayedLetters(), world.new_id, lambda: woken.append(True)).post_some() == 0
    assert woken == []


async def test_of_many_each_is_posted_once_however_many_nodes_post(store: Store, world: World) -> None:
    """Invariant 9"""
    mails = [written_down(world) for _ in range(at_once + 5)]
    nodes = [a_poster(store, PlayedLetters(), world.new_id) for _ in range(3)]
    while any(await asyncio.gather(*(node.post_some() for node in nodes))):
        pass
    due = claimed(world, at=NOW, count_max=100)
    ids = sorted(one.content.partition(b"<")[2].partition(b"@")[0].decode() for one in due)
    assert ids == sorted(one.id for one in mails)
    assert ends(world) == {End.DUE: len(mails)}


@pytest.mark.parametrize("broke", [KeyError(PARTNER_ADDRESS), ZeroDivisionError(), Damaged("blob")])
async def test_one_that_breaks_waits_for_a_person_and_stops_no_other(store: Store, world: World, broke: Exception) -> None:
    """Invariant 4, docs/decisions/0007"""
    first, second = written_down(world), written_down(world)
    with capture_logs() as logs:
        assert await a_poster(store, PlayedLetters(breaks={first.id: broke}), world.new_id).post_some() == 2
    assert ends(world) == {End.DUE: 1, End.HELD: 1}
    (parked,) = world.read(lambda connection: posting.parked(connection, 9))
    assert parked.id == first.id
    assert parked.why.startswith(f"{type(broke).__name__} at letters.py:")
    assert raised(world) == [Alarm.NOTIFICATION_PARKED]
    assert [one["event"] for one in logs] == ["notification.parked"]
    assert PARTNER_ADDRESS not in str(logs) + parked.why
    assert second.id not in str(logs)


@pytest.mark.parametrize("passes", [Unavailable("away"), OSError(28, "no room"), MemoryError()])
async def test_trouble_that_passes_by_itself_parks_nothing(store: Store, world: World, passes: Exception) -> None:
    mail, other = written_down(world), written_down(world)
    letters = PlayedLetters(breaks={mail.id: passes})
    poster = a_poster(store, letters, world.new_id)
    with pytest.raises(type(passes)):
        await poster.post_some()
    assert [one.id for one in world.read(lambda connection: posting.waiting(connection, NOW, 9))] == [mail.id]
    assert world.read(lambda connection: posting.one(connection, other.id)).delivery is not None
    letters.breaks.clear()
    assert await poster.post_some() == 1
    assert ends(world) == {End.DUE: 2}


async def test_mail_for_nobody_has_its_end(store: Store, world: World) -> None:
    mail = written_down(world)
    assert await a_poster(store, PlayedLetters(nobody=[mail.id]), world.new_id).post_some() == 1
    assert ends(world) == {End.SPARED: 1}
    assert claimed(world, at=NOW) == []


async def test_it_goes_to_the_first_address_that_is_not_dead_and_to_none_that_is(store: Store, world: World) -> None:
    """GW-54"""
    letters = PlayedLetters((RealAddress(PARTNER_ADDRESS), SECOND))
    poster = a_poster(store, letters, world.new_id)
    went: list[RealAddress] = []
    for _ in range(6):
        written_down(world)
        await poster.post_some()
        (due,) = claimed(world, at=NOW)
        went.append(due.recipient)
        recorded(world, due, FAILED)
    assert went == [RealAddress(PARTNER_ADDRESS)] * 3 + [SECOND] * 3
    written_down(world)
    assert await poster.post_some() == 1
    (parked,) = world.read(lambda connection: posting.parked(connection, 9))
    assert parked.why == "every address of the partner is dead (GW-54)"
    assert ends(world) == {End.ALERT: 6, End.HELD: 1}


async def test_what_its_links_lead_to_is_kept_with_it_or_it_is_not_posted(store: Store, world: World) -> None:
    """Invariant 9: a link in a mail leads somewhere, and nowhere where the mail was not sent."""
    mail = written_down(world)
    keep: list[Callable[[Connection], None]] = []

    def conflicts(connection: Connection) -> None:
        connection.execute(insert(aliases).values(local="minted", minted_at=NOW))
        if keep:
            raise Conflict("somebody else was quicker")

    keep.append(conflicts)
    poster = a_poster(store, PlayedLetters(keep=conflicts), world.new_id)
    assert await poster.post_some() == 0
    assert [one.id for one in world.read(lambda connection: posting.waiting(connection, NOW, 9))] == [mail.id]
    assert world.read(lambda connection: connection.execute(select(aliases)).all()) == []
    assert claimed(world, at=NOW) == []
    keep.clear()
    assert await poster.post_some() == 1
    assert len(world.read(lambda connection: connection.execute(select(aliases)).all())) == 1
    assert ends(world) == {End.DUE: 1}


class Failing:
    """A store whose call number `at` fails, before it does anything or after it has done it."""

    def __init__(self, store: Store, at: int, *, afterwards: bool) -> None:
        self._store, self._left, self._afterwards = store, at, afterwards

    async def read(self, question: Callable[[Connection], T]) -> T:
        return await self._counted(lambda: self._store.read(question))

    async def write(self, work: Callable[[Connection], T], octets: int = 0) -> T:
        return await self._counted(lambda: self._store.write(work, octets))

    async def _counted(self, call: Callable[[], object]) -> T:
        self._left -= 1
        fails = self._left == 0
        if fails and not self._afterwards:
            raise Unavailable("the database is away")
        came: T = await call()  # type: ignore[misc]  # an awaitable of the store's
        if fails:
            raise Unavailable("the answer is lost")
        return came


@pytest.mark.parametrize("afterwards", [False, True], ids=["before it is done", "when it is done"])
async def test_whichever_call_to_the_database_fails_each_mail_is_posted_once(
    store: Store, world: World, afterwards: bool
) -> None:
    """Invariant 9: failure at step N, for each N until the operation runs through; also when only the answer is lost."""
    step, done = 0, 0
    while True:
        step += 1
        mails = [written_down(world) for _ in range(2)]
        done += len(mails)
        failing = Failing(store, step, afterwards=afterwards)
        poster = a_poster(failing, PlayedLetters(), world.new_id)  # type: ignore[arg-type]  # what posting asks of a store
        try:
            await poster.post_some()
        except Unavailable:
            assert await a_poster(store, PlayedLetters(), world.new_id).post_some() <= len(mails)
            assert ends(world) == {End.DUE: done}
            continue
        break
    assert step > 4
    assert ends(world) == {End.DUE: done}
    assert len(claimed(world, at=NOW, count_max=100)) == done


async def test_a_step_that_is_rolled_back_sends_nothing(store: Store, world: World) -> None:
    """Invariant 9"""
    written_down(world)
    mail = written_down(world)

    def step(connection: Connection) -> None:
        connection.exec_driver_sql(f"UPDATE notifications SET at = {10**15} WHERE id = '{mail.id}'")
        connection.exec_driver_sql(
            "INSERT INTO notifications (id, booking, version, number, addressee, at, key, detail)"
            " SELECT 'never', booking, 2, 'N9', 'customer', at, 'never', '{}' FROM notifications LIMIT 1"
        )
        raise Conflict("somebody else was quicker")

    with pytest.raises(Conflict):
        world.write(step)
    assert await a_poster(store, PlayedLetters(), world.new_id).post_some() == 2
    assert await a_poster(store, PlayedLetters(), world.new_id).post_some() == 0
    assert ends(world) == {End.DUE: 2}


async def test_whoever_wakes_it_is_not_kept_waiting_and_trouble_ends_nothing(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_posting, "pause_s", 3600.0)
    posted = asyncio.Event()
    letters = PlayedLetters()
    poster = a_poster(store, letters, world.new_id, posted.set)
    keeping = asyncio.create_task(keep_posting(poster))
    try:
        for _ in range(3):
            await asyncio.sleep(0)
            written_down(world)
            poster.wake()
            async with asyncio.timeout(patience_s):
                await posted.wait()
            posted.clear()
    finally:
        keeping.cancel()
    assert ends(world) == {End.DUE: 3}
    assert len(letters.asked) == 3
