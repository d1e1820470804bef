"""What the gateway says about people on the wire, and to whom it says anything at all (leaks.md section 6)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from support.gateway import Gateway
from support.mails import CUSTOMER_TELLS, PARTNER_TELLS, a_mail, read, shows, text_of
from support.sink import Sink, Step, reply
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

pytestmark = pytest.mark.slow


def report(human: str, *parts: str, kind: str = "delivery-status") -> bytes:
    """A report of the customer's own mailbox, as it comes to an alias."""
    body = "".join(f"--b\n{part}\n" for part in (f"Content-Type: text/plain\n\n{human}", *parts))
    return (
        f"From: {CUSTOMER_ADDRESS}\nTo: x@{DOMAIN}\nSubject: Report\nMIME-Version: 1.0\nMessage-ID: <{hash(human)}@x.example>\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n{body}--b--\n'
    ).replace("\n", "\r\n").encode()  # fmt: skip


STATUS = (
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
    f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\nAction: {{}}\nStatus: {{}}\n"
)
RETURNED = f"Content-Type: message/rfc822\n\nFrom: <{PARTNER_ADDRESS}>\nTo: {CUSTOMER_ADDRESS}\nSubject: x\n\nhello\n"
BOUNCES = {
    "Postfix": report("This is the mail system at host mx.poczta.example.", STATUS.format("failed", "5.1.1"), RETURNED),
    "Exchange": report(
        f"Delivery has failed to these recipients or groups:\n\n{CUSTOMER_ADDRESS}", STATUS.format("failed", "5.4.1")
    ),
    "Gmail": report("** Address not found **\n\nYour message wasn't delivered", STATUS.format("failed", "5.1.1"), RETURNED),
    "delayed": report("This is a warning message only.", STATUS.format("delayed", "4.4.1")),
    "qmail": a_mail(
        sender=f"MAILER-DAEMON@{CUSTOMER_ADDRESS.partition('@')[2]}",
        to=f"x@{DOMAIN}",
        subject="failure notice",
        text=f"Hi. This is the qmail-send program at mx.poczta.example.\n\n<{CUSTOMER_ADDRESS}>:\nNo such mailbox\n",
    ),
    "Exim": a_mail(
        sender=f"Mailer-Daemon@{CUSTOMER_ADDRESS.partition('@')[2]}",
        to=f"x@{DOMAIN}",
        subject="Mail delivery failed: returning message to sender",
        text=f"This message was created automatically by mail delivery software.\n\n  {CUSTOMER_ADDRESS}\n    unknown user\n",
    ),
}
RECEIPT = report(
    f"Your message was read by {CUSTOMER_ADDRESS}",
    "Content-Type: message/disposition-notification\n\n"
    f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\nDisposition: manual-action; displayed\n",
    kind="disposition-notification",
)
COMPLAINT = report(
    "This is an email abuse report.",
    "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
    f"Original-Rcpt-To: {CUSTOMER_ADDRESS}\n",
    RETURNED,
    kind="feedback-report",
)


@pytest.mark.parametrize("sender", ["", CUSTOMER_ADDRESS])
async def test_reports_that_come_to_an_alias_are_never_relayed(gateway: Gateway, sink: Sink, sender: str) -> None:
    """LEAK-80, LEAK-81, LEAK-83: bounces, receipts, complaints; from the null sender and from a mailbox."""
    alias = (await gateway.off_loop("open_conversation", "R1"))["partner_alias"]
    for name, mail in {**BOUNCES, "receipt": RECEIPT, "complaint": COMPLAINT}.items():
        answer = await gateway.sent(mail, alias, sender=sender)
        # A mailbox that nobody knows is no party: a stranger's report is refused (invariant 6).
        assert answer.code == (550 if name in {"qmail", "Exim"} else 250), name
    letter = a_mail(sender=CUSTOMER_ADDRESS, name="Zofia", to=alias, text="The last one.\n")
    assert (await gateway.sent(letter, alias, sender=CUSTOMER_ADDRESS)).code == 250
    await sink.until(1)
    assert ["The last one." in text_of(got.content) for got in sink.received] == [True]
    told = (await gateway.off_loop("command", "conversation", "show", "R1")).stdout
    assert shows(told.encode(), *CUSTOMER_TELLS[:1], *PARTNER_TELLS[:1]) == []
    assert (await gateway.off_loop("command", "audit")).returncode == 0


async def test_robots_are_scrubbed_wherever_they_answer(gateway: Gateway, sink: Sink) -> None:
    """LEAK-82, GW-47: to the alias and to the return path, marked or not."""
    opened = await gateway.off_loop("open_conversation", "R1")
    await gateway.sent(a_mail(to=opened["customer_alias"], message_id="1@x.example"), opened["customer_alias"])
    await sink.until(1)
    robots = [
        (opened["partner_alias"], "Auto-Submitted: auto-replied", "Re: Meeting point"),
        (sink.received[0].return_path, "Auto-Submitted: auto-replied", "Re: Meeting point"),
        (opened["partner_alias"], "X-Autoreply: yes", "Out of office"),
    ]
    for number, (recipient, extra, subject) in enumerate(robots):
        text = f"Away until {number}. Write to {CUSTOMER_ADDRESS}.\n"
        mail = a_mail(sender=CUSTOMER_ADDRESS, name="Zofia Kowalska", to=recipient, subject=subject, text=text, extra=extra)
        assert (await gateway.sent(mail, recipient, sender="")).code == 250, recipient
        await sink.until(number + 2)
        got = sink.received[number + 1]
        assert got.recipients == (PARTNER_ADDRESS,)
        assert shows(got.content, *CUSTOMER_TELLS, *PARTNER_TELLS) == []
        assert f"Away until {number}" in text_of(got.content)
        assert read(got.content)["Auto-Submitted"] == "auto-replied"
        assert read(got.content)["From"].addresses[0].addr_spec == opened["customer_alias"]


async def test_nothing_of_the_envelope_goes_on_but_the_recipient(gateway: Gateway, sink: Sink) -> None:
    """LEAK-84: what a client says in MAIL and RCPT about its writer stays here, in every form of the address."""
    alias = (await gateway.off_loop("open_conversation", "R1"))["customer_alias"]
    local, _, domain = PARTNER_ADDRESS.partition("@")
    senders = (f"prvs=0412345678={PARTNER_ADDRESS}", f"SRS0=HHH=TT={domain}={local}@forwarder.example", f"{local}+tag@{domain}")
    for number, sender in enumerate(senders):
        assert (await gateway.sent(a_mail(to=alias, message_id=f"{number}@x.example"), alias, sender=sender)).code == 250
    await sink.until(len(senders))
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        for parameter in ("ENVID=bellini", f"AUTH={PARTNER_ADDRESS}", "RET=FULL"):
            assert (await client.command(f"MAIL FROM:<{PARTNER_ADDRESS}> {parameter}")).code in {501, 504, 555}
    for got in sink.received:
        assert shows(got.return_path.encode() + got.content, *PARTNER_TELLS, local, "forwarder.example") == []
        assert re.fullmatch(rf"bounce-[a-z0-9-]+@{DOMAIN}", got.return_path)


async def test_what_the_next_server_says_about_people_is_told_to_nobody(gateway: Gateway, sink: Sink) -> None:
    """LEAK-85, LEAK-86, FAULT-95: not in the session, a notice, the log, the commands, the API, or the metrics."""
    opened = await gateway.off_loop("open_conversation", "R1")
    alias = opened["customer_alias"]
    sink.always(Step.RCPT, reply(f"550 5.1.1 <{CUSTOMER_ADDRESS}>: mx.poczta.example does not know kowalska"), recipient="zofia")
    answer = await gateway.sent(a_mail(to=alias, message_id="1@x.example"), alias)
    await sink.until(1)
    assert sink.received[0].recipients == (PARTNER_ADDRESS,)
    assert shows(sink.received[0].content, *CUSTOMER_TELLS, "does not know") == []
    secrets = (CUSTOMER_ADDRESS, PARTNER_ADDRESS)
    commands = (
        *(("trace", answer.trace), ("queue", "list", "--state", "failed"), ("archive", "show", answer.trace)),
        *(("archive", "search", "fountain"), ("conversation", "show", "R1"), ("conversation", "list"), ("audit",), ("doctor",)),
    )
    for words in commands:
        done = await gateway.off_loop("command", *words, expect=None)
        assert shows((done.stdout + done.stderr).encode(), *secrets) == [], words
    token = await gateway.off_loop(
        "json", "token", "create", "--name", "t", "--scope", "archive:read", "--scope", "conversations:read"
    )
    headers = {"Authorization": f"Bearer {token['token']}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.web_port}", headers=headers, timeout=60) as client:
        paths = (
            *("/metrics", "/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/conversations", "/api/v1/conversations/R1"),
            *(f"/api/v1/archive/messages/{answer.trace}", "/api/v1/archive/search?q=fountain", "/api/v1/archive/messages/none"),
        )
        for path in paths:
            got = await client.get(path)
            assert shows(got.content, *secrets) == [], path
    assert shows(gateway.log.read_bytes(), *secrets, "kowalska", "bellini") == []


async def test_the_session_says_nothing_about_who_is_reached(gateway: Gateway, sink: Sink) -> None:
    """LEAK-85, FAULT-30: neutral banner, VRFY and EXPN; the same answer to every alias that exists, whatever became of it."""
    one: Any = await gateway.off_loop("open_conversation", "R1")
    closed = await gateway.off_loop("open_conversation", "R2", activity_end="2020-01-01T00:00:00Z")
    async with SmtpClient(gateway.smtp_port) as client:
        assert client.greeting is not None
        said = [client.greeting.text, (await client.hello()).text]
        for verb in ("VRFY", "EXPN"):
            for who in (one["partner_alias"], "nobody", PARTNER_ADDRESS):
                answer = await client.command(f"{verb} {who}")
                assert answer.code in {252, 502}
                said.append(answer.text)
        assert (await client.command("MAIL FROM:<mallory@elsewhere.example>")).code == 250
        answers = {
            (await client.command(f"RCPT TO:<{alias}>")).codes for alias in (one["partner_alias"], closed["partner_alias"])
        }
        assert answers == {"250 2.1.5"}
        said.append((await client.command("RCPT TO:<customer-000000000000@reply.example.com>")).text)
    assert shows("\n".join(said).encode(), PARTNER_ADDRESS, CUSTOMER_ADDRESS, "aiosmtpd", "Python") == []
