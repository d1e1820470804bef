"""What a customer has to do before they go: sign a contract, hand in data (SV-2, SV-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from relay.booking.texts import Texts

before_start_max: Final = timedelta(days=365)


class RequirementKind(Enum):
    """SV-3"""

    SIGN = "sign"
    """A contract, of travel for example."""
    HAND_OVER = "hand over"
    """Names, contacts, other data."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A required action: what it is, in the partner's words, and until how long before the start (SV-3, SV-13).

    A booking has a copy, taken when it was made: what the partner writes later is for later bookings (SV-12).
    """

    kind: RequirementKind
    instruction: Texts
    before_start: timedelta | None = None
    """None where there is no deadline but the start itself."""

    def __post_init__(self) -> None:
        if self.before_start is not None and not timedelta() <= self.before_start <= before_start_max:
            raise ValueError(f"required action: at most {before_start_max.days} days before the start")

    def due(self, starts_at: datetime | None) -> datetime | None:
        """Until when, in UTC. None for goods without a date (SL-8)."""
        return starts_at - (self.before_start or timedelta()) if starts_at is not None else None
