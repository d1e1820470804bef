"""A house with the boat tour in its catalogue, on each database."""

from __future__ import annotations

import pytest
from support.archive import World
from support.bookkeeping import Office


@pytest.fixture
def office(world: World) -> Office:
    """It takes reservations for a boat with eight places."""
    return Office(world)
