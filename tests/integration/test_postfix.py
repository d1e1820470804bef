"""The gateway behind a real Postfix, set up by the lines of docs/postfix.md: LMTP, TLS both ways, nothing smuggled."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.certificate import self_signed
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.postfix import Postfix, needs_postfix
from support.sink import Received, Sink
from support.smtp import Answer, SmtpClient
from support.world import PARTNER_ADDRESS

# Starting both servers takes longer than each of the tests.
pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SEQUENCES = {
    "LF . LF": b"\n.\n",
    "LF . CRLF": b"\n.\r\n",
    "CRLF . LF": b"\r\n.\n",
    "CR . CR": b"\r.\r",
    "CR . CRLF": b"\r.\r\n",
    "CRLF . CR": b"\r\n.\r",
    "CRLF NUL . CRLF": b"\r\n\0.\r\n",
    "CR CRLF . CR CRLF": b"\r\r\n.\r\r\n",
}
"""What some server takes for the end of a message (FAULT-44)."""


DOCUMENTED = ("lmtp", {})
LENIENT = ("lmtp", {"smtpd_forbid_bare_newline": "no"})
OVER_TLS = ("smtp", {"smtpd_forbid_bare_newline": "no"})


@dataclass
class Scene:
    """A gateway with a Postfix before and behind it, and the rest of the world behind that."""

    gateway: Gateway
    postfix: Postfix
    world: Sink

    async def conversation(self, reference: str) -> Conversation:
        customer = f"{reference.lower()}@poczta.example"
        opened = await self.gateway.opened(reference, customer=customer)
        return Conversation(self, reference, opened["customer_alias"], customer)

    async def logged(self, pattern: str) -> None:
        """Wait until Postfix has logged that."""
        async with asyncio.timeout(patience_s):
            while re.search(pattern, self.postfix.log) is None:
                await asyncio.sleep(0.05)

    async def quiet(self) -> None:
        """Wait until Postfix has nothing under way."""
        queue = self.postfix.directory / "queue"
        async with asyncio.timeout(patience_s):
            while any(one.is_file() for kind in ("incoming", "active", "maildrop") for one in (queue / kind).rglob("*")):
                await asyncio.sleep(0.05)


@dataclass
class Conversation:
    """A conversation of one test: the alias to write to, and what has come to the customer's own address."""

    scene: Scene
    reference: str
    alias: str
    customer: str

    @property
    def came(self) -> list[Received]:
        return [one for one in self.scene.world.received if one.recipients == (self.customer,)]

    async def until_came(self, count: int) -> None:
        async with asyncio.timeout(patience_s):
            while len(self.came) < count:
                await asyncio.sleep(0.05)

    async def archived(self) -> int:
        """How many messages the gateway has taken over."""
        found = await self.scene.gateway.off_loop("json", "archive", "search", f"booking:{self.reference}")
        return len(found)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    needs_postfix()
    way_in, more = request.param
    # pytest's own directories are for their owner alone, and Postfix is another user.
    with tempfile.TemporaryDirectory(prefix="relay-postfix-") as name:
        place = Path(name)
        for one in (place, place / "ours", place / "theirs"):
            one.mkdir(exist_ok=True)
            one.chmod(0o755)
        # Each vouches for itself alone, so whoever checks a certificate has to be told of it.
        ours, theirs = self_signed(place / "ours", "mx.reply.example.com"), self_signed(place / "theirs", "localhost")
        async with Sink() as world:
            gateway = Gateway(place / "gateway", world.port)
            replaced = {
                "/run/relay/lmtp.sock": f"{place}/lmtp.sock",
                "[192.0.2.25]:2525": f"[127.0.0.1]:{gateway.smtp_port}",
                "/etc/postfix/relay-ca.pem": str(ours[0]),
                "/etc/postfix/mx.example.com.pem": str(theirs[0]),
                "/etc/postfix/mx.example.com.key": str(theirs[1]),
            }
            postfix = Postfix(place / "postfix", way_in, world.port, replaced, more)
            smtp = {
                "lmtp_listen": [f"unix:{place}/lmtp.sock"],
                "lmtp_socket_mode": "0666",
                # As Postfix calls itself: the page says so, and neither takes the other for a loop.
                "hostname": "front.example.com",
                "tls_certificate": str(ours[0]),
                "tls_key": str(ours[1]),
            }
            gateway.changed = {"smtp": smtp, "outbound": {"route": f"smarthost:127.0.0.1:{postfix.way_out}", "tls": "required"}}
            with postfix.running():
                await gateway.off_loop("start")
                try:
                    yield Scene(gateway, postfix, world)
                    assert await gateway.off_loop("stop") == 0
                finally:
                    gateway.close()


async def sent(scene: Scene, mail: bytes, *recipients: str) -> list[Answer]:
    """The answers of Postfix to RCPT, and to the final dot when it takes a recipient."""
    async with SmtpClient(scene.postfix.port) as client:
        await client.hello()
        answers = (await client.begin(*recipients, sender=f"<{PARTNER_ADDRESS}>"))[1:]
        if any(answer.code == 250 for answer in answers):
            assert (await client.command("DATA")).code == 354
            await client.send(mail + b".\r\n")
            answers.append(await client.answer())
        return answers


@pytest.mark.parametrize("scene", [DOCUMENTED, OVER_TLS], indirect=True, scope="module", ids=["LMTP", "SMTP over TLS"])
async def test_a_message_goes_through_postfix_the_gateway_and_postfix_again(scene: Scene) -> None:
    talk = await scene.conversation("THROUGH")
    assert [answer.code for answer in await sent(scene, a_mail(to=talk.alias), talk.alias)] == [250, 250]
    await talk.until_came(1)
    assert b"The meeting point is the fountain." in talk.came[0].content
    assert PARTNER_ADDRESS.encode() not in talk.came[0].content
    await scene.logged(r"Anonymous TLS connection established from localhost\[127\.0\.0\.1\]: TLSv1\.[23]")
    if scene.postfix.way_in == "smtp":
        await scene.logged(r"Verified TLS connection established to 127\.0\.0\.1")


@pytest.mark.parametrize("scene", [DOCUMENTED], indirect=True, scope="module", ids=["LMTP"])
async def test_postfix_asks_for_each_recipient_and_takes_nothing_for_those_who_do_not_exist(scene: Scene) -> None:
    talk = await scene.conversation("ASKED")
    asked = ("customer-000000000000@reply.example.com", "somebody@elsewhere.example", talk.alias, "abuse@reply.example.com")
    assert [answer.code for answer in await sent(scene, a_mail(to=talk.alias), *asked)] == [550, 554, 250, 250, 250]
    await talk.until_came(1)
    await scene.quiet()
    assert await talk.archived() == 1
    assert "status=bounced" not in scene.postfix.log


@pytest.mark.parametrize("scene", [DOCUMENTED], indirect=True, scope="module", ids=["LMTP"])
async def test_by_lmtp_each_recipient_has_an_answer_of_its_own_and_the_client_is_known(scene: Scene) -> None:
    """A known writer in one conversation, a stranger in the other: she is refused there alone (docs/decisions/0015)."""
    talk = await scene.conversation("KNOWN")
    other = (await scene.gateway.opened("STRANGE", partner="somebody@other-tours.example"))["customer_alias"]
    assert [answer.code for answer in await sent(scene, a_mail(to=talk.alias), talk.alias, other)] == [250, 250, 250]
    await scene.logged(rf"to=<{re.escape(talk.alias)}>.*status=sent \(250 2\.6\.0 ")
    await scene.logged(rf"to=<{re.escape(other)}>.*status=")
    await talk.until_came(1)
    database = sqlite3.connect(scene.gateway.directory / "var" / "relay.db")
    with contextlib.closing(database):
        told = database.execute("SELECT client_ip, helo FROM messages WHERE aliases LIKE ?", (f"%{talk.alias}%",)).fetchall()
    assert told == [("127.0.0.1", "client.example")]


@pytest.mark.parametrize(
    "scene", [DOCUMENTED, LENIENT, OVER_TLS], indirect=True, scope="module", ids=["LMTP", "lenient, LMTP", "lenient, SMTP"]
)
async def test_what_is_smuggled_through_postfix_is_no_message_of_its_own_here(scene: Scene) -> None:
    """FAULT-44, FAULT-45: as many messages arrive as Postfix answered for, and with the lines of the page that is one each."""
    talk = await scene.conversation("SMUGGLED")
    queued = []
    for number, sequence in enumerate(SEQUENCES.values()):
        outer = a_mail(to=talk.alias, message_id=f"outer-{number}@alpine-tours.example", text="Before")
        inner = a_mail(to=talk.alias, message_id=f"inner-{number}@alpine-tours.example", text="Smuggled")
        commands = f"MAIL FROM:<{PARTNER_ADDRESS}>\r\nRCPT TO:<{talk.alias}>\r\nDATA\r\n".encode()
        async with SmtpClient(scene.postfix.port) as client:
            await client.hello()
            await client.begin(talk.alias, sender=f"<{PARTNER_ADDRESS}>")
            await client.command("DATA")
            await client.send(outer + sequence + commands + inner + b"\r\n.\r\nQUIT\r\n")
            queued.append(sum(answer.text.startswith("2.0.0 Ok: queued") for answer in await all_answers(client)))
    await scene.quiet()
    if not scene.postfix.more:
        assert queued == [1] * len(SEQUENCES)
    assert sum(queued) - refused_here(scene, talk.alias) == await talk.archived()


def refused_here(scene: Scene, alias: str) -> int:
    """How many messages Postfix could not hand over to the gateway, for good."""
    return len(re.findall(rf"to=<{re.escape(alias)}>.*status=bounced", scene.postfix.log))


async def all_answers(client: SmtpClient) -> list[Answer]:
    """Until the connection is closed."""
    heard: list[Answer] = []
    while not heard or heard[-1].code != 221:
        heard.append(await client.answer())
    return heard


@pytest.mark.parametrize("scene", [OVER_TLS], indirect=True, scope="module", ids=["lenient, SMTP"])
async def test_what_we_send_to_postfix_is_one_message_whatever_is_in_it(scene: Scene) -> None:
    """FAULT-45: as it is, and in transfer encodings, which hide line ends from whoever looks at the wire."""
    talk = await scene.conversation("SENT")
    smuggled = (
        b"MAIL FROM:<smuggler@evil.example>\r\nRCPT TO:<victim@evil.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"
    )
    accepted = 0
    async with SmtpClient(scene.gateway.smtp_port) as client:
        await client.hello()
        for number, sequence in enumerate(SEQUENCES.values()):
            body = b"Before" + sequence + smuggled
            for kind, encoded in {
                "8bit": re.sub(rb"(?m)^\.\r$", b"..\r", body),
                "quoted-printable": re.sub(rb"((?:=..){20})", rb"\1=\r\n", b"".join(b"=%02X" % octet for octet in body)),
                "base64": base64.encodebytes(body).replace(b"\n", b"\r\n"),
            }.items():
                mail = a_mail(to=talk.alias, message_id=f"{number}-{kind}@alpine-tours.example", text="")
                mail = mail.replace(b"Content-Transfer-Encoding: 8bit", f"Content-Transfer-Encoding: {kind}".encode())
                answer = await client.deliver(mail + encoded + b"\r\n", talk.alias, sender=f"<{PARTNER_ADDRESS}>")
                accepted += answer.code == 250
    assert accepted > len(SEQUENCES)
    await talk.until_came(accepted)
    await scene.quiet()
    assert len(talk.came) == accepted
    assert "evil.example" not in str([one.recipients for one in scene.world.received])
