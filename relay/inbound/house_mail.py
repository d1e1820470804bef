"""Mail to the house's own addresses: reports at return paths, letters to the postmaster (GW-8, GW-42, GW-51, FAULT-75).

What a report says goes no further than a cause, in words of ours, and the timeline of the conversation that it belongs to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

import structlog

from relay.conversation import Conversation
from relay.correspondence.forward import forwarded
from relay.correspondence.house import House
from relay.errors import TakenEnough, Unreadable
from relay.inbound.antivirus import Clean, Infected
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Incoming
from relay.inbound.replies import ACCEPTED
from relay.message.automatic import Automatic, automatic
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.reports import BounceReport, Complaint, bounce, complaint
from relay.message.searchable import words_of
from relay.policy.reasons import REPLIES, Reason
from relay.policy.reply import Reply
from relay.transit.bounce import MAIL_OF_OURS, Bounce, Complained, Intake, Untold, reports_max
from relay.transit.crossing import Fate, Passage, Searchable
from relay.transit.delivery import Carries, Cause, Delivery, Failed
from relay.transit.mentions import mentioned_in
from relay.transit.return_path import ReturnPaths, complained_for
from relay.values import DeliveryId, MsgId, NewId, RealAddress, Role

log = structlog.get_logger("relay.house_mail")

ONLY_REPORTS: Final = Reply(550, "5.7.1", "Only reports about mail are taken here; write to the address in your booking")
NOTHING_TO_FIND: Final = Searchable("", "", "", "")
ENOUGH_REPORTS: Final = Reply(550, "5.7.1", "Enough reports were taken here")

_REPORTS: Final = frozenset({Automatic.BOUNCE, Automatic.DELAYED, Automatic.COMPLAINT})
_SUSPENDING: Final = frozenset({Complaint.ABUSE, Complaint.FRAUD, Complaint.OPT_OUT, Complaint.VIRUS, Complaint.OTHER})
"""What a person says against mail; the others praise it, or tell of its authentication."""
_MACHINES: Final = frozenset({"", "mailer-daemon", "postmaster"})
"""Local parts of envelope senders from which servers report; the first is the null path's (LEAK-80)."""


class Sent(Protocol):
    """To whom a delivery went: to `reader`, None for the operators, in `conversation`, None where it belongs to none."""

    @property
    def conversation(self) -> Conversation | None: ...
    @property
    def reader(self) -> Role | None: ...
    @property
    def carries(self) -> Carries: ...
    @property
    def reports(self) -> int: ...


class Archive(Protocol):
    """The store, as far as mail to the house needs it. Everything here raises relay.errors.Unavailable for "later"."""

    async def sent(self, delivery: DeliveryId) -> Sent | None:
        """To whom `delivery` went; None when there is no such one, or it was the operators' own mail."""
        ...

    async def sent_as(self, ids: Sequence[MsgId]) -> Sequence[DeliveryId]:
        """The deliveries of the renditions that have one of these Message-IDs."""
        ...

    async def accept_house_mail(self, intake: Intake) -> Sequence[Delivery]:
        """Archives it with all that it causes, in one transaction; the deliveries come back claimed for this process.

        Raises TakenEnough where its return paths had all their reports meanwhile (CASE-54); then nothing is stored.
        """
        ...


class Courier(Protocol):
    def offer(self, deliveries: Sequence[Delivery]) -> object:
        """Takes claimed deliveries."""
        ...


class Scanner(Protocol):
    async def scan(self, octets: bytes) -> Clean | Infected:
        """Raises relay.errors.Unavailable whenever it is not certain (invariant 7)."""
        ...


class Failures(Protocol):
    async def came_back(self, delivery: DeliveryId, cause: Cause, now: datetime) -> Delivery | Untold:
        """The notice to the writer that `delivery` failed for good, or why nobody is to be told (GW-53)."""
        ...


@dataclass(frozen=True, slots=True)
class HouseMail:
    """Takes mail at return paths and role addresses. `operators` get the latter, each message attached as it came."""

    archive: Archive
    courier: Courier
    failures: Failures
    return_paths: ReturnPaths
    operators: Sequence[RealAddress]
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    house: House
    new_id: NewId
    scanner: Scanner | None

    async def as_answer(self, incoming: Incoming) -> Incoming | None:
        """An automatic answer to the return path of a message, as if it had come to the alias of that message's writer.

        Robots answer there (RFC 3834 §4), and their answer belongs to the conversation (LEAK-82). None for all other mail.
        """
        if not all(isinstance(one, AtReturnPath) for one in incoming.recipients):
            return None
        try:
            mail = await asyncio.to_thread(parse, incoming.content)
        except Unreadable:
            return None
        if automatic(mail, incoming.return_path) is not Automatic.AUTO_REPLY:
            return None
        carried = [sent for _, sent in await self._about(incoming) if sent.carries is Carries.RENDITION]
        aliases = dict.fromkeys(
            sent.conversation.party(sent.reader.other).alias for sent in carried if sent.conversation and sent.reader
        )
        return replace(incoming, recipients=tuple(AtAlias(alias) for alias in aliases)) if aliases else None

    async def as_report(self, incoming: Incoming) -> Incoming | None:
        """A report that came to an alias or a role address, as if it had come to the return path of the mail that it speaks of.

        Servers that know no better write to the From address, and feedback loops to where they were told to (LEAK-80, FAULT-75).
        What it speaks of was known to its recipient alone: a return path with our MAC, or the Message-ID of the rendition.
        Role addresses get it all the same. None for all other mail, and for reports about nothing of ours.
        """
        by_machine = incoming.return_path.strip("<>").partition("@")[0].lower() in _MACHINES
        roles = tuple(one for one in incoming.recipients if isinstance(one, AtRole))
        if not roles and not by_machine:
            return None
        try:
            mail = await asyncio.to_thread(parse, incoming.content)
        except Unreadable:
            return None
        if automatic(mail, incoming.return_path) not in _REPORTS:
            return None
        now = incoming.received_at
        pieces = (incoming.content, *(entity.payload for entity in mail.root.walk()))
        mentions = await asyncio.to_thread(mentioned_in, pieces, self.house.domain)
        named = [self.return_paths.read(local, now, complained_for) for local in mentions.locals]
        found = [one for one in named if isinstance(one, str)]
        if not found and mentions.message_ids:
            found = list(await self.archive.sent_as(mentions.message_ids))
        paths = tuple(AtReturnPath(self.return_paths.mint(one, now).partition("@")[0]) for one in dict.fromkeys(found))
        return replace(incoming, recipients=(*roles, *paths)) if paths else None

    async def take(self, incoming: Incoming) -> Reply:
        """Take mail to the house over. A 250 means it is on disk. Raises Unavailable for "later"."""
        try:
            mail = await asyncio.to_thread(parse, incoming.content)
        except Unreadable:
            return REPLIES[Reason.UNREADABLE]
        roles = [one.name for one in incoming.recipients if isinstance(one, AtRole)]
        if not roles and automatic(mail, incoming.return_path) is Automatic.PERSON:
            # Somebody answered to the return path; kept here, nobody would ever see it (invariant 4).
            return ONLY_REPORTS
        if roles and self.scanner is not None and isinstance(await self.scanner.scan(incoming.content), Infected):
            return REPLIES[Reason.VIRUS]
        about = await self._about(incoming)
        if not roles and about and all(sent.reports >= reports_max for _, sent in about):
            return ENOUGH_REPORTS
        intake = await self._read(incoming, mail, about)
        outgoing = [
            await asyncio.to_thread(self._to_operator, address, roles, incoming) for address in (self.operators if roles else ())
        ]
        words = Searchable(*await asyncio.to_thread(words_of, mail))
        whole = replace(intake, searchable=words, outgoing=tuple(outgoing), to_return_paths_alone=not roles)
        try:
            claimed = await self.archive.accept_house_mail(whole)
        except TakenEnough:
            return ENOUGH_REPORTS
        self.courier.offer(claimed)
        return ACCEPTED

    async def _about(self, incoming: Incoming) -> list[tuple[DeliveryId, Sent]]:
        """The deliveries to whose return paths it came, with what they were about."""
        named = [
            self.return_paths.read(one.local, incoming.received_at)
            for one in incoming.recipients
            if isinstance(one, AtReturnPath)
        ]
        found = [(one, await self.archive.sent(one)) for one in dict.fromkeys(named) if isinstance(one, str)]
        return [(delivery, sent) for delivery, sent in found if sent is not None]

    async def _read(self, incoming: Incoming, mail: Mail, about: Sequence[tuple[DeliveryId, Sent]]) -> Intake:
        """What it causes in the conversations that it belongs to; not yet its words, nor what hands it on."""
        report, against = bounce(mail, incoming.return_path), complaint(mail)
        bounces: list[Bounce] = []
        if report is not None and report.permanent:
            failed = Failed(report.cause, None, report.status or "")
            for delivery, sent in about:
                told = await self._told(delivery, sent, report.cause, incoming.received_at)
                bounces.append(Bounce(delivery, failed, told))
        complaints = [one for delivery, sent in about if against and (one := _complained(delivery, sent, against)) is not None]
        says = _in_a_word(report, against)
        log.info("report", id=incoming.id, says=says, deliveries=[delivery for delivery, _ in about])
        return Intake(
            envelope=incoming.envelope(),
            searchable=NOTHING_TO_FIND,
            passages=_places([sent for _, sent in about], says),
            about=tuple(delivery for delivery, _ in about),
            bounces=tuple(bounces),
            complaints=tuple(complaints),
        )

    async def _told(self, delivery: DeliveryId, sent: Sent, cause: Cause, now: datetime) -> Delivery | Untold:
        """Of mail about a booking the house hears: it has no writer who could be told."""
        return MAIL_OF_OURS if sent.carries is Carries.NOTIFICATION else await self.failures.came_back(delivery, cause, now)

    def _to_operator(self, operator: RealAddress, roles: Sequence[str], incoming: Incoming) -> Delivery:
        content = forwarded(
            incoming.content,
            roles=roles,
            operator=operator,
            message=incoming.id,
            house=self.house,
            now=incoming.received_at,
            message_id=MsgId(f"{self.new_id()}@{self.house.domain}"),
        )
        return Delivery(
            id=DeliveryId(self.new_id()),
            message=incoming.id,
            conversation=None,
            carries=Carries.OPERATOR,
            return_path="",
            recipient=operator,
            content=self.sign(content, incoming.received_at),
            accepted_at=incoming.received_at,
        )


def _in_a_word(report: BounceReport | None, against: Complaint | None) -> str:
    """What it says, for support and the log: nothing of its own text."""
    if against is not None:
        return f"complaint: {against.value}"
    if report is None:
        return "no failure"
    return f"{'failed' if report.permanent else 'delayed'}: {report.cause.value}"


def _places(about: Sequence[Sent], detail: str) -> tuple[Passage, ...]:
    """Where a report stands, once a conversation: as mail of the one to whom the delivery went, which goes no further."""
    places = {sent.conversation.id: (sent.conversation, sent.reader) for sent in about if sent.conversation and sent.reader}
    return tuple(
        Passage(conversation.id, conversation.reference, reader, Fate.ABSORBED, Reason.REPORT.value, detail)
        for conversation, reader in places.values()
    )


def _complained(delivery: DeliveryId, sent: Sent, against: Complaint) -> Complained | None:
    """None for what went to the operators, who need no conversation to hear of it."""
    if sent.conversation is None or sent.reader is None:
        return None
    suspends = against in _SUSPENDING and sent.carries is Carries.RENDITION
    return Complained(delivery, sent.conversation.id, sent.reader, against.value, suspends)
