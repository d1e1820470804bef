"""`relay demo`: the whole gateway on the embedded default, with pretend people and a sandbox in the place of the world.

Nothing leaves the machine: the smarthost is a sandbox in this very process, which keeps outgoing mail for a page to show.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib
from sqlalchemy import Connection

from relay import logs
from relay.app.gateway import Gateway, built
from relay.app.running import Ending, run, scheduled
from relay.conversation import Conversation, Opening
from relay.errors import NotFound, Unavailable
from relay.inbound.limits import Limits
from relay.inbound.ports import AtAlias, Incoming, Recipient
from relay.inbound.server import SmtpServer
from relay.machine import NewIds, clock
from relay.message.parse import parse
from relay.policy.reply import Reply
from relay.settings import Enforcement, Scanning, Settings, Smarthost, Tcp
from relay.store import conversations, steps
from relay.values import Alias, Language, RealAddress, Role
from relay.web.ports import Person, SandboxMail
from relay.web.sandbox import Demonstration

REFERENCE: Final = "DEMO-1"
PARTNER: Final = ("Marco Bellini", "marco.bellini@alpine-tours.example")
CUSTOMER: Final = ("Zofia Kowalska", "zofia.kowalska@poczta.example")
kept_max: Final = 500
"""Mails that the sandbox remembers."""
arrives_within_s: Final = 20.0


@dataclass
class Sandbox:
    """Takes all outgoing mail and keeps it for looking at. See web.ports.Sandbox."""

    people_: Sequence[Person] = ()
    _mails: deque[SandboxMail] = field(default_factory=lambda: deque(maxlen=kept_max))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _count: int = 0

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

    async def arrived(self, number: int) -> SandboxMail:
        """The mail of that number, counted from 1, when it is there. Raises Unavailable when it does not come."""
        try:
            async with asyncio.timeout(arrives_within_s), self._news:
                await self._news.wait_for(lambda: self._count >= number)
        except TimeoutError:
            raise Unavailable("the mail of the demonstration did not arrive; the log says why") from None
        found = self.mail(number)
        if found is None:
            raise Unavailable("the mail of the demonstration came and was pushed out by others")
        return found

    @property
    def count(self) -> int:
        return self._count

    def people(self) -> Sequence[Person]:
        return self.people_

    def mails(self) -> Sequence[SandboxMail]:
        return tuple(self._mails)

    def mail(self, number: int) -> SandboxMail | None:
        return next((one for one in self._mails if one.number == number), None)


def demo(settings: Settings, *, once: bool = False) -> None:
    """Serve, let the pretend partner and customer write to each other once, show it, and go on until SIGTERM or Ctrl-C.

    `settings` give names and ports; state, database, way out, authentication and scanner are the demonstration's own. With
    `once` it ends after the exchange. Raises WrongConfiguration and Unavailable.
    """
    logs.configure(level="warning", json=False)
    with scheduled() as runner:
        runner.run(_demonstrate(settings, once=once))


async def _demonstrate(settings: Settings, *, once: bool) -> None:
    sandbox = Sandbox()
    outside = SmtpServer(
        sandbox, sandbox, hostname="sandbox.example", clock=clock, new_id=NewIds(), limits=Limits(connections_per_network_max=500)
    )
    await outside.start(["127.0.0.1:0"])
    gateway = built(_demonstration_settings(settings, outside.addresses[0][1]), "demo")
    conversation = await _conversation(gateway)
    sandbox.people_ = tuple(
        Person(party.role, party.name, str(party.alias), party.addresses[0].reveal()) for party in conversation.parties()
    )
    host, port = _first(gateway.settings.smtp.listen)
    ending = Ending()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ending.heard)
    demonstration = Demonstration(sandbox, gateway.settings.relay.brand, host, port)
    started = asyncio.Event()
    serving = asyncio.create_task(run(gateway, ending, demonstration=demonstration, started=started))
    try:
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not serving.done():
            await _exchange(gateway, sandbox, conversation)
            _tell(gateway, conversation)
            if once:
                ending.stop.set()
        await serving
    finally:
        await outside.close()


def _demonstration_settings(settings: Settings, sandbox_port: int) -> Settings:
    """`settings` with everything that leads outside led into the sandbox, and with a state of its own."""
    state = settings.relay.state_dir / "demo"
    return settings.model_copy(
        update={
            "relay": settings.relay.model_copy(update={"state_dir": state}),
            "authentication": settings.authentication.model_copy(update={"mode": Enforcement.OFF}),
            "antivirus": settings.antivirus.model_copy(update={"mode": Scanning.OFF}),
            "dkim": settings.dkim.model_copy(update={"key_file": state / "dkim.pem", "ed25519_selector": ""}),
            "outbound": settings.outbound.model_copy(update={"route": Smarthost(Tcp("127.0.0.1", sandbox_port))}),
            "database": settings.database.model_copy(update={"url": f"sqlite:///{state / 'relay.db'}"}),
        }
    )


async def _conversation(gateway: Gateway) -> Conversation:
    """The demonstration's booking: the same one at every start, so that its aliases stay good."""
    settings = gateway.settings
    opening = Opening(
        reference=REFERENCE,
        partner_name=PARTNER[0],
        partner_addresses=(RealAddress(PARTNER[1]),),
        customer_name=CUSTOMER[0],
        customer_addresses=(RealAddress(CUSTOMER[1]),),
        activity_end=clock() + timedelta(days=30),
        partner_language=Language.IT,
        customer_language=Language.EN,
    )

    def work(connection: Connection) -> Conversation:
        try:
            found = conversations.by_reference(connection, REFERENCE)
        except NotFound:
            return steps.open_conversation(
                connection, opening, gateway.mint, now=clock(), window_after=settings.policy.window_after_activity, by="demo"
            )
        if found.window.closes_at < clock() + timedelta(days=7):
            return steps.extend(connection, REFERENCE, clock() + timedelta(days=37), now=clock(), by="demo")
        return found

    return await gateway.store.write(work)


async def _exchange(gateway: Gateway, sandbox: Sandbox, conversation: Conversation) -> None:
    """One mail each way, by real SMTP, and what arrived of it."""
    host, port = _first(gateway.settings.smtp.listen)
    partner, customer = conversation.partner, conversation.customer
    letters = (
        (Role.PARTNER, "Meeting point", "Hello Zofia, we meet at 10:00 at the fountain.\n\n-- \nMarco Bellini\n" + PARTNER[1]),
        (Role.CUSTOMER, "Re: Meeting point", "Thank you, see you there!\n\nZofia Kowalska\n" + CUSTOMER[1]),
    )
    for role, subject, text in letters:
        writer, reader = (partner, customer) if role is Role.PARTNER else (customer, partner)
        letter = EmailMessage()
        letter["From"] = f"{writer.name} <{writer.addresses[0].reveal()}>"
        letter["To"] = str(reader.alias)
        letter["Subject"] = subject
        letter["Date"] = format_datetime(clock())
        letter["Message-ID"] = f"<{gateway.new_id()}@{writer.addresses[0].reveal().partition('@')[2]}>"
        letter.set_content(text)
        number = sandbox.count + 1
        await aiosmtplib.send(letter, hostname=host, port=port, sender=writer.addresses[0].reveal(), start_tls=False)
        arrived = await sandbox.arrived(number)
        _show(f"The {role.value} wrote to {reader.alias}. The {role.other.value} received:", arrived.content)


def _show(title: str, content: bytes) -> None:
    """A mail as its reader's program shows it."""
    mail = parse(content)
    sender, to = mail.authors[0], mail.to[0]
    text = next((part.text for part in mail.root.walk() if part.media_type == "text/plain"), "")
    lines = (f"From: {sender.name} <{sender.written}>", f"To: {to.written}", f"Subject: {mail.subject}", "", *text.split("\n"))
    print(f"\n{title}\n")
    print("\n".join(f"    {line}".rstrip() for line in lines).rstrip())


def _tell(gateway: Gateway, conversation: Conversation) -> None:
    """Three lines: how to write into it."""
    host, port = _first(gateway.settings.smtp.listen)
    alias, sender = conversation.customer.alias, PARTNER[1]
    python = (
        f"import smtplib; smtplib.SMTP('{host}', {port}).sendmail('{sender}', '{alias}', "
        f"'From: {sender}\\nTo: {alias}\\nSubject: Hello\\n\\nHello from Python')"
    )
    print(f"\nThe sandbox, with everything that goes out: {gateway.settings.web.base_url}\n\nWrite into it yourself:\n")
    print(f"  swaks         swaks --server {host}:{port} --from {sender} --to {alias} --header 'Subject: Hello' --body 'Hello'")
    print(f'  Python        python3 -c "{python}"')
    print(f"  mail program  outgoing server {host}, port {port}, no encryption, no password; you are {sender}; write to {alias}")
    print("\nSenders are taken at their word and nothing is scanned: this is a demonstration. Ctrl-C ends it.", flush=True)


def _first(listen: Sequence[Tcp]) -> tuple[str, int]:
    return listen[0].host, listen[0].port
