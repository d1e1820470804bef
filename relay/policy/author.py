"""Who may write: the party, and only the party (invariant 6)."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def not_one_author(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse a message without exactly one From field with exactly one mailbox. Source: GW-10, LEAK-2, FAULT-56."""
    return None if facts.authors == 1 else Refuse(Reason.NOT_ONE_AUTHOR)


def own_alias(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse mail from a party to its own alias: it would come back to the writer, for ever. Source: GW-7, CASE-16."""
    if facts.writer is not None and facts.proven and facts.writer.role is facts.recipient.role:
        return Refuse(Reason.OWN_ALIAS)
    return None


def unproven_writer(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse a writer who is not the other party of the conversation, or cannot prove to be. Source: GW-11, GW-21."""
    if facts.writer is None or not facts.proven:
        return Refuse(Reason.UNPROVEN)
    return None
