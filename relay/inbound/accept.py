"""The path of a message, from the final dot to the 250: gather, decide, act (design.md section 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import structlog

from relay.errors import Unavailable, Unreadable
from relay.inbound.decide import Decider, Decision, Draft, Outgoing, Rejected
from relay.inbound.gather import Gatherer, in_loop_octets_max, weight
from relay.inbound.ports import AtAlias, Incoming
from relay.inbound.replies import ACCEPTED, Reply
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.searchable import words_of
from relay.policy.reasons import ANSWERS, Answer, Reason
from relay.transit.crossing import Crossing, Fate, Passage, Rendition, Searchable
from relay.transit.delivery import Carries, Delivery, notices_a_day_max
from relay.transit.envelope import Envelope
from relay.transit.return_path import ReturnPaths
from relay.values import ConversationId, DeliveryId, NewId, RealAddress

T = TypeVar("T")

log = structlog.get_logger("relay.accept")

gather_s: Final = 120.0
"""For all questions about one message, the scanner's answers included; after it, "later" (faults.md 5.3)."""


class Archive(Protocol):
    """Takes messages over for good."""

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
        """How many notices that recipient was sent about that conversation since then."""
        ...

    async def accept(self, crossing: Crossing) -> Sequence[Delivery]:
        """Writes everything in one transaction; the answer means it is on disk. The deliveries come back claimed for this
        process. Raises relay.errors.Unavailable, and then nothing is written (invariant 3)."""
        ...


class Courier(Protocol):
    """Carries deliveries on."""

    def offer(self, deliveries: Sequence[Delivery]) -> object:
        """Takes claimed deliveries; those it has no room for come due again by themselves."""
        ...


class HouseMail(Protocol):
    """Takes mail to the house's own addresses: bounces to return paths, letters to the postmaster."""

    async def take(self, incoming: Incoming) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Takes messages at aliases over, or refuses them."""

    gatherer: Gatherer
    decider: Decider
    archive: Archive
    courier: Courier
    house_mail: HouseMail
    sign: Callable[[bytes, datetime], bytes]
    return_paths: ReturnPaths
    new_id: NewId

    async def take(self, incoming: Incoming) -> Reply:
        """Take one message over, or refuse it. A 250 means it is on disk, ours to deliver or return (RFC 5321 §6.1).

        Raises Unavailable for "later"; nothing is left behind then.
        """
        if not any(isinstance(one, AtAlias) for one in incoming.recipients):
            return await self.house_mail.take(incoming)
        try:
            mail = await worked(len(incoming.content), parse, incoming.content)
        except Unreadable as why:
            log.info("refused", id=incoming.id, reason=Reason.UNREADABLE.value, detail=str(why))
            return reply(ANSWERS[Reason.UNREADABLE])
        envelope = incoming.envelope()
        try:
            async with asyncio.timeout(gather_s):
                gathered = await self.gatherer.gather(incoming, envelope.aliases, mail)
        except TimeoutError:
            raise Unavailable("the facts about a message took too long to gather") from None
        octets = weight(mail)
        decision: Decision = await worked(octets, self.decider.decide, gathered, incoming)
        if isinstance(decision, Rejected) or await self._told_enough(decision, incoming):
            answer = decision.answer if isinstance(decision, Rejected) else ANSWERS[_first_reason(decision)]
            log.info("refused", id=incoming.id, code=answer.code, enhanced=answer.enhanced)
            return reply(answer)
        crossing = await worked(octets, self.crossing, envelope, mail, decision, gathered.fingerprint)
        claimed = await self.archive.accept(crossing)
        for passage in crossing.passages:
            log.info(
                "accepted", id=incoming.id, conversation=passage.conversation, fate=passage.fate.value, reason=passage.reason
            )
        self.courier.offer(claimed)
        return ACCEPTED

    async def _told_enough(self, drafts: Sequence[Draft], incoming: Incoming) -> bool:
        """Whether all of a message is refused, and its writer has had a day's notices about that conversation (GW-52).

        Then the SMTP answer tells them. Beside a recipient who gets the message the notice is sent all the same.
        """
        if any(draft.fate is not Fate.REFUSED for draft in drafts):
            return False
        first = drafts[0]
        since = incoming.received_at - timedelta(days=1)
        told = await self.archive.notices_since(first.conversation.id, first.writer.addresses[0], since)
        return told >= notices_a_day_max

    def crossing(self, envelope: Envelope, mail: Mail, drafts: Sequence[Draft], fingerprint: bytes) -> Crossing:
        """Everything that this message puts into the world, signed and addressed."""
        passages = tuple(self._passage(draft, envelope) for draft in drafts)
        return Crossing(envelope, Searchable(*words_of(mail)), mail.message_id, fingerprint, passages)

    def _passage(self, draft: Draft, envelope: Envelope) -> Passage:
        rendition = None
        deliveries: list[Delivery] = []
        if draft.rendition is not None:
            content = self.sign(draft.rendition.content, envelope.received_at)
            rendition = Rendition(content, draft.rendition.message_id, draft.removed)
            if draft.fate is Fate.PASSED:
                deliveries.append(self._delivery(draft, draft.rendition, content, Carries.RENDITION, envelope))
        if draft.notice is not None:
            content = self.sign(draft.notice.content, envelope.received_at)
            deliveries.append(self._delivery(draft, draft.notice, content, Carries.NOTICE, envelope))
        return Passage(
            conversation=draft.conversation.id,
            reference=draft.conversation.reference,
            writer=draft.writer.role,
            fate=draft.fate,
            reason=draft.reason.value if draft.reason else None,
            detail=draft.detail,
            findings=draft.findings,
            rendition=rendition,
            deliveries=tuple(deliveries),
            automatic=draft.automatic,
        )

    def _delivery(self, draft: Draft, outgoing: Outgoing, content: bytes, carries: Carries, envelope: Envelope) -> Delivery:
        delivery = DeliveryId(self.new_id())
        # A notice has no return path: nothing is ever sent about it (GW-52, GW-53).
        return_path = self.return_paths.mint(delivery, envelope.received_at) if carries is Carries.RENDITION else ""
        return Delivery(
            id=delivery,
            message=envelope.id,
            conversation=draft.conversation.id,
            carries=carries,
            return_path=return_path,
            recipient=outgoing.to.addresses[0],
            content=content,
            accepted_at=envelope.received_at,
        )


async def worked(octets: int, work: Callable[..., T], *args: object) -> T:
    """The result of pure `work` on so many octets: on a few in the loop, on many in a thread."""
    return work(*args) if octets <= in_loop_octets_max else await asyncio.to_thread(work, *args)


def _first_reason(drafts: Sequence[Draft]) -> Reason:
    return next(draft.reason for draft in drafts if draft.reason is not None)


def reply(answer: Answer) -> Reply:
    return Reply(answer.code, answer.enhanced, answer.text)
