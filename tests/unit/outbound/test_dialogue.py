from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.outbound.dialogue import Dialogue, lines_kept_max, replies_held_max, reply_octets_max
from relay.outbound.replies import Reply


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.ended = ""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"


def a_dialogue() -> tuple[Dialogue, Wire]:
    dialogue, wire = Dialogue(), Wire()
    dialogue.take_over(wire)
    return dialogue, wire


async def replies(dialogue: Dialogue) -> list[Reply]:
    found = []
    while dialogue.has_reply:
        found.append(await dialogue.reply(1))
    return found


SEVERAL = b"250 2.1.0 ok\r\n250-2.1.5 one\r\n250 two\r\n354\r\n"
READ = [Reply(250, "2.1.0 ok"), Reply(250, "2.1.5 one two"), Reply(354, "")]


@given(st.lists(st.integers(0, len(SEVERAL)), max_size=6))
@settings(max_examples=60, deadline=None)
def test_replies_come_in_their_order_however_they_are_cut(cuts: list[int]) -> None:
    """RFC 2920: several commands are answered at once."""
    dialogue, _ = a_dialogue()
    edges = [0, *sorted(cuts), len(SEVERAL)]
    for start, end in itertools.pairwise(edges):
        dialogue.data_received(SEVERAL[start:end])
    assert asyncio.run(replies(dialogue)) == READ


async def test_who_waits_is_woken() -> None:
    dialogue, _ = a_dialogue()
    waiting = asyncio.create_task(dialogue.reply(5))
    await asyncio.sleep(0)
    dialogue.data_received(b"250 ok\n")
    assert await waiting == Reply(250, "ok")


@pytest.mark.parametrize("rubbish", [b"ok\r\n", b"25\r\n", b"2500 ok\r\n", b"600 ok\r\n", b"150 ok\r\n", b"\r\n", b"2x0 ok\r\n"])
async def test_rubbish_ends_the_session(rubbish: bytes) -> None:
    dialogue, wire = a_dialogue()
    dialogue.data_received(rubbish + b"250 ok\r\n")
    assert wire.ended == "aborted"
    assert not dialogue.is_open
    with pytest.raises(ConnectionError, match="cannot be read"):
        await dialogue.reply(1)


@pytest.mark.parametrize("flood", [b"x" * 65536, b"250-more\r\n" * 6000])
async def test_a_reply_without_end_takes_no_memory_and_ends(flood: bytes) -> None:
    """FAULT-95."""
    dialogue, wire = a_dialogue()
    for _ in range(reply_octets_max // len(flood) + 1):
        dialogue.data_received(flood)
    assert wire.ended == "aborted"
    with pytest.raises(ConnectionError, match="without end"):
        await dialogue.reply(1)


async def test_a_long_line_is_cut_and_the_next_reply_is_whole() -> None:
    dialogue, _ = a_dialogue()
    for piece in (b"550 5.1.1 ", b"y" * 1_000_000, b"\r\n250 ok\r\n"):
        dialogue.data_received(piece)
    first, second = await replies(dialogue)
    assert (first.code, len(first.text), first.enhanced) == (550, 500, "5.1.1")
    assert second == Reply(250, "ok")


async def test_of_a_reply_of_many_lines_the_first_ones_are_kept() -> None:
    """FAULT-95. The last line is always read: it says that there are no more."""
    dialogue, _ = a_dialogue()
    dialogue.data_received(b"".join(b"550-line %d\r\n" % number for number in range(10_000)) + b"550 end\r\n250 ok\r\n")
    first, second = await replies(dialogue)
    assert first.text == " ".join(f"line {number}" for number in range(lines_kept_max))
    assert second == Reply(250, "ok")


async def test_what_was_said_before_the_end_is_still_heard() -> None:
    dialogue, _ = a_dialogue()
    dialogue.data_received(b"421 4.3.2 bye\r\n")
    dialogue.connection_lost(None)
    assert await dialogue.reply(1) == Reply(421, "4.3.2 bye")
    with pytest.raises(ConnectionError):
        await dialogue.reply(1)
    with pytest.raises(ConnectionError):
        dialogue.write(b"NOOP\r\n")


async def test_the_end_wakes_who_waits() -> None:
    dialogue, _ = a_dialogue()
    dialogue.pause_writing()
    hearing, writing = asyncio.create_task(dialogue.reply(5)), asyncio.create_task(dialogue.drained(5))
    await asyncio.sleep(0)
    dialogue.connection_lost(ConnectionResetError("ana@customer.example"))
    for waiting in (hearing, writing):
        with pytest.raises(ConnectionError, match="ConnectionResetError") as told:
            await waiting
        assert "@" not in str(told.value)


async def test_no_answer_in_time_is_a_timeout() -> None:
    dialogue, _ = a_dialogue()
    with pytest.raises(TimeoutError):
        await dialogue.reply(0)
    dialogue.pause_writing()
    with pytest.raises(TimeoutError):
        await dialogue.drained(0)
    dialogue.resume_writing()
    await dialogue.drained(0)


async def test_a_transport_that_is_already_closing_is_no_session() -> None:
    wire = Wire()
    wire.close()
    dialogue = Dialogue()
    dialogue.take_over(wire)
    assert not dialogue.is_open


@pytest.mark.parametrize("flood", [b"250 ok\r\n" * 5000, b"250 ok\n" * 60_000])
async def test_replies_that_nobody_asked_for_take_no_memory_and_end_the_session(flood: bytes) -> None:
    """FAULT-95: a receiver may send them for as long as a session is idle, or while it takes the content slowly."""
    dialogue, wire = a_dialogue()
    dialogue.data_received(flood)
    assert wire.ended == "aborted"
    assert await replies(dialogue) == [Reply(250, "ok")] * replies_held_max
    with pytest.raises(ConnectionError, match="nobody asked for"):
        await dialogue.reply(1)
