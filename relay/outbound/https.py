"""Fetching a small text over HTTPS, for MTA-STS alone: one GET, a certificate that must be good, no redirect (RFC 8461 §3.3).

A library would bring what is not wanted: redirects, proxies, cookies, compression that unpacks to anything.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from relay.lookup import Outcome, Query, Type
from relay.outbound.addresses import allowed
from relay.outbound.ports import Names

octets_max: Final = 64 * 1024
"""Of a body (RFC 8461 §3.3 asks for at least that much to be taken)."""
head_octets_max: Final = 16 * 1024
fetch_s: Final = 30.0
"""All together: look-up, connection, TLS, answer."""
addresses_max: Final = 3
"""Of a host; each has its share of the time, so that one that hangs leaves some to the next."""

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


class NotFetched(Enum):
    """Why there is nothing."""

    CERTIFICATE = "certificate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave with a 200. `media_type` in lower case, without parameters."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches from hosts that `names` finds, at `port`. `context` checks certificates; made when it is first needed.

    `private`: also from addresses that are nobody's on the internet; whoever owns a domain chooses its addresses.
    """

    names: Names
    context: Callable[[], ssl.SSLContext]
    port: int = 443
    private: bool = False

    async def __call__(self, host: str, path: str) -> Fetched | NotFetched:
        """What `host` has at `path`. Never raises but for cancellation."""
        try:
            async with asyncio.timeout(fetch_s):
                return await self._fetched(host, path)
        except TimeoutError:
            return NotFetched.OTHER

    async def _fetched(self, host: str, path: str) -> Fetched | NotFetched:
        given: list[str] = []
        for kind in (Type.A, Type.AAAA):
            answer = await self.names.ask(Query(host, kind))
            given += answer.records if answer.outcome is Outcome.FOUND else ()
        why = NotFetched.OTHER
        for address in allowed(given, self.private)[:addresses_max]:
            try:
                async with asyncio.timeout(fetch_s / addresses_max):
                    return await self._got(host, address, path)
            except ssl.SSLCertVerificationError:
                why = NotFetched.CERTIFICATE
            except (OSError, EOFError, ValueError):
                continue  # the next address may do better
        return why

    async def _got(self, host: str, address: str, path: str) -> Fetched | NotFetched:
        reader, writer = await asyncio.open_connection(
            address, self.port, ssl=self.context(), server_hostname=host, limit=head_octets_max
        )
        try:
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/plain\r\nConnection: close\r\n\r\n".encode("ascii")
            )
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> Fetched | NotFetched:
    """Raises ValueError for what is no answer or is too large, EOFError for one that ends too early."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as long:
        raise ValueError("a head without end") from long
    status, *lines = head.split(b"\r\n")
    found = _STATUS.fullmatch(status)
    if found is None or found[1] != b"200":
        return NotFetched.OTHER
    fields: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower(), value.strip())
    media_type = fields.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        content = await _chunked(reader)
    elif (length := fields.get(b"content-length")) is not None:
        if not re.fullmatch(rb"[0-9]{1,10}", length) or int(length) > octets_max:
            raise ValueError("a length that is none, or too much")
        content = await reader.readexactly(int(length))
    else:
        content = await _rest(reader)
    return Fetched(media_type, content)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    content = bytearray()
    while True:
        size = _CHUNK.fullmatch((await reader.readline()).rstrip(b"\r\n"))
        if size is None or len(content) + int(size[1], 16) > octets_max:
            raise ValueError("a chunk that is none, or too much")
        if int(size[1], 16) == 0:
            return bytes(content)
        content += await reader.readexactly(int(size[1], 16))
        await reader.readline()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    content = bytearray()
    while block := await reader.read(octets_max):
        content += block
        if len(content) > octets_max:
            raise ValueError("too much")
    return bytes(content)
