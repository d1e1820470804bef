"""Finding conversations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import DOMAIN, NOW

from relay.conversation import Standing
from relay.errors import NotFound
from relay.store import steps
from relay.store.conversations import by_alias, by_id, by_reference, listed
from relay.values import Alias, ConversationId


def test_either_alias_leads_to_its_conversation_whole(world: World) -> None:
    """Invariant 5"""
    first, second = world.opened("FIRST"), world.opened("SECOND")
    for conversation in (first, second):
        for party in conversation.parties():
            assert world.read(lambda connection, alias=party.alias: by_alias(connection, alias)) == conversation


def test_an_alias_is_found_whatever_its_case(world: World) -> None:
    """GW-1, CASE-40"""
    conversation = world.opened()
    shouted = Alias(conversation.partner.alias.local.upper(), DOMAIN.upper())
    assert world.read(lambda connection: by_alias(connection, shouted)) == conversation


@pytest.mark.parametrize("alias", [Alias("customer-ffffffffffff", DOMAIN), Alias("", DOMAIN), Alias("customer-%", DOMAIN)])
def test_what_is_no_alias_leads_nowhere(world: World, alias: Alias) -> None:
    world.opened()
    assert world.read(lambda connection: by_alias(connection, alias)) is None


def test_an_alias_of_another_domain_leads_nowhere(world: World) -> None:
    local = world.opened().partner.alias.local
    assert world.read(lambda connection: by_alias(connection, Alias(local, "other.example"))) is None


def test_a_conversation_is_found_by_its_booking_and_by_its_id(world: World) -> None:
    conversation = world.opened()
    assert world.read(lambda connection: by_reference(connection, conversation.reference)) == conversation
    assert world.read(lambda connection: by_id(connection, conversation.id)) == conversation


def test_what_is_not_there_is_said_to_be_missing(world: World) -> None:
    with pytest.raises(NotFound, match="NONE"):
        world.read(lambda connection: by_reference(connection, "NONE"))
    with pytest.raises(NotFound, match="none"):
        world.read(lambda connection: by_id(connection, ConversationId("none")))


def test_the_newest_are_listed_first_and_page_by_page(world: World) -> None:
    references = [world.opened(f"R{number}").reference for number in range(5)]
    first = world.read(lambda connection: listed(connection, now=NOW, limit=3))
    assert [one.reference for one in first] == references[:1:-1]
    rest = world.read(lambda connection: listed(connection, now=NOW, limit=3, after=first[-1].id))
    assert [one.reference for one in rest] == references[1::-1]
    assert world.read(lambda connection: listed(connection, now=NOW, after=rest[-1].id)) == ()


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=1), timedelta(days=16), timedelta(days=40)])
def test_a_list_of_one_standing_holds_what_stands_so(world: World, standing: Standing, later: timedelta) -> None:
    """The condition in the database and Conversation.standing say the same, at every edge."""
    now = NOW + later
    world.opened("OPEN")
    world.opened("PENDING", pending=True)
    world.opened("CLOSED")
    world.write(lambda connection: steps.close(connection, "CLOSED", now=NOW + timedelta(days=1)))
    everyone = world.read(lambda connection: listed(connection, now=now))
    chosen = world.read(lambda connection: listed(connection, now=now, standing=standing))
    assert len(everyone) == 3
    assert chosen == tuple(one for one in everyone if one.standing(now) is standing)
