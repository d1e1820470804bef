"""One SMTP session against a server that misbehaves in every way we know of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.certificate import server_context
from support.deliveries import a_delivery
from support.sink import CLOSE, EXTENSIONS, HANG, Answer, Sink, Step, reply

from relay.outbound.connecting import Connector
from relay.outbound.connection import Connection, Timeouts
from relay.outbound.routes import Host, Tls
from relay.transit.delivery import Cause, Deferred, Delivered, Failed

pytestmark = pytest.mark.slow

QUICK = Timeouts(connect_s=0.5, greeting_s=0.5, command_s=0.5, data_s=0.5, block_s=0.5, dot_s=0.5, quit_s=0.2)
SLOW_LINES = tuple(one for one in EXTENSIONS if one != "PIPELINING")
CONTENT = b"From: a@reply.example.com\r\nSubject: dots\r\n\r\n.\r\n..\r\n.x\r\nend.\r\n\r\n\r\n"


@pytest.fixture(params=[EXTENSIONS, SLOW_LINES], ids=["pipelining", "step by step"])
async def sink(request: pytest.FixtureRequest) -> AsyncIterator[Sink]:
    async with Sink(extensions=request.param) as sink:
        yield sink


async def connected(sink: Sink, tls: Tls = Tls.OFF) -> Connection:
    session = await Connector("relay.example", QUICK).open(Host("127.0.0.1", sink.port, tls))
    assert isinstance(session, Connection), session
    return session


async def test_the_signed_octets_are_the_sent_octets(sink: Sink) -> None:
    """FAULT-46, FAULT-53: dots doubled once, nothing else touched, trailing empty lines included."""
    session = await connected(sink)
    large = b"Subject: large\r\n\r\n" + b".line with a dot in front\r\n" * 60_000
    for content in (CONTENT, b".\r\n", b"\r\n", b".first\r\n", large):
        outcome = await session.send(a_delivery(content=content))
        assert outcome == Delivered(250, "2.0.0 taken")
        assert sink.received[-1].content == content
    assert sink.connections == 1
    await session.close()


async def test_the_null_return_path_and_the_size_are_told(sink: Sink) -> None:
    session = await connected(sink)
    await session.send(a_delivery(content=CONTENT, return_path=""))
    received = sink.received[0]
    assert (received.return_path, received.recipients) == ("", ("ana@customer.example",))
    assert received.parameters == (f"SIZE={len(CONTENT)}",)
    await session.close()


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        (Step.MAIL, reply("451 4.3.0 later"), Deferred(Cause.OTHER, 451, "4.3.0 later")),
        (Step.MAIL, reply("552 5.3.4 too big"), Failed(Cause.TOO_LARGE, 552, "5.3.4 too big")),
        (Step.RCPT, reply("550 5.1.1 no such user"), Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no such user")),
        (Step.RCPT, reply("550 no"), Failed(Cause.ADDRESS_WRONG, 550, "no")),
        (Step.RCPT, reply("452 4.2.2 full"), Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 full")),
        (Step.RCPT, reply("251 2.1.5 forwarded"), Delivered(250, "2.0.0 taken")),
        (Step.DATA, reply("554 5.7.1 go away"), Failed(Cause.BLOCKED, 554, "5.7.1 go away")),
        (Step.DATA, reply("451 4.7.1 greylisted"), Deferred(Cause.BLOCKED, 451, "4.7.1 greylisted")),
        (Step.DOT, reply("550 5.7.1 spam"), Failed(Cause.BLOCKED, 550, "5.7.1 spam")),
        (Step.DOT, reply("451 4.3.0 later"), Deferred(Cause.OTHER, 451, "4.3.0 later")),
        (Step.DOT, reply("552-5.2.2 over\n552 5.2.2 quota"), Failed(Cause.MAILBOX_FULL, 552, "5.2.2 over 5.2.2 quota")),
    ],
)
async def test_a_refusal_is_told_apart_and_the_session_goes_on(
    sink: Sink, step: Step, answer: Answer, expected: Deferred | Failed | Delivered
) -> None:
    """CASE-48, CASE-61, FAULT-90, FAULT-91: at every step; the next message passes over the same session."""
    sink.plan(step, answer)
    session = await connected(sink)
    assert await session.send(a_delivery(content=CONTENT)) == expected
    taken = len(sink.received)
    assert await session.send(a_delivery(content=CONTENT)) == Delivered(250, "2.0.0 taken")
    assert (len(sink.received), sink.connections) == (taken + 1, 1)
    await session.close()


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA, Step.DOT])
@pytest.mark.parametrize("answer", [CLOSE, HANG, reply("421 4.3.2 going down", close=True)], ids=["closes", "hangs", "421"])
async def test_a_session_that_ends_is_not_now_and_in_doubt_only_after_the_dot(sink: Sink, step: Step, answer: Answer) -> None:
    """CASE-61, FAULT-92: never taken for a yes or a no."""
    sink.always(step, answer)
    session = await connected(sink)
    outcome = await session.send(a_delivery(content=CONTENT))
    assert isinstance(outcome, Deferred)
    assert outcome.code == (421 if answer.octets else None)
    assert outcome.in_doubt is (step is Step.DOT and not answer.octets)
    assert not session.usable
    assert sink.received == []
    await session.close()


async def test_a_session_that_ends_in_the_middle_of_the_content_is_not_in_doubt(sink: Sink) -> None:
    sink.always(Step.CONTENT, CLOSE)
    session = await connected(sink)
    outcome = await session.send(a_delivery(content=b"Subject: large\r\n\r\n" + b"line\r\n" * 4_000_000))
    assert isinstance(outcome, Deferred)
    assert not outcome.in_doubt
    await session.close()


async def test_a_no_before_the_end_of_the_content_is_heard(sink: Sink) -> None:
    sink.always(Step.CONTENT, reply("552 5.3.4 that is enough", close=True))
    session = await connected(sink)
    outcome = await session.send(a_delivery(content=b"Subject: large\r\n\r\n" + b"line\r\n" * 2_000_000))
    assert isinstance(outcome, Failed | Deferred)
    assert not (isinstance(outcome, Deferred) and outcome.in_doubt)
    await session.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(b"550 5.1.1 " + b"x" * 1_000_000 + b"\r\n"), Failed(Cause.ADDRESS_WRONG, 550, ("5.1.1 " + "x" * 1000)[:500])),
        (Answer(b"550-5.1.1 no\r\n" * 20_000 + b"550 5.1.1 no\r\n"), Failed),
        (Answer(b"550 5.1.1 \xff\x00\x1b[2J no\r\n"), Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 \\xff\\x00\\x1b[2J no")),
        (
            Answer(b"550 5.1.1 <ana@customer.example>: unknown\r\n"),
            Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 <<address>>: unknown"),
        ),
        (Answer(b"55\r\n0 5.1.1 no\r\n"), Deferred(Cause.SERVER_UNREACHABLE, None, "a reply that cannot be read")),
        (Answer(b"hello\r\n"), Deferred(Cause.SERVER_UNREACHABLE, None, "a reply that cannot be read")),
        (Answer(b"x" * 5_000_000), Deferred(Cause.SERVER_UNREACHABLE, None, "a reply without end")),
    ],
    ids=["1 MB", "many lines", "not UTF-8", "address", "CRLF in the code", "no code", "endless"],
)
async def test_what_a_server_says_is_bounded_escaped_and_free_of_addresses(
    sink: Sink, answer: Answer, expected: Failed | Deferred | type[Failed]
) -> None:
    """FAULT-95."""
    sink.plan(Step.RCPT, answer)
    session = await connected(sink)
    outcome = await session.send(a_delivery(content=CONTENT))
    assert outcome == expected or (isinstance(outcome, Failed) and expected is Failed)
    assert not isinstance(outcome, Delivered)
    assert len(outcome.text) <= 500
    assert outcome.text.isprintable()
    await session.close()


async def test_a_message_larger_than_the_receiver_takes_fails_without_an_attempt() -> None:
    """FAULT-94: the boundary is inclusive (RFC 1870 §6)."""
    async with Sink(extensions=("PIPELINING", "SIZE 100")) as sink:
        session = await connected(sink)
        assert isinstance(await session.send(a_delivery(content=b"x" * 98 + b"\r\n")), Delivered)
        outcome = await session.send(a_delivery(content=b"x" * 99 + b"\r\n"))
        assert isinstance(outcome, Failed)
        assert outcome.cause is Cause.TOO_LARGE
        assert sum(line.startswith("MAIL") for _, line in sink.commands) == 1
        await session.close()


async def test_what_needs_extensions_goes_only_where_they_are_offered() -> None:
    """FAULT-94: 8BITMIME, SMTPUTF8."""
    eight = a_delivery(content="Subject: x\r\n\r\né\r\n".encode())
    beyond = a_delivery(recipient="jürgen@müller.example")
    domain = a_delivery(recipient="ana@müller.example")
    async with Sink() as sink:
        session = await connected(sink)
        for one in (eight, beyond, domain):
            assert isinstance(await session.send(one), Delivered)
        assert "BODY=8BITMIME" in sink.received[0].parameters
        assert "SMTPUTF8" in sink.received[1].parameters
        assert sink.received[1].recipients == ("jürgen@xn--mller-kva.example",)
        assert sink.received[2].recipients == ("ana@xn--mller-kva.example",)
        assert "SMTPUTF8" not in sink.received[2].parameters
        await session.close()
    async with Sink(extensions=()) as sink:
        session = await connected(sink)
        for one, mark in ((eight, "5.6.3"), (beyond, "5.6.7")):
            outcome = await session.send(one)
            assert isinstance(outcome, Failed)
            assert outcome.text.startswith(mark)
        assert isinstance(await session.send(domain), Delivered)
        await session.close()


async def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way() -> None:
    async with Sink() as sink:
        sink.plan(Step.EHLO, reply("502 5.5.1 what?"))
        session = await connected(sink)
        assert isinstance(await session.send(a_delivery()), Delivered)
        assert [line for _, line in sink.commands][:3] == [
            "EHLO relay.example",
            "HELO relay.example",
            "MAIL FROM:<bounce-1@reply.example.com>",
        ]
        await session.close()


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (Step.CONNECT, reply("554 5.3.2 no service")),
        (Step.CONNECT, reply("421 4.3.2 busy", close=True)),
        (Step.CONNECT, HANG),
        (Step.CONNECT, CLOSE),
        (Step.CONNECT, Answer(b"SSH-2.0-OpenSSH\r\n")),
        (Step.CONNECT, Answer(b"x" * 1_000_000)),
        (Step.EHLO, reply("550 5.7.1 who are you?")),
        (Step.EHLO, CLOSE),
        (Step.EHLO, HANG),
    ],
)
async def test_a_host_that_does_not_greet_is_tried_later(step: Step, answer: Answer) -> None:
    """FAULT-88: also when it says 5xx."""
    async with Sink() as sink:
        sink.always(step, answer)
        session = await Connector("relay.example", QUICK).open(Host("127.0.0.1", sink.port))
        assert isinstance(session, Deferred)
        assert not session.in_doubt


async def test_a_host_that_is_down_is_tried_later_and_not_named() -> None:
    async with Sink() as sink:
        port = sink.port
    session = await Connector("relay.example", QUICK).open(Host("127.0.0.1", port))
    assert session == Deferred(Cause.SERVER_UNREACHABLE, None, "Connection refused")
    session = await Connector("relay.example", QUICK).open(Host("no-such-host.invalid", 25))
    assert isinstance(session, Deferred)
    assert "invalid" not in session.text


async def test_a_session_that_died_between_two_messages_is_known_as_stale() -> None:
    """Nothing of the second message was heard, so a fresh session may take it at once."""
    async with Sink() as sink:
        session = await connected(sink)
        await session.send(a_delivery())
        sink.plan(Step.MAIL, CLOSE)
        outcome = await session.send(a_delivery())
        assert isinstance(outcome, Deferred)
        assert session.went_stale
        fresh = await connected(sink)
        sink.plan(Step.MAIL, CLOSE)
        assert isinstance(await fresh.send(a_delivery()), Deferred)
        assert not fresh.went_stale
        for one in (session, fresh):
            await one.close()


async def test_encryption_is_used_when_offered_and_not_looked_into(tmp_path: Path) -> None:
    async with Sink(tls=server_context(tmp_path)) as sink:
        session = await connected(sink, Tls.OPPORTUNISTIC)
        content = b"Subject: large\r\n\r\n" + b"line\r\n" * 200_000
        for _ in range(2):
            assert isinstance(await session.send(a_delivery(content=content)), Delivered)
        assert [(one.tls, one.content == content) for one in sink.received] == [(True, True)] * 2
        await session.close()


async def test_where_encryption_fails_the_mail_goes_without_unless_it_is_required(tmp_path: Path) -> None:
    """FAULT-89."""
    async with Sink(tls=server_context(tmp_path)) as sink:
        for answer in (reply("454 4.7.0 not now"), CLOSE, reply("220 2.0.0 go", close=True)):
            sink.as_usual()
            sink.always(Step.STARTTLS, answer)
            session = await connected(sink, Tls.OPPORTUNISTIC)
            assert isinstance(await session.send(a_delivery()), Delivered)
            await session.close()
            refused = await Connector("relay.example", QUICK).open(Host("127.0.0.1", sink.port, Tls.REQUIRED))
            assert isinstance(refused, Deferred)
            assert refused.text.startswith("4.7.5")
        assert not any(one.tls for one in sink.received)
    async with Sink(extensions=("STARTTLS", "PIPELINING")) as sink:
        sink.always(Step.STARTTLS, reply("220 2.0.0 go"))  # and then speaks in the open
        session = await connected(sink, Tls.OPPORTUNISTIC)
        assert isinstance(await session.send(a_delivery()), Delivered)
        await session.close()


async def test_a_certificate_is_looked_into_where_that_is_asked_for(tmp_path: Path) -> None:
    async with Sink(tls=server_context(tmp_path)) as sink:
        verified = await Connector("relay.example", QUICK).open(Host("127.0.0.1", sink.port, Tls.VERIFIED))
        assert isinstance(verified, Deferred)
        assert "TLS" in verified.text
        session = await connected(sink, Tls.REQUIRED)
        assert isinstance(await session.send(a_delivery()), Delivered)
        await session.close()
    async with Sink() as sink:
        missing = await Connector("relay.example", QUICK).open(Host("127.0.0.1", sink.port, Tls.REQUIRED))
        assert missing == Deferred(Cause.SERVER_UNREACHABLE, None, "4.7.5 STARTTLS is not offered")


async def test_a_recipient_that_would_be_another_command_is_never_sent() -> None:
    async with Sink() as sink:
        session = await connected(sink)
        with pytest.raises(ValueError, match="no address"):
            await session.send(a_delivery(return_path="a@b>\r\nRCPT TO:<x@y"))
        assert [line for _, line in sink.commands] == ["EHLO relay.example"]
        await session.close()
