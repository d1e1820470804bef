"""The other kinds of value that configuration has beside text and numbers: networks, domains, addresses, places, lists.

Each is read from text with an error that a person can act upon, and written back as the text it is usually written as.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import BeforeValidator, PlainSerializer, SerializationInfo

from relay.settings.endpoints import HOST_NAME, port_max
from relay.settings.given import shown
from relay.values import RealAddress, ascii_domain

REDACTED: Final = "<redacted>"
_POSTGRESQL: Final = re.compile(
    r"postgresql\+psycopg://"
    r"(?:[^\s:/@?#\[\]]+(?::[^\s:/@?#\[\]]*)?@)?"  # name and password
    r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])?(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[^\s@?#]*)?(?:\?[^\s@#]*)?"
)
"""Strict, so that whoever opens the database and whoever leaves the password out take the same part for it."""


def network(given: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A network or a single address. Raises ValueError."""
    try:
        return ipaddress.ip_network(str(given))
    except ValueError:
        raise ValueError(f'{shown(given)} is no network; write for example "10.0.0.0/8" or "192.0.2.7"') from None


def domain(given: object) -> str:
    """A domain as DNS carries it. Raises ValueError."""
    name = ascii_domain(given.strip()) if isinstance(given, str) else ""
    if not HOST_NAME.fullmatch(name):
        raise ValueError(f'{shown(given)} is no domain; write for example "reply.example.com"')
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
        if text == "sqlite:///:memory:" or "?" in text or not text.isprintable():
            raise ValueError('name a file, and nothing else: write for example "sqlite:///var/relay.db"')
        return text
    if text.startswith("postgresql+psycopg://"):
        found = _POSTGRESQL.fullmatch(text)
        if found is None or (found["port"] and not 0 < int(found["port"]) <= port_max):
            coded = "in a name or password write %40 for @, %2F for /, %3A for :, %23 for #"
            raise ValueError(f"host and port cannot be read; {coded}")
        return text
    if text.startswith(("postgresql://", "postgres://")):
        raise ValueError('name the driver: write "postgresql+psycopg://" for "postgresql://"')
    raise ValueError('write "sqlite:///var/relay.db" or "postgresql+psycopg://user@host/database"')


def blobs_url(given: object) -> str:
    """Where large contents are kept: "database" or "s3://bucket/prefix". Raises ValueError."""
    if given == "database" or (isinstance(given, str) and re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{2,62}(/.*)?", given)):
        return str(given)
    raise ValueError(f'{shown(given)} is no place for blobs; write "database" or "s3://bucket/prefix"')


def web_url(given: object) -> str:
    """An http or https URL with a host, no password, without a final slash. Raises ValueError."""
    text = given.strip() if isinstance(given, str) else ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if (
        port == 0
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.password
        or not text.isprintable()
        or " " in text
    ):
        raise ValueError(f'{shown(given)} is no web address; write for example "https://example.com/support"')
    return text.rstrip("/")


def file_path(given: object) -> Path:
    """The path of a file or directory. Raises ValueError for an empty text, which is no file's, and what cannot be printed."""
    if isinstance(given, Path):
        return given
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        raise ValueError(f'{shown(given)} is no path; write for example "/var/lib/relay/dkim.pem"')
    return Path(given)


def optional_path(given: object) -> Path | None:
    """The same, where an empty text means none: the environment has no other way to say so. Raises ValueError."""
    return None if given is None or given == "" else file_path(given)


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


Network = Annotated[
    ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(network), PlainSerializer(str, return_type=str)
]
Domain = Annotated[str, BeforeValidator(domain)]
MxPattern = Annotated[str, BeforeValidator(mx_pattern)]
Address = Annotated[RealAddress, BeforeValidator(address), _redacting(RealAddress.reveal, str)]
DatabaseUrl = Annotated[str, BeforeValidator(database_url), _redacting(str, _without_password)]
BlobsUrl = Annotated[str, BeforeValidator(blobs_url)]
WebUrl = Annotated[str, BeforeValidator(web_url)]
FilePath = Annotated[Path, BeforeValidator(file_path)]
OptionalPath = Annotated[Path | None, BeforeValidator(optional_path)]
Several = BeforeValidator(listed)
