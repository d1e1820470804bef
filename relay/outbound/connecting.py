"""From a host's name to a session that stands: TCP, greeting, EHLO, STARTTLS; all of that is aiosmtplib's."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, cast

import aiosmtplib

from relay import figures
from relay.outbound.connection import Connection, Timeouts
from relay.outbound.dane import holds
from relay.outbound.dialogue import Dialogue
from relay.outbound.replies import Reply, Stage, kept_text, outcome_of
from relay.outbound.routes import Host, Tls
from relay.outbound.tls import checking, shown, unchecking
from relay.outbound.tls_report import Finding, Tallies, finding_of
from relay.transit.delivery import Cause, Deferred
from relay.values import Clock

_TROUBLE: Final = (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError)
"""What connecting raises; TLS errors and failed look-ups are OSError, a host name that IDNA refuses is UnicodeError."""


_TRIED: Final[Mapping[Tls, tuple[Tls, ...]]] = {
    **{one: (one,) for one in Tls},
    Tls.OPPORTUNISTIC: (Tls.OPPORTUNISTIC, Tls.OFF),
    Tls.TESTED: (Tls.VERIFIED, Tls.OPPORTUNISTIC, Tls.OFF),
}
"""What is tried one after the other, while the host answers and encryption does not come about as it was to."""

Note = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class _NoTls:
    """The host answers, and encryption did not come about, or not as it was to."""

    why: str


def _now() -> datetime:
    """OpenSSL judges certificates by this clock as well."""
    return datetime.fromtimestamp(time.time(), UTC)


def _unheard(_: Finding) -> None:
    """What is counted is how the first try ended."""


@dataclass(frozen=True, slots=True)
class Connector:
    """Opens sessions, each a fresh object: reused aiosmtplib objects used to hang (FAULT-5.6).

    `helo` is our host name, the one our address resolves to. `authorities` is a PEM file with those who may vouch for hosts;
    without it, those of the system do. `tallies` hear how it went with hosts that belong to a domain.
    """

    helo: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    authorities: Path | None = None
    tallies: Tallies | None = None
    clock: Clock = _now

    async def open(self, host: Host) -> Connection | Deferred:
        """A session with `host`, or why there is none just now; the text of that is for operators.

        Where TLS is opportunistic and fails, the session goes without it: mail in the open is what such a host would have got
        had it not offered TLS at all (FAULT-89, RFC 7435 §3).
        """
        first, *others = _TRIED[host.tls]
        opened = await self._session(host, first, partial(self._note, host))
        for tls in others:
            if not isinstance(opened, _NoTls):
                break
            opened = await self._session(host, tls, _unheard)
        figures.SESSIONS_OUT.add(host.tls.value, _came(opened))
        if isinstance(opened, _NoTls):
            return Deferred(Cause.SERVER_UNREACHABLE, None, f"4.7.5 {opened.why}")
        return opened

    def _note(self, host: Host, finding: Finding) -> None:
        if self.tallies is not None and host.domain:
            self.tallies.note(host.domain, host.followed, finding)

    async def _session(self, host: Host, tls: Tls, note: Note) -> Connection | Deferred | _NoTls:
        client = aiosmtplib.SMTP(
            hostname=host.address or host.name,
            port=host.port,
            local_hostname=self.helo,
            timeout=self.timeouts.command_s,
            start_tls=False,
            tls_context=checking(self.authorities) if tls is Tls.VERIFIED else unchecking(),
        )
        stands = False
        try:
            await _connected(client, self.timeouts)
            await _greet(client)
            if tls is not Tls.OFF and (missing := await self._encrypted(client, host, tls, note)) is not None:
                return missing
            if client.transport is None:
                return Deferred(Cause.SERVER_UNREACHABLE, None, "connection closed by the server")
            dialogue = Dialogue()
            dialogue.take_over(cast("asyncio.Transport", client.transport))
            stands = True
            encrypted = client.get_transport_info("ssl_object") is not None
            return Connection(dialogue, dict(client.esmtp_extensions), self.timeouts, encrypted=encrypted)
        except aiosmtplib.SMTPResponseException as refused:
            return _refused(refused)
        except _TROUBLE as trouble:
            return Deferred(Cause.SERVER_UNREACHABLE, None, _told(trouble))
        finally:
            if not stands:
                client.close()

    async def _encrypted(self, client: aiosmtplib.SMTP, host: Host, tls: Tls, note: Note) -> _NoTls | None:
        """Encrypt the session and greet anew (RFC 3207 §4.2); why that failed, where it was offered or needed."""
        if not client.supports_extension("starttls"):
            note(Finding.STARTTLS_NOT_SUPPORTED)
            return None if tls is Tls.OPPORTUNISTIC else _NoTls("STARTTLS is not offered")
        try:
            await client.starttls(server_hostname=host.name)
        except _TROUBLE as trouble:
            note(finding_of(trouble))
            return _NoTls(f"TLS failed: {_told(trouble)}")
        if tls is Tls.DANE and not holds(
            shown(client.get_transport_info("ssl_object")), host.pins, (host.name, host.domain), self.clock()
        ):
            note(Finding.VALIDATION_FAILURE)
            return _NoTls("the certificate is not the one that the host's zone vouches for")
        note(Finding.SUCCESS)
        await _greet(client)
        return None


def _came(opened: Connection | Deferred | _NoTls) -> str:
    if not isinstance(opened, Connection):
        return "failed"
    return "encrypted" if opened.encrypted else "plain"


async def _connected(client: aiosmtplib.SMTP, timeouts: Timeouts) -> None:
    """TCP, and the greeting (RFC 5321 §4.5.3.2.1), for which aiosmtplib has but one time together: a host that is not there is
    given up sooner than one that lets us wait. Raises what connecting raises."""
    connecting = asyncio.create_task(client.connect(timeout=timeouts.greeting_s))
    try:
        ended, _ = await asyncio.wait({connecting}, timeout=timeouts.connect_s)
        if ended or client.transport is not None:
            await connecting
            return
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
    raise TimeoutError


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
