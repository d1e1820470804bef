"""Something that was taken out of a rendition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removal:
    """The kind (`address`, `name`, `header`, `part`, …) and the place of what was taken out.

    Never what it was: that is in the message as received, which only support reads.
    """

    kind: str
    place: str
