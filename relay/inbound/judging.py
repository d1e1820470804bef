"""The first two beats of a message's path: gather, decide. What breaks in them does not lose the message (invariant 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

from relay.errors import Unavailable, Unreadable
from relay.inbound.decide import Decider, Decision, Rejected, fault
from relay.inbound.gather import Gatherer, in_loop_octets_max, weight
from relay.inbound.lane import Lane
from relay.inbound.ports import Incoming
from relay.message.mail import Mail
from relay.message.parse import parse, parsed_head
from relay.message.searchable import words_of
from relay.policy import PASS
from relay.policy.reasons import LATER, Reason
from relay.policy.verdict import Hold, Refuse, Verdict
from relay.transit.crossing import Fate, Searchable
from relay.transit.evidence import Evidence
from relay.values import MsgId, RealAddress

T = TypeVar("T")
P = ParamSpec("P")

decided_octets_at_once: Final = 8 * 1024 * 1024
"""Of large messages that are read, rebuilt and read again at the same time, which takes several times their length in memory.

More of them at once would not be done sooner: they share one interpreter, with the loop in which all others wait (PERF-9)."""
gather_s: Final = 120.0
"""For all questions about one message, the scanner's answers included; after it, "later" (faults.md 5.3)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with what was decided, and what the archive is to know of it. `octets`: how much there was to read."""

    decision: Decision
    searchable: Searchable
    original_id: MsgId | None
    fingerprint: bytes = field(repr=False)
    octets: int
    evidence: Evidence | None = field(default=None, repr=False)
    proven_author: RealAddress | None = None
    """Who wrote it, when that is certain for all its recipients."""


@dataclass(frozen=True, slots=True)
class Judging:
    """Judges messages at aliases."""

    gatherer: Gatherer
    decider: Decider
    lane: Lane = field(default_factory=lambda: Lane(decided_octets_at_once), repr=False)

    async def judged(self, incoming: Incoming, *, files: bool = True) -> Judged:
        """What becomes of `incoming`; without `files`, of what is left of it when they are taken out.

        Where its content cannot be read, the header alone is judged: whoever would pass by that is refused for a bound of
        the parser (GW-30), and held for a fault of ours, which an upgrade may mend. Raises Unavailable for "later", and so do
        trouble with memory or the system, and a fault that even the header brings about.
        """
        otherwise: Verdict
        try:
            mail = await self._in_turn(len(incoming.content), parse, incoming.content)
            return await self._judged(incoming, mail if files else mail.without_files(), PASS)
        except Unreadable as why:
            otherwise = Refuse(Reason.UNREADABLE, detail=str(why))
        except (Unavailable, MemoryError, OSError):
            raise
        except Exception as broke:  # noqa: BLE001  whatever it is, a sender that is told "later" for ever would lose the message
            otherwise = Hold(Reason.FAULT, detail=fault(broke))
        return await self._judged(incoming, parsed_head(incoming.content), otherwise)

    async def _judged(self, incoming: Incoming, mail: Mail, otherwise: Verdict) -> Judged:
        try:
            async with asyncio.timeout(gather_s):
                gathered = await self.gatherer.gather(incoming, incoming.envelope().aliases, mail)
        except TimeoutError:
            raise Unavailable("the facts about a message took too long to gather") from None
        octets = weight(mail)
        decision: Decision = await self._in_turn(octets, self.decider.decide, gathered, incoming, otherwise)
        if isinstance(decision, Rejected) and decision.reply in LATER.values():
            self.gatherer.deferrals.note(gathered.fingerprint, incoming.received_at)
        for draft in decision if not isinstance(decision, Rejected) else ():
            if draft.fate is Fate.PASSED:
                reader = draft.conversation.party(draft.writer.role.other)
                self.gatherer.refrains.note(reader.alias, draft.writer.alias, gathered.refrain, incoming.received_at)
        words = await self._in_turn(octets, words_of, mail)
        return Judged(
            decision,
            Searchable(*words),
            mail.message_id,
            gathered.fingerprint,
            octets,
            gathered.evidence,
            gathered.proven_author,
        )

    async def _in_turn(self, octets: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of pure `work` on so many octets: on a few at once, on many when they have their turn in the lane."""
        async with self.lane.passage(octets) if octets > in_loop_octets_max else nullcontext():
            return await worked(octets, work, *args, **kwargs)


async def worked(octets: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of pure `work` on so many octets: on a few in the loop, on many in a thread."""
    return work(*args, **kwargs) if octets <= in_loop_octets_max else await asyncio.to_thread(work, *args, **kwargs)
