"""Mail to the house's own addresses: bounces to return paths, letters to the postmaster (GW-8, GW-42, GW-51)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

import structlog

from relay.correspondence.forward import forwarded
from relay.correspondence.house import House
from relay.errors import Unreadable
from relay.inbound.antivirus import Clean, Infected
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Incoming
from relay.inbound.replies import ACCEPTED, Reply
from relay.message.automatic import Automatic, automatic
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.reports import BounceReport, bounce
from relay.message.searchable import words_of
from relay.transit.bounce import Bounce, Untold
from relay.transit.crossing import Searchable
from relay.transit.delivery import Carries, Cause, Delivery, Failed
from relay.transit.envelope import Envelope
from relay.transit.return_path import ReturnPaths
from relay.values import Alias, DeliveryId, MsgId, NewId, RealAddress

log = structlog.get_logger("relay.house_mail")

UNREADABLE: Final = Reply(554, "5.6.0", "Message cannot be read safely")
INFECTED: Final = Reply(554, "5.7.1", "Content not accepted")
ONLY_REPORTS: Final = Reply(550, "5.7.1", "Only reports about mail are taken here; write to the address in your booking")


class Archive(Protocol):
    """The store, as far as mail to the house needs it."""

    async def accept_house_mail(
        self, envelope: Envelope, searchable: Searchable, outgoing: Sequence[Delivery], bounces: Sequence[Bounce]
    ) -> Sequence[Delivery]:
        """Archives mail that belongs to no conversation, with what hands it on and the ends of the deliveries that came back,
        in one transaction; the deliveries, notices among them, come back claimed for this process."""
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

    async def writer_of(self, delivery: DeliveryId) -> Alias | None:
        """The alias of the party whose message `delivery` carried; None when it carried mail of ours."""
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
        paths = [one for one in incoming.recipients if isinstance(one, AtReturnPath)]
        if len(paths) != len(incoming.recipients):
            return None
        try:
            mail = await asyncio.to_thread(parse, incoming.content)
        except Unreadable:
            return None
        if automatic(mail, incoming.return_path) is not Automatic.AUTO_REPLY:
            return None
        named = [self.return_paths.read(one.local, incoming.received_at) for one in paths]
        aliases = [await self.failures.writer_of(one) for one in named if isinstance(one, str)]
        recipients = tuple(AtAlias(alias) for alias in dict.fromkeys(aliases) if alias is not None)
        return replace(incoming, recipients=recipients) if recipients else None

    async def take(self, incoming: Incoming) -> Reply:
        """Take mail to the house over. A 250 means it is on disk. Raises Unavailable for "later"."""
        try:
            mail = await asyncio.to_thread(parse, incoming.content)
        except Unreadable:
            return UNREADABLE
        roles = [one.name for one in incoming.recipients if isinstance(one, AtRole)]
        if not roles and automatic(mail, incoming.return_path) is Automatic.PERSON:
            # Somebody answered to the return path; kept here, nobody would ever see it (invariant 4).
            return ONLY_REPORTS
        if roles and self.scanner is not None and isinstance(await self.scanner.scan(incoming.content), Infected):
            return INFECTED
        came_back = [await self._came_back(one, mail, incoming) for one in incoming.recipients if isinstance(one, AtReturnPath)]
        bounces = [one for one in came_back if one is not None]
        outgoing = [
            await asyncio.to_thread(self._to_operator, address, roles, incoming) for address in (self.operators if roles else ())
        ]
        words = Searchable(*await asyncio.to_thread(words_of, mail))
        self.courier.offer(await self.archive.accept_house_mail(incoming.envelope(), words, outgoing, bounces))
        return ACCEPTED

    async def _came_back(self, at: AtReturnPath, mail: Mail, incoming: Incoming) -> Bounce | None:
        """The end of a delivery, with the notice to its writer in our words; None for what is no final bounce, and only kept."""
        delivery = self.return_paths.read(at.local, incoming.received_at)
        report: BounceReport | None = bounce(mail, incoming.return_path)
        if not isinstance(delivery, str) or report is None or not report.permanent:
            log.info("kept", id=incoming.id, at="return path", report="none" if report is None else "temporary")
            return None
        cause = Cause(report.cause.value)
        told = await self.failures.came_back(delivery, cause, incoming.received_at)
        log.info("bounced", id=incoming.id, delivery=delivery, cause=cause.value)
        return Bounce(delivery, Failed(cause, None, report.status or ""), told)

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
