"""Where somebody is signed in: kept by a digest, ended by time or by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from support.archive import World
from support.world import NOW

from relay.errors import NotFound
from relay.store import sessions
from relay.store.people_tables import sessions as table
from relay.store.sessions import Beginning, Session, seen_every, sessions_max
from relay.values import Language, RealAddress

ZOFIA = RealAddress("zofia@poczta.example")
DAY = timedelta(days=1)


@pytest.fixture
def begun(world: World) -> Callable[..., tuple[Session, str]]:
    numbers = count(1)

    def begin(address: RealAddress = ZOFIA, *, at: datetime = NOW, lasts: timedelta = DAY) -> tuple[Session, str]:
        new = Beginning(address, Language.PL, at, lasts, agent="Firefox on Linux")
        return world.write(
            lambda connection: sessions.begin(connection, new, new_id=world.new_id, new_secret=lambda: f"secret-{next(numbers)}")
        )

    return begin


def test_a_session_is_known_by_its_secret_until_it_ends(world: World, begun: Callable[..., tuple[Session, str]]) -> None:
    session, secret = begun()
    for at, expected in ((NOW, session), (NOW + DAY - timedelta(seconds=1), session), (NOW + DAY, None)):
        assert world.read(lambda connection, at=at: sessions.known(connection, secret, at)) == expected
    assert world.read(lambda connection: sessions.known(connection, "secret-2", NOW)) is None


def test_the_secret_is_nowhere_in_the_table(world: World, begun: Callable[..., tuple[Session, str]]) -> None:
    _, secret = begun()
    row = world.read(lambda connection: connection.execute(select(table)).one())
    assert len(row.digest) == 32
    assert all(secret.encode() not in str(value).encode() for value in row)


def test_looking_at_pages_is_noted_once_a_minute(world: World, begun: Callable[..., tuple[Session, str]]) -> None:
    session, secret = begun()
    later = NOW + seen_every
    assert not sessions.is_stale(session, later - timedelta(seconds=1))
    assert sessions.is_stale(session, later)
    world.write(lambda connection: sessions.seen(connection, session, later))
    after = world.read(lambda connection: sessions.known(connection, secret, later))
    assert after is not None
    assert (after.last_seen_at, sessions.is_stale(after, later)) == (later, False)


def test_somebody_ends_their_own_sessions_and_nobody_elses(world: World, begun: Callable[..., tuple[Session, str]]) -> None:
    mine, here = begun(), begun(RealAddress("Zofia+home@poczta.example"))
    theirs, _ = begun(RealAddress("eve@evil.example"))
    with pytest.raises(NotFound):
        world.write(lambda connection: sessions.end(connection, theirs.id, key=ZOFIA.key))
    assert world.write(lambda connection: sessions.end_all(connection, ZOFIA.key, but=here[0].id)) == 1
    assert world.read(lambda connection: sessions.known(connection, mine[1], NOW)) is None
    assert [one.id for one in world.read(lambda connection: sessions.of_mailbox(connection, ZOFIA.key, NOW))] == [here[0].id]
    world.write(lambda connection: sessions.end(connection, theirs.id))
    with pytest.raises(NotFound):
        world.write(lambda connection: sessions.end(connection, theirs.id))


def test_of_too_many_sessions_of_one_mailbox_the_one_not_used_for_longest_ends(
    world: World, begun: Callable[..., tuple[Session, str]]
) -> None:
    first = begun(at=NOW)
    for number in range(sessions_max):
        begun(at=NOW + timedelta(seconds=1 + number))
    left = world.read(lambda connection: sessions.of_mailbox(connection, ZOFIA.key, NOW))
    assert len(left) == sessions_max
    assert first[0].id not in {one.id for one in left}


def test_what_is_over_is_deleted_when_the_next_one_begins(world: World, begun: Callable[..., tuple[Session, str]]) -> None:
    begun()
    begun(RealAddress("eve@evil.example"), at=NOW + DAY)
    assert len(world.read(lambda connection: connection.execute(select(table)).all())) == 1
