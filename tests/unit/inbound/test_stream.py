"""The octets that a client has sent and that nobody has read yet."""

from __future__ import annotations

import asyncio

import pytest

from relay.inbound.stream import Ended, OctetStream


class FakeTransport(asyncio.Transport):
    """Remembers whether it may read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = True

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True


def test_lines_come_with_their_end_and_one_by_one() -> None:
    stream = OctetStream()
    stream.feed(b"EHLO a\r\nNO")
    stream.feed(b"OP\nrest")
    assert [stream.line(100), stream.line(100), stream.line(100)] == [b"EHLO a\r\n", b"NOOP\n", None]
    assert stream.everything() == b"rest"
    assert len(stream) == 0


def test_a_line_that_is_too_long_is_cut_and_its_rest_can_be_skipped() -> None:
    stream = OctetStream()
    stream.feed(b"x" * 30)
    assert stream.line(10) == b"x" * 10
    assert not stream.skip_line()
    stream.feed(b"yy\nNOOP\n")
    assert stream.skip_line()
    assert stream.line(10) == b"NOOP\n"


def test_what_is_put_back_comes_first() -> None:
    stream = OctetStream()
    stream.feed(b"later\n")
    stream.take_back(b"first\n")
    assert stream.line(100) == b"first\n"


def test_reading_stops_while_too_much_is_held_and_goes_on_when_it_was_read() -> None:
    stream, transport = OctetStream(), FakeTransport()
    stream.attach(transport)
    stream.held_max = 10
    stream.feed(b"x" * 11)
    assert not transport.reads
    stream.everything()
    assert transport.reads


async def test_waiting_ends_with_the_next_octets_or_with_the_stream() -> None:
    stream = OctetStream()
    loop = asyncio.get_running_loop()
    loop.call_soon(stream.feed, b"x")
    await stream.more()
    loop.call_soon(stream.end)
    await stream.more()
    with pytest.raises(Ended):
        await stream.more()
    stream.feed(b"too late")
    assert stream.everything() == b"x"
