"""The dialogue on a connection: a balancer's word whose it is, then one command after another, each read and obeyed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

import structlog

from relay import figures
from relay.errors import Unavailable
from relay.inbound import proxy, replies
from relay.inbound.admission import network_of
from relay.inbound.connection import NO_HEADER, Connection
from relay.inbound.stream import Ended
from relay.policy.reply import Reply

log = structlog.get_logger("relay.inbound")

_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_OTHER_PROTOCOLS: Final = frozenset(
    {b"GET", b"POST", b"PUT", b"HEAD", b"CONNECT", b"OPTIONS", b"DELETE", b"PATCH", b"TRACE", b"PRI"}
)
_PROXY: Final = b"PROXY"
"""From somebody of whom no balancer's header is expected, who hopes that it will be believed (FAULT-42)."""
_CLIENT_HELLO: Final = b"\x16\x03"
"""How every TLS record of a handshake begins (RFC 8446 §5.1)."""
_outbox_octets_max: Final = 16 * 1024


class Dialogue(Connection):
    """Reads commands, and has them carried out. A subclass has these: a method `smtp_VERB` for each of `verbs`."""

    verbs: tuple[str, ...] = ()
    constant_replies: Mapping[str, Reply] = {}
    """Verbs whose answer never depends on anything."""

    def __dir__(self) -> Iterable[str]:
        """The commands alone: aiosmtpd looks at every member of every new object, which takes 190 µs a connection."""
        return [f"smtp_{verb}" for verb in self.verbs]

    async def _handle_client(self) -> None:
        try:
            if self._announced:
                await self._read_announcement()
            self.say_lines(f"220 {self.hostname} {self.__ident__}\r\n")
            while not self._over:
                line = await self._command_line()
                if line is not None:
                    await self._obey(line)
                if self._retiring and not self._over:
                    self.finish(replies.GOING_DOWN)
        except (Ended, ConnectionError):
            self._over = True
        finally:
            self._hang_up()
            self._report_end()

    async def _read_announcement(self) -> None:
        """Learn from a balancer whose connection this is. Raises Ended where it does not say, and for a client who is not let in.

        Nothing is answered to what is no header: it is for the balancer's operator to see in the log (FAULT-42).
        """
        self.expect_by(self.loop.time() + self.limits.proxy_header_s)
        try:
            while (found := proxy.header(self.stream.beginning(proxy.header_octets_max))) is None:
                await self.wait()
        except proxy.NoHeader as error:
            self.admission.stats.proxy_headers_refused += 1
            self._cut = NO_HEADER
            raise Ended from error
        self.expect_by(math.inf)
        if self._wire is None:
            raise Ended
        self._announced = False
        self.stream.drop(found.octets)
        self.client_ip = found.client_ip or self.client_ip
        network = network_of(self.client_ip)
        if self.is_shut_out():
            raise Ended
        if not self.admission.settle(network):
            self.finish(replies.TOO_MANY_CONNECTIONS)
            raise Ended
        self._network = network

    async def _command_line(self) -> bytes | None:
        """The next command without its line end; None after one that is too long, which is answered and skipped."""
        self._reset_timeout()
        octets_max = self.limits.command_octets_max
        while (line := self.stream.line(octets_max)) is None:
            if self.stream.starts_with(_CLIENT_HELLO):
                self._not_smtp()
                raise Ended
            await self._wait_for_command()
        if len(self._outbox) > _outbox_octets_max:
            await self._flush()
        if line.endswith(b"\n"):
            if line == b"\r\n" and self.stream.starts_with(proxy.SIGNATURE_2[2:]):
                self._not_smtp()
                raise Ended
            # A bare LF ends a command as it ends a line of DATA (FAULT-13).
            return line[:-1].removesuffix(b"\r")
        self.refuse(replies.COMMAND_TOO_LONG)
        while not self._over and not self.stream.skip_line():
            await self._wait_for_command()
        return None

    async def _wait_for_command(self) -> None:
        self._awaits_command = True
        try:
            await self.wait()
        finally:
            self._awaits_command = False

    async def _obey(self, line: bytes) -> None:
        verb_octets, _, rest = line.partition(b" ")
        verb_octets = verb_octets.upper()
        self._commands += 1
        self._verb = figures.OTHER
        if self.is_shut_out():
            return
        if self._commands > self.limits.commands_between_messages_max:
            self.finish(replies.TOO_MANY_COMMANDS, "commands")
        elif verb_octets == _PROXY:
            self._not_smtp()
        elif verb_octets in _OTHER_PROTOCOLS or verb_octets.endswith(b":") or not b" " <= (line[:1] or b" ") <= b"~":
            self._not_smtp(line)
        elif _CONTROL.search(line) or not verb_octets.isascii():
            self.refuse(replies.CONTROL_CHARACTERS)
        else:
            self._verb = verb = verb_octets.decode("ascii")
            try:
                await self._carry_out(verb, rest.decode("utf-8", "surrogateescape").strip(" "))
            except Unavailable as error:
                self.report_failure(error, verb)
                self.say(replies.TROUBLE)
            except (Ended, ConnectionError):
                raise
            except Exception as error:  # noqa: BLE001  whatever breaks here is ours, and the client's mail must survive it
                self.report_failure(error, verb)
                self.finish(replies.LOST_STEP) if verb == "DATA" else self.say(replies.TROUBLE)

    async def _carry_out(self, verb: str, argument: str) -> None:
        if (constant := self.constant_replies.get(verb)) is not None:
            self.refuse(constant) if constant.is_permanent else self.say(constant)
        elif (method := self._smtp_methods.get(verb)) is None:
            self.refuse(replies.UNKNOWN_COMMAND)
        else:
            await method(argument)

    def _not_smtp(self, line: bytes = b"") -> None:
        """Browsers, TLS clients and noise: nothing they send later is executed (FAULT-7, FAULT-8)."""
        self.admission.stats.not_smtp += 1
        self._over, self._cut = True, "not SMTP"
        if line[:1].isalpha():
            self.finish(replies.NOT_SMTP)

    # The log: one line a session, one line a failure, no address in either.

    def _report_end(self) -> None:
        """The client's network is named only when it was cut off, where somebody may have to act on it."""
        blamed = {"network": network_of(self.client_ip)} if self._cut else {}
        log.info("smtp.session", trace=self.id, tls=self.tls, errors=self._errors, cut=self._cut, **blamed)

    def report_failure(self, error: BaseException, verb: str) -> None:
        """One line for what went wrong in here: what and where, never the text, which may quote an address."""
        self.admission.stats.failures += 1
        where, frames = "", error.__traceback__
        while frames is not None:
            where = f"{frames.tb_frame.f_code.co_filename}:{frames.tb_lineno}"
            frames = frames.tb_next
        log.error("smtp.failed", trace=self.trace, verb=verb, error=type(error).__name__, where=where)
