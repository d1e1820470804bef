"""`relay demo`: the whole gateway on the embedded default, with pretend people and a sandbox in the place of the world.

Nothing leaves the machine: the smarthost is a sandbox in this very process, which keeps outgoing mail for a page to show.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from relay import logs
from relay.app.gateway import Gateway, built
from relay.app.running import Ending, run, scheduled
from relay.conversation import Conversation
from relay.demo.people import EVA, MARCO, OFFICES, OTTO, ZOFIA
from relay.demo.sandbox import Begin, Sandbox
from relay.demo.stock import Stock
from relay.desk.sessions import Doors
from relay.errors import NotFound, Unavailable
from relay.inbound.limits import Limits
from relay.inbound.server import SmtpServer
from relay.machine import NewIds, clock, secret
from relay.message.parse import parse
from relay.settings import Enforcement, Scanning, Settings, Smarthost, Tcp
from relay.store import accounts, conversations
from relay.store.accounts import Account
from relay.values import Language, RealAddress
from relay.web.site.demo.pages import Demonstration
from relay.web.site.demo.ports import Character, Letter, Person

accepted_code: Final = 250


def demo(settings: Settings, *, once: bool = False) -> None:
    """Serve, let the pretend partner and customer write to each other once, show it, and go on until SIGTERM or Ctrl-C.

    `settings` give names and ports; state, database, way out, authentication and scanner are the demonstration's own. With
    `once` it ends after the exchange. Raises WrongConfiguration and Unavailable.
    """
    logs.configure(level="warning", json=False)
    with scheduled() as runner:
        runner.run(_demonstrate(settings, once=once))


async def _demonstrate(settings: Settings, *, once: bool) -> None:
    sandbox = Sandbox(clock, NewIds())
    outside = SmtpServer(
        sandbox, sandbox, hostname="sandbox.example", clock=clock, new_id=NewIds(), limits=Limits(connections_per_network_max=500)
    )
    await outside.start(["127.0.0.1:0"])
    gateway = built(_demonstration_settings(settings, outside.addresses[0][1]), "demo")
    sandbox.gateway = host, port = _first(gateway.settings.smtp.listen)
    sandbox.reference_ = reference = await Stock(gateway.core.catalogue, gateway.core.bookings, clock).laid_out()
    conversation = await gateway.store.read(lambda connection: conversations.by_reference(connection, reference))
    sandbox.begin_ = await _people_let_in(gateway)
    sandbox.people_ = (
        replace(MARCO, alias=str(conversation.partner.alias)),
        replace(ZOFIA, alias=str(conversation.customer.alias)),
        EVA,
        OTTO,
    )
    ending = Ending()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ending.heard)
    demonstration = Demonstration(sandbox, host, port)
    started = asyncio.Event()
    serving = asyncio.create_task(run(gateway, ending, demonstration=demonstration, started=started))
    try:
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not serving.done():
            await sandbox.settled()
            await _exchange(sandbox, conversation)
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


async def _people_let_in(gateway: Gateway) -> Begin:
    """Those of the house have their accounts; what begins a session as somebody, without the mail with its link."""

    def work(connection: Connection) -> None:
        for person, offices in OFFICES.items():
            id_ = person.character.value
            try:
                accounts.one(connection, id_)
            except NotFound:
                address = RealAddress(person.address)
                accounts.add(connection, Account(id_, person.name, address, frozenset(offices), Language.EN, clock()))

    await gateway.store.write(work)
    doors = Doors(gateway.new_id, secret)

    async def begin(person: Person, agent: str) -> str:
        address = RealAddress(person.address)
        return await gateway.store.write(lambda connection: doors.begin(connection, address, now=clock(), agent=agent))

    return begin


async def _exchange(sandbox: Sandbox, conversation: Conversation) -> None:
    """One mail each way, by real SMTP, and what arrived of it."""
    letters = (
        (Character.PARTNER, conversation.customer, "Meeting point", "Hello Zofia, we meet at 10:00 at the fountain."),
        (Character.CUSTOMER, conversation.partner, "Re: Meeting point", "Thank you, see you there!"),
    )
    for writer, reader, subject, text in letters:
        answered = await sandbox.write(Letter(writer, str(reader.alias), subject, text))
        if answered.code != accepted_code:
            raise Unavailable(f"the mail of the demonstration was not taken: {answered.code} {answered.text}")
        arrived = await sandbox.arrived(reader.addresses[0].reveal(), subject)
        _show(f"The {writer.value} wrote to {reader.alias}. The {reader.role.value} received:", arrived.content)


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
    alias, sender = conversation.customer.alias, MARCO.address
    python = (
        f"import smtplib; smtplib.SMTP('{host}', {port}).sendmail('{sender}', '{alias}', "
        f"'From: {sender}\\nTo: {alias}\\nSubject: Hello\\n\\nHello from Python')"
    )
    print(f"\nWho is who, and their mailboxes: {gateway.settings.web.base_url}\n\nOr write into it yourself:\n")
    print(f"  swaks         swaks --server {host}:{port} --from {sender} --to {alias} --header 'Subject: Hello' --body 'Hello'")
    print(f'  Python        python3 -c "{python}"')
    print(f"  mail program  outgoing server {host}, port {port}, no encryption, no password; you are {sender}; write to {alias}")
    print("\nSenders are taken at their word and nothing is scanned: this is a demonstration. Ctrl-C ends it.", flush=True)


def _first(listen: Sequence[Tcp]) -> tuple[str, int]:
    return listen[0].host, listen[0].port
