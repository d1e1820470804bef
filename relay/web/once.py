"""Requests that may come again because their answer was lost: each is carried out once (Idempotency-Key)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from relay.errors import Conflict, NotDone

T = TypeVar("T")
"""What comes of the request."""


@dataclass(frozen=True, slots=True)
class Once(Generic[T]):
    """A request that may come again because its answer was lost: it is carried out once, and answered the same each time.

    `owner` is the id of the token, `digest` tells the request from another one under the same key. `answer` renders what came of
    it; whoever carries the request out keeps that text in the transaction that does it, so that no crash comes between.
    """

    owner: str
    key: str
    digest: bytes
    answer: Callable[[T], str]


class Repeated(Conflict):
    """The request was carried out meanwhile, by another one with the same key; `Repeats` has its answer."""


class KeyReused(NotDone):
    """The key was used for another request."""


class Repeats(Protocol):
    """What requests that may come again were answered, kept for a day at least."""

    async def of(self, once: Once[Any]) -> str | None:
        """What that request was answered; None when it was not carried out. Raises KeyReused."""
        ...
