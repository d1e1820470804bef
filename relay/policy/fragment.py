"""Mail that is not all there."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def fragment(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse a piece of a message, and a message whose body lies elsewhere: nobody can check what is not here. Source: FAULT-63.

    Beside a text that is here, such a part is left out with a mark (LEAK-54).
    """
    return Refuse(Reason.UNREADABLE, detail="a fragment, or a body that lies elsewhere") if facts.fragment else None
