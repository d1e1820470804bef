"""From a host's name to a session that stands: TCP, greeting, EHLO, STARTTLS; all of that is aiosmtplib's."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Final, cast

import aiosmtplib

from relay.outbound.connection import Connection, Timeouts
from relay.outbound.dialogue import Dialogue
from relay.outbound.replies import Reply, Stage, kept_text, outcome_of
from relay.outbound.routes import Host, Tls
from relay.transit.delivery import Cause, Deferred

_TROUBLE: Final = (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError)
"""What connecting raises; TLS errors and failed look-ups are OSError, a host name that IDNA refuses is UnicodeError."""


@cache
def _checking() -> ssl.SSLContext:
    """With all authorities that the system trusts: made when it is first needed, because they take 2 MB (PERF-10)."""
    return ssl.create_default_context()


@cache
def _unchecking() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class _NoTls:
    """The host answers, and encryption did not come about."""

    why: str


@dataclass(frozen=True, slots=True)
class Connector:
    """Opens sessions, each a fresh object: reused aiosmtplib objects used to hang (FAULT-5.6).

    `helo` is our host name, the one our address resolves to.
    """

    helo: str
    timeouts: Timeouts = field(default_factory=Timeouts)

    async def open(self, host: Host) -> Connection | Deferred:
        """A session with `host`, or why there is none just now; the text of that is for operators.

        Where TLS is opportunistic and fails, the session goes without it: mail in the open is what such a host would have got
        had it not offered TLS at all (FAULT-89, RFC 7435 §3).
        """
        opened = await self._session(host, host.tls)
        if isinstance(opened, _NoTls) and host.tls is Tls.OPPORTUNISTIC:
            opened = await self._session(host, Tls.OFF)
        if isinstance(opened, _NoTls):
            return Deferred(Cause.SERVER_UNREACHABLE, None, f"4.7.5 {opened.why}")
        return opened

    async def _session(self, host: Host, tls: Tls) -> Connection | Deferred | _NoTls:
        client = aiosmtplib.SMTP(
            hostname=host.name,
            port=host.port,
            local_hostname=self.helo,
            timeout=self.timeouts.command_s,
            start_tls=False,
            tls_context=_checking() if host.verified else _unchecking(),
        )
        stands = False
        try:
            await client.connect(timeout=self.timeouts.connect_s)
            await _greet(client)
            if tls is not Tls.OFF and (missing := await _encrypted(client, tls)) is not None:
                return missing
            if client.transport is None:
                return Deferred(Cause.SERVER_UNREACHABLE, None, "connection closed by the server")
            dialogue = Dialogue()
            dialogue.take_over(cast("asyncio.Transport", client.transport))
            stands = True
            return Connection(dialogue, dict(client.esmtp_extensions), self.timeouts)
        except aiosmtplib.SMTPResponseException as refused:
            return _refused(refused)
        except _TROUBLE as trouble:
            return Deferred(Cause.SERVER_UNREACHABLE, None, _told(trouble))
        finally:
            if not stands:
                client.close()


async def _encrypted(client: aiosmtplib.SMTP, tls: Tls) -> _NoTls | None:
    """Encrypt the session and greet anew (RFC 3207 §4.2); why that failed, where it was offered or needed."""
    if not client.supports_extension("starttls"):
        return _NoTls("STARTTLS is not offered") if tls is Tls.REQUIRED else None
    try:
        await client.starttls()
    except _TROUBLE as trouble:
        return _NoTls(f"TLS failed: {_told(trouble)}")
    await _greet(client)
    return None


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO; HELO where that is not understood."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as refused:
        if not (client.is_connected and refused.code in {500, 502, 504, 550}):
            raise
        await client.helo()


def _refused(refused: aiosmtplib.SMTPResponseException) -> Deferred:
    """A host that answers and wants no mail just now: its state, whatever code it gives (FAULT-88)."""
    if not 400 <= refused.code <= 599:
        return Deferred(Cause.SERVER_UNREACHABLE, None, "a reply that cannot be read")
    outcome = outcome_of(Reply(refused.code, kept_text(refused.message.encode("utf-8", "replace"))), Stage.GREETING)
    assert isinstance(outcome, Deferred)
    return outcome


def _told(trouble: BaseException) -> str:
    """What went wrong, without the host's name or address: at an MX those belong to a party."""
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"TLS error {cause.reason or type(cause).__name__}"
        if isinstance(cause, socket.gaierror):
            return "host name cannot be resolved"
        if isinstance(cause, OSError) and cause.errno is not None:
            return os.strerror(cause.errno)
        cause = cause.__cause__
    return "no answer in time" if isinstance(trouble, TimeoutError) else f"no session ({type(trouble).__name__})"
