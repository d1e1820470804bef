"""What the page needs by which an answer by mail is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from relay.booking.situation import Act
from relay.values import Language


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer as it stands: it can be taken back while `is_open`; `due_at` is in UTC."""

    language: Language
    act: Act
    due_at: datetime
    is_open: bool
    is_undone: bool


class BookingAnswers(Protocol):
    """Answers by mail, by the secret in the receipt."""

    async def look(self, secret: str) -> OpenAnswer:
        """Changes nothing. Raises NotFound."""
        ...

    async def undo(self, secret: str) -> OpenAnswer:
        """As it stands afterwards; one that is not open stays as it is. Raises NotFound."""
        ...
