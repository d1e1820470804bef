"""One client's connection: its octets, its deadlines, its replies, its end.

Built on aiosmtpd's SMTP class, which wires connection, task and command table. Replaced is what it lacks in production: the
reading, one timer for all phases, handlers that die with their connection, exceptions told to strangers, limits that leak.
"""

from __future__ import annotations

import asyncio
import logging
import math
import ssl
from collections.abc import Iterable
from typing import Final, cast

from aiosmtpd.smtp import SMTP

from relay import figures
from relay.inbound import replies
from relay.inbound.admission import network_of
from relay.inbound.service import Service
from relay.inbound.stream import Ended, OctetStream
from relay.internet import unmapped
from relay.policy.reply import Reply

# aiosmtpd tells every command at INFO, with the addresses in it.
logging.getLogger("mail.log").setLevel(logging.ERROR)

NO_HEADER: Final = "no PROXY header"
"""Why a connection was cut off of which a balancer did not say whose it is, for the log."""


class _NoHooks:
    """aiosmtpd's handler; everything that it would be asked stands in the session itself."""

    def __dir__(self) -> Iterable[str]:
        return ()


_NO_HOOKS: Final = _NoHooks()


class Connection(SMTP):
    """One connection. A subclass reads what comes, in `_handle_client`; see relay.inbound.dialogue."""

    protocol = "ESMTP"
    """What the greeting says is spoken here."""
    trusted = False
    """Whoever speaks is no stranger: it has no share of a network's, and its errors are those of others."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_NO_HOOKS, hostname=service.hostname, ident=self.protocol, enable_SMTPUTF8=True, loop=loop)
        self.service = service
        self.limits = service.limits
        self.admission = service.admission
        self.id = service.new_id()
        self.client_ip = ""
        self.tls = False
        self.stream = OctetStream()
        self._wire: asyncio.Transport | None = None
        self._network: str | None = None
        """Where this connection is counted among its neighbours, if it is."""
        self._outbox = bytearray()
        self._deadline = self._wakes_at = math.inf
        self._linger: asyncio.TimerHandle | None = None
        self._awaits_command = False
        self._announced = False
        """A balancer still has to say whose connection this is."""
        self._retiring = False
        self._over = False
        self._cut: str | None = None
        self._errors = 0
        self._commands = 0
        self._verb = figures.OTHER
        self._fruitless_by = loop.time() + self.limits.fruitless_s

    @property
    def trace(self) -> str:
        """The id under which the log knows what is going on: in every reply."""
        return self.id

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        wire = cast("asyncio.Transport", transport)
        peer = wire.get_extra_info("peername")
        self.client_ip = unmapped(str(peer[0])) if isinstance(peer, tuple) and not self.trusted else ""
        self._announced = not self.trusted and self.service.announces(self.client_ip)
        self._network = None if self.trusted or self._announced else network_of(self.client_ip)
        if (refusal := self._refusal()) is not None:
            wire.write(refusal.line(self.id))
            wire.close()
            return
        self._wire = wire
        self.stream.attach(wire)
        self.service.guests.add(self)
        super().connection_made(transport)

    def _refusal(self) -> Reply | None:
        """Why this connection is not served; None when it is let in."""
        if self._network is not None and self.admission.conduct.is_shut_out(self._network):
            self.admission.stats.connections_shut_out += 1
            return replies.SHUT_OUT
        if not self.admission.enter(self._network):
            return replies.GOING_DOWN if self.admission.closing else replies.TOO_MANY_CONNECTIONS
        return None

    @property
    def is_front(self) -> bool:
        """Whether a front MTA speaks, which brings what all others wrote, and asks what all others ask of it."""
        return self.trusted or self.service.behind_front

    @property
    def blamed(self) -> str:
        """The network that answers for what this client does; nobody's where that is a front MTA."""
        return "" if self.is_front else network_of(self.client_ip)

    def is_shut_out(self) -> bool:
        """Whether this client's network guesses at aliases, in whatever connection; then this one is over (GW-20)."""
        if not self.admission.conduct.is_shut_out(self.blamed):
            return False
        self.admission.stats.connections_shut_out += 1
        self.finish(replies.SHUT_OUT, "guesses at aliases")
        return True

    def data_received(self, data: bytes) -> None:
        self.stream.feed(data)

    def eof_received(self) -> bool:
        """The client sends no more. Unless TLS is on, it may still fetch the answer to what it has sent (FAULT-51)."""
        self.stream.end()
        return self._wire is not None and not self.tls and self._linger is None

    def connection_lost(self, error: Exception | None) -> None:
        if self not in self.service.guests:
            return
        self.admission.leave(self._network)
        self._network = None
        self.service.guests.discard(self)
        self._wire = None
        if self._linger is not None:
            self._linger.cancel()
        self.stream.end()
        super().connection_lost(error)

    def retire(self) -> None:
        """End in good order: now when the client is idle, else after what is under way (FAULT-43)."""
        self._retiring = True
        if self._awaits_command:
            self.say(replies.GOING_DOWN)
            self._hang_up()

    def abort(self) -> None:
        """End at once."""
        if self._wire is not None:
            self._wire.abort()

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What reads and obeys the commands."""
        return self._handler_coroutine

    # Deadlines: one timer a connection, moved only when a deadline draws nearer.

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.expect_by(min(self.loop.time() + (duration or self.limits.command_s), self._fruitless_by))

    def expect_by(self, deadline: float) -> None:
        """Hang up when `deadline`, in the loop's seconds, comes before the next call of this. Infinity: do not."""
        self._deadline = deadline
        if deadline < self._wakes_at:
            if self._timeout_handle is not None:
                self._timeout_handle.cancel()
            self._wakes_at = deadline
            self._timeout_handle = self.loop.call_at(deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        self._wakes_at = math.inf
        if self.loop.time() < self._deadline:
            self.expect_by(self._deadline)
            return
        self.admission.stats.timeouts += 1
        if self._announced:
            self._cut = NO_HEADER
        else:
            self.finish(replies.TOO_SLOW, "timeout")
        self._hang_up()

    # Replies. They are written when the client's next words are waited for, so that pipelined commands share a packet (RFC 2920).

    def say(self, reply: Reply, trace: str | None = None) -> None:
        """Say `reply`, with the id of what it is about: by default, what is under way."""
        self._outbox += reply.line((trace or self.trace) if reply.enhanced else "")
        figures.REPLIES.add(self._verb, str(reply.code))

    def say_lines(self, lines: str) -> None:
        """Say what has no id and is no answer to be counted: the greeting, and what HELO and EHLO are told."""
        self._outbox += lines.encode("ascii")

    def refuse(self, reply: Reply) -> None:
        """Answer a command with a refusal; a permanent one is an error, and so many of them end the session (FAULT-6)."""
        if reply.is_permanent and not self.is_front:
            self._errors += 1
            if self._errors >= self.limits.errors_max:
                self.admission.stats.too_many_errors += 1
                self.finish(replies.TOO_MANY_ERRORS, "errors")
                return
        self.say(reply)

    def finish(self, reply: Reply, cut: str | None = None) -> None:
        """Say a last word. `cut` is why, for the log, when it is the client's fault."""
        self.say(reply)
        self.end(cut)

    def end(self, cut: str | None = None) -> None:
        """Listen no more. `cut` is why, for the log, when it is the client's fault."""
        self._over = True
        self._cut = self._cut or cut

    def forgive(self) -> None:
        """A message was accepted: whoever brings mail may make new errors, and has time anew."""
        self._errors = self._commands = 0
        self._fruitless_by = self.loop.time() + self.limits.fruitless_s

    def write_out(self) -> None:
        """Hand the replies so far to the connection."""
        if self._outbox and self._wire is not None:
            self._wire.write(bytes(self._outbox))
        self._outbox.clear()

    async def _flush(self) -> None:
        if self._outbox:
            self.write_out()
            await self._writer.drain()

    async def wait(self) -> None:
        """Wait for more of what the client sends. Raises Ended when nothing will come."""
        await self._flush()
        await self.stream.more()

    def _hang_up(self) -> None:
        """Close. TCP drops our last reply where octets of the client lie unread, and one that is cut off or sent away may be
        sending still: then our side alone is shut, what comes is thrown away, and the client's end of file closes the connection.
        """
        self._over = True
        self.write_out()
        gone = self.stream.ended
        self.stream.end()
        if self._wire is None or self._linger is not None:
            return
        # A client that does not fetch its replies would keep a closed connection for ever.
        self._linger = self.loop.call_later(self.limits.linger_s, self.abort)
        if (self._cut or self._retiring) and not gone and self._wire.can_write_eof():
            self._wire.write_eof()
        else:
            self._wire.close()

    async def shake_hands(self, context: ssl.SSLContext) -> None:
        """Put TLS on the connection (RFC 3207). Raises Ended when the handshake fails (FAULT-38)."""
        if self._wire is None:
            raise Ended
        self.expect_by(math.inf)
        try:
            secured = await self.loop.start_tls(
                self._wire,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=self.limits.handshake_s,
                ssl_shutdown_timeout=self.limits.linger_s,
            )
        except (OSError, ssl.SSLError) as error:
            self.admission.stats.tls_handshakes_failed += 1
            self._cut = f"TLS handshake: {type(error).__name__}"
            # The TLS layer does not pass on the loss of a connection that it never finished.
            self.connection_lost(None)
            raise Ended from error
        if secured is None:
            raise Ended
        self.tls = True
        self._wire = self.transport = secured
        self._writer = asyncio.StreamWriter(secured, self, None, self.loop)
        self.stream.attach(secured)
