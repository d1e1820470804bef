"""The dialogue of an SMTP session, over real sockets: commands, paths, limits of a session (faults.md 1a)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

import pytest
from structlog.testing import capture_logs
from support.smtp_house import CUSTOMER, NOW, PARTNER, QUICK, smtp_house

from relay.errors import Unavailable
from relay.inbound.ports import AtAlias, AtReturnPath, Incoming
from relay.policy.reply import Reply
from relay.values import Alias

HELLO = b"EHLO client.example\r\n"
MAIL = b"MAIL FROM:<writer@sender.example>\r\n"
RCPT = f"RCPT TO:<{CUSTOMER}>\r\n".encode()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"EHLO"], ["501 5.5.4"]),  # FAULT-1
        ([b"EHLO "], ["501 5.5.4"]),
        ([b"HELO"], ["501 5.5.4"]),
        ([b"HELO client.example"], ["250"]),
        ([b"EHLO client.example", b"EHLO again.example"], ["250", "250"]),  # FAULT-2
        ([b"MAIL FROM:<a@b.example>"], ["503 5.5.1"]),  # FAULT-3
        ([b"EHLO c", b"RCPT TO:<a@b.example>"], ["250", "503 5.5.1"]),  # FAULT-4
        ([b"EHLO c", b"DATA"], ["250", "503 5.5.1"]),
        ([b"EHLO c", MAIL[:-2], b"DATA"], ["250", "250 2.1.0", "503 5.5.1"]),
        ([b"EHLO c", MAIL[:-2], b"MAIL FROM:<x@y.example>"], ["250", "250 2.1.0", "503 5.5.1"]),  # FAULT-5
        ([b"FROB"], ["500 5.5.2"]),  # FAULT-6
        ([b""], ["500 5.5.2"]),
        ([b"NOOP", b"NOOP x"], ["250 2.0.0", "250 2.0.0"]),
        ([b"RSET"], ["250 2.0.0"]),
        ([b"RSET x"], ["501 5.5.4"]),
        ([b"QUIT x"], ["501 5.5.4"]),
        ([b"HELP"], ["214 2.0.0"]),
        ([b"AUTH PLAIN AGEAYg=="], ["502 5.5.1"]),  # FAULT-21
        ([b"VRFY postmaster", b"VRFY nobody"], ["252 2.0.0", "252 2.0.0"]),  # FAULT-35
        ([b"EXPN list"], ["502 5.5.1"]),
        ([b"BDAT 0 LAST"], ["502 5.5.1"]),  # FAULT-54: CHUNKING is not offered
        ([b"STARTTLS"], ["502 5.5.1"]),  # no certificate
        ([b"EHLO a\0b"], ["501 5.5.2"]),  # FAULT-12
        ([b"EHLO a\rb"], ["501 5.5.2"]),
        ([b"EHLO a\x1bb"], ["501 5.5.2"]),
        ([b"EH\xc3\x84LO x"], ["501 5.5.2"]),
        ([b"noop", b"Ehlo c"], ["250 2.0.0", "250"]),
    ],
)
async def test_each_command_has_its_answer(lines: list[bytes], expected: list[str]) -> None:
    async with smtp_house() as house, house.client() as client:
        assert [(await client.command(line)).codes for line in lines] == expected


@pytest.mark.parametrize(
    ("argument", "codes"),
    [
        ("FROM:<>", "250 2.1.0"),  # FAULT-14
        ("FROM:<a@b.example>", "250 2.1.0"),
        ("from: <a@b.example>", "250 2.1.0"),
        ("FROM:<a@b.example> SIZE=1000 BODY=8BITMIME", "250 2.1.0"),
        ("FROM:<a@b.example> body=7bit", "250 2.1.0"),
        ("FROM:<grün@b.example> SMTPUTF8", "250 2.1.0"),
        ("FROM:<@relay.example:a@b.example>", "250 2.1.0"),
        ("FROM:<a@b.example> SIZE=99999999999", "552 5.3.4"),  # FAULT-15
        ("FROM:<a@b.example> SIZE=abc", "501 5.5.4"),  # FAULT-16
        ("FROM:<a@b.example> SIZE=1 SIZE=1", "501 5.5.4"),
        ("FROM:<a@b.example> SIZE", "501 5.5.4"),
        ("FROM:<a@b.example> FOO=1", "555 5.5.4"),  # FAULT-17
        ("FROM:<a@b.example> MT-PRIORITY=3", "555 5.5.4"),
        ("FROM:<a@b.example> AUTH=<>", "555 5.5.4"),
        ("FROM:<a@b.example> RET=HDRS", "555 5.5.4"),
        ("FROM:<a@b.example> BODY=BINARYMIME", "501 5.5.4"),  # FAULT-18
        ("FROM:<a@b.example> BODY", "501 5.5.4"),
        ("FROM:<a@b.example> SMTPUTF8=1", "501 5.5.4"),
        ("FROM:<grün@b.example>", "553 5.6.7"),  # FAULT-19
        (b"FROM:<gr\xfcn@b.example> SMTPUTF8", "501 5.1.7"),  # FAULT-20
        ("FROM:<a@b.example", "501 5.1.7"),
        ("FROM:a@b.example", "501 5.1.7"),
        ("FROM:<a@b@c.example>", "501 5.1.7"),
        ("FROM:", "501 5.1.7"),
        ("FROM <a@b.example>", "501 5.5.4"),
        ("", "501 5.5.4"),
    ],
)
async def test_mail_wants_a_path_and_knows_three_parameters(argument: str | bytes, codes: str) -> None:
    octets = argument.encode() if isinstance(argument, str) else argument
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        answer = await client.command(b"MAIL " + octets)
        assert answer.codes == codes
        assert answer.trace.startswith("id-")
        # A refused MAIL begins nothing.
        begun = (await client.command("RCPT TO:<postmaster>")).codes == "250 2.1.5"
        assert begun is (codes == "250 2.1.0")


@pytest.mark.parametrize(
    ("argument", "codes"),
    [
        (f"TO:<{CUSTOMER}>", "250 2.1.5"),
        (f"TO: <{CUSTOMER}>", "250 2.1.5"),
        ("TO:<CUSTOMER-12AB3456CD78@Reply.Example>", "250 2.1.5"),  # FAULT-28, CASE-40
        (f"TO:<@mx.example:{CUSTOMER}>", "250 2.1.5"),  # FAULT-24
        ("TO:<postmaster>", "250 2.1.5"),  # FAULT-25
        ("TO:<Postmaster@reply.example>", "250 2.1.5"),
        ("TO:<abuse@reply.example>", "250 2.1.5"),
        ("TO:<bounce-1-2-3@reply.example>", "250 2.1.5"),
        ("TO:<bounce-forged@reply.example>", "550 5.7.1"),  # FAULT-73
        ("TO:<>", "501 5.1.3"),  # FAULT-22
        (f"TO:<{CUSTOMER}", "501 5.1.3"),  # FAULT-23
        (f"TO:<(comment){CUSTOMER}>", "501 5.1.3"),
        ("TO:<a b@reply.example>", "501 5.1.3"),
        ("TO:<a@b@reply.example>", "501 5.1.3"),
        ("TO:<abuse>", "501 5.1.3"),
        (f"TO:<{CUSTOMER}.>", "501 5.1.3"),  # FAULT-28
        ("TO:<customer%other.example@reply.example>", "550 5.7.1"),  # FAULT-26
        ("TO:<other.example!customer@reply.example>", "550 5.7.1"),
        ('TO:<"a@other.example"@reply.example>', "550 5.7.1"),
        ("TO:<a@other.example>", "550 5.7.1"),
        ("TO:<x@[192.0.2.1]>", "550 5.7.1"),  # FAULT-27
        ("TO:<customer-000000000000@reply.example>", "550 5.1.1"),  # FAULT-29
        (f"TO:<{CUSTOMER}> NOTIFY=NEVER,SUCCESS", "555 5.5.4"),  # FAULT-34: DSN is not offered
        (f"TO:<{CUSTOMER}> FOO", "555 5.5.4"),
        (f"TO:<{CUSTOMER}> =", "501 5.5.4"),
        ("TO:<grün@reply.example>", "553 5.6.7"),
        ("", "501 5.5.4"),
    ],
)
async def test_rcpt_takes_what_is_reached_here_and_nothing_else(argument: str, codes: str) -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.command(MAIL.strip())
        answer = await client.command(f"RCPT {argument}")
        assert answer.codes == codes
        assert answer.trace == "id-000002"
        assert "12ab3456" not in answer.text.lower()


RELAY_TESTS = (
    ("<antispam@probe.example>", "<relaytest@probe.example>"),
    ("<antispam@mx.reply.example>", "<relaytest@probe.example>"),
    ("<>", "<relaytest@probe.example>"),
    ("<antispam@[192.0.2.1]>", "<relaytest@probe.example>"),
    ("<antispam@mx.reply.example>", "<relaytest%probe.example@[192.0.2.1]>"),
    ("<antispam@mx.reply.example>", "<relaytest%probe.example@reply.example>"),
    ("<antispam@mx.reply.example>", '<"relaytest@probe.example">'),
    ("<antispam@mx.reply.example>", '<"relaytest%probe.example">'),
    ("<antispam@mx.reply.example>", "<relaytest@probe.example@[192.0.2.1]>"),
    ("<antispam@mx.reply.example>", '<"relaytest@probe.example"@[192.0.2.1]>'),
    ("<antispam@mx.reply.example>", "<relaytest@probe.example@reply.example>"),
    ("<antispam@mx.reply.example>", "<@[192.0.2.1]:relaytest@probe.example>"),
    ("<antispam@mx.reply.example>", "<@reply.example:relaytest@probe.example>"),
    ("<antispam@mx.reply.example>", "<probe.example!relaytest>"),
    ("<antispam@mx.reply.example>", "<probe.example!relaytest@[192.0.2.1]>"),
    ("<antispam@mx.reply.example>", "<probe.example!relaytest@reply.example>"),
)


async def test_none_of_the_usual_relay_tests_gets_through() -> None:
    """FAULT-26."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        for sender, recipient in RELAY_TESTS:
            await client.command("RSET")
            assert (await client.command(f"MAIL FROM:{sender}")).code == 250
            assert (await client.command(f"RCPT TO:{recipient}")).code in {501, 550}, recipient
        assert house.acceptor.taken == []


async def test_the_offers_are_those_that_are_kept_and_come_in_one_packet() -> None:
    async with smtp_house() as house, house.client() as client:
        assert client.greeting is not None
        assert (client.greeting.code, client.greeting.text) == (220, "mx.reply.example ESMTP")
        answer = await client.hello()
        assert answer.lines == (
            "mx.reply.example",
            "SIZE 26214400",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "LIMITS RCPTMAX=100",
            "PIPELINING",
        )
    async with smtp_house() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        await reader.readline()
        writer.write(HELLO)
        assert (await reader.read(4096)).endswith(b"250 PIPELINING\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_message_is_handed_on_with_all_that_the_session_knows() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        sender = "<Writer+Tag@Sender.Example> BODY=8BITMIME"
        answer = await client.deliver(b"Subject: a\r\n\r\nb\r\n", str(CUSTOMER), sender=sender)
        assert (answer.codes, answer.text) == ("250 2.6.0", "2.6.0 Accepted [id-000002]")
        assert house.acceptor.taken == [
            Incoming(
                id=house.acceptor.taken[0].id,
                received_at=NOW,
                return_path="Writer+Tag@Sender.Example",
                recipients=(AtAlias(CUSTOMER),),
                content=b"Subject: a\r\n\r\nb\r\n",
                client_ip="127.0.0.1",
                helo="client.example",
            )
        ]
        assert house.acceptor.taken[0].id == "id-000002"


async def test_parties_and_the_house_are_taken_apart() -> None:
    """GW-8: one reply follows the final dot, so a recipient of the other kind is put off; 452 has senders try it apart."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        answers = await client.begin(str(CUSTOMER), "postmaster@reply.example", str(CUSTOMER))
        assert [answer.codes for answer in answers] == ["250 2.1.0", "250 2.1.5", "452 4.5.3", "250 2.1.5"]
        await client.command("RSET")
        answers = await client.begin("postmaster@reply.example", str(CUSTOMER))
        assert [answer.codes for answer in answers] == ["250 2.1.0", "250 2.1.5", "452 4.5.3"]


async def test_the_null_sender_is_an_empty_return_path_and_reaches_aliases_and_return_paths() -> None:
    """FAULT-14: automatic replies come from <>, too; the acceptor decides."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        for recipient in (str(CUSTOMER), "bounce-1-2-3@reply.example"):
            assert (await client.deliver(b"a: b\r\n", recipient, sender="<>")).code == 250
        assert [incoming.return_path for incoming in house.acceptor.taken] == ["", ""]
        assert [incoming.recipients for incoming in house.acceptor.taken] == [
            (AtAlias(CUSTOMER),),
            (AtReturnPath("bounce-1-2-3"),),
        ]


async def test_smtputf8_is_told() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.deliver(b"a: b\r\n", str(CUSTOMER), sender="<grün@sender.example> SMTPUTF8")
        assert (house.acceptor.taken[0].return_path, house.acceptor.taken[0].smtputf8) == ("grün@sender.example", True)


async def test_a_recipient_named_twice_is_one_recipient() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.deliver(b"a: b\r\n", str(CUSTOMER), str(PARTNER), str(CUSTOMER).upper())
        assert house.acceptor.taken[0].recipients == (AtAlias(CUSTOMER), AtAlias(PARTNER))


async def test_recipients_are_looked_up_in_lower_case_with_an_ascii_domain() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.begin("Abc@Bücher.Example", '"D e"@X.example', sender="<a@b.example> SMTPUTF8")
        await client.command("RCPT TO:<PostMaster>")
        assert house.recipients.asked == [("abc", "xn--bcher-kva.example"), ("d e", "x.example"), ("postmaster", "")]


@pytest.mark.parametrize("reset", [b"RSET", b"EHLO again.example", b"HELO again.example"])
async def test_reset_and_a_second_hello_drop_the_transaction(reset: bytes) -> None:
    """FAULT-2, FAULT-40."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.begin(str(CUSTOMER))
        assert (await client.command(reset)).code == 250
        assert (await client.command("DATA")).codes == "503 5.5.1"
        assert (await client.command(MAIL.strip())).code == 250


async def test_two_hundred_hellos_change_no_limit_of_any_session() -> None:
    """FAULT-2: stock aiosmtpd raises the limits of every session."""
    long_path = "<" + "a" * 300 + "@b.example>"
    async with smtp_house() as house, house.client() as client, house.client() as other:
        for _ in range(200):
            assert (await client.hello()).code == 250
        for one in (client, other):
            await one.hello()
            assert (await one.command(f"MAIL FROM:{long_path}{' ' * 2000}")).codes == "500 5.5.2"
            assert (await one.command(f"MAIL FROM:{long_path}{' ' * 1500}")).codes == "250 2.1.0"


async def test_the_twentieth_error_closes_the_connection() -> None:
    """FAULT-6."""
    async with smtp_house() as house, house.client() as client:
        for _ in range(19):
            assert (await client.command("FROB")).codes == "500 5.5.2"
        assert (await client.command("FROB")).codes == "421 4.7.0"
        assert await client.is_closed()
        assert house.server.stats.too_many_errors == 1


async def test_an_accepted_message_forgives_the_errors_before_it() -> None:
    async with smtp_house(replace(QUICK, errors_max=3)) as house, house.client() as client:
        await client.hello()
        for _ in range(3):
            await client.command("FROB")
            await client.command("FROB")
            assert (await client.deliver(b"a: b\r\n", str(CUSTOMER))).code == 250


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"POST /x HTTP/1.1", b"CONNECT a:25 HTTP/1.1", b"Host: x", b"host: x"])
@pytest.mark.parametrize("before", [b"", HELLO + MAIL])
async def test_whoever_speaks_http_is_sent_away_and_nothing_later_is_obeyed(line: bytes, before: bytes) -> None:
    """FAULT-7: a browser can be made to send a form to the port of a mail server."""
    async with smtp_house() as house, house.client() as client:
        await client.send(before + line + b"\r\n" + HELLO + MAIL + RCPT + b"DATA\r\na: b\r\n.\r\n")
        for _ in range(before.count(b"\r\n")):
            await client.answer()
        assert (await client.answer()).codes == "502 5.7.0"
        assert await client.is_closed()
        assert house.acceptor.begun == 0
        assert house.recipients.asked == []


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)) * 4,
        b"\x16\x03\x01\x00\xa5\x01\x00",
        b"\x80\x9e\x01\x03\n",
        b"\0\0\0\0\r\n",
        b"\xff\xfe\xfd" * 30 + b"\r\n",
    ],
)
async def test_noise_and_tls_on_the_plain_port_end_the_session_without_a_traceback(noise: bytes) -> None:
    """FAULT-8."""
    with capture_logs() as lines:
        async with smtp_house() as house, house.client() as client:
            await client.send(noise)
            assert await client.is_closed()
            await house.until_connections(0)
    assert [line["event"] for line in lines] == ["smtp.session"]
    assert lines[0]["cut"] == "not SMTP"


async def test_words_before_the_banner_harm_nobody() -> None:
    """FAULT-9."""
    async with smtp_house() as house, house.client(greeted=False) as client:
        await client.send(HELLO + MAIL + RCPT)
        assert [answer.code for answer in await client.answers(4)] == [220, 250, 250, 250]


async def test_a_command_line_that_is_too_long_is_refused_once_and_skipped() -> None:
    """FAULT-10."""
    async with smtp_house() as house, house.client() as client:
        await client.send(b"EHLO " + b"x" * 100_000 + b"\r\nNOOP\r\n")
        assert [answer.codes for answer in await client.answers(2)] == ["500 5.5.2", "250 2.0.0"]


@pytest.mark.parametrize(("octets", "codes"), [(2048, "250 2.0.0"), (2049, "500 5.5.2")])
async def test_a_command_line_of_exactly_the_limit_is_obeyed(octets: int, codes: str) -> None:
    async with smtp_house() as house, house.client() as client:
        assert (await client.command(b"NOOP " + b"x" * (octets - 7))).codes == codes


@pytest.mark.parametrize(
    "before", [[], [HELLO], [HELLO, MAIL], [HELLO, MAIL, RCPT]], ids=["greeted", "helloed", "after MAIL", "after RCPT"]
)
async def test_whoever_says_something_in_time_and_never_brings_mail_is_cut_in_the_end(before: list[bytes]) -> None:
    """FAULT-11, invariant 12: each command keeps its deadline, and so many of them would keep a connection for days."""
    patient = replace(QUICK, fruitless_s=0.2, commands_between_messages_max=10**6)
    async with smtp_house(patient) as house, house.client() as client:
        for command in before:
            await client.command(command[:-2])
        while (answer := await client.command("NOOP")).code == 250:
            pass
        assert answer.codes == "421 4.4.2"
        assert house.server.stats.timeouts == 1


async def test_whoever_brings_mail_has_time_anew() -> None:
    async with smtp_house() as house, house.client() as client:
        [session] = house.server._service.guests
        await client.hello()
        before = session._fruitless_by
        assert (await client.deliver(b"Subject: a\r\n\r\n", str(CUSTOMER))).code == 250
        assert session._fruitless_by > before


async def test_a_command_without_an_end_is_refused_once_and_ends_by_its_deadline_however_it_trickles() -> None:
    """FAULT-10, FAULT-11: the deadline is for the whole line, not for the next octet."""
    async with smtp_house(replace(QUICK, command_s=0.15)) as house, house.client() as client:
        await client.send(b"x" * 5000)
        assert (await client.answer()).codes == "500 5.5.2"
        trickle = asyncio.create_task(client.trickle())
        answer = await client.answer()
        trickle.cancel()
        assert answer.codes == "421 4.4.2"
        assert await client.is_closed()
        assert house.server.stats.timeouts == 1


async def test_an_idle_client_is_told_when_its_time_is_over() -> None:
    async with smtp_house(replace(QUICK, command_s=0.05)) as house, house.client() as client:
        assert (await client.answer()).codes == "421 4.4.2"
        assert await client.is_closed()


async def test_bare_line_feeds_end_commands() -> None:
    """FAULT-13: normalised, as in DATA."""
    async with smtp_house() as house, house.client() as client:
        await client.send((HELLO + MAIL + RCPT).replace(b"\r\n", b"\n"))
        assert [answer.code for answer in await client.answers(3)] == [250, 250, 250]


async def test_pipelined_commands_are_answered_in_order() -> None:
    """RFC 2920; a RCPT that is refused does not stop the others."""
    async with smtp_house() as house, house.client() as client:
        two = f"RCPT TO:<{PARTNER}>\r\n".encode()
        content = b"a: b\r\n\r\nc\r\n.\r\n"
        first = MAIL + RCPT + b"RCPT TO:<a@other.example>\r\n" + two + b"DATA\r\n" + content
        await client.send(HELLO + first + MAIL + RCPT + b"DATA\r\n" + content + b"QUIT\r\n")
        codes = [answer.code for answer in await client.answers(11)]
        assert codes == [250, 250, 250, 550, 250, 354, 250, 250, 250, 354, 250]
        assert (await client.answer()).codes == "221 2.0.0"
        assert await client.is_closed()
        assert [len(one.recipients) for one in house.acceptor.taken] == [2, 1]


async def test_an_unknown_alias_and_one_that_never_was_get_the_same_words() -> None:
    """FAULT-29."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.command(MAIL.strip())
        texts = {(await client.command(f"RCPT TO:<{local}@reply.example>")).text for local in ("customer-0", "no.such", "x")}
        assert texts == {"5.1.1 No such address here [id-000002]"}
        assert house.server.stats.recipients_unknown == 3


@pytest.mark.slow
async def test_only_the_guesser_waits_in_the_tarpit_and_longer_each_time() -> None:
    """FAULT-29."""
    limits = replace(QUICK, tarpit_s_min=1.0, tarpit_s_max=1.5)
    async with smtp_house(limits) as house, house.client() as guesser, house.client() as other:
        await guesser.hello()
        await guesser.command(MAIL.strip())
        loop = asyncio.get_running_loop()
        waits = []
        for local in "xyz":
            began = loop.time()
            guess = asyncio.create_task(guesser.command(f"RCPT TO:<{local}@reply.example>"))
            assert (await other.hello()).code == 250
            assert not guess.done()
            assert (await guess).codes == "550 5.1.1"
            waits.append(loop.time() - began)
        assert waits[0] >= 0.99  # some loops count in whole milliseconds
        assert min(waits[1:]) >= 1.49


async def test_the_hundred_and_first_recipient_is_for_later_and_the_earlier_ones_stay() -> None:
    """FAULT-31."""
    async with smtp_house(replace(QUICK, recipients_max=3)) as house, house.client() as client:
        house.recipients.more = {f"c{number}": AtAlias(Alias(f"c{number}", "reply.example")) for number in range(5)}
        await client.hello()
        answers = await client.begin(*(f"c{number}@reply.example" for number in range(5)))
        assert [answer.codes for answer in answers[1:]] == ["250 2.1.5"] * 3 + ["452 4.5.3"] * 2
        await client.command("DATA")
        assert (await client.command(b"a: b\r\n.")).code == 250
        assert len(house.acceptor.taken[0].recipients) == 3


@pytest.mark.parametrize("trouble", [Unavailable("database"), RuntimeError("writer@sender.example"), TimeoutError()])
async def test_a_look_up_in_trouble_means_later(trouble: Exception) -> None:
    """FAULT-33; what broke is logged in one line, without what it said."""
    with capture_logs() as lines:
        async with smtp_house() as house, house.client() as client:
            house.recipients.trouble = trouble
            await client.hello()
            answers = await client.begin(str(CUSTOMER))
            assert (answers[1].codes, answers[1].trace) == ("451 4.3.0", "id-000002")
            house.recipients.trouble = None
            assert (await client.command(RCPT.strip())).codes == "250 2.1.5"
    [failure] = [line for line in lines if line["event"] == "smtp.failed"]
    assert (failure["trace"], failure["error"], failure["verb"]) == ("id-000002", type(trouble).__name__, "RCPT")
    assert failure["where"].rpartition(":")[2].isdigit()
    assert "sender.example" not in str(lines)


async def test_a_look_up_that_takes_too_long_means_later() -> None:
    """FAULT-33."""
    async with smtp_house(replace(QUICK, look_up_s=0.05)) as house, house.client() as client:
        house.recipients.delay_s = 30
        await client.hello()
        assert (await client.begin(str(CUSTOMER)))[1].codes == "451 4.3.0"


async def test_too_many_transactions_or_idle_commands_end_the_session() -> None:
    async with smtp_house(replace(QUICK, transactions_max=2)) as house, house.client() as client:
        await client.hello()
        for _ in range(2):
            await client.command(MAIL.strip())
            await client.command("RSET")
        assert (await client.command(MAIL.strip())).codes == "421 4.7.0"
        assert await client.is_closed()
    async with smtp_house(replace(QUICK, commands_between_messages_max=10)) as house, house.client() as client:
        await client.send(b"NOOP\r\n" * 11)
        assert [answer.code for answer in await client.answers(11)] == [250] * 10 + [421]
        assert await client.is_closed()


async def test_every_reply_carries_an_enhanced_code_and_every_refusal_the_trace_id() -> None:
    """RFC 2034: all but the greeting, EHLO and 354."""
    async with smtp_house() as house, house.client() as client:
        house.acceptor.reply = Reply(554, "5.7.1", "Content not accepted")
        await client.hello()
        words = ["NOOP", "RSET", "VRFY x", "FROB", "AUTH X", "STARTTLS", "DATA", MAIL.strip(), "RCPT TO:<x@y.example>"]
        for word in [*words, RCPT.strip()]:
            answer = await client.command(word)
            assert answer.enhanced[0] == str(answer.code)[0]
            assert answer.trace in {"id-000001", "id-000002"}
        assert (await client.command("DATA")).code == 354
        answer = await client.command(b"a: b\r\n.")
        assert (answer.codes, answer.trace) == ("554 5.7.1", "id-000002")
        assert (await client.command("QUIT")).codes == "221 2.0.0"


async def test_nobody_but_a_cut_client_has_its_network_in_the_log_and_no_address_is_ever_there() -> None:
    with capture_logs() as lines:
        async with smtp_house(replace(QUICK, errors_max=2)) as house:
            async with house.client() as client:
                await client.hello()
                await client.deliver(b"a: b\r\n", str(CUSTOMER))
                await client.command("QUIT")
            async with house.client() as client:
                await client.command("MAIL FROM:<writer@sender.example>")
                await client.command("RCPT TO:<writer@sender.example>")
                assert await client.is_closed()
            await house.until_connections(0)
    assert [(line["event"], line.get("network"), line["cut"]) for line in lines] == [
        ("smtp.session", None, None),
        ("smtp.session", "127.0.0.1", "errors"),
    ]
    assert "sender.example" not in str(lines)
    assert str(CUSTOMER) not in str(lines)


WORDS = (
    *(b"EHLO c\r\n", b"HELO c\r\n", b"RSET\r\n", b"NOOP\r\n", b"DATA\r\n", b".\r\n", b"\r\n.\r\n", b"QUIT\r\n", b"STARTTLS\r\n"),
    *(MAIL, RCPT, b"MAIL FROM:<> SMTPUTF8\r\n", b"RCPT TO:<x@y>\r\n", b"MAIL FROM:<\xff@b>\r\n", b"BDAT 3\r\n", b"AUTH X\r\n"),
    *(b"\0", b"\r", b"\n", b".", b"\n.\n", b"\xff\xfe", b"\x16\x03", b"x" * 3000, b"Subject: a\r\n", b"GET / HTTP/1.0\r\n"),
)


@pytest.mark.parametrize("seed", range(5))
async def test_no_order_of_words_breaks_a_session(seed: int) -> None:
    """FAULT-8, FAULT-45: whatever comes, nothing in here fails, nothing stays, and the next client is served."""
    random = Random(seed)
    with capture_logs() as lines:
        async with smtp_house(replace(QUICK, message_octets_max=2000, in_memory_octets_max=500)) as house:
            for _ in range(15):
                async with house.client() as client:
                    await client.send(b"".join(random.choices(WORDS, k=random.randint(1, 25))))
                    if random.random() < 0.3:
                        await client.abort()
                    else:
                        client.end_of_input()
                        while await client.says_something():
                            pass
            await house.until_connections(0)
            assert house.server.in_flight_octets == 0
            assert house.server.stats.failures == 0
            async with house.client() as client:
                await client.hello()
                assert (await client.deliver(b"a: b\r\n", str(CUSTOMER))).code == 250
    assert {line["event"] for line in lines} == {"smtp.session"}
