"""The kinds of value that configuration has beside text and numbers: durations, sizes, endpoints, routes, networks, addresses.

Each is read from text with an error that a person can act upon, and written back as the text it is usually written as.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import BeforeValidator, PlainSerializer, SerializationInfo

from relay.values import Rate, RealAddress, ascii_domain

REDACTED: Final = "<redacted>"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(?:[0-9]{1,6}\s*[smhdw]\s*){1,5}")
_RATE: Final = re.compile(r"([0-9]{1,6})\s*/\s*([0-9]{1,4})?\s*([smhd])")
_OCTETS: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE: Final = re.compile(r"([0-9]{1,12})\s*([kmg]?i?b)", re.IGNORECASE)
_WRITTEN_SIZES: Final = (("GiB", 2**30), ("MiB", 2**20), ("kiB", 2**10), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("B", 1))
_DOMAIN: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def duration(given: object) -> timedelta:
    """A length of time from text such as "30s", "90m", "7d" or "1h 30m". Raises ValueError for anything else."""
    if isinstance(given, timedelta):
        return given
    text = given.strip() if isinstance(given, str) else ""
    if not _DURATION.fullmatch(text):
        raise ValueError(f'{_shown(given)} is no duration; write a number with its unit, for example "30s", "90m", "12h" or "7d"')
    return timedelta(seconds=sum(int(count) * _SECONDS[unit] for count, unit in re.findall(r"([0-9]+)\s*([smhdw])", text)))


def duration_text(span: timedelta) -> str:
    """A duration in the largest unit that leaves no rest: "7d", "90m"."""
    seconds = int(span.total_seconds())
    unit = next((unit for unit in "dhms" if seconds and seconds % _SECONDS[unit] == 0), "s")
    return f"{seconds // _SECONDS[unit]}{unit}"


def rate(given: object) -> Rate | None:
    """So many in a length of time, from "60/h", "20/10m" and the like; None, for no bound, from "off". Raises ValueError."""
    if given is None or isinstance(given, Rate):
        return given
    text = given.strip() if isinstance(given, str) else ""
    if text == "off":
        return None
    if (found := _RATE.fullmatch(text)) is None or not int(found[1]) or (found[2] and not int(found[2])):
        raise ValueError(f'{_shown(given)} is no rate; write how many in what time, for example "60/h" or "20/10m", or "off"')
    return Rate(int(found[1]), timedelta(seconds=int(found[2] or 1) * _SECONDS[found[3]]))


def rate_text(rate: Rate | None) -> str:
    """A rate as it is usually written: "60/h", "20/10m"."""
    if rate is None:
        return "off"
    span = duration_text(rate.span)
    return f"{rate.count}/{span.removeprefix('1') if len(span) == len('1h') else span}"


def size(given: object) -> int:
    """A number of octets from text such as "10 MiB" (2**20 each) or "10 MB" (10**6 each). Raises ValueError for anything else."""
    found = _SIZE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is not None and found[2].lower() in _OCTETS:
        return int(found[1]) * _OCTETS[found[2].lower()]
    raise ValueError(f'{_shown(given)} is no size; write a number with its unit, for example "10 MiB" or "10 MB"')


def size_text(octets: int) -> str:
    """A size in the largest unit that leaves no rest: "10 MiB"."""
    unit, octets_each = next((unit, each) for unit, each in _WRITTEN_SIZES if octets % each == 0 and (octets or each == 1))
    return f"{octets // octets_each} {unit}"


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
    wanted = f'{_shown(given)} is no endpoint; write "127.0.0.1:2525" or "[::1]:2525"'
    if not isinstance(given, str):
        raise ValueError(wanted)  # noqa: TRY004 -- pydantic reports a ValueError, and lets a TypeError through
    host, number = _host_and_port(given.strip(), wanted)
    if number is None and port is None:
        raise ValueError(f"{_shown(given)} has no port; write for example {given.strip()}:2525")
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
    raise ValueError(f'{_shown(given)} is no route; write "mx" or "smarthost:mail.example.com:25"')


def dns_server(given: object) -> Tcp:
    """A DNS server by its IP address, with a port unless that is 53. Raises ValueError."""
    server = tcp(given, port=53)
    try:
        ipaddress.ip_address(server.host)
    except ValueError:
        raise ValueError(f'{_shown(given)} is no DNS server; write its IP address, for example "127.0.0.1:5353"') from None
    return server


def loopback(given: object) -> Tcp:
    """A port of this machine that nobody else reaches: the IP address of the loopback interface and a port. Raises ValueError.

    A name will not do: where it leads is for others to say.
    """
    at = tcp(given)
    if not (at.port and _is_ip(at.host) and ipaddress.ip_address(at.host).is_loopback):
        raise ValueError(
            f'{_shown(str(given))} is not on the loopback interface; write for example "127.0.0.1:2527" or "[::1]:2527"'
        )
    return at


def network(given: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A network or a single address. Raises ValueError."""
    try:
        return ipaddress.ip_network(str(given))
    except ValueError:
        raise ValueError(f'{_shown(given)} is no network; write for example "10.0.0.0/8" or "192.0.2.7"') from None


def domain(given: object) -> str:
    """A domain as DNS carries it. Raises ValueError."""
    name = ascii_domain(given.strip()) if isinstance(given, str) else ""
    if not _DOMAIN.fullmatch(name):
        raise ValueError(f'{_shown(given)} is no domain; write for example "reply.example.com"')
    return name


def mx_pattern(given: object) -> str:
    """The name of a mail server, or "*.DOMAIN" for any of that domain (RFC 8461 §3.2). Raises ValueError."""
    text = given.strip() if isinstance(given, str) else given
    if isinstance(text, str) and text.startswith("*."):
        return f"*.{domain(text[2:])}"
    return domain(text)


def address(given: object) -> RealAddress:
    """A mail address. Raises ValueError, without the address in it."""
    if isinstance(given, RealAddress):
        return given
    try:
        return RealAddress(str(given).strip())
    except ValueError:
        raise ValueError('that is no mail address; write for example "ops@example.com"') from None


def database_url(given: object) -> str:
    """Where the database is. Raises ValueError, without what was given: it may hold a password."""
    text = given if isinstance(given, str) else ""
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    if text.startswith("postgresql+psycopg://"):
        return text
    if text.startswith(("postgresql://", "postgres://")):
        raise ValueError('name the driver: write "postgresql+psycopg://" for "postgresql://"')
    raise ValueError('write "sqlite:///var/relay.db" or "postgresql+psycopg://user@host/database"')


def blobs_url(given: object) -> str:
    """Where large contents are kept: "database" or "s3://bucket/prefix". Raises ValueError."""
    if given == "database" or (isinstance(given, str) and re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{2,62}(/.*)?", given)):
        return str(given)
    raise ValueError(f'{_shown(given)} is no place for blobs; write "database" or "s3://bucket/prefix"')


def web_url(given: object) -> str:
    """An http or https URL with a host, no password, without a final slash. Raises ValueError."""
    text = given.strip() if isinstance(given, str) else ""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.password or not text.isprintable() or " " in text:
        raise ValueError(f'{_shown(given)} is no web address; write for example "https://example.com/support"')
    return text.rstrip("/")


def optional_path(given: object) -> object:
    """A path, where an empty text means none: the environment has no other way to say so."""
    return None if given == "" else given


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
        if not (_is_ip(host) or _DOMAIN.fullmatch(host)) or (number and not re.fullmatch(r"[0-9]{1,5}", number)):
            raise ValueError(wanted)
    if number is not None and int(number) > 65_535:
        raise ValueError(f"{_shown(text)}: a port is a number up to 65535")
    return host, number


def is_on_this_machine(url: str) -> bool:
    """Whether a URL names the loopback interface, where nobody outside gets to."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _shown(given: object) -> str:
    text = json.dumps(given, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


T = TypeVar("T")


def listed(given: object) -> object:
    """A list, also from text: a JSON array, or elements with commas between them, as the environment writes them."""
    if not isinstance(given, str):
        return given
    text = given.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError('write a list as a JSON array, or as elements with commas between: "a, b"') from None
    return [element.strip() for element in text.split(",") if element.strip()]


def _redacting(reveal: Callable[[T], str], redacted: Callable[[T], str]) -> PlainSerializer:
    def written(value: T, info: SerializationInfo) -> str:
        hide = isinstance(info.context, dict) and info.context.get("redacted")
        return redacted(value) if hide else reveal(value)

    return PlainSerializer(written, return_type=str)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None and not parts.query:
        return url
    netloc = parts.netloc if parts.password is None else f"{parts.username}:{REDACTED}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=netloc, query=REDACTED if parts.query else ""))


Duration = Annotated[timedelta, BeforeValidator(duration), PlainSerializer(duration_text, return_type=str)]
Frequency = Annotated[Rate | None, BeforeValidator(rate), PlainSerializer(rate_text, return_type=str)]
Size = Annotated[int, BeforeValidator(size), PlainSerializer(size_text, return_type=str)]
Listener = Annotated[Tcp, BeforeValidator(tcp), PlainSerializer(str, return_type=str)]
Loopback = Annotated[Tcp, BeforeValidator(loopback), PlainSerializer(str, return_type=str)]
Endpoint = Annotated[Tcp | UnixSocket, BeforeValidator(endpoint), PlainSerializer(str, return_type=str)]
Scanner = Annotated[TcpScanner | UnixSocket, BeforeValidator(scanner), PlainSerializer(str, return_type=str)]
Route = Annotated[Smarthost | Mx, BeforeValidator(route), PlainSerializer(str, return_type=str)]
DnsServer = Annotated[Tcp, BeforeValidator(dns_server), PlainSerializer(str, return_type=str)]
Network = Annotated[
    ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(network), PlainSerializer(str, return_type=str)
]
Domain = Annotated[str, BeforeValidator(domain)]
MxPattern = Annotated[str, BeforeValidator(mx_pattern)]
Address = Annotated[RealAddress, BeforeValidator(address), _redacting(RealAddress.reveal, str)]
DatabaseUrl = Annotated[str, BeforeValidator(database_url), _redacting(str, _without_password)]
BlobsUrl = Annotated[str, BeforeValidator(blobs_url)]
WebUrl = Annotated[str, BeforeValidator(web_url)]
OptionalPath = Annotated[Path | None, BeforeValidator(optional_path)]
Several = BeforeValidator(listed)
