"""The second beat: what becomes of a message for each recipient. Pure: no I/O, no clock, ids are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from relay.conversation import Conversation, Party
from relay.correspondence.footer import footer_lines
from relay.correspondence.notice import House, Occasion, notice
from relay.inbound.gather import Gathered, Share
from relay.inbound.ports import Incoming
from relay.message.anonymise import anonymised
from relay.message.automatic import Automatic
from relay.message.hosts import hosts_of
from relay.message.leaks import leaks
from relay.message.removal import Removal
from relay.message.terms import Style, Terms
from relay.policy import judge
from relay.policy.reasons import ANSWERS, Answer, Reason
from relay.policy.verdict import Absorb, Hold, Pass, Refuse, Verdict
from relay.transit.crossing import Fate
from relay.values import MsgId, NewId

ABOUT_THE_MESSAGE: Final = frozenset(
    {
        Reason.SEVERAL_CUSTOMERS,
        Reason.THIRD_PARTY,
        Reason.ATTACHMENTS_TOO_LARGE,
        Reason.ATTACHMENT_TYPE,
        Reason.VIRUS,
        Reason.ENCRYPTED,
        Reason.UNREADABLE,
    }
)
"""Reasons that hold for all recipients alike: one notice tells them (GW-52, CASE-8). The others are about one conversation."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Finished octets, not signed yet, and to whom they go."""

    to: Party
    content: bytes = field(repr=False)
    message_id: MsgId


@dataclass(frozen=True, slots=True)
class Draft:
    """What was decided for one recipient. `rendition` may be there with a held fate; `notice` only with a refused one."""

    conversation: Conversation
    writer: Party
    fate: Fate
    reason: Reason | None = None
    detail: str = field(default="", repr=False)
    rendition: Outgoing | None = None
    removed: tuple[Removal, ...] = ()
    notice: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nobody here gets it, and its writer learns so from the SMTP reply alone."""

    answer: Answer


Decision = Rejected | tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides by the policy, writes renditions and notices. `reject`: refusals are a 5xx for proven writers too."""

    style: Style
    house: House
    reject: bool
    attachment_bytes_max: int
    new_id: NewId

    def decide(self, gathered: Gathered, incoming: Incoming) -> Decision:
        """What becomes of the message for every recipient."""
        now = incoming.received_at
        judged = [(share, judge(share.facts, now)) for share in gathered.shares]
        refusals = [verdict for _, verdict in judged if isinstance(verdict, Refuse)]
        if len(refusals) == len(judged) and (self.reject or not gathered.author_known or not gathered.may_be_answered):
            return Rejected(ANSWERS[refusals[0].reason] if refusals else ANSWERS[Reason.UNKNOWN_ALIAS])
        told: set[Reason] = set()
        drafts = []
        for share, verdict in judged:
            drafts.append(self._draft(share, verdict, gathered, incoming, told))
        return tuple(drafts)

    def _draft(self, share: Share, verdict: Verdict, gathered: Gathered, incoming: Incoming, told: set[Reason]) -> Draft:
        conversation = share.conversation
        writer = share.facts.writer or conversation.party(share.facts.recipient.role.other)
        match verdict:
            case Pass():
                return self._rendition(share, writer, gathered, incoming)
            case Hold(reason, detail):
                return Draft(conversation, writer, Fate.HELD, reason, detail)
            case Absorb(Reason.DUPLICATE, detail):
                return Draft(conversation, writer, Fate.DUPLICATE, Reason.DUPLICATE, detail)
            case Absorb(reason, detail):
                return Draft(conversation, writer, Fate.ABSORBED, reason, detail)
            case Refuse(reason, _, detail) if share.facts.writer is None:
                # Its author is a party elsewhere, or there would have been a 5xx; who should hear of it here, nobody knows.
                return Draft(conversation, writer, Fate.HELD, reason, detail)
            case Refuse(reason, files, detail):
                if not gathered.may_be_answered:
                    # Some other recipient gets it, so there is no 5xx, and RFC 3834 forbids an answer: archived.
                    return Draft(conversation, writer, Fate.ABSORBED, reason, detail)
                draft = Draft(conversation, writer, Fate.REFUSED, reason, detail)
                if reason in told:
                    return draft
                if reason in ABOUT_THE_MESSAGE:
                    told.add(reason)
                return replace(draft, notice=self._notice(reason, files, share, writer, gathered, incoming))

    def _rendition(self, share: Share, writer: Party, gathered: Gathered, incoming: Incoming) -> Draft:
        reader = share.facts.recipient
        mail = gathered.mail
        message_id = self._message_id()
        terms = Terms(
            conversation=share.conversation,
            writer=writer,
            reader=reader,
            message_id=message_id,
            in_reply_to=share.threads.mapped(mail.in_reply_to, reader.role),
            references=share.threads.mapped(mail.references, reader.role),
            footer=footer_lines(reader.language, share.conversation.window.closes_at, self.house),
            hosts=hosts_of(mail, incoming.client_ip, incoming.helo, self.house.domain),
            automatic=gathered.kind is Automatic.AUTO_REPLY,
            trace=incoming.id,
            now=incoming.received_at,
        )
        draft = Draft(share.conversation, writer, Fate.PASSED)
        crossed = anonymised(mail, terms, self.style)
        draft = replace(draft, rendition=Outgoing(reader, crossed.content, message_id), removed=crossed.removed)
        aliases = (str(party.alias) for party in share.conversation.parties())
        # The reader's own ids lead the reader's program to its own mail, and end with the reader's own domain (GW-41).
        own_ids = (one.lower() for one in (*terms.in_reply_to, *terms.references))
        findings = leaks(crossed.content, terms.watched(self.style), allowed={*aliases, *own_ids})
        if findings:
            detail = "; ".join(f"{finding.kind} in {finding.place} ({finding.layer})" for finding in findings)
            return replace(draft, fate=Fate.HELD, reason=Reason.LEAK, detail=detail)
        return draft

    def _notice(
        self, reason: Reason, files: Sequence[str], share: Share, writer: Party, gathered: Gathered, incoming: Incoming
    ) -> Outgoing:
        message_id = self._message_id()
        occasion = Occasion(
            topic=reason,
            writer=writer,
            conversation=share.conversation,
            subject=gathered.mail.subject,
            message=incoming.id,
            original_id=gathered.mail.message_id,
            files=tuple(files),
            limit_bytes=self.attachment_bytes_max if reason is Reason.ATTACHMENTS_TOO_LARGE else None,
            at=incoming.received_at,
            until=None,
        )
        return Outgoing(writer, notice(occasion, self.house, now=incoming.received_at, message_id=message_id), message_id)

    def _message_id(self) -> MsgId:
        return MsgId(f"{self.new_id()}@{self.house.domain}")
