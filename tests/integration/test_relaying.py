"""The gateway from outside: a process, its commands, SMTP on both sides (design.md section 5)."""

from __future__ import annotations

import re
from pathlib import Path

import dkim
import pytest
from support.clamd import eicar, running_clamd
from support.gateway import Gateway
from support.mails import CUSTOMER_TELLS, PARTNER_TELLS, a_mail, read, shows, text_of, with_files
from support.sink import Sink, Step, reply
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

from relay.outbound.signing_key import SigningKey

pytestmark = pytest.mark.slow

ID = re.compile(r"<([^<>]+)>")
MIB = 1024 * 1024


async def test_a_mail_crosses_both_ways_and_names_nobody(gateway: Gateway, sink: Sink) -> None:
    """GW-4, GW-40, GW-45, GY-2, GY-3, GY-8, GY-9, GY-10, GY-11, GY-18; invariants 1 and 2."""
    conversation = await gateway.opened("R1", "--partner-language", "fr", "--customer-language", "pl")
    partner_alias, customer_alias = conversation["partner_alias"], conversation["customer_alias"]
    assert re.fullmatch(rf"local-partner-[0-9a-f]{{12}}@{DOMAIN}", partner_alias)
    assert re.fullmatch(rf"customer-[0-9a-f]{{12}}@{DOMAIN}", customer_alias)

    text = f"Bonjour Zofia, à 10 h à la fontaine.\n\n-- \nMarco Bellini\n{PARTNER_ADDRESS}\n"
    extra = "X-Originating-IP: [198.51.100.7]\nReceived: from mail.alpine-tours.example by x; Mon, 01 Jun 2026 12:00:00 +0000"
    answer = await gateway.sent(
        a_mail(to=customer_alias, text=text, extra=extra, message_id="a@alpine-tours.example"), customer_alias
    )
    assert answer.codes == "250 2.6.0"
    assert answer.trace
    await sink.until(1)
    got = sink.received[0]
    mail = read(got.content)
    assert got.recipients == (CUSTOMER_ADDRESS,)
    assert got.return_path.endswith(f"@{DOMAIN}")
    assert shows(got.content, *PARTNER_TELLS, "198.51.100.7", CUSTOMER_ADDRESS) == []
    assert mail["From"] == f"Marco via Example Travel <{partner_alias}>"
    assert mail["To"] == customer_alias
    assert mail["Subject"] == "Meeting point"
    assert mail["Date"].endswith("+0000")
    assert mail["Message-ID"].endswith(f"@{DOMAIN}>")
    assert "fontaine" in text_of(got.content)
    assert {name.lower() for name in mail} <= {
        *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"),
        *("dkim-signature", "x-relay-trace"),
    }
    record = SigningKey.from_pem((gateway.directory / "var" / "dkim.pem").read_bytes(), "relay").record.encode()
    assert dkim.verify(got.content, dnsfunc=lambda *_, **__: record)

    answer = await gateway.sent(
        a_mail(sender=CUSTOMER_ADDRESS, name="Zofia Kowalska", to=partner_alias, subject="Re: Meeting point", text="Dziękuję!\n"),
        partner_alias,
        sender=CUSTOMER_ADDRESS,
    )
    assert answer.code == 250
    await sink.until(2)
    back = read(sink.received[1].content)
    assert sink.received[1].recipients == (PARTNER_ADDRESS,)
    assert shows(sink.received[1].content, *CUSTOMER_TELLS, PARTNER_ADDRESS) == []
    assert back["From"] == f"Zofia via Example Travel <{customer_alias}>"
    assert "Dziękuję!" in text_of(sink.received[1].content)


PROGRAMS = {
    "gmail": ("{}@mail.gmail.com", "CAF=x{}"),
    "outlook": ("{}@AM0PR01MB1234.eurprd01.prod.exchangelabs.com", "AM0PR0{}"),
    "apple": ("{}@{domain}", "B0A1C2D3-{}"),  # ends with the writer's own domain
}


@pytest.mark.parametrize("programs", [("gmail", "outlook"), ("outlook", "apple"), ("apple", "gmail")])
async def test_a_thread_of_six_holds_on_both_sides_and_neither_sees_an_id_of_the_other(
    gateway: Gateway, sink: Sink, programs: tuple[str, str]
) -> None:
    """GW-41, CASE-38: each program gets references that it knows, in full."""
    conversation = await gateway.opened()
    addresses = (PARTNER_ADDRESS, CUSTOMER_ADDRESS)
    aliases = (conversation["partner_alias"], conversation["customer_alias"])
    own: tuple[list[str], list[str]] = ([], [])
    known: tuple[list[str], list[str]] = ([], [])
    for turn in range(6):
        me, other = turn % 2, 1 - turn % 2
        shape, local = PROGRAMS[programs[me]]
        own_id = shape.format(local.format(turn), domain=addresses[me].partition("@")[2])
        references = " ".join(f"<{one}>" for one in known[me])
        mail = a_mail(sender=addresses[me], name="", to=aliases[other], message_id=own_id, references=references)
        assert (await gateway.sent(mail, aliases[other], sender=addresses[me])).code == 250
        await sink.until(turn + 1)
        got = read(sink.received[turn].content)
        expected = list(known[other])
        assert ID.findall(got["References"] or "") == expected
        assert ID.findall(got["In-Reply-To"] or "") == expected[-1:]
        assert shows(sink.received[turn].content, *own[me], own_id) == []
        own[me].append(own_id)
        known[me].append(own_id)
        known[other].append(ID.findall(got["Message-ID"])[0])


async def test_the_reasons_that_partners_know_arrive_as_notices_in_their_language(tmp_path: Path, sink: Sink) -> None:
    """GY-21, GY-22, GY-23, GY-25, GY-29, GY-30, GW-51, GW-52, GW-26; CASE-19. A stranger gets a 5xx and no mail (GW-53)."""
    with running_clamd(tmp_path) as clamd:
        gateway = Gateway(tmp_path / "relay", sink.port, changed={"antivirus": {"mode": "required", "clamd": clamd}})
        await gateway.off_loop("start")
        try:
            await the_four_reasons(gateway, sink)
            assert await gateway.off_loop("stop") == 0
        finally:
            gateway.close()


async def the_four_reasons(gateway: Gateway, sink: Sink) -> None:
    french = ("--partner-language", "fr")
    one = await gateway.opened("ONE", *french)
    two = await gateway.opened("TWO", *french, customer="jan@poczta.example", customer_name="Jan Nowak")
    over = await gateway.opened("OVER", *french, activity_end="2020-01-01T00:00:00Z")
    alias = one["customer_alias"]
    infected = with_files(a_mail(to=alias, message_id="virus@x.example"), ("billet.com.txt", eicar()))
    both = f"{alias}, {two['customer_alias']}"
    cases = [
        (a_mail(to=over["customer_alias"], message_id="over@x.example"), (over["customer_alias"],), "clos"),
        (infected, (alias,), "billet.com.txt"),
        (a_mail(to=both, message_id="both@x.example"), (alias, two["customer_alias"]), "Cci"),
        (a_mail(to=alias, cc=two["customer_alias"], message_id="cc@x.example"), (alias,), "Cci"),
    ]
    for number, (mail, recipients, word) in enumerate(cases):
        answer = await gateway.sent(mail, *recipients)
        assert answer.codes == "250 2.6.0", word
        await sink.until(number + 1)
        check_notice(sink.received[number].content, sink.received[number].return_path, word, answer.trace)
        assert sink.received[number].recipients == (PARTNER_ADDRESS,)
        assert b"Eicar" not in sink.received[number].content
        stranger = mail.replace(PARTNER_ADDRESS.encode(), b"mallory@elsewhere.example")
        assert (await gateway.sent(stranger, *recipients, sender="mallory@elsewhere.example")).codes == "550 5.7.1"
    sink.always(Step.RCPT, reply("550 5.1.1 <zofia.kowalska@poczta.example> no such user"), recipient="zofia")
    answer = await gateway.sent(a_mail(to=alias, message_id="gone@x.example"), alias)
    await sink.until(5)
    check_notice(sink.received[4].content, sink.received[4].return_path, "https://example.com/support", answer.trace)
    assert shows(sink.received[4].content, *CUSTOMER_TELLS, "no such user") == []
    assert alias.encode() in sink.received[4].content  # RFC 3464: the alias is the recipient they know
    assert len(sink.received) == 5
    audit = await gateway.off_loop("command", "audit")
    assert audit.returncode == 0


def check_notice(content: bytes, return_path: str, word: str, trace: str) -> None:
    notice = read(content)
    assert return_path == ""
    assert notice["Auto-Submitted"] == "auto-replied"
    assert word in text_of(content), text_of(content)
    assert trace in text_of(content)
    assert "https://example.com/support" in text_of(content)
    assert ID.findall(notice["In-Reply-To"])[0].endswith("@x.example")


async def test_nothing_passes_unscanned_and_everything_passes_when_the_scanner_is_back(tmp_path: Path, sink: Sink) -> None:
    """FAULT-66, invariant 7, GW-26."""
    socket = f"unix:{tmp_path}/clamd/clamd.sock"
    gateway = Gateway(tmp_path / "relay", sink.port, changed={"antivirus": {"mode": "required", "clamd": socket}})
    await gateway.off_loop("start")
    try:
        conversation = await gateway.opened()
        alias = conversation["customer_alias"]
        mail = a_mail(to=alias, message_id="later@x.example")
        assert (await gateway.sent(mail, alias)).codes == "451 4.3.0"
        (tmp_path / "clamd").mkdir()
        with running_clamd(tmp_path / "clamd"):
            assert (await gateway.sent(mail, alias)).code == 250
            await sink.until(1)
        assert (await gateway.sent(a_mail(to=alias, message_id="again@x.example"), alias)).codes == "451 4.3.0"
        assert len(sink.received) == 1
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()


async def test_ten_mebibytes_of_attachments_pass_and_one_octet_more_does_not(gateway: Gateway, sink: Sink) -> None:
    """GY-14, GY-20, GW-25, FAULT-62, CASE-60: decoded, all together."""
    alias = (await gateway.opened())["customer_alias"]
    quarter = bytes(range(256)) * (10 * MIB // 1024)
    limit = [(f"photo{number}.bin", quarter) for number in range(4)]
    assert (await gateway.sent(with_files(a_mail(to=alias, message_id="full@x.example"), *limit), alias)).code == 250
    await sink.until(1, timeout_s=30)
    parts = [part for part in read(sink.received[0].content).walk() if part.get_filename()]
    assert [part.get_payload(decode=True) == quarter for part in parts] == [True] * 4
    over = [*limit[:3], ("one-more.bin", quarter + b"!")]
    answer = await gateway.sent(with_files(a_mail(to=alias, message_id="over@x.example"), *over), alias)
    assert answer.code == 250
    await sink.until(2, timeout_s=30)
    assert sink.received[1].recipients == (PARTNER_ADDRESS,)
    assert "one-more.bin" in text_of(sink.received[1].content)
    stranger = with_files(a_mail(sender="m@elsewhere.example", to=alias), *over)
    assert (await gateway.sent(stranger, alias, sender="m@elsewhere.example")).code == 550


async def test_two_customers_in_bcc_get_a_copy_each_and_do_not_see_each_other(gateway: Gateway, sink: Sink) -> None:
    """GY-24, GW-23, LEAK-87, FAULT-32, CASE-44."""
    one = await gateway.opened("ONE")
    two = await gateway.opened("TWO", customer="jan@wp.example", customer_name="Jan Nowak")
    aliases = (one["customer_alias"], two["customer_alias"])
    assert (await gateway.sent(a_mail(to="undisclosed-recipients:;"), *aliases)).code == 250
    await sink.until(2)
    by_recipient = {got.recipients: read(got.content) for got in sink.received}
    assert by_recipient[(CUSTOMER_ADDRESS,)]["To"] == one["customer_alias"]
    assert by_recipient[("jan@wp.example",)]["To"] == two["customer_alias"]
    for got in sink.received:
        mine, other = (one, two) if got.recipients == (CUSTOMER_ADDRESS,) else (two, one)
        assert shows(got.content, other["customer_alias"], other["partner_alias"], "TWO", *PARTNER_TELLS) == []
        assert mine["partner_alias"].encode() in got.content


async def test_the_window_shuts_what_is_pending_and_what_support_closed(gateway: Gateway, sink: Sink) -> None:
    """GW-3, GW-22, GY-1, GY-6: confirmed by command, closed by command, extended by command."""
    conversation = await gateway.opened("R1", "--pending")
    alias = conversation["customer_alias"]
    assert conversation["opens_at"] is None
    assert (await gateway.sent(a_mail(to=alias, message_id="1@x.example"), alias)).code == 250
    await sink.until(1)
    assert sink.received[0].recipients == (PARTNER_ADDRESS,)
    await gateway.off_loop("command", "conversation", "confirm", "R1")
    assert (await gateway.sent(a_mail(to=alias, message_id="2@x.example"), alias)).code == 250
    await sink.until(2)
    assert sink.received[1].recipients == (CUSTOMER_ADDRESS,)
    await gateway.off_loop("command", "conversation", "close", "R1")
    assert (await gateway.sent(a_mail(to=alias, message_id="3@x.example"), alias)).code == 250
    await sink.until(3)
    assert sink.received[2].recipients == (PARTNER_ADDRESS,)
    await gateway.off_loop("command", "conversation", "reopen", "R1", "--until", "2099-01-01T00:00:00Z")
    assert (await gateway.sent(a_mail(to=alias, message_id="4@x.example"), alias)).code == 250
    await sink.until(4)
    assert sink.received[3].recipients == (CUSTOMER_ADDRESS,)


async def test_a_message_that_comes_twice_goes_once(gateway: Gateway, sink: Sink) -> None:
    """GW-31, FAULT-52, CASE-62: same id and body once; same id, other body twice."""
    alias = (await gateway.opened())["customer_alias"]
    mail = a_mail(to=alias, message_id="same@x.example")
    for _ in range(3):
        assert (await gateway.sent(mail, alias)).code == 250
    other = a_mail(to=alias, message_id="same@x.example", text="Another text.\n")
    assert (await gateway.sent(other, alias)).code == 250
    await sink.until(2)
    assert ["fountain" in text_of(got.content) for got in sink.received] == [True, False]


async def test_a_party_that_writes_to_its_own_alias_is_told_and_a_reply_to_all_is_no_mistake(
    gateway: Gateway, sink: Sink
) -> None:
    """GW-7, CASE-16."""
    conversation = await gateway.opened()
    own, other = conversation["partner_alias"], conversation["customer_alias"]
    assert (await gateway.sent(a_mail(to=own, message_id="own@x.example"), own)).code == 250
    await sink.until(1)
    assert sink.received[0].recipients == (PARTNER_ADDRESS,)
    assert sink.received[0].return_path == ""
    assert (await gateway.sent(a_mail(to=f"{own}, {other}", message_id="all@x.example"), own, other)).code == 250
    await sink.until(2)
    assert sink.received[1].recipients == (CUSTOMER_ADDRESS,)


async def test_a_bounce_to_the_return_path_becomes_one_notice_in_our_words(gateway: Gateway, sink: Sink) -> None:
    """GW-42, GW-51, LEAK-80, FAULT-73, FAULT-74, CASE-24, CASE-25."""
    alias = (await gateway.opened())["customer_alias"]
    await gateway.sent(a_mail(to=alias, message_id="bounced@x.example"), alias)
    await sink.until(1)
    return_path = sink.received[0].return_path
    dsn = (
        f"From: MAILER-DAEMON@mx.poczta.example\nTo: {return_path}\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nThe mailbox of {CUSTOMER_ADDRESS} is full.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.poczta.example\n\n"
        f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\nAction: failed\nStatus: 5.2.2\n"
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n--b--\n"
    )
    bounce = dsn.replace("\n", "\r\n").encode()
    forged = return_path.replace("bounce-", "bounce-0", 1)
    for path, codes in ((forged, "550 5.7.1"), (return_path, "250 2.6.0"), (return_path, "250 2.6.0")):
        async with SmtpClient(gateway.smtp_port) as client:
            await client.hello()
            answers = await client.begin(path, sender="<>")
            if answers[1].code != 250:
                assert answers[1].codes == codes
                continue
            await client.command("DATA")
            await client.send(bounce + b".\r\n")
            assert (await client.answer()).codes == codes
    await sink.until(2)
    notice = sink.received[1]
    assert notice.recipients == (PARTNER_ADDRESS,)
    assert notice.return_path == ""
    assert shows(notice.content, *CUSTOMER_TELLS, "552") == []
    assert alias in text_of(notice.content) or alias.encode() in notice.content
    assert len(sink.received) == 2


@pytest.mark.parametrize(
    ("mail", "codes"),
    [
        (b"", "554 5.6.0"),
        (b"Subject: nobody\r\n\r\nHello\r\n", "550 5.6.0"),
        (f"From: {PARTNER_ADDRESS}\r\nFrom: {PARTNER_ADDRESS}\r\n\r\nTwo\r\n".encode(), "550 5.6.0"),
        (f"From: {PARTNER_ADDRESS}, x@y.example\r\n\r\nTwo\r\n".encode(), "550 5.6.0"),
        (b"From: x@y.example\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\nhi\r\n", "554 5.6.0"),
    ],
)
async def test_mail_that_cannot_be_judged_gets_a_clear_answer_at_once(
    gateway: Gateway, sink: Sink, mail: bytes, codes: str
) -> None:
    """GW-10, GW-30, FAULT-55, FAULT-56, CASE-63, CASE-64."""
    alias = (await gateway.opened())["customer_alias"]
    assert (await gateway.sent(mail, alias)).codes == codes
    assert sink.received == []


@pytest.mark.parametrize("field", [b"X-Long: " + b"x" * 1_000_000 + b"\r\n", b"X-A: b\r\n" * 20_000])
async def test_a_known_writer_is_told_when_the_header_itself_is_beyond_the_bounds(
    gateway: Gateway, sink: Sink, field: bytes
) -> None:
    """GW-30, FAULT-55: what can be read of it says who wrote."""
    alias = (await gateway.opened())["customer_alias"]
    assert (await gateway.sent(f"From: {PARTNER_ADDRESS}\r\n".encode() + field + b"\r\nhi\r\n", alias)).codes == "250 2.6.0"
    await sink.until(1)
    assert sink.received[0].recipients == (PARTNER_ADDRESS,)
    assert "could not be read" in text_of(sink.received[0].content)


async def test_a_party_and_the_house_are_written_to_apart(gateway: Gateway, sink: Sink) -> None:
    """GW-8: the second kind of recipient is put off with a 452, which senders try again in a transaction of its own."""
    alias = (await gateway.opened())["customer_alias"]
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        answers = await client.begin(alias, f"postmaster@{DOMAIN}", sender=f"<{PARTNER_ADDRESS}>")
        assert [answer.codes for answer in answers] == ["250 2.1.0", "250 2.1.5", "452 4.5.3"]
    assert sink.received == []


async def test_two_robots_stop_answering_each_other(gateway: Gateway, sink: Sink) -> None:
    """GW-28, GW-47, CASE-59, FAULT-71: five automatic answers a day pass, marked; the others are archived without an answer."""
    conversation = await gateway.opened()
    aliases = (conversation["customer_alias"], conversation["partner_alias"])
    senders = (PARTNER_ADDRESS, CUSTOMER_ADDRESS)
    for number in range(8):
        mail = a_mail(
            sender=senders[number % 2],
            to=aliases[number % 2],
            message_id=f"auto{number}@x.example",
            extra="Auto-Submitted: auto-replied",
        )
        assert (await gateway.sent(mail, aliases[number % 2], sender="")).code == 250
    await sink.until(5)
    assert all(read(got.content)["Auto-Submitted"] == "auto-replied" for got in sink.received)
    audit = await gateway.off_loop("command", "audit")
    assert audit.returncode == 0
    assert len(sink.received) == 5


async def test_a_strangers_bounce_to_an_alias_is_refused_and_leaves_no_trace(gateway: Gateway, sink: Sink) -> None:
    """LEAK-80, invariants 6 and 11: whoever knows an alias cannot write into its timeline."""
    alias = (await gateway.opened("R1"))["customer_alias"]
    dsn = a_mail(sender="MAILER-DAEMON@elsewhere.example", to=alias, subject="Undelivered")
    dsn = dsn.replace(b"text/plain; charset=utf-8", b'multipart/report; report-type=delivery-status; boundary="b"')
    assert (await gateway.sent(dsn, alias, sender="")).codes == "550 5.7.1"
    assert "message" not in (await gateway.off_loop("command", "trace", alias)).stdout
    assert sink.received == []
