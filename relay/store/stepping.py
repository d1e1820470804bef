"""Somebody steps in: who, when and why. It stands in the timeline with what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from relay.errors import Conflict
from relay.store.timeline import Fact

because_characters_max: Final = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Who steps in: a word, never an address. `at` in UTC. Raises Conflict when `because`, which stays for ever, holds one."""

    by: str
    at: datetime
    because: str = ""

    def __post_init__(self) -> None:
        if "@" in self.because:
            raise Conflict("the reason stays for ever, so it cannot hold a mail address")

    def facts(self) -> dict[str, Fact]:
        """What the timeline says of it."""
        facts: dict[str, Fact] = {"by": self.by}
        if self.because:
            facts["because"] = self.because[:because_characters_max]
        return facts
