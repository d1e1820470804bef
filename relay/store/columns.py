"""What tables are made of: bounds and closed sets as checks, partial indexes, keys that count up."""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, MetaData

metadata: Final = MetaData(
    naming_convention={
        "ck": "%(table_name)s_%(constraint_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)
"""All tables, those of the mail and those of the bookings."""

growing: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite fills a key by itself only when it is an INTEGER."""


def one_of(column: str, closed: type[Enum]) -> CheckConstraint:
    """`column` holds the value of one of `closed`."""
    values = ", ".join(f"'{one.value}'" for one in closed)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def at_most(column: str, characters: int, least: int = 0) -> CheckConstraint:
    """`column` holds so many characters, and at least `least`."""
    return CheckConstraint(f"length({column}) BETWEEN {least} AND {characters}", name=f"{column}_length")


def sha256(column: str) -> CheckConstraint:
    """`column` holds a SHA-256, or nothing."""
    return CheckConstraint(f"length({column}) = 32", name=f"{column}_length")


def partial(name: str, *columns: str, where: str) -> Index:
    """An index over the rows alone for which `where` holds; the migrations make it, and a test holds the two together.

    Told to SQLAlchemy it would load its dialect of PostgreSQL also where that is not in use, which takes 2 MB (PERF-10).
    """
    return Index(name, *columns, info={"where": where})
