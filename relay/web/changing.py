"""Changing what is in the catalogue: fields by name, and texts in several languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import Field

from relay.booking.catalogue import Offer, Variant
from relay.booking.partner import Partner
from relay.booking.profile import Profile
from relay.booking.texts import Text, Texts
from relay.errors import NotDone
from relay.values import Language
from relay.web.terms import LongText

T = TypeVar("T", Partner, Offer, Variant, Profile)

GivenTexts = Annotated[
    dict[Language, LongText],
    Field(min_length=1, description="The same in one or more languages; the first is read by who has none of them."),
]


def texts(given: dict[Language, str]) -> Texts:
    """Raises ValueError."""
    return Texts(tuple(Text(language, text) for language, text in given.items()))


def told(said: Texts) -> dict[Language, str]:
    """By language, the first first."""
    return {one.language: one.text for one in said.said}


def replaced(changes: dict[str, Any]) -> Callable[[T], T]:  # fields of a dataclass, by name
    """A change that puts these in their places; it raises NotDone where what comes of it cannot be."""

    def change(before: T) -> T:
        try:
            return replace(before, **changes)
        except ValueError as wrong:
            raise NotDone(str(wrong)) from None

    return change
