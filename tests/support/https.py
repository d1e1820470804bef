"""A web server for tests that says what it is told to say, over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


def page(text: str, *, status: str = "200 OK", media_type: str = "text/plain", more: str = "") -> bytes:
    """An answer of HTTP/1.1."""
    body = text.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


@dataclass
class Site:
    """`pages` by the host that is asked for; `asked` are the requests that came, their first line and Host alone."""

    pages: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            host = next(line.partition(": ")[2] for line in head if line.lower().startswith("host:"))
            self.asked.append(f"{head[0]} {host}")
            writer.write(self.pages.get(host, page("", status="404 Not Found")))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(context: ssl.SSLContext, pages: Mapping[str, bytes]) -> AsyncIterator[Site]:
    """A site on a port of its own."""
    site = Site(pages)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        await server.wait_closed()
