"""The path of a message, from the final dot to the 250: gather, decide, act (design.md section 2, GY-13)."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from relay import figures
from relay.errors import ToldEnough
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Draft, Rejected
from relay.inbound.judging import Judged, Judging, worked
from relay.inbound.ports import AtAlias, AtBooking, AtReturnPath, Incoming
from relay.inbound.replies import ACCEPTED
from relay.policy.reasons import REPLIES, Reason
from relay.policy.reply import Reply
from relay.transit.crossing import Crossing, Fate, Passage
from relay.transit.delivery import Carries, Delivery, notices_a_day_max
from relay.values import ConversationId, MessageId, RealAddress

log = structlog.get_logger("relay.accept")


class Archive(Protocol):
    """Takes messages over for good."""

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
        """How many notices that recipient was sent about that conversation since then."""
        ...

    def accept(self, crossing: Crossing) -> Awaitable[Sequence[Delivery]]:
        """Writes everything in one transaction; the answer means it is on disk. The deliveries come back claimed for this
        process. Raises relay.errors.Unavailable, and ToldEnough when its writer had a day's notices meanwhile (GW-52); then
        nothing is written (invariant 3)."""
        ...


class Courier(Protocol):
    """Carries deliveries on."""

    def offer(self, deliveries: Sequence[Delivery]) -> object:
        """Takes claimed deliveries; those it has no room for come due again by themselves."""
        ...


class HouseMail(Protocol):
    """Takes mail to the house's own addresses: bounces to return paths, letters to the postmaster."""

    async def as_answer(self, incoming: Incoming) -> Incoming | None:
        """An automatic answer to a return path, as if it had come to an alias; None for all other mail."""
        ...

    async def as_report(self, incoming: Incoming) -> Incoming | None:
        """A report to an alias or a role address, as if it had come to a return path; None for all other mail."""
        ...

    async def take(self, incoming: Incoming) -> Reply: ...


class Answers(Protocol):
    """Takes answers to mail about bookings."""

    async def take(self, incoming: Incoming, at: AtBooking) -> Reply | Incoming:
        """The reply, or the message as it is to go on to the other party's alias."""
        ...


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Takes messages at aliases over, or refuses them."""

    judging: Judging
    crossings: Crossings
    archive: Archive
    courier: Courier
    house_mail: HouseMail
    answers: Answers | None = None

    async def take(self, incoming: Incoming) -> Reply:
        """Take one message over, or refuse it. A 250 means it is on disk, ours to deliver or return (RFC 5321 §6.1).

        Raises Unavailable for "later"; nothing is left behind then.
        """
        if self.answers is not None and isinstance(incoming.recipients[0], AtBooking):
            answered = await self.answers.take(incoming, incoming.recipients[0])
            if isinstance(answered, Reply):
                return answered
            incoming = answered
        if not any(isinstance(one, AtReturnPath) for one in incoming.recipients):
            incoming = await self.house_mail.as_report(incoming) or incoming
        if not any(isinstance(one, AtAlias) for one in incoming.recipients):
            as_answer = await self.house_mail.as_answer(incoming)
            if as_answer is None:
                return await self.house_mail.take(incoming)
            incoming = as_answer
        id_, crossing = incoming.id, await self._decided(incoming)
        if isinstance(crossing, Reply):
            return _refused(id_, crossing)
        passages, accepting = crossing.passages, self.archive.accept(crossing)
        # The archive alone knows when it needs the message as it came no more: it may be 25 MB (PERF-6).
        del incoming, crossing
        try:
            claimed = await accepting
        except ToldEnough:
            return _refused(id_, REPLIES[next(Reason(one.reason) for one in passages if one.reason is not None)])
        self.courier.offer(claimed)
        _logged(id_, passages, claimed)
        return ACCEPTED

    async def _decided(self, incoming: Incoming) -> Crossing | Reply:
        """What a message puts into the world, or why it is refused; nothing of it is kept apart from that (PERF-6)."""
        judged = await self.judging.judged(incoming)
        decision = judged.decision
        if isinstance(decision, Rejected):
            figures.DECISIONS.add("rejected", decision.reason.value)
            return decision.reply
        if await self._told_enough(decision, incoming):
            figures.DECISIONS.add("rejected", _first_reason(decision).value)
            return REPLIES[_first_reason(decision)]
        return await worked(judged.octets, self._crossing, incoming, judged, decision)

    async def _told_enough(self, drafts: Sequence[Draft], incoming: Incoming) -> bool:
        """Whether all of a message is refused, and its writer has had a day's notices about that conversation (GW-52).

        Then the SMTP answer tells them. Beside a recipient who gets the message the notice is sent all the same.
        """
        if any(draft.fate is not Fate.REFUSED for draft in drafts):
            return False
        first = drafts[0]
        since = incoming.received_at - timedelta(days=1)
        told = await self.archive.notices_since(first.conversation.id, first.writer.mailbox, since)
        return told >= notices_a_day_max

    def _crossing(self, incoming: Incoming, judged: Judged, drafts: Sequence[Draft]) -> Crossing:
        """Everything that this message puts into the world, signed and addressed."""
        passages = tuple(self.crossings.passage(draft, incoming.id, incoming.received_at) for draft in drafts)
        envelope = replace(incoming.envelope(), evidence=judged.evidence)
        author = judged.proven_author
        return Crossing(envelope, judged.searchable, judged.original_id, judged.fingerprint, passages, author)


def _refused(id_: MessageId, reply: Reply) -> Reply:
    log.info("refused", id=id_, code=reply.code, enhanced=reply.enhanced)
    return reply


def _logged(id_: MessageId, passages: Sequence[Passage], going: Sequence[Delivery]) -> None:
    """One line for each recipient; one more, for an operator to see, where somebody has to decide (GW-55).

    `going` is what was written: the archive leaves out a hint whose reader had a notice within a day.
    """
    written = {one.id for one in going}
    for passage in passages:
        told = {"id": id_, "conversation": passage.conversation}
        log.info("accepted", **told, fate=passage.fate.value, reason=passage.reason)
        figures.DECISIONS.add(passage.fate.value, passage.reason or "")
        if any(one.carries is Carries.NOTICE and one.id in written for one in passage.deliveries):
            figures.NOTICES.add("refused" if passage.fate is Fate.REFUSED else "hint")
        if passage.reason == Reason.FAULT.value:
            log.error("parked", **told, fault=passage.detail)
        elif passage.fate is Fate.HELD and (passage.question is None or passage.question.digest is None):
            kinds = sorted({finding.kind.value for finding in passage.findings})
            log.warning("held", **told, reason=passage.reason, found=kinds or passage.detail)


def _first_reason(drafts: Sequence[Draft]) -> Reason:
    return next(draft.reason for draft in drafts if draft.reason is not None)
