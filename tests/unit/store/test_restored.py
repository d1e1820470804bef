"""What was under way when a backup was made is sent again, or held in front of a person (decisions/0008; invariants 4 and 8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import pytest
from support.archive import World
from support.world import NOW

from relay.store import audit, queue, sessions, sign_in_links
from relay.store.restored import UnderWay, decide_under_way
from relay.store.sessions import Beginning
from relay.store.sign_in_links import Rates, Wish
from relay.store.stepping import Step
from relay.store.tables import State
from relay.store.timeline import Kind, entries
from relay.values import Language, RealAddress

LIFETIME: Final = timedelta(hours=48)


@pytest.mark.parametrize(
    ("restored_at", "hold_all", "state", "kind", "counted"),
    [
        (NOW + timedelta(hours=1), False, State.DUE, Kind.RETRIED, UnderWay(1, 0)),
        (NOW + LIFETIME - timedelta(seconds=1), False, State.DUE, Kind.RETRIED, UnderWay(1, 0)),
        (NOW + LIFETIME, False, State.HELD, Kind.HELD, UnderWay(0, 1)),
        (NOW + timedelta(hours=1), True, State.HELD, Kind.HELD, UnderWay(0, 1)),
    ],
)
def test_within_its_lifetime_it_is_sent_again_and_after_it_held(
    world: World, restored_at: datetime, hold_all: bool, state: State, kind: Kind, counted: UnderWay
) -> None:
    conversation = world.opened()
    [delivery] = world.accepted(world.crossing(conversation))
    step = Step("restore", restored_at, "the state of yesterday was put back")
    assert world.write(lambda connection: decide_under_way(connection, step, LIFETIME, hold_all=hold_all)) == counted
    tracked = world.read(lambda connection: queue.shown(connection, delivery.id))
    assert (tracked.state, tracked.in_doubt, tracked.claimed_by) == (state, True, None)
    last = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (last.kind, last.facts["by"]) == (kind, "restore")
    assert world.read(lambda connection: audit.unaccounted(connection, restored_at)) == ()


def test_what_had_its_end_before_the_backup_stays_as_it_is(world: World) -> None:
    conversation = world.opened()
    [delivery] = world.accepted(world.crossing(conversation))
    world.write(lambda connection: queue.drop(connection, delivery.id, Step("ops", NOW, "spam")))
    step = Step("restore", NOW + timedelta(days=9))
    assert world.write(lambda connection: decide_under_way(connection, step, LIFETIME, hold_all=False)) == UnderWay(0, 0)
    assert world.read(lambda connection: queue.shown(connection, delivery.id)).state is State.DROPPED


def test_whoever_was_signed_in_has_to_do_so_anew(world: World) -> None:
    """What was ended in the time that is lost would count again, and a link that was used."""
    zofia = RealAddress("zofia@poczta.example")
    new = Beginning(zofia, Language.PL, NOW, timedelta(days=30))
    wish = Wish(world.new_id(), zofia, "local", Language.PL, "", NOW)
    world.write(lambda connection: sessions.begin(connection, new, new_id=world.new_id, new_secret=lambda: "session"))
    world.write(lambda connection: sign_in_links.ask(connection, wish, Rates(None, None)))
    world.write(lambda connection: sign_in_links.write(connection, wish, "link", NOW, timedelta(days=30)))
    world.write(lambda connection: decide_under_way(connection, Step("restore", NOW), LIFETIME, hold_all=False))
    assert world.read(lambda connection: sessions.known(connection, "session", NOW)) is None
    assert world.write(lambda connection: sign_in_links.use(connection, "link", NOW)) is None
