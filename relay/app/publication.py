"""What this installation has to publish in DNS, as its configuration, its keys and its certificate say."""

from __future__ import annotations

import hashlib
from ipaddress import ip_address
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from relay.app.keyring import keyrings
from relay.app.transport_policy import own_transport_policy
from relay.inbound.tls import own_certificate
from relay.outbound.signing_key import record_name
from relay.settings import Settings, Smarthost
from relay.zone.records import FormerKey, Key, ReplyDomain


def reply_domain(settings: Settings) -> ReplyDomain:
    """What DNS has to say of `relay.domain`. Raises WrongConfiguration for keys and certificates that are none."""
    domain = settings.relay.domain
    keys: list[Key] = []
    former: list[FormerKey] = []
    for ring in keyrings(settings):
        keys += [Key(one.name(domain), one.record) for one in (ring.present(), ring.next()) if one is not None]
        former += [FormerKey(record_name(one.selector, domain), one.record, one.until) for one in ring.retired()]
    policy = own_transport_policy(settings)
    return ReplyDomain(
        domain=domain,
        hostname=settings.smtp_hostname,
        keys=tuple(keys),
        former=tuple(former),
        smarthost=_elsewhere(settings),
        tlsa=() if settings.smtp.tls_certificate is None else _pins(settings.smtp.tls_certificate),
        mta_sts_id=policy.id if policy is not None else "",
        mta_sts_policy=policy.text if policy is not None else "",
    )


def _elsewhere(settings: Settings) -> str:
    """The smarthost; empty where it is this machine, or there is none."""
    route = settings.outbound.route
    if not isinstance(route, Smarthost):
        return ""
    host = route.server.host
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host in {"localhost", settings.smtp_hostname}
    return "" if here else host


def _pins(file: Path) -> tuple[str, ...]:
    """What may stand in TLSA records for a certificate: of its key, which a renewal may keep, or of itself (RFC 7671 §5.1)."""
    own = own_certificate(file)
    key = own.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    whole = own.public_bytes(serialization.Encoding.DER)
    return tuple(
        f"3 {selector} {number} {hashlib.new(name, octets).hexdigest()}"
        for number, name in ((1, "sha256"), (2, "sha512"))
        for selector, octets in ((1, key), (0, whole))
    )
