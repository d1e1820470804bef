"""How much waits, and for how long (faults.md 4.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.archive import LEASE, WORKER, World
from support.booked import written_down
from support.world import NOW

from relay.store import outbox, posting, presence
from relay.store.backlog import Backlog, Portion, backlog
from relay.store.tables import deliveries
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause, Deferred
from relay.transit.question import Question, digest_of
from relay.values import RealAddress

NOTHING = Backlog(
    due=0, late=timedelta(), oldest=timedelta(), held=0, parked=0, in_doubt=0, unposted=0, untended=0, workers=0, queue={}
)


def test_an_empty_table_has_nothing_waiting(world: World) -> None:
    assert world.read(lambda connection: backlog(connection, NOW)) == NOTHING


def test_each_kind_of_waiting_is_counted(world: World) -> None:
    conversation = world.opened()
    [doubtful] = world.accepted(world.crossing(conversation))
    world.accepted(world.crossing(conversation, at=NOW + timedelta(minutes=1), body="Second"))
    held = world.crossing(conversation, fate=Fate.HELD, body="Third")
    parked = world.crossing(conversation, fate=Fate.HELD, body="Fourth")
    world.accepted(held)
    world.accepted(replace(parked, passages=tuple(replace(one, reason="fault") for one in parked.passages)))
    # What waits for a party to say whether it is theirs waits for no operator (GW-6).
    asked_about = world.crossing(conversation, fate=Fate.HELD, body="Sixth")
    question = Question(RealAddress("who@x.example"), "", digest_of("secret"))
    [passage] = asked_about.passages
    waiting = replace(passage, reason="unknown_writer", question=question)
    world.accepted(replace(asked_about, passages=(waiting,)))
    dropped = world.crossing(conversation, fate=Fate.HELD, body="Fifth")
    world.accepted(dropped)
    world.dropped(dropped)
    answer_lost = Deferred(Cause.SERVER_UNREACHABLE, None, "lost", in_doubt=True)
    world.write(lambda c: outbox.record(c, doubtful.id, answer_lost, now=NOW, next_due=NOW + timedelta(minutes=5)))
    world.write(lambda c: presence.beat(c, "another-worker"))
    now = NOW + timedelta(hours=1)
    assert world.read(lambda connection: backlog(connection, now)) == Backlog(
        due=2,
        late=timedelta(minutes=55),
        oldest=timedelta(hours=1),
        held=2,
        parked=1,
        in_doubt=1,
        unposted=0,
        untended=1,
        workers=1,
        queue={Portion("due", "1h", "other"): 1, Portion("due", "4h", "other"): 1},
    )
    world.write(lambda c: presence.beat(c, WORKER))
    assert world.read(lambda connection: backlog(connection, NOW + LEASE)).untended == 0


@pytest.mark.parametrize(
    ("domain", "after", "portion"),
    [
        ("gmail.com", timedelta(0), Portion("due", "5m", "google")),
        ("hotmail.com", timedelta(minutes=5), Portion("due", "1h", "microsoft")),
        ("alpine-tours.example", timedelta(hours=23), Portion("due", "1d", "other")),
        ("notgmail.com", timedelta(days=2), Portion("due", "more", "other")),
    ],
)
def test_the_queue_is_told_by_age_and_by_the_large_destinations_alone(
    world: World, domain: str, after: timedelta, portion: Portion
) -> None:
    """No figure names the domain of a party."""
    world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: connection.execute(deliveries.update().values(domain=domain)))
    assert world.read(lambda connection: backlog(connection, NOW + after)).queue == {portion: 1}


def test_mail_about_bookings_counts_while_it_waits_to_be_written_and_where_it_cannot_be(world: World) -> None:
    """Invariant 4: what nobody posts is seen"""
    for at in (NOW, NOW, NOW + timedelta(hours=1)):
        written_down(world, at=at)
    parked = written_down(world)
    world.write(lambda connection: posting.park(connection, parked, "KeyError in letter.py:12", NOW))
    figures = world.read(lambda connection: backlog(connection, NOW))
    assert (figures.unposted, figures.held, figures.parked, figures.due) == (2, 1, 1, 0)
