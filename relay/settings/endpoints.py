"""Hosts, ports and sockets in the configuration: where to listen, to connect, and to send."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainSerializer

from relay.settings.given import shown

port_max: Final = 65_535
HOST_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A name as DNS carries it, in lower case (RFC 1123 §2.1)."""


@dataclass(frozen=True, slots=True)
class Tcp:
    """A host, as a name or an IP address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TcpScanner(Tcp):
    """A scanner's host and port, which its section writes with `tcp:` before them."""

    def __str__(self) -> str:
        return f"tcp:{self.host}:{self.port}" if ":" not in self.host else f"tcp:[{self.host}]:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A socket in the file system."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class Smarthost:
    """Everything goes out through one server, which takes care of the rest."""

    server: Tcp

    def __str__(self) -> str:
        return f"smarthost:{self.server}"


@dataclass(frozen=True, slots=True)
class Mx:
    """Each message goes to the mail exchangers of its recipient's domain (RFC 5321 §5.1)."""

    def __str__(self) -> str:
        return "mx"


def tcp(given: object, port: int | None = None) -> Tcp:
    """A host and port from "host:port" or "[IPv6]:port"; without a port, `port`. Raises ValueError."""
    if isinstance(given, Tcp):
        return given
    wanted = f'{shown(given)} is no endpoint; write "127.0.0.1:2525" or "[::1]:2525"'
    if not isinstance(given, str):
        raise ValueError(wanted)  # noqa: TRY004 -- pydantic reports a ValueError, and lets a TypeError through
    host, number = _host_and_port(given.strip(), wanted)
    if number is None and port is None:
        raise ValueError(f"{shown(given)} has no port; write for example {given.strip()}:2525")
    return Tcp(host, port if number is None and port is not None else int(number or 0))


def endpoint(given: object) -> Tcp | UnixSocket:
    """Where to listen, or to connect: "host:port", "tcp:host:port" or "unix:/path". Raises ValueError."""
    if isinstance(given, Tcp | UnixSocket):
        return given
    if isinstance(given, str) and given.startswith("unix:"):
        path = given.removeprefix("unix:")
        if not path or "\0" in path:
            raise ValueError('a path is missing; write for example "unix:/run/relay/lmtp.sock"')
        return UnixSocket(Path(path))
    return tcp(given.removeprefix("tcp:") if isinstance(given, str) else given)


def scanner(given: object) -> TcpScanner | UnixSocket:
    """Where clamd is: "unix:/path" or "tcp:host:port". Raises ValueError."""
    if isinstance(given, TcpScanner):
        return given
    where = endpoint(given)
    return where if isinstance(where, UnixSocket) else TcpScanner(where.host, where.port)


def route(given: object) -> Smarthost | Mx:
    """The way out: "mx", or "smarthost:host:port". Raises ValueError."""
    if isinstance(given, Smarthost | Mx):
        return given
    if given == "mx":
        return Mx()
    if isinstance(given, str) and given.startswith("smarthost:"):
        written = given.removeprefix("smarthost:")
        server = tcp(written, port=25)
        # Port 0 is nowhere to connect to, and "::1:25" is an address as well as an address with a port.
        if server.port and not written.endswith(":") and (written.startswith("[") or written.count(":") <= 1):
            return Smarthost(server)
    raise ValueError(f'{shown(given)} is no route; write "mx" or "smarthost:mail.example.com:25"')


def dns_server(given: object) -> Tcp:
    """A DNS server by its IP address, with a port unless that is 53. Raises ValueError."""
    server = tcp(given, port=53)
    try:
        ipaddress.ip_address(server.host)
    except ValueError:
        raise ValueError(f'{shown(given)} is no DNS server; write its IP address, for example "127.0.0.1:5353"') from None
    return server


def loopback(given: object) -> Tcp:
    """A port of this machine that nobody else reaches: the IP address of the loopback interface and a port. Raises ValueError.

    A name will not do: where it leads is for others to say.
    """
    at = tcp(given)
    if not (at.port and _is_ip(at.host) and ipaddress.ip_address(at.host).is_loopback):
        raise ValueError(
            f'{shown(str(given))} is not on the loopback interface; write for example "127.0.0.1:2527" or "[::1]:2527"'
        )
    return at


def is_on_this_machine(url: str) -> bool:
    """Whether a URL names the loopback interface, where nobody outside gets to."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _host_and_port(text: str, wanted: str) -> tuple[str, str | None]:
    if bracketed := re.fullmatch(r"\[([0-9A-Fa-f:.]{2,45})\](?::([0-9]{1,5}))?", text):
        host, number = bracketed[1], bracketed[2]
        if not _is_ip(host):
            raise ValueError(wanted)
    elif _is_ip(text):
        return text, None
    else:
        host, _, number = text.partition(":")
        host, number = host.lower(), number or None
        if not (_is_ip(host) or HOST_NAME.fullmatch(host)) or (number and not re.fullmatch(r"[0-9]{1,5}", number)):
            raise ValueError(wanted)
    if number is not None and int(number) > port_max:
        raise ValueError(f"{shown(text)}: a port is a number up to 65535")
    return host, number


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


Listener = Annotated[Tcp, BeforeValidator(tcp), PlainSerializer(str, return_type=str)]
Loopback = Annotated[Tcp, BeforeValidator(loopback), PlainSerializer(str, return_type=str)]
Endpoint = Annotated[Tcp | UnixSocket, BeforeValidator(endpoint), PlainSerializer(str, return_type=str)]
Scanner = Annotated[TcpScanner | UnixSocket, BeforeValidator(scanner), PlainSerializer(str, return_type=str)]
Route = Annotated[Smarthost | Mx, BeforeValidator(route), PlainSerializer(str, return_type=str)]
DnsServer = Annotated[Tcp, BeforeValidator(dns_server), PlainSerializer(str, return_type=str)]
