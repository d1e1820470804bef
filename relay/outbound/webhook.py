"""Telling another system what happened: one signed POST, and nothing read of the answer but its status (Standard Webhooks).

Whoever names a receiver chooses where we connect: so it is https and on the internet, whatever its name leads to at that moment,
and no redirect is followed. A library would bring redirects, proxies and cookies, and look the name up a second time.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from relay.lookup import Outcome, Query, Type
from relay.outbound.addresses import allowed
from relay.outbound.ports import Names

post_s: Final = 15.0
"""All together: look-up, connection, TLS, answer. Receivers answer first and work afterwards."""
head_octets_max: Final = 16 * 1024
addresses_max: Final = 2
"""Of a host; each has its share of the time."""
PREFIX: Final = "whsec_"

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?")
_HOST: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?")
_UNFIT: Final = re.compile(r"[^!-~]")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a POST goes. `host` is a name, or an address as it stands in a URL without brackets."""

    is_secure: bool
    host: str
    port: int
    target: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """As the Host field has it (RFC 9112 §3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The receiver's status; None where there was none, and `trouble` says why, in a word of ours."""

    code: int | None
    trouble: str = ""


def receiver(url: str, *, anywhere: bool) -> Receiver:
    """Whom `url` names. `anywhere`: also without TLS, and at addresses that are nobody's on the internet.

    Raises ValueError with a sentence for what is none, or not to be told.
    """
    if _UNFIT.search(url):
        raise ValueError("url: printable ASCII without blanks is needed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("url: it cannot be read") from None
    if parts.scheme != "https" and not (anywhere and parts.scheme == "http"):
        raise ValueError("url: https is needed")
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("url: without a user and a fragment")
    if not _is_address(host) and not _HOST.fullmatch(host):
        raise ValueError("url: a host is needed")
    if _is_address(host) and not allowed([host], anywhere):
        raise ValueError("url: an address on the internet is needed")
    is_secure = parts.scheme == "https"
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Receiver(is_secure, host, port or (443 if is_secure else 80), target)


def signatures(secrets: Sequence[str], id_: str, at: datetime, body: bytes) -> str:
    """The field webhook-signature: one signature for each secret, so that a receiver knows it by the old one too."""
    signed = b".".join((id_.encode(), str(int(at.timestamp())).encode(), body))
    keys = (base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, sha256)).decode()}" for key in keys)


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts to receivers that `names` finds. `context` checks certificates; made when it is first needed.

    `anywhere`: also to addresses that are nobody's on the internet (FAULT-86).
    """

    names: Names
    context: Callable[[], ssl.SSLContext]
    anywhere: bool = False

    async def __call__(self, to: Receiver, body: bytes, fields: Sequence[tuple[str, str]]) -> Answer:
        """What `to` answers. Never raises but for cancellation."""
        try:
            async with asyncio.timeout(post_s):
                return await self._posted(to, _request(to, body, fields))
        except TimeoutError:
            return Answer(None, "no answer in time")

    async def _posted(self, to: Receiver, request: bytes) -> Answer:
        found = [to.host] if _is_address(to.host) else await self._addresses(to.host)
        fit = allowed(found, self.anywhere)[:addresses_max]
        if not fit:
            return Answer(None, "its name leads nowhere on the internet" if found else "its name is not to be found")
        trouble = ""
        for address in fit:
            try:
                async with asyncio.timeout(post_s / addresses_max):
                    return Answer(await self._told(to, address, request))
            except ssl.SSLCertVerificationError:
                trouble = "its certificate is not good"
            except TimeoutError:
                trouble = "no answer in time"
            except (OSError, EOFError):
                trouble = "no connection"
            except ValueError:
                trouble = "no answer of HTTP"
        return Answer(None, trouble)

    async def _addresses(self, host: str) -> list[str]:
        found: list[str] = []
        for kind in (Type.A, Type.AAAA):
            answer = await self.names.ask(Query(host, kind))
            found += answer.records if answer.outcome is Outcome.FOUND else ()
        return found

    async def _told(self, to: Receiver, address: str, request: bytes) -> int:
        """The status. Raises OSError, EOFError, and ValueError for what is no answer."""
        context = self.context() if to.is_secure else None
        name = to.host if to.is_secure else None
        reader, writer = await asyncio.open_connection(address, to.port, ssl=context, server_hostname=name, limit=head_octets_max)
        try:
            writer.write(request)
            await writer.drain()
            try:
                found = _STATUS.fullmatch((await reader.readuntil(b"\r\n")).rstrip(b"\r\n"))
            except asyncio.LimitOverrunError as long:
                raise ValueError("a line without end") from long
            if found is None:
                raise ValueError("no status")
            return int(found[1])
        finally:
            writer.transport.abort()


def _request(to: Receiver, body: bytes, fields: Sequence[tuple[str, str]]) -> bytes:
    head = [
        f"POST {to.target} HTTP/1.1",
        f"Host: {to.authority}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in fields),
    ]
    return "\r\n".join([*head, "", ""]).encode("ascii") + body


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
