"""The first beat: the facts about a message, by asking whoever knows (I/O). Nothing is decided here."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from relay.conversation import Conversation, Party
from relay.errors import Unavailable
from relay.inbound.antivirus import Clean, Infected
from relay.inbound.deferrals import Deferrals
from relay.inbound.ports import Incoming
from relay.inbound.refrains import Refrains
from relay.message.anonymise import TRACE_FIELD
from relay.message.archives import archive_in, is_packed, unpacked_bytes_max
from relay.message.automatic import Automatic, automatic, may_be_a_persons, may_be_answered
from relay.message.encrypted import holds_encrypted
from relay.message.mail import Entity, Mail
from relay.message.refrain import refrain
from relay.policy.facts import Attachment, Facts, Infection, LocalPolicy, Provenance
from relay.proof.alignment import Alignment
from relay.transit.background import NO_RATES, Background, Inquiry
from relay.transit.evidence import Evidence
from relay.transit.network import is_told, neighbourhood
from relay.transit.thread import ThreadIds
from relay.values import Alias, RealAddress

in_loop_octets_max: Final = 128 * 1024
"""Messages up to this size are worked on in the event loop; above, a thread keeps the loop free for everybody else."""


_NOT_HERE: Final = frozenset({"message/partial", "message/external-body"})
_REPORTS: Final = frozenset({Automatic.BOUNCE, Automatic.DELAYED, Automatic.RECEIPT, Automatic.COMPLAINT})

_SELF_TEST: Final = Evidence(Alignment.ALIGNED, ("the self-test, whose mail goes nowhere else",))


class Conversations(Protocol):
    """The store, as far as gathering needs it. Everything here raises relay.errors.Unavailable for "later"."""

    async def backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> Sequence[Background | None]:
        """The conversation of which each of `aliases` reaches a party, and what was said in it before; None for none."""
        ...


class Scanner(Protocol):
    """The antivirus daemon."""

    async def scan(self, octets: bytes) -> Clean | Infected:
        """Raises relay.errors.Unavailable whenever it is not certain (invariant 7)."""
        ...


class Prover(Protocol):
    """Asks the domain of an author whether it stands for a message."""

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:
        """What speaks for `author`, the only one in From. Raises relay.errors.Unanswered where DNS does not answer (GW-14)."""
        ...


class TypeTeller(Protocol):
    """Tells media types by content."""

    def __call__(self, octets: bytes) -> str: ...


def weight(mail: Mail) -> int:
    """How many octets there may be to read in `mail`: what is packed counts as much as it may unpack to."""
    packed = any(is_packed(entity.payload) for entity in mail.attachments)
    return unpacked_bytes_max if packed else sum(len(entity.body) for entity in mail.root.walk())


@dataclass(frozen=True, slots=True)
class Share:
    """What was gathered for one recipient: the facts to judge by, and how the thread continues for the reader."""

    facts: Facts
    threads: ThreadIds

    @property
    def conversation(self) -> Conversation:
        return self.facts.conversation


@dataclass(frozen=True, slots=True)
class Gathered:
    """All facts about one message."""

    mail: Mail = field(repr=False)
    shares: tuple[Share, ...]
    may_be_answered: bool
    may_be_a_persons: bool
    fingerprint: bytes = field(repr=False)
    evidence: Evidence | None = field(default=None, repr=False)
    author: RealAddress | None = None
    refrain: bytes | None = field(default=None, repr=False)

    @property
    def proven_author(self) -> RealAddress | None:
        """Who wrote it, when that is certain for all recipients."""
        return self.author if all(share.facts.proven for share in self.shares) else None


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers. Without a `prover` a known address is taken for proof; only closed set-ups may do without one (GW-11)."""

    conversations: Conversations
    scanner: Scanner | None
    file_types: TypeTeller
    local_policy: LocalPolicy
    customer_prefix: str
    domain: str
    prover: Prover | None
    deferrals: Deferrals = field(default_factory=Deferrals, repr=False)
    refrains: Refrains = field(default_factory=Refrains, repr=False)

    async def gather(self, incoming: Incoming, aliases: Sequence[Alias], mail: Mail) -> Gathered:
        """The facts of `mail` for each of `aliases`. Raises Unavailable for "later"."""
        author = mail.authors[0].address if mail.author_fields == len(mail.authors) == 1 else None
        fingerprint = _fingerprint(incoming, mail, author)
        kind = automatic(mail, incoming.return_path)
        # The mails of the self-test come by the hundred, from people who are on this machine alone.
        is_counted = not (incoming.is_anew or (author is not None and author.is_of_self_test))
        rates = self.local_policy.rates if is_counted else NO_RATES
        evidence = await self._evidence(incoming, mail, author)
        # Robots write little, and what is long takes long to look at.
        words = refrain(mail) if is_counted and weight(mail) <= in_loop_octets_max else None
        robots = {one for one in aliases if self.refrains.is_robots(one, words, incoming.received_at)}
        inquiry = Inquiry(
            author,
            fingerprint,
            mail.references,
            automatic=kind is Automatic.AUTO_REPLY or bool(robots),
            at=incoming.received_at,
            rates=rates,
            is_authentic=evidence is None or evidence.alignment is Alignment.ALIGNED,
        )
        found = await self._backgrounds(aliases, inquiry)
        recipients = _without_own([(one, one.conversation.at_alias(alias)) for alias, one in found], author)
        told = _Told(neighbourhood(incoming.client_ip), incoming.is_confirmed)
        written_by = [_written_by(one.conversation, to, author, evidence, told) for one, to in recipients]
        # Whoever is nobody in these conversations, or may be anybody, is refused or held whatever the content is: nobody scans
        # for strangers, and what is held is decided anew.
        proven = any(provenance is Provenance.PROVEN for _, provenance in written_by)
        attachments = await self._attachments(mail) if proven else ()
        infection = await self._infection(incoming.content, mail) if proven else None
        facts = partial(
            Facts,
            local_policy=self.local_policy,
            authors=1 if author is not None else 0,
            customers_shown=self._customers_shown(mail),
            third_parties_shown=self._third_parties_shown(mail),
            attachments=attachments,
            infection=infection,
            received_fields=len(mail.root.named("Received")),
            ours_before=mail.root.first(TRACE_FIELD) is not None,
            put_off_at=self.deferrals.since(fingerprint),
            report=kind in _REPORTS,
            encrypted_content=holds_encrypted(mail),
            fragment=mail.root.media_type in _NOT_HERE,
        )
        shares = []
        for (background, recipient), (writer, provenance) in zip(recipients, written_by, strict=True):
            earlier = background.earlier
            judged_by = facts(
                conversation=background.conversation,
                recipient=recipient,
                writer=writer,
                provenance=provenance,
                # One that is decided anew is no copy of itself (GW-55).
                duplicate_of=earlier.taken if earlier.taken != incoming.id else None,
                refused_before=earlier.refused,
                automatic=kind is Automatic.AUTO_REPLY or recipient.alias in robots,
                automatic_today=background.automatic_today,
                crowd=background.crowd,
                unconfirmed=background.unconfirmed if is_counted else 0,
            )
            shares.append(Share(judged_by, background.threads))
        return Gathered(
            mail=mail,
            shares=tuple(shares),
            may_be_answered=may_be_answered(mail, incoming.return_path, kind),
            may_be_a_persons=may_be_a_persons(mail, kind),
            fingerprint=fingerprint,
            evidence=evidence,
            author=author,
            refrain=words,
        )

    async def _evidence(self, incoming: Incoming, mail: Mail, author: RealAddress | None) -> Evidence | None:
        """What speaks for `author`: what was found when the message came, if it came before."""
        if self.prover is None or author is None:
            return None
        if author.is_of_self_test:
            return _SELF_TEST
        return incoming.evidence or await self.prover.evidence(incoming, mail, author)

    async def _backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> list[tuple[Alias, Background]]:
        found = []
        for alias, one in zip(aliases, await self.conversations.backgrounds(aliases, inquiry), strict=True):
            if one is None:
                # It was there at RCPT, and aliases are never taken away: the database is not telling the truth now.
                raise Unavailable("an alias that was found at RCPT is gone at DATA")
            found.append((alias, one))
        return found

    async def _attachments(self, mail: Mail) -> tuple[Attachment, ...]:
        entities = mail.attachments
        if weight(mail) <= in_loop_octets_max:
            return tuple(self._looked_at(entity) for entity in entities)
        return tuple([await asyncio.to_thread(self._looked_at, entity) for entity in entities])

    def _looked_at(self, entity: Entity) -> Attachment:
        archive = archive_in(entity.payload)
        return Attachment(
            name=entity.filename or entity.media_type,
            media_type=self.file_types(entity.payload),
            size=len(entity.payload),
            members=archive.members if archive else (),
            locked=archive.locked if archive else False,
            overgrown=archive.overgrown if archive else False,
        )

    async def _infection(self, content: bytes, mail: Mail) -> Infection | None:
        """The message as received is scanned whole, and each file as it was decoded here: a scanner that reads MIME in
        another way than we do would otherwise miss what we forward (FAULT-61)."""
        if self.scanner is None:
            return None
        whole = await self.scanner.scan(content)
        found = whole.signature if isinstance(whole, Infected) else None
        files = []
        for entity in mail.attachments:
            result = await self.scanner.scan(entity.payload)
            if isinstance(result, Infected):
                found = found or result.signature
                files.append(entity.filename or entity.media_type)
        return Infection(found, tuple(files)) if found else None

    def _customers_shown(self, mail: Mail) -> frozenset[Alias]:
        """The customers' aliases in To and Cc. The prefix tells them: also one that was mistyped is somebody else's to see."""
        shown = set()
        for mailbox in (*mail.to, *mail.cc):
            if mailbox.address is None:
                continue
            local, _, domain = mailbox.address.reveal().casefold().rstrip(".").rpartition("@")
            if domain == self.domain and local.startswith(self.customer_prefix):
                shown.add(Alias(local, domain))
        return frozenset(shown)

    def _third_parties_shown(self, mail: Mail) -> int:
        return sum(
            mailbox.address is not None and not mailbox.address.reveal().casefold().rstrip(".").endswith(f"@{self.domain}")
            for mailbox in (*mail.to, *mail.cc)
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What a party may have said of a message: that they write from its `network`, or that they wrote it."""

    network: str
    is_confirmed: bool

    def by(self, party: Party, author: RealAddress) -> bool:
        return self.is_confirmed or (is_told(self.network) and party.vouches(author, self.network))


def _written_by(
    conversation: Conversation, recipient: Party, author: RealAddress | None, evidence: Evidence | None, told: _Told
) -> tuple[Party | None, Provenance]:
    """The party of `conversation` that `author` is, and how sure that is; without evidence a known address is (GW-11).

    What the party has said counts: of a known address that nothing speaks for (GW-12), or that an unknown one is not theirs
    (GW-6). Of the self-test's addresses, which nobody has to prove, its own parties' alone are somebody's: nobody is asked about
    another one. Nor about an alias, or another address of ours, which is nobody's mailbox (GW-7).
    """
    if author is None:
        return None, Provenance.UNPROVEN
    writer = next((party for party in conversation.parties() if party.knows(author)), None)
    is_ours = author.is_of_self_test or author.domain == recipient.alias.domain
    match evidence.alignment if evidence is not None else None:
        case None:
            return writer, Provenance.UNPROVEN if writer is None else Provenance.PROVEN
        case Alignment.ALIGNED if writer is not None:
            return writer, Provenance.PROVEN
        case Alignment.ALIGNED if not (is_ours or conversation.party(recipient.role.other).denies(author)):
            return None, Provenance.STRANGER
        case Alignment.NO_MEANS if writer is not None:
            return writer, Provenance.PROVEN if told.by(writer, author) else Provenance.WITHOUT_MEANS
        case Alignment.DISOWNED:
            return writer, Provenance.DISOWNED
        case _:
            return writer, Provenance.UNPROVEN


def _without_own(
    found: Sequence[tuple[Background, Party | None]], author: RealAddress | None
) -> tuple[tuple[Background, Party], ...]:
    """The recipients, without the writer's own alias where the other party of that conversation gets the mail anyway: a
    reply to all puts it there (GW-7)."""
    recipients = [(background, party) for background, party in found if party is not None]
    reached = {(one.conversation.id, party.role) for one, party in recipients}
    return tuple(
        (one, party)
        for one, party in recipients
        if not (author is not None and party.knows(author) and (one.conversation.id, party.role.other) in reached)
    )


def _fingerprint(incoming: Incoming, mail: Mail, author: RealAddress | None) -> bytes:
    """What makes a message the same as one before: writer, Message-ID and body (FAULT-52); trace fields change on the way.

    Without a Message-ID only the very same octets count: people do write "ok" twice.
    """
    blank = incoming.content.find(b"\r\n\r\n")
    body = memoryview(incoming.content)[blank + 4 :] if blank != -1 else b""
    parts = (author.key if author else "", mail.message_id or "")
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace"))
    digest.update(body if mail.message_id else incoming.content)
    return digest.digest()
