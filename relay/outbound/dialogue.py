"""The wire of one SMTP session once it stands: octets out, replies in, in their order.

aiosmtplib pairs one command with one reply and drops what arrives in between, so it cannot pipeline; it connects, greets and
negotiates TLS, and then hands its transport to this protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import Final

from relay.outbound.replies import Reply, kept_text

line_octets_max: Final = 2048
"""What is kept of one line; the rest of it is read and dropped."""
reply_octets_max: Final = 4 * 1024 * 1024
"""A reply that goes on for longer never ends (FAULT-95)."""
lines_kept_max: Final = 20
replies_held_max: Final = 16
"""Unread at once: to all the commands of a transaction there are five. A server that says more is not answering us."""


class Dialogue(asyncio.Protocol):
    """Reads replies (RFC 5321 §4.2.1) as they come, however many were asked for at once."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[bool] | None = None
        """Whether something came in time."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._pending = bytearray()
        self._lines: list[bytes] = []
        self._octets = 0
        self._lost: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the session stands, as far as we have heard."""
        return self._lost is None and self._transport is not None and not self._transport.is_closing()

    @property
    def has_reply(self) -> bool:
        """Whether a reply lies there unread: before a command was sent, that is the server's good-bye."""
        return bool(self._replies)

    def take_over(self, transport: asyncio.Transport) -> None:
        """Carry on the session on `transport`, at a point where no reply is under way."""
        transport.set_protocol(self)
        self._transport = transport
        if transport.is_closing():
            self._lose("connection lost")

    def write(self, octets: bytes) -> None:
        """Send `octets`. Raises ConnectionError when the session is over."""
        if self._transport is None or not self.is_open:
            raise ConnectionError(self._lost or "connection lost")
        self._transport.write(octets)

    async def drained(self, timeout_s: float) -> None:
        """Once the transport takes more. Raises ConnectionError, and TimeoutError after `timeout_s`."""
        if not self._writable.is_set():
            async with asyncio.timeout(timeout_s):
                await self._writable.wait()
        if self._lost is not None:
            raise ConnectionError(self._lost)

    async def reply(self, timeout_s: float) -> Reply:
        """The next reply. Raises ConnectionError when none can come, and TimeoutError after `timeout_s`."""
        if not self._replies and self._lost is None:
            loop = asyncio.get_running_loop()
            self._waiter = waiter = loop.create_future()
            # A timer alone takes a third of what asyncio.timeout takes, and there are four replies to a message (PERF-3).
            timer = loop.call_later(timeout_s, partial(_wake, waiter, in_time=False))
            try:
                in_time = await waiter
            finally:
                timer.cancel()
                self._waiter = None
            if not in_time:
                raise TimeoutError
        if not self._replies:
            raise ConnectionError(self._lost or "connection lost")
        return self._replies.popleft()

    def abort(self) -> None:
        """End the session without another word."""
        if self._transport is not None:
            self._transport.abort()
        self._lose("given up")

    def close(self) -> None:
        """End the session once what was written is out."""
        if self._transport is not None:
            self._transport.close()
        self._lose("closed")

    def data_received(self, data: bytes) -> None:
        if self._lost is not None:
            return
        self._octets += len(data)
        self._pending += data
        while self._lost is None and (end := self._pending.find(b"\n")) >= 0:
            line = bytes(self._pending[: min(end, line_octets_max)])
            del self._pending[: end + 1]
            self._read_line(line.rstrip(b"\r"))
        del self._pending[line_octets_max:]
        if self._octets > reply_octets_max:
            self._break("a reply without end")

    def eof_received(self) -> bool:
        self._lose("connection closed by the server")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(f"connection lost ({type(exc).__name__})" if exc else "connection closed by the server")

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _read_line(self, line: bytes) -> None:
        code, more = line[:3], line[3:4]
        if len(code) != 3 or not code.isdigit() or not b"200" <= code <= b"599" or more not in (b"", b" ", b"-"):
            self._break("a reply that cannot be read")
            return
        if len(self._lines) < lines_kept_max:
            self._lines.append(line[4:].strip())
        if more == b"-":
            return
        if len(self._replies) >= replies_held_max:
            self._break("replies that nobody asked for")
        else:
            self._replies.append(Reply(int(code), kept_text(b" ".join(self._lines))))
            self._lines.clear()
            self._octets = len(self._pending)
            self._tell()

    def _break(self, why: str) -> None:
        self._lose(why)
        if self._transport is not None:
            self._transport.abort()

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        self._writable.set()
        self._tell()

    def _tell(self) -> None:
        if self._waiter is not None:
            _wake(self._waiter, in_time=True)


def _wake(waiter: asyncio.Future[bool], *, in_time: bool) -> None:
    if not waiter.done():
        waiter.set_result(in_time)
