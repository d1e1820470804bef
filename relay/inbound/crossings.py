"""What a decision puts into the world: renditions and notices, signed, with a return path each, ready to be stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from relay.inbound.decide import Draft, Outgoing
from relay.transit.crossing import Fate, Passage, Rendition
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import DeliveryId, MessageId, NewId


@dataclass(frozen=True, slots=True)
class Crossings:
    """Makes passages of drafts."""

    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    return_paths: ReturnPaths
    new_id: NewId

    def passage(self, draft: Draft, message: MessageId, now: datetime) -> Passage:
        """The share of `message` that `draft` decided; what goes out begins its way `now` (UTC)."""
        rendition = None
        deliveries: list[Delivery] = []
        if draft.rendition is not None:
            content = self.sign(draft.rendition.content, now)
            rendition = Rendition(content, draft.rendition.message_id, draft.removed)
            if draft.fate is Fate.PASSED:
                deliveries.append(self._delivery(draft, draft.rendition, content, Carries.RENDITION, message, now))
        if draft.notice is not None:
            content = self.sign(draft.notice.content, now)
            deliveries.append(self._delivery(draft, draft.notice, content, Carries.NOTICE, message, now))
        question = None
        if draft.raised is not None:
            question = draft.raised.question
            if (letter := draft.raised.letter) is not None:
                deliveries.append(self._delivery(draft, letter, self.sign(letter.content, now), Carries.QUESTION, message, now))
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
            question=question,
        )

    def _delivery(
        self, draft: Draft, outgoing: Outgoing, content: bytes, carries: Carries, message: MessageId, now: datetime
    ) -> Delivery:
        delivery = DeliveryId(self.new_id())
        return Delivery(
            id=delivery,
            message=message,
            conversation=draft.conversation.id,
            carries=carries,
            # A notice or a question has no return path: nothing is ever sent about it (GW-52, GW-53).
            return_path=self.return_paths.mint(delivery, now) if carries is Carries.RENDITION else "",
            recipient=outgoing.to.mailbox,
            content=content,
            accepted_at=now,
        )
