"""One customer must not see another."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def several_customers(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse a message that would show one customer's alias to another, for all its recipients. Source: GW-23, GY-23.

    Only To and Cc count: a recipient of the envelope alone is a Bcc, and gets a copy of its own (GY-24).
    """
    return Refuse(Reason.SEVERAL_CUSTOMERS) if len(facts.customers_shown) > 1 else None
