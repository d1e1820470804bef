"""Endpoints and their secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import NOW

from relay.errors import Conflict, NotFound
from relay.store.bookings import endpoints
from relay.store.bookings.endpoints import Endpoint, endpoints_max


def endpoint(number: int) -> Endpoint:
    return Endpoint(f"e{number:03d}", "https://shop.example/hook", (), NOW, None, None, "whsec_old")


def test_for_a_while_both_secrets_sign(world: World) -> None:
    world.write(lambda connection: endpoints.add(connection, endpoint(1)))
    until = NOW + timedelta(days=1)
    rotated = world.write(lambda connection: endpoints.rotate(connection, "e001", "whsec_new", until))
    assert rotated.secrets(NOW) == ("whsec_new", "whsec_old")
    assert rotated.secrets(until) == ("whsec_new",)
    assert "whsec" not in repr(rotated)


def test_there_are_only_so_many(world: World) -> None:
    """Invariant 12"""
    for number in range(endpoints_max):
        world.write(lambda connection, number=number: endpoints.add(connection, endpoint(number)))  # type: ignore[misc]
    with pytest.raises(Conflict):
        world.write(lambda connection: endpoints.add(connection, endpoint(endpoints_max)))


def test_what_is_not_there_is_not_found(world: World) -> None:
    for step in (
        lambda connection: endpoints.one(connection, "e9"),
        lambda connection: endpoints.remove(connection, "e9"),
        lambda connection: endpoints.rotate(connection, "e9", "whsec_new", NOW),
        lambda connection: endpoints.change(connection, "e9", None, is_enabled=True, now=NOW),
    ):
        with pytest.raises(NotFound):
            world.write(step)
