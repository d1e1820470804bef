"""The second beat: what becomes of a message for each recipient. Pure: no I/O, no clock, ids are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from relay.conversation import Conversation, Party
from relay.correspondence.footer import footer_lines
from relay.correspondence.hint import RemovalHint, worth_telling
from relay.correspondence.notice import Hint, House, Occasion, Taken, Topic, notice
from relay.correspondence.question import Matter, question_letter
from relay.errors import Unreadable, raised_at
from relay.inbound.gather import Gathered, Share
from relay.inbound.ports import Incoming
from relay.message.anonymise import anonymised
from relay.message.hosts import hosts_of
from relay.message.identity import resembles
from relay.message.leaks import Finding, leaks
from relay.message.removal import Removal, counted
from relay.message.terms import Style, Terms
from relay.policy import PASS, judge
from relay.policy.duplicate import told_once
from relay.policy.reasons import LATER, REPLIES, Reason
from relay.policy.reply import Reply
from relay.policy.verdict import Absorb, Defer, Hold, Pass, Refuse, Verdict
from relay.transit.crossing import Fate
from relay.transit.network import neighbourhood
from relay.transit.question import Question, digest_of, nobody_is_asked
from relay.values import MsgId, NewId, NewSecret

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
class Raised:
    """The question that a message raises, and the letter that asks it; none where nobody is asked, for the reason `why_not`."""

    question: Question
    letter: Outgoing | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPages:
    """Where a party answers a question: a page below `base_url`, under a secret from `new_secret` that nobody can guess."""

    base_url: str
    new_secret: NewSecret = field(repr=False)

    def link(self, secret: str) -> str:
        return f"{self.base_url.rstrip('/')}/questions/{secret}"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was decided for one recipient. `rendition` may be there with a held fate.

    `notice` tells the writer of a refusal; or, of what passed, what was taken out: a hint, which the store leaves out when they
    had a notice about that conversation within a day (GW-52).
    """

    conversation: Conversation
    writer: Party
    fate: Fate
    reason: Reason | None = None
    detail: str = field(default="", repr=False)
    findings: tuple[Finding, ...] = ()
    rendition: Outgoing | None = None
    removed: tuple[Removal, ...] = ()
    notice: Outgoing | None = None
    automatic: bool = False
    """It counts against the budget of automatic answers (GW-28)."""
    raised: Raised | None = None
    """For one that is held because nobody knows its writer (GW-6)."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nobody here gets it, and its writer learns so from the SMTP reply alone."""

    reply: Reply
    reason: Reason


Decision = Rejected | tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides by the policy, writes renditions and notices. `reject`: refusals in a session are a 5xx for proven writers too."""

    style: Style
    house: House
    reject: bool
    attachment_bytes_max: int
    new_id: NewId
    removal_hint: RemovalHint = RemovalHint.OFF
    pages: QuestionPages | None = None
    """None where nobody can answer: unknown writers are held without a question."""

    def decide(self, gathered: Gathered, incoming: Incoming, otherwise: Verdict = PASS) -> Decision:
        """What becomes of the message for every recipient; `otherwise` where no rule is against it (see policy.judge).

        A fault of ours over one recipient's share holds that share (invariant 4).
        A writer who is unknown in any of its conversations is refused in all: what they wrote there would stand in the
        timeline as somebody else's (docs/decisions/0003).
        """
        judged = [(share, judge(share.facts, incoming.received_at, otherwise)) for share in gathered.shares]
        refusals = [verdict for _, verdict in judged if isinstance(verdict, Refuse)]
        strangers = [verdict for share, verdict in judged if isinstance(verdict, Refuse) and not share.facts.proven]
        if strangers:
            # What cannot be read is answered so to everybody: its header need not tell who wrote it (GW-30).
            reason = (otherwise if isinstance(otherwise, Refuse) else strangers[0]).reason
            return Rejected(REPLIES[reason], reason)
        if deferred := [verdict for _, verdict in judged if isinstance(verdict, Defer)]:
            return Rejected(LATER[deferred[0].reason], deferred[0].reason)
        # Whoever wrote what is decided anew has no session any more in which to hear of a refusal (invariant 4).
        is_rejected = (self.reject and not incoming.is_anew) or not gathered.may_be_answered
        if refusals and len(refusals) == len(judged) and is_rejected:
            return Rejected(REPLIES[refusals[0].reason], refusals[0].reason)
        if not judged:
            return Rejected(REPLIES[Reason.UNKNOWN_ALIAS], Reason.UNKNOWN_ALIAS)
        return _Deciding(self, gathered, incoming).drafts(judged)


@dataclass(slots=True)
class _Deciding:
    """One message being decided. `told` are the reasons of which its writer has a notice already."""

    by: Decider
    gathered: Gathered
    incoming: Incoming
    told: set[Reason] = field(default_factory=set)
    hinted: bool = False

    def drafts(self, judged: Sequence[tuple[Share, Verdict]]) -> tuple[Draft, ...]:
        drafts = []
        for share, verdict in judged:
            # Who may have written it, where that is not known: held under their name, and nothing more (GW-6).
            writer = share.facts.writer or share.conversation.party(share.facts.recipient.role.other)
            if share.facts.writer is None and not isinstance(verdict, Hold):
                raise AssertionError("a share whose writer nobody knows is refused or held")
            drafts.append(self._draft(share, writer, verdict))
        return tuple(drafts)

    def _draft(self, share: Share, writer: Party, verdict: Verdict) -> Draft:
        match verdict:
            case Pass():
                return self._crossed(share, writer)
            case Hold(Reason.UNKNOWN_WRITER):
                raised = self._raised(share, writer)
                detail = nobody_is_asked(raised.why_not) if raised.letter is None else ""
                return Draft(share.conversation, writer, Fate.HELD, Reason.UNKNOWN_WRITER, detail, raised=raised)
            case Hold(reason, detail):
                return Draft(share.conversation, writer, Fate.HELD, reason, detail, automatic=share.facts.automatic)
            case Absorb(Reason.DUPLICATE, detail):
                return Draft(share.conversation, writer, Fate.DUPLICATE, Reason.DUPLICATE, detail)
            case Absorb(reason, detail):
                return Draft(share.conversation, writer, Fate.ABSORBED, reason, detail)
            case Defer():
                raise AssertionError("what is put off for one recipient has been put off for all before")
            case Refuse():
                return self._refused(share, writer, verdict)

    def _refused(self, share: Share, writer: Party, refusal: Refuse) -> Draft:
        reason = refusal.reason
        if not self.gathered.may_be_answered:
            # Some other recipient gets it, so there is no 5xx, and RFC 3834 forbids an answer: archived.
            return Draft(share.conversation, writer, Fate.ABSORBED, reason, refusal.detail)
        draft = Draft(share.conversation, writer, Fate.REFUSED, reason, refusal.detail)
        if reason in self.told:
            return draft
        if reason in ABOUT_THE_MESSAGE:
            self.told.add(reason)
        return replace(draft, notice=self._notice(reason, refusal.files, share, writer))

    def _raised(self, share: Share, writer: Party) -> Raised:
        """What `writer` is asked, who may have written it."""
        address = self.gathered.mail.authors[0].address
        if address is None:
            raise AssertionError("a message without an author has been refused before")
        # An unknown address proves itself (GW-6); a known one that cannot is confirmed for where it came from (GW-12).
        network = neighbourhood(self.incoming.client_ip) if share.facts.writer is not None else ""
        question = Question(address, network, None)
        why_not = self._unasked(share, writer)
        if why_not or self.by.pages is None:
            return Raised(question, None, why_not)
        secret, message_id = self.by.pages.new_secret(), self._message_id()
        matter = Matter(
            party=writer,
            conversation=share.conversation,
            address=address,
            doubt=question.doubt,
            message=self.incoming.id,
            at=self.incoming.received_at,
            link=self.by.pages.link(secret),
        )
        content = question_letter(matter, self.by.house, now=self.incoming.received_at, message_id=message_id)
        return Raised(replace(question, digest=digest_of(secret)), Outgoing(writer, content, message_id))

    def _unasked(self, share: Share, writer: Party) -> str:
        """Why `writer` is not asked; empty where they are. Nobody is asked about what machines wrote, nor where it could be the
        other one who wrote, whose address they would learn: both are recipients, or the sender is like them (invariant 1)."""
        here = sum(one.conversation.id == share.conversation.id for one in self.gathered.shares)
        if self.by.pages is None:
            return "there is no page to answer on"
        if not self.gathered.may_be_a_persons:
            return "it looks like a machine's"
        if not writer.is_reachable:
            return f"no address of the {writer.role.value} is alive"
        if here > 1:
            return "both parties are recipients, so either may have written it"
        if share.facts.writer is None and resembles(self.gathered.mail.authors[0], share.facts.recipient):
            return f"its sender looks like the {share.facts.recipient.role.value}"
        return ""

    def _crossed(self, share: Share, writer: Party) -> Draft:
        draft = Draft(share.conversation, writer, Fate.HELD, automatic=share.facts.automatic)
        try:
            terms = self._terms(share, writer)
            crossed = anonymised(self.gathered.mail, terms, self.by.style)
            # The second reading decodes what it reads by itself, and nobody else looks at the files any more (PERF-6).
            self.gathered.mail.forget_files()
        except Unreadable as why:
            # Beyond a bound of the surgery: that will not change, so the answer is no and not "later".
            return self._draft(share, writer, told_once(share.facts, Refuse(Reason.UNREADABLE, detail=str(why))))
        except MemoryError:
            raise
        except Exception as broke:  # noqa: BLE001  a fault of ours, which somebody has to see
            return replace(draft, reason=Reason.FAULT, detail=fault(broke))
        draft = replace(
            draft, rendition=Outgoing(share.facts.recipient, crossed.content, terms.message_id), removed=crossed.removed
        )
        try:
            findings = self._findings(crossed.content, terms, share)
        except MemoryError:
            raise
        except Exception as broke:  # noqa: BLE001  what nobody could read a second time does not pass (invariant 2)
            return replace(draft, reason=Reason.FAULT, detail=fault(broke))
        if findings:
            return replace(draft, reason=Reason.LEAK, findings=findings)
        if crossed.holding:
            return replace(draft, reason=Reason.CONTACT_DETAILS, detail=_seen(crossed.holding))
        return replace(draft, fate=Fate.PASSED, notice=self._hint(crossed.removed, share, writer))

    def _hint(self, removed: Sequence[Removal], share: Share, writer: Party) -> Outgoing | None:
        """What the writer is told of `removed`, once a message; nothing to robots (GW-52, GW-53)."""
        if self.by.removal_hint is RemovalHint.OFF or share.facts.automatic or not self.gathered.may_be_answered or self.hinted:
            return None
        taken = worth_telling(removed)
        self.hinted = bool(taken)
        return self._written(self._occasion(Hint.REMOVED, share, writer, taken=taken), writer) if taken else None

    def _terms(self, share: Share, writer: Party) -> Terms:
        mail, incoming, reader = self.gathered.mail, self.incoming, share.facts.recipient
        return Terms(
            conversation=share.conversation,
            writer=writer,
            reader=reader,
            message_id=self._message_id(),
            in_reply_to=share.threads.mapped(mail.in_reply_to, reader.role),
            references=share.threads.mapped(mail.references, reader.role),
            footer=footer_lines(reader.language, share.conversation.window.closes_at, self.by.house),
            hosts=hosts_of(mail, incoming.client_ip, incoming.helo, self.by.house.domain),
            automatic=share.facts.automatic,
            trace=incoming.id,
            now=incoming.received_at,
        )

    def _findings(self, content: bytes, terms: Terms, share: Share) -> tuple[Finding, ...]:
        """What the second reading finds in the finished octets (invariant 2)."""
        aliases = (str(party.alias) for party in share.conversation.parties())
        # The reader's own ids lead the reader's program to its own mail, and end with the reader's own domain (GW-41).
        own_ids = (one.lower() for one in (*terms.in_reply_to, *terms.references))
        shown = terms.shown_to(self.by.style).lower()
        return leaks(content, terms.watched(self.by.style), allowed={*aliases, *own_ids, shown})

    def _notice(self, reason: Reason, files: Sequence[str], share: Share, writer: Party) -> Outgoing:
        return self._written(self._occasion(reason, share, writer, files=tuple(files)), writer)

    def _occasion(
        self, topic: Topic, share: Share, writer: Party, files: tuple[str, ...] = (), taken: tuple[Taken, ...] = ()
    ) -> Occasion:
        return Occasion(
            topic=topic,
            writer=writer,
            conversation=share.conversation,
            subject=self.gathered.mail.subject,
            message=self.incoming.id,
            original_id=self.gathered.mail.message_id,
            files=files,
            limit_bytes=self.by.attachment_bytes_max if topic is Reason.ATTACHMENTS_TOO_LARGE else None,
            at=self.incoming.received_at,
            taken=taken,
        )

    def _written(self, occasion: Occasion, writer: Party) -> Outgoing:
        message_id = self._message_id()
        content = notice(occasion, self.by.house, now=self.incoming.received_at, message_id=message_id)
        return Outgoing(writer, content, message_id)

    def _message_id(self) -> MsgId:
        return MsgId(f"{self.by.new_id()}@{self.by.house.domain}")


def _seen(holding: Sequence[Removal]) -> str:
    """What was seen and where, "phone number in text/plain (2 times); link in Subject"; never what it was."""
    return "; ".join(f"{one} ({times} times)" if times > 1 else str(one) for one, times in counted(holding))


def fault(broke: Exception) -> str:
    """What broke and where, "KeyError at entities.py:12": all of an exception that is fit for operators, for its own words may
    quote the message."""
    return f"{type(broke).__name__} at {raised_at(broke)}"
