"""Whoever of the house looks at what people wrote leaves a trace that can only grow (AR-1 access audit)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from support.archive import World
from support.world import NOW

from relay.errors import Unavailable
from relay.store import access_log
from relay.store.access_log import Look
from relay.transit.casework import Looked

MINUTE = timedelta(minutes=1)
VIEW = Look("eva", "Eva", Looked.VIEW, "message 1")


@pytest.mark.parametrize(
    ("first", "second", "after", "entries"),
    [
        (VIEW, VIEW, 4 * MINUTE, 1),
        (VIEW, VIEW, 5 * MINUTE, 2),
        (VIEW, Look("ada", "Ada", Looked.VIEW, "message 1"), MINUTE, 2),
        (VIEW, Look("eva", "Eva", Looked.VIEW, "message 2"), MINUTE, 2),
        (VIEW, Look("eva", "Eva", Looked.VIEW, "message 1", case=3), MINUTE, 2),
        (*(Look("eva", "Eva", Looked.REVEAL, "message 1", reason="dispute"),) * 2, MINUTE, 2),
        (*(Look("eva", "Eva", Looked.EXPORT, "case 1"),) * 2, MINUTE, 2),
    ],
)
def test_looking_again_within_five_minutes_is_one_look_unless_it_reveals(
    world: World, first: Look, second: Look, after: timedelta, entries: int
) -> None:
    world.write(lambda c: access_log.note(c, first, NOW))
    assert world.read(lambda c: access_log.is_noted(c, second, NOW + after)) is (entries == 1)
    world.write(lambda c: access_log.note(c, second, NOW + after))
    assert len(world.read(lambda c: access_log.listed(c))) == entries


def test_the_trace_is_read_by_account_object_and_day_the_newest_first(world: World) -> None:
    for hours, look in enumerate((VIEW, Look("ada", "Ada", Looked.SEARCH, "refund"), Look("eva", "Eva", Looked.LIST, "cases"))):
        world.write(lambda c, look=look, hours=hours: access_log.note(c, look, NOW + timedelta(hours=12 * hours)))
    assert [one.object_ for one in world.read(lambda c: access_log.listed(c))] == ["cases", "refund", "message 1"]
    first, second, third = (one.number for one in reversed(world.read(lambda c: access_log.listed(c))))
    assert [one.number for one in world.read(lambda c: access_log.listed(c, account="eva"))] == [third, first]
    assert [one.name for one in world.read(lambda c: access_log.listed(c, object_="refund"))] == ["Ada"]
    assert [one.number for one in world.read(lambda c: access_log.listed(c, before=third, limit=1))] == [second]
    until = NOW + timedelta(hours=12)
    assert [one.number for one in world.read(lambda c: access_log.listed(c, since=NOW, until=until))] == [first]


@pytest.mark.parametrize("change", ["UPDATE access_log SET reason = 'x'", "DELETE FROM access_log"])
def test_the_database_itself_refuses_to_change_it(world: World, change: str) -> None:
    world.write(lambda c: access_log.note(c, VIEW, NOW))
    with pytest.raises(Unavailable, match=r"append-only|P0001"):
        world.write(lambda c: c.execute(text(change)))
