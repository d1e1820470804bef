"""The transport policy that we publish for our own domain (MTA-STS, RFC 8461)."""

from __future__ import annotations

from relay.inbound.mta_sts import Mode, Policy
from relay.settings import Settings


def own_transport_policy(settings: Settings) -> Policy | None:
    """That of `relay.domain`, for the web and for the record in DNS; None where there is none."""
    smtp = settings.smtp
    if smtp.mta_sts is Mode.OFF:
        return None
    return Policy(smtp.mta_sts, smtp.mta_sts_mx or (settings.smtp_hostname,), smtp.mta_sts_max_age)
