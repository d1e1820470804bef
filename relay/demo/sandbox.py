"""What stands in the place of the world: all outgoing mail ends here, and what a visitor writes begins here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from relay.demo.letters import mail_of
from relay.errors import Unavailable, Unreadable
from relay.inbound.ports import AtAlias, Incoming, Recipient
from relay.message.parse import parse
from relay.policy.reply import Reply
from relay.values import Alias, Clock, NewId
from relay.web.site.demo.ports import Answered, Character, Letter, Person, SandboxMail

kept_max: Final = 500
"""Mails that the sandbox remembers, and as many answers."""
arrives_within_s: Final = 20.0
answers_within_s: Final = 60.0

settles_s: Final = 0.2
settles_at_most: Final = 10

Begin = Callable[[Person, str], Awaitable[str]]


@dataclass
class Sandbox:
    """Takes all outgoing mail and keeps it for looking at. See web.site.demo.ports.Sandbox."""

    clock: Clock
    new_id: NewId
    gateway: tuple[str, int] = ("127.0.0.1", 0)
    """Where what is written goes."""
    people_: Sequence[Person] = ()
    reference_: str = ""
    begin_: Begin | None = field(default=None, repr=False)
    _mails: deque[SandboxMail] = field(default_factory=lambda: deque(maxlen=kept_max))
    _answers: deque[Answered] = field(default_factory=lambda: deque(maxlen=kept_max))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _count: int = 0

    # As a server that takes mail

    async def look_up(self, local: str, domain: str) -> Recipient:
        """Everybody is reached here. See inbound.ports.Recipients."""
        return AtAlias(Alias(local, domain))

    async def take(self, incoming: Incoming) -> Reply:
        """Keeps a mail, once for each recipient. See inbound.ports.Acceptor."""
        for recipient in incoming.recipients:
            if isinstance(recipient, AtAlias):
                self._count += 1
                self._mails.appendleft(SandboxMail(self._count, incoming.received_at, str(recipient.alias), incoming.content))
        async with self._news:
            self._news.notify_all()
        return Reply(250, "2.6.0", "Kept")

    async def arrived(self, recipient: str, subject: str) -> SandboxMail:
        """The newest mail to `recipient` with that subject, when it is there. Raises Unavailable when it does not come."""

        def found() -> SandboxMail | None:
            return next((one for one in self._mails if one.recipient == recipient and _subject(one) == subject), None)

        try:
            async with asyncio.timeout(arrives_within_s), self._news:
                await self._news.wait_for(found)
        except TimeoutError:
            raise Unavailable("the mail of the demonstration did not arrive; the log says why") from None
        mail = found()
        if mail is None:
            raise Unavailable("the mail of the demonstration came and was pushed out by others")
        return mail

    async def settled(self) -> None:
        """Nothing has come for a while: what the bookings cause is here."""
        for _ in range(settles_at_most):
            before = self._count
            await asyncio.sleep(settles_s)
            if before and self._count == before:
                return

    # As the pages ask it

    def people(self) -> Sequence[Person]:
        return self.people_

    def reference(self) -> str:
        return self.reference_

    def mails(self) -> Sequence[SandboxMail]:
        return tuple(self._mails)

    def mail(self, number: int) -> SandboxMail | None:
        return next((one for one in self._mails if one.number == number), None)

    def answered(self, number: int) -> Answered | None:
        return next((one for one in self._answers if one.number == number), None)

    async def write(self, letter: Letter) -> Answered:
        """Hand `letter` to the gateway by SMTP. Raises Unavailable where it does not answer."""
        before, writer = self._count, self._person(letter.writer)
        sender, mail = mail_of(letter, writer, self.new_id(), self.clock())
        host, port = self.gateway
        try:
            async with aiosmtplib.SMTP(hostname=host, port=port, start_tls=False, timeout=answers_within_s) as client:
                code, text = await _said(client, sender, letter.to, mail.as_bytes())
        except (aiosmtplib.SMTPException, OSError) as broken:
            raise Unavailable(f"the gateway of the demonstration does not answer: {type(broken).__name__}") from None
        number = self._answers[0].number + 1 if self._answers else 1
        answered = Answered(number, self.clock(), letter, code, text, before)
        self._answers.appendleft(answered)
        return answered

    async def begin(self, character: Character, agent: str) -> str:
        if self.begin_ is None:
            raise Unavailable("the demonstration is not ready yet")
        return await self.begin_(self._person(character), agent)

    def _person(self, character: Character) -> Person:
        return next(one for one in self.people_ if one.character is character)


async def _said(client: aiosmtplib.SMTP, sender: str, to: str, content: bytes) -> tuple[int, str]:
    """What the server says in the end, be it a yes or a no."""
    try:
        await client.mail(sender)
        await client.rcpt(to)
        code, text = await client.data(content)
    except aiosmtplib.SMTPResponseException as refused:
        return refused.code, refused.message
    return code, text


def _subject(mail: SandboxMail) -> str:
    try:
        return parse(mail.content).subject
    except Unreadable:
        return ""
