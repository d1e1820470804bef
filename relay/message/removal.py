"""Something that was taken out of a rendition, or was seen in it and left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.message.masked import Left, Noticed
from relay.message.treatment import Treatment

HAPPENED: Final = {
    Treatment.KEEP: "kept",
    Treatment.MARK: "marked",
    Treatment.MASK: "removed",
    Treatment.HOLD: "held for",
}
"""What support reads of each treatment, before the kind and the place."""


class Part(Enum):
    """A part of a message that was taken out, or made anew: what a text cannot say of itself."""

    SIGNATURE = "signature"
    REPORT = "report"
    """Mail about mail, but for the words that are for people."""
    CONTAINER = "container"
    CARD = "contact card"
    MESSAGE = "attached message"
    FILE_NAME = "file name"


@dataclass(frozen=True, slots=True)
class Removal:
    """The kind (a value of `masked.Kind`, of Part, of Mark or of Armoured) and the place of what was taken out.

    Never what it was: that is in the message as received, which only support reads. `treatment` is MASK for what was taken out;
    what was marked, or held the message, stands in the rendition.
    """

    kind: str
    place: str
    treatment: Treatment = Treatment.MASK

    @classmethod
    def of(cls, noticed: Noticed, place: str) -> Removal:
        """What a search in `place` came upon."""
        if isinstance(noticed, Left):
            return cls(noticed.kind.value, place, noticed.treatment)
        return cls(noticed.value, place)

    def __str__(self) -> str:
        return f"{self.kind} in {self.place}"


def counted(removals: Iterable[Removal]) -> tuple[tuple[Removal, int], ...]:
    """Each different removal once, in the order in which they were met, with how often there was one."""
    return tuple(Counter(removals).items())
