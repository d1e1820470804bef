"""What the world may read of how mail is brought to us."""

from __future__ import annotations

from relay.inbound.mta_sts import Mode, Policy
from relay.settings import Settings


def mta_sts(settings: Settings) -> Policy | None:
    """The MTA-STS policy of `relay.domain`, for the web and for the record in DNS; None where there is none."""
    smtp = settings.smtp
    if smtp.mta_sts is Mode.OFF:
        return None
    return Policy(smtp.mta_sts, smtp.mta_sts_mx or (settings.smtp_hostname,), smtp.mta_sts_max_age)
