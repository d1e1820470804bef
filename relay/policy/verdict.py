"""What judging a message for one recipient comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Pass:
    """It may cross."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """It may not: a notice to a proven writer, the reason's SMTP answer to anybody else.

    `files` are the attachments concerned, by the name the writer gave them. `detail` is for support alone.
    """

    reason: Reason
    files: tuple[str, ...] = ()
    detail: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Absorb:
    """Archived and not answered: duplicates, loops, automatic mail that goes no further (GW-28, GW-31, GW-53)."""

    reason: Reason
    detail: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has to look at it (invariant 4). `detail` is for them."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Defer:
    """Not now, for no recipient: its bearer keeps it and tries again, and nothing of it is left here."""

    reason: Reason


Verdict = Pass | Refuse | Absorb | Hold | Defer
