"""Somebody of the house keeps a search under a name of their own (AR-2)."""

from __future__ import annotations

import pytest
from support.archive import World
from support.world import NOW

from relay.errors import Conflict
from relay.store import saved_searches
from relay.store.saved_searches import SavedSearch, kept_max


def test_a_search_is_kept_replaced_and_forgotten_each_account_for_itself(world: World) -> None:
    world.write(lambda c: saved_searches.keep(c, "eva", SavedSearch("refunds", "refund*"), NOW))
    world.write(lambda c: saved_searches.keep(c, "eva", SavedSearch("refunds", "refund* by:customer"), NOW))
    world.write(lambda c: saved_searches.keep(c, "ada", SavedSearch("mine", "is:open"), NOW))
    assert world.read(lambda c: saved_searches.of_account(c, "eva")) == (SavedSearch("refunds", "refund* by:customer"),)
    world.write(lambda c: saved_searches.forget(c, "eva", "refunds"))
    assert world.read(lambda c: saved_searches.of_account(c, "eva")) == ()
    assert len(world.read(lambda c: saved_searches.of_account(c, "ada"))) == 1


def test_there_is_a_bound_to_them(world: World) -> None:
    for number in range(kept_max):
        world.write(lambda c, number=number: saved_searches.keep(c, "eva", SavedSearch(str(number), "refund"), NOW))
    with pytest.raises(Conflict):
        world.write(lambda c: saved_searches.keep(c, "eva", SavedSearch("one more", "refund"), NOW))
