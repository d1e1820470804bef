"""A receiving SMTP server for tests: it keeps the exact octets, and answers at each step what it was told to.

In a test:

    async with Sink() as sink:
        sink.plan(Step.RCPT, reply("451 4.3.0 later"))            # once, then as usual
        sink.always(Step.RCPT, reply("550 5.1.1 no"), recipient="bob@")
        ...
        await sink.until(3)                                       # three messages taken
        assert sink.received[0].content == expected

As a process: `python -m support.sink --port 0 --save DIR --rule "RCPT=550 5.1.1 no"`; it prints `listening on PORT`, then one
JSON line a message, and writes each to DIR as NNNNNN.eml with its envelope in NNNNNN.json.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Self

from support.patience import patience_s

EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 52428800")
CONTENT_OCTETS_MAX = 128 * 1024 * 1024


class Step(Enum):
    """Where a session stands when an answer is due."""

    CONNECT = "CONNECT"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "CONTENT"
    """The content is arriving; the final dot is not there yet."""
    DOT = "DOT"
    RSET = "RSET"
    QUIT = "QUIT"


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens at a step: a wait, then `octets` as they are, then perhaps the end of the connection."""

    octets: bytes = b""
    delay_s: float = 0
    close: bool = False
    silent: bool = False
    """No answer, ever: the session hangs until the client leaves or the sink stops."""
    octet_s: float = 0
    """The octets go out one at a time, with so many seconds between them."""


def reply(text: str, *, delay_s: float = 0, close: bool = False) -> Answer:
    """A reply of one line, or several when `text` has line feeds and their hyphens: `reply("550 5.1.1 no")`."""
    return Answer(text.replace("\n", "\r\n").encode() + b"\r\n", delay_s, close)


CLOSE = Answer(close=True)
HANG = Answer(silent=True)


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the sink took: its envelope, and the content with the dots unstuffed."""

    session: int
    return_path: str
    recipients: tuple[str, ...]
    parameters: tuple[str, ...]
    """Of MAIL, as given."""
    content: bytes = field(repr=False)
    tls: bool = False


@dataclass(slots=True)
class _Rule:
    step: Step
    recipient: str
    answers: deque[Answer]
    lasting: bool


class _Gone(Exception):
    """The session is over."""


class Sink:
    """Listens on `host`:`port` (0: any free one) while it is entered. `received` and `commands` grow in order of arrival."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        extensions: tuple[str, ...] = EXTENSIONS,
        tls: ssl.SSLContext | None = None,
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.extensions = extensions
        self.tls = tls
        self.received: list[Received] = []
        self.commands: list[tuple[int, str]] = []
        self.connections = 0
        self.open_now = 0
        self.open_most = 0
        self.unanswered = 0
        """What was heard and is answered with silence."""
        self.ended: dict[int, float] = {}
        """When each session that is over ended, by the monotonic clock."""
        self._on_received = on_received
        self._rules: list[_Rule] = []
        self._server: asyncio.Server | None = None
        self._kept: socket.socket | None = None
        """Bound to the port, and not listening, while it is down."""
        self._sessions: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    def plan(self, step: Step, *answers: Answer, recipient: str = "") -> None:
        """Answer the next times at `step` like this, each once; only sessions whose RCPT so far contains `recipient`."""
        self._rules.append(_Rule(step, recipient, deque(answers), lasting=False))

    def always(self, step: Step, answer: Answer, recipient: str = "") -> None:
        """Answer like this at `step` from now on."""
        self._rules.append(_Rule(step, recipient, deque([answer]), lasting=True))

    def as_usual(self) -> None:
        """Forget all plans."""
        self._rules.clear()

    async def until(self, count: int, timeout_s: float = patience_s) -> None:
        """Wait for the `count`th message. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)

    async def up(self) -> None:
        """Listen; on the same port as before, after `down`."""
        if self._kept is None:
            self._server = await asyncio.start_server(self._serve, self.host, self.port)
        else:
            kept, self._kept = self._kept, None
            self._server = await asyncio.start_server(self._serve, sock=kept)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Stop listening, and cut every session. Nobody else gets the port meanwhile."""
        await self._end()
        self._kept = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind((self.host, self.port))

    async def _end(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        if self._server is not None:
            self._server.close()
            self._server = None
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        self.connections += 1
        number = self.connections
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            await _Session(self, number, reader, writer).run()
        except (_Gone, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open_now -= 1
            self.ended[number] = time.monotonic()
            self._sessions.discard(task)
            writer.transport.abort()

    def answer_to(self, step: Step, recipients: list[str]) -> Answer | None:
        """What was planned for this step, the oldest plan first."""
        for rule in self._rules:
            if rule.step is step and rule.answers and (not rule.recipient or any(rule.recipient in one for one in recipients)):
                return rule.answers[0] if rule.lasting else rule.answers.popleft()
        return None

    async def take(self, received: Received) -> None:
        self.received.append(received)
        if self._on_received is not None:
            self._on_received(received)
        async with self._news:
            self._news.notify_all()


class _Session:
    def __init__(self, sink: Sink, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sink = sink
        self.number = number
        self.reader = reader
        self.writer = writer
        self.buffer = bytearray()
        self.encrypted = False
        self.return_path: str | None = None
        self.parameters: tuple[str, ...] = ()
        self.recipients: list[str] = []

    async def run(self) -> None:
        await self.answer(Step.CONNECT, "220 sink.example ESMTP")
        while True:
            line = (await self.until(b"\n")).rstrip(b"\r\n").decode("utf-8", "replace")
            self.sink.commands.append((self.number, line))
            await self.command(line)

    async def command(self, line: str) -> None:
        verb = line[:4].upper()
        if verb in {"EHLO", "HELO"}:
            offered = [*self.sink.extensions, *(["STARTTLS"] if self.sink.tls and not self.encrypted else [])]
            lines = ["sink.example", *(offered if verb == "EHLO" else [])]
            self.reset()
            await self.answer(Step.EHLO, "\r\n".join([*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}"]))
        elif verb == "STAR":
            await self.start_tls()
        elif verb == "MAIL":
            await self.mail(line)
        elif verb == "RCPT":
            await self.rcpt(line)
        elif verb == "DATA":
            await self.data()
        elif verb == "RSET":
            self.reset()
            await self.answer(Step.RSET, "250 2.0.0 ok")
        elif verb == "QUIT":
            await self.answer(Step.QUIT, "221 2.0.0 bye")
            raise _Gone
        else:
            self.say(b"500 5.5.2 what?\r\n")

    async def start_tls(self) -> None:
        """Without a context the sink offers no STARTTLS of its own, and after a planned 220 it babbles into the handshake."""
        if await self.answer(Step.STARTTLS, "220 2.0.0 go" if self.sink.tls else "502 5.5.1 not here") and self.sink.tls:
            self.buffer.clear()
            await self.writer.start_tls(self.sink.tls)
            self.encrypted = True
            self.reset()

    async def mail(self, line: str) -> None:
        if self.return_path is not None:
            self.say(b"503 5.5.1 nested MAIL\r\n")
            return
        path, _, parameters = line[len("MAIL FROM:<") :].partition(">")
        if await self.answer(Step.MAIL, "250 2.1.0 ok"):
            self.return_path, self.parameters = path, tuple(parameters.split())

    async def rcpt(self, line: str) -> None:
        if self.return_path is None:
            self.say(b"503 5.5.1 MAIL first\r\n")
            return
        self.recipients.append(line[len("RCPT TO:<") :].partition(">")[0])
        if not await self.answer(Step.RCPT, "250 2.1.5 ok"):
            self.recipients.pop()

    async def data(self) -> None:
        if not self.recipients:
            self.say(b"554 5.5.1 no valid recipients\r\n")
            return
        if not await self.answer(Step.DATA, "354 go"):
            return
        if (cut := self.sink.answer_to(Step.CONTENT, self.recipients)) is not None:
            await self.more()
            await self.perform(cut)
        content = await self.content()
        received = Received(self.number, self.return_path or "", tuple(self.recipients), self.parameters, content, self.encrypted)
        planned = self.sink.answer_to(Step.DOT, self.recipients)
        self.reset()
        if planned is None or planned.octets.startswith(b"2"):
            await self.sink.take(received)
        await self.perform(planned or Answer(b"250 2.0.0 taken\r\n"))

    async def answer(self, step: Step, usual: str) -> bool:
        """Answer as planned, else as usual; whether the session goes on as if that was a yes."""
        planned = self.sink.answer_to(step, self.recipients) or Answer(f"{usual}\r\n".encode())
        await self.perform(planned)
        return planned.octets[:1] in {b"2", b"3"}

    async def perform(self, answer: Answer) -> None:
        await asyncio.sleep(answer.delay_s)
        if answer.silent:
            self.sink.unanswered += 1
            await self.reader.read()
            raise _Gone
        if answer.octet_s:
            for number in range(len(answer.octets)):
                self.say(answer.octets[number : number + 1])
                await asyncio.sleep(answer.octet_s)
        else:
            self.say(answer.octets)
        if answer.close:
            await self.writer.drain()
            self.writer.close()
            raise _Gone

    def say(self, octets: bytes) -> None:
        self.writer.write(octets)

    def reset(self) -> None:
        self.return_path, self.parameters, self.recipients = None, (), []

    async def more(self) -> None:
        octets = await self.reader.read(262_144)
        if not octets or len(self.buffer) > CONTENT_OCTETS_MAX:
            raise _Gone
        self.buffer += octets

    async def until(self, mark: bytes) -> bytes:
        searched = 0
        while (at := self.buffer.find(mark, searched)) < 0:
            searched = max(0, len(self.buffer) - len(mark))
            await self.more()
        taken = bytes(self.buffer[: at + len(mark)])
        del self.buffer[: at + len(mark)]
        return taken

    async def content(self) -> bytes:
        self.buffer[:0] = b"\r\n"  # so that the final dot of an empty content is found like any other
        stuffed = await self.until(b"\r\n.\r\n")
        return stuffed[: -len(b".\r\n")].replace(b"\r\n.", b"\r\n")[len(b"\r\n") :]


def _saver(directory: Path | None) -> Callable[[Received], None]:
    count = 0

    def save(received: Received) -> None:
        nonlocal count
        count += 1
        envelope = {
            "number": count,
            "session": received.session,
            "return_path": received.return_path,
            "recipients": received.recipients,
            "parameters": received.parameters,
            "tls": received.tls,
            "octets": len(received.content),
        }
        if directory is not None:
            for suffix, octets in ((".json", json.dumps(envelope).encode()), (".eml", received.content)):
                unfinished = directory / f".{count:06}{suffix}"
                unfinished.write_bytes(octets)
                unfinished.rename(directory / f"{count:06}{suffix}")  # who watches the directory sees whole files alone
        print(json.dumps(envelope), flush=True)

    return save


async def _main(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    extensions = tuple(one for one in EXTENSIONS if not (arguments.no_pipelining and one == "PIPELINING"))
    if arguments.save is not None:
        arguments.save.mkdir(parents=True, exist_ok=True)
    sink = Sink(host=arguments.host, port=arguments.port, extensions=extensions, on_received=_saver(arguments.save))
    for rule in arguments.rule:
        step, _, text = rule.partition("=")
        sink.always(Step(step), CLOSE if text == "close" else HANG if text == "hang" else reply(text))
    if arguments.delay_ms:
        sink.always(Step.DOT, reply("250 2.0.0 taken", delay_s=arguments.delay_ms / 1000))
    async with sink:
        print(f"listening on {sink.port}", flush=True)
        await stopped.wait()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="support.sink", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--save", type=Path, help="directory for the messages")
    parser.add_argument("--rule", action="append", default=[], help="STEP=REPLY, STEP=close or STEP=hang, for every session")
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--delay-ms", type=int, default=0, help="before the answer to each message")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args(words)))


if __name__ == "__main__":
    main(sys.argv[1:])
