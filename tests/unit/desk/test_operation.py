"""How the gateway fares, from the tables: backlog, dead letters, alerts, suspended destinations, the last audit."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive import World
from support.world import NOW

from relay.desk.operation import OperationDesk
from relay.errors import Conflict
from relay.store import audits, outbox
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause, Deferred, Delivered, Failed
from relay.web.operator_ports import Audited, Span, Stretch


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    whole = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield whole
    await whole.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


async def test_one_look_counts_what_waits_failed_and_was_audited(store: Store, world: World) -> None:
    conversation = world.opened()
    [failed] = world.accepted(world.crossing(conversation))
    [notice] = world.accepted(world.crossing(conversation, fate=Fate.REFUSED, body="Second"))
    world.accepted(world.crossing(conversation, body="Third"))
    never = Failed(Cause.MAILBOX_FULL, 552, "full")
    world.write(lambda c: outbox.record(c, failed.id, never, now=NOW + timedelta(hours=1)))
    world.write(lambda c: outbox.record(c, notice.id, never, now=NOW + timedelta(hours=2), untold="about a notice"))
    world.write(lambda c: audits.made(c, NOW, 0))
    world.write(lambda c: audits.made(c, NOW + timedelta(minutes=1), 2))
    desk = OperationDesk(store, lambda: NOW + timedelta(days=1))
    found = await desk.overview()
    assert (found.load.due, found.failed, found.untold) == (1, 2, 1)
    assert found.audited == Audited(NOW + timedelta(minutes=1), 2)
    letters = await desk.dead_letters(10, None, untold=False)
    assert [(one.id, one.cause, one.untold, one.ended_at) for one in letters] == [
        (notice.id, "mailbox_full", "about a notice", NOW + timedelta(hours=2)),
        (failed.id, "mailbox_full", "", NOW + timedelta(hours=1)),
    ]
    assert [one.id for one in await desk.dead_letters(10, None, untold=True)] == [notice.id]
    assert [one.id for one in await desk.dead_letters(10, notice.id, untold=False)] == [failed.id]
    later = OperationDesk(store, lambda: NOW + timedelta(days=30))
    assert (await later.overview()).failed == 0
    assert await desk.alerts(10, None) == (await desk.overview()).alerts


async def test_whoever_sends_is_told_when_a_destination_is_suspended_or_resumed(store: Store) -> None:
    told: list[str] = []
    desk = OperationDesk(store, lambda: NOW, lambda: told.append("woken"))
    await desk.suspend("gmail.com", "account eva", "they defer all")
    with pytest.raises(Conflict, match="mail address"):
        await desk.suspend("gmx.example", "account eva", "ask anna@house.example")
    assert [(one.domain, one.by) for one in await desk.suspended()] == [("gmail.com", "account eva")]
    assert await desk.resume("gmail.com", "account eva") == 0
    assert told == ["woken", "woken"]
    assert await desk.bound() == []


async def test_traffic_is_counted_by_the_hour_and_looked_at_again_after_a_minute(store: Store, world: World) -> None:
    conversation = world.opened()
    begins = NOW.replace(minute=0)
    for body in ("One", "Two"):
        [delivery] = world.accepted(world.crossing(conversation, body=body))
        world.write(lambda c, id_=delivery.id: outbox.record(c, id_, Delivered(250, "ok"), now=NOW))
    [late] = world.accepted(world.crossing(conversation, body="Three", at=begins - timedelta(hours=3)))
    deferred = Deferred(Cause.MAILBOX_FULL, 452, "full")
    world.write(lambda c: outbox.record(c, late.id, deferred, now=begins - timedelta(hours=2), next_due=NOW))
    world.accepted(world.crossing(conversation, fate=Fate.REFUSED, body="Four"))
    world.accepted(world.crossing(conversation, fate=Fate.HELD, body="Five"))
    world.accepted(world.crossing(conversation, body="Long ago", at=NOW - timedelta(days=3)))
    moment = [NOW]
    desk = OperationDesk(store, lambda: moment[0])
    found = await desk.traffic(Span.DAY)
    assert len(found.stretches) == 24
    assert found.stretches[-1] == Stretch(begins, accepted=2, refused=1, held=1, delivered=2)
    assert [(one.at, one.accepted, one.deferred) for one in found.stretches if one.accepted or one.deferred][:2] == [
        (begins - timedelta(hours=3), 1, 0),
        (begins - timedelta(hours=2), 0, 1),
    ]
    assert found.refused_by == {"leak": 1}
    assert await desk.traffic(Span.DAY) is found
    moment[0] += timedelta(minutes=1)
    assert await desk.traffic(Span.DAY) is not found
    month = await desk.traffic(Span.MONTH)
    assert (len(month.stretches), sum(one.accepted for one in month.stretches)) == (30, 4)
