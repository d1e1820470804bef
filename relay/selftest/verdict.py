"""What a trap came to, and whether that is as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.selftest.post import Posted
from relay.selftest.reading import Found, Reading
from relay.selftest.sink import Arrival
from relay.selftest.traps import Fate
from relay.store.outcomes import ShareOutcome
from relay.store.tables import State
from relay.transit.crossing import Fate as Decided
from relay.transit.delivery import Carries

_BECAME: Final = {
    Decided.PASSED: Fate.DELIVERED,
    Decided.REFUSED: Fate.REFUSED,
    Decided.HELD: Fate.HELD,
    Decided.ABSORBED: Fate.ABSORBED,
    Decided.DUPLICATE: Fate.ABSORBED,
}
"""What the gateway decided, in the words of the traps."""
_TO: Final = "header To"


class Trouble(Enum):
    """What can be wrong. LEAKED and LOST are what the test is about; OTHERWISE is a fate that was not expected."""

    LEAKED = "leaked"
    LOST = "lost"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one trap in one direction. `why` is for people: reason, reply or what was not there.

    `found` are the canaries that could be read in what arrived, `missing` the texts that could not.
    """

    posted: Posted
    fate: Fate
    why: str
    found: tuple[Found, ...] = ()
    missing: tuple[str, ...] = ()
    arrived: bool = False

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong with it; nothing when all is as it should be."""
        expected = self.posted.posting.trap.expected(self.posted.scene)
        found = []
        if self.found:
            found.append(Trouble.LEAKED)
        if self.missing or (self.fate is Fate.DELIVERED and not self.arrived):
            found.append(Trouble.LOST)
        if expected not in {self.fate, Fate.ANY_BUT_LEAKED}:
            found.append(Trouble.OTHERWISE)
        return tuple(found)


def result(posted: Posted, outcome: ShareOutcome | None, arrivals: Sequence[Arrival], *, shows_recipient: bool = False) -> Result:
    """What became of `posted`, by what the gateway says and by what arrived of it.

    `outcome` is None when it was refused in the session. `shows_recipient`: the house writes the reader's own address into To.
    """
    trap, scene = posted.posting.trap, posted.scene
    crossed = [Reading.of(one.content) for one in arrivals if one.recipient == scene.reader.address]
    found = [one for reading in crossed for one in reading.found(scene.canaries())]
    if shows_recipient:
        own = {scene.reader.address, scene.reader.domain}
        found = [one for one in found if not (one.canary in own and one.place == _TO)]
    # What goes back to the writer, in the session or as a notice, must not tell the reader.
    told = [posted.reply.encode(), *(one.content for one in arrivals if one.recipient == scene.writer.address)]
    found += [one for content in told for one in Reading.of(content).found(scene.reader.identifiers())]
    fate, why = _fate(posted, outcome)
    missing = min((one.missing(trap.keeps) for one in crossed), key=len, default=())
    return Result(posted, fate, why, tuple(dict.fromkeys(found)), missing, arrived=bool(crossed))


def _fate(posted: Posted, outcome: ShareOutcome | None) -> tuple[Fate, str]:
    if posted.message is None:
        return Fate.REFUSED, posted.reply
    if outcome is None:
        return Fate.ABSORBED, "it was taken over, and is in no conversation"
    reason = " ".join(filter(None, (outcome.reason, outcome.detail)))
    places = "; ".join(f"{one.kind.value} in {one.place}" for one in outcome.findings)
    undelivered = [
        f"{one.state.value} after {one.attempts} attempts: {one.last_code or ''} {one.last_text or 'no answer'}"
        for one in outcome.deliveries
        if one.state is not State.DELIVERED and one.carries is Carries.RENDITION
    ]
    return _BECAME[outcome.fate], "; ".join(filter(None, (reason, places, *undelivered)))
