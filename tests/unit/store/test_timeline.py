"""The timeline is evidence (invariant 11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archive import World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.conversation import Conversation
from relay.store.timeline import Draft, Kind, append, canonical, commitment, entries, verify
from relay.values import ConversationId


def a_story(world: World) -> Conversation:
    """A conversation whose timeline has four entries."""
    conversation = world.opened()
    for hours, kind in enumerate((Kind.MESSAGE, Kind.DELIVERED, Kind.CLOSED), start=1):
        draft = Draft(conversation.id, kind, {"message": f"m{hours}", "in_doubt": False, "code": 250, "reason": None})
        world.write(lambda connection, one=draft, at=hours: append(connection, [one], NOW + timedelta(hours=at)))
    return conversation


def test_entries_are_numbered_and_come_oldest_first(world: World) -> None:
    conversation = a_story(world)
    found = world.read(lambda connection: entries(connection, conversation.id))
    assert [entry.number for entry in found] == [1, 2, 3, 4]
    assert [entry.kind for entry in found] == [Kind.OPENED, Kind.MESSAGE, Kind.DELIVERED, Kind.CLOSED]
    assert found[-1].at == NOW + timedelta(hours=3)
    assert found[-1].facts == {"message": "m3", "in_doubt": False, "code": 250, "reason": None}


def test_a_chain_that_nobody_touched_is_whole(world: World) -> None:
    conversation = a_story(world)
    assert world.read(lambda connection: verify(connection, conversation.id)) is None
    assert world.read(lambda connection: verify(connection, ConversationId("none"))) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE timeline SET facts = replace(facts, 'm1', 'm9') WHERE seq = 2", 2),
        ("UPDATE timeline SET kind = 'failed' WHERE seq = 3", 3),
        ("UPDATE timeline SET at = at + 1 WHERE seq = 4", 4),
        ("UPDATE timeline SET hash = previous WHERE seq = 1", 1),
        ("DELETE FROM timeline WHERE seq = 1", 1),
        ("DELETE FROM timeline WHERE seq = 3", 3),
    ],
)
def test_the_first_entry_that_is_not_what_was_written_is_found(world: World, statement: str, broken: int) -> None:
    conversation = a_story(world)
    world.tamper(statement)
    assert world.read(lambda connection: verify(connection, conversation.id)) == broken


def test_entries_that_changed_places_are_found(world: World) -> None:
    conversation = a_story(world)
    world.tamper(
        "UPDATE timeline SET seq = 99 WHERE seq = 2",
        "UPDATE timeline SET seq = 2 WHERE seq = 3",
        "UPDATE timeline SET seq = 3 WHERE seq = 99",
    )
    assert world.read(lambda connection: verify(connection, conversation.id)) == 2


def test_each_conversation_has_a_chain_of_its_own(world: World) -> None:
    first, second = world.opened("FIRST"), world.opened("SECOND")
    drafts = [Draft(one.id, Kind.MESSAGE, {"message": "m"}) for one in (first, second, first)]
    world.write(lambda connection: append(connection, drafts, NOW))
    for conversation, count in ((first, 3), (second, 2)):
        assert len(world.read(lambda connection, one=conversation: entries(connection, one.id))) == count
        assert world.read(lambda connection, one=conversation: verify(connection, one.id)) is None


@pytest.mark.parametrize("fact", [CUSTOMER_ADDRESS, ("d1", f"<{CUSTOMER_ADDRESS}>")])
def test_an_address_never_enters_a_timeline(fact: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no address"):
        Draft(ConversationId("c"), Kind.MESSAGE, {"text": fact})


def test_a_commitment_tells_nothing_without_its_salt() -> None:
    assert commitment(b"a" * 16, b"h" * 32) != commitment(b"b" * 16, b"h" * 32)
    assert commitment(b"a" * 16, b"h" * 32) == commitment(b"a" * 16, b"h" * 32)


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none()), max_size=6))
def test_facts_are_written_in_one_way_only(facts: dict[str, str | int | bool | None]) -> None:
    assert canonical(facts) == canonical(dict(reversed(facts.items())))
    assert canonical(facts).isascii()
