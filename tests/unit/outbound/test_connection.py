"""The dialogue of one session, against a server in the same process; tests/integration has the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.deliveries import a_delivery

from relay.app.archive import lease
from relay.outbound.connection import NOT_OURS, Connection, Timeouts, block_octets, wire
from relay.outbound.dialogue import Dialogue
from relay.outbound.lanes import Limits
from relay.outbound.replies import is_about_destination
from relay.transit.delivery import Cause, Deferred, Delivered, Failed

PIPELINED = {"pipelining": "", "size": "1000000", "8bitmime": ""}
OK: dict[str, str | None] = {
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go",
    ".": "250 2.0.0 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


class Server(asyncio.Transport):
    """Answers each command by its verb, and the final dot; None is silence, an empty text the end."""

    def __init__(self, answers: dict[str, str | None]) -> None:
        super().__init__()
        self.answers = OK | answers
        self.writes: list[bytes] = []
        self.ended = False
        self.content = b""
        self._in_content = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._client = protocol

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    abort = close

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))
        if self._in_content:
            self.content += bytes(data)
            if self.content.endswith(b"\r\n.\r\n") or self.content == b".\r\n":
                self._in_content = False
                self._answer(".")
            return
        for line in bytes(data).split(b"\r\n")[:-1]:
            self._answer(line[:4].decode("latin-1"))

    def _answer(self, verb: str) -> None:
        answer = self.answers[verb]
        if answer == "":
            self.ended = True
            self._client.connection_lost(None)
        elif answer is not None and not self.ended:
            self._in_content = verb == "DATA" and answer.startswith("354")
            if self._in_content:
                self.content = b""
            self._client.data_received(answer.encode() + b"\r\n")

    @property
    def commands(self) -> list[str]:
        """The verbs, in order, the content left out."""
        return [line[:4].decode() for one in self.writes for line in one.split(b"\r\n") if line[:4].decode("latin-1") in OK]


AT_ONCE = Timeouts(connect_s=0, greeting_s=0, command_s=0, data_s=0, block_s=0, transfer_s=0, dot_s=0, transaction_s=0, quit_s=0)


def connected(
    answers: dict[str, str | None] | None = None, extensions: dict[str, str] | None = None, timeouts: Timeouts = AT_ONCE
) -> tuple[Connection, Server]:
    server, dialogue = Server(answers or {}), Dialogue()
    dialogue.take_over(server)
    return Connection(dialogue, PIPELINED if extensions is None else extensions, timeouts), server


async def test_with_pipelining_a_message_takes_two_writes_and_without_it_four() -> None:
    session, server = connected()
    assert await session.send(a_delivery()) == Delivered(250, "2.0.0 taken")
    assert [one[:4] for one in server.writes] == [b"MAIL", b"Subj"]
    session, server = connected(extensions={})
    assert isinstance(await session.send(a_delivery()), Delivered)
    assert [one[:4] for one in server.writes] == [b"MAIL", b"RCPT", b"DATA", b"Subj"]


@pytest.mark.parametrize("extensions", [PIPELINED, {}], ids=["pipelining", "plain"])
async def test_a_refused_recipient_gets_no_content_and_the_next_message_begins_anew(extensions: dict[str, str]) -> None:
    """RFC 2920 §3.1: a server may ask for the content although it took no recipient; a lone dot is the answer."""
    session, server = connected({"RCPT": "550 5.1.1 no"}, extensions)
    assert await session.send(a_delivery()) == Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")
    assert not any(b"Hello" in one for one in server.writes)
    assert (b".\r\n" in server.writes) is bool(extensions)
    server.answers = OK
    assert isinstance(await session.send(a_delivery()), Delivered)
    assert server.commands.count("RSET") == 1


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"MAIL": "421 4.3.2 bye"}, Deferred(Cause.SERVER_UNREACHABLE, 421, "4.3.2 bye")) ,
        ({"RCPT": "421 4.3.2 bye"}, Deferred(Cause.SERVER_UNREACHABLE, 421, "4.3.2 bye")),
        ({"RCPT": "550 5.1.1 no", "DATA": ""}, Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")),
        ({"RCPT": "550 5.1.1 no", "DATA": None}, Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")),
        ({"RCPT": "550 5.1.1 no", ".": ""}, Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")),
        ({"MAIL": "451 4.3.0 later", "RCPT": "503 5.5.1 MAIL first"}, Deferred(Cause.OTHER, 451, "4.3.0 later")),
        ({"DATA": "250 2.0.0 done?"}, Deferred(Cause.OTHER, 250, "2.0.0 done?")),
        ({"MAIL": "354 go"}, Deferred(Cause.OTHER, 354, "go")),
        ({".": ""}, Deferred(Cause.SERVER_UNREACHABLE, None, "connection closed by the server", in_doubt=True)),
        ({".": None}, Deferred(Cause.SERVER_UNREACHABLE, None, "no answer in time", in_doubt=True)),
        ({".": "xyz"}, Deferred(Cause.SERVER_UNREACHABLE, None, "a reply that cannot be read", in_doubt=True)),
        ({"DATA": ""}, Deferred(Cause.SERVER_UNREACHABLE, None, "connection closed by the server")),
    ],
)  # fmt: skip
async def test_the_first_no_holds_whatever_follows(answers: dict[str, str | None], expected: Deferred | Failed) -> None:
    """FAULT-92: in doubt after the dot alone; a refusal stays one when the session ends behind it."""
    session, _ = connected(answers)
    assert await session.send(a_delivery()) == expected
    if not isinstance(expected, Failed) and expected.code != 451:
        assert not session.usable
    assert session.in_doubt is (isinstance(expected, Deferred) and expected.in_doubt)


async def test_a_good_bye_nobody_asked_for_makes_a_session_unusable() -> None:
    session, server = connected()
    assert session.usable
    server._client.data_received(b"421 4.4.2 idle for too long\r\n")
    assert not session.usable


async def test_only_a_session_that_has_worked_before_can_have_gone_stale() -> None:
    """Else a host that closes after every greeting would be tried again at once, for ever."""
    session, server = connected({"MAIL": ""})
    await session.send(a_delivery())
    assert not session.went_stale
    session, server = connected()
    await session.send(a_delivery())
    server.answers = OK | {"MAIL": ""}
    await session.send(a_delivery())
    assert session.went_stale
    session, server = connected()
    await session.send(a_delivery())
    server.answers = OK | {"RCPT": ""}
    await session.send(a_delivery())
    assert not session.went_stale, "it had heard the second message"


@pytest.mark.parametrize("answer", ["421 4.3.2 bye", "451 4.3.0 later", "500 5.5.1 what?", "354 go", "", "???"])
@pytest.mark.parametrize("extensions", [PIPELINED, {}], ids=["pipelining", "plain"])
async def test_a_session_that_keeps_a_refused_message_is_left_for_a_fresh_one(answer: str, extensions: dict[str, str]) -> None:
    """RFC 5321 §4.1.1.5: else every further message over it would be refused as nested, or join the one before."""
    session, _ = connected({"RCPT": "550 5.1.1 no", "RSET": answer}, extensions)
    assert isinstance(await session.send(a_delivery()), Failed)
    assert session.usable
    await session.send(a_delivery())
    assert session.went_stale
    assert not session.usable


async def test_a_receiver_that_is_out_of_step_is_left() -> None:
    """What it says of the order of commands is not about the message, and would be said of the next one too."""
    session, _ = connected({"MAIL": "503 5.5.1 nested MAIL"})
    assert await session.send(a_delivery()) == Deferred(Cause.OTHER, 503, "5.5.1 nested MAIL")
    assert not session.usable


@pytest.mark.parametrize("ending", ["", None, "221 bye"])
async def test_leave_is_taken_whatever_the_server_says(ending: str | None) -> None:
    session, server = connected({"QUIT": ending})
    await session.close()
    assert server.ended
    assert server.commands == ["QUIT"]


@pytest.mark.parametrize("address", ["a@b>\r\nRCPT TO:<x@y", "a b@c", "a@b\x00", "<a@b>", "a@b\n"])
async def test_a_return_path_that_would_be_another_command_is_refused_and_not_quoted(address: str) -> None:
    session, server = connected()
    with pytest.raises(ValueError, match="no address") as told:
        await session.send(a_delivery(return_path=address))
    assert "a@b" not in str(told.value)
    assert server.writes == []


def unstuffed(blocks: Iterable[tuple[bytes, bool]]) -> bytes:
    """What a receiver makes of it, line by line (RFC 5321 §4.5.2)."""
    lines = b"".join(block for block, _ in blocks).split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    assert b"." not in lines[:-2]
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-2])


pieces = st.sampled_from([b".", b"..", b"\r\n", b"\r\n.", b"\r\n.\r\n", b"a", b"a" * 1000])


@given(st.lists(pieces, max_size=30).map(lambda some: b"".join(some) + b"\r\n"))
@example(b".\r\n")
@example(b"\r\n")
@example(b"a" * (block_octets - 2) + b"\r\n.\r\n..\r\n")
@example((b"a" * 62 + b"\r\n") * (block_octets // 64) + b".dot at the cut\r\n")
@example(b"a" * (block_octets - 1) + b"\r\n.\r\n")
@example(b"a" * (block_octets + 1) + b"\r\n.\r\n")
def test_the_receiver_gets_the_octets_that_were_signed(content: bytes) -> None:
    """FAULT-46, FAULT-53."""
    blocks = list(wire(content))
    assert unstuffed(blocks) == content
    assert [last for _, last in blocks] == [False] * (len(blocks) - 1) + [True]
    assert all(len(block) <= 2 * block_octets + 2000 for block, _ in blocks)


def test_large_content_is_never_copied_as_a_whole() -> None:
    content = b".\r\n" * 400_000
    sizes = [len(block) for block, _ in wire(content)]
    assert len(sizes) >= 4
    assert unstuffed(wire(content)) == content


@pytest.mark.parametrize(
    ("limit", "content_octets", "kind"),
    [("100", 100, Delivered), ("100", 101, Failed), ("0", 10_000, Delivered), ("", 10_000, Delivered), ("x", 10_000, Delivered)],
)
async def test_the_size_limit_is_inclusive_and_zero_is_none(limit: str, content_octets: int, kind: type) -> None:
    """FAULT-94, RFC 1870 §4."""
    session, server = connected(extensions={"size": limit})
    outcome = await session.send(a_delivery(content=b"x" * (content_octets - 2) + b"\r\n"))
    assert isinstance(outcome, kind)
    assert (server.writes == []) is (kind is Failed)


def test_the_longest_attempt_ends_before_the_lease_of_its_claim() -> None:
    """Invariant 8: nobody else takes over what is still being sent. What waited in memory comes on top."""
    assert Limits().held_s_max + Timeouts().attempt_s < lease.total_seconds()


@pytest.mark.parametrize("bound", ["transfer_s", "transaction_s"])
async def test_a_receiver_that_takes_the_content_slowly_is_left_in_the_end(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-95: each block may come in time, and all of them together not."""
    session, server = connected(timeouts=replace(Timeouts(), **{bound: 0}))
    answered = server.write

    def takes_no_more(data: bytes | bytearray | memoryview) -> None:
        answered(data)
        if bytes(data).startswith(b"x"):
            server._client.pause_writing()

    monkeypatch.setattr(server, "write", takes_no_more)
    outcome = await session.send(a_delivery(content=(b"x" * 70 + b"\r\n") * (2 * block_octets // 72)))
    assert outcome == Deferred(Cause.SERVER_UNREACHABLE, None, "no answer in time")
    assert server.ended


@pytest.mark.parametrize("lines", [1, 3 * block_octets // 72])
async def test_what_another_worker_may_have_taken_over_gets_no_final_dot(lines: int) -> None:
    """Invariant 8: it was begun in time, and then this worker stood still until another one took it for dead."""
    session, server = connected()
    content = (b"x" * 70 + b"\r\n") * lines
    left = len(list(wire(content))) - 1

    def entitled() -> bool:
        nonlocal left
        left -= 1
        return left >= 0

    outcome = await session.send(a_delivery(content=content), entitled)
    assert outcome == Deferred(Cause.OTHER, None, NOT_OURS)
    assert not is_about_destination(outcome)
    assert not any(one.endswith(b"\r\n.\r\n") for one in server.writes)
    assert not session.usable
