"""A held message decided anew, from what was received: after an upgrade, without its files, or for good (GW-55).

It goes the way of a message that comes in, with the scan and the second reading: nothing is let through that would not pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from relay.correspondence.house import House
from relay.correspondence.notice import Occasion, has_notice, notice
from relay.errors import Conflict
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Draft, Outgoing, Rejected
from relay.inbound.judging import Judging
from relay.inbound.ports import AtAlias, Incoming
from relay.message.automatic import may_be_answered
from relay.message.leaks import Finding
from relay.message.parse import parsed_head
from relay.policy.reasons import Reason
from relay.store.held import Case
from relay.store.store import Store
from relay.transit.crossing import Fate, Passage
from relay.transit.delivery import notices_a_day_max
from relay.transit.question import Doubt
from relay.values import MsgId


@dataclass(frozen=True, slots=True)
class Anew:
    """Decides held shares anew. What goes out begins its way `now` (UTC); the message stays of the time when it came."""

    store: Store
    judging: Judging
    crossings: Crossings
    house: House

    async def decided(self, case: Case, now: datetime, *, confirmed: bool = False) -> Passage:
        """What becomes of the share now. `confirmed`: somebody made sure that the party whose address it is wrote it (GW-12).

        Raises Conflict when it still cannot be decided, and Unavailable for "later".
        """
        draft = await self._draft(case, confirmed=confirmed)
        if draft.reason is Reason.FAULT:
            raise Conflict(f"it still cannot be read by this version: {draft.detail}")
        return self.crossings.passage(draft, case.share.message, now)

    async def claimed(self, case: Case, now: datetime) -> Passage:
        """The share, now that its writer is known: what would have become of it at once, notices included (GW-6).

        What would be refused in a session has none any more: where its writer may not be told by mail either, it goes on waiting,
        for an operator (invariant 4). Raises Unavailable for "later".
        """
        draft = await self._judged(case, confirmed=True)
        writer = case.conversation.party(case.share.writer)
        if isinstance(draft, Rejected):
            detail = f"confirmed by the {writer.role.value}, and would be refused: {draft.reply.text}"
            draft = Draft(case.conversation, writer, Fate.HELD, draft.reason, detail)
        elif draft.reason is Reason.UNKNOWN_WRITER:
            detail = "confirmed, and nobody's address any more"
            draft = Draft(case.conversation, writer, Fate.ABSORBED, Reason.UNKNOWN_WRITER, detail)
        return self.crossings.passage(draft, case.share.message, now)

    async def unclaimed(self, case: Case, now: datetime) -> Passage:
        """The share as archived: nobody says that they wrote it, and nobody is told (GW-6)."""
        share = case.share
        writer = case.conversation.party(share.writer)
        draft = Draft(case.conversation, writer, Fate.UNCLAIMED, Reason(share.reason), share.detail)
        return self.crossings.passage(draft, share.message, now)

    async def without_files(self, case: Case, now: datetime) -> Passage:
        """The share as it passes without its files, each replaced by its mark. Raises Conflict when it does not pass even so."""
        draft = await self._draft(case, files=False)
        if draft.fate is not Fate.PASSED:
            reason = draft.reason.value if draft.reason is not None else draft.fate.value
            raise Conflict(f"without its files it does not pass either: {reason}: {_told(draft.findings) or draft.detail}")
        return self.crossings.passage(draft, case.share.message, now)

    async def returned(self, case: Case, now: datetime) -> Passage:
        """The share as refused after all, with a notice to its writer; absorbed where no answer may be sent, and where
        nobody knows who the writer is (GW-6, GW-53).

        Raises Conflict when the writer has had a day's notices about that conversation (GW-52).
        """
        share, envelope = case.share, case.envelope
        writer = case.conversation.party(share.writer)
        reason = Reason(share.reason)
        draft = Draft(case.conversation, writer, Fate.ABSORBED, reason, share.detail, share.findings)
        mail = parsed_head(envelope.content)
        if not (may_be_answered(mail, envelope.return_path) and has_notice(reason)):
            return self.crossings.passage(draft, share.message, now)
        since = now - timedelta(days=1)
        if await self.store.notices_since(case.conversation.id, writer.mailbox, since) >= notices_a_day_max:
            raise Conflict(f"its writer had {notices_a_day_max} notices within a day; return it tomorrow, or drop it")
        message_id = MsgId(f"{self.crossings.new_id()}@{self.house.domain}")
        occasion = Occasion(
            topic=reason,
            writer=writer,
            conversation=case.conversation,
            subject=mail.subject,
            message=share.message,
            original_id=case.original_id,
            at=envelope.received_at,
        )
        content = notice(occasion, self.house, now=now, message_id=message_id)
        told = replace(draft, fate=Fate.REFUSED, notice=Outgoing(writer, content, message_id))
        return self.crossings.passage(told, share.message, now)

    async def _draft(self, case: Case, *, files: bool = True, confirmed: bool = False) -> Draft:
        """What is decided of the share. Raises Conflict where it would be refused, or goes on waiting for its writer."""
        draft = await self._judged(case, files=files, confirmed=confirmed)
        if isinstance(draft, Rejected):
            raise Conflict(f"it would be refused now: {draft.reply.text}; return or drop it")
        if draft.raised is not None:
            raise Conflict(_UNSURE[draft.raised.question.doubt])
        return draft

    async def _judged(self, case: Case, *, files: bool = True, confirmed: bool = False) -> Draft | Rejected:
        envelope = case.envelope
        incoming = Incoming(
            id=envelope.id,
            received_at=envelope.received_at,
            return_path=envelope.return_path,
            recipients=(AtAlias(case.conversation.party(case.share.writer.other).alias),),
            content=envelope.content,
            client_ip=envelope.client_ip,
            helo=envelope.helo,
            tls=envelope.tls,
            smtputf8=envelope.smtputf8,
            evidence=envelope.evidence,
            is_anew=True,
            is_confirmed=confirmed,
        )
        judged = await self.judging.judged(incoming, files=files)
        if isinstance(judged.decision, Rejected):
            return judged.decision
        [draft] = judged.decision
        return draft


_KNOWN_UNPROVEN: Final = (
    "its address is the party's, and nothing proves that they wrote it: retry it as confirmed if you are sure, or drop it"
)
_UNSURE: Final = {
    Doubt.UNKNOWN: "its writer is still unknown: add the address to the party first, or drop it",
    Doubt.FROM_ELSEWHERE: _KNOWN_UNPROVEN,
    Doubt.FROM_ANYWHERE: _KNOWN_UNPROVEN,
}


def _told(findings: Sequence[Finding]) -> str:
    return "; ".join(dict.fromkeys(f"{one.kind.value} in {one.place}" for one in findings))
