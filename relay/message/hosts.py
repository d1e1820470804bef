"""The machines of a writer, as servers on the way wrote them down (leaks.md section 0)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from relay.message.mail import Mail

hosts_max: Final = 60
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
    found_hosts = dict.fromkeys(host for text in texts for host in _hosts(text))
    return tuple(host for host in found_hosts if host != domain and not host.endswith(f".{domain}"))[:hosts_max]


def _hosts(text: str) -> Iterator[str]:
    for found in _IP.finditer(text):
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:
            continue
        if address.is_global:
            yield str(address)
    for found in _NAME.finditer(text):
        name = found[0].lower()
        labels = name.split(".")
        # A name of two labels is a site, and a relay of a provider is everybody's: neither points to one machine.
        if len(labels) > 2 and not name.startswith("www.") and not _EVERYBODYS.search(name):
            yield name
