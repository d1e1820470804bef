"""Destinations that an operator suspends: nothing is lost, and what waited is due again when they are resumed (GW-50)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.archive import LEASE, World
from support.world import NOW

from relay.errors import Conflict, NotDone, NotFound
from relay.store import destinations, outbox, queue
from relay.store.queue import Wanted
from relay.store.stepping import Step
from relay.transit.delivery import Cause, Deferred
from relay.values import Role

LATER = Deferred(Cause.SERVER_UNREACHABLE, None, "no answer")
STEP = Step("account eva", NOW, "their server loops")


def test_a_destination_is_suspended_once_and_under_its_name_in_dns(world: World) -> None:
    assert world.write(lambda connection: destinations.suspend(connection, " Bücher.Example. ", STEP)) == "xn--bcher-kva.example"
    with pytest.raises(Conflict, match="already"):
        world.write(lambda connection: destinations.suspend(connection, "bücher.example", STEP))
    assert world.read(destinations.suspended) == {"xn--bcher-kva.example"}
    [one] = world.read(destinations.listed)
    assert (one.since, one.by, one.because, one.due) == (NOW, "account eva", "their server loops", 0)


@pytest.mark.parametrize("wrong", ["", "   ", "localhost", "a" * 300 + ".example", "eva@house.example/"])
def test_what_is_no_domain_is_not_suspended(world: World, wrong: str) -> None:
    with pytest.raises(NotDone):
        world.write(lambda connection: destinations.suspend(connection, wrong, STEP))


def test_what_waited_is_due_at_once_when_it_is_resumed_and_nothing_else(world: World) -> None:
    conversation = world.opened()
    [waits] = world.accepted(world.crossing(conversation))
    [in_hand] = world.accepted(world.crossing(conversation, body="Second"))
    [elsewhere] = world.accepted(world.crossing(conversation, writer=Role.PARTNER, body="Third"))
    for one in (waits, elsewhere):
        world.write(lambda c, id_=one.id: outbox.record(c, id_, LATER, now=NOW, next_due=NOW + timedelta(hours=4)))
    domain = waits.recipient.reveal().rpartition("@")[2]
    world.write(lambda connection: destinations.suspend(connection, domain, STEP))
    assert world.read(destinations.listed)[0].due == 2
    resumed = NOW + timedelta(hours=1)
    assert world.write(lambda connection: destinations.resume(connection, domain, resumed)) == 1
    due = {one.id: one.due_at for one in world.read(lambda c: queue.listing(c, Wanted()))}
    assert due == {waits.id: resumed, in_hand.id: NOW + LEASE, elsewhere.id: NOW + timedelta(hours=4)}
    with pytest.raises(NotFound):
        world.write(lambda connection: destinations.resume(connection, domain, resumed))


def test_a_destination_of_few_mailboxes_is_named_to_nobody(world: World) -> None:
    """Invariant 1: whose domain it is would tell whose mail it is."""
    conversation = world.opened()
    world.accepted(world.crossing(conversation))
    assert [(one.domain, one.due) for one in world.read(lambda c: destinations.bound(c, 20))] == [("", 1)]
    for number in range(destinations.few):
        crossing = world.crossing(conversation, body=f"To {number}")
        delivery = world.delivery(crossing.envelope.id, conversation, to=f"someone{number}@large.example")
        world.accepted(replace(crossing, passages=tuple(replace(one, deliveries=(delivery,)) for one in crossing.passages)))
    assert [(one.domain, one.due) for one in world.read(lambda c: destinations.bound(c, 20))] == [("large.example", 3), ("", 1)]


def test_not_more_destinations_are_suspended_than_each_worker_remembers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "suspended_max", 2)
    for name in ("a.example", "b.example"):
        world.write(lambda connection, name=name: destinations.suspend(connection, name, STEP))  # type: ignore[misc]
    with pytest.raises(Conflict, match="more than 2"):
        world.write(lambda connection: destinations.suspend(connection, "c.example", STEP))
