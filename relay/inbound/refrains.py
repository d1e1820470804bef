"""Who answers each mail with the same words, though nothing marks it as a robot's (GW-28, GW-47, CASE-59)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from relay.values import Alias

aliases_max: Final = 4_000
"""Of which it is remembered what was written there; two of a conversation."""
texts_max: Final = 4
"""Of one alias; the one that was not said again for longest is forgotten."""
repeated_min: Final = 3
"""So often within `lately` a text came in turn before; then the next one is a robot's."""
lately: Final = timedelta(days=1)


@dataclass(slots=True)
class _Said:
    """What was written to one alias. `is_answered`: its party has written since; what comes next comes in turn."""

    is_answered: bool = True
    at: OrderedDict[bytes, tuple[datetime, ...]] = field(default_factory=OrderedDict)


class Refrains:
    """What was written to whom in turn, by its refrain (relay.message.refrain).

    It counts only where the other one has written in between: booking systems write the same many times a day, and answer nobody.
    One process remembers for itself, and forgets when it ends: of several, each learns as much later who is a robot. What robots
    may write is counted by the database, for all of them.
    """

    __slots__ = ("_to",)

    def __init__(self) -> None:
        self._to: OrderedDict[Alias, _Said] = OrderedDict()

    def is_robots(self, to: Alias, refrain: bytes | None, at: datetime) -> bool:
        """Whether a text with that refrain came to `to` so often in the time before `at`, in turn, that a robot writes it."""
        said = self._to.get(to)
        if said is None or refrain is None:
            return False
        return sum(at - lately < one <= at for one in said.at.get(refrain, ())) >= repeated_min

    def note(self, to: Alias, by: Alias, refrain: bytes | None, at: datetime) -> None:
        """The party at `by` has written to the one at `to`, and it has passed."""
        said = self._kept(to)
        if said.is_answered and refrain is not None:
            said.at[refrain] = (*said.at.pop(refrain, ()), at)[-repeated_min:]
            if len(said.at) > texts_max:
                said.at.popitem(last=False)
        said.is_answered = False
        self._kept(by).is_answered = True

    def _kept(self, alias: Alias) -> _Said:
        """What was said to `alias`; of all it will be forgotten last."""
        said = self._to.setdefault(alias, _Said())
        self._to.move_to_end(alias)
        if len(self._to) > aliases_max:
            self._to.popitem(last=False)
        return said
