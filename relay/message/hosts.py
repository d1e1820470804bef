"""The machines of a writer, as servers on the way wrote them down (leaks.md section 0)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from relay.message.mail import Mail

hosts_max: Final = 60
hosts_remembered_max: Final = 2_000
"""Of which it is kept whose they are: the next message comes by the same ones."""
_received_octets_max: Final = 2_000

_FROM: Final = re.compile(rb"\bfrom\s+(\S{1,255})(?:\s*\(([^()]{0,400}(?:\([^()]{0,200}\)[^()]{0,200})?)\))?", re.IGNORECASE)
_IP: Final = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:])")
_NAME: Final = re.compile(r"(?<![\w.-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_EVERYBODYS: Final = re.compile(
    r"(?:^|\.)(?:(?:gmail|google|googlemail|outlook|hotmail|live|office365|office|protection\.outlook|exchangelabs|yahoo|yahoodns|aol|"
    r"icloud|apple|me|gmx|web|t-online|protonmail|zoho|yandex|mail|fastmail|messagingengine|amazonaws|amazonses|sendgrid|mailgun|"
    r"mailjet|sparkpostmail|mandrillapp|postmarkapp|booking|airbnb|expedia|orange|free|wp|onet|o2|interia|libero|virgilio)"
    r"\.[a-z]{2,4}(?:\.[a-z]{2})?|local|localdomain|localhost|internal|lan)$"
)
"""Servers of providers that carry everybody's mail, and names that mean nothing outside a house."""
_ORIGINATING: Final = ("x-originating-ip", "x-sender-ip", "x-client-ip", "x-real-ip", "x-remote-ip", "x-source-ip")


def hosts_of(mail: Mail, client_ip: str, helo: str, domain: str) -> tuple[str, ...]:
    """Host names and public IP addresses behind `mail`, in lower case: from its trace fields, the connection and its greeting.

    Our own `domain` is not among them, nor are loopback and private networks and public mail domains: they are everybody's.
    """
    texts = [client_ip, helo]
    for one in mail.root.named("Received"):
        for found in _FROM.finditer(one.value[:_received_octets_max]):
            texts += [piece.decode("latin-1") for piece in found.groups() if piece]
    texts += [one.value[:200].decode("latin-1") for one in mail.root.fields if one.key in _ORIGINATING]
    written = dict.fromkeys(one for text in texts for one in _written(text))
    found_hosts = dict.fromkeys(host for one in written if (host := _host(one)))
    return tuple(host for host in found_hosts if host != domain and not host.endswith(f".{domain}"))[:hosts_max]


def _written(text: str) -> Iterator[str]:
    """What is written like an IP address or the name of a machine, in lower case. A name of two labels is a site."""
    dots = text.count(".")
    if dots > 2 or text.count(":") > 1:
        yield from (found[0].lower() for found in _IP.finditer(text))
    if dots > 1:
        yield from (name for found in _NAME.finditer(text) if (name := found[0].lower()).count(".") > 1)


@lru_cache(maxsize=hosts_remembered_max)
def _host(written: str) -> str | None:
    """What points to one machine; None for what is everybody's, as a relay of a provider is."""
    if _IP.fullmatch(written):
        try:
            address = ipaddress.ip_address(written)
        except ValueError:
            return None
        return str(address) if address.is_global else None
    return None if written.startswith("www.") or _EVERYBODYS.search(written) else written
