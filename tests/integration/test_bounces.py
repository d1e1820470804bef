"""What comes back, over real sockets: bounces, complaints, dead addresses (FAULT-73 to 75; GW-51, GW-54; LEAK-80, LEAK-83)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import CUSTOMER_TELLS, a_mail, shows, text_of
from support.sink import Received, Sink, Step, reply
from support.smtp import Answer, SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

pytestmark = pytest.mark.slow

REFERENCE = "GYG4K7Q2X9ABC"
OPERATOR = "ops@house.example"


def a_dsn(action: str = "failed", status: str = "5.1.1", said: str = "550 5.1.1 no such user", returned: str = "") -> bytes:
    """A report by the customer's server, which says the address wherever it can."""
    return (
        "From: MAILER-DAEMON@mx.poczta.example\r\nSubject: Undelivered: zofia.kowalska\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nThe remote words: {said} <{CUSTOMER_ADDRESS}>\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.poczta.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}To: {CUSTOMER_ADDRESS}\r\nSubject: x\r\n\r\nSecret\r\n--b--\r\n"
    ).encode()


def a_complaint(returned: str) -> bytes:
    return (
        "From: fbl@provider.example\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSomebody complained.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}To: {CUSTOMER_ADDRESS}\r\nSubject: x\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


async def to(gateway: Gateway, content: bytes, recipient: str, sender: str = "") -> Answer:
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        begun = await client.begin(recipient, sender=f"<{sender}>")
        if begun[-1].code != 250:
            return begun[-1]
        await client.command("DATA")
        await client.send(content + b".\r\n")
        return await client.answer()


async def crossed(gateway: Gateway, sink: Sink, alias: str, number: int) -> Received:
    """The partner's message, as the customer's server got it."""
    already = len(sink.received)
    answer = await gateway.sent(a_mail(to=alias, message_id=f"m{number}@x.example", text=f"Number {number}\n"), alias)
    assert answer.codes == "250 2.6.0"
    await sink.until(already + 1)
    return sink.received[already]


async def test_a_bounce_is_told_once_in_our_words_and_stands_in_the_timeline(gateway: Gateway, sink: Sink) -> None:
    """FAULT-74, CASE-25, GW-51: a delay before it and the same bounce again tell nothing more."""
    alias = (await gateway.opened())["customer_alias"]
    got = await crossed(gateway, sink, alias, 1)
    for content in (a_dsn("delayed", "4.4.1", "connection timed out"), a_dsn(), a_dsn()):
        assert (await to(gateway, content, got.return_path)).codes == "250 2.6.0"
    after = await to(gateway, a_dsn("delayed", "4.4.1"), got.return_path)
    assert after.codes == "250 2.6.0"
    await sink.until(2)
    notice = sink.received[1]
    assert (notice.return_path, notice.recipients) == ("", (PARTNER_ADDRESS,))
    assert shows(notice.content, *CUSTOMER_TELLS, "remote words", "no such user", "Secret") == []
    assert alias in text_of(notice.content)
    message = got.content.partition(b"X-Relay-Trace: ")[2].split()[0].decode()
    told = await gateway.off_loop("command", "trace", message)
    assert "bounced" in told.stdout
    assert "report=" in told.stdout
    assert CUSTOMER_ADDRESS not in told.stdout
    report = told.stdout.partition("report=")[2].split()[0]
    shown = await gateway.off_loop("command", "archive", "show", report)
    assert "absorbed" in shown.stdout
    assert len(sink.received) == 2
    assert (await gateway.off_loop("command", "audit")).returncode == 0


async def test_a_forged_return_path_takes_nothing(gateway: Gateway, sink: Sink) -> None:
    """FAULT-73, CASE-24; the day of one that expired is checked in tests/unit/test_return_path.py."""
    got = await crossed(gateway, sink, (await gateway.opened())["customer_alias"], 1)
    local, _, domain = got.return_path.partition("@")
    forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    assert (await to(gateway, a_dsn(), forged)).codes == "550 5.7.1"
    assert len(sink.received) == 1


async def test_a_bounce_to_the_alias_or_to_the_postmaster_is_matched_by_what_it_returns(gateway: Gateway, sink: Sink) -> None:
    """LEAK-80: servers that know no better. Nothing of it is relayed."""
    conversation = await gateway.opened()
    for number, recipient in enumerate((conversation["partner_alias"], f"postmaster@{DOMAIN}")):
        got = await crossed(gateway, sink, conversation["customer_alias"], number)
        already = len(sink.received)
        soft = a_dsn(status="5.2.2", said="mailbox full", returned=f"Return-Path: <{got.return_path}>\r\n")
        assert (await to(gateway, soft, recipient)).codes == "250 2.6.0"
        await sink.until(already + 1)
        notice = sink.received[already]
        assert (notice.return_path, notice.recipients) == ("", (PARTNER_ADDRESS,))
        assert shows(notice.content, *CUSTOMER_TELLS, "Secret") == []


async def test_a_complaint_suspends_the_pair_until_it_is_resumed_and_the_operators_hear_of_it(tmp_path: Path, sink: Sink) -> None:
    """FAULT-75, LEAK-83, CASE-26: found by the Message-ID of the rendition, as feedback loops return it."""
    gateway = Gateway(tmp_path / "relay", sink.port, changed={"relay": {"operators": [OPERATOR]}})
    await gateway.off_loop("start")
    try:
        alias = (await gateway.opened())["customer_alias"]
        got = await crossed(gateway, sink, alias, 1)
        message_id = got.content.partition(b"Message-ID: ")[2].split(b"\r\n")[0].decode()
        complaint = a_complaint(f"Message-ID: {message_id}\r\n")
        assert (await to(gateway, complaint, f"abuse@{DOMAIN}", "fbl@provider.example")).codes == "250 2.6.0"
        await sink.until(3)  # the report as it came, and the alert
        assert {one.recipients for one in sink.received[1:]} == {(OPERATOR,)}
        alert = next(one for one in sink.received[1:] if b"message.eml" not in one.content)
        assert "reported mail of this booking as abuse" in " ".join(text_of(alert.content).split())
        assert shows(alert.content, *CUSTOMER_TELLS) == []
        refused = await gateway.sent(a_mail(to=alias, message_id="m2@x.example"), alias)
        assert refused.codes == "250 2.6.0"
        await sink.until(4)
        assert sink.received[3].recipients == (PARTNER_ADDRESS,)
        assert "complain" not in text_of(sink.received[3].content).lower()
        shown = await gateway.off_loop("json", "conversation", "show", REFERENCE)
        assert shown["customer"]["suspended_at"] is not None
        assert shown["partner"]["suspended_at"] is None
        await gateway.off_loop("command", "conversation", "resume", REFERENCE, "customer")
        assert (await crossed(gateway, sink, alias, 3)).recipients == (CUSTOMER_ADDRESS,)
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()


async def test_a_dead_address_gives_way_to_the_next_one_and_stops_mail_where_there_is_none(gateway: Gateway, sink: Sink) -> None:
    """GW-54, CASE-9: two refusals in the session and a bounce make three; nothing is dropped silently."""
    alias = (await gateway.opened())["customer_alias"]
    sink.plan(Step.RCPT, reply("550 5.1.1 no such user"), recipient="zofia")
    sink.plan(Step.RCPT, reply("550 5.1.1 no such user"), recipient="zofia")
    for number in range(2):
        assert (await gateway.sent(a_mail(to=alias, message_id=f"f{number}@x.example", text=f"{number}\n"), alias)).code == 250
        await sink.until(number + 1)
    got = await crossed(gateway, sink, alias, 3)
    assert (await to(gateway, a_dsn(), got.return_path)).code == 250
    await sink.until(4)
    shown = await gateway.off_loop("json", "conversation", "show", REFERENCE)
    assert shown["customer"]["dead_addresses"] == 1
    refused = await gateway.sent(a_mail(to=alias, message_id="m4@x.example"), alias)
    assert refused.codes == "250 2.6.0"
    await sink.until(5)
    notice = sink.received[4]
    assert (notice.return_path, notice.recipients) == ("", (PARTNER_ADDRESS,))
    assert "all came back" in " ".join(text_of(notice.content).split())
    await gateway.off_loop("command", "conversation", "add-address", REFERENCE, "customer", "zofia@second.example")
    assert (await crossed(gateway, sink, alias, 5)).recipients == ("zofia@second.example",)
    await gateway.off_loop("command", "conversation", "resume", REFERENCE, "customer")
    assert (await crossed(gateway, sink, alias, 6)).recipients == (CUSTOMER_ADDRESS,)
    (alert,) = await gateway.off_loop("json", "alerts")
    assert (alert["alarm"], alert["party"]) == ("address_dead", "customer")
    assert (await gateway.off_loop("command", "audit")).returncode == 0
    log = gateway.log.read_text(errors="replace")
    assert CUSTOMER_ADDRESS not in log
    assert '"alert"' in log or "alert" in log
