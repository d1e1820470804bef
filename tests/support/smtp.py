"""A raw SMTP client for tests: it sends exactly the octets it is given, and knows nothing that would make it polite."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from support.patience import patience_s


@dataclass(frozen=True)
class Answer:
    """One reply of the server, all its lines."""

    code: int
    lines: tuple[str, ...]
    """Without the codes."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def enhanced(self) -> str:
        """The enhanced status code of the last line (RFC 2034); empty when there is none."""
        word = self.lines[-1].partition(" ")[0]
        return word if word.count(".") == 2 and word.replace(".", "").isdigit() else ""

    @property
    def trace(self) -> str:
        """The id at the end, in brackets; empty when there is none."""
        _, bracket, tail = self.lines[-1].rpartition("[")
        return tail.removesuffix("]") if bracket and tail.endswith("]") else ""

    @property
    def codes(self) -> str:
        """Both codes, the way the requirements write them: `550 5.1.1`."""
        return f"{self.code} {self.enhanced}".strip()


class SmtpClient:
    """`async with SmtpClient(port) as client:` reads the greeting and closes the connection at the end."""

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        *,
        greeted: bool = True,
        path: Path | None = None,
        first: bytes = b"",
        source: str = "",
    ) -> None:
        """`path`: a socket in the file system instead of a port; `first`: what is sent before the greeting comes; `source`: the
        address that it connects from, where each address of 127.0.0.0/8 is a network of its own."""
        self._from = (source, 0) if source else None
        self.host, self.port, self.path, self._greeted, self._first = host, port, path, greeted, first
        self.greeting: Answer | None = None

    async def __aenter__(self) -> SmtpClient:
        if self.path is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port, local_addr=self._from)
        else:
            self._reader, self._writer = await asyncio.open_unix_connection(self.path)
        self._writer.write(self._first)
        if self._greeted:
            try:
                self.greeting = await self.answer()
            except BaseException:
                # Nobody leaves what was never entered: a server that dies before it greets would leave the connection open.
                await self.close()
                raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # the server may have gone first, and not gently
            await asyncio.wait_for(self._writer.wait_closed(), patience_s)

    async def abort(self) -> None:
        """Vanish without a word, as a client does whose machine crashes: TCP resets the connection."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        await self.close()

    def end_of_input(self) -> None:
        """Send no more, and keep on listening."""
        self._writer.write_eof()

    async def send(self, octets: bytes) -> None:
        self._writer.write(octets)
        await self._writer.drain()

    async def trickle(self) -> None:
        """Send one octet after the other, all of one line, until cancelled."""
        while True:
            await self.send(b"x")
            await asyncio.sleep(0.01)

    async def answer(self) -> Answer:
        """The next reply. Raises EOFError when the server has closed the connection."""
        lines: list[str] = []
        while True:
            line = (await asyncio.wait_for(self._reader.readline(), patience_s)).decode("ascii")
            if not line.endswith("\r\n"):
                raise EOFError(line)
            lines.append(line[4:-2])
            if line[3:4] != "-":
                return Answer(int(line[:3]), tuple(lines))

    async def answers(self, count: int) -> list[Answer]:
        return [await self.answer() for _ in range(count)]

    async def command(self, line: str | bytes) -> Answer:
        """Send one line, CRLF added, and return the reply."""
        await self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.answer()

    async def hello(self) -> Answer:
        return await self.command("EHLO client.example")

    async def begin(self, *recipients: str, sender: str = "<writer@sender.example>") -> list[Answer]:
        """MAIL and RCPT, pipelined."""
        lines = [f"MAIL FROM:{sender}", *(f"RCPT TO:<{recipient}>" for recipient in recipients)]
        await self.send("".join(f"{line}\r\n" for line in lines).encode())
        return await self.answers(len(lines))

    async def deliver(self, stuffed: bytes, *recipients: str, sender: str = "<writer@sender.example>") -> Answer:
        """A whole transaction. `stuffed` is what stands between 354 and the final dot, as it crosses the wire."""
        await self.begin(*recipients, sender=sender)
        go_ahead = await self.command("DATA")
        if go_ahead.code != 354:
            return go_ahead
        await self.send(stuffed + b".\r\n")
        return await self.answer()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """The client's side of the handshake, after the 220 to STARTTLS."""
        await self._writer.start_tls(context, server_hostname="localhost", ssl_handshake_timeout=patience_s)

    async def says_something(self) -> bool:
        """Whether the server says more before it closes the connection."""
        try:
            return bool(await asyncio.wait_for(self._reader.read(65536), patience_s))
        except ConnectionError:
            return False

    async def is_closed(self) -> bool:
        """Whether the server has closed the connection; waits for it. Raises AssertionError when it says something instead."""
        try:
            rest = await asyncio.wait_for(self._reader.read(1), patience_s)
        except ConnectionError:
            return True
        assert rest == b"", "the server still speaks"
        return True
