"""What an examination of this installation came to."""

from __future__ import annotations

from dataclasses import dataclass
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
