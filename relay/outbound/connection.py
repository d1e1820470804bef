"""One SMTP session to a receiving host, used for one message after another (RFC 5321 §3.3, RFC 2920).

The octets that were signed are the octets that are sent: the content is finished, and only its dots are doubled.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from relay.outbound.dialogue import Dialogue
from relay.outbound.replies import Reply, Stage, outcome_of
from relay.transit.delivery import Cause, Deferred, Delivery, Failed, Outcome
from relay.values import ascii_domain

block_octets: Final = 256 * 1024
"""Large content goes out in blocks of about this size, so that one message is never copied as a whole."""

NOT_OURS: Final = "not sent: another worker may have taken it over"

_NO_PATH: Final = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each step may take, in seconds (RFC 5321 §4.5.3.2)."""

    connect_s: float = 30
    """TCP."""
    greeting_s: float = 300
    """Some receivers let a stranger wait for a minute and more, and have him go who does not."""
    command_s: float = 300
    """EHLO, TLS, MAIL and RCPT."""
    data_s: float = 120
    block_s: float = 180
    """Until the transport takes the next block of content."""
    transfer_s: float = 900
    """All of the content together: block by block, a receiver could keep a message of 25 MiB for five hours."""
    dot_s: float = 600
    """Some receivers scan before they answer; giving up early makes duplicates."""
    transaction_s: float = 1800
    """One message from MAIL to the answer to its final dot. Its parts come to more only where every command is slow as well."""
    quit_s: float = 2

    @property
    def attempt_s(self) -> float:
        """The longest an attempt can take at one host, from TCP on; EHLO, STARTTLS and EHLO again come before the message.

        A claim's lease must be longer: another worker that took the message over meanwhile would send it twice.
        """
        return self.connect_s + self.greeting_s + 3 * self.command_s + self.transaction_s


class Connection:
    """A session that stands: greeted, encrypted where it was to be. One task uses it at a time.

    Made by `relay.outbound.connecting.Connector`. `extensions` are the keywords of the EHLO reply in lower case, with their
    parameters.
    """

    def __init__(self, dialogue: Dialogue, extensions: dict[str, str], timeouts: Timeouts, *, encrypted: bool = False) -> None:
        self.encrypted = encrypted
        self._dialogue = dialogue
        self._timeouts = timeouts
        self._pipelining = "pipelining" in extensions
        self._eightbit = "8bitmime" in extensions
        self._utf8 = "smtputf8" in extensions
        self._size = "size" in extensions
        limit = extensions.get("size", "")
        self._octets_max = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 16 else 0
        self._unfinished = False
        self._heard = False
        self._dotted = False
        self._refused: tuple[Reply, Stage] | None = None
        self._messages = 0

    @property
    def usable(self) -> bool:
        """Whether another message can be tried over it. A reply nobody asked for is the server's good-bye."""
        return self._dialogue.is_open and not self._dialogue.has_reply

    @property
    def messages(self) -> int:
        """How many messages were tried over it."""
        return self._messages

    @property
    def went_stale(self) -> bool:
        """Whether the last attempt found a session that had died since the message before: nothing was tried, a fresh
        connection may do it at once."""
        return self._messages > 1 and not self._heard and not self._dialogue.is_open

    @property
    def in_doubt(self) -> bool:
        """Whether the last attempt sent its final dot and has no answer: the receiver may have the message (FAULT-92)."""
        return self._dotted

    async def send(self, delivery: Delivery, entitled: Callable[[], bool] = lambda: True) -> Outcome:
        """Try to hand `delivery` over; every reply and every fault becomes an outcome.

        `entitled` is asked before each block of content, the last of which has the final dot: a worker that stood still in the
        middle, or was cut off, may have been taken for dead, and the message sent by another (invariant 8).

        Raises ValueError for a return path that is no address, and whatever a fault of our own raises.
        """
        self._heard = self._dotted = False
        self._refused = None
        if (impossible := self._impossible(delivery)) is not None:
            return impossible
        self._messages += 1
        try:
            async with asyncio.timeout(self._timeouts.transaction_s):
                return await self._transaction(delivery, entitled)
        except TimeoutError:
            return self._broken("no answer in time")
        except ConnectionError as lost:
            return self._broken(str(lost))
        except _NotOurs:
            self._dialogue.abort()
            return Deferred(Cause.OTHER, None, NOT_OURS)

    async def close(self) -> None:
        """Take leave: QUIT, its reply if it comes soon, and the end. Never raises but for cancellation."""
        if self.usable:
            try:
                self._dialogue.write(b"QUIT\r\n")
                await self._dialogue.reply(self._timeouts.quit_s)
            except (ConnectionError, TimeoutError):
                pass  # the end is what was wanted
        self._dialogue.close()

    def abort(self) -> None:
        """End it without another word."""
        self._dialogue.abort()

    def _impossible(self, delivery: Delivery) -> Failed | None:
        """Why this receiver can never take it: known before anything is sent (FAULT-94)."""
        if 0 < self._octets_max < len(delivery.content):
            return Failed(Cause.TOO_LARGE, None, f"5.3.4 larger than the {self._octets_max} octets that the receiver takes")
        if not self._eightbit and not delivery.content.isascii():
            return Failed(Cause.OTHER, None, "5.6.3 the content is 8-bit, and the receiver takes 7-bit alone")
        if not self._utf8 and not _path(delivery.recipient.reveal()).isascii():
            return Failed(Cause.ADDRESS_WRONG, None, "5.6.7 the receiver takes no address beyond ASCII")
        return None

    async def _transaction(self, delivery: Delivery, entitled: Callable[[], bool]) -> Outcome:
        if not await self._envelope(delivery):
            return self._refusal()
        try:
            async with asyncio.timeout(self._timeouts.transfer_s):
                await self._content(delivery.content, entitled)
        except ConnectionError:
            if not self._dialogue.has_reply:
                raise
        reply = await self._dialogue.reply(self._timeouts.dot_s)
        stage = Stage.DOT if self._dotted else Stage.DATA  # no yes counts before the dot
        if stage is Stage.DATA or reply.code == 421:
            self._dialogue.abort()
        self._dotted = self._unfinished = False
        return outcome_of(reply, stage)

    async def _content(self, content: bytes, entitled: Callable[[], bool]) -> None:
        for block, last in wire(content):
            if self._dialogue.has_reply:
                break  # it has refused before the end; what else we send is for nothing
            if not entitled():
                raise _NotOurs
            self._dotted = last
            self._dialogue.write(block)
            await self._dialogue.drained(self._timeouts.block_s)

    async def _envelope(self, delivery: Delivery) -> bool:
        """Send envelope and DATA, in one write where that is offered. Whether the content may follow; else `_refused` is set."""
        commands = self._commands(delivery)
        if self._pipelining:
            self._dialogue.write(b"".join(line for _, line in commands))
        for stage, line in commands:
            if not self._pipelining:
                self._dialogue.write(line)
            reply = await self._dialogue.reply(self._timeouts.data_s if stage is Stage.DATA else self._timeouts.command_s)
            if stage is None:
                if reply.code // 100 != 2:
                    raise ConnectionError("the receiver keeps a message that was not finished")  # a fresh session has none
                continue
            self._heard = True
            asked_for_content = stage is Stage.DATA and reply.code == 354
            if asked_for_content and self._refused is None:
                return True
            if asked_for_content:
                # Nobody is to get it, and yet the content is asked for: a lone dot ends that (RFC 2920 §3.1).
                self._dialogue.write(b".\r\n")
                await self._dialogue.reply(self._timeouts.dot_s)
            elif stage is Stage.DATA or reply.code // 100 != 2:
                self._refused = self._refused or (reply, stage)
                if reply.code == 421 or not self._pipelining:
                    break
        return False

    def _broken(self, why: str) -> Outcome:
        """The session ended in the middle. A refusal that came before holds."""
        self._dialogue.abort()
        if self._refused is not None:
            return self._refusal()
        return Deferred(Cause.SERVER_UNREACHABLE, None, why, in_doubt=self._dotted)

    def _refusal(self) -> Outcome:
        assert self._refused is not None
        reply, stage = self._refused
        if reply.code in {421, 503} or reply.code // 100 not in {4, 5}:
            # A good-bye; or a yes where only "go on" or "no" make sense, or a complaint of the order of commands: out of step.
            self._dialogue.abort()
        return outcome_of(reply, stage)

    def _commands(self, delivery: Delivery) -> list[tuple[Stage | None, bytes]]:
        """The commands before the content. A transaction that was left unfinished is dropped first; that has no stage."""
        recipient = _path(delivery.recipient.reveal())
        mail = [f"MAIL FROM:<{_path(delivery.return_path)}>"]
        if self._size:
            mail.append(f"SIZE={len(delivery.content)}")
        if not delivery.content.isascii():
            mail.append("BODY=8BITMIME")
        if not recipient.isascii():
            mail.append("SMTPUTF8")
        commands: list[tuple[Stage | None, bytes]] = [(None, b"RSET\r\n")] if self._unfinished else []
        commands += [
            (Stage.MAIL, f"{' '.join(mail)}\r\n".encode()),
            (Stage.RCPT, f"RCPT TO:<{recipient}>\r\n".encode()),
            (Stage.DATA, b"DATA\r\n"),
        ]
        self._unfinished = True
        return commands


class _NotOurs(Exception):
    """The claim under which this is being sent may be another worker's by now."""


def wire(content: bytes) -> Iterator[tuple[bytes, bool]]:
    """The content as it goes over the wire: dots doubled at the beginning of lines (RFC 5321 §4.5.2), in blocks; True for the
    last, which ends with the final dot. Blocks are cut at line ends, so none of them needs to know its neighbour.
    """
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    start = 0
    while start < len(content):
        end = content.find(b"\r\n", start + block_octets - 2) + 2
        if end < 2:
            end = len(content)
        block = content[start:end]
        if block.startswith(b"."):
            block = b"." + block
        if b"." in block and b"\r\n." in block:  # Base64 has no dot, and looking for one octet is quick
            block = block.replace(b"\r\n.", b"\r\n..")
        last = end == len(content)
        yield block + b".\r\n" if last else block, last
        start = end


def _path(address: str) -> str:
    """An address as it stands between angle brackets, its domain in ASCII; empty stays empty, which is the null path.

    Raises ValueError for what could end the path, or begin another command.
    """
    if _NO_PATH.search(address):
        raise ValueError("a return path or recipient is no address")
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain if domain.isascii() else ascii_domain(domain)}"
