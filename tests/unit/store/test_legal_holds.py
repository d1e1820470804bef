"""Legal holds: who may end one, what they keep, and what the timeline tells of them (AR-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.errors import Conflict, NotFound
from relay.store import cases, legal_holds, timeline
from relay.store.legal_holds import LegalHold, Placing
from relay.store.life_tables import Held
from relay.store.timeline import Kind
from relay.values import RealAddress

REVIEW = NOW + timedelta(days=90)
REFERENCE = "GYG4K7Q2X9ABC"


def placed(world: World, **on: object) -> LegalHold:
    wanted = Placing(reason="claim of 2 May", owner="eva", review_at=REVIEW, **on)  # type: ignore[arg-type]
    return world.write(lambda connection: legal_holds.place(connection, wanted, by="eva", now=NOW))


def released(world: World, number: int, by: str) -> LegalHold:
    return world.write(lambda connection: legal_holds.release(connection, number, by=by, now=NOW))


def is_held(world: World, reference: str = REFERENCE) -> bool:
    return world.read(lambda connection: legal_holds.is_held(connection, reference))


def on_each(world: World) -> dict[Held, dict[str, object]]:
    case = world.write(lambda connection: cases.opened(connection, REFERENCE, "no show", "eva", None, "eva", NOW))
    return {
        Held.BOOKING: {"reference": REFERENCE},
        Held.PARTY: {"address": RealAddress(CUSTOMER_ADDRESS.upper())},
        Held.CASE: {"case": case.number},
    }


@pytest.mark.parametrize("kind", list(Held))
def test_a_hold_keeps_its_booking_until_two_people_have_agreed_that_it_ends(world: World, kind: Held) -> None:
    world.opened()
    on = on_each(world)[kind]
    assert not is_held(world)
    hold = placed(world, **on)
    assert (hold.kind, hold.is_in_force, is_held(world)) == (kind, True, True)
    assert released(world, hold.number, "eva").is_in_force
    with pytest.raises(Conflict, match="second person"):
        released(world, hold.number, "eva")
    assert is_held(world)
    assert not released(world, hold.number, "jan").is_in_force
    assert not is_held(world)
    with pytest.raises(Conflict, match="ended already"):
        released(world, hold.number, "ute")


@pytest.mark.parametrize("kind", list(Held))
def test_each_step_is_in_the_timeline_and_has_a_leaf_to_come(world: World, kind: Held) -> None:
    conversation = world.opened()
    hold = placed(world, **on_each(world)[kind])
    released(world, hold.number, "eva")
    released(world, hold.number, "jan")
    entries = world.read(lambda connection: timeline.entries(connection, conversation.id))
    assert [(one.kind, one.facts["by"], one.facts["hold"]) for one in entries[1:]] == [
        (Kind.LEGAL_HOLD, "eva", hold.number),
        (Kind.LEGAL_HOLD_END_ASKED, "eva", hold.number),
        (Kind.LEGAL_HOLD_RELEASED, "jan", hold.number),
    ]
    assert "claim" not in repr(entries)


def test_a_hold_on_a_party_keeps_all_of_their_conversations_and_nobody_elses(world: World) -> None:
    world.opened("GYG-A")
    placed(world, address=RealAddress(CUSTOMER_ADDRESS))
    world.opened("GYG-B")
    assert is_held(world, "GYG-A")
    assert is_held(world, "GYG-B")
    other = placed(world, address=RealAddress("somebody@else.example"))
    assert world.read(lambda connection: [one.number for one in legal_holds.of_booking(connection, "GYG-A")]) != [other.number]
    assert not is_held(world, "GYG-C")


def test_a_hold_needs_what_it_lies_on_a_reason_and_a_review_to_come(world: World) -> None:
    world.opened()
    with pytest.raises(NotFound):
        placed(world, reference="GYG-NONE")
    with pytest.raises(NotFound):
        placed(world, case=12)
    with pytest.raises(Conflict):
        placed(world)
    for wrong in (
        Placing(reason=" ", owner="eva", review_at=REVIEW, reference=REFERENCE),
        Placing(reason="claim", owner="eva", review_at=NOW, reference=REFERENCE),
        Placing(reason="claim", owner="eva@house.example", review_at=REVIEW, reference=REFERENCE),
    ):
        with pytest.raises(Conflict):
            world.write(lambda connection, wrong=wrong: legal_holds.place(connection, wrong, by="eva", now=NOW))  # type: ignore[misc]
    assert world.read(legal_holds.listed) == ()


def test_nothing_is_erased_of_what_is_held(world: World) -> None:
    world.opened()
    hold = placed(world, reference=REFERENCE)
    with pytest.raises(Conflict, match=rf"legal hold \({hold.number}\)"):
        world.read(lambda connection: legal_holds.refuse_held(connection, REFERENCE))
    world.read(lambda connection: legal_holds.refuse_held(connection, "GYG-OTHER"))
