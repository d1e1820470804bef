"""What the house does about contact details in a text, one switch a kind (LEAK-24, LEAK-25, GW-29)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Treatment(Enum):
    """What happens to one kind of detail where it is seen."""

    KEEP = "keep"
    """Nothing: it is not even looked for."""
    MARK = "mark"
    """It stays, and is recorded among what was found, so that support sees that it was there."""
    MASK = "mask"
    """A phrase in the reader's language stands in its place."""
    HOLD = "hold"
    """It stays, and the message waits for an operator, who releases it as it is or drops it (GW-55)."""


@dataclass(frozen=True, slots=True)
class Treatments:
    """The four switches of `[policy]`. Addresses are those of neither party: the parties' own are always masked."""

    unknown_addresses: Treatment = Treatment.MASK
    phone_numbers: Treatment = Treatment.KEEP
    ibans: Treatment = Treatment.KEEP
    links: Treatment = Treatment.KEEP


STANDARD: Final = Treatments()
"""What a house does that has decided nothing."""

RECORDED: Final = frozenset({Treatment.MARK, Treatment.HOLD})
"""What stays in the text and is told to support."""
