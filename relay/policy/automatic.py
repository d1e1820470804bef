"""Mail that machines wrote, and mail that goes in circles."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Absorb, Refuse


def loop(facts: Facts, now: datetime) -> Absorb | Refuse | None:
    """Stop mail that we have relayed before, or that too many servers have. Source: GW-28, FAULT-70, CASE-65.

    A proven writer's is archived without an answer, anybody else's refused in the session.
    """
    if not facts.ours_before and facts.received_fields < facts.local_policy.received_fields_max:
        return None
    if facts.writer is None or not facts.proven:
        return Refuse(Reason.LOOP)
    return Absorb(Reason.LOOP, detail=f"received fields: {facts.received_fields}, own trace: {facts.ours_before}")


def automatic_about_mail(facts: Facts, now: datetime) -> Absorb | None:
    """Never relay bounces, receipts and complaints: they are about mail, and full of addresses. Source: LEAK-80, 81, 83."""
    return Absorb(Reason.REPORT) if facts.report else None


def auto_reply_budget(facts: Facts, now: datetime) -> Absorb | None:
    """Stop automatic answers beyond a day's budget: two robots would otherwise answer each other for ever.

    Source: GW-28, GW-47, CASE-54, CASE-59.
    """
    if facts.automatic and facts.automatic_today >= facts.local_policy.auto_replies_a_day_max:
        return Absorb(Reason.LOOP, detail=f"automatic answers today: {facts.automatic_today}")
    return None
