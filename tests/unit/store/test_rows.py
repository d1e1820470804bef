"""Rows as the driver takes them, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from support.archive import World

from relay.store.rows import Inserted, Row, in_one
from relay.store.tables import aliases

MINTED: list[Row] = [("customer-1", 1), ("customer-2", 2), ("customer-3", 3)]


def minted(world: World) -> list[str]:
    return world.read(lambda connection: list(connection.execute(select(aliases.c.local).order_by(aliases.c.local)).scalars()))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_many_rows_are_one_statement_and_none_are_none(world: World, count: int) -> None:
    world.write(lambda connection: in_one(connection, "INSERT INTO aliases (local, minted_at)", MINTED[:count]))
    assert minted(world) == [name for name, _ in MINTED[:count]]


def test_what_follows_the_rows_belongs_to_the_statement(world: World) -> None:
    """Both databases call the columns of VALUES column1, column2."""
    world.write(lambda connection: Inserted(aliases, "local", "minted_at")(connection, MINTED))
    renamed: list[Row] = [("customer-1", "customer-8"), ("customer-3", "customer-9")]
    before, after = "UPDATE aliases SET local = one.column2 FROM (", ") AS one WHERE aliases.local = one.column1"
    world.write(lambda connection: in_one(connection, before, renamed, after))
    assert minted(world) == ["customer-2", "customer-8", "customer-9"]


def test_a_column_that_a_table_has_not_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="aliases has no locale"):
        Inserted(aliases, "locale")
