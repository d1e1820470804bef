"""A dispute about a booking has a case: who decides it, until when, by what, and how it came to that (AR-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from support.archive import World
from support.world import NOW

from relay.errors import Conflict, NotFound, Unavailable
from relay.store import cases, conversations
from relay.store.cases import CaseChanged
from relay.transit.casework import Case, CaseState, Decided

DUE = NOW + timedelta(days=2)


def a_case(world: World, reference: str = "GYG4K7Q2X9ABC") -> Case:
    world.opened(reference)
    return world.write(lambda c: cases.opened(c, reference, "guide did not show", "eva", DUE, "eva", NOW))


def test_a_case_is_opened_for_a_booking_that_is_known(world: World) -> None:
    case = a_case(world)
    assert (case.version, case.state, case.owner, case.due_at) == (1, CaseState.OPEN, "eva", DUE)
    assert world.read(lambda c: cases.one(c, case.number)) == case
    assert world.read(lambda c: cases.of_booking(c, "GYG4K7Q2X9ABC")) == (case,)
    with pytest.raises(NotFound):
        world.write(lambda c: cases.opened(c, "NONE", "a title", "eva", None, "eva", NOW))
    with pytest.raises(Conflict):
        world.write(lambda c: cases.opened(c, "GYG4K7Q2X9ABC", "", "eva", None, "eva", NOW))


def test_it_is_decided_once_with_a_reason_and_reopened_without(world: World) -> None:
    n = a_case(world).number
    with pytest.raises(Conflict):
        world.write(lambda c: cases.decided(c, n, 1, Decided.FULL, "", "eva", NOW))
    case = world.write(lambda c: cases.decided(c, n, 1, Decided.PART, "rule 7: half", "eva", NOW))
    assert (case.state, case.decision, case.because, case.version) == (CaseState.DECIDED, Decided.PART, "rule 7: half", 2)
    with pytest.raises(Conflict):
        world.write(lambda c: cases.decided(c, n, 2, Decided.FULL, "again", "eva", NOW))
    assert world.write(lambda c: cases.closed(c, n, 2, "eva", NOW)).state is CaseState.CLOSED
    with pytest.raises(Conflict):
        world.write(lambda c: cases.handed_over(c, n, 3, "ada", None, "eva", NOW))
    again = world.write(lambda c: cases.reopened(c, n, 3, "ada", NOW))
    assert (again.state, again.decision, again.because) == (CaseState.OPEN, None, "")
    assert [one.did for one in world.read(lambda c: cases.notes(c, n))] == ["opened", "decided", "closed", "reopened"]


def test_whoever_looked_at_an_older_version_changes_nothing(world: World) -> None:
    n = a_case(world).number
    world.write(lambda c: cases.handed_over(c, n, 1, "ada", None, "eva", NOW))
    with pytest.raises(CaseChanged) as changed:
        world.write(lambda c: cases.closed(c, n, 1, "eva", NOW))
    assert changed.value.version == 2
    assert world.read(lambda c: cases.one(c, n)).owner == "ada"


def test_notes_stay(world: World) -> None:
    n = a_case(world).number
    world.write(lambda c: cases.add_note(c, n, "called the partner", "eva", NOW))
    assert [(one.by, one.text) for one in world.read(lambda c: cases.notes(c, n)) if not one.did] == [
        ("eva", "called the partner")
    ]
    with pytest.raises(Conflict):
        world.write(lambda c: cases.add_note(c, n, "", "eva", NOW))
    with pytest.raises(Unavailable, match=r"append-only|P0001"):
        world.write(lambda c: c.execute(text("DELETE FROM case_notes")))


def test_labels_are_folded_and_cases_are_listed_by_them(world: World) -> None:
    n = a_case(world).number
    second = a_case(world, "STAY1").number
    case = world.write(lambda c: cases.labelled(c, n, 1, ["No-Show", "no-show", " VIP  guest "], "eva", NOW))
    assert case.labels == ("no-show", "vip guest")
    assert [one.number for one in world.read(lambda c: cases.listed(c, label="NO-SHOW"))] == [n]
    assert [one.number for one in world.read(lambda c: cases.listed(c))] == [second, n]
    assert [one.number for one in world.read(lambda c: cases.listed(c, before=second))] == [n]
    assert world.read(lambda c: cases.listed(c, state=CaseState.CLOSED)) == ()
    assert len(world.read(lambda c: cases.listed(c, owner="eva"))) == 2
    with pytest.raises(Conflict):
        world.write(lambda c: cases.labelled(c, n, 2, [str(one) for one in range(21)], "eva", NOW))


def test_the_basket_holds_messages_of_its_own_booking_each_once(world: World) -> None:
    n = a_case(world).number
    stay = world.opened("STAY1")
    own = world.crossing(world.read(lambda c: conversations.by_reference(c, "GYG4K7Q2X9ABC")))
    others = world.crossing(stay, body="of another booking")
    for one in (own, others):
        world.accepted(one)
    for _ in range(2):
        world.write(lambda c: cases.add_evidence(c, n, own.envelope.id, "the question", "eva", NOW))
    assert [(one.message, one.why) for one in world.read(lambda c: cases.evidence(c, n))] == [(own.envelope.id, "the question")]
    with pytest.raises(Conflict):
        world.write(lambda c: cases.add_evidence(c, n, others.envelope.id, "", "eva", NOW))
    with pytest.raises(NotFound):
        world.write(lambda c: cases.add_evidence(c, n, "none", "", "eva", NOW))
    world.write(lambda c: cases.remove_evidence(c, n, own.envelope.id, "eva", NOW))
    assert world.read(lambda c: cases.evidence(c, n)) == ()
    assert [one.did for one in world.read(lambda c: cases.notes(c, n))] == ["opened", "evidence in", "evidence out"]
