"""Addresses in To and Cc that belong to nobody here."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts, ThirdParties
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def third_party(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse other addresses in To or Cc where the house says so; elsewhere the rendition drops them. Source: GW-24."""
    if facts.third_parties_shown and facts.local_policy.third_parties is ThirdParties.REFUSE:
        return Refuse(Reason.THIRD_PARTY)
    return None
