"""Tokens of the HTTP API: what is kept does not let anybody in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.archive import World
from support.world import NOW

from relay.errors import NotDone, NotFound
from relay.store import tokens
from relay.store.tables import tokens as table
from relay.store.tokens import Token


def created(world: World, *scopes: str, seed: int = 1) -> tuple[Token, str]:
    return world.write(
        lambda connection: tokens.create(
            connection, "booking system", scopes, now=NOW, new_id=world.new_id, random=lambda n: bytes([seed]) * n
        )
    )


def known(world: World, secret: str) -> Token | None:
    return world.read(lambda connection: tokens.known(connection, secret))


def test_a_token_is_known_by_its_secret_with_the_scopes_it_was_given(world: World) -> None:
    token, secret = created(world, "conversations:write", "archive:read")
    assert known(world, secret) == token
    assert token.scopes == {"conversations:write", "archive:read"}


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "0", lambda s: s.upper(), lambda s: "", lambda s: "\ud83d"])
def test_anything_but_the_secret_opens_nothing(world: World, change: Callable[[str], str]) -> None:
    _, secret = created(world, "conversations:write")
    assert known(world, change(secret)) is None


def test_a_secret_has_256_random_bits_and_is_not_kept(world: World) -> None:
    _, secret = created(world, "conversations:write")
    assert secret == "relay_" + "01" * 32
    row = world.read(lambda connection: connection.execute(select(table)).one())
    assert secret.removeprefix("relay_") not in str(row)
    assert bytes([1]) * 32 != row.digest


def test_a_revoked_token_opens_nothing_from_then_on(world: World) -> None:
    token, secret = created(world, "conversations:write")
    for later in (1, 2):
        world.write(lambda connection, at=later: tokens.revoke(connection, token.id, NOW + timedelta(hours=at)))
    assert known(world, secret) is None
    assert [one.revoked_at for one in world.read(tokens.listed)] == [NOW + timedelta(hours=1)]
    with pytest.raises(NotFound, match="no token nothing"):
        world.write(lambda connection: tokens.revoke(connection, "nothing", NOW))


def test_its_last_use_is_known_to_the_minute(world: World) -> None:
    token, secret = created(world, "conversations:write")
    assert tokens.is_stale(token, NOW)
    world.write(lambda connection: tokens.used(connection, token, NOW))
    fresh = known(world, secret)
    assert fresh is not None
    assert fresh.last_used_at == NOW
    assert not tokens.is_stale(fresh, NOW + timedelta(seconds=59))
    assert tokens.is_stale(fresh, NOW + timedelta(seconds=60))


@pytest.mark.parametrize("scopes", [(), ("",), ("two words",), ("Upper",), ("x" * 51,)])
def test_a_scope_is_a_word(world: World, scopes: tuple[str, ...]) -> None:
    with pytest.raises(NotDone, match="scope"):
        created(world, *scopes)


@pytest.mark.parametrize("name", ["", "x" * 201, "line\nbreak"])
def test_a_token_has_a_name_for_people(world: World, name: str) -> None:
    with pytest.raises(NotDone, match="name"):
        world.write(lambda c: tokens.create(c, name, ["a"], now=NOW, new_id=world.new_id, random=bytes))


def test_all_are_listed_the_oldest_first(world: World) -> None:
    made = [created(world, "a", seed=seed)[0] for seed in (1, 2, 3)]
    assert world.read(tokens.listed) == tuple(made)
