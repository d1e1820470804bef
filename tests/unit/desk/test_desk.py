"""The desk: the ports of the HTTP side over a real database."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive import World
from support.booked import posted, written_down
from support.world import DOMAIN, NOW

from relay.desk.access import AccessDesk
from relay.desk.anew import Anew
from relay.desk.archive import ArchiveDesk
from relay.desk.queue import QueueDesk
from relay.desk.queue_names import held_share, share_id
from relay.errors import Conflict, NotDone, NotFound
from relay.machine import NewIds
from relay.message.removal import Removal
from relay.store import held, indexing, posting, tokens
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.crossing import Fate
from relay.transit.return_path import ReturnPaths
from relay.web.scopes import Scope


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


def nothing_anew() -> Anew:
    raise AssertionError("none of these steps decides anything anew")


@pytest.fixture
def queue(store: Store) -> QueueDesk:
    return QueueDesk(store, ReturnPaths(b"k" * 32, DOMAIN), NewIds(), lambda: NOW, nothing_anew)


def a_token(world: World, *scopes: str) -> tuple[str, str]:
    token, secret = world.write(
        lambda connection: tokens.create(
            connection, "shop", scopes, now=NOW, new_id=world.new_id, random=lambda octets: bytes(octets)
        )
    )
    return token.id, secret


async def test_a_token_tells_who_sent_it_and_what_it_may_do(store: Store, world: World) -> None:
    id_, secret = a_token(world, "queue:read", "of-a-later-version")
    access = AccessDesk(store, lambda: NOW)
    bearer = await access.bearer(secret)
    assert bearer is not None
    assert (bearer.id, bearer.name, bearer.scopes) == (id_, "shop", {Scope.QUEUE_READ})
    assert await access.bearer("nobodys") is None


async def test_the_last_use_of_a_token_is_noted_and_a_revoked_one_counts_for_nothing(store: Store, world: World) -> None:
    id_, secret = a_token(world, "queue:read")
    access = AccessDesk(store, lambda: NOW)
    await access.bearer(secret)
    [noted] = world.read(tokens.listed)
    assert noted.last_used_at == NOW
    world.write(lambda connection: tokens.revoke(connection, id_, NOW))
    assert await access.bearer(secret) is None


def hold(world: World, count: int) -> list[str]:
    """Messages that a rule held, without a delivery; what names their recipients."""
    conversation = world.opened("HELD")
    names = []
    for number in range(count):
        crossing = world.crossing(conversation, fate=Fate.HELD, body=f"held {number}")
        world.accepted(crossing)
        names.append(f"{crossing.envelope.id}-0")
    return names


async def all_pages(queue: QueueDesk, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    after = None
    while True:
        page = await queue.page(limit, after)
        pages.append([one.id for one in page.items])
        after = page.next
        if after is None:
            return pages


@pytest.mark.parametrize(("limit", "sizes"), [(2, [2, 2, 2, 1]), (3, [3, 3, 1]), (4, [4, 3]), (7, [7, 0]), (8, [7])])
async def test_the_queue_is_told_in_pages_what_is_held_without_a_delivery_first(
    queue: QueueDesk, world: World, limit: int, sizes: list[int]
) -> None:
    """Invariant 4: everything that waits is on some page, once."""
    conversation = world.opened()
    sent = [world.crossing(conversation, original_id=f"{number}@x.example", body=str(number)) for number in range(3)]
    for crossing in sent:
        world.accepted(crossing)
    waiting = hold(world, 4)
    pages = await all_pages(queue, limit)
    assert [one for page in pages for one in page] == [*waiting, *(one.deliveries[0].id for one in sent)]
    assert [len(page) for page in pages] == sizes
    first = (await queue.page(limit, None)).items[0]
    assert (first.state, first.reason, first.next_at) == ("held", "leak", None)


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
async def test_mail_about_bookings_that_could_not_be_written_stands_between_what_is_held_and_the_deliveries(
    queue: QueueDesk, world: World, limit: int
) -> None:
    """Invariant 4"""
    waiting = hold(world, 2)
    mails = [written_down(world) for _ in range(3)]
    under_way = posted(world, mails[2])
    for mail in mails[:2]:
        world.write(lambda connection, mail=mail: posting.park(connection, mail, "KeyError in letter.py:12", NOW))
    pages = await all_pages(queue, limit)
    assert [one for page in pages for one in page] == [*waiting, *(f"mail-{one.id}" for one in mails[:2]), under_way.id]
    shown = await queue.one(f"mail-{mails[0].id}")
    assert (shown.message, shown.state, shown.reason, shown.detail) == (None, "held", "fault", "N1: KeyError in letter.py:12")
    assert not shown.can_be_released


async def test_somebody_has_such_mail_written_after_all_or_drops_it(queue: QueueDesk, world: World) -> None:
    mails = [written_down(world) for _ in range(2)]
    names = [f"mail-{one.id}" for one in mails]
    for mail in mails:
        world.write(lambda connection, mail=mail: posting.park(connection, mail, "KeyError in letter.py:12", NOW))
    with pytest.raises(Conflict, match="retry it"):
        await queue.release(names[0], "token t1")
    with pytest.raises(Conflict, match="only a held message"):
        await queue.return_(names[0], "token t1")
    await queue.retry(names[0], "token t1")
    await queue.drop(names[1], "token t1", "told by telephone")
    assert (await queue.page(9, None)).items == ()
    assert [one.id for one in world.read(lambda connection: posting.waiting(connection, NOW, 9))] == [mails[0].id]
    for step in (queue.retry(names[1], "token t1"), queue.drop(names[1], "token t1", "again")):
        with pytest.raises(Conflict):
            await step
    with pytest.raises(NotFound, match="nothing is held"):
        await queue.one(names[1])


async def test_a_held_recipient_is_found_by_its_name_however_many_there_are(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "listed_max", 1)
    names = hold(world, 3)
    found = await store.read(lambda connection: [held_share(connection, name) for name in names])
    assert [share_id(one) for one in found if one is not None] == names
    assert await store.read(lambda connection: held_share(connection, "another form")) is None
    with pytest.raises(NotFound, match="nothing is held"):
        await store.read(lambda connection: held_share(connection, "none-7"))


async def test_what_is_held_goes_out_as_it_is_or_is_given_up(queue: QueueDesk, world: World) -> None:
    """GW-55"""
    conversation = world.opened()
    crossings = [world.crossing(conversation, fate=Fate.HELD, body=body) for body in ("one", "two")]
    for crossing in crossings:
        world.accepted(crossing)
    await queue.release(f"{crossings[0].envelope.id}-0", "token t1")
    await queue.drop(f"{crossings[1].envelope.id}-0", "token t1", "spam")
    [out] = (await queue.page(10, None)).items
    assert (out.message, out.carries, out.state) == (crossings[0].envelope.id, "rendition", "due")
    await queue.hold(out.id, "token t1")
    with pytest.raises(Conflict):
        await queue.retry(out.id, "token t1")
    await queue.release(out.id, "token t1")
    await queue.retry(out.id, "token t1")
    await queue.drop(out.id, "token t1", "spam")
    assert (await queue.page(10, None)).items == ()
    with pytest.raises(NotFound):
        await queue.release("none-7", "token t1")


async def test_the_archive_tells_what_was_found_with_addresses_masked(store: Store, world: World) -> None:
    """LEAK-86"""
    crossing = world.crossing(world.opened(), body="meet zofia.kowalska@poczta.example there", files="zofia@poczta.example.pdf")
    world.accepted(crossing)
    world.write(indexing.index_some)
    archive = ArchiveDesk(store, DOMAIN)
    [found] = await archive.search("meet", 20)
    assert (found.message, found.received_at) == (crossing.envelope.id, NOW)
    assert "poczta" not in f"{found.subject} {found.snippet} {found.files}"
    with pytest.raises(NotDone):
        await archive.search("bookng:x", 20)


async def test_a_message_is_told_with_what_came_of_it(store: Store, world: World) -> None:
    crossing = world.crossing(world.opened(), at=NOW + timedelta(minutes=1))
    world.accepted(crossing)
    archive = ArchiveDesk(store, DOMAIN)
    shown = await archive.message(crossing.envelope.id)
    assert shown.aliases == crossing.envelope.aliases
    assert [(one.fate, one.removed) for one in shown.shares] == [("passed", ((Removal("address", "text/plain"), 1),))]
    assert [(one.carries, one.state, one.attempts) for one in shown.deliveries] == [("rendition", "due", ())]
    with pytest.raises(NotFound):
        await archive.message("none")
