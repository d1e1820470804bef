"""The hint that something was taken out of a message: what of the removals its writer would want to know (LEAK-22 to LEAK-26)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from relay.correspondence.wording import Taken
from relay.message.marks import Mark
from relay.message.masked import Kind
from relay.message.removal import Part, Removal
from relay.message.treatment import Treatment


class RemovalHint(Enum):
    """Whether the writer of a message is told that something telling was taken out of it (the `removal_hint` setting)."""

    OFF = "off"
    MAIL = "mail"


TOLD: Final[dict[str, Taken]] = {
    Kind.ADDRESS.value: Taken.ADDRESS,
    Kind.NAME.value: Taken.NAME,
    Kind.PHONE.value: Taken.PHONE,
    Kind.IBAN.value: Taken.IBAN,
    Kind.LINK.value: Taken.LINK,
    Part.CARD.value: Taken.CARD,
    Mark.FILE.value: Taken.FILE,
    Mark.KEY.value: Taken.FILE,
    Mark.MESSAGE.value: Taken.FILE,
}
"""The kinds of removals that a reader misses. Markup, metadata, remote images, signatures, our own footer are not among them."""


def worth_telling(removals: Iterable[Removal]) -> tuple[Taken, ...]:
    """What of `removals` belongs into a hint, each once, in the order in which it is told."""
    seen = {TOLD.get(one.kind) for one in removals if one.treatment is Treatment.MASK}
    return tuple(one for one in Taken if one in seen)
