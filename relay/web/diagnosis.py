"""What an examination of this installation came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Health(Enum):
    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination came to, and what to do about it."""

    part: str
    health: Health
    told: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """All findings of one examination, in their order. `at`, when it ended, in UTC."""

    at: datetime
    findings: tuple[Finding, ...]

    def of(self, health: Health) -> int:
        """How many came to that."""
        return sum(one.health is health for one in self.findings)
