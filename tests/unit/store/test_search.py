"""Support finds a message by its words and its properties (AR-2, AR-3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from support.archive import World
from support.world import NOW

from relay.errors import NotDone
from relay.store import indexing, search
from relay.store.search import Hit
from relay.transit.crossing import Fate
from relay.values import MessageId, Role

DAY = timedelta(days=1)


def indexed(world: World) -> int:
    return world.write(indexing.index_some)


def found(world: World, query: str, limit: int = 20) -> tuple[Hit, ...]:
    return world.read(lambda connection: search.search(connection, query, limit))


def some_messages(world: World) -> dict[str, MessageId]:
    """Five messages in two conversations, a day apart, in the index."""
    tour, stay = world.opened("GYG-4K7Q2X9ABC"), world.opened("STAY1")
    crossings = {
        "meeting": world.crossing(tour, body="Gdzie jest punkt spotkania w Łodzi? The meeting point please."),
        "point": world.crossing(tour, writer=Role.PARTNER, body="At that point we are meeting.", at=NOW + DAY),
        "file": world.crossing(tour, subject="Your voucher", body="See below.", files="Reisegutschein.pdf", at=NOW + 2 * DAY),
        "refused": world.crossing(stay, fate=Fate.REFUSED, body="refund me", at=NOW + 3 * DAY),
        "refund": world.crossing(stay, body="A refund, 東京 please", at=NOW + 4 * DAY),
    }
    for name, crossing in crossings.items():
        world.accepted(crossing, now=NOW + DAY * list(crossings).index(name))
    indexed(world)
    return {name: crossing.envelope.id for name, crossing in crossings.items()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("refund", ["refund", "refused"]),  # the newest first
        ("meeting point", ["point", "meeting"]),
        ('"meeting point"', ["meeting"]),
        ("lodzi", ["meeting"]),
        ("ŁODZI", ["meeting"]),
        ("spotk*", ["meeting"]),
        ("spotk", []),
        ("東京", ["refund"]),
        ("京東", []),
        ("reisegutschein", ["file"]),  # file names
        ("kowalska voucher", ["file"]),  # people
        ("@poczta.example voucher", ["file"]),
        ("poczta.example voucher", []),  # half an address is nothing that one finds
        ("booking:gyg4k7q2x9abc", ["file", "point", "meeting"]),
        ("booking:GYG-4K7-Q2X9-ABC meeting", ["point", "meeting"]),
        ("booking:gyg4k7", []),
        ("by:partner", ["point"]),
        ("from:partner", ["point"]),
        ("fate:refused", ["refused"]),
        ("refund -fate:refused", ["refund"]),
        ("refund -tokyo", ["refund", "refused"]),
        ("has:attachment", ["file"]),
        ("after:2026-06-04", ["refund", "refused"]),
        ("before:2026-06-02T12:00:00Z", ["meeting"]),
        ("after:2026-06-02T12:00:00Z before:2026-06-03T12:00:00Z", ["point"]),
        ("refund after:2026-06-05", ["refund"]),
        ("refund before:2026-06-05", ["refused"]),
        ("meeting after:2026-06-02T12:00:00Z", ["point"]),
        ("meeting before:2026-06-02T12:00:00Z", ["meeting"]),
        ("customer", []),  # a property is no word
        ("AND OR NOT NEAR", []),  # nor is a word an operator
        ("subject", []),
    ],
)
def test_a_message_is_found_by_what_describes_it(world: World, query: str, names: list[str]) -> None:
    ids = some_messages(world)
    assert [hit.message for hit in found(world, query)] == [ids[name] for name in names]


def test_a_hit_shows_where_it_is_and_what_became_of_it(world: World) -> None:
    some_messages(world)
    (hit,) = found(world, "refund -fate:refused")
    assert [(share.reference, share.writer, share.fate) for share in hit.shares] == [("STAY1", Role.CUSTOMER, Fate.PASSED)]
    assert [span.text for span in hit.snippet if span.hit] == ["refund"]
    assert "".join(span.text for span in hit.subject) == "Where do we meet?"
    assert hit.received_at == NOW + 4 * DAY


def test_only_so_many_hits_are_shown(world: World) -> None:
    ids = some_messages(world)
    assert [hit.message for hit in found(world, "refund", limit=1)] == [ids["refund"]]


def test_what_was_not_indexed_yet_is_not_found_and_is_counted(world: World) -> None:
    """AR-3: "indexed x of y" """
    conversation = world.opened()
    for _ in range(3):
        world.accepted(world.crossing(conversation, body="refund"))
    assert world.read(indexing.waiting) == 3
    assert found(world, "refund") == ()
    assert world.write(lambda connection: indexing.index_some(connection, 2)) == 2
    assert len(found(world, "refund")) == 2
    assert [indexed(world), indexed(world)] == [1, 0]
    assert len(found(world, "refund")) == 3
    assert world.read(indexing.waiting) == 0


def test_a_released_message_is_found_by_its_new_fate_and_no_longer_by_the_old(world: World) -> None:
    crossing = world.crossing(world.opened(), fate=Fate.HELD, body="refund")
    world.accepted(crossing)
    indexed(world)
    assert len(found(world, "fate:held")) == 1
    world.let_out(crossing)
    assert indexed(world) == 1
    assert (len(found(world, "fate:held")), len(found(world, "fate:passed refund"))) == (0, 1)


def test_what_changed_between_folding_and_learning_is_learnt_as_it_is_now(world: World) -> None:
    crossing = world.crossing(world.opened(), fate=Fate.HELD, body="refund")
    world.accepted(crossing)
    folded = world.read(indexing.unlearnt)
    world.let_out(crossing)
    assert world.write(lambda connection: indexing.learn(connection, folded)) == 1
    assert len(found(world, "fate:passed")) == 1
    # Learnt meanwhile by somebody else: nothing is learnt twice.
    assert world.write(lambda connection: indexing.learn(connection, folded)) == 0
    assert len(found(world, "refund")) == 1


def test_the_index_is_rebuilt_from_what_is_kept(world: World) -> None:
    ids = some_messages(world)
    before = found(world, "refund")
    world.write(indexing.rebuild)
    assert found(world, "refund") == ()
    assert indexed(world) == len(ids)
    assert found(world, "refund") == before
    assert world.read(indexing.waiting) == 0


@pytest.mark.sqlite_only
def test_the_index_is_sound_after_all_this(world: World) -> None:
    some_messages(world)
    world.write(lambda c: c.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')")))


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '"" refund',
        "*",
        "refund) OR (1",
        "{subject} : refund",
        "refund\x00",
        "^refund",
        "a+b",
        "NEAR(a b)",
        "\ue000bypartner",
    ],
)
def test_nothing_that_is_typed_reaches_the_index_as_a_command(world: World, query: str) -> None:
    some_messages(world)
    try:
        hits = found(world, query)
    except NotDone:
        return
    assert all(hit.message for hit in hits)
    assert not [hit for hit in hits if query == "\ue000bypartner"]


def test_with_many_copies_of_a_common_word_only_the_newest_are_read(world: World) -> None:
    conversation = world.opened()
    for number in range(60):
        world.accepted(world.crossing(conversation, body=f"common word {number}"))
    indexed(world)
    assert [hit.snippet[-1].text for hit in found(world, "common", limit=3)] == [" word 59", " word 58", " word 57"]
