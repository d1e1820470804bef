"""Content that nobody but the recipient can read."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Encrypted, Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def encrypted(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse S/MIME and PGP encrypted content unless the house lets it pass: it cannot be checked. Source: GW-30, GW-46."""
    if facts.encrypted_content and facts.local_policy.encrypted is Encrypted.REFUSE:
        return Refuse(Reason.ENCRYPTED)
    return None
