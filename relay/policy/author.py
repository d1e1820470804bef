"""Who may write: the party, and only the party (invariant 6)."""

from __future__ import annotations

from datetime import datetime

from relay.conversation import Standing
from relay.policy.facts import Facts, Provenance
from relay.policy.reasons import Reason
from relay.policy.verdict import Defer, Hold, Refuse


def not_one_author(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse a message without exactly one From field with exactly one mailbox. Source: GW-10, LEAK-2, FAULT-56."""
    return None if facts.authors == 1 else Refuse(Reason.NOT_ONE_AUTHOR)


def own_alias(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse mail from a party to its own alias: it would come back to the writer, for ever. Source: GW-7, CASE-16."""
    if facts.writer is not None and facts.proven and facts.writer.role is facts.recipient.role:
        return Refuse(Reason.OWN_ALIAS)
    return None


def unproven_writer(facts: Facts, now: datetime) -> Refuse | Defer | Hold | None:
    """Refuse a writer who is not the other party of the conversation, or cannot prove to be; hold what the party may have
    written after all, until they were asked.

    Nobody is asked about what machines wrote, nor where nothing may pass anyway: such a writer learns no more of the conversation
    than any other. Nor is one party asked about the address of the other.
    Source: GW-6, GW-11, GW-12, GW-21, FAULT-76.
    """
    if facts.writer is not None and facts.proven:
        return None
    is_own = facts.writer is not None and facts.writer.role is facts.recipient.role
    may_be_asked = facts.provenance in {Provenance.STRANGER, Provenance.WITHOUT_MEANS} and not is_own
    if may_be_asked and not (facts.automatic or facts.report) and facts.conversation.standing(now) is Standing.OPEN:
        # Anybody with a domain of their own may write as a stranger: what they do not write by hand is to wait with them.
        is_crowded = facts.crowd is not None or facts.unconfirmed >= facts.local_policy.unconfirmed_max
        return Defer(Reason.RATE) if is_crowded else Hold(Reason.UNKNOWN_WRITER)
    return Refuse(Reason.DISOWNED if facts.provenance is Provenance.DISOWNED else Reason.UNPROVEN)
