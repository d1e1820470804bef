"""Automatic answers through a running gateway: they pass a few times a day, and end there (GW-28, GW-47, CASE-54, CASE-59)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail, read, shows
from support.responders import Responder, Responders, To
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

from relay.inbound import refrains

pytestmark = pytest.mark.slow

BUDGET = 5


NULL, OWN = "", "own"
MARKED, BULK, UNMARKED = "Auto-Submitted: auto-replied", "Precedence: bulk", ""
PAIRS = (
    ((To.FROM, MARKED, NULL), (To.FROM, MARKED, NULL)),
    ((To.RETURN_PATH, MARKED, NULL), (To.FROM, MARKED, NULL)),
    ((To.RETURN_PATH, MARKED, OWN), (To.RETURN_PATH, MARKED, NULL)),
    # Nothing marks these but the null return path; and nothing at all but their subject, in answer to a mail.
    ((To.RETURN_PATH, UNMARKED, NULL), (To.FROM, UNMARKED, NULL)),
    ((To.FROM, UNMARKED, OWN), (To.FROM, UNMARKED, OWN)),
    ((To.FROM, BULK, OWN), (To.RETURN_PATH, MARKED, NULL)),
)


def responder(address: str, to: To, extra: str, return_path: str) -> Responder:
    return Responder(address, to, extra, address if return_path == OWN else return_path)


async def test_two_vacation_responders_fall_silent(tmp_path: Path) -> None:
    """One mail of a person, and five answers of robots; the sixth is archived, and nobody is told (invariant 4)."""
    people = [(f"a{number}@alpine-tours.example", f"b{number}@poczta.example") for number in range(len(PAIRS))]
    everybody = [
        responder(address, *how)
        for addresses, pair in zip(people, PAIRS, strict=True)
        for address, how in zip(addresses, pair, strict=True)
    ]
    responders = Responders(tuple(everybody), lambda: gateway)
    async with Sink(on_received=responders) as sink:
        gateway = Gateway(tmp_path, sink.port)
        await gateway.off_loop("start")
        try:
            for number, (partner, customer) in enumerate(people):
                alias = (await gateway.opened(f"R{number}", partner=partner, customer=customer))["customer_alias"]
                mail = a_mail(sender=partner, to=alias, message_id=f"first{number}@x.example")
                assert (await gateway.sent(mail, alias, sender=partner)).code == 250
            await responders.until_answers((1 + BUDGET) * len(PAIRS))
            assert (await gateway.off_loop("command", "audit")).returncode == 0
            assert {answer.code for answer in responders.answers} == {250}
            # The last answers went nowhere, so there is nothing that anybody could still answer.
            assert len(responders.answers) == len(sink.received) == (1 + BUDGET) * len(PAIRS)
            for partner, customer in people:
                got = [one for one in sink.received if one.recipients[0] in {partner, customer}]
                assert len(got) == 1 + BUDGET
                assert [read(one.content)["Auto-Submitted"] for one in got] == [None, *["auto-replied"] * BUDGET]
                assert not [one for one in got if shows(one.content, partner if one.recipients == (customer,) else customer)]
        finally:
            if gateway.process is not None:
                assert await gateway.off_loop("stop") == 0
            gateway.close()


async def test_two_robots_that_nothing_marks_fall_silent_too(tmp_path: Path) -> None:
    """CASE-59: subjects as people write them, a return path of their own, no field that says what they are. Their words do."""
    addresses = (PARTNER_ADDRESS, CUSTOMER_ADDRESS)
    text = "Thank you for your message. We answer as soon as we are back in the office."
    robots = [Responder(one, To.FROM, UNMARKED, one, subject="Re: ", text=text) for one in addresses]
    responders = Responders(tuple(robots), lambda: gateway)
    unknown, letters = len(robots) * refrains.repeated_min, 1 + len(robots) * refrains.repeated_min + BUDGET
    async with Sink(on_received=responders) as sink:
        gateway = Gateway(tmp_path, sink.port)
        await gateway.off_loop("start")
        try:
            alias = (await gateway.opened())["customer_alias"]
            assert (await gateway.sent(a_mail(to=alias, message_id="first@x.example"), alias)).code == 250
            await responders.until_answers(letters)
            assert (await gateway.off_loop("command", "audit")).returncode == 0
            assert {answer.code for answer in responders.answers} == {250}
            assert len(responders.answers) == len(sink.received) == letters
            marks = [read(one.content)["Auto-Submitted"] for one in sink.received]
            assert marks == [None] * (1 + unknown) + ["auto-replied"] * BUDGET
        finally:
            if gateway.process is not None:
                assert await gateway.off_loop("stop") == 0
            gateway.close()


async def test_a_vacation_notice_to_the_return_path_arrives_as_that_of_its_writer(gateway: Gateway, sink: Sink) -> None:
    """The other side learns that somebody is away, and no failure is made of it."""
    conversation = await gateway.opened()
    await gateway.sent(a_mail(to=conversation["customer_alias"], message_id="first@x.example"), conversation["customer_alias"])
    await sink.until(1)
    responder = Responder(CUSTOMER_ADDRESS, To.RETURN_PATH)
    mail, return_path = responder.answer(sink.received[0], 1)
    assert (await gateway.sent(mail, return_path, sender="")).code == 250
    await sink.until(2)
    got = sink.received[1]
    assert got.recipients == (PARTNER_ADDRESS,)
    arrived = read(got.content)
    assert conversation["customer_alias"] in arrived["From"]
    assert arrived["In-Reply-To"] == "<first@x.example>"


async def test_whoever_answers_our_own_mail_learns_where_to_write_and_starts_nothing(gateway: Gateway, sink: Sink) -> None:
    """GW-8, CASE-17: one fixed answer, in the session; so a robot that answers a notice is answered by nobody."""
    alias = (await gateway.opened())["partner_alias"]
    # A partner who writes to the own alias gets a notice from our address.
    await gateway.sent(a_mail(to=alias, message_id="own@x.example"), alias)
    await sink.until(1)
    notice = sink.received[0]
    assert notice.return_path == ""
    assert f"noreply@{DOMAIN}" in read(notice.content)["From"]
    _, recipient = Responder(PARTNER_ADDRESS, To.FROM).answer(notice, 1)
    assert recipient == f"noreply@{DOMAIN}"
    for sender in ("", PARTNER_ADDRESS):
        async with SmtpClient(gateway.smtp_port) as client:
            await client.hello()
            [_, refused] = await client.begin(recipient, sender=f"<{sender}>")
            assert refused.codes == "550 5.7.1"
            assert "write to the address in your booking" in refused.text
    assert (await gateway.off_loop("command", "audit")).returncode == 0
    assert len(sink.received) == 1


async def test_no_read_receipt_is_asked_for_and_none_is_passed(gateway: Gateway, sink: Sink) -> None:
    """GW-47, LEAK-81, FAULT-59."""
    conversation = await gateway.opened()
    alias = conversation["customer_alias"]
    asking = "\n".join(
        f"{name}: {PARTNER_ADDRESS}"
        for name in ("Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To", "Read-Receipt-To")
    )
    await gateway.sent(a_mail(to=alias, message_id="first@x.example", extra=asking), alias)
    await sink.until(1)
    arrived = sink.received[0]
    names = {name.lower() for name, _ in read(arrived.content).items()}
    assert not [name for name in names if "receipt" in name or "disposition-notification" in name or "confirm" in name]
    assert not any(parameter.upper().startswith("NOTIFY") for parameter in arrived.parameters)
    receipt = (
        f"From: {CUSTOMER_ADDRESS}\r\nTo: {conversation['partner_alias']}\r\nSubject: Read: Meeting point\r\n"
        f"Message-ID: <receipt@x.example>\r\nIn-Reply-To: {read(arrived.content)['Message-ID']}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt was displayed.\r\n"
        "--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
    ).encode()
    for recipient in (conversation["partner_alias"], arrived.return_path):
        for sender in ("", CUSTOMER_ADDRESS):
            assert (
                await gateway.sent(receipt.replace(b"<receipt@", b"<r" + sender[:1].encode()), recipient, sender=sender)
            ).code == 250
    assert (await gateway.off_loop("command", "audit")).returncode == 0
    assert len(sink.received) == 1


async def test_what_we_have_relayed_before_goes_no_further(gateway: Gateway, sink: Sink) -> None:
    """GW-28, FAULT-70, CASE-65: a mailbox that hands on to an alias again; and too many servers on the way."""
    conversation = await gateway.opened()
    alias, back = conversation["customer_alias"], conversation["partner_alias"]
    await gateway.sent(a_mail(to=alias, message_id="first@x.example"), alias)
    await sink.until(1)
    relayed = sink.received[0].content
    assert (await gateway.sent(relayed, back, sender=CUSTOMER_ADDRESS)).codes == "554 5.4.6"
    redirected = f"From: {CUSTOMER_ADDRESS}\r\n".encode() + re.sub(rb"(?im)^From:.*\r\n(?:[ \t].*\r\n)*", b"", relayed, count=1)
    assert (await gateway.sent(redirected, back, sender=CUSTOMER_ADDRESS)).code == 250
    servers = "\n".join(["Received: from a.example by b.example; Mon, 01 Jun 2026 12:00:00 +0000"] * 30)
    far = a_mail(sender=CUSTOMER_ADDRESS, to=back, message_id="far@x.example", extra=servers)
    assert (await gateway.sent(far, back, sender=CUSTOMER_ADDRESS)).code == 250
    assert (await gateway.off_loop("command", "audit")).returncode == 0
    assert len(sink.received) == 1
